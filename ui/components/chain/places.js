// A cell has one number in both notations, that of the trace in W and b, in which b, ∂z/∂b and ∂L/∂b stand apart: a link opens the same
// cell in either, and a change of notation stays where it was.

const APART = { Theta: ["W", "b"], dz_dTheta: ["dz_dW", "dz_db"], dL_dTheta: ["dL_dW", "dL_db"] };

// The objects of the trace in W and b in their order, for a trace in Θ: each with the object of Θ that it is part of.
function apart(trace) {
  const entries = [];
  let start = 0;
  const add = (name, o, rows, cols, terms) => {
    entries.push({ name, o, cols, terms, start });
    start += rows * cols * terms;
  };
  for (const o of trace.objects) {
    const units = o.of ?? o.rows;
    if (!APART[o.name]) {
      add(o.name, o, o.rows - (o.bias === "row" ? 1 : 0), o.cols, trace.termsOf(o));
      continue;
    }
    const [weights, biases] = APART[o.name];
    add(weights, o, o.rows, o.cols - 1, 1);
    if (biases === "b") add(biases, o, units, 1, 1);
    else if (biases === "dz_db") add(biases, o, units, units, 1);
    else add(biases, o, 1, units, units);
  }
  return { entries, length: start };
}

// The number of a position of the trace.
function numberOf(trace, position) {
  if (!trace.notation.theta) return position;
  const { o, i, j, term } = trace.at(position),
    { entries } = apart(trace);
  const own = entries.filter((entry) => entry.o === o);
  if (APART[o.name] && j === 0) {
    const [entry, unit] = [own[1], o.unit(i)];
    return entry.start + { b: unit, dz_db: unit * entry.cols + unit, dL_db: unit * entry.terms }[entry.name];
  }
  const [entry] = own,
    [row, column] = [Math.max(i - (o.bias === "row" ? 1 : 0), 0), j - (o.bias === "column" ? 1 : 0)];
  const late = o.rule === "affine" ? (term + entry.terms - 1) % entry.terms : term; // the bias is the last term there, and the first here
  return entry.start + (row * entry.cols + column) * entry.terms + late;
}

// The position with a number, null where there is none.
function positionOf(trace, number) {
  if (!Number.isInteger(number) || number < 0) return null;
  if (!trace.notation.theta) return number < trace.length ? number : null;
  const { entries, length } = apart(trace);
  if (number >= length) return null;
  const { name, o, cols, terms, start } = entries.findLast((entry) => entry.start <= number);
  const node = Math.floor((number - start) / terms),
    term = (number - start) % terms;
  const [row, column] = [Math.floor(node / cols), node % cols];
  if (APART[o.name]?.[1] === name) {
    const unit = name === "dL_db" ? column : row;
    return trace.position(o, Math.max(o.units ? o.units.indexOf(unit) : unit, 0), 0);
  }
  const early = o.rule === "affine" ? (term + 1) % terms : term;
  return trace.position(o, row + (o.bias === "row" ? 1 : 0), column + (o.bias === "column" ? 1 : 0), early);
}
