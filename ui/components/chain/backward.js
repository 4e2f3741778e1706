// What is said of a cell of the way back: [parts of its formula, a sentence, what the shown numbers give], by its rule.

const BACKWARD = {
  slope(s, o, i, j, terms, value) {
    const [a, target] = terms.factors(0),
      A = s.trace.notation.symbol(s.trace.objects[o.sources[0]], j, 0);
    if (s.trace.activation.output === "sigmoid") {
      return [
        [
          `<mfrac>${row(A, mo("−"), mi("y"))}${row(A, mo("("), LESS, A, mo(")"))}</mfrac>`,
          `<mfrac>${row(s.n(a), mo("−"), s.n(target))}${row(s.n(a), mo("·"), s.n(1 - a))}</mfrac>`,
        ],
        `The slope of the loss at ${s.factor(a)} for y = ${target}: ${s.word(value, "value")}.`,
        (s.r(a) - target) / (s.r(a) * s.r(1 - a)),
      ];
    }
    if (!target)
      return [
        [],
        `There is no a of ${s.class(j)} in ${s.theta ? "cost" : "L"} = −log a_y with y = ${s.trace.label}` +
          `${s.theta ? " (classes count from 0)" : ""}: ${s.word(0, "value")}.`,
      ];
    return [
      [`<mfrac>${row(mo("−"), mi("1"))}${A}</mfrac>`, `<mfrac>${row(mo("−"), mi("1"))}${s.n(a)}</mfrac>`],
      `The slope of −log a at the label, −1 / ${s.factor(a)} ${s.gives(-1 / s.r(a), value)}.`,
      -1 / s.r(a),
    ];
  },

  jacobian(s, o, i, j, terms, value) {
    const [a, b] = terms.factors(0),
      [A, B] = [i, j].map((k) => s.trace.notation.symbol(s.trace.objects[o.sources[0]], k, 0));
    if (i === j)
      return [
        [row(A, mo("("), LESS, A, mo(")")), row(s.n(a), mo("·"), mo("("), LESS, s.n(a), mo(")"))],
        `On the diagonal: raising ${math(A.replace("a", "z"))} raises its own share. ` +
          `${s.factor(a)} · (1 − ${s.factor(a)}) ${s.gives(s.r(a) * (1 - s.r(a)), value)}.`,
        s.r(a) * (1 - s.r(a)),
      ];
    return [
      [row(mo("−"), A, B), row(mo("−"), s.n(a), mo("·"), s.n(b))],
      `Off the diagonal: what ${s.class(j)} gains, ${s.class(i)} loses. ` +
        `−${s.factor(a)} · ${s.factor(b)} ${s.gives(-s.r(a) * s.r(b), value)}.`,
      -s.r(a) * s.r(b),
    ];
  },

  diagonal(s, o, i, j, terms, value) {
    if (i !== j) return [[], `z of unit ${s.u(j)} does not reach a of unit ${s.u(i)}: ${s.word(0, "value")}.`];
    const g = s.trace.activation.hidden_of[o.layer],
      a = terms.factors(0)[0],
      A = s.cell(terms.from(0)[0]);
    const how = {
      sigmoid: [row(A, mo("("), LESS, A, mo(")")), "a(1 − a)"],
      tanh: [row(LESS, `<msup>${row(A)}<mn>2</mn></msup>`), "1 − a²"],
      relu: [row(mo("["), A, mi("> 0"), mo("]")), "1 where a > 0, else 0"],
      identity: [mi("1"), "1"],
    }[g];
    const r = s.r(a),
      numbers = {
        sigmoid: [row(s.n(a), mo("·"), mo("("), LESS, s.n(a), mo(")")), r * (1 - r)],
        tanh: [row(LESS, `<msup>${s.signed(a)}<mn>2</mn></msup>`), 1 - r * r],
        relu: [row(mo("["), s.n(a), mi("> 0"), mo("]")), r > 0 ? 1 : 0],
        identity: null,
      }[g];
    return [
      [how[0], ...(numbers ? [numbers[0]] : [])],
      `The slope of ${g}, ${how[1]}, at a = ${s.factor(a)}: ${s.word(value, "value")}.`,
      numbers?.[1],
    ];
  },

  product(s, o, i, j, terms, value) {
    const [left, right] = o.sources.map((k) => s.trace.objects[k]);
    if (s.theta && right.rule === "diagonal" && left.rule === "product") {
      const [back, slope] = [left.value(0, j), right.value(j, j)],
        shown = s.r(back) * s.r(slope),
        z = s.trace.notation.letter("z", o.layer, s.u(j));
      const next = [s.trace.notation.letter("Θ", o.layer + 1), s.trace.notation.letter("δ", o.layer + 1)];
      const symbols = row(
        `<msub>${row(mo("("), `<msup>${row(next[0])}${mi("T")}</msup>`, next[1], mo(")"))}${s.trace.notation.index(s.u(j))}</msub>`,
        mo("∘"),
        row(mi("g′"), mo("("), z, mo(")")),
      );
      return [
        [symbols, s.product([back, slope])],
        `The errors of the next layer come back through Θᵀ, times the slope of the unit's own activation: ` +
          `${s.factor(back)} · ${s.factor(slope)} ${s.gives(shown, value)}.`,
        shown,
      ];
    }
    const name = s.trace.notation;
    if (terms.others) {
      const [f, g] = terms.factors(0),
        shown = s.r(f) * s.r(g);
      return [
        [row(name.symbol(left, 0, j), mo("·"), name.symbol(right, j, j)), s.product([f, g])],
        `Element-wise: the other ${terms.others} entries of the column are 0. ${s.factor(f)} · ${s.factor(g)} ${s.gives(shown, value)}.`,
        shown,
      ];
    }
    const symbols = row(`<munder>${mo("∑")}${mi("i")}</munder>`, name.symbol(left, 0, "i"), mo("·"), name.symbol(right, "i", j));
    return s.sum(o, i, j, terms, symbols, "Row times column: the product along each path, and their sum.");
  },

  sheet(s, o, i, j, terms, value) {
    return [
      [s.cell(terms.from(0)[0])],
      `Every row of the sheet is the input, here its entry ${s.trace.notation.column(o, j)}: ${s.word(value, "value")}. ` +
        `Behind it stands a ${[o.of ?? o.rows, o.of ?? o.rows, o.cols].join(" × ")} tensor, 0 wherever the two units differ.`,
    ];
  },

  identity(s, o, i, j, terms, value) {
    return [
      [],
      i === j
        ? `Each bias goes straight into its own logit: ${s.word(1, "value")}.`
        : `The bias of unit ${s.u(j)} does not reach z of unit ${s.u(i)}: ${s.word(0, "value")}.`,
    ];
  },

  weight(s, o, i, j, terms, value) {
    return [[s.cell(terms.from(0)[0])], `Activation ${s.u(j)} enters logit ${s.u(o.unit(i))} with its weight: ${s.word(value, "value")}.`];
  },

  outer(s, o, i, j, terms, value) {
    const [d, x] = terms.factors(0),
      whose = o.bias && j === 0 ? "a₀" : `input ${s.trace.notation.column(o, j)}`;
    return [
      [row(s.cell(terms.from(0)[0]), mo("·"), s.cell(terms.from(0)[1])), s.product([d, x])],
      `The error of unit ${s.u(o.unit(i))} times ${whose}: ${s.factor(d)} · ${s.factor(x)} ${s.gives(s.r(d) * s.r(x), value)}.`,
      s.r(d) * s.r(x),
    ];
  },
};
