"""Where a matrix has its cells on its canvas, by what its caption says; and how a number on a cell is read."""

import re

import numpy as np

from ui import colors

GAP = 3  # pixels between rows that are pictures


class Grid:
    """The cells of a (rows, cols) matrix on a canvas of width × height pixels, laid out as the caption says."""

    def __init__(self, rows, cols, width, height, caption):
        self.rows, self.cols, self.width, self.height = rows, cols, width, height
        self.pictures = re.search(r"rows as (\d+) × (\d+)", caption)
        self.folded = re.search(r"drawn as (\d+) × (\d+)", caption)
        self.diagonal = "its diagonal" in caption
        if self.pictures:
            self.high, self.wide = map(int, self.pictures.groups())
            self.side = next(
                side for side in (1, 2)
                if (width + GAP) % (self.wide * side + GAP) == 0 and (height + GAP) % (self.high * side + GAP) == 0
                and (width + GAP) // (self.wide * side + GAP) * ((height + GAP) // (self.high * side + GAP)) >= rows
            )  # fmt: skip
            self.across = (width + GAP) // (self.wide * self.side + GAP)

    @classmethod
    def on(cls, pixels, array, caption):
        """The cells of an array on these pixels (height, width, 4)."""
        return cls(*array.shape, pixels.shape[1], pixels.shape[0], caption)

    def rect(self, i, j):
        """x, y, width, height of cell (i, j)."""
        if self.pictures:
            x, y = (i % self.across) * (self.wide * self.side + GAP), (i // self.across) * (self.high * self.side + GAP)
            return x + (j % self.wide) * self.side, y + (j // self.wide) * self.side, self.side, self.side
        if self.folded or self.diagonal:
            k = max(i, j)
            lines, across = map(int, self.folded.groups()) if self.folded else (self.height // 7, self.width // 7)
            w, h = self.width // across, self.height // lines
            return (k % across) * w, (k // across) * h, w, h
        w, h = self.width // self.cols, self.height // self.rows
        return j * w, i * h, w, h

    def line(self, i, j):
        """The same of a whole row (j None), a whole column (i None) or everything: rectangles."""
        if i is not None and j is not None:
            return [self.rect(i, j)]
        if i is None and j is None:
            return [(0, 0, self.width, self.height)]
        if self.diagonal:
            return [self.rect(i if j is None else j, i if j is None else j)]
        if self.pictures and i is None:
            return [self.rect(k, j) for k in range(self.rows)]
        (x, y, *_), (right, bottom, w, h) = self.rect(i or 0, j or 0), self.rect(
            self.rows - 1 if i is None else i, self.cols - 1 if j is None else j
        )  # fmt: skip
        return [(x, y, right + w - x, bottom + h - y)]

    def corners(self):
        """Where the colour of each cell is read: x, y (rows, cols), 2 pixels in where there is room."""
        rects = np.array([[self.rect(i, j) for j in range(self.cols)] for i in range(self.rows)])
        return rects[..., 0] + np.minimum(2, rects[..., 2] // 2), rects[..., 1] + np.minimum(2, rects[..., 3] // 2)


def colored(values, top=None):
    """The colours of an array's values on the diverging scale whose ends are ± the largest, (…, 3)."""
    finite = np.abs(values[np.isfinite(values)])
    top = top or finite.max(initial=0) or 1
    with np.errstate(invalid="ignore"):
        shades = colors.diverging(np.nan_to_num(values / top, nan=0, posinf=1, neginf=-1))
    return np.where(np.isnan(values)[..., None], colors.rgb(colors.GAP), shades)


def number(text):
    """A number as it is written on a cell, a node or in a sentence → (its value, half a unit of its last place)."""
    text = text.strip().replace("−", "-").replace("\u00a0", " ")
    if text in ("∞", "-∞", "NaN"):
        return float(text.replace("∞", "inf")), 0.0
    raised = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    mantissa, power = text, "0"
    if match := re.fullmatch(r"(.+?) ?[·×] ?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text):
        mantissa, power = match[1], match[2].translate(raised)
    elif match := re.fullmatch(r"(.+)e(-?\d+)", text):
        mantissa, power = match.groups()
    assert re.fullmatch(r"-?\d*\.?\d+", mantissa), text
    decimals = len(mantissa.partition(".")[2])
    return float(f"{mantissa}e{power}"), 0.5 * 10.0 ** (int(power) - decimals)


def assert_reads(text, value, largest=0.0):
    """The text is this value, sign included, rounded to the places that it has; "≈0" is rounding beside the largest of its array."""
    if text == "≈0":
        assert 0 < abs(value) <= 2**-46 * largest
        return
    shown, half = number(text)
    if not np.isfinite(value) or not np.isfinite(shown):
        np.testing.assert_equal(shown, value)
        return
    assert abs(shown - value) <= half * (1 + 1e-9) + 1e-15 * abs(value), (text, value)
    assert shown == 0 or (shown < 0) == (value < 0), (text, value)
