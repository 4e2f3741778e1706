// Symbols of the slides in MathML, which browsers set by themselves.

const mi = (text) => `<mi>${text}</mi>`;
const mo = (text) => `<mo>${text}</mo>`;
const row = (...parts) => `<mrow>${parts.join("")}</mrow>`;
const frac = (top, bottom) => `<mfrac>${row(mo("∂"), top)}${row(mo("∂"), bottom)}</mfrac>`;
const gap = '<mspace width="0.2em"></mspace>';
const math = (content) => `<math>${content}</math>`;

const bold = (name) => ({ Θ: "𝚯", δ: "𝛅" })[name] ?? String.fromCodePoint(name.charCodeAt(0) + (name < "a" ? 0x1d400 - 65 : 0x1d41a - 97));

// How things are called. Part two: W, b, layers of weights from 1, entries from 0. Part one: Θ, layers of nodes from 1, units from 1
// because 0 is the bias unit.
class Notation {
  constructor(kind, layers) {
    this.theta = kind === "Θ";
    this.many = layers > 1;
  }

  // The number of a unit, class or input.
  number(k) {
    return this.theta ? k + 1 : k;
  }

  index(k) {
    return typeof k === "number" ? `<mn>${this.number(k)}</mn>` : mi(k);
  }

  // A letter with indices below and the layer above. Without indices it is bold: all of it. Layers as in the code, −1 for the input.
  letter(name, layer, ...indices) {
    if (name === "L") return mi(this.theta ? "cost" : "L");
    const whole = !indices.length;
    let below = indices.map((k) => this.index(k)),
      above = "";
    if (this.theta) {
      const node = name === "x" ? 1 : name === "a" || name === "z" || name === "δ" ? layer + 2 : layer + 1;
      above = row(mo("("), `<mn>${node}</mn>`, mo(")"));
      if (name === "b") below = [...(whole ? [mo("·")] : below), `<mn>0</mn>`];
      name = { x: "a", W: "Θ", b: "Θ" }[name] ?? name;
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
    const loss = this.letter("L", l);
    switch (o.name) {
      case "x":
      case "b":
      case "z":
      case "a":
        return at(o.name, i);
      case "W":
        return at("W", i, j);
      case "L":
        return loss;
      case "da_dz":
        return frac(at("a", i), at("z", j));
      case "dz_dW":
        return frac(at("z", i), at("W", i, j));
      case "dz_db":
        return frac(at("z", i), at("b", j));
      case "dz_da":
        return frac(at("z", i), whole ? this.input(l) : this.input(l, j));
      case "dL_dW":
        return frac(loss, at("W", i, j));
      case "dL_dz":
        return this.theta ? at("δ", j) : frac(loss, at("z", j));
      default:
        return frac(loss, at(o.name.at(-1), j));
    }
  }
}
