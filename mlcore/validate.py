"""What comes in, checked once and said in one sentence: inputs, labels, numbers, names."""

from __future__ import annotations

import operator
import reprlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, DTypeLike

LARGEST_LABEL = 2**31 - 1  # where the number of classes is not known; a label beyond it is no label

SHORT = reprlib.Repr()
SHORT.maxlevel, SHORT.maxother = 2, 60


def shown(value: Any, most: int = 60) -> str:
    """value as Python writes it, in one line of at most so many characters: a sentence stays one, whatever a file or a caller says."""
    try:
        text = " ".join(SHORT.repr(value).split())
    except Exception:  # of its own __repr__, or an int of more digits than Python writes
        text = f"a value of type {type(value).__name__}"
    return _printable(text if len(text) <= most else text[: most - 1] + "…")


def short(text: Any, most: int = 60) -> str:
    """A name as it is, in one line of at most so many characters: of a longer one its two ends."""
    text = str(text)
    return _printable(text if len(text) <= most else f"{text[: most // 2]}…{text[len(text) + 1 - most // 2 :]}")


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def inputs(X: ArrayLike, p: int, dtype: DTypeLike) -> np.ndarray:
    """X as an (n, p) float array. uint8 is pixels and is divided by 255; other dtypes are taken as they are.

    Raises ValueError for another shape, an empty batch, text or complex entries, NaN or infinite entries.
    """
    X = array(X, "X")
    if X.ndim != 2 or X.shape[1] != p:
        hint = "; for one instance pass x[None, :]" if X.ndim == 1 else ""
        raise ValueError(f"X has shape {shown(X.shape)}, expected (n, {p}){hint}")
    if len(X) == 0:
        raise ValueError(f"X is empty, expected at least one instance of shape ({p},)")
    return scaled(X, dtype)


def array(X: ArrayLike, name: str) -> np.ndarray:
    """X as a numeric NumPy array. Raises ValueError for text, objects and complex numbers."""
    try:
        X = np.asarray(X)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths, expected a rectangular array of numbers") from None
    if X.dtype.kind not in "buif":
        raise ValueError(f"{name} has entries of type {short(X.dtype)}, expected real numbers")
    return X


def floats(a: ArrayLike, name: str) -> np.ndarray:
    """a as an array of floats: lists, whole numbers and truth values as float64, floats as they are. Raises ValueError as array does."""
    if type(a) is np.ndarray and a.dtype.kind == "f":
        return a
    a = array(a, name)
    return a if a.dtype.kind == "f" else a.astype(np.float64)


def scaled(X: np.ndarray, dtype: DTypeLike) -> np.ndarray:
    """Pixels (uint8) as X / 255, anything else unchanged, in dtype. Raises ValueError for entries that are not finite there."""
    dtype = np.dtype(dtype).type
    if X.dtype == np.uint8:
        return np.divide(X, dtype(255), dtype=dtype)
    with np.errstate(over="ignore"):
        X = X.astype(dtype, copy=False)
    if not np.isfinite(X).all():
        raise ValueError("X has entries that are NaN or infinite, expected finite numbers")
    return X


def targets(y: ArrayLike, n: int, c: int, output: str, dtype: DTypeLike) -> np.ndarray:
    """Labels y as the (n, c) array that the output error a − y is taken from: one-hot, or the 0/1 array itself.

    One sigmoid output takes y of 0 and 1; c sigmoid outputs also take a 0/1 array (n, c). Raises ValueError for other
    lengths, fractions, and labels out of range.
    """
    y = array(y, "y")
    if output == "sigmoid" and y.shape == (n, c):
        if not np.isin(y, (0, 1)).all():
            raise ValueError(f"y of shape {shown(y.shape)} has the entry {y[~np.isin(y, (0, 1))][0]}, expected only 0 and 1")
        return y.astype(dtype)
    if y.shape != (n,):
        also = f" or ({n}, {c}) of 0 and 1" if output == "sigmoid" else ""
        raise ValueError(f"y has shape {shown(y.shape)}, expected ({n},): one label for each instance{also}")
    y = labels(y, max(c, 2))
    if c == 1:
        return y[:, None].astype(dtype)
    target = np.zeros((n, c), dtype)
    target[np.arange(n), y] = 1
    return target


def labels(y: np.ndarray, classes: int | None = None) -> np.ndarray:
    """y as whole numbers 0 … classes − 1 (whole floats accepted). Raises ValueError for fractions and labels out of range."""
    if y.dtype.kind == "f":
        whole = np.isfinite(y)
        whole[whole] = y[whole] == np.floor(y[whole])
        if not whole.all():
            raise ValueError(f"y has the label {y[~whole][0]}, expected whole numbers")
    last = LARGEST_LABEL if classes is None else classes - 1
    outside = (y < 0) | (y > last)
    if outside.any():
        expected = f"0 … {last}"
        raise ValueError(f"y has the label {y[outside][0]:g}, expected {expected}")
    return y.astype(np.int64)


def number(value: Any, name: str, low: float = 0.0, high: float = float("inf"), low_allowed: bool = True) -> float:
    """value as a float in [low, high), or (low, high). Raises ValueError."""
    try:
        if isinstance(value, (str, bytes)):  # float would read "0.1"
            raise TypeError
        found = float(value)
        given = f"{found:g}"
    except (TypeError, ValueError, OverflowError):
        found, given = float("nan"), shown(value)
    if not (low <= found < high) or (found == low and not low_allowed):
        bound = f"{'at least' if low_allowed else 'above'} {low:g}" + (f" and below {high:g}" if high < float("inf") else "")
        raise ValueError(f"{name} is {given}, expected a finite number {bound}")
    return found


def whole(value: Any, name: str, low: int) -> int:
    """value as an int of at least low. Raises ValueError."""
    try:
        value = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} is {shown(value)}, expected a whole number of at least {low}") from None
    if value < low:
        raise ValueError(f"{name} is {shown(value)}, expected a whole number of at least {low}")
    return value


def dtype(value: Any) -> np.dtype[Any]:
    """float32 or float64, given by its name or as NumPy's own, as np.dtype. Raises ValueError for anything else."""
    try:
        name = value if isinstance(value, str) or value is None else np.dtype(value).name
    except Exception:  # NumPy's own, or of a __repr__ that NumPy asks for
        name = value
    return np.dtype(one_of(name, "dtype", ("float32", "float64")))


def absent(what: str, package: str, extra: str) -> ImportError:
    """The ImportError for something that needs a package which is not installed."""
    return ImportError(f"{what} needs the package {package}: pip install '.[{extra}]' in the project's folder, or pip install {package}")


def one_of(value: Any, name: str, known: Iterable[str]) -> str:
    """value, if it is one of the known names. Raises ValueError that lists them."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} is {shown(value)}, expected one of: {', '.join(known)}")
    return value
