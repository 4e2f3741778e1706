const BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

function build(body, pick) {
  for (let k = 0; k < 10; k++) {
    const row = body.insertRow();
    row.innerHTML = `<th scope="row"><button type="button" tabindex="${k ? -1 : 0}" title="Why a ${k}?">${k}</button></th><td class="bar"><i></i></td><td class="value"></td>`;
    row.onclick = () => pick(k);
  }
  body.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const now = [...body.rows].findIndex((row) => row.contains(event.target));
    const next = event.key === "Home" ? 0 : event.key === "End" ? 9 : step ? (now + step + 10) % 10 : null;
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    focusable(body, next).focus();
  };
}

function focusable(body, k) {
  const buttons = [...body.querySelectorAll("button")];
  buttons.forEach((button, i) => (button.tabIndex = i === k ? 0 : -1));
  return buttons[k];
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".answer");
  const body = root.querySelector("tbody");
  root.pick = (k) => setTriggerValue("picked", k);
  if (!body.rows.length) build(body, (k) => root.pick(k));

  const p = data.p;
  const best = p ? p.indexOf(Math.max(...p)) : -1;
  root.classList.toggle("empty", !p);
  [...body.rows].forEach((row, k) => {
    row.querySelector("i").style.transform = `scaleX(${p ? p[k] : 0})`;
    row.querySelector(".value").textContent = p ? percent(p[k]) : "";
    row.classList.toggle("best", k === best);
    row.classList.toggle("chosen", k === data.chosen);
  });
  const image = root.querySelector("img");
  image.src = data.picture || BLANK;
  image.alt = data.picture ? "The 28 by 28 pixels that the network reads" : "Nothing yet";
  // The bold part is for the ear: the eye has the digit and the bars.
  root.querySelector("p b").textContent = p ? `The network reads ${best}, ${percent(p[best])}. ` : "";
  root.querySelector("p span").textContent = data.note;
  if (!parentElement.activeElement) focusable(body, Math.max(best, 0));
}
