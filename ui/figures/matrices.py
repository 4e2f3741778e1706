"""Matrices as pictures: gradients and weights on one diverging scale with zero in the middle. Arrays in, Plotly figures or PNG out."""

import math

import numpy as np
import plotly.graph_objects as go

from ui import colors
from ui.figures import digits
from ui.figures.axes import framed, ten_to
from ui.figures.png import GAP, levels, signed, uri
from ui.numbers import NEGLIGIBLE, cell, plain

NUMBERED = (12, 150)  # columns and cells up to which a cell has room for its number
SMALL = 0.001  # below, a number in a cell is written with its power of ten
WIDEST = 5  # characters in a narrow cell at full size
CLICKABLE = 2_600  # cells up to which each can be clicked
CELLS = 8_000  # cells up to which a heatmap goes out as numbers, with hover; above it is a picture
POINTS = 60_000  # points of such a picture, which keeps its JSON below 100 kB


def limit(values):
    """The symmetric range of the scale: the largest finite |value|; 1 where all are zero, so that zero stays white."""
    values = np.asarray(values)
    top = max(float(values.max()), -float(values.min())) if values.size else 0.0
    if not math.isfinite(top):
        top = float(np.abs(values, where=np.isfinite(values), out=np.zeros(values.shape)).max())
    return top if top > 0 else 1.0


def power(values):
    """The power of ten in whose units numbers fit into cells; 0 where they fit as they are, or some would still need a power of ten."""
    exponent, size = math.floor(math.log10(limit(values))), np.abs(np.asarray(values, float))
    spread = ((size > NEGLIGIBLE * limit(values)) & (size < SMALL * 10.0**exponent)).any()
    return 0 if -2 <= exponent <= 2 or exponent < -300 or spread else exponent  # 10⁻³²⁴ is no float64


def heatmap(values, marked=None, height=300, clickable=False):
    """An array, (n,) as one row or (m, n), as a figure: white at zero, blue below, red above, the range ± its largest |value|.

    marked is the (row, column) of the cell that is framed. Few cells carry their numbers, more are told on hover, very many become a
    picture in which a point is the largest of its cells. NaN is a gap; infinite values have the scale's end. clickable puts a point that
    can be selected on each cell, unless they are too many.
    """
    values = np.atleast_2d(np.asarray(values, dtype=float))
    m, n = values.shape
    figure = go.Figure(_cells(values) if values.size <= CELLS else _picture(values))
    if clickable and values.size <= CLICKABLE:
        heat, invisible = figure.data[0], {"marker": {"opacity": 0}}
        y, x = np.indices(values.shape, dtype=np.int16).reshape(2, -1)
        told = values.astype(np.float32) if heat.customdata is None else heat.customdata
        said = {"customdata": told.ravel(), "hovertemplate": heat.hovertemplate.replace("%{z", "%{customdata")}
        figure.add_scatter(x=x, y=y, mode="markers", marker={"opacity": 0, "size": 20}, selected=invisible, unselected=invisible, **said)
        heat.update(hoverinfo="skip", hovertemplate=None)
    if marked is not None:
        _mark(figure, marked, m, n)
    figure.update_xaxes(range=[-0.5, n - 0.5], **_ticks(n, 12))
    figure.update_yaxes(range=[m - 0.5, -0.5], scaleanchor=False, showticklabels=m > 1, **_ticks(m, height // 18))
    return _frame(figure, height).update_layout(margin_b=20)


def about(values):
    """Shape, range of the scale and the unit of the numbers in its cells, for the line above a heatmap."""
    values = np.asarray(values)
    shape = " × ".join(map(str, np.atleast_2d(values).shape))
    unit = power(values) if _numbered(np.atleast_2d(values)) else 0
    return f"{shape} · ± {plain(limit(values))}" + (f" · cells in {ten_to(unit)}" if unit else "")


def key():
    """The diverging scale as a strip of HTML: what blue, white and red mean."""
    strip = f'<span style="display:inline-block;width:7rem;height:.7rem;background:{colors.gradient()}"></span>'
    return f"<small>White is 0; each array has a range of its own: <nobr>−&thinsp;{strip}&thinsp;+</nobr></small>"


def thumbnails(X):
    """The digits among the instances X as small pictures in HTML; points of a plane have none."""
    size = 40 if len(X) == 1 else 24
    style = "image-rendering:pixelated;border:1px solid rgba(128,128,128,.4);vertical-align:middle;margin-right:.3rem"
    shape = f'width="{size}" height="{size}" style="{style}" alt="digit, 28 by 28 pixels"'
    return "".join(f'<img src="{digits.picture(x)}" {shape}>' for x in X if len(x) == 784)


def _numbered(values):
    return values.shape[1] <= NUMBERED[0] and values.size <= NUMBERED[1]


def _cells(values):
    top, few = limit(values), values.size <= NUMBERED[1]
    where = "row %{y}, column %{x}" if len(values) > 1 else "%{x}"
    trace = go.Heatmap(
        z=np.clip(values, -top, top).astype(np.float32), zmin=-top, zmax=top, colorscale=colors.DIVERGING, showscale=False,
        xgap=few, ygap=few, hovertemplate=where + ": %{z:.4g}<extra></extra>",
    )  # fmt: skip
    if _numbered(values):
        text = [[cell(v, power(values), top) for v in line] for line in values.tolist()]
        told = np.array([[plain(v) for v in line] for line in values.tolist()], object)
        if values.shape[1] > 6:  # then a cell is about 35 pixels wide
            text = [[f'<span style="font-size:9px">{t}</span>' if len(t) >= WIDEST else t for t in line] for line in text]
        trace.update(text=text, texttemplate="%{text}", textfont={"size": 12})
        trace.update(customdata=told, hovertemplate=where + ": %{customdata}<extra></extra>")
    return trace


def _picture(values):
    small, (down, across) = _pooled(values)
    source = uri(signed(levels(small, limit(values))))
    about = "row %{y:.0f}, column %{x:.0f}" if max(down, across) == 1 else "near row %{y:.0f}, column %{x:.0f}"
    return go.Image(
        source=source, dx=across, dy=down, x0=(across - 1) / 2, y0=(down - 1) / 2, zsmooth=False, hovertemplate=about + "<extra></extra>"
    )


def _pooled(values):
    """At most POINTS points, each the entry of largest size in its block, and the block's height and width."""
    m, n = values.shape
    down = across = 1
    while -(-m // down) * -(-n // across) > POINTS:
        if m / down > n / across:
            down += 1
        else:
            across += 1
    padded = np.pad(values, ((0, -m % down), (0, -n % across))) if m % down or n % across else values
    rows = padded.reshape(-1, down, padded.shape[1])
    above, below = (one.reshape(len(one), -1, across) for one in (rows.max(axis=1), rows.min(axis=1)))
    above, below = above.max(axis=2), below.min(axis=2)
    return np.where(above >= -below, above, below), (down, across)


def _mark(figure, marked, m, n):
    """Frames a cell; where cells are too small for a frame, two lines cross there."""
    row, col = marked
    line = {"color": colors.ACCENT, "width": 2.5 if max(m, n) <= 40 else 1}
    if n > 40:
        figure.add_shape(type="line", x0=col, x1=col, y0=-0.5, y1=m - 0.5, line=line)
    if m > 40:
        figure.add_shape(type="line", x0=-0.5, x1=n - 0.5, y0=row, y1=row, line=line)
    wide, high = max(0.47, n / 80), max(0.47, m / 40)
    figure.add_shape(type="rect", x0=col - wide, x1=col + wide, y0=row - high, y1=row + high, line=line)


def _ticks(count, room):
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, count) if count / s <= room)
    quiet = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticks": "", "automargin": True}
    return {"tickmode": "linear", "tick0": 0, "dtick": step, **quiet}


def _frame(figure, height):
    return framed(figure, height, 4, 11).update_layout(clickmode="event+select")


def norms(names, values):
    """The length of each gradient, one bar each on a logarithmic axis, with its number; a zero has no bar."""
    text = [plain(v) for v in values]
    bars = go.Bar(y=names, x=[v if v > 0 else None for v in values], orientation="h", text=text, marker={"color": colors.ACCENT})
    figure = go.Figure(bars.update(textposition="auto", hovertemplate="%{y}: %{text}<extra></extra>", cliponaxis=False))
    figure.update_yaxes(autorange="reversed", fixedrange=True, ticks="")
    exponents = [math.log10(v) for v in values if v > 0 and math.isfinite(v)] or [0]
    figure.update_xaxes(type="log", range=[math.floor(min(exponents)) - 1, math.ceil(max(exponents) + 0.2)], fixedrange=True, dtick=1)
    figure.update_xaxes(exponentformat="power", tickfont={"size": 11}, automargin=True)
    return _frame(figure, 40 + 26 * len(names))


def spoken(names, values):
    """The bars of `norms` in words."""
    return "; ".join(f"{name}: {plain(v)}" for name, v in zip(names, values))


def unit_pictures(W, side=28, most=32, columns=8, zoom=2):
    """One PNG (bytes): a side × side picture of each of the first `most` rows of W (units, side²), left to right, top to bottom.

    For weights or gradients of a first layer. One symmetric scale for all: blue below zero, white at zero, red above.
    """
    W = np.asarray(W, dtype=float)
    if W.ndim != 2 or W.shape[1] != side * side:
        raise ValueError(f"W has shape {W.shape}, expected (units, {side * side}): only a layer that sees the pixels has pictures.")
    W = W[:most]
    columns = min(columns, len(W))
    lines = -(-len(W) // columns)
    sheet = np.full((lines * (side + 1) - 1, columns * (side + 1) - 1), GAP, dtype=np.uint8)
    for unit, picture in enumerate(levels(W, limit(W)).reshape(-1, side, side)):
        top, left = (side + 1) * (unit // columns), (side + 1) * (unit % columns)
        sheet[top : top + side, left : left + side] = picture
    return signed(sheet, zoom)
