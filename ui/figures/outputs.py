"""The output of a network: probabilities as bars, their derivatives, the curve of −log a, tables of numbers. Arrays in, figures out."""

import html

import numpy as np
import plotly.graph_objects as go

from ui import colors
from ui.figures import matrices
from ui.figures.axes import framed, logarithmic
from ui.numbers import cell, plain

FLOOR, CEILING = -330, 330  # powers of ten: a float64 has no more
LINES = (  # of each quantity over s: its line, and where along it the name stands, above
    ({"color": colors.MUTED, "width": 2, "dash": "dash"}, 0.5),
    ({"color": colors.MUTED, "width": 2, "dash": "dash"}, 0.5),
    ({"color": colors.ACCENT, "width": 6}, 0.85),
    ({"color": colors.SERIES[1], "width": 2}, 0.5),
)
CELL = "padding:.12rem .55rem;text-align:right;white-space:nowrap"


def bars(values, before=None, label=None, height=150):
    """Numbers between 0 and 1, one bar a class, on an axis from 0 to 1. `before`, where given, stands behind them, faint.

    label is a class to point out: the others turn grey.
    """
    names = [str(k) for k in range(len(values))]
    shade = [colors.ACCENT if label in (None, k) else colors.MUTED for k in range(len(values))]
    figure = go.Figure()
    if before is not None:
        faint = {"color": colors.MUTED, "opacity": 0.35}
        told = {"customdata": [plain(v) for v in before], "hovertemplate": "before, class %{x}: %{customdata}<extra></extra>"}
        figure.add_bar(x=names, y=before, name="before", marker=faint, width=0.85, **told)
    said = "class %{x}: %{customdata}<extra></extra>"
    text = [_percent(v) for v in values] if len(values) <= 12 else None
    figure.add_bar(
        x=names, y=values, marker={"color": shade}, width=0.5, text=text, textposition="outside", cliponaxis=False,
        customdata=[plain(v) for v in values], hovertemplate=said, textangle=0, constraintext="none",
    )  # fmt: skip
    figure.update_xaxes(type="category", fixedrange=True, ticks="")
    figure.update_yaxes(range=[0, 1.18], tickvals=[0, 0.5, 1], fixedrange=True)
    return framed(figure, height).update_layout(barmode="overlay")


def _percent(v):
    """A probability in at most four characters, as a bar has room for."""
    return "<.01" if 0 < v < 0.005 else cell(v)


def spoken(name, values):
    """Bars in words."""
    return f"{name}: " + ", ".join(f"class {k} {plain(v)}" for k, v in enumerate(values))


def derivative(values, top, height=220):
    """A derivative matrix as a heatmap whose scale goes from −top to top, so that two of them can be compared."""
    return matrices.heatmap(values, height=height).update_traces(zmin=-top, zmax=top, selector={"type": "heatmap"})


def curve(a, loss, point, marks=(), height=330):
    """The curve of −log a through (a, loss), with the instance's point (a, loss) and lesser marks (a, loss, text).

    The text of a mark is left out where the point's own number would be printed over it.
    """
    figure, (x, y) = go.Figure(), point
    top = 1.15 * max(y, 3.5)
    told = {"customdata": [f"−log {plain(p)} = {plain(q)}" for p, q in zip(a, loss)], "hovertemplate": "%{customdata}<extra></extra>"}
    figure.add_scatter(x=a, y=loss, mode="lines", line={"color": colors.MUTED, "width": 2}, **told)
    dot = {"color": colors.MUTED, "size": 10, "symbol": "diamond"}
    for p, q, text in marks:
        told = "" if abs(p - x) < 0.25 and abs(q - y) < 0.08 * top else text
        figure.add_scatter(x=[p], y=[q], mode="markers+text", marker=dot, text=[told], textposition="top right", hoverinfo="skip")
    # Dotted lines lead from the point to both axes, where its numbers are read off.
    figure.add_scatter(x=[0, x, x], y=[y, y, 0], mode="lines", line={"color": colors.ACCENT, "width": 1, "dash": "dot"}, hoverinfo="skip")
    figure.add_scatter(
        x=[x], y=[y], mode="markers+text", marker={"color": colors.ACCENT, "size": 13}, text=[f"<b>{plain(y)}</b>"],
        textposition="top right" if x < 0.8 else "top left", hovertemplate=f"−log {plain(x)} = {plain(y)}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title="probability of the label", range=[-0.01, 1.03], tickformat=".1f", fixedrange=True)
    figure.update_yaxes(title="loss", range=[-0.03 * top, top], fixedrange=True)
    return framed(figure, height)


def parts(s, lines, at, height=240):
    """Sizes of four quantities over s on a logarithmic axis, (name, values) in the order of LINES; a line ends where it is 0, ∞ or NaN."""
    figure = go.Figure()
    for (name, values), (line, place) in zip(lines, LINES, strict=True):
        size = np.abs(np.asarray(values, float))
        drawn = np.where(np.isfinite(size) & (size > 0), size, np.nan)
        told = {"customdata": [plain(v) for v in size], "hovertemplate": f"{name}: %{{customdata}}<extra></extra>"}
        figure.add_scatter(x=s, y=drawn, name=name, mode="lines", line=line, connectgaps=False, **told)
        there = np.flatnonzero(np.isfinite(drawn))
        if there.size:
            k = there[int(place * (there.size - 1))]
            figure.add_annotation(text=name, showarrow=False, x=s[k], y=np.log10(drawn[k]), yshift=14, font={"color": line["color"]})
    figure.add_vline(x=at, line={"color": colors.ACCENT, "width": 1.5})
    figure.update_xaxes(title="s", range=[s[0], s[-1]], fixedrange=True, zeroline=False)
    logarithmic(figure, FLOOR, CEILING, [-300, -150, 0, 150, 300])
    return framed(figure, height)


def table(head, rows, marked=None, alt=""):
    """Numbers as an HTML table that scrolls by itself where it is too wide. Heads and texts may be HTML; floats are written with `plain`.

    A row is its name and its cells. marked is the number of a row to point out; NaN and ∞ are set in bold anyway.
    """
    shaded = f"box-shadow:inset 3px 0 {colors.ACCENT};font-weight:600"
    heads = "".join(f'<th scope="col" style="{CELL};font-weight:500">{text}</th>' for text in head)
    body = ""
    for k, (name, *cells) in enumerate(rows):
        own = f' style="{shaded}"' if k == marked else ""
        first = f'<th scope="row" style="{CELL};text-align:left;font-weight:inherit">{name}</th>'
        body += f"<tr{own}>{first}{''.join(map(_entry, cells))}</tr>"
    style = "border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums"
    line = f"border-bottom:1px solid {colors.MUTED}"
    return (
        f'<div style="overflow-x:auto" tabindex="0" role="region" aria-label="{html.escape(alt)}">'
        f'<table style="{style}"><thead><tr style="{line}">{heads}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _entry(value):
    if isinstance(value, str):
        return f'<td style="{CELL}">{value}</td>'
    strong = "" if np.isfinite(value) else f";font-weight:700;color:{colors.text(colors.NOT_FINITE)}"
    return f'<td style="{CELL}{strong}">{plain(value)}</td>'
