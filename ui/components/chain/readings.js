// One derivative read twice: row times column, and as paths whose products are added.

const PATHS = 10; // that are drawn one by one

function sketch(trace, o, j, sentences) {
  const name = trace.notation,
    terms = trace.terms(o, 0, j),
    [left, right] = o.sources.map((k) => trace.objects[k]);
  const order = Array.from({ length: terms.n }, (_, k) => k).sort((p, q) => Math.abs(terms.value(q)) - Math.abs(terms.value(p)));
  const shown = order.slice(0, PATHS).sort((p, q) => p - q),
    count = terms.n + (terms.without || 0) + (terms.others || 0);
  const most = Math.max(...shown.map((k) => Math.abs(terms.value(k))).filter(Number.isFinite), 1e-300);
  const height = Math.max(shown.length * 24, 90),
    y = (at) => ((at + 0.5) * height) / shown.length,
    middle = height / 2;
  const wide = (v) => (Number.isFinite(v) ? 0.75 + 6 * (Math.abs(v) / most) : 7);
  const color = (v) => (v < 0 ? "var(--negative)" : v > 0 ? "var(--positive)" : "var(--muted)");
  const passes = { "∂L/∂z": ["a", "z"], "∂L/∂a": ["z", "a"] }[o.name === "dL_da" ? "∂L/∂a" : "∂L/∂z"];
  const end = (text, x, at) => `<text x="${x}" y="${at + 4}" text-anchor="middle">${text}</text>`;
  const unit = (k) => (terms.others ? j : right.unit(k)),
    called = (k) => name.number(unit(k));
  const lines = shown.map((k, at) => {
    const v = terms.value(k);
    const path = (d) => `<path d="${d}" stroke="${color(v)}" stroke-width="${wide(v)}"/>`;
    return (
      `<g data-path="${unit(k)}">` +
      path(`M30 ${middle} C80 ${middle} 80 ${y(at)} 118 ${y(at)}`) +
      path(`M152 ${y(at)} C200 ${y(at)} 200 ${middle} 244 ${middle}`) +
      end(`${passes[0]}<tspan dy="3" font-size="9">${called(k)}</tspan>`, 135, y(at)) +
      "</g>"
    );
  });
  const svg =
    `<svg viewBox="0 0 280 ${height}" role="img" aria-label="Paths from L to unit ${name.number(j)}, as wide as their products">` +
    lines.join("") +
    end("L", 16, middle) +
    end(`${passes[1]}<tspan dy="3" font-size="9">${name.number(j)}</tspan>`, 260, middle) +
    "</svg>";
  const rows = shown.map((k) => {
    const numbers = [...terms.factors(k).map((f) => sentences.factor(f)), sentences.word(terms.value(k), "value")];
    return `<tr><th scope="row">${called(k)}</th>${numbers.map((one) => `<td>${one}</td>`).join("")}</tr>`;
  });
  const more = count > shown.length ? `<tr><th scope="row">…</th><td colspan="3">${count - shown.length} more</td></tr>` : "";
  const head = [left, right]
    .map((one, k) => `<th scope="col">${math(k ? name.symbol(one, "i", j) : name.symbol(one, 0, "i"))}</th>`)
    .join("");
  return (
    `<table><thead><tr><th scope="col">i</th>${head}<th scope="col">product</th></tr></thead>` +
    `<tbody>${rows.join("")}${more}</tbody></table>${svg}`
  );
}

// The badge: all readings side by side, and how far apart they are.
function badge(o, j, sentences) {
  const { product, path_sum: sum } = o.readings,
    value = o.value(0, j);
  const parts = [
    ["row × column", product[j]],
    ["sum of paths", sum[j]],
    [o.name === "dL_dz" && o.fused ? o.fused : "as computed", value],
  ];
  const finite = parts.every(([, v]) => Number.isFinite(v));
  const apart = Math.max(...parts.map(([, v]) => Math.abs(v - value))),
    size = Math.max(...parts.map(([, v]) => Math.abs(v)), 1e-300);
  const equal = finite && (apart === 0 || apart <= 1e-12 * Math.max(size, 1));
  const verdict = !finite
    ? "the parts are infinite or NaN; only the fused form holds"
    : equal
      ? apart === 0
        ? "equal, to the last bit"
        : `equal, ${written(apart, 2)} apart by rounding`
      : `${written(apart, 3)} apart`;
  const numbers = parts.map(([name, v]) => `<span>${name} ${sentences.word(v, "reading")}</span>`).join("");
  return `<p class="badge ${equal ? "equal" : "unequal"}" data-equal="${equal}">${numbers}<b>${verdict}</b></p>`;
}
