"""Digits as pen strokes: read from a file, drawn as on the canvas, made into the pixels a network takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import validate
from .drawing import to_digit
from .files import Unpacked, reading
from .pictures import pillow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike

    from .files import File

    Strokes = Sequence[Sequence[Sequence[float]]]

# Of "Pen-Based Recognition of Handwritten Digits": no shipped network has learned from these writers (docs/models.md).
HELD_OUT = ("tra25", "tra26", "tra27", "tra28", "tra29", "tra30")
MOST_MB = 8  # of a file, unpacked
FINER = 2  # drawn so many times finer than the picture, then averaged: Pillow's own lines have hard edges


def load(file: File) -> list[dict[str, Any]]:
    """The digits in a JSON file, gzipped or not → [{"label": int, "writer": str, "strokes": [[[x, y], …], …]}, …], y down.

    file is a path or a binary file object; a digit without "writer" gets "". Raises ValueError, in one sentence, for anything else.
    """
    import json
    import zlib

    try:
        with reading(file) as f:
            text = Unpacked(f).whole(MOST_MB * 2**20)
    except zlib.error:
        text = b""
    except ValueError as error:
        raise ValueError(f"this is not a file of pen strokes: {error}") from None
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("this is not a file of pen strokes: it is no JSON, gzipped or not") from None
    if not (isinstance(items, list) and items):
        raise ValueError('this is not a file of pen strokes: expected a list of {"label", "writer", "strokes"}')
    return [_checked(item, k) for k, item in enumerate(items)]


def _checked(item: Any, k: int) -> dict[str, Any]:
    strokes: Any
    label, strokes = (item.get("label"), item.get("strokes")) if isinstance(item, dict) else (None, None)
    if not (type(label) is int and 0 <= label <= validate.LARGEST_LABEL):
        raise ValueError(f"digit {k} of the file has the label {validate.shown(label)}, expected a whole number of at least 0")
    try:
        points = [np.asarray(stroke, float) for stroke in strokes]
        sound = points and all(p.ndim == 2 and p.shape[1] == 2 and len(p) and np.isfinite(p).all() for p in points)
    except (TypeError, ValueError):
        sound = False
    if not sound:
        raise ValueError(f"digit {k} of the file has no strokes of points [x, y], expected [[[x, y], …], …]")
    return {"label": label, "writer": str(item.get("writer", "")), "strokes": strokes}


def render(
    strokes: Strokes, side: int = 280, pen: float = 20, filled: float = 0.64, centre: tuple[float, float] = (0.5, 0.5),
    affine: ArrayLike | None = None,
) -> np.ndarray:  # fmt: skip
    """The picture that a canvas gives of these strokes: (side, side) uint8, a round black pen of that many pixels on white.

    The pen's path, turned by affine (2, 2) if given, is scaled until the longer of its width and height is `filled` of the side, its
    middle put at `centre` (shares of the side, x and y); what lies outside is cut off. Raises ValueError for strokes without points.
    """
    pillow()
    from PIL import Image, ImageDraw

    try:
        points = [np.asarray(stroke, float).reshape(-1, 2) for stroke in strokes]
    except (TypeError, ValueError):
        points = []
    every = np.concatenate(points) if points else np.empty((0, 2))
    if not every.size:
        raise ValueError("strokes has no points, expected [[[x, y], …], …]")
    if affine is not None:
        turn = np.asarray(affine, float)
        every, points = every @ turn, [stroke @ turn for stroke in points]
    low, high = every.min(axis=0), every.max(axis=0)
    canvas = FINER * side
    scale = canvas * filled / max((high - low).max(), 1e-6)
    r = FINER * pen / 2

    image = Image.new("L", (canvas, canvas), 255)
    draw = ImageDraw.Draw(image)
    for stroke in points:
        line = [tuple(point) for point in ((stroke - (low + high) / 2) * scale + np.multiply(canvas, centre)).tolist()]
        if len(line) > 1:
            draw.line(line, fill=0, width=max(1, round(2 * r)))
        for x, y in line:  # the pen is round at its ends and where the line bends
            draw.ellipse((x - r, y - r, x + r, y + r), fill=0)
    return np.asarray(image.reduce(FINER))


def drawn(
    items: Sequence[dict[str, Any]], seed: int = 0, pens: tuple[float, float] = (12, 30), filled: tuple[float, float] = (0.25, 1.0),
    done: Callable[[], object] = lambda: None,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Each digit drawn once on a canvas of 280 × 280 and read as every drawing is → X (n, 784) uint8, y (n,).

    The pen's width in pixels and the share of the canvas are drawn evenly from these ranges, then a place anywhere that keeps the pen's
    path on the canvas; all of it depends on seed alone. done is called after each. Raises ValueError for no items.
    """
    if not items:
        raise ValueError("there are no digits to draw, expected at least one")
    rng = np.random.default_rng(seed)
    X = np.empty((len(items), 784), np.uint8)
    for row, item in zip(X, items):
        pen, share, place = rng.uniform(*pens), rng.uniform(*filled), rng.uniform(size=2)
        picture = render(item["strokes"], pen=pen, filled=share, centre=tuple(share / 2 + place * (1 - share)))
        row[...] = np.rint(255 * to_digit(picture))
        done()
    return X, np.array([item["label"] for item in items])
