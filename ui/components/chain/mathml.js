// Symbols of the slides in MathML, which browsers set by themselves, and numbers as they are shown.

const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (n) => String(n).replace("-", "⁻").replace(/\d/g, (d) => DIGITS[d]);

// digits: 2 … 6 significant ones, or "full".
function written(v, digits) {
  if (Number.isNaN(v)) return "NaN";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  if (v === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(v)));
  const plain = exponent > -4 && exponent < 6;
  let text = digits === "full" ? String(v) : plain ? String(Number(v.toPrecision(digits))) : v.toExponential(digits - 1);
  const [mantissa, power] = text.split("e");
  if (power) text = `${digits === "full" ? mantissa : Number(mantissa)} · 10${raised(Number(power))}`;
  return text.replace("-", "−");
}

// At most five characters, for a cell.
function brief(v) {
  if (!Number.isFinite(v)) return Number.isNaN(v) ? "NaN" : v > 0 ? "∞" : "−∞";
  if (v === 0) return "0";
  const size = Math.abs(v);
  if (size >= 9999.5 || size < 0.00095) return v.toExponential(0).replace("-", "−").replace("e+", "e").replace("e-", "e−");
  const text = size < 0.0095 ? size.toFixed(4) : size.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
  return (v < 0 ? "−" : "") + text.replace(/^0\./, ".");
}

const mi = (text) => `<mi>${text}</mi>`;
const mo = (text) => `<mo>${text}</mo>`;
const row = (...parts) => `<mrow>${parts.join("")}</mrow>`;
const frac = (top, bottom) => `<mfrac>${row(mo("∂"), top)}${row(mo("∂"), bottom)}</mfrac>`;
const gap = '<mspace width="0.2em"></mspace>';
const math = (content) => `<math>${content}</math>`;

const bold = (name) => String.fromCodePoint(name.charCodeAt(0) + (name < "a" ? 0x1d400 - 65 : 0x1d41a - 97));

// A letter with indices below and, where there are several layers of weights, the layer above. Without indices it is bold: all of it.
function letter(name, layer, ...indices) {
  const base = indices.length || name === "L" ? mi(name) : `<mi mathvariant="normal">${bold(name)}</mi>`;
  const below = indices.length ? row(indices.map((k) => (typeof k === "number" ? `<mn>${k}</mn>` : mi(k))).join(mo(","))) : "";
  const above = layer === null || name === "x" || name === "L" ? "" : row(mo("("), `<mn>${layer + 1}</mn>`, mo(")"));
  if (name === "L") return mi("L");
  if (below && above) return `<msubsup>${base}${below}${above}</msubsup>`;
  if (above) return `<msup>${base}${above}</msup>`;
  return below ? `<msub>${base}${below}</msub>` : base;
}

// The symbol of object o, or of its cell (i, j): i a unit, j a column. many: there are several layers.
function symbol(o, many, i, j) {
  const l = many ? o.layer : null, whole = i === undefined;
  const at = (name, ...indices) => letter(name, l, ...(whole ? [] : indices));
  const before = many && o.layer > 0 ? letter("a", o.layer - 1, ...(whole ? [] : [j])) : at("x", j);
  switch (o.name) {
    case "x": case "b": case "z": case "a": return at(o.name, i);
    case "W": return at("W", i, j);
    case "L": return mi("L");
    case "da_dz": return frac(at("a", i), at("z", j));
    case "dz_dW": return frac(at("z", i), at("W", i, j));
    case "dz_db": return frac(at("z", i), at("b", j));
    case "dz_da": return frac(at("z", i), before);
    case "dL_dW": return frac(mi("L"), at("W", i, j));
    default: return frac(mi("L"), at(o.name.at(-1), j));
  }
}
