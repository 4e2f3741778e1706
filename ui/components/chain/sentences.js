// What the page says of a cell: its formula with the numbers in, and one sentence of arithmetic. Numbers carry their full value.

const SHOWN = 3; // terms of a long sum that are written out
const LESS = `<mn>1</mn>${mo("−")}`; // 1 −, in front of what is taken off

const G = { sigmoid: (z) => 1 / (1 + Math.exp(-z)), tanh: Math.tanh, relu: (z) => Math.max(z, 0), identity: (z) => z }; // to tell "=" from "≈" alone

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

  // The number as it is shown.
  r(v) {
    return this.digits === "full" || !Number.isFinite(v) || v === 0 ? v : Number(v.toPrecision(this.digits));
  }

  // "=" where the numbers that are shown give the result that is shown, else "≈".
  sign(shown, value) {
    const [one, other] = [shown, value].map((v) => (this.digits === "full" ? v : Number(v?.toPrecision(this.digits))));
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
    const [parts, sentence, shown] = this[`say_${o.rule}`](o, i, j, terms, value);
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
      text = `Term ${term + 1} of ${terms.n}: ${math(this.termName(o, terms, term, i))} = ${this.word(terms.value(term), "term")}; so far ${this.word(soFar, "so-far")}.`;
    }
    return [math(formula), text];
  }

  // A cell of slice k of the tensor behind the sheet, off its row k.
  elsewhere(o, k, i, j) {
    const W = this.trace.objects.find((other) => other.name === "W" && other.layer === o.layer),
      [z, w] = [o.unit(k), o.unit(i)].map((one) => this.u(one));
    const symbol = `<mfrac>${row(mo("∂"), this.trace.notation.letter("z", o.layer, o.unit(k)))}${row(mo("∂"), this.trace.notation.symbol(W, o.unit(i), j))}</mfrac>`;
    return [
      math(row(symbol, mo("="), this.n(0))),
      `Slice ${z} is the derivative of z of unit ${z} alone, and row ${w} of ${this.theta ? "Θ" : "W"} has no part in that: ${this.word(0, "value")}.`,
    ];
  }

  termName(o, terms, k, i) {
    const last = k === terms.n - 1;
    if (o.rule === "softmax")
      return last ? row(mi("division by the sum")) : row(`<msup>${mi("e")}${row(this.cell(terms.from(k)[0]), mo("−"), mi("max"))}</msup>`);
    if (o.rule === "affine" && last) return this.cell(terms.from(k)[0]);
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
    const bias = (k) => o.rule === "affine" && k === terms.n - 1;
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
                  .map((f) => this.word(f, "factor"))
                  .join(" · ") + ` ${this.sign(this.r(terms.factors(k)[0]) * this.r(terms.factors(k)[1]), terms.value(k))} `
          }${this.word(terms.value(k), "value")}</span>`,
      );
    const all = terms.n + (terms.without || 0),
      which = list.length < all ? `The largest of ${all} terms: ` : "";
    const drawn = terms.part
      ? ` Its row of W is not drawn: ${this.trace.objects[o.sources[0]].rows} units are, those with the largest errors.`
      : "";
    const sentence = list.length ? `${what} ${which}${list.join("; ")}.` : `${what} All ${all} terms are 0.`;
    const zero = (k) => terms.value(k) === 0; // also ∞ · 0 off a diagonal
    const shownSum = shown.reduce(
      (sum, k) => sum + (zero(k) ? 0 : this.r(terms.factors(k)[0]) * this.r(terms.factors(k)[1])),
      few ? 0 : this.r(others),
    );
    return [[symbols, row(...written_)], sentence + drawn, shownSum];
  }

  say_given(o, i, j, terms, value) {
    const whose = {
      x: `Input ${this.u(i)}`,
      W: `The weight from input ${this.u(j)} to unit ${this.u(o.unit(i))}`,
      b: `The bias of unit ${this.u(i)}${this.theta ? ", the weight of a₀ = 1" : ""}`,
    }[o.name];
    return [[this.n(value)], `${whose}: given, ${this.word(value, "cell")}.`];
  }

  say_affine(o, i, j, terms) {
    const [W, x, b] = o.sources.map((k) => this.trace.objects[k]),
      inputs = this.trace.notation.input(o.layer, "k");
    const symbols = row(
      `<munder>${mo("∑")}${mi("k")}</munder>`,
      this.trace.notation.symbol(W, i, "k"),
      inputs,
      mo("+"),
      this.name(b, i, 0),
      this.theta ? row(mo("·"), `<msub>${mi("a")}<mn>0</mn></msub>`) : "",
    );
    return this.sum(
      o,
      i,
      j,
      terms,
      symbols,
      this.theta
        ? `Row ${this.u(i)} of Θ times the activations before, a₀ = 1 among them.`
        : `Row ${i} of W times the input, plus the bias.`,
    );
  }

  say_product(o, i, j, terms) {
    const [left, right] = o.sources.map((k) => this.trace.objects[k]);
    if (this.theta && right.rule === "diagonal" && left.rule === "product") {
      const [back, slope] = [left.value(0, j), right.value(j, j)],
        shown = this.r(back) * this.r(slope),
        z = this.trace.notation.letter("z", o.layer, j);
      const next = [this.trace.notation.letter("W", o.layer + 1), this.trace.notation.letter("δ", o.layer + 1)];
      const symbols = row(
        `<msub>${row(mo("("), `<msup>${row(next[0])}${mi("T")}</msup>`, next[1], mo(")"))}${this.trace.notation.index(j)}</msub>`,
        mo("∘"),
        row(mi("g′"), mo("("), z, mo(")")),
      );
      return [
        [symbols, this.product([back, slope])],
        `The errors of the next layer come back through Θᵀ, times the slope of the unit's own activation: ${this.word(back, "factor")} · ${this.word(slope, "factor")} ${this.sign(shown, o.value(i, j))} ${this.word(o.value(i, j), "value")}.`,
        shown,
      ];
    }
    if (terms.others)
      return [
        [row(this.trace.notation.symbol(left, 0, j), mo("·"), this.trace.notation.symbol(right, j, j)), this.product(terms.factors(0))],
        `Element-wise: the other ${terms.others} entries of the column are 0. ${this.word(terms.factors(0)[0], "factor")} · ${this.word(terms.factors(0)[1], "factor")} = ${this.word(o.value(i, j), "value")}.`,
        this.r(terms.factors(0)[0]) * this.r(terms.factors(0)[1]),
      ];
    const name = this.trace.notation;
    const symbols = row(`<munder>${mo("∑")}${mi("i")}</munder>`, name.symbol(left, 0, "i"), mo("·"), name.symbol(right, "i", j));
    return this.sum(o, i, j, terms, symbols, "Row times column: the product along each path, and their sum.");
  }

  say_softmax(o, i, j, terms, value) {
    const z = this.trace.objects[o.sources[0]],
      e = this.trace.exponentials[i],
      total = this.trace.total;
    const power = (index) => `<msup>${mi("e")}${row(this.trace.notation.symbol(z, index, 0), mo("−"), mi("max"))}</msup>`;
    const symbols = `<mfrac>${power(i)}${row(`<munder>${mo("∑")}${mi("k")}</munder>`, power("k"))}</mfrac>`;
    return [
      [symbols, `<mfrac>${this.n(e)}${this.n(total)}</mfrac>`],
      `Its share of the sum of all ${o.rows} exponentials: every logit takes part. ${this.word(e, "factor")} / ${this.word(total, "divisor")} ${this.sign(this.r(e) / this.r(total), value)} ${this.word(value, "value")}.`,
      this.r(e) / this.r(total),
    ];
  }

  say_g(o, i, j, terms, value) {
    const g = this.trace.activation.hidden_of[o.layer],
      z = terms.factors(0)[0];
    return [
      [row(mi(g), mo("("), this.cell(terms.from(0)[0]), mo(")")), row(mi(g), mo("("), this.n(z), mo(")"))],
      `${g} of one logit, its own: ${g}(${this.word(z, "factor")}) ${this.sign(G[g](this.r(z)), value)} ${this.word(value, "value")}.`,
      G[g](this.r(z)),
    ];
  }

  say_log(o, i, j, terms, value) {
    const y = this.trace.label,
      a = terms.factors(0)[0];
    return [
      [row(mo("−"), mi("log"), gap, this.cell(terms.from(0)[0])), row(mo("−"), mi("log"), gap, this.n(a))],
      `Only the label counts, y = ${y} (classes count from 0): −log ${this.word(a, "factor")} ${this.sign(-Math.log(this.r(a)), value)} ${this.word(value, "value")}.`,
      -Math.log(this.r(a)),
    ];
  }

  say_losses(o, i, j, terms, value) {
    if (terms.n === 1) {
      const [a, y] = terms.factors(0),
        h = this.cell(terms.from(0)[0]),
        inside = (one) => (y ? one : row(mo("("), LESS, one, mo(")"))),
        shown = -Math.log(y ? this.r(a) : 1 - this.r(a));
      return [
        [row(mo("−"), mi("log"), gap, inside(h)), row(mo("−"), mi("log"), gap, inside(this.n(a)))],
        `y = ${y}, so of −y log h − (1 − y) log(1 − h) the ${y ? "first" : "second"} part counts: −log ${y ? "" : "(1 − "}${this.word(a, "factor")}${y ? "" : ")"} ${this.sign(shown, value)} ${this.word(value, "value")}.`,
        shown,
      ];
    }
    const list = this.largest(terms)
      .slice(0, SHOWN)
      .map(
        (k) =>
          `${math(this.cell(terms.from(k)[0]))} = ${this.word(terms.factors(k)[0], "factor")} for y = ${terms.factors(k)[1]}: ${this.word(terms.value(k), "value")}`,
      );
    return [
      [
        row(
          `<munder>${mo("∑")}${mi("k")}</munder>`,
          mo("−"),
          `<msub>${mi("y")}${mi("k")}</msub>`,
          mi("log"),
          this.trace.notation.letter("a", o.layer, "k"),
          mo("−"),
          mo("("),
          LESS,
          `<msub>${mi("y")}${mi("k")}</msub>`,
          mo(")"),
          mi("log"),
          mo("("),
          LESS,
          this.trace.notation.letter("a", o.layer, "k"),
          mo(")"),
        ),
      ],
      `The sum over ${terms.n} outputs${list.length < terms.n ? ", the largest" : ""}: ${list.join("; ")}.`,
    ];
  }

  say_slope(o, i, j, terms, value) {
    const [a, target] = terms.factors(0),
      A = this.trace.notation.symbol(this.trace.objects[o.sources[0]], j, 0);
    if (this.trace.activation.output === "sigmoid") {
      return [
        [
          `<mfrac>${row(A, mo("−"), mi("y"))}${row(A, mo("("), LESS, A, mo(")"))}</mfrac>`,
          `<mfrac>${row(this.n(a), mo("−"), this.n(target))}${row(this.n(a), mo("·"), this.n(1 - a))}</mfrac>`,
        ],
        `The slope of the loss at ${this.word(a, "factor")} for y = ${target}: ${this.word(value, "value")}.`,
        (this.r(a) - target) / (this.r(a) * this.r(1 - a)),
      ];
    }
    if (!target)
      return [
        [],
        `There is no a of ${this.class(j)} in ${this.theta ? "cost" : "L"} = −log a_y with y = ${this.trace.label}${this.theta ? " (classes count from 0)" : ""}: ${this.word(0, "value")}.`,
      ];
    return [
      [`<mfrac>${row(mo("−"), mi("1"))}${A}</mfrac>`, `<mfrac>${row(mo("−"), mi("1"))}${this.n(a)}</mfrac>`],
      `The slope of −log a at the label, −1 / ${this.word(a, "factor")} ${this.sign(-1 / this.r(a), value)} ${this.word(value, "value")}.`,
      -1 / this.r(a),
    ];
  }

  say_jacobian(o, i, j, terms, value) {
    const [a, b] = terms.factors(0),
      [A, B] = [i, j].map((k) => this.trace.notation.symbol(this.trace.objects[o.sources[0]], k, 0));
    if (i === j)
      return [
        [row(A, mo("("), LESS, A, mo(")")), row(this.n(a), mo("·"), mo("("), LESS, this.n(a), mo(")"))],
        `On the diagonal: raising ${math(this.trace.notation.symbol(this.trace.objects[o.sources[0]], i, 0).replace("a", "z"))} raises its own share. ${this.word(a, "factor")} · (1 − ${this.word(a, "factor")}) ${this.sign(this.r(a) * (1 - this.r(a)), value)} ${this.word(value, "value")}.`,
        this.r(a) * (1 - this.r(a)),
      ];
    return [
      [row(mo("−"), A, B), row(mo("−"), this.n(a), mo("·"), this.n(b))],
      `Off the diagonal: what ${this.class(j)} gains, ${this.class(i)} loses. −${this.word(a, "factor")} · ${this.word(b, "factor")} ${this.sign(-this.r(a) * this.r(b), value)} ${this.word(value, "value")}.`,
      -this.r(a) * this.r(b),
    ];
  }

  say_diagonal(o, i, j, terms, value) {
    if (i !== j) return [[], `z of unit ${this.u(j)} does not reach a of unit ${this.u(i)}: ${this.word(0, "value")}.`];
    const g = this.trace.activation.hidden_of[o.layer],
      a = terms.factors(0)[0],
      A = this.trace.notation.symbol(this.trace.objects[o.sources[0]], i, 0);
    const how = {
      sigmoid: [row(A, mo("("), LESS, A, mo(")")), "a(1 − a)"],
      tanh: [row(LESS, `<msup>${row(A)}<mn>2</mn></msup>`), "1 − a²"],
      relu: [row(mo("["), A, mi("> 0"), mo("]")), "1 where a > 0, else 0"],
      identity: [mi("1"), "1"],
    }[g];
    const r = this.r(a),
      numbers = {
        sigmoid: [row(this.n(a), mo("·"), mo("("), LESS, this.n(a), mo(")")), r * (1 - r)],
        tanh: [row(LESS, `<msup>${this.signed(a)}<mn>2</mn></msup>`), 1 - r * r],
        relu: [row(mo("["), this.n(a), mi("> 0"), mo("]")), r > 0 ? 1 : 0],
        identity: null,
      }[g];
    return [
      [how[0], ...(numbers ? [numbers[0]] : [])],
      `The slope of ${g}, ${how[1]}, at a = ${this.word(a, "factor")}: ${this.word(value, "value")}.`,
      numbers?.[1],
    ];
  }

  say_sheet(o, i, j, terms, value) {
    return [
      [this.cell(terms.from(0)[0])],
      `Every row of the sheet is the input, here its entry ${this.u(j)}: ${this.word(value, "value")}. Behind it stands a ${[o.of ?? o.rows, o.of ?? o.rows, o.cols].join(" × ")} tensor, 0 wherever the two units differ.`,
    ];
  }

  say_identity(o, i, j, terms, value) {
    return [
      [],
      i === j
        ? `Each bias goes straight into its own logit: ${this.word(1, "value")}.`
        : `The bias of unit ${this.u(j)} does not reach z of unit ${this.u(i)}: ${this.word(0, "value")}.`,
    ];
  }

  say_weight(o, i, j, terms, value) {
    return [
      [this.cell(terms.from(0)[0])],
      `Activation ${this.u(j)} enters logit ${this.u(o.unit(i))} with its weight: ${this.word(value, "value")}.`,
    ];
  }

  say_outer(o, i, j, terms, value) {
    const [d, x] = terms.factors(0);
    return [
      [row(this.cell(terms.from(0)[0]), mo("·"), this.cell(terms.from(0)[1])), this.product([d, x])],
      `The error of unit ${this.u(o.unit(i))} times input ${this.u(j)}: ${this.word(d, "factor")} · ${this.word(x, "factor")} ${this.sign(this.r(d) * this.r(x), value)} ${this.word(value, "value")}.`,
      this.r(d) * this.r(x),
    ];
  }
}
