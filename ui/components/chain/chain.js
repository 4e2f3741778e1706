const grouped = (count) => count.toLocaleString("en");
const PLAY = { object: 1600, node: 700, term: 450 };

// How to read what is drawn, below it.
const names = (graph, theta) =>
  [
    graph ? "White nodes are bias units: they are 1 and have no z, so no error either. Input nodes show x." : "",
    graph ? "Arrow keys walk along the nodes, Enter through a node's edges." : "",
    "Bold is a whole array, with indices one entry of it.",
    theta
      ? "Units count from 1, for 0 is the bias unit, a₀ = 1; " +
        `Θ = [b ∣ W]${graph ? "" : ", what belongs to b framed"}. Layers of nodes count from 1, the input.`
      : "Entries count from 0, layers of weights from 1.",
  ]
    .filter(Boolean)
    .join(" ");

class Chain {
  constructor(root) {
    this.root = root;
    this.position = 0;
    this.shapes = new Map();
    const $ = (selector) => root.querySelector(selector);
    Object.assign(this, {
      objects: $(".objects"),
      formula: $(".formula"),
      sentence: $(".sentence"),
      where: $(".where"),
      stride: $(".stride"),
      play: $('[data-go="play"]'),
    });
    $(".cursor").onclick = (event) => event.target.dataset.go && this.go(event.target.dataset.go);
    $(".bar").onkeydown = (event) => this.keyed(event);
    $(".layers").onclick = (event) => event.target.dataset.layer && this.open(Number(event.target.dataset.layer));
    this.stride.onchange = () => this.place(this.position);
    this.sizes = new ResizeObserver(
      () => root.clientWidth && Math.abs(root.clientWidth - this.width) > 24 && this.trace && this.show(this.layer),
    );
    this.sizes.observe(root);
  }

  update(data, tell) {
    this.tell = tell;
    const other = data.version !== this.data?.version,
      fresh = other || data.notation !== this.data.notation;
    const sums = (name) => data.graph[name].map((text) => decoded(text));
    const graph = data.graph && (other ? { ...data.graph, Delta: sums("Delta"), D: sums("D") } : this.data.graph);
    const before = fresh && !other ? numberOf(this.trace, this.position) : null;
    if (fresh) this.trace = new Trace(data);
    this.sentences = new Sentences(this.trace, data.digits);
    this.data = { ...data, graph };
    if (!fresh) return this.again();
    this.root.querySelector(".names").textContent = names(data.graph, this.trace.notation.theta);
    const { objects } = this.trace,
      start = objects.find((o) => o.name === "L").index;
    this.root.querySelector(".layers").innerHTML =
      data.layers > 1 && !data.graph
        ? Array.from({ length: data.layers }, (_, l) => `<button type="button" data-layer="${l}">Layer ${l + 1}</button>`).join(" ")
        : "";
    const known = positionOf(this.trace, data.position); // a link may name a cell of a larger network
    if (before !== null) this.position = positionOf(this.trace, before);
    if (other) this.position = known ?? this.trace.position(objects[start]);
    this.layer = null;
    this.place(this.position, false);
    if (known !== null) this.share(this.position);
  }

  // Pixels across for a matrix.
  get room() {
    return Math.max(this.width - 24, 240);
  }

  // The objects of a layer, a line of the slides each; or the network.
  show(layer) {
    this.layer = layer;
    this.width = this.root.clientWidth;
    if (this.data.graph) {
      this.graph ??= new Graph(this, this.objects);
      return this.graph.draw();
    }
    const lines = linesOf(this.trace, layer, this.data.layers - 1);
    this.objects.replaceChildren(
      ...lines.map(([title, parts]) => {
        const line = document.createElement("div");
        line.className = "line";
        line.innerHTML = `<h3>${title}</h3><div class="parts"></div>`;
        for (const [operator, o] of parts) {
          if (operator) line.lastChild.insertAdjacentHTML("beforeend", `<span class="operator">${operator}</span>`);
          const shape = figureOf(this, o, this.room);
          this.shapes.set(o.index, shape);
          line.lastChild.append(shape.figure);
        }
        return line;
      }),
    );
    for (const button of this.root.querySelectorAll("[data-layer]"))
      button.setAttribute("aria-pressed", Number(button.dataset.layer) === layer);
    this.point(this.here);
  }

  // A layer is chosen: the cursor goes to where its part of the trace begins.
  open(layer) {
    this.stop();
    this.place(this.trace.position(this.trace.weights(layer)));
    if (this.layer !== layer) this.show(layer);
  }

  // At most once a frame, however often the pointer moves; without a cell it is the cursor's.
  soon(o, cell) {
    this.later(() => (o && cell ? this.point({ o, i: cell[0], j: cell[1], term: null }, true) : this.point(this.here)));
  }

  later(show) {
    this.pending = show;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.pending();
    });
  }

  // What is shown was asked for last: nothing may still wait for its frame. An answer of the server shows the same again.
  shown(again) {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    this.again = again;
  }

  // Show a cell, its sources and its sentence; the cursor stays where it is.
  point(cell, hovering = false) {
    if (!cell || !this.trace) return;
    this.shown(() => this.point(cell, hovering));
    const { o, i, j, term } = cell;
    const lit = new Map([[o.index, { here: [i, j], spots: [] }]]);
    const terms = this.trace.terms(o, i, j);
    const slice = Number(this.shapes.get(o.index)?.figure.querySelector(".face").dataset.slice ?? -1),
      elsewhere = slice >= 0 && i !== slice;
    const spots = elsewhere
      ? []
      : term === null || this.stride.value !== "term" || terms.part
        ? this.trace.sources(o, i, j)
        : terms.from(term);
    for (const [k, row, column] of spots) {
      if (!lit.has(k)) lit.set(k, { here: null, spots: [] });
      lit.get(k).spots.push([row, column]);
    }
    this.graph?.light(lit);
    for (const [k, { matrix, lights, figure }] of this.shapes) {
      if (!figure.isConnected) {
        this.shapes.delete(k);
        continue;
      }
      const now = lit.get(k);
      if (now || figure.dataset.lit) matrix.light(lights, now?.spots ?? [], now?.here ?? null);
      figure.dataset.lit = now ? JSON.stringify(now) : "";
      figure.classList.toggle("current", k === o.index);
    }
    if (elsewhere) this.speak(...this.sentences.elsewhere(o, slice, i, j), 0);
    else this.speak(...this.sentences.of(o, i, j, this.stride.value === "term" && !hovering ? term : null), o.value(i, j));
    Object.assign(this.root.dataset, { object: `${o.name}${o.layer}`, row: i, col: j, term: term ?? "" });
    this.read(o, j);
    if (hovering) return;
    const code = this.root.querySelector(".code"),
      [title, text] = this.data.code[o.code] ?? ["", ""];
    code.hidden = !text;
    code.querySelector("summary").textContent = `The code that computed ${title}`;
    code.querySelector("code").textContent = text;
  }

  speak(formula, sentence, value) {
    this.formula.innerHTML = formula.startsWith("<math") ? formula : math(formula);
    this.sentence.innerHTML = sentence;
    this.root.dataset.value = value;
  }

  read(o, j) {
    const section = this.root.querySelector(".readings");
    section.hidden = !o.readings || o.name === "dL_db";
    if (section.hidden) return;
    const [left, right] = o.sources.map((k) => this.trace.notation.symbol(this.trace.objects[k]));
    const several = o.name === "dL_da" ? ` There are ${o.cols} of these derivatives, one for each hidden unit.` : "";
    section.querySelector(".hint").innerHTML =
      `The products along the paths are ${math(left)} ∘ a column of ${math(right)}; their sum is the derivative.${several}`;
    section.querySelector(".both").innerHTML = sketch(this.trace, o, j, this.sentences);
    section.querySelector(".verdict").innerHTML = badge(o, j, this.sentences);
  }

  // Put the cursor at a position.
  place(position, told = true) {
    this.position = position;
    this.here = this.trace.at(position);
    const { o, term } = this.here,
      home = o.name === "x" ? 0 : o.layer;
    const seen = this.layer !== null && (this.data.graph || this.shapes.get(o.index)?.figure.isConnected);
    if (seen) this.point(this.here);
    else this.show(home);
    const count = this.trace.termsOf(o);
    const part = this.stride.value === "term" && count > 1 ? `, term ${term + 1} of ${count}` : "";
    this.where.textContent = `step ${grouped(position + 1)} of ${grouped(this.trace.length)}${part}`;
    this.root.dataset.position = position;
    clearTimeout(this.telling);
    if (told) this.telling = setTimeout(() => (this.share(position), this.tell(numberOf(this.trace, position))), 300);
  }

  // The place stands in the address, and adds no step to the browser's way back.
  share(position) {
    if (this.data.graph || !this.root.isConnected) return;
    const address = new URL(location);
    address.searchParams.set("cell", numberOf(this.trace, position));
    history.replaceState(history.state, "", address);
  }

  go(where) {
    const stride = this.stride.value;
    if (where === "play") return this.timer ? this.stop() : this.start();
    this.stop();
    this.place(
      {
        start: 0,
        end: this.trace.last(stride),
        on: this.trace.step(this.position, stride),
        back: this.trace.step(this.position, stride, true),
      }[where],
    );
    this.reveal();
  }

  reveal() {
    this.shapes.get(this.here.o.index)?.figure.scrollIntoView({ block: "nearest" });
  }

  start() {
    this.play.textContent = "Pause";
    this.timer = setInterval(() => {
      const next = this.trace.step(this.position, this.stride.value);
      if (next === this.position || !this.root.isConnected) return this.stop();
      this.place(next);
      this.reveal();
    }, PLAY[this.stride.value]);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
  }

  keyed(event) {
    const where = { ArrowRight: "on", ArrowLeft: "back", Home: "start", End: "end", " ": "play" }[event.key];
    const strides = [...this.stride.options].map((option) => option.value),
      turn = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.target.matches("select") && (event.target !== this.stride || !["Home", "End"].includes(event.key)))
      return event.stopPropagation();
    if (!where && !turn) return;
    const own = event.target.dataset.layer || ["start", "end"].includes(event.target.dataset.go); // space presses such a button
    if (where === "play" && own) return;
    event.preventDefault();
    event.stopPropagation();
    if (where) return this.go(where);
    this.stride.value = strides[Math.min(Math.max(strides.indexOf(this.stride.value) + turn, 0), strides.length - 1)];
    this.place(this.position);
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".chain");
  root.chain ??= new Chain(root);
  root.chain.update(data, (position) => setStateValue("position", position));
}
