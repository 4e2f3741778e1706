// Mounts components into a page as Streamlit's BidiComponent does, and records what is written and stroked on canvases.

(() => {
  // What a canvas shows beside its pixels: texts and outlines since it was cleared.
  const shown = new WeakMap();
  const of = (canvas) => shown.get(canvas) ?? shown.set(canvas, { texts: [], outlines: [] }).get(canvas);
  const pen = CanvasRenderingContext2D.prototype,
    { fillText, strokeRect, clearRect } = pen;
  const at = (context, x, y) => {
    const { a, d, e, f } = context.getTransform();
    return [(a * x + e) / devicePixelRatio, (d * y + f) / devicePixelRatio];
  };
  pen.fillText = function (text, x, y, ...most) {
    const [left, top] = at(this, x, y),
      { width } = this.measureText(text);
    const { fillStyle: color, font, textAlign: align } = this;
    of(this.canvas).texts.push({ text: String(text), x: left, y: top, color, font, align, width });
    return fillText.call(this, text, x, y, ...most);
  };
  pen.strokeRect = function (x, y, width, height) {
    const [left, top] = at(this, x, y);
    of(this.canvas).outlines.push({ x: left, y: top, width, height, color: this.strokeStyle, line: this.lineWidth });
    return strokeRect.call(this, x, y, width, height);
  };
  pen.clearRect = function (...rect) {
    shown.delete(this.canvas); // all of it, in these components
    return clearRect.apply(this, rect);
  };
  for (const name of ["width", "height"]) {
    const { get, set } = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, name);
    Object.defineProperty(HTMLCanvasElement.prototype, name, {
      get,
      set(size) {
        shown.delete(this); // a canvas that is sized anew is empty
        set.call(this, size);
      },
      configurable: true,
    });
  }
  window.shownOn = (canvas) => of(canvas);

  // A script that stands in the page once is one module, however often it is mounted.
  const modules = new Map();
  const moduleOf = (js) => {
    if (!modules.has(js)) modules.set(js, URL.createObjectURL(new Blob([js], { type: "text/javascript" })));
    return import(modules.get(js));
  };

  window.mountComponent = async ({ name, html, css, js }, data, theme) => {
    const outer = document.createElement("div"),
      host = document.createElement("div");
    outer.className = "stBidiComponent";
    for (const [variable, value] of Object.entries(theme)) outer.style.setProperty(variable, value);
    outer.append(host);
    document.body.append(outer);
    const root = host.attachShadow({ mode: "open" }),
      content = document.createElement("div"),
      style = document.createElement("style");
    content.append(document.createElement("div"));
    content.firstChild.append(document.createRange().createContextualFragment(html));
    style.textContent = css;
    content.append(style);
    root.append(content);
    const { default: component } = await moduleOf(js);
    const mounted = { root, sent: [], cleanup: null, there: true };
    const send = (kind) => (key, value) => mounted.sent.push([kind, key, structuredClone(value)]);
    mounted.update = (data) => {
      const cleanup = component({
        name,
        data,
        key: name,
        parentElement: root,
        setStateValue: send("state"),
        setTriggerValue: send("trigger"),
      });
      mounted.cleanup = cleanup ?? null;
    };
    mounted.unmount = () => {
      mounted.cleanup?.();
      outer.remove();
      mounted.there = false;
    };
    mounted.update(data);
    return mounted;
  };
})();
