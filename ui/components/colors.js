// Signed numbers as colours; COLORS is what ui/colors.py names. The scale is that of `colors.diverging`.

const STOPS = COLORS.STOPS.map((code) => [1, 3, 5].map((k) => parseInt(code.slice(k, k + 2), 16)));
const HOLLOW = [1, 3, 5].map((k) => parseInt(COLORS.GAP.slice(k, k + 2), 16));

// [red, green, blue] of v on the scale from −top to top: blue below zero, white at zero, red above.
function shade(v, top) {
  if (Number.isNaN(v)) return HOLLOW;
  const at = (Math.min(Math.max(v / top, -1), 1) + 1) * 2,
    k = Math.min(Math.floor(at), 3);
  return STOPS[k].map((c, i) => Math.floor(c + (at - k) * (STOPS[k + 1][i] - c) + 0.5));
}

// The colour of a number on a cell of this colour: black or white, whichever has the higher contrast.
function onCell(rgb) {
  const [red, green, blue] = rgb.map((c) => (c > 10 ? ((c / 255 + 0.055) / 1.055) ** 2.4 : c / 3294.6));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179 ? COLORS.ON_DARK : COLORS.ON_LIGHT;
}
