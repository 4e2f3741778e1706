// A layer's objects as the slides write them, a line each, and an object's figure: its symbol, its cells, its shape.

// [title, [[operator, object], …]] for each line of a layer.
function linesOf({ objects, notation, activation }, layer, last) {
  const named = (name, l = layer) => objects.find((o) => o.name === name && o.layer === l);
  const symbol = (o) => math(notation.symbol(o));
  const error = named("dL_dz"),
    { theta } = notation,
    W = theta ? "Theta" : "W";
  const lines = [
    [
      `Forward, layer ${layer + 1}`,
      [
        ["", named(W)],
        ["·", layer ? named("a", layer - 1) : named("x", 0)],
        ...(theta ? [] : [["+", named("b")]]),
        ["=", named("z")],
        [activation.names[layer], named("a")],
        ...(layer < last ? [] : [["→", named("L")]]),
      ],
    ],
    [
      "Backward: the error of each unit",
      [
        ...(layer < last
          ? [
              ["", named("dL_dz", layer + 1)],
              ["×", named("dz_da", layer + 1)],
              ["=", named("dL_da")],
            ]
          : [["", named("dL_da")]]),
        ["×", named("da_dz")],
        ["=", error],
      ],
    ],
    [
      "… of each weight and bias",
      [
        [`(${symbol(error)})<sup>T</sup> ∘`, named(`dz_d${W}`)],
        ["=", named(`dL_d${W}`)],
        ...(theta
          ? []
          : [
              [`${symbol(error)} ×`, named("dz_db")],
              ["=", named("dL_db")],
            ]),
      ],
    ],
  ];
  if (layer)
    lines.push([
      "… and back to the layer before",
      [
        [`${symbol(error)} ×`, named("dz_da")],
        ["=", named("dL_da", layer - 1)],
      ],
    ]);
  return lines;
}

// The figure of object o in a room of so many pixels, and what the chain lights up in it: its matrix and the canvas above the cells.
function figureOf(chain, o, room) {
  const figure = document.createElement("figure"),
    matrix = new Matrix(o, room);
  const all = o.of && o.of > o.rows ? ` (${o.rows} of ${o.of} units)` : "";
  const shape = o.name === "L" ? "a number" : `${o.of ?? o.rows} × ${o.cols}${all}`;
  const drawn = matrix.diagonal
    ? ", its diagonal"
    : matrix.perLine
      ? `, rows as ${matrix.tile[1]} × ${matrix.tile[0]}`
      : matrix.fold && matrix.lines > 1
        ? `, drawn as ${matrix.lines} × ${matrix.across}`
        : "";
  figure.dataset.object = `${o.name}${o.layer}`;
  figure.innerHTML =
    `<div class="title"><span>${math(chain.trace.notation.symbol(o))}</span></div>` +
    `<div class="face" tabindex="0" role="application" aria-roledescription="matrix"` +
    ` aria-label="${o.spoken}, ${shape}; arrow keys move from cell to cell"><canvas></canvas><canvas class="lights"></canvas></div>` +
    `<figcaption>${shape}${drawn}</figcaption>`;
  const face = figure.querySelector(".face"),
    [cells, lights] = figure.querySelectorAll("canvas");
  matrix.paint(cells);
  matrix.sized(lights);
  const at = (event) => {
    const box = cells.getBoundingClientRect();
    return matrix.cellAt(event.clientX - box.left, event.clientY - box.top);
  };
  const go = (cell) => chain.place(chain.trace.position(o, ...cell));
  face.onpointermove = (event) => event.pointerType !== "touch" && chain.soon(o, at(event));
  face.onpointerleave = () => chain.soon(null);
  face.onpointerdown = (event) => {
    const cell = at(event);
    if (cell) {
      chain.stop();
      go(cell);
    }
  };
  face.onfocus = () => chain.here?.o !== o && face.matches(":focus-visible") && chain.soon(o, [0, 0]);
  face.onblur = () => chain.soon(null);
  face.onkeydown = (event) => {
    const inside = chain.here.o === o ? [chain.here.i, chain.here.j] : [0, 0];
    const cell = event.key.startsWith("Arrow")
      ? matrix.moved(inside, event.key)
      : { Home: [0, 0], End: [o.rows - 1, o.cols - 1] }[event.key];
    if (!cell) return;
    event.preventDefault();
    event.stopPropagation();
    go(cell);
  };
  if (["dz_dW", "dz_dTheta"].includes(o.name)) slices(chain, figure, o);
  return { figure, matrix, lights };
}

// The tensor behind the sheet: of slice k only row k is not zero.
function slices(chain, figure, o) {
  const units = o.of ?? o.rows,
    whole = `${units} × ${units} × ${o.cols}: slices`;
  figure
    .querySelector(".title")
    .insertAdjacentHTML(
      "beforeend",
      `<span class="slices"><button type="button" title="The tensor behind the sheet, slice by slice">${whole}</button></span>`,
    );
  const [cells] = figure.querySelectorAll("canvas"),
    face = figure.querySelector(".face");
  let k = -1;
  figure.querySelector("button").onclick = (event) => {
    k = k + 1 < o.rows ? k + 1 : -1;
    const slice = { ...o, value: (i, j) => (k < 0 || i === k ? o.value(i, j) : 0) };
    new Matrix(slice, chain.room).paint(cells);
    event.target.textContent = k < 0 ? whole : `slice ${chain.trace.notation.number(o.unit(k))}: only its row`;
    face.dataset.slice = k;
    chain.point(chain.here);
  };
}
