"""Data sets: what a Dataset holds, and those by name: digits in the package, full MNIST and Fashion-MNIST from the net or a folder,
two-dimensional sets made on call."""

from __future__ import annotations

import functools
import math
import os
import zlib
from typing import TYPE_CHECKING

import numpy as np

from . import fetching, files, validate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

DIGITS = os.path.join(os.path.dirname(__file__), "data", "digits.npz")
LARGEST_IDX, MOST_DIMENSIONS, BLOCK = 2**28, 4, 2**17  # bytes of the arrays; read at a time
HELD_OUT = 5  # a fifth of the points of a made set, and of each of its classes, is held out


class Dataset:
    """The feature matrix X (n, p) and the label vector y (n,), to train on and, where X_test and y_test are given, to hold out.

    uint8 in X is pixels and is kept so. y may be an (n, c) array of 0 and 1 for independent sigmoid outputs. classes is the number of
    classes, counted from the labels where it is not given. Raises ValueError for shapes that do not fit, empty sets, labels out of range,
    entries that are not finite.
    """

    def __init__(
        self, X_train: ArrayLike, y_train: ArrayLike, X_test: ArrayLike | None = None, y_test: ArrayLike | None = None,
        classes: int | None = None, name: str = "",
    ) -> None:  # fmt: skip
        if (X_test is None) != (y_test is None):
            raise ValueError("one of X_test and y_test is missing, expected both or neither")
        if classes is not None:
            classes = validate.whole(classes, "classes", 2)
        self.X_train, self.y_train = _pair(X_train, y_train, "train", classes)
        self.X_test: np.ndarray | None = None
        self.y_test: np.ndarray | None = None
        if X_test is not None and y_test is not None:
            self.X_test, self.y_test = _pair(X_test, y_test, "test", classes)
        if self.X_test is not None and self.X_test.shape[1] != self.X_train.shape[1]:
            raise ValueError(f"X_test has {self.X_test.shape[1]} features, expected {self.X_train.shape[1]} as X_train")
        if self.y_test is not None and self.y_test.shape[1:] != self.y_train.shape[1:]:
            raise ValueError(f"y_test has shape {validate.shown(self.y_test.shape)}, expected the form of y_train, {self.y_train.shape}")
        self.classes = classes or _count([self.y_train] + ([] if self.y_test is None else [self.y_test]))
        self.name = str(name)

    def __repr__(self) -> str:
        held_out = 0 if self.X_test is None else len(self.X_test)
        return f"Dataset({self.name!r}, {len(self.X_train)} + {held_out} × {self.X_train.shape[1]}, {self.classes} classes)"


def _pair(X: ArrayLike, y: ArrayLike, part: str, classes: int | None) -> tuple[np.ndarray, np.ndarray]:
    X, y = validate.array(X, f"X_{part}"), validate.array(y, f"y_{part}")
    if X.ndim != 2 or 0 in X.shape:
        raise ValueError(f"X_{part} has shape {validate.shown(X.shape)}, expected (n, p) with at least one instance and one feature")
    if y.ndim not in (1, 2) or len(y) != len(X):
        raise ValueError(f"y_{part} has shape {validate.shown(y.shape)}, expected ({len(X)},): one label for each instance")
    if X.dtype.kind == "f" and not np.isfinite(X).all():
        raise ValueError(f"X_{part} has entries that are NaN or infinite, expected finite numbers")
    X = np.ascontiguousarray(X)  # batches are gathered by rows, which of any other layout would copy the whole set each time
    if y.ndim == 2:
        if y.shape[1] == 0 or classes not in (None, 2 if y.shape[1] == 1 else y.shape[1], y.shape[1]):
            raise ValueError(f"y_{part} has shape {y.shape}, expected ({len(X)}, {classes or 'c'}): a column for each class")
        return X, validate.targets(y, len(y), y.shape[1], "sigmoid", np.uint8)
    return X, validate.labels(y, classes)


def _count(parts: list[np.ndarray]) -> int:
    if parts[0].ndim == 2:
        return max(2, parts[0].shape[1])
    return max(2, 1 + max(int(y.max()) for y in parts))


def names() -> tuple[str, ...]:
    """The names that load takes."""
    return ("digits", "mnist", "fashion", *MADE)


def load(
    name: str, *, n: int = 400, noise: float | None = None, seed: int = 0, classes: int | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Dataset:  # fmt: skip
    """A data set by its name → Dataset.

    "digits": 4,000 + 1,000 digits of MNIST, 400 + 100 a class, as uint8 pixels (n, 784). "mnist", "fashion": 60,000 + 10,000, fetched
    once, checksummed and kept in the user's cache folder, or in the one that the environment variable BACKPROP_LAB_CACHE names; or read
    from the four IDX files in folder, gzipped or not. "xor", "circles", "moons", "spirals", "blobs": n points (n, 2), a fifth of each
    class held out, with this noise (a standard deviation; None: one that suits the set) and seed; spirals and blobs take classes. Raises
    ValueError for unknown names and numbers out of range, OSError where files cannot be had.
    """
    validate.one_of(name, "name", names())
    if name == "digits":
        return Dataset(*_digits(), classes=10, name=name)
    if name in fetching.MIRRORS:
        paths = fetching.fetch(name) if folder is None else [_find(folder, file) for file in fetching.FILES]
        X_train, y_train, X_test, y_test = map(_part, paths, ("images", "labels") * 2)
        return Dataset(X_train.reshape(len(X_train), -1), y_train, X_test.reshape(len(X_test), -1), y_test, 10, name)
    return _made(name, validate.whole(n, "n", 10), noise, validate.whole(seed, "seed", 0), classes)


@functools.cache
def _digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    with np.load(DIGITS) as file:
        X, y = file["X"], file["y"]
    X.flags.writeable = y.flags.writeable = False
    return X[:4000], y[:4000], X[4000:], y[4000:]


def _part(path: str | os.PathLike[str], kind: str) -> np.ndarray:
    array, form = read_idx(path), "(n, height, width)" if kind == "images" else "(n,)"
    if array.ndim != (3 if kind == "images" else 1) or not array.size:
        raise ValueError(f"{validate.short(path)} holds an array of shape {array.shape}, expected {kind}, {form}, at least one")
    return array


def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """An IDX file of up to 256 MB of unsigned bytes, gzipped or not → uint8 array.

    Raises ValueError, in one sentence, for a file that is damaged, larger or of another kind, and for what is no file.
    """
    try:
        with files.reading(path) as file:
            return _idx(files.Unpacked(file))
    except zlib.error:
        reason = "it is a damaged gzip file; fetch it again"
    except ValueError as error:
        reason = str(error)
    raise ValueError(f"{validate.short(path)}: {reason}")


def _idx(file: files.Unpacked) -> np.ndarray:
    start = _up_to(file, 4)
    dimensions = start[3] if start[:3] == b"\0\0\x08" and len(start) == 4 else 0
    sizes = _up_to(file, 4 * dimensions)
    if not 0 < dimensions <= MOST_DIMENSIONS or len(sizes) != 4 * dimensions:
        raise ValueError("it is not a whole IDX file of bytes; fetch it again")
    shape = tuple(int(n) for n in np.frombuffer(sizes, ">u4"))
    if math.prod(shape) > LARGEST_IDX:
        raise ValueError(f"it has more than {LARGEST_IDX // 2**20} MB by its header")
    data, at = np.empty(math.prod(shape), np.uint8), 0
    while part := file.read(BLOCK):
        if at + len(part) > len(data):
            break
        data[at : at + len(part)] = np.frombuffer(part, np.uint8)
        at += len(part)
    if part or at != len(data):
        raise ValueError("it is not a whole IDX file of bytes; fetch it again")
    data.flags.writeable = False
    return data.reshape(shape)


def _up_to(file: files.Unpacked, n: int) -> bytes:
    found = b""
    while len(found) < n and (part := file.read(n - len(found))):
        found += part
    return found


def _find(folder: str | os.PathLike[str], file: str) -> str:
    for path in (os.path.join(folder, file), os.path.join(folder, file.removesuffix(".gz"))):
        if os.path.isfile(path):
            return path
    raise FileNotFoundError(f"{validate.short(folder)} has no file {file} (gzipped or not); put the four IDX files there")


def _made(name: str, n: int, noise: float | None, seed: int, classes: int | None) -> Dataset:
    make, usual = MADE[name]
    noise = usual if noise is None else validate.number(noise, "noise")
    if classes is None:
        classes = 3 if name == "blobs" else 2
    elif name not in ("spirals", "blobs") and classes != 2:
        raise ValueError(f"classes is {classes}, expected 2 for {name}")
    classes = validate.whole(classes, "classes", 2)
    if n < 5 * classes:
        raise ValueError(f"n is {n}, expected at least {5 * classes} for {classes} classes")
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    X = make(rng, y, classes) + noise * rng.normal(size=(n, 2))
    # y goes round the classes, so its first fifth holds as much of each as the rest does.
    fifth = n // HELD_OUT
    held_out, kept = rng.permutation(fifth), fifth + rng.permutation(n - fifth)
    return Dataset(X[kept], y[kept], X[held_out], y[held_out], classes, name)


def _xor(rng: np.random.Generator, y: np.ndarray, classes: int) -> np.ndarray:
    """Four corners; opposite ones share a class."""
    x1 = rng.choice([-1.0, 1.0], len(y))
    return np.column_stack([x1, np.where(y == 1, -x1, x1)])


def _circle(angle: np.ndarray, radius: float | np.ndarray = 1.0) -> np.ndarray:
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _circles(rng: np.random.Generator, y: np.ndarray, classes: int) -> np.ndarray:
    """A ring around a ring."""
    return _circle(rng.uniform(0, 2 * np.pi, len(y)), np.where(y == 1, 0.5, 1.25))


def _moons(rng: np.random.Generator, y: np.ndarray, classes: int) -> np.ndarray:
    """Two half circles, each reaching into the other."""
    x = _circle(rng.uniform(0, np.pi, len(y)))
    return np.where((y == 1)[:, None], [0.5, 0.25] - x, x - [0.5, 0.25])


def _spirals(rng: np.random.Generator, y: np.ndarray, classes: int) -> np.ndarray:
    """Arms that turn once around the middle."""
    t = rng.uniform(0.1, 1, len(y))
    return _circle(2 * np.pi * (t + y / classes), 1.5 * t)


def _blobs(rng: np.random.Generator, y: np.ndarray, classes: int) -> np.ndarray:
    """One cloud a class, on a circle."""
    return _circle(2 * np.pi * y / classes, 1.25)


MADE = {"xor": (_xor, 0.3), "circles": (_circles, 0.12), "moons": (_moons, 0.12), "spirals": (_spirals, 0.04), "blobs": (_blobs, 0.35)}
