// An object drawn as a matrix: one canvas with the cells, one above it with what is lit.

const WIDE = 260; // columns above which a cell would be a line
const SIZE = 12,
  SMALLEST = 7.5; // of a cell's number, pixels

const BAND = 16; // in which a₀, or the bias of a row drawn as a picture, stands above the others, pixels

// The colour of a number of the object; ink in [0, 1] is black on paper.
const tone = (v, top, ink) => (ink ? Array(3).fill(Math.round(255 * (1 - Math.min(Math.max(v, 0), 1)))) : shade(v, top));

// How many entries of a vector of n stand in a line: pixels as in their picture.
const folded = (n) => (n === 784 ? 28 : Math.min(n, Math.ceil(Math.sqrt(n * 2))));

class Matrix {
  // o as the page sends it, with value(i, j); room is the width at hand in pixels.
  constructor(o, room) {
    this.o = o;
    const { rows, cols } = o,
      vector = Math.min(rows, cols) === 1,
      past = o.bias ? 1 : 0, // the bias unit comes first
      n = Math.max(rows, cols) - (vector ? past : 0);
    this.diagonal = ["diagonal", "identity"].includes(o.rule) && n > 24;
    this.ink = o.name === "x" && n === 784;
    this.band = 0;
    if (rows <= 12 && cols <= 12)
      this.as(rows, cols, Math.max(26, Math.min(n === 1 ? 64 : n > 6 ? 37 : 44, Math.floor(room / cols))), n > 6 ? 17 : 24, true);
    else if (vector || this.diagonal) {
      const wide = folded(n);
      this.fold = wide;
      this.as(Math.ceil(n / wide), wide, n === 784 ? 4 : 7, n === 784 ? 4 : 7);
      this.band = past * BAND;
      this.height += this.band;
    } else if (cols > WIDE && rows <= 64) {
      // A row of its own rectangle each, the one that the vector of so many entries is folded into.
      const inputs = cols - past;
      this.side = (room < 500 && rows > 10) || inputs > 784 ? 1 : 2;
      this.tile = [folded(inputs), Math.ceil(inputs / folded(inputs))];
      this.band = past * (BAND / 2);
      this.step = this.tile.map((n, axis) => n * this.side + 3 + axis * this.band);
      this.perLine = Math.max(1, Math.min(rows <= 10 ? 5 : 8, Math.floor(room / this.step[0])));
      this.width = Math.min(rows, this.perLine) * this.step[0] - 3;
      this.height = Math.ceil(rows / this.perLine) * this.step[1] - 3;
    } else {
      const across = Math.max(1, Math.min(14, Math.floor(Math.min(room, 520) / cols))),
        down = Math.max(2, Math.min(14, Math.floor(260 / rows)));
      this.as(rows, cols, across, down);
    }
    this.top = 0;
    for (let i = 0; i < rows && !this.diagonal; i++)
      for (let j = 0; j < cols; j++) {
        const size = Math.abs(o.value(i, j));
        if (Number.isFinite(size) && size > this.top) this.top = size;
      }
    if (this.diagonal) for (let i = 0; i < rows; i++) this.top = Math.max(this.top, Math.abs(o.value(i, i)));
    this.top = this.top || 1;
  }

  as(rows, cols, w, h, numbers = false) {
    Object.assign(this, { lines: rows, across: cols, w, h, numbers, width: cols * w, height: rows * h });
  }

  // The rectangle [x, y, w, h] of a cell; of a whole row or column where the other is null; of everything where both are.
  // Several rectangles where a column runs through pictures.
  rects(i, j) {
    if (i === null && j === null) return [[0, 0, this.width, this.height]];
    if (this.perLine) {
      const [wide, high] = this.tile,
        s = this.side;
      const tile = (k) => [(k % this.perLine) * this.step[0], Math.floor(k / this.perLine) * this.step[1]];
      if (j === null) return [[...tile(i), wide * s, high * s + this.band]];
      const at = j - (this.band ? 1 : 0);
      const pixel = (k) => {
        const [x, y] = tile(k);
        return at < 0 ? [x, y, BAND, this.band - 1] : [x + (at % wide) * s, y + this.band + Math.floor(at / wide) * s, s, s];
      };
      return i === null ? Array.from({ length: this.o.rows }, (_, k) => pixel(k)) : [pixel(i)];
    }
    if (this.fold) {
      if (this.diagonal && (i === null || j === null)) [i, j] = [i ?? j, i ?? j];
      const vector = this.o.cols === 1 ? i : j;
      if (vector === null) return [[0, 0, this.width, this.height]];
      const k = (this.diagonal ? i : vector) - (this.band ? 1 : 0);
      if (k < 0) return [[0, 0, BAND + 6, BAND - 2]];
      return [[(k % this.fold) * this.w, this.band + Math.floor(k / this.fold) * this.h, this.w, this.h]];
    }
    const x = j === null ? 0 : j * this.w,
      y = i === null ? 0 : i * this.h;
    return [[x, y, j === null ? this.width : this.w, i === null ? this.height : this.h]];
  }

  // The cell [i, j] under a point, or null.
  cellAt(x, y) {
    const clamp = (v, most) => Math.min(Math.max(v, 0), most - 1);
    if (this.perLine) {
      const [wide, high] = this.tile,
        [across, down] = this.step;
      const i = clamp(Math.floor(y / down), 1e9) * this.perLine + clamp(Math.floor(x / across), this.perLine);
      const within = (y % down) - this.band,
        pixel = wide * clamp(Math.floor(within / this.side), high) + clamp(Math.floor((x % across) / this.side), wide);
      const j = !this.band ? pixel : within < 0 ? 0 : pixel + 1;
      return i < this.o.rows && j < this.o.cols ? [i, j] : null;
    }
    const i = clamp(Math.floor((y - this.band) / this.h), this.lines),
      j = clamp(Math.floor(x / this.w), this.across);
    if (!this.fold) return [i, j];
    const k = y < this.band ? 0 : i * this.fold + j + (this.band ? 1 : 0);
    if (k >= Math.max(this.o.rows, this.o.cols)) return null;
    return this.diagonal ? [k, k] : this.o.cols === 1 ? [k, 0] : [0, k];
  }

  // The cell one arrow key on.
  moved([i, j], key) {
    const { rows, cols } = this.o,
      down = { ArrowDown: 1, ArrowUp: -1 }[key] || 0,
      right = { ArrowRight: 1, ArrowLeft: -1 }[key] || 0;
    const held = (v, most) => Math.min(Math.max(v, 0), most - 1);
    const past = this.band ? 1 : 0;
    if (this.fold) {
      const n = Math.max(rows, cols),
        from = (cols === 1 || this.diagonal ? i : j) - past;
      const k = held(past + (from < 0 ? (down + right > 0 ? 0 : -1) : from + right + down * this.fold), n);
      return this.diagonal ? [k, k] : cols === 1 ? [k, 0] : [0, k];
    }
    if (!this.perLine) return [held(i + down, rows), held(j + right, cols)];
    // Within a picture, and over its edge into the next one; the bias stands above it.
    const [wide, high] = this.tile,
      from = j - past;
    if (from < 0) return [i, down + right > 0 ? 1 : 0];
    let y = Math.floor(from / wide) + down,
      x = (from % wide) + right;
    if (past && y < 0) return [i, 0];
    if (x < 0 && i > 0) [i, x] = [i - 1, wide - 1];
    if (x >= wide && i < rows - 1) [i, x] = [i + 1, 0];
    if (y < 0 && i >= this.perLine) [i, y] = [i - this.perLine, high - 1];
    if (y >= high && i + this.perLine < rows) [i, y] = [i + this.perLine, 0];
    return [i, past + held(wide * held(y, high) + held(x, wide), cols - past)];
  }

  paint(canvas) {
    const pen = this.sized(canvas);
    const { rows, cols, bias } = this.o;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    if (this.numbers) for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) this.number(pen, i, j);
    else this.colours(pen);
    if (!bias) return;
    if (this.band) for (let k = 0; k < (this.perLine ? rows : 1); k++) this.number(pen, k, 0);
    pen.strokeStyle = COLORS.BIAS;
    pen.lineWidth = 2;
    for (const [x, y, w, h] of bias === "row" ? this.rects(0, null) : this.rects(null, 0)) pen.strokeRect(x + 1, y + 1, w - 2, h - 2);
  }

  // A cell with its number, where that has room.
  number(pen, i, j) {
    const v = this.o.value(i, j),
      rgb = tone(v, this.top, this.ink),
      text = cellText(v, this.top);
    const [[x, y, w, h]] = this.rects(i, j);
    pen.fillStyle = `rgb(${rgb})`;
    pen.fillRect(x, y, w - 1, h - 1);
    pen.fillStyle = onCell(rgb);
    pen.font = `${SIZE}px sans-serif`;
    const size = Math.min(SIZE, (SIZE * (w - 4)) / pen.measureText(text).width, h - 3);
    if (size < SMALLEST) return; // the sentence says it
    pen.font = `${size}px sans-serif`;
    pen.fillText(text, x + 0.5 * w, y + 0.5 * h);
  }

  // A pixel a cell.
  colours(pen) {
    const { rows, cols } = this.o,
      past = this.band ? 1 : 0;
    const [wide, high] = this.tile ?? [this.across, this.lines];
    const small = new OffscreenCanvas(wide, high),
      brush = small.getContext("2d");
    const count = this.perLine ? rows : 1;
    for (let tile = 0; tile < count; tile++) {
      const image = brush.createImageData(wide, high);
      for (let k = 0; k < wide * high; k++) {
        const at = this.perLine
          ? [tile, k + past]
          : this.fold
            ? this.diagonal
              ? [k, k]
              : cols === 1
                ? [k + past, 0]
                : [0, k]
            : [Math.floor(k / wide), k % wide];
        if (at[0] >= rows || at[1] >= cols) continue;
        image.data.set([...tone(this.o.value(...at), this.top, this.ink), 255], 4 * k);
      }
      brush.putImageData(image, 0, 0);
      pen.imageSmoothingEnabled = false;
      const [x, y, w, h] = this.perLine ? this.rects(tile, null)[0] : [0, 0, this.width, this.height];
      pen.drawImage(small, x, y + this.band, w, h - this.band);
    }
  }

  // What the cell under the pointer was computed from, and the cell itself.
  light(canvas, lit, here) {
    const pen = canvas.getContext("2d");
    pen.clearRect(-9, -9, this.width + 18, this.height + 18);
    for (const [spots, color] of [
      [lit, COLORS.LIT],
      [here ? [here] : [], COLORS.ACCENT],
    ])
      for (const spot of spots)
        for (let [x, y, w, h] of this.rects(...spot)) {
          const grown = Math.max(0, (8 - Math.min(w, h)) / 2); // a pixel alone would not be seen
          [x, y, w, h] = [x - grown, y - grown, w + 2 * grown, h + 2 * grown];
          for (const [style, width] of [
            ["rgba(255,255,255,.9)", 4.5],
            [color, 2.5],
          ]) {
            pen.strokeStyle = style;
            pen.lineWidth = width;
            pen.strokeRect(x, y, w, h);
          }
        }
  }

  sized(canvas, margin = 0) {
    const ratio = globalThis.devicePixelRatio || 1;
    canvas.width = Math.ceil((this.width + 2 * margin) * ratio);
    canvas.height = Math.ceil((this.height + 2 * margin) * ratio);
    canvas.style.width = `${this.width + 2 * margin}px`;
    canvas.style.height = `${this.height + 2 * margin}px`;
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, margin * ratio, margin * ratio);
    return pen;
  }
}
