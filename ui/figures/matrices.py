"""Matrices as pictures: gradients and weights on one diverging scale, zero in the middle. Arrays in, Plotly figures or PNG out."""

import base64
import io
from functools import cache

import numpy as np
import plotly.graph_objects as go

from ui import colors

GAP = 255  # the palette's last place: transparent
NUMBERS = (12, 150)  # columns and cells up to which a cell has room for its number
CELLS = 2_000  # cells up to which a heatmap goes out as numbers, with hover; above it is a picture
POINTS = 60_000  # points of such a picture; its JSON then stays below 100 kB


def limit(values):
    """The symmetric range of the scale: the largest finite |value|; 1 where all are zero, so that zero stays white."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


@cache
def _palette():
    """255 colours of the diverging scale (the 128th is zero) and a transparent one, as bytes R, G, B, R, G, B …"""
    stops = np.array([stop for stop, _ in colors.DIVERGING])
    rgb = np.array([[int(code[i : i + 2], 16) for i in (1, 3, 5)] for _, code in colors.DIVERGING])
    steps = np.linspace(0, 1, 255)
    table = np.stack([np.interp(steps, stops, rgb[:, channel]) for channel in range(3)], axis=1)
    return bytes(np.vstack([table.round(), [[0, 0, 0]]]).astype(np.uint8).tobytes())


def _levels(values, top):
    """Values in [−top, top] as places 0 … 254 of the palette; NaN is a gap."""
    places = np.clip(np.nan_to_num(values / top, nan=0.0, posinf=1.0, neginf=-1.0), -1, 1) * 127 + 127
    return np.where(np.isnan(values), GAP, places.round()).astype(np.uint8)


def _png(levels, zoom=1):
    from PIL import Image

    image = Image.fromarray(levels, mode="P")
    image.putpalette(_palette())
    if zoom > 1:
        image = image.resize((image.width * zoom, image.height * zoom), Image.Resampling.NEAREST)
    file = io.BytesIO()
    image.save(file, "PNG", transparency=GAP, optimize=False)
    return file.getvalue()


def unit_pictures(W, side=28, most=32, columns=8, zoom=2):
    """One PNG (bytes) with a side × side picture for each of the first `most` rows of W, left to right, top to bottom.

    W is (units, side²): weights or gradients of a first layer. One symmetric scale for all pictures: blue below zero, white at zero.
    """
    W = np.asarray(W, dtype=float)[:most]
    if W.ndim != 2 or W.shape[1] != side * side:
        raise ValueError(f"expected a matrix with {side} × {side} = {side * side} columns, got {W.shape}: only a first layer has pictures.")
    columns = min(columns, len(W))
    rows = -(-len(W) // columns)
    sheet = np.full((rows * (side + 1) - 1, columns * (side + 1) - 1), GAP, dtype=np.uint8)
    for unit, levels in enumerate(_levels(W, limit(W)).reshape(-1, side, side)):
        top, left = (side + 1) * (unit // columns), (side + 1) * (unit % columns)
        sheet[top : top + side, left : left + side] = levels
    return _png(sheet, zoom)
