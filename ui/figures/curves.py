"""What a training looks like: loss and accuracy over epochs, the field of a network over the plane, weights as pictures."""

import base64
import io

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ui import colors
from ui.figures import matrices

POINTS = 300  # a curve
DOTS = 400  # points of a set in the plane
GRID = 60  # a side of the field
ENOUGH = 4  # the mean over less than a fourth of an epoch jumps
OFF_SCALE = 10  # the loss is drawn up to this many times that of guessing: what explodes leaves the picture


def thin(values, most=POINTS):
    """At most `most` of them, evenly picked, the first and the last among them."""
    if len(values) <= most:
        return list(values)
    return [values[i] for i in np.unique(np.linspace(0, len(values) - 1, most).round().astype(int))]


def measured(history, instances):
    """Two lists of (epochs, loss, accuracy), on the training and on the held-out set, from mlcore's Progress.

    Training figures are means over an epoch so far. Only in the first epoch and in the one under way they are taken in between, where
    they are few enough to be read as a curve.
    """
    under_way = history[-1].epoch if history else 0
    training = [
        (p.epoch + p.instances / instances, p.loss, p.accuracy)
        for p in history
        if p.epoch_end
        or (not p.epoch and not p.instances)
        or (p.updates and (not p.epoch or (p.epoch == under_way and p.instances >= instances / ENOUGH)))
    ]
    held_out = [(p.epoch, p.test_loss, p.test_accuracy) for p in history if p.test_loss is not None]
    return thin(training), thin(held_out)


def curves(training, held_out, guessing, title, before=(), height=470):
    """Loss above accuracy over epochs, each of the lists (epochs, loss, accuracy) as `measured` gives them.

    guessing is (loss, its name), drawn as a dashed line; title is the x axis's; before is such a list of an earlier training, faint.
    """
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.06)
    if before:
        _pair(figure, before, "the one before", {"color": colors.MUTED, "width": 1.25, "dash": "dot"})
    _pair(figure, training, "training", {"color": colors.TRAIN, "width": 2})
    _pair(figure, held_out, "held out", {"color": colors.TEST, "width": 2})
    level, name = guessing
    line = {"color": colors.MUTED, "width": 1, "dash": "dash"}
    figure.add_shape(type="line", x0=0, x1=1, xref="x domain", y0=level, y1=level, yref="y", line=line)
    figure.add_annotation(
        text=name, x=1, xref="x domain", y=level, yref="y", xanchor="right", yanchor="bottom", showarrow=False,
        font={"color": colors.MUTED, "size": 12},
    )  # fmt: skip
    losses = [loss for _, loss, _ in [*training, *held_out] if np.isfinite(loss)]
    top = min(max([level, *losses]), OFF_SCALE * level)
    last = max([1, *(x for x, *_ in [*training, *held_out])])
    figure.update_xaxes(range=[0, last], fixedrange=True, zeroline=False)
    figure.update_xaxes(title={"text": title, "standoff": 6}, row=2)
    figure.update_yaxes(title="loss", range=[0, 1.12 * top], row=1)
    figure.update_yaxes(title="accuracy", range=[0, 1.02], tickformat=".0%", row=2)
    figure.update_yaxes(fixedrange=True, zeroline=False, title_standoff=4)
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}, hovermode="x unified", uirevision="curves")
    return _frame(figure, height, {"l": 4, "r": 8, "t": 24, "b": 4})


def _pair(figure, points, name, line):
    x, loss, accuracy = zip(*points) if points else ((), (), ())
    mode = "markers" if len(x) == 1 else "lines"
    for row, values, form in ((1, loss, ".3f"), (2, accuracy, ".1%")):
        y = [round(v, 5) if np.isfinite(v) else None for v in values]
        figure.add_scatter(
            x=[round(v, 3) for v in x], y=y, name=name, line=line, mode=mode, row=row, col=1, legendgroup=name, showlegend=row == 1,
            hovertemplate=f"%{{y:{form}}}",
        )  # fmt: skip


def _frame(figure, height, margin):
    return figure.update_layout(
        height=height, margin=margin, paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", dragmode=False, font={"size": 12}
    )


def spoken(training, held_out):
    """The curves in words: where they stand."""
    if not training:
        return "Loss and accuracy over epochs: nothing measured yet"
    epochs, loss, accuracy = training[-1]
    text = f"Loss and accuracy over epochs. After {epochs:.5g}: training loss {loss:.3g}, accuracy {accuracy:.1%}"
    return text + (f"; held out loss {held_out[-1][1]:.3g}, accuracy {held_out[-1][2]:.1%}" if held_out else "")


def grid(X):
    """The rectangle around the points X (n, 2), (left, right, bottom, top), and GRID × GRID points of it row by row, top first."""
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.1 * (high - low).max()
    left, bottom, right, top = *(low - margin), *(high + margin)
    x, y = np.meshgrid(np.linspace(left, right, GRID), np.linspace(top, bottom, GRID))
    return (left, right, bottom, top), np.column_stack([x.ravel(), y.ravel()])


def field(X, y, X_test, y_test, probabilities=None, height=380):
    """Points of the plane in their classes' colours, held-out ones open, over the network's probabilities on `grid(X)`, (GRID², c)."""
    (left, right, bottom, top), _ = grid(X)
    figure = go.Figure()
    if probabilities is not None:
        figure.add_layout_image(
            source=_mixed(probabilities), xref="x", yref="y", x=left, y=top, sizex=right - left, sizey=top - bottom, sizing="stretch",
            layer="below",
        )  # fmt: skip
    for points, labels, name, symbol, size in ((X, y, "training", "circle", 6), (X_test, y_test, "held out", "circle-open", 8)):
        marker = {"color": [colors.CLASSES[k] for k in labels[:DOTS].tolist()], "symbol": symbol, "size": size}
        marker["line"] = {"width": 0.75, "color": colors.PAPER} if symbol == "circle" else {"width": 2}
        at = points[:DOTS].round(3)
        text = labels[:DOTS].tolist()
        figure.add_scatter(
            x=at[:, 0].tolist(), y=at[:, 1].tolist(), mode="markers", marker=marker, name=name, text=text,
            hovertemplate="(%{x:.2f}, %{y:.2f}), class %{text}",
        )  # fmt: skip
    figure.update_xaxes(range=[left, right], fixedrange=True, zeroline=False, showgrid=False, title={"text": "x₁", "standoff": 2})
    figure.update_yaxes(range=[bottom, top], fixedrange=True, zeroline=False, showgrid=False, title={"text": "x₂", "standoff": 2})
    return _frame(figure.update_layout(showlegend=False, uirevision="field"), height, {"l": 4, "r": 4, "t": 4, "b": 4})


def _mixed(probabilities):
    """A PNG data URI: each place in the mixture of the classes' colours, paled, by its probabilities."""
    from PIL import Image

    p = np.nan_to_num(np.asarray(probabilities, float))
    p = np.hstack([1 - p, p]) if p.shape[1] == 1 else p / np.maximum(p.sum(axis=1, keepdims=True), 1e-9)
    rgb = np.array([[int(code[i : i + 2], 16) for i in (1, 3, 5)] for code in colors.CLASSES[: p.shape[1]]])
    image = Image.fromarray((0.45 * (p @ rgb) + 0.55 * 255).clip(0, 255).astype(np.uint8).reshape(GRID, GRID, 3))
    return _uri(image)


def _uri(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def weights(W, most=30):
    """The first units' weights W (units, 784) as 28 × 28 pictures: one <img>, and a line that says what it is."""
    shown = min(len(W), most)
    columns, width = (5, 340) if shown > 12 else (4, 400)
    png = base64.b64encode(matrices.unit_pictures(W, most=most, columns=columns, zoom=1)).decode()
    which = f"the first {shown} of {len(W)} units" if shown < len(W) else f"each of the {shown} units"
    text = f"W of the first layer as 28 × 28 pictures, for {which}: blue below zero, red above."
    style = f"width:100%;max-width:{width}px;object-fit:contain;image-rendering:pixelated"
    return f'<img src="data:image/png;base64,{png}" alt="{text}" style="{style}">', text
