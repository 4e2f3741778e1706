"""More pictures than there are: pen strokes drawn with many pens, every picture turned, slanted, scaled, shifted and bent a little.

What is done here is what differs from one hand to the next and leaves the digit what it is.
"""

import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import mlcore

TURN, SLANT, SIZE, SHIFT = 0.22, 0.2, 0.14, 1.6  # at most: radians, a share of the height, a share of the size, pixels
BEND = 1.6  # pixels: the most that a picture's points are displaced by, as a standard deviation
CHUNK = 128  # pictures at a time, so that what is computed between stays in the processor's cache


def _hills(count=6, width=4.5):
    """count × count round hills over the 28 × 28 pixels, (count², 784); random heights add up to a smooth field of variance 1."""
    along = np.exp(-0.5 * ((np.arange(28) - np.linspace(0, 27, count)[:, None]) / width) ** 2)
    hills = np.einsum("ar,bc->abrc", along, along).reshape(count * count, 784)
    return hills / np.sqrt(np.square(hills).sum(axis=0))


# Where each pixel's ink comes from is linear in these: a constant, the column, the row, the hills. One matrix product for all of it.
_ROWS, _COLUMNS = np.mgrid[:28, :28].reshape(2, 784) - 13.5
BASIS = np.concatenate([np.ones((1, 784)), [_COLUMNS], [_ROWS], _hills()]).astype(np.float32)


def moved(X, rng, strength=1.0):
    """Each picture turned, slanted, scaled, shifted and bent at random, strength times as much. X (n, 784) uint8 → (n, 784) uint8."""
    return np.concatenate([_moved(X[start : start + CHUNK], rng, strength) for start in range(0, len(X), CHUNK)])


def _moved(X, rng, strength):
    n = len(X)
    turn, slant = strength * rng.uniform(-TURN, TURN, n), strength * rng.uniform(-SLANT, SLANT, n)
    wide, tall = np.exp(strength * rng.uniform(-SIZE, SIZE, (2, n)))
    cos, sin = np.cos(turn), np.sin(turn)
    heights = np.empty((2, n, len(BASIS)), np.float32)  # for the column and the row that a pixel's ink comes from
    heights[:, :, 0] = 14.5 + strength * rng.uniform(-SHIFT, SHIFT, (2, n))  # the middle of a picture with an empty pixel all around
    heights[0, :, 1], heights[0, :, 2] = cos * wide, (cos * slant - sin) * wide
    heights[1, :, 1], heights[1, :, 2] = sin * tall, (sin * slant + cos) * tall
    heights[:, :, 3:] = rng.standard_normal((2, n, len(BASIS) - 3)) * (strength * rng.uniform(0, BEND, (n, 1)))

    place = np.clip(heights.reshape(2 * n, -1) @ BASIS, 0, 28.999).reshape(2, n, 784)
    whole = place.astype(np.int32)
    x, y = place - whole
    padded = np.zeros((n, 31, 31), np.float32)
    padded[:, 1:29, 1:29] = X.reshape(n, 28, 28)
    at = 31 * (31 * np.arange(n, dtype=np.int32)[:, None] + whole[1]) + whole[0]
    ink = padded.ravel()
    # Between the four pixels around the place, weighted by how near each is.
    above, below = (ink[at + k] * (1 - x) + ink[at + k + 1] * x for k in (0, 31))
    return (above * (1 - y) + below * y + 0.5).astype(np.uint8)


def drawn_variously(items, times, rng):
    """Each digit several times: pens from hair-thin to as wide as a small digit's eye, turned, slanted, stretched.

    items as strokes.load gives them → X (n · times, 784) uint8, y.
    """
    X, y = [], []
    for item in tqdm(items, "drawing strokes", leave=False):
        for _ in range(times):
            turn, slant, stretch = rng.uniform(-0.2, 0.2), rng.uniform(-0.25, 0.25), np.exp(rng.uniform(-0.2, 0.2))
            turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
            affine = turned @ np.array([[stretch, 0], [slant, 1 / stretch]])
            # Only pen over digit matters once the ink is cut out, so a small canvas does; one digit in eight touches its edges.
            filled, pen = rng.choice([0.65, 1.0], p=[0.875, 0.125]), np.exp(rng.uniform(np.log(0.025), np.log(0.45)))
            picture = mlcore.strokes.render(item["strokes"], 140, 140 * filled * pen, filled, affine=affine)
            X.append(np.rint(255 * mlcore.drawing.to_digit(picture)))
            y.append(item["label"])
    return np.stack(X).astype(np.uint8), np.array(y)
