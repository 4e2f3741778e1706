const LEFT = 46,
  RIGHT = 14,
  TOP = 8,
  BELOW = 38,
  HEIGHT = 210;
const LENGTH = 8000,
  LEAST = 12,
  REST = 400; // ms of the whole film, frames a second at least, ms until Python is told
const SVG = "http://www.w3.org/2000/svg";
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const SHOWN = 4; // significant digits

// Pictures of one size, a byte a pixel: all of a frame, frame after frame.
class Pictures {
  constructor(sent, canvases, palette) {
    Object.assign(this, { palette, levels: bytes(sent.data), size: sent.rows * sent.cols });
    this.canvases = canvases.map((canvas) => {
      [canvas.width, canvas.height] = [sent.cols, sent.rows];
      const context = canvas.getContext("2d"),
        image = context.createImageData(sent.cols, sent.rows);
      return { context, image, pixels: new Uint32Array(image.data.buffer) };
    });
  }

  paint(frame) {
    let at = frame * this.canvases.length * this.size;
    for (const { context, image, pixels } of this.canvases) {
      for (let k = 0; k < this.size; k++) pixels[k] = this.palette[this.levels[at++]];
      context.putImageData(image, 0, 0);
    }
  }
}

class Film {
  constructor(root) {
    this.root = root;
    const $ = (selector) => root.querySelector(selector);
    Object.assign(this, {
      field: $(".field"),
      plane: $(".plane"),
      curve: $(".curve"),
      cursor: $(".cursor"),
      units: $(".units"),
      range: $("input"),
      play: $("button"),
    });
    this.said = { where: $(".where"), J: $(".J"), accuracy: $(".accuracy") };
    this.frame = 0;
    this.range.oninput = () => (this.stop(), this.place(Number(this.range.value)));
    this.play.onclick = () => (this.playing ? this.stop() : this.start());
    root.onkeydown = (event) => this.keyed(event);
    this.plane.onclick = (event) => this.clicked(event);
    this.curve.onpointerdown = (event) => (this.curve.setPointerCapture(event.pointerId), this.stop(), this.dragged(event));
    this.curve.onpointermove = (event) => event.buttons && this.dragged(event);
    this.sizes = new ResizeObserver(() => this.data && this.draw());
    this.sizes.observe(this.curve.parentElement);
  }

  get last() {
    return this.data.J.length - 1;
  }

  update(data, point) {
    this.point = point;
    if (data.version === this.data?.version) return;
    this.data = data;
    const palette = new Uint32Array(256),
      rgb = bytes(data.palette);
    const view = new DataView(palette.buffer);
    for (let k = 0; k < 256; k++) ([0, 1, 2].forEach((c) => view.setUint8(4 * k + c, rgb[3 * k + c])), view.setUint8(4 * k + 3, 255));
    this.pictures = [];
    this.field.hidden = !data.field;
    if (data.field) (this.pictures.push(new Pictures(data.field, [this.plane.querySelector("canvas")], palette)), this.points());
    this.units.classList.toggle("pixels", !data.field);
    this.units.replaceChildren(
      ...(data.units?.names ?? []).map(([letter, sub, sup]) => {
        const figure = document.createElement("figure");
        figure.innerHTML = `<canvas role="img" aria-label="${letter} ${sub} of layer ${sup}"></canvas><figcaption>${letter}<sub>${sub}</sub><sup>(${sup})</sup></figcaption>`;
        return figure;
      }),
    );
    if (data.units) this.pictures.push(new Pictures(data.units, [...this.units.querySelectorAll("canvas")], palette));
    this.root.querySelector(".hint").textContent = data.hint;
    this.range.max = this.last;
    this.stop();
    this.frame = Math.min(this.frame, this.last); // before anything is painted: another film may be shorter
    this.draw();
    this.place(this.frame, false);
  }

  // The points of the plane, in the colours of their classes.
  points() {
    const {
        box: [left, right, bottom, top],
        points,
        colors,
        about,
      } = this.data,
      canvas = this.plane.querySelector("canvas");
    canvas.setAttribute("aria-label", about);
    this.plane.style.aspectRatio = (right - left) / (top - bottom);
    this.plane.querySelector("svg").replaceChildren(
      ...points.map(([x, y, label]) => {
        const dot = document.createElementNS(SVG, "circle");
        const at = {
          cx: `${(100 * (x - left)) / (right - left)}%`,
          cy: `${(100 * (top - y)) / (top - bottom)}%`,
          r: 3.5,
          stroke: colors.paper,
        };
        for (const [name, value] of Object.entries({ ...at, fill: colors.classes[label] })) dot.setAttribute(name, value);
        return dot;
      }),
    );
    this.root.querySelector(".key").innerHTML =
      ["class 0", "class 1"].map((name, k) => `<span style="color:${colors.classes[k]}">●</span> ${name}`).join(" &ensp; ") +
      " &ensp; white: P(y = 1) = 0.5";
  }

  draw() {
    const { data, curve } = this,
      width = curve.clientWidth;
    if (!width) return;
    const most = Math.max(1, this.last),
      base = HEIGHT - BELOW;
    this.x = (k) => LEFT + (k / most) * (width - LEFT - RIGHT);
    const y = (v) => Math.max(base - (v / data.top) * (base - TOP), -1e4);
    const line = (values, rest) => `<path ${rest} d="M${values.map((v, k) => `${this.x(k).toFixed(1)} ${y(v).toFixed(1)}`).join("L")}"/>`;
    const grid = ticks(data.top, 4)
      .map(
        (v) =>
          `<line class="grid" x1="${LEFT}" x2="${width - RIGHT}" y1="${y(v)}" y2="${y(v)}"/>` +
          `<text x="${LEFT - 6}" y="${y(v) + 4}" text-anchor="end">${written(v, 6)}</text>`,
      )
      .join("");
    const named = [["data", "mean of cost(xᵢ)"], ...(data.penalised ? [["penalty", "λ/2 Σ Θ²"]] : [])];
    const whole = data.penalised ? line(data.J, 'class="whole"') : "";
    const key = (style, name) => `<span><i style="${style}"></i>${name}</span>`;
    this.root.querySelector(".legend").innerHTML =
      named.map(([part, name]) => key(`border-top: 2px ${part === "data" ? "solid" : "dotted"} ${data.colors[part]}`, name)).join("") +
      (data.penalised ? key("border-top: 2px dashed", "J, their sum") : "");
    curve.setAttribute("height", HEIGHT);
    curve.setAttribute("aria-label", data.alt);
    curve.querySelector("g").innerHTML =
      grid +
      named.map(([part]) => line(data[part], `class="${part}" stroke="${data.colors[part]}"`)).join("") +
      whole +
      ticks(most, Math.max(2, width / 90))
        .filter(Number.isInteger)
        .map((v) => `<text x="${this.x(v)}" y="${base + 15}" text-anchor="middle">${v}</text>`)
        .join("") +
      `<text x="${(LEFT + width - RIGHT) / 2}" y="${base + 33}" text-anchor="middle">${data.title}</text>`;
    for (const [name, value] of [
      ["y1", TOP],
      ["y2", base],
    ])
      this.cursor.setAttribute(name, value);
    this.paint();
  }

  // Go to a frame; it is painted with the next one of the screen, however many are asked for until then.
  place(frame, told = true) {
    if (!told) this.stop();
    this.frame = Math.min(Math.max(Math.round(frame), 0), this.last);
    this.asked ??= requestAnimationFrame(() => ((this.asked = null), this.paint()));
    clearTimeout(this.telling);
    if (told) this.telling = setTimeout(() => this.told(), REST);
  }

  told() {
    const shared = window.backpropLabFilm;
    if (!this.root.isConnected || shared.known === this.frame) return;
    shared.known = this.frame;
    shared.tell?.(this.frame);
  }

  paint() {
    const { data, frame, root, said } = this;
    for (const pictures of this.pictures) pictures.paint(frame);
    if (this.x) for (const name of ["x1", "x2"]) this.cursor.setAttribute(name, this.x(frame));
    const [J, part, penalty, accuracy] = [data.J[frame], data.data[frame], data.penalty[frame], data.accuracy[frame]];
    if (Number(this.range.value) !== frame) this.range.value = frame;
    said.where.textContent = `Epoch ${frame} of ${this.last}`;
    const [a, b, sum] = [part, penalty, J].map((v) => asShown(v, SHOWN)),
      text = (v) => written(v, SHOWN);
    const sign = asShown(a + b, SHOWN) === sum ? "=" : "≈";
    said.J.textContent = `J = ${text(J)} ${sign} ${text(part)} (data) + ${text(penalty)} (λ)`;
    said.accuracy.textContent = `accuracy ${percent(accuracy)}`;
    this.range.setAttribute("aria-valuetext", `${frame}, J ${text(J)}, accuracy ${percent(accuracy)}`);
    Object.assign(root.dataset, { frame, cost: J, data: part, penalty, accuracy });
  }

  start() {
    if (this.frame >= this.last) this.place(0);
    this.play.textContent = "Pause";
    const rate = Math.max(this.last / LENGTH, LEAST / 1000),
      first = this.frame;
    let began = null;
    const tick = (now) => {
      if (!this.playing || !this.root.isConnected) return;
      began ??= now;
      const frame = Math.floor(first + (now - began) * rate);
      if (frame !== this.frame) this.place(frame);
      if (frame >= this.last) return this.stop();
      this.playing = requestAnimationFrame(tick);
    };
    this.playing = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.play.textContent = "Play";
  }

  dragged(event) {
    const left = this.curve.getBoundingClientRect().left,
      [from, to] = [this.x(0), this.x(1)];
    this.place((event.clientX - left - from) / (to - from));
  }

  clicked(event) {
    const frame = this.plane.getBoundingClientRect(),
      [left, right, bottom, top] = this.data.box,
      edge = this.plane.clientLeft;
    const [x, y] = [
      (event.clientX - frame.left - edge) / this.plane.clientWidth,
      (event.clientY - frame.top - edge) / this.plane.clientHeight,
    ];
    this.point({ x: left + x * (right - left), y: top - y * (top - bottom) });
  }

  keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.round(this.last / 20)),
      { frame, last } = this;
    const to = {
      ArrowRight: frame + 1,
      ArrowUp: frame + 1,
      ArrowLeft: frame - 1,
      ArrowDown: frame - 1,
      PageUp: frame + page,
      PageDown: frame - page,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined && event.key !== " ") return;
    event.stopPropagation();
    if (event.key === " " && event.target === this.play) return; // the button's own key
    event.preventDefault();
    if (event.key === " ") return this.play.click();
    this.stop();
    this.place(to);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const shared = (window.backpropLabFilm ??= {}),
    root = parentElement.querySelector(".film"),
    fresh = !root.film;
  shared.film = root.film ??= new Film(root);
  root.film.update(data, (point) => setTriggerValue("point", point));
  if (fresh) root.film.place(shared.known ?? 0, false);
}
