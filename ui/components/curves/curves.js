const LEFT = 46,
  RIGHT = 18,
  GAP = 16,
  BELOW = 42;
const LINE = { training: "solid", heldOut: "dashed", before: "dotted", running: "solid" };
const loss = (v) => (v === null ? "∞" : written(v, 3));

const nearest = (points, x) => points.reduce((best, p) => (Math.abs(p[0] - x) < Math.abs(best[0] - x) ? p : best), points[0]);

function panel(data, column, top, bottom, most, x, id) {
  const y = (v) => bottom - (Math.min(v, 1e6 * most) / most) * (bottom - top);
  const line = (points) => {
    let pen = "M";
    return points
      .map((p) => {
        if (p[column] === null) return ((pen = "M"), "");
        const piece = `${pen}${x(p[0]).toFixed(1)} ${Math.max(y(p[column]), -1e4).toFixed(1)}`;
        pen = "L";
        return piece;
      })
      .join("");
  };
  const right = x(data.last);
  const path = (kind, color) => {
    const points = data[kind];
    if (!points.length) return "";
    if (points.length === 1)
      return `<circle class="${kind}" cx="${x(points[0][0])}" cy="${y(points[0][column] ?? 0)}" r="3" fill="${color}"/>`;
    return `<path class="${kind}" stroke="${color}" d="${line(points)}"/>`;
  };
  const labels = ticks(most, 5).filter((v) => column === 1 || v <= 1);
  const grid = labels
    .map(
      (v) =>
        `<line class="grid" x1="${LEFT}" x2="${right}" y1="${y(v)}" y2="${y(v)}"/>` +
        `<text x="${LEFT - 6}" y="${y(v) + 4}" text-anchor="end">${column === 1 ? written(v, 6) : percent(v, 0)}</text>`,
    )
    .join("");
  const level = y(data.level);
  const guess =
    column === 1 ? `<line class="guess" stroke="${data.colors.before}" x1="${LEFT}" x2="${right}" y1="${level}" y2="${level}"/>` : "";
  const name = column === 1 ? `<text class="name" x="${right}" y="${level - 5}" text-anchor="end">${data.guess}</text>` : "";
  return (
    `<clipPath id="${id}${column}"><rect x="${LEFT - 3}" y="${top - 3}" width="${right - LEFT + 6}" height="${bottom - top + 6}"/></clipPath>` +
    grid +
    guess +
    `<g clip-path="url(#${id}${column})">${["before", "running", "training", "heldOut"].map((kind) => path(kind, data.colors[kind] ?? data.colors.training)).join("")}</g>` +
    name +
    `<text transform="translate(11 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${column === 1 ? "loss" : "accuracy"}</text>`
  );
}

function draw(root) {
  const { data } = root,
    width = root.clientWidth,
    svg = root.querySelector("svg");
  if (!width) return;
  const x = (epoch) => LEFT + (epoch / data.last) * (width - LEFT - RIGHT);
  const half = (data.height - BELOW - GAP - 6) / 2;
  const base = data.height - BELOW;
  svg.setAttribute("height", data.height);
  svg.setAttribute("aria-label", data.alt);
  svg.querySelector("g").innerHTML =
    panel(data, 1, 6, 6 + half, data.top, x, root.id) +
    panel(data, 2, base - half, base, 1.02, x, root.id) +
    ticks(data.last, Math.max(3, width / 80))
      .map((v) => `<text x="${x(v)}" y="${base + 16}" text-anchor="middle">${v}</text>`)
      .join("") +
    `<text x="${(LEFT + width - RIGHT) / 2}" y="${base + 36}" text-anchor="middle">${data.title}</text>`;
  read(root);
}

// The legend tells the values under the pointer, else the last ones.
function read(root) {
  const { data, pointer } = root,
    width = root.clientWidth;
  const epoch = pointer === null ? Infinity : ((pointer - LEFT) / (width - LEFT - RIGHT)) * data.last;
  const along = data.running.length ? data.running : data.training;
  const at = along.length ? (epoch === Infinity ? along.at(-1) : nearest(along, epoch)) : null;
  const readout = root.querySelector(".readout");
  readout.querySelectorAll(".key").forEach((key) => key.remove());
  readout.querySelector(".where").textContent = at ? `epoch ${Number(at[0].toFixed(1))}` : "";
  for (const [kind, name] of [
    ["training", "training"],
    ["heldOut", "held out"],
    ["running", "mean over the epoch"],
    ["before", "the one before"],
  ]) {
    const points = data[kind];
    if ((kind === "before" || kind === "running") && !points.length) continue;
    const p = points.length ? nearest(points, at ? at[0] : 0) : null;
    const key = readout.appendChild(document.createElement("span"));
    key.className = `key ${kind}`;
    key.innerHTML = `<i style="border-color:${data.colors[kind] ?? data.colors.training};border-top-style:${LINE[kind]}"></i>`;
    key.append(p ? `${name} ${loss(p[1])} · ${percent(p[2])}` : name);
  }
  const cursor = root.querySelector(".cursor"),
    shown = pointer !== null && at;
  cursor.style.visibility = shown ? "visible" : "hidden";
  if (!shown) return;
  const x = LEFT + (at[0] / data.last) * (width - LEFT - RIGHT);
  for (const [name, value] of [
    ["x1", x],
    ["x2", x],
    ["y1", 6],
    ["y2", data.height - BELOW],
  ])
    cursor.setAttribute(name, value);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".curves");
  if (!root.id) {
    root.id = `c${Math.random().toString(36).slice(2)}`;
    root.pointer = null;
    const svg = root.querySelector("svg");
    svg.onpointermove = (event) => ((root.pointer = event.clientX - svg.getBoundingClientRect().left), read(root));
    svg.onpointerleave = () => ((root.pointer = null), read(root));
    root.sizes = new ResizeObserver(() => draw(root));
    root.sizes.observe(root);
  }
  root.data = data;
  draw(root);
}
