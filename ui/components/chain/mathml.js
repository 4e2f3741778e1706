// Symbols of the slides in MathML, which browsers set by themselves.

const mi = (text) => `<mi>${text}</mi>`;
const mo = (text) => `<mo>${text}</mo>`;
const row = (...parts) => `<mrow>${parts.join("")}</mrow>`;
const frac = (top, bottom) => `<mfrac>${row(mo("∂"), top)}${row(mo("∂"), bottom)}</mfrac>`;
const gap = '<mspace width="0.2em"></mspace>';
const math = (content) => `<math>${content}</math>`;

const bold = (name) => ({ Θ: "𝚯", δ: "𝛅" })[name] ?? String.fromCodePoint(name.charCodeAt(0) + (name < "a" ? 0x1d400 - 65 : 0x1d41a - 97));

// How things are called. Part two: W, b, layers of weights from 1, entries from 0. Part one: Θ = [b ∣ W], layers of nodes from 1, units
// from 1 because 0 is the bias unit: an array in which that has a row or a column counts from it.
class Notation {
  constructor(kind, layers) {
    this.theta = kind === "Θ";
    this.many = layers > 1;
  }

  // The number of a unit, class or input, the k-th from 0.
  number(k) {
    return this.theta ? k + 1 : k;
  }

  // The number of row i and of column j of object o; a letter as it is.
  row(o, i) {
    return typeof i !== "number" || o.bias === "row" ? i : this.number(i);
  }

  column(o, j) {
    return typeof j !== "number" || o.bias === "column" ? j : this.number(j);
  }

  index(number) {
    return typeof number === "number" ? `<mn>${number}</mn>` : mi(number);
  }

  // A letter with numbers below and the layer above. Without numbers it is bold: all of it. Layers as in the code, −1 for the input.
  letter(name, layer, ...indices) {
    if (name === "L") return mi(this.theta ? "cost" : "L");
    const whole = !indices.length;
    const below = indices.map((k) => this.index(k));
    let above = "";
    if (this.theta) {
      const node = name === "x" ? 1 : name === "a" || name === "z" || name === "δ" ? layer + 2 : layer + 1;
      above = row(mo("("), `<mn>${node}</mn>`, mo(")"));
      name = name === "x" ? "a" : name;
    } else if (this.many && name !== "x") above = row(mo("("), `<mn>${layer + 1}</mn>`, mo(")"));
    const base = whole ? `<mi mathvariant="normal">${bold(name)}</mi>` : mi(name),
      under = row(below.join(mo(",")));
    if (below.length && above) return `<msubsup>${base}${under}${above}</msubsup>`;
    if (above) return `<msup>${base}${above}</msup>`;
    return below.length ? `<msub>${base}${under}</msub>` : base;
  }

  // What enters layer l.
  input(l, ...indices) {
    return l > 0 ? this.letter("a", l - 1, ...indices) : this.letter("x", 0, ...indices);
  }

  // The symbol of object o, or of its cell (i, j): i a unit, j a column.
  symbol(o, i, j) {
    const whole = i === undefined,
      l = o.layer;
    const at = (name, ...indices) => this.letter(name, l, ...(whole ? [] : indices));
    const [loss, r, c] = [this.letter("L", l), this.row(o, i), this.column(o, j)];
    switch (o.name) {
      case "x":
      case "b":
      case "z":
      case "a":
        return at(o.name, r);
      case "W":
        return at("W", r, c);
      case "Theta":
        return at("Θ", r, c);
      case "L":
        return loss;
      case "da_dz":
        return frac(at("a", r), at("z", c));
      case "dz_dW":
        return frac(at("z", r), at("W", r, c));
      case "dz_dTheta":
        return frac(at("z", r), at("Θ", r, c));
      case "dz_db":
        return frac(at("z", r), at("b", c));
      case "dz_da":
        return frac(at("z", r), whole ? this.input(l) : this.input(l, c));
      case "dL_dW":
        return frac(loss, at("W", r, c));
      case "dL_dTheta":
        return frac(loss, at("Θ", r, c));
      case "dL_dz":
        return this.theta ? at("δ", c) : frac(loss, at("z", c));
      default:
        return frac(loss, at(o.name.at(-1), c));
    }
  }
}
