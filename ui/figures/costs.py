"""Figures of part one: the two branches of the cost, losses laid over each other, norms of D by layer. Arrays in, Plotly figures out."""

import numpy as np
import plotly.graph_objects as go

from ui import colors
from ui.figures.axes import framed, logarithmic
from ui.numbers import plain

HIGHEST = 8  # cost up to which the chart of the branches reaches: beyond it both would be flat
DASHES = ("solid", "dash", "dot", "dashdot")


def beyond(cost):
    """Whether a cost lies above the chart of the branches."""
    return cost > HIGHEST


def branches(h, zero, one, point, y, height=320):
    """−log(1 − h), the branch of y = 0, and −log h, that of y = 1, over h, with the instance's point (h, cost) on the branch of its y.

    A cost beyond HIGHEST is drawn at the upper edge, and said to lie above it.
    """
    x, cost = point
    above = beyond(cost)
    top = 1.15 * max(min(cost, HIGHEST), 4)
    figure = go.Figure()
    for k, (values, text, place) in enumerate(((zero, "y = 0: −log(1 − h)", 0.85), (one, "y = 1: −log h", 0.15))):
        line = {"color": colors.CLASSES[k], "width": 4 if k == y else 2, "dash": "solid" if k == y else "dot"}
        told = [f"{text} = {plain(v)} at h = {plain(at)}" for at, v in zip(h, values)]
        figure.add_scatter(x=h, y=values, mode="lines", line=line, customdata=told, hovertemplate="%{customdata}<extra></extra>")
        near = int(np.argmin(np.abs(h - place)))
        anchor, away = ("right", -12) if place > 0.5 else ("left", 12)
        figure.add_annotation(text=text, showarrow=False, x=h[near], y=values[near], xanchor=anchor, xshift=away, yshift=8)
    height_of_point = top if above else cost
    side = "left" if x >= 0.8 else "right"
    text, place = (f"<b>{plain(cost)}</b>, above the edge", f"bottom {side}") if above else (f"<b>{plain(cost)}</b>", f"top {side}")
    # Dotted lines lead from the point to both axes, where its numbers are read off.
    lead = {"color": colors.ACCENT, "width": 1, "dash": "dot"}
    figure.add_scatter(x=[0, x, x], y=[height_of_point, height_of_point, 0], mode="lines", line=lead, hoverinfo="skip")
    figure.add_scatter(
        x=[x], y=[height_of_point], mode="markers+text", text=[text], textposition=place, cliponaxis=False,
        marker={"color": colors.ACCENT, "size": 13, "symbol": "triangle-up" if above else "circle"},
        hovertemplate=f"h = {plain(x)}, cost = {plain(cost)}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title="h, the output", range=[-0.02, 1.02], fixedrange=True)
    figure.update_yaxes(title="cost of the instance", range=[-0.03 * top, top], fixedrange=True)
    return framed(figure, height)


def losses(runs, ceiling=None, height=300):
    """J after each update of several runs (name, losses, stopped) over each other; a run that was stopped ends in a cross.

    Losses above the ceiling, where one is given, and those that are not finite leave the picture at its upper edge.
    """
    figure = go.Figure()
    for k, (name, values, stopped) in enumerate(runs):
        values = np.asarray(values, float)
        drawn = np.where(np.isfinite(values), values, np.inf)
        drawn = np.minimum(drawn, ceiling if ceiling else np.nanmax(values[np.isfinite(values)], initial=1.0))
        color, dash = colors.SERIES[k % len(colors.SERIES)], DASHES[k % len(DASHES)]
        said = f"{name}, update %{{x}}: %{{customdata}}<extra></extra>"
        figure.add_scatter(
            x=np.arange(len(values)), y=drawn, mode="lines", name=name, line={"color": color, "width": 2.5, "dash": dash},
            hovertemplate=said, customdata=[plain(v) for v in values], cliponaxis=False,
        )  # fmt: skip
        if stopped:
            cross = {"color": color, "size": 12, "symbol": "x"}
            end = {"x": [len(values) - 1], "y": [drawn[-1]], "showlegend": False, "cliponaxis": False}
            figure.add_scatter(mode="markers", marker=cross, hoverinfo="skip", **end)
    figure.update_xaxes(title="epochs, one update each", fixedrange=True, rangemode="tozero")
    figure.update_yaxes(title="J", fixedrange=True, rangemode="tozero")
    return framed(figure, height).update_layout(showlegend=len(runs) > 1, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"})


def norms(by_depth, low, high, height=300):
    """‖D⁽ˡ⁾‖ by layer on a logarithmic axis from low to high, a line for each network; the deeper the network, the stronger the line.

    by_depth is a list of (layers,) arrays. A norm of 0 has no place on the axis and is a gap.
    """
    figure = go.Figure()
    for k, values in enumerate(by_depth):
        layers, depth, strength = np.arange(1, len(values) + 1), len(values) - 1, (k + 1) / len(by_depth)
        drawn = np.where(np.asarray(values) > 0, values, np.nan)
        text = [""] * (len(values) - 1) + [str(depth)]
        figure.add_scatter(
            x=layers, y=drawn, mode="lines+markers+text", text=text, textposition="middle right", opacity=0.4 + 0.6 * strength,
            line={"color": colors.ACCENT, "width": 1 + 2 * strength}, marker={"size": 6}, customdata=[plain(v) for v in values],
            hovertemplate=f"{depth} hidden: ‖D<sup>(%{{x}})</sup>‖ = %{{customdata}}<extra></extra>", cliponaxis=False,
        )  # fmt: skip
    deepest = max(map(len, by_depth))
    figure.update_xaxes(title="Θ of layer", tickvals=list(range(1, deepest + 1)), range=[0.7, deepest + 0.5], fixedrange=True)
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    logarithmic(figure, powers[0], powers[-1], powers)
    return framed(figure, height)
