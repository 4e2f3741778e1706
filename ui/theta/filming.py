"""The runs of part one's scenes and their films: what is computed, without a page. It may be done in another process, by `ui.work`."""

import base64
import math

import numpy as np

from mlcore.lecture.film import fields, film, levels, rounding, unit_fields
from ui import colors
from ui.figures.curves import OFF_SCALE
from ui.numbers import percent, plain

SIDE, UNIT_SIDE, UNITS = 40, 16, 12  # of the field, of a hidden unit's, and how many units have one
PIXELS, PICTURES = 28, 6  # of a digit, and how many units' weights are pictures
MARGIN, PALE = 0.1, 0.6
GUESSING = math.log(2)
WHITE = {"sigmoid": 0.5}  # of a hidden unit: a at z = 0


def seconds(sizes, n, epochs):
    """About how long a run takes, or its frames."""
    weights = sum(out * (inputs + 1) for inputs, out in zip(sizes, sizes[1:]))
    return epochs * (2e-4 + 1.3e-4 * (len(sizes) - 1) + 8e-9 * n * weights)


def run(net, X, y, rate, l2, epochs):
    """All epochs of a scene → mlcore.lecture.film.Film, and whether rounding decides what becomes of them: its Rounding or None."""
    made = film(net, X, y, rate, l2, epochs)
    return made, rounding(made, X, y, rate, l2)


def frames(run, X, y, rate, l2, plane):
    """What the component takes of a run, a Film: pictures of all frames, a byte a pixel, and the numbers of each."""
    costs = run.costs
    made = {
        "J": run.J.tolist(), "data": costs[:, 0].tolist(), "penalty": costs[:, 1].tolist(), "accuracy": run.accuracy.tolist(),
        "penalised": l2 > 0, "warning": warning(run, rate), "palette": _text(palette()),
        "top": 1.08 * min(max(GUESSING, run.J.max()), OFF_SCALE * GUESSING), "alt": spoken(run),
        "title": f"epochs; one epoch = 1 update with all {len(y)} {'points' if plane else 'digits'}",
        "colors": {"paper": colors.PAPER, "classes": colors.CLASSES[:2], "data": colors.DATA, "penalty": colors.PENALTY},
    }  # fmt: skip
    return made | (_plane(run, X, y) if plane else _digits(run))


def _plane(run, X, y):
    box = around(X)
    units = unit_fields(run, cells(box, UNIT_SIDE), UNITS)
    white = WHITE.get(run.net.hidden, 0.0)
    reach = np.abs(units - white).max(axis=(0, 2), keepdims=True)
    names = [["a", j + 1, l + 2] for l, count in enumerate(run.net.sizes[1:-1]) for j in range(count)]
    shown, count = units.shape[1], len(names)
    which = f"the first {shown} of {count} hidden units" if shown < count else f"the {count} hidden units"
    where = "z ≤ 0" if run.net.hidden == "relu" else "z = 0"
    return {
        "box": box, "points": np.column_stack([X, y]).tolist(),
        "field": _pictures(levels(fields(run, cells(box, SIDE)), 0.5, 0.5), SIDE),
        "units": _pictures(levels(units, white, np.where(reach > 0, reach, 1)), UNIT_SIDE) | {"names": names[:shown]},
        "hint": f"Over the same plane: a of {which}, each on a scale of its own for the whole film; white where {where}.",
        "about": f"{len(y)} points of two classes over the network's P(y = 1), blue below 0.5, red above",
    }  # fmt: skip


def _digits(run):
    """Θ⁽¹⁾ as pictures, for a layer that sees the pixels of a digit."""
    W = run.thetas[0][:, :PICTURES, 1:]
    if W.shape[2] != PIXELS**2:
        return {"field": None, "units": None, "hint": ""}
    names = [["Θ", j + 1, 1] for j in range(W.shape[1])]
    which = f"the first {len(names)} units" if len(names) < run.net.sizes[1] else "each unit"
    hint = f"Θ⁽¹⁾ of {which} without its column 0, as 28 × 28 pixels; one scale for the whole film: blue below zero, red above."
    return {"field": None, "units": _pictures(levels(W, 0.0, np.abs(W).max() or 1.0), PIXELS) | {"names": names}, "hint": hint}


def _pictures(levels, side):
    return {"rows": side, "cols": side, "data": _text(levels)}


def _text(array):
    return base64.b64encode(np.ascontiguousarray(array, np.uint8).tobytes()).decode()


def around(X):
    """The rectangle around the points X (n, 2): left, right, bottom, top."""
    low, high = X.min(axis=0), X.max(axis=0)
    margin = MARGIN * max((high - low).max(), 0.1)
    return [*map(float, (low[0] - margin, high[0] + margin, low[1] - margin, high[1] + margin))]


def cells(box, side):
    """The middles of side × side cells of the rectangle, row by row, top first: (side², 2)."""
    left, right, bottom, top = box
    middle = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(left + middle * (right - left), top - middle * (top - bottom))
    return np.column_stack([x.ravel(), y.ravel()])


def palette():
    """256 colours (256, 3) for `mlcore.lecture.film.levels`: the diverging scale, paled so that points stand out on it; white is 128."""
    return colors.palette(PALE)


def spoken(run):
    """The curve in words."""
    first, last = run.J[0], run.J[-1]
    return f"J over {len(run) - 1} epochs, from {plain(first)} to {plain(last)}; at the end {percent(run.accuracy[-1])} are read right"


def warning(run, rate):
    """What became of a run that stops or whose J leapt: ("warning" or, where it came back, "info", a sentence); else None."""
    instead = f"Try α = {plain(rate / 10)}."
    if run.stopped:
        return "warning", f"{run.stopped} {instead}"
    if run.too_far is None:
        return None
    most, last = int(run.J.argmax()), len(run) - 1
    leapt = f"J rose to {plain(run.J[most])} after epoch {most}, more than ten times what it was at first"
    if run.J[last] <= run.J[0]:
        end = f"after epoch {last} it is {plain(run.J[last])}, and {percent(run.accuracy[last])} are read right"
        return "info", f"{leapt}, and came back: {end}."
    end = "" if most == last else f", and is {plain(run.J[last])} at the end, above its {plain(run.J[0])} at the start"
    return "warning", f"{leapt}{end}: at α = {plain(rate)} the steps go too far. {instead}"
