// What an edge of the network says of Δ and D, sums over all instances that belong to no cell of one of them.
// edge: into layer l, row i, column j (−1: the bias), given: the array of its weight and cell: where in it, error: ∂L/∂z of its layer.

const A0 = `<msub>${mi("a")}<mn>0</mn></msub>`;

const ofBiasUnit = () => [row(A0, mo("="), "<mn>1</mn>"), "A bias unit is always 1. It has no z, so its entry of Θᵀδ is dropped.", 1];

// Δ, in part two the sum of ∂L/∂W.
function sumOf({ notation }, { l, i, j, given, cell }) {
  if (notation.theta) return notation.letter("Δ", l, i + 1, j + 1);
  return row(mo("∑"), frac(mi("L"), notation.symbol(given, ...cell)));
}

function ofDelta(sentences, edge, n, Delta) {
  const { notation } = sentences.trace,
    { l, i, j, error } = edge,
    bias = j < 0;
  const input = bias ? A0 : notation.input(l, notation.number(j)),
    over = `<munder>${mo("∑")}${mi("instances")}</munder>`,
    terms = bias && !notation.theta ? [] : [input];
  const what = notation.theta ? "δ times a" : bias ? "∂L/∂z" : "∂L/∂z times the input";
  return [
    row(sumOf(sentences.trace, edge), mo("="), over, notation.symbol(error, 0, i), ...terms, mo("="), sentences.n(Delta)),
    `${what}, added up over all ${n} instances: ${sentences.word(Delta, "value")}.`,
    Delta,
  ];
}

function ofD(sentences, edge, { n, l2 }, Delta, D) {
  const { notation } = sentences.trace,
    { l, i, j, given, cell } = edge,
    bias = j < 0;
  const weight = notation.symbol(given, ...cell),
    theta = given.value(...cell);
  const name = notation.theta ? notation.letter("D", l, i + 1, j + 1) : frac(mi("J"), weight);
  const penalty = bias ? "" : row(mo("+"), mi("λ"), weight),
    numbers = bias ? "" : row(mo("+"), sentences.n(l2), mo("·"), sentences.signed(theta));
  const shown = sentences.r(Delta) / n + (bias ? 0 : sentences.r(l2) * sentences.r(theta));
  const what = bias
    ? `${notation.theta ? "column 0" : "the bias"} has no λ`
    : `λ ${notation.theta ? "Θ" : "W"} is ${sentences.word(l2 * theta, "penalty")}`;
  const mean = `<mfrac>${sumOf(sentences.trace, edge)}${mi("n")}</mfrac>`,
    meant = `<mfrac>${sentences.n(Delta)}<mn>${n}</mn></mfrac>`;
  return [
    row(name, mo("="), mean, penalty, mo("="), meant, numbers, mo(sentences.sign(shown, D)), sentences.n(D)),
    `The mean over the ${n} instances, ${sentences.word(Delta / n, "mean")}; ${what}. Together ${sentences.word(D, "value")}.`,
    D,
  ];
}
