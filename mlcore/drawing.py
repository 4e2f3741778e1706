"""From a drawing or a photo to the 784 pixels of an MNIST digit, prepared the way MNIST prepared its own.

Ink on paper, cut to the ink, the longer side scaled to 20 pixels, the centre of mass put into the middle of 28 × 28.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import validate
from .pictures import open_picture, pillow

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["open_picture", "stages", "to_digit"]

SIDE, BOX, CENTRE = 28, 20, 14
# Fainter than this share of the darkest ink is paper; weaker contrast than FAINTEST (of 255) is no ink at all.
TRACE, FAINTEST = 0.1, 24
# A speck is farther off than this share of the digit's longer side, and a square of ink around it weighs at most this share of the digit.
FAR, LIGHT = 0.35, 0.25
# As many pixels as a digit is long are at least so dark (of 255), as with nearly all of MNIST's.
DARK = 200


def to_digit(image: ArrayLike) -> np.ndarray:
    """(H, W) grey, RGB or RGBA uint8 of any size → (784,) float32 in [0, 1], ink 1; all zeros where there is no ink.

    If alpha varies, alpha is the ink; else what differs from the border's grey, be it darker or lighter. Raises ValueError for other
    shapes and dtypes.
    """
    steps = _steps(image)
    return steps[-1].ravel() / np.float32(255) if steps else np.zeros(SIDE * SIDE, np.float32)


def stages(image: ArrayLike) -> list[tuple[str, np.ndarray]]:
    """The steps of to_digit as (name, array) pairs, float32 in [0, 1], the last one (28, 28); an empty list where there is no ink.

    Raises ValueError as to_digit does.
    """
    names = ("Ink", "Crop", f"Scale to {BOX} × {BOX}", f"Centre of mass in {SIDE} × {SIDE}")
    return [(name, array / np.float32(255)) for name, array in zip(names, _steps(image))]


def _steps(image: ArrayLike) -> list[np.ndarray]:
    """The arrays of the stages, uint8; an empty list where there is no ink."""
    pillow()
    from PIL import Image

    ink = _ink(_checked(image))
    if ink is None:
        return []
    crop = ink[_digit(ink)]

    height, width = crop.shape
    longer = max(height, width)
    size = (max(1, round(BOX * width / longer)), max(1, round(BOX * height / longer)))
    # Averaging over areas keeps the weight of the ink; enlarging wants a filter that does not leave blocks.
    how = Image.Resampling.BOX if longer >= BOX else Image.Resampling.BICUBIC
    box = _dark_enough(np.asarray(Image.fromarray(crop).resize(size, how)))

    digit = np.zeros((SIDE, SIDE), np.uint8)
    top, left = _corner(box, 0), _corner(box, 1)
    digit[top : top + box.shape[0], left : left + box.shape[1]] = box
    return [ink, crop, box, digit]


def _checked(image: ArrayLike) -> np.ndarray:
    try:
        image = np.asarray(image)
    except ValueError:
        raise ValueError("the image has rows of different lengths, expected (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA") from None
    channels = 1 if image.ndim == 2 else image.shape[2] if image.ndim == 3 else 0
    if channels not in (1, 3, 4) or (image.ndim == 3 and channels == 1) or image.size == 0:
        raise ValueError(f"the image has shape {validate.shown(image.shape)}, expected (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA")
    if image.dtype != np.uint8:
        raise ValueError(f"the image has dtype {validate.short(image.dtype)}, expected uint8 from 0 to 255")
    return image


def _ink(image: np.ndarray) -> np.ndarray | None:
    """The amount of ink as (H, W) uint8, the darkest 255; None for plain paper."""
    from PIL import Image

    if image.ndim == 3 and image.shape[2] == 4:
        alpha = image[:, :, 3]
        if alpha.min() < alpha.max():
            return _stretched(alpha, int(alpha.min()), 0)
        image = image[:, :, :3]
    grey = image if image.ndim == 2 else np.asarray(Image.fromarray(np.ascontiguousarray(image)).convert("L"))
    # Counts of the 256 greys instead of sorting, and below a table instead of arithmetic on every pixel: this runs on each stroke.
    border = np.bincount(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]), minlength=256)
    paper = _below(border, 0.5)
    # What the border itself varies by, a camera's noise or a shadow, is not ink.
    return _stretched(grey, paper, _below(np.bincount(np.abs(np.arange(256) - paper), border), 0.9))


def _digit(ink: np.ndarray) -> tuple[slice, ...]:
    """The rows and columns, two slices, that hold the digit: all the ink but specks far from the rest.

    A speck outside the rest's rows or columns is parted from it by empty rows or columns, so a look along both axes finds it.
    """
    dark = ink > 255 * TRACE
    place = _around(dark, (slice(0, ink.shape[0]), slice(0, ink.shape[1])))
    shed = 0.0
    while found := _speck(ink, dark, place, shed):
        place, shed = found
    return place


def _speck(ink: np.ndarray, dark: np.ndarray, place: tuple[slice, ...], shed: Any) -> Any:
    """The place without one speck, and the ink of all specks so far, this one's added to shed; None where there is none."""
    for axis in (0, 1):
        used = np.flatnonzero(dark[place].any(axis=1 - axis)) + place[axis].start
        # Narrower gaps than a sixth of the whole cannot part off a speck.
        for k in np.flatnonzero(np.diff(used) > 1 + (used[-1] - used[0]) / 6):
            halves = [_around(dark, (half, place[1]) if axis == 0 else (place[0], half))
                      for half in (slice(used[0], used[k] + 1), slice(used[k + 1], used[-1] + 1))]
            speck, rest = sorted(halves, key=_longer)
            without, left = shed + float(ink[speck].sum()), float(ink[rest].sum())
            far = used[k + 1] - used[k] > FAR * _longer(rest)
            if far and max(255 * _longer(speck) ** 2, without) <= LIGHT * left:
                return rest, without
    return None


def _around(dark: np.ndarray, place: tuple[slice, ...]) -> tuple[slice, ...]:
    """The narrowest rows and columns, two slices, around what is dark at this place."""
    used = [np.flatnonzero(dark[place].any(axis=axis)) for axis in (1, 0)]
    return tuple(slice(int(at.start + u[0]), int(at.start + u[-1]) + 1) for at, u in zip(place, used))


def _longer(place: tuple[slice, ...]) -> int:
    return max(at.stop - at.start for at in place)


def _dark_enough(box: np.ndarray) -> np.ndarray:
    """A thin pen's grey raised until as many pixels as the digit is long are DARK. box (h, w) uint8, the same back."""
    level = int(np.partition(box, -BOX, axis=None)[-BOX])
    return box if level >= DARK else np.minimum(box * (DARK / max(level, 1)), 255).astype(np.uint8)


def _below(counts: np.ndarray, share: float) -> int:
    """The smallest value that at least this share of what was counted does not exceed."""
    total = np.cumsum(counts)
    return int(np.searchsorted(total, share * total[-1]))


def _stretched(grey: np.ndarray, paper: int, noise: int) -> np.ndarray | None:
    """How far each pixel is from the paper towards the ink, 0 to 255; None where the contrast is too faint."""
    darkest, lightest = paper - int(grey.min()), int(grey.max()) - paper
    contrast = max(darkest, lightest)
    if contrast < FAINTEST:
        return None
    noise = min(noise, contrast // 2)
    level = (np.arange(256) - paper) * (-1 if darkest >= lightest else 1)
    return np.clip(255 * (level - noise) / (contrast - noise) + 0.5, 0, 255).astype(np.uint8)[grey]


def _corner(box: np.ndarray, axis: int) -> int:
    """Where the box begins along an axis, so that its centre of mass comes to lie on 14, and the box inside the 28 pixels."""
    mass = box.sum(axis=1 - axis, dtype=np.float64)
    centre = mass @ np.arange(len(mass)) / mass.sum() if mass.sum() else len(mass) / 2
    return int(np.clip(round(CENTRE - centre), 0, SIDE - len(mass)))
