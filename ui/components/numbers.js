// Numbers as they are shown. The rules are those of ui/numbers.py, text for text.

const TYPED = 1e-12; // relative difference up to which a number is the short one that somebody typed
const NEGLIGIBLE = 2 ** -46; // of the largest of its array
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (n) =>
  String(n)
    .replace("-", "⁻")
    .replace(/\d/g, (d) => RAISED[d]);

const notFinite = (v) => (Number.isNaN(v) ? "NaN" : v > 0 ? "∞" : "−∞");

// Mantissa and power of ten of a number with 2 … 6 significant digits, or "full"; what was typed keeps only the digits it has.
function significant(v, digits) {
  const full = digits === "full";
  const text = full ? v.toExponential() : v.toExponential(digits - 1);
  const typed = full || Math.abs(Number(text) - v) <= TYPED * Math.abs(v);
  const [mantissa, power] = text.split("e");
  return [typed && mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa, Number(power)];
}

// The number that is shown.
const asShown = (v, digits) => (Number.isFinite(v) && v !== 0 ? Number(significant(v, digits).join("e")) : v);

function written(v, digits) {
  if (!Number.isFinite(v)) return notFinite(v);
  if (v === 0) return "0";
  const [mantissa, power] = significant(Math.abs(v), digits);
  const sign = v < 0 ? "−" : "";
  if (power < -3 || power > 3) return `${sign}${mantissa} · 10${raised(power)}`;
  const places = mantissa.replace(".", "").padEnd(power + 1, "0");
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${places}`;
  return sign + places.slice(0, power + 1) + (places.length > power + 1 ? `.${places.slice(power + 1)}` : "");
}

// Whether a number is rounding beside the largest |v| of its array.
const negligible = (v, largest) => v !== 0 && Math.abs(v) <= NEGLIGIBLE * largest;

// For a cell: two decimals without the zero in front, four below 0.01, fewer from 10 on; largest is the largest |v| of the array.
function cellText(v, largest = 0) {
  if (!Number.isFinite(v)) return notFinite(v);
  if (v === 0) return "0";
  if (negligible(v, largest)) return "≈0";
  const size = Math.abs(v),
    sign = v < 0 ? "−" : "";
  const near = (places) => Number(size.toFixed(places));
  if (near(4) < 0.001 || near(0) >= 10000) return sign + size.toExponential(0).replace("+", "").replace("-", "−");
  const places = near(4) < 0.01 ? 4 : near(2) < 10 ? 2 : near(1) < 100 ? 1 : 0;
  return sign + size.toFixed(places).replace(/^0\./, ".");
}

// A share in percent; one that is neither none nor all is not written as if it were.
function percent(p, places = 1) {
  if (!Number.isFinite(p)) return notFinite(p);
  const least = 10 ** -places,
    text = (100 * Math.abs(p)).toFixed(places);
  if (p > 0 && Number(text) === 0) return `< ${least.toFixed(places)} %`;
  if (p < 1 && Number(text) === 100) return `> ${(100 - least).toFixed(places)} %`;
  return `${text} %`;
}

// Round numbers from 0 to top for an axis with room for so many.
function ticks(top, room) {
  const power = 10 ** Math.floor(Math.log10(top / room));
  const step = [1, 2, 5, 10].map((k) => k * power).find((s) => top / s <= room);
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, k) => Number((k * step).toPrecision(6)));
}
