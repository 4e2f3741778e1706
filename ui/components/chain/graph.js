// The same trace drawn as a network: nodes with the bias units among them, edges as wide and red or blue as Θ, Δ or D.

const SVG = "http://www.w3.org/2000/svg";
// What is shown, its names in part one and in part two, and where it is: objects of the trace, or a sum over the instances.
const EDGES = {
  Θ: [
    ["Θ", "W, b"],
    ["W", "b", "Theta"],
  ],
  "∂cost/∂Θ": [
    ["∂cost/∂Θ", "∂L/∂W, ∂L/∂b"],
    ["dL_dW", "dL_db", "dL_dTheta"],
  ],
  Δ: [["Δ", "Σ ∂L/∂W, Σ ∂L/∂b"], "Delta"],
  D: [["D", "∂J/∂W, ∂J/∂b"], "D"],
};
const NODES = { a: [["a", "a"], "a"], z: [["z", "z"], "z"], δ: [["δ", "∂L/∂z"], "dL_dz"] };

class Graph {
  constructor(chain, host) {
    Object.assign(this, { chain, host, parts: [] });
    const choice = (name, options) =>
      `<label>${name} <select data-choice="${name}">${Object.keys(options)
        .map((o) => `<option value="${o}"></option>`)
        .join("")}</select></label>`;
    this.choices = chain.root.querySelector(".choices");
    this.choices.innerHTML = choice("Edges", EDGES) + choice("Nodes", NODES);
    host.innerHTML = `<div class="net"></div>`;
    for (const select of this.choices.children) select.onchange = () => this.draw();
    this.box = host.querySelector(".net");
    this.box.onpointerover = (event) => this.over(event.target);
    this.box.onpointerleave = () => this.chain.soon(null);
    this.box.onpointerdown = (event) => this.over(event.target, true);
    this.box.onkeydown = (event) => this.keyed(event);
    this.box.onfocusin = (event) => event.target.matches(":focus-visible") && this.over(event.target, true);
  }

  chosen(name) {
    return { Edges: EDGES, Nodes: NODES }[name][this.choices.querySelector(`[data-choice="${name}"]`).value][1];
  }

  // Who a node is, u = −1 the bias unit: layers of nodes count from 1 in part one, from 0, the input, in part two.
  who(n, u) {
    const { notation } = this.chain.trace,
      layer = notation.theta ? n + 1 : n;
    return u < 0 ? `the bias unit of layer ${layer}` : `unit ${notation.number(u)} of layer ${layer}`;
  }

  // In Θ the bias unit has a place in the arrays, so that all others stand one place on.
  get past() {
    return this.chain.trace.notation.theta ? 1 : 0;
  }

  named(name, l) {
    return this.chain.trace.objects.find((o) => o.name === name && o.layer === l);
  }

  // The array behind edge (i, j) into layer l, j = −1 for the bias: [object, row, column] of the trace, or the value of Δ or D.
  edge(l, i, j) {
    const which = this.chosen("Edges");
    if (typeof which === "string") return { total: which, value: this.total(which, l, i, j) };
    const o = this.named(which[this.past ? 2 : j < 0 ? 1 : 0], l),
      cell = this.past ? [i, j + 1] : j < 0 ? (o.name === "b" ? [i, 0] : [0, i]) : [i, j];
    return { o, cell, value: o.value(...cell) };
  }

  total(which, l, i, j) {
    const values = this.chain.data.graph[which][l];
    return values[i * (this.chain.trace.weights(l).cols + 1 - this.past) + j + 1];
  }

  node(n, u) {
    if (u < 0) return { value: 1 };
    const o = n ? this.named(this.chosen("Nodes"), n - 1) : this.named("x", 0),
      cell = o.name === "dL_dz" ? [0, u] : [u + (o.bias ? 1 : 0), 0];
    return { o, cell, value: o.value(...cell) };
  }

  draw() {
    const { trace } = this.chain,
      layers = this.chain.data.layers,
      sizes = [this.named("x", 0).rows - this.past];
    for (const [name, options] of [
      ["Edges", EDGES],
      ["Nodes", NODES],
    ])
      for (const option of this.choices.querySelector(`[data-choice="${name}"]`))
        option.textContent = options[option.value][0][trace.notation.theta ? 0 : 1];
    for (let l = 0; l < layers; l++) sizes.push(trace.weights(l).rows);
    this.pixels = sizes[0] === 784;
    const most = Math.max(...sizes.slice(this.pixels ? 1 : 0)) + 1,
      width = Math.max(this.chain.root.clientWidth - 8, 280),
      gap = Math.min(64, Math.max(40, 420 / most));
    const height = Math.max(most * gap + 30, 200),
      radius = Math.min(20, gap * 0.36);
    const x = (n) => 50 + (n * (Math.min(width, 900) - 100)) / layers;
    const shown = (n) => sizes[n] + (n < layers ? 1 : 0);
    const y = (n, u) => (this.pixels && n === 0 ? 24 : height / 2 + (u + (n < layers ? 1 : 0) - (shown(n) - 1) / 2) * gap + 12);
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${Math.min(width, 900)} ${height + 20}`);
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", "The network: nodes and edges; arrow keys walk along the nodes");
    this.parts = [];
    const add = (tag, kind, place, found, attributes) => {
      const element = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.setAttribute("class", kind);
      const part = { element, kind, ...place, ...found };
      element.spot = part; // `part` is a name of the DOM's own
      element.setAttribute("tabindex", "-1");
      this.parts.push(part);
      return element;
    };
    const edges = [],
      nodes = [];
    for (let l = 0; l < layers; l++) {
      const all = [];
      for (let i = 0; i < sizes[l + 1]; i++)
        for (let j = -1; j < (this.pixels && l === 0 ? 0 : sizes[l]); j++) all.push([i, j, this.edge(l, i, j)]);
      const top = Math.max(...all.map(([, , e]) => Math.abs(e.value)).filter(Number.isFinite), 1e-300);
      for (const [i, j, found] of all) {
        const size = Math.abs(found.value) / top,
          color = `var(--${found.value < 0 ? "negative" : found.value > 0 ? "positive" : "muted"})`;
        edges.push([
          add("path", "edge", { n: l + 1, i, j }, found, {
            d: `M${x(l) + radius} ${y(l, j)} L${x(l + 1) - radius} ${y(l + 1, i)}`,
            stroke: color,
            "stroke-width": 1 + 6 * size,
            "stroke-opacity": 0.45 + 0.5 * size,
            "aria-label": `edge from ${this.who(l, j)} to ${this.who(l + 1, i)}`,
          }),
        ]);
      }
    }
    for (let n = 0; n <= layers; n++) {
      const label = document.createElementNS(SVG, "text");
      for (const [name, value] of Object.entries({ x: x(n), y: height + 14, "text-anchor": "middle" })) label.setAttribute(name, value);
      label.textContent = `layer ${trace.notation.theta ? n + 1 : n}`;
      nodes.push([label]);
      if (this.pixels && n === 0) {
        const x0 = this.named("x", 0),
          digit = { name: "x", rows: 784, cols: 1, rule: "given", value: (k) => x0.value(k + this.past, 0) },
          pixel = (k, element) => this.over({ spot: { kind: "node", n: 0, u: k, o: x0, cell: [k + this.past, 0], element } });
        nodes.push(
          [picture(digit, "the digit, pixel by pixel", x(0) - 46, height / 2 - 46, pixel)],
          this.knob(add, n, -1, x(n), 24, radius, 1),
        );
        for (let i = 0; i < sizes[1]; i++) {
          const edge = (k, element) => this.over({ spot: { kind: "edge", n: 1, i, j: k, ...this.edge(0, i, k), element } });
          nodes.push([picture(this.row(i), `the edges from the pixels to ${this.who(1, i)}`, x(1) - radius - 62, y(1, i) - 28, edge)]);
        }
        continue;
      }
      const units = Array.from({ length: shown(n) }, (_, k) => k - (n < layers ? 1 : 0));
      const top = Math.max(
        ...units
          .filter((u) => u >= 0)
          .map((u) => Math.abs(this.node(n, u).value))
          .filter(Number.isFinite),
        1e-300,
      );
      for (const u of units) nodes.push(this.knob(add, n, u, x(n), y(n, u), radius, top));
    }
    this.parts.find((part) => part.kind === "node").element.setAttribute("tabindex", "0");
    svg.append(...[...edges, ...nodes].flat());
    this.box.replaceChildren(svg);
    this.chain.point(this.chain.here);
  }

  knob(add, n, u, x, y, radius, top) {
    const found = this.node(n, u),
      rgb = u < 0 ? [255, 255, 255] : shade(found.value, top);
    const circle = add("circle", u < 0 ? "node bias" : "node", { n, u }, found, {
      cx: x,
      cy: y,
      r: radius,
      fill: `rgb(${rgb})`,
      "aria-label": `${this.who(n, u).replace("the ", "")}, ${written(found.value, 4)}`,
    });
    const text = document.createElementNS(SVG, "text");
    for (const [name, value] of Object.entries({ x, y: y + 4, "text-anchor": "middle", "font-size": radius < 15 ? 9 : 11 }))
      text.setAttribute(name, value);
    text.style.fill = onCell(rgb);
    text.textContent = u < 0 ? "1" : cellText(found.value, top);
    return [circle, text];
  }

  // Row i of what the edges show, as an object of its own to be drawn.
  row(i) {
    const which = this.chosen("Edges"),
      source = typeof which === "string" ? null : this.named(which[this.past ? 2 : 0], 0);
    const value = (_, j) => (source ? source.value(i, j + this.past) : this.total(which, 0, i, j));
    return { name: "row", rows: 1, cols: 784, rule: "row", value };
  }

  over(target, fixed = false) {
    const part = target.spot;
    if (!part) return;
    this.focused = part;
    if (fixed) part.element.focus({ preventScroll: true });
    if (part.o && fixed) this.chain.place(this.chain.trace.position(part.o, ...part.cell));
    else if (part.o) this.chain.soon(part.o, part.cell);
    else this.chain.later(() => this.say(part));
  }

  // What belongs to no cell of one instance: the bias units, and Δ and D, which are sums over all instances.
  say(part) {
    this.chain.shown(() => this.say(part));
    this.light(new Map());
    part.element.classList.add("here");
    if (part.kind !== "edge") return this.chain.speak(...ofBiasUnit());
    const { n, i, j } = part,
      { sentences, data } = this.chain;
    const given = this.past ? "Theta" : j < 0 ? "b" : "W",
      cell = [i, this.past ? j + 1 : Math.max(j, 0)];
    const edge = { l: n - 1, i, j, given: this.named(given, n - 1), cell, error: this.named("dL_dz", n - 1) };
    const [Delta, D] = ["Delta", "D"].map((which) => this.total(which, n - 1, i, j));
    this.chain.speak(
      ...(part.total === "Delta" ? ofDelta(sentences, edge, data.graph.n, Delta) : ofD(sentences, edge, data.graph, Delta, D)),
    );
  }

  // lit: object → its cells that are sources, and the cell itself.
  light(lit) {
    const objects = this.chain.trace.objects;
    const cells = [...lit].flatMap(([k, { here, spots }]) => [
      ...(here ? [[k, here, "here"]] : []),
      ...spots.map((spot) => [k, spot, "lit"]),
    ]);
    for (const { element, kind, n, u, i, j } of this.parts) {
      element.classList.remove("lit", "here");
      for (const [k, [r, c], mark] of cells) {
        const o = objects[k],
          [unit, column] = [u + (o.bias === "row" ? 1 : 0), j + (o.bias === "column" ? 1 : 0)];
        const fits =
          kind === "edge"
            ? o.layer === n - 1 &&
              (["W", "dL_dW", "dz_dW", "dz_da"].includes(o.name) || o.bias === "column"
                ? (j >= 0 || o.bias) && (r ?? i) === i && (c ?? column) === column
                : (o.name === "b" && j < 0 && (r ?? i) === i) || (o.name === "dL_db" && j < 0 && (c ?? i) === i))
            : (u >= 0 || o.bias === "row") &&
              (o.name === "x"
                ? n === 0 && (r ?? unit) === unit
                : ["a", "z"].includes(o.name)
                  ? n === o.layer + 1 && (r ?? unit) === unit
                  : ["dL_dz", "dL_da"].includes(o.name) && n === o.layer + 1 && (c ?? u) === u);
        if (fits) element.classList.add(mark);
      }
    }
  }

  keyed(event) {
    const now = this.parts.find((part) => part.element === event.target),
      { key } = event;
    if (!now || !(key.startsWith("Arrow") || ["Enter", "Home", "End"].includes(key))) return;
    event.preventDefault();
    event.stopPropagation();
    const nodes = this.parts.filter((part) => part.kind !== "edge"),
      layer = (n) => nodes.filter((part) => part.n === n);
    let next;
    if (key === "Enter") {
      const into = this.parts.filter(
        (part) => part.kind === "edge" && part.n === now.n && part.i === (now.kind === "edge" ? now.i : now.u),
      );
      next = now.kind === "edge" ? (into[into.indexOf(now) + 1] ?? nodes.find((part) => part.n === now.n && part.u === now.i)) : into[0];
    } else if (key === "Home" || key === "End") next = key === "Home" ? nodes[0] : nodes.at(-1);
    else {
      const at = now.kind === "edge" ? nodes.find((part) => part.n === now.n && part.u === now.i) : now,
        own = layer(at.n),
        place = own.indexOf(at);
      const step = { ArrowDown: 1, ArrowUp: -1 }[key];
      if (step) next = own[Math.min(Math.max(place + step, 0), own.length - 1)];
      else {
        const beside = layer(at.n + (key === "ArrowRight" ? 1 : -1));
        next = beside[Math.min(place, beside.length - 1)] ?? at;
      }
    }
    if (!next) return;
    for (const part of this.parts) part.element.setAttribute("tabindex", part === next ? "0" : "-1");
    next.element.focus();
    this.over(next.element, true);
  }
}
