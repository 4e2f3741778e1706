"""The colours of the lab, each with one meaning. Nothing else in the app names a colour.

As lines and marks all have a contrast of at least 3 : 1 to the page, light or dark; as text they are taken through `text`. Never by colour
alone: what has a colour also has a dash, a frame, a weight or a name of its own. Components get them as COLORS and as CSS properties.
"""

import numpy as np

ACCENT = "#0f766e"
MUTED = "#8a8f98"

TRAIN, HELD_OUT = ACCENT, "#8b4fe8"
BIAS = "#97690f"  # the column of the bias unit in Θ, Δ and D
LIT = "#d9480f"  # what the cell under the pointer was computed from
NOT_FINITE = "#d6248a"
DATA, PENALTY = "#64748b", "#5b7f1a"  # the two parts of J
SERIES = (ACCENT, "#a8577e", "#6d5bd0", MUTED)  # runs or quantities laid over each other

# Gradients, weights and contributions: blue below zero, white at zero, red above, the same on every page.
NEGATIVE, ZERO, POSITIVE = "#2468ae", "#f7f7f7", "#c4253a"
STOPS = (NEGATIVE, "#92c5de", ZERO, "#f4a582", POSITIVE)  # at equal distances
DIVERGING = [[k / 4, color] for k, color in enumerate(STOPS)]

# A digit is ink on paper in either theme.
PAPER, INK = "#ffffff", "#000000"
ON_DARK, ON_LIGHT = PAPER, INK  # a number on a cell of the scale
GAP = "#808080"  # a cell that is not a number

# Classes of the two-dimensional sets; 1 is red as P(y = 1) is.
CLASSES = [NEGATIVE, POSITIVE, "#15803d", "#c2620c", "#7c3aed", "#8a6d1d", "#c2407a", "#5f6f85", "#4d7c0f", "#0b78b8"]


def rgb(color):
    """[red, green, blue] of a colour, 0 to 255."""
    return [int(color[k : k + 2], 16) for k in (1, 3, 5)]


def diverging(values, strength=1.0):
    """Places of the diverging scale, values in [−1, 1] of any shape, as uint8 colours (…, 3); strength below 1 pales them towards white."""
    at = (np.clip(np.asarray(values, float), -1, 1) + 1) * 2
    stops, k = np.array(list(map(rgb, STOPS)), float), np.minimum(at.astype(int), 3)
    scale = stops[k] + (at - k)[..., None] * (stops[k + 1] - stops[k])
    return np.floor(strength * scale + (1 - strength) * 255 + 0.5).astype(np.uint8)


def palette(strength=1.0):
    """The diverging scale as 256 colours (256, 3), uint8: the first two are blue, 128 is white, the last is red."""
    return diverging((np.arange(256) - 128) / 127, strength)


def gradient():
    """The diverging scale from left to right, in CSS."""
    return f"linear-gradient(to right, {', '.join(f'{color} {100 * place:.0f}%' for place, color in DIVERGING)})"


def text(color):
    """A colour in CSS for text: nearer to the text's own, so that it can be read in either theme."""
    return f"color-mix(in srgb, {color} 70%, currentColor)"


def named():
    """The colours that components use, by the name they have there."""
    names = ("ACCENT", "MUTED", "TRAIN", "HELD_OUT", "BIAS", "LIT", "NOT_FINITE", "DATA", "PENALTY", "NEGATIVE", "ZERO", "POSITIVE")
    return {name: globals()[name] for name in (*names, "PAPER", "INK", "ON_DARK", "ON_LIGHT", "GAP")}
