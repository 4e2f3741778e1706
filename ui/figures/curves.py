"""What a training looks like: loss and accuracy over epochs, the field of a network over the plane, weights as pictures."""

import base64

import numpy as np

from ui import colors
from ui.figures import matrices
from ui.figures.png import png, uri
from ui.numbers import percent, plain

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
    """Three lists of (epochs, loss, accuracy) from mlcore's Progress: on the training and on the held-out set, both as of the same weights
    at epochs' ends; and the running mean over an epoch, on the training set as the updates met it.

    Only in the first epoch and in the one under way the running mean is taken in between, where the points are few enough to be read as a
    curve.
    """
    under_way = history[-1].epoch if history else 0
    running = [
        (p.epoch + p.instances / instances, p.loss, p.accuracy)
        for p in history
        if p.epoch_end
        or (not p.epoch and not p.instances)
        or (p.updates and (not p.epoch or (p.epoch == under_way and p.instances >= instances / ENOUGH)))
    ]
    held_out = [(p.epoch, p.test_loss, p.test_accuracy) for p in history if p.test_loss is not None]
    training = [(p.epoch, p.train_loss, p.train_accuracy) for p in history if p.train_loss is not None]
    return thin(training), thin(held_out), thin(running)


def chart(training, held_out, guessing, title, before=(), running=(), height=430):
    """What the component `curves` draws: loss above accuracy over epochs, each a list (epochs, loss, accuracy) as `measured` gives them.

    guessing is (loss, its name), a dashed line; title is the x axis's; before is such a list of an earlier training, running that of the
    means over an epoch, both faint.
    """
    level, name = guessing
    losses = [loss for _, loss, _ in [*training, *held_out, *running] if np.isfinite(loss)]
    return {
        "training": _rounded(training), "heldOut": _rounded(held_out), "before": _rounded(before),
        "running": _rounded(running),
        "level": level, "guess": name, "title": title, "height": height,
        "top": 1.12 * min(max([level, *losses]), OFF_SCALE * level),
        "last": max([1, *(x for x, *_ in [*training, *held_out, *running])]),
        "colors": {"training": colors.TRAIN, "heldOut": colors.HELD_OUT, "before": colors.MUTED},
        "alt": spoken(training, held_out, running),
    }  # fmt: skip


def _rounded(points):
    """As JSON likes it: short, and None for what is not finite."""
    return [[round(x, 3), float(f"{loss:.5g}") if np.isfinite(loss) else None, round(accuracy, 4)] for x, loss, accuracy in points]


def spoken(training, held_out, running=()):
    """The curves in words: where they stand."""
    if not training:
        return "Loss and accuracy over epochs: nothing measured yet"
    epochs, loss, accuracy = training[-1]
    text = f"Loss and accuracy over epochs. After {plain(epochs, 5)}: training loss {plain(loss, 3)}, accuracy {percent(accuracy)}"
    text += f"; held out loss {plain(held_out[-1][1], 3)}, accuracy {percent(held_out[-1][2])}" if held_out else ""
    return text + (f"; mean over the epoch, as the updates met it, loss {plain(running[-1][1], 3)}" if running else "")


def grid(X):
    """The rectangle around the points X (n, 2), (left, right, bottom, top), and GRID × GRID points of it row by row, top first."""
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.1 * (high - low).max()
    left, bottom, right, top = *(low - margin), *(high + margin)
    x, y = np.meshgrid(np.linspace(left, right, GRID), np.linspace(top, bottom, GRID))
    return (left, right, bottom, top), np.column_stack([x.ravel(), y.ravel()])


def field(X, y, X_test, y_test, probabilities=None, about="", size=380):
    """Points of the plane in their classes' colours, held-out ones open, over the network's probabilities on `grid(X)`: one <img>.

    probabilities are (GRID², c) or None; about is for those who do not see it.
    """
    (left, right, bottom, top), _ = grid(X)
    height = round(size * (top - bottom) / (right - left))
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {height}" width="{size}" height="{height}">']
    if probabilities is not None:
        parts.append(f'<image href="{_mixed(probabilities)}" width="{size}" height="{height}" preserveAspectRatio="none"/>')
    dot, ring = f'r="3" stroke="{colors.PAPER}" stroke-width=".75" fill=', 'r="4" stroke-width="1.75" fill="none" stroke='
    for points, labels, shape in ((X, y, dot), (X_test, y_test, ring)):
        for (x1, x2), k in zip(points[:DOTS].tolist(), labels[:DOTS].tolist()):
            at = f'cx="{size * (x1 - left) / (right - left):.1f}" cy="{height * (top - x2) / (top - bottom):.1f}"'
            parts.append(f'<circle {at} {shape}"{colors.CLASSES[k]}"/>')
    svg = base64.b64encode("".join([*parts, "</svg>"]).encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{svg}" alt="{about}" style="width:100%;max-width:{size}px">'


def _mixed(probabilities):
    """A PNG data URI: each place in the mixture of the classes' colours, paled, by its probabilities."""
    p = np.nan_to_num(np.asarray(probabilities, float))
    p = np.hstack([1 - p, p]) if p.shape[1] == 1 else p / np.maximum(p.sum(axis=1, keepdims=True), 1e-9)
    rgb = np.array(list(map(colors.rgb, colors.CLASSES[: p.shape[1]])))
    return uri(png((0.45 * (p @ rgb) + 0.55 * 255).clip(0, 255).astype(np.uint8).reshape(GRID, GRID, 3)))


def weights(W, most=30):
    """The first units' weights W (units, 784) as 28 × 28 pictures: one <img>, and a line that says what it is."""
    shown = min(len(W), most)
    columns, width = (5, 340) if shown > 12 else (4, 400)
    source = uri(matrices.unit_pictures(W, most=most, columns=columns, zoom=1))
    which = f"the first {shown} of {len(W)} units" if shown < len(W) else f"each of the {shown} units"
    text = f"W of the first layer as 28 × 28 pictures, for {which}: blue below zero, red above."
    style = f"width:100%;max-width:{width}px;object-fit:contain;image-rendering:pixelated"
    return f'<img src="{source}" alt="{text}" style="{style}">', text
