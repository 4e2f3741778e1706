// What is said of a cell of the way forward: [parts of its formula, a sentence, what the shown numbers give], by its rule.

const FORWARD = {
  given(s, o, i, j, terms, value) {
    const bias = `The bias of unit ${s.u(o.unit(i))}`;
    const whose = {
      x: o.bias && i === 0 ? "The bias unit, always 1" : `Input ${s.row(o, i)}`,
      W: `The weight from input ${j} to unit ${o.unit(i)}`,
      Theta: j === 0 ? `${bias}, the weight of a₀ = 1` : `The weight from unit ${j} to unit ${s.u(o.unit(i))}`,
      b: bias,
    }[o.name];
    return [[s.n(value)], `${whose}: given, ${s.word(value, "cell")}.`];
  },

  affine(s, o, i, j, terms) {
    const [W, x, b] = o.sources.map((k) => s.trace.objects[k]),
      inputs = s.trace.notation.input(o.layer, "k");
    const symbols = row(
      `<munder>${mo("∑")}${s.theta ? row(mi("k"), mo("="), "<mn>0</mn>") : mi("k")}</munder>`,
      s.trace.notation.symbol(W, i, "k"),
      inputs,
      ...(b ? [mo("+"), s.name(b, i, 0)] : []),
    );
    return s.sum(
      o,
      i,
      j,
      terms,
      symbols,
      s.theta
        ? `Row ${s.u(i)} of Θ times the activations before, a₀ = 1 the first of them.`
        : `Row ${i} of W times the input, plus the bias.`,
    );
  },

  softmax(s, o, i, j, terms, value) {
    const z = s.trace.objects[o.sources[0]],
      e = s.trace.exponentials[i],
      total = s.trace.total,
      shown = s.r(e) / s.r(total);
    const power = (index) => `<msup>${mi("e")}${row(s.trace.notation.symbol(z, index, 0), mo("−"), mi("max"))}</msup>`;
    const symbols = `<mfrac>${power(i)}${row(`<munder>${mo("∑")}${mi("k")}</munder>`, power("k"))}</mfrac>`;
    return [
      [symbols, `<mfrac>${s.n(e)}${s.n(total)}</mfrac>`],
      `Its share of the sum of all ${o.rows} exponentials: every logit takes part. ` +
        `${s.factor(e)} / ${s.word(total, "divisor")} ${s.gives(shown, value)}.`,
      shown,
    ];
  },

  g(s, o, i, j, terms, value) {
    if (o.bias && i === 0) return [[s.n(1)], `The bias unit: always ${s.word(1, "value")}, with no z.`];
    const g = s.trace.activation.hidden_of[o.layer],
      z = terms.factors(0)[0];
    return [
      [row(mi(g), mo("("), s.cell(terms.from(0)[0]), mo(")")), row(mi(g), mo("("), s.n(z), mo(")"))],
      `${g} of one logit, its own: ${g}(${s.factor(z)}) ${s.gives(G[g](s.r(z)), value)}.`,
      G[g](s.r(z)),
    ];
  },

  log(s, o, i, j, terms, value) {
    const y = s.trace.label,
      a = terms.factors(0)[0],
      shown = -Math.log(s.r(a));
    return [
      [row(mo("−"), mi("log"), gap, s.cell(terms.from(0)[0])), row(mo("−"), mi("log"), gap, s.n(a))],
      `Only the label counts, y = ${y} (classes count from 0): −log ${s.factor(a)} ${s.gives(shown, value)}.`,
      shown,
    ];
  },

  losses(s, o, i, j, terms, value) {
    if (terms.n === 1) {
      const [a, y] = terms.factors(0),
        h = s.cell(terms.from(0)[0]),
        inside = (one) => (y ? one : row(mo("("), LESS, one, mo(")"))),
        shown = -Math.log(y ? s.r(a) : 1 - s.r(a));
      return [
        [row(mo("−"), mi("log"), gap, inside(h)), row(mo("−"), mi("log"), gap, inside(s.n(a)))],
        `y = ${y}, so of −y log h − (1 − y) log(1 − h) the ${y ? "first" : "second"} part counts: ` +
          `−log ${y ? s.factor(a) : `(1 − ${s.factor(a)})`} ${s.gives(shown, value)}.`,
        shown,
      ];
    }
    const one = (k) => {
      const [a, y] = terms.factors(k);
      return `${math(s.cell(terms.from(k)[0]))} = ${s.factor(a)} for y = ${y}: ${s.word(terms.value(k), "value")}`;
    };
    const list = s.largest(terms).slice(0, SHOWN).map(one);
    return [
      [
        row(
          `<munder>${mo("∑")}${mi("k")}</munder>`,
          mo("−"),
          `<msub>${mi("y")}${mi("k")}</msub>`,
          mi("log"),
          s.trace.notation.letter("a", o.layer, "k"),
          mo("−"),
          mo("("),
          LESS,
          `<msub>${mi("y")}${mi("k")}</msub>`,
          mo(")"),
          mi("log"),
          mo("("),
          LESS,
          s.trace.notation.letter("a", o.layer, "k"),
          mo(")"),
        ),
      ],
      `The sum over ${terms.n} outputs${list.length < terms.n ? ", the largest" : ""}: ${list.join("; ")}.`,
    ];
  },
};
