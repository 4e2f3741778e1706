// The trace as mlcore.lecture.chain has it: objects, how each cell comes about, positions of single terms.

function decoded(text, single) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return single ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
}

class Trace {
  constructor(data) {
    Object.assign(this, { label: data.label, activation: data.activation, notation: new Notation(data.notation, data.layers) });
    this.exponentials = decoded(data.exponentials);
    this.total = this.exponentials.reduce((sum, e) => sum + e, 0);
    this.losses = decoded(data.losses);
    this.target = decoded(data.target);
    this.objects = data.objects.map((o, index) => this.object(o, index));
    this.starts = [0];
    for (const o of this.objects) this.starts.push(this.starts.at(-1) + this.sizeOf(o));
    this.length = this.starts.at(-1);
  }

  // rows and columns count what is at hand; unit(i) is the unit that row i belongs to, where not all are at hand.
  object(o, index) {
    const made = { ...o, index, unit: (i) => (i < 0 ? -1 - i : o.units ? o.units[i] : i) }; // −1 − i: unit i, whose row is not at hand
    const { cols } = o,
      values = o.data === undefined ? null : decoded(o.data, o.single);
    const [left, right] = o.sources.map((k) => this.objects_[k]);
    made.value =
      values && o.rule !== "diagonal"
        ? (i, j) => values[i * cols + j]
        : {
            diagonal: (i, j) => (i === j ? values[i] : 0),
            identity: (i, j) => (i === j ? 1 : 0),
            sheet: (i, j) => left.value(j, 0),
            weight: (i, j) => left.value(i, j + left.cols - cols), // Θ without its column 0
            outer: (i, j) => left.value(0, made.unit(i)) * right.value(i, j),
          }[o.rule];
    if (o.largest) for (const name of ["inputs", "weights", "rest"]) made.largest = { ...made.largest, [name]: decoded(o.largest[name]) };
    if (o.rest) made.rest = decoded(o.rest);
    if (o.readings) made.readings = Object.fromEntries(Object.entries(o.readings).map(([name, text]) => [name, decoded(text)]));
    this.objects_ ??= [];
    this.objects_.push(made);
    return made;
  }

  // What a cell is the sum of: n terms, each with its factors, its value, and the cells [object, row, column] that it was computed from.
  terms(o, i, j) {
    const [a, b, c] = o.sources.map((k) => this.objects[k]);
    const value = o.value(i, j);
    const one = (factors, from) => ({ n: 1, factors: () => factors, value: () => value, from: () => from });
    switch (o.rule) {
      case "affine": {
        const row = a.units ? a.units.indexOf(i) : i;
        if (row < 0) return this.some(o, i);
        const n = b.rows;
        return {
          n: c ? n + 1 : n,
          factors: (k) => (k < n ? [a.value(row, k), b.value(k, 0)] : [c.value(i, 0), 1]),
          value: (k) => (k < n ? a.value(row, k) * b.value(k, 0) : c.value(i, 0)),
          from: (k) =>
            k < n
              ? [
                  [a.index, row, k],
                  [b.index, k, 0],
                ]
              : [[c.index, i, 0]],
        };
      }
      case "product": {
        const diagonal = b.rule === "diagonal" || b.rule === "identity";
        if (diagonal && o.cols > 24)
          return {
            n: 1,
            others: o.cols - 1,
            factors: () => [a.value(0, j), b.value(j, j)],
            value: () => a.value(0, j) * b.value(j, j),
            from: () => [
              [a.index, 0, j],
              [b.index, j, j],
            ],
          };
        return {
          n: b.rows,
          rest: o.rest ? o.rest[j] : undefined,
          without: a.cols - b.rows,
          factors: (k) => [a.value(0, b.unit(k)), b.value(k, j)],
          value: (k) => (diagonal && k !== j ? 0 : a.value(0, b.unit(k)) * b.value(k, j)), // ∞ · 0 would be NaN
          from: (k) => [
            [a.index, 0, b.unit(k)],
            [b.index, k, j],
          ],
        };
      }
      case "softmax": {
        const n = o.rows,
          e = this.exponentials;
        return {
          n: n + 1,
          factors: (k) => [k < n ? e[k] : e[i]],
          value: (k) => (k < n ? e[k] : value),
          from: (k) => (k < n ? [[a.index, k, 0]] : [[a.index, i, 0]]),
        };
      }
      case "losses":
        return { n: a.rows, factors: (k) => [a.value(k, 0), this.target[k]], value: (k) => this.losses[k], from: (k) => [[a.index, k, 0]] };
      case "g": {
        const unit = o.bias ? i - 1 : i;
        return unit < 0 ? one([], []) : one([a.value(unit, 0)], [[a.index, unit, 0]]);
      }
      case "log":
        return one([a.value(this.label, 0)], [[a.index, this.label, 0]]);
      case "slope":
        return one([a.value(j, 0), this.target[j]], this.activation.output === "sigmoid" || this.target[j] ? [[a.index, j, 0]] : []);
      case "jacobian":
        return one(
          [a.value(i, 0), a.value(j, 0)],
          i === j
            ? [[a.index, i, 0]]
            : [
                [a.index, i, 0],
                [a.index, j, 0],
              ],
        );
      case "diagonal": {
        const past = a.bias ? 1 : 0; // the bias unit has no z
        return one([a.value(i + past, 0), a.value(j + past, 0)], i === j ? [[a.index, i + past, 0]] : []);
      }
      case "sheet":
        return one([value], [[a.index, j, 0]]);
      case "weight":
        return one([value], [[a.index, i, j + a.cols - o.cols]]);
      case "outer":
        return one(
          [a.value(0, o.unit(i)), b.value(i, j)],
          [
            [a.index, 0, o.unit(i)],
            [b.index, i, j],
          ],
        );
      default:
        return one([value], []);
    }
  }

  // The same for a unit whose row of W is not at hand: its largest terms, the bias, and what the rest adds up to.
  some(o, i) {
    const [a, b, c] = o.sources.map((k) => this.objects[k]),
      { count: n, inputs, weights, rest } = o.largest;
    const input = (k) => inputs[i * n + k],
      factors = (k) => (k < n ? [weights[i * n + k], b.value(input(k), 0)] : [c.value(i, 0), 1]);
    return {
      n: c ? n + 1 : n,
      part: true,
      rest: rest[i],
      without: b.rows - n,
      factors,
      value: (k) => (k < n ? factors(k)[0] * factors(k)[1] : c.value(i, 0)),
      from: (k) =>
        k < n
          ? [
              [a.index, -1 - i, input(k)],
              [b.index, input(k), 0],
            ]
          : [[c.index, i, 0]],
    };
  }

  // Where to light up what a cell was computed from: [object, row, column], null for all rows or columns.
  sources(o, i, j) {
    const [a, b, c] = o.sources.map((k) => this.objects[k]);
    const terms = this.terms(o, i, j);
    if (o.rule === "affine")
      return [
        ...(terms.part ? [] : [[a.index, a.units ? a.units.indexOf(i) : i, null]]),
        [b.index, null, null],
        ...(c ? [[c.index, i, 0]] : []),
      ];
    if (o.rule === "product" && !terms.others)
      return [
        [a.index, null, null],
        [b.index, null, j],
      ];
    if (o.rule === "softmax") return [[a.index, null, null]];
    const own = Array.from({ length: terms.n }, (_, k) => terms.from(k)).flat();
    if (o.rule !== "outer") return own;
    // Through the sheet to the input itself, and to the logit whose error it is.
    const logit = this.objects.find((other) => other.name === "z" && other.layer === o.layer);
    return [...own, [b.sources[0], j, 0], [logit.index, o.unit(i), 0]];
  }

  // W of layer l, or Θ.
  weights(l) {
    return this.objects.find((o) => o.layer === l && ["W", "Theta"].includes(o.name));
  }

  termsOf(o) {
    const [a, b] = o.sources.map((k) => this.objects[k]);
    return (
      { affine: () => b.rows + o.sources.length - 2, product: () => b.rows, softmax: () => o.rows + 1, losses: () => a.rows }[o.rule]?.() ??
      1
    );
  }

  sizeOf(o) {
    return o.rows * o.cols * this.termsOf(o);
  }

  at(position) {
    let k = this.objects.length - 1;
    while (this.starts[k] > position) k--;
    const o = this.objects[k],
      each = this.termsOf(o),
      node = Math.floor((position - this.starts[k]) / each);
    return { o, i: Math.floor(node / o.cols), j: node % o.cols, term: (position - this.starts[k]) % each };
  }

  position(o, i = 0, j = 0, term = 0) {
    return this.starts[o.index] + (i * o.cols + j) * this.termsOf(o) + term;
  }

  // Where the last stride begins.
  last(stride) {
    const { o, i, j } = this.at(this.length - 1);
    return { object: this.starts[o.index], node: this.position(o, i, j), term: this.length - 1 }[stride];
  }

  step(position, stride, back) {
    const { o } = this.at(position),
      start = this.starts[o.index];
    const sizes = (p) => ({ object: this.sizeOf(p), node: this.termsOf(p), term: 1 })[stride];
    const begin = position - ((position - start) % sizes(o));
    if (!back) return Math.min(begin + sizes(o), Math.max(position, this.last(stride)));
    if (begin < position) return begin;
    const before = stride !== "term" && begin === start && o.index ? this.objects[o.index - 1] : o;
    return Math.max(begin - sizes(before), 0);
  }

  // The sum of a cell's terms up to this one; with the last one it is the cell.
  soFar(o, i, j, term) {
    const terms = this.terms(o, i, j),
      value = o.value(i, j);
    if (term >= terms.n - 1) {
      if (o.rule !== "product" || Number.isFinite(terms.value(term))) return value;
    }
    let sum = 0;
    for (let k = 0; k <= term; k++) sum += terms.value(k);
    return sum;
  }
}
