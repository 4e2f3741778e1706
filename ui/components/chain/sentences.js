// What the page says of a cell: its formula with the numbers in, and one sentence of arithmetic. Numbers carry their full value.

const SHOWN = 3; // terms of a long sum that are written out
const LESS = `<mn>1</mn>${mo("−")}`; // 1 −, in front of what is taken off

// To tell "=" from "≈" alone.
const G = { sigmoid: (z) => 1 / (1 + Math.exp(-z)), tanh: Math.tanh, relu: (z) => Math.max(z, 0), identity: (z) => z };

const BROKEN = {
  log: "The label's a is 0 to the last bit, and −log 0 is infinite. From the logits, by log-sum-exp, the loss is",
  losses: "An a is 0 or 1 to the last bit, and −log 0 is infinite. From the logit itself the loss is",
  product: "An output is saturated, and ∞ · 0 is not a number. Taken in one step, as a − y, the derivative is",
};

class Sentences {
  constructor(trace, digits) {
    Object.assign(this, { trace, digits });
  }

  get theta() {
    return this.trace.notation.theta;
  }

  u(k) {
    return this.trace.notation.number(k);
  }

  // The number of row i of object o.
  row(o, i) {
    return this.trace.notation.row(o, i);
  }

  // An output: its class, where classes and units count alike.
  class(k) {
    return this.theta ? `unit ${this.u(k)}` : `class ${k}`;
  }

  n(v) {
    return `<mn data-value="${v}">${written(v, this.digits)}</mn>`;
  }

  word(v, role = "") {
    return `<data value="${v}" class="${role}">${written(v, this.digits)}</data>`;
  }

  factor(v) {
    return this.word(v, "factor");
  }

  // The result of an arithmetic, behind it: "= 2" or "≈ 2".
  gives(shown, value) {
    return `${this.sign(shown, value)} ${this.word(value, "value")}`;
  }

  // The number as it is shown.
  r(v) {
    return asShown(v, this.digits);
  }

  // "=" where the numbers that are shown give the result that is shown, else "≈".
  sign(shown, value) {
    const [one, other] = [shown, value].map((v) => this.r(v));
    return shown === undefined || one === other || (Number.isNaN(one) && Number.isNaN(other)) ? "=" : "≈";
  }

  signed(v) {
    return v < 0 ? row(mo("("), this.n(v), mo(")")) : this.n(v);
  }

  name(o, i, j) {
    return this.trace.notation.symbol(o, i === undefined ? undefined : o.unit(i), j);
  }

  cell([k, i, j]) {
    return this.name(this.trace.objects[k], i, j);
  }

  // Terms by size, the largest first; for long sums the first three.
  largest(terms) {
    const count = terms.n,
      order = Array.from({ length: count }, (_, k) => k);
    const size = (k) => {
      const v = Math.abs(terms.value(k));
      return Number.isNaN(v) ? Infinity : v;
    };
    if (count <= SHOWN + 1 && !terms.rest) return order;
    const best = [];
    for (const k of order) {
      if (size(k) === 0) continue;
      let at = best.length;
      while (at && size(best[at - 1]) < size(k)) at--;
      if (at < SHOWN) best.splice(at, 0, k);
      if (best.length > SHOWN) best.pop();
    }
    return best;
  }

  // The formula of a cell and the sentence about it, both HTML.
  of(o, i, j, term = null) {
    const name = this.name(o, i, j),
      value = o.value(i, j),
      terms = this.trace.terms(o, i, j);
    const [parts, sentence, shown] = (FORWARD[o.rule] ?? BACKWARD[o.rule])(this, o, i, j, terms, value);
    const result = `<mn class="cell" data-value="${value}">${written(value, this.digits)}</mn>`;
    // Parts that are infinite, or ∞ · 0, where the cell itself was computed in one step and is finite.
    const broken = shown !== undefined && !Number.isFinite(shown) && Number.isFinite(value);
    const end = broken
      ? row(mo("="), this.n(shown), `<mtext>, in one step&nbsp;</mtext>`, result)
      : row(mo(this.sign(shown, value)), result);
    const formula = row(name, ...parts.map((part) => row(mo("="), part)), o.rule === "given" ? "" : end);
    let text = broken ? `${BROKEN[o.rule] ?? BROKEN.product} ${this.word(value, "value")}.` : sentence;
    if (term !== null && terms.n > 1 && !terms.part) {
      const soFar = this.trace.soFar(o, i, j, term);
      text =
        `Term ${term + 1} of ${terms.n}: ${math(this.termName(o, terms, term, i))} = ` +
        `${this.word(terms.value(term), "term")}; so far ${this.word(soFar, "so-far")}.`;
    }
    return [math(formula), text];
  }

  // A cell of slice k of the tensor behind the sheet, off its row k.
  elsewhere(o, k, i, j) {
    const W = this.trace.weights(o.layer),
      [z, w] = [o.unit(k), o.unit(i)].map((one) => this.u(one));
    const { notation } = this.trace,
      symbol = frac(notation.letter("z", o.layer, z), notation.symbol(W, o.unit(i), j));
    return [
      math(row(symbol, mo("="), this.n(0))),
      `Slice ${z} is the derivative of z of unit ${z} alone, ` +
        `and row ${w} of ${this.theta ? "Θ" : "W"} has no part in that: ${this.word(0, "value")}.`,
    ];
  }

  termName(o, terms, k, i) {
    const last = k === terms.n - 1;
    if (o.rule === "softmax")
      return row(last ? mi("division by the sum") : `<msup>${mi("e")}${row(this.cell(terms.from(k)[0]), mo("−"), mi("max"))}</msup>`);
    if (o.rule === "affine" && last && terms.from(k).length === 1) return this.cell(terms.from(k)[0]);
    return row(
      terms
        .from(k)
        .map((cell) => this.cell(cell))
        .join(mo("·")),
    );
  }

  product(factors) {
    return row(factors.map((f, k) => (k ? this.signed(f) : this.n(f))).join(mo("·")));
  }

  // Row times column, or W x + b: symbols, numbers, and the largest contributions.
  sum(o, i, j, terms, symbols, what) {
    const shown = this.largest(terms),
      few = shown.length === terms.n && terms.rest === undefined;
    let others = 0;
    if (!few) {
      others = terms.rest ?? 0;
      const kept = new Set(shown);
      for (let k = 0; k < terms.n; k++) if (!kept.has(k)) others += terms.value(k);
    }
    const bias = (k) => o.rule === "affine" && terms.from(k).length === 1;
    const written_ = shown.map((k, at) =>
      row(
        at ? mo("+") : "",
        bias(k)
          ? this.signed(terms.value(k))
          : row(
              at || terms.factors(k)[0] >= 0 ? this.signed(terms.factors(k)[0]) : this.n(terms.factors(k)[0]),
              mo("·"),
              this.signed(terms.factors(k)[1]),
            ),
      ),
    );
    const count = terms.n + (terms.without || 0) - shown.length;
    if (!few) written_.push(row(written_.length ? mo("+") : "", this.signed(others), `<mtext>&nbsp;(${count} more)</mtext>`));
    if (!written_.length) written_.push(this.n(0));
    const list = shown
      .slice()
      .sort((p, q) => Math.abs(terms.value(q)) - Math.abs(terms.value(p)))
      .slice(0, SHOWN)
      .map(
        (k) =>
          `<span class="contribution" data-term="${k}">${math(this.termName(o, terms, k, i))} = ${
            bias(k)
              ? ""
              : terms
                  .factors(k)
                  .map((f) => this.factor(f))
                  .join(" · ") + ` ${this.sign(this.r(terms.factors(k)[0]) * this.r(terms.factors(k)[1]), terms.value(k))} `
          }${this.word(terms.value(k), "value")}</span>`,
      );
    const all = terms.n + (terms.without || 0),
      which = list.length < all ? `The largest of ${all} terms: ` : "";
    const drawn = terms.part
      ? ` Its row of ${this.theta ? "Θ" : "W"} is not drawn: ` +
        `${this.trace.objects[o.sources[0]].rows} units are, those with the largest errors.`
      : "";
    const sentence = list.length ? `${what} ${which}${list.join("; ")}.` : `${what} All ${all} terms are 0.`;
    const zero = (k) => terms.value(k) === 0; // also ∞ · 0 off a diagonal
    const shownSum = shown.reduce(
      (sum, k) => sum + (zero(k) ? 0 : this.r(terms.factors(k)[0]) * this.r(terms.factors(k)[1])),
      few ? 0 : this.r(others),
    );
    return [[symbols, row(...written_)], sentence + drawn, shownSum];
  }
}
