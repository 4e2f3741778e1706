// In the network of a digit: the pixels stand for their 784 nodes, a row of Θ as a picture for its 784 edges.

// The picture of vector o with its upper left corner at (x, y); over(k, canvas) is told which pixel is pointed at.
function picture(o, label, x, y, over) {
  const matrix = new Matrix(o, 200),
    size = Math.max(matrix.width, matrix.height) * (o.name === "x" ? 1 : 0.5);
  const image = document.createElementNS(SVG, "foreignObject"),
    canvas = document.createElement("canvas");
  for (const [name, value] of Object.entries({ x, y, width: size, height: size })) image.setAttribute(name, value);
  matrix.paint(canvas);
  canvas.style.width = canvas.style.height = `${size}px`;
  for (const [name, value] of Object.entries({ role: "img", tabindex: "0", "aria-label": `${label}; arrow keys go from pixel to pixel` }))
    canvas.setAttribute(name, value);
  let pixel = 0;
  const say = (k) => over((pixel = k), canvas);
  canvas.onpointermove = (event) => {
    const box = canvas.getBoundingClientRect(),
      [i, j] = matrix.cellAt(
        ((event.clientX - box.left) / box.width) * matrix.width,
        ((event.clientY - box.top) / box.height) * matrix.height,
      );
    say(Math.max(i, j));
  };
  canvas.onpointerdown = (event) => {
    event.stopPropagation();
    canvas.onpointermove(event);
  };
  canvas.onfocus = () => canvas.matches(":focus-visible") && say(pixel);
  canvas.onkeydown = (event) => {
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    event.stopPropagation();
    say(Math.max(...matrix.moved(o.cols === 1 ? [pixel, 0] : [0, pixel], event.key)));
  };
  image.append(canvas);
  return image;
}
