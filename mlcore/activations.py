"""The activations g of the lecture and their derivatives g′, and the two losses that belong to the outputs.

Each g takes z and, for a buffer of its own, out (which may be z itself); each g′ takes a = g(z), from which all of them can be told. They
take lists and whole numbers too and refuse what is no array of real numbers with a ValueError; float32 stays float32. With out z is taken
as it is, an array of floats: that is for training, which meets every batch.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from . import validate


def sigmoid(z, out=None):
    """a = 1 / (1 + e⁻ᶻ), without overflow for any finite z."""
    if out is None:
        z = validate.floats(z, "z")
    e = np.exp(-np.abs(z))
    return np.divide(np.where(z >= 0, 1, e), 1 + e, out=out)


def sigmoid_prime(a):
    """∂a/∂z = a(1 − a)."""
    a = validate.floats(a, "a")
    return a * (1 - a)


def tanh_prime(a):
    """∂a/∂z = 1 − a²."""
    a = validate.floats(a, "a")
    return 1 - a * a


def relu(z, out=None):
    """a = max(z, 0)."""
    if out is None:
        z = validate.floats(z, "z")
    # A row of zeros: compared with a single number NumPy's maximum takes twice as long.
    return np.maximum(z, np.zeros(z.shape[-1:], z.dtype), out=out)


def relu_prime(a):
    """∂a/∂z = 1 where a > 0, which is where z > 0, else 0 (at the kink itself the lecture's choice of 0)."""
    a = validate.floats(a, "a")
    return (a > 0).astype(a.dtype)


def identity(z, out=None):
    """a = z."""
    if out is None:
        z = validate.floats(z, "z")
    return np.positive(z, out=out)


def identity_prime(a):
    """∂a/∂z = 1."""
    return np.ones_like(validate.floats(a, "a"))


HIDDEN: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "sigmoid": (sigmoid, sigmoid_prime),
    "tanh": (np.tanh, tanh_prime),
    "relu": (relu, relu_prime),
    "identity": (identity, identity_prime),
}


def softmax(z, out=None):
    """aᵢ = e^zᵢ / Σⱼ e^zⱼ along the last axis; the largest z is taken off first, which changes nothing and cannot overflow."""
    if out is None:
        z = _logits(z)
    several = z.ndim > 1  # of one instance the largest is a number, which is taken off in half the time of an array
    e = np.subtract(z, np.maximum.reduce(z, axis=-1, keepdims=several), out=out)
    np.exp(e, out=e)
    e /= np.add.reduce(e, axis=-1, keepdims=several)
    return e


def _logits(z):
    z = validate.floats(z, "z")
    if not z.ndim or not z.shape[-1]:
        raise ValueError(f"z has shape {validate.shown(z.shape)}, expected (…, c) with at least one logit")
    return z


OUTPUT: dict[str, Callable[..., Any]] = {"softmax": softmax, "sigmoid": sigmoid}


DTYPES = ("float16", "float32", "float64")


class SoftmaxSteps(NamedTuple):
    """Softmax written out, every number in one dtype: z (c,), shifted (c,), exp (c,), sum, a (c,)."""

    z: np.ndarray
    shifted: np.ndarray
    exp: np.ndarray
    sum: np.floating
    a: np.ndarray


def softmax_steps(z, dtype="float64", shift=True, temperature=1.0):
    """softmax(z / temperature) of one instance step by step, z (c,), each step computed and rounded in dtype → SoftmaxSteps.

    z is the logits after the division by the temperature, shifted is z less its largest entry, or z itself without the shift. What is too
    large for the dtype becomes infinite there and may end as ∞/∞ = NaN; no warning is raised. Raises ValueError for another shape, entries
    not finite, another dtype than float16, float32 and float64, and a temperature that is not above 0.
    """
    z = one_row(z, "z")
    dtype = np.dtype(validate.one_of(dtype, "dtype", DTYPES)).type
    temperature = validate.number(temperature, "temperature", low_allowed=False)
    with np.errstate(all="ignore"):
        z = (z / temperature).astype(dtype)
        shifted = z - z.max() if shift else z
        e = np.exp(shifted)
        total = np.add.reduce(e)
        return SoftmaxSteps(z, shifted, e, total, e / total)


def one_row(z, name):
    """z as a (c,) float64 array. Raises ValueError for another shape, no entries, and entries not finite."""
    z = validate.array(z, name)
    if z.ndim != 1 or not z.size:
        raise ValueError(f"{name} has shape {validate.shown(z.shape)}, expected (c,) with at least one entry")
    z = z.astype(np.float64)
    if not np.isfinite(z).all():
        raise ValueError(f"{name} has entries that are NaN or infinite, expected finite numbers")
    return z


def exp_limit(dtype):
    """The largest z whose e^z is finite in dtype, log of its largest number: 11.09, 88.72, 709.8 for float16, float32, float64."""
    return float(np.log(np.float64(np.finfo(validate.one_of(dtype, "dtype", DTYPES)).max)))


def softmax_jacobian(a, out=None):
    """∂aᵢ/∂zⱼ = aᵢ(1 − aᵢ) for i = j, −aᵢaⱼ else. a (…, c) → (…, c, c)."""
    a = validate.floats(a, "a")
    if not a.ndim:
        raise ValueError("a is a single number, expected probabilities (…, c)")
    jacobian = np.multiply(-a[..., :, None], a[..., None, :], out=out)
    diagonal = np.einsum("...ii->...i", jacobian)
    # 1 − aᵢ as the sum of the others would be more exact near 1; the slide's form is what the class computes by hand.
    diagonal += a
    return jacobian


def negative_log(a):
    """−log a, the loss where the label's probability is a, of any shape; infinite at 0. Exact only as far as a is: see cross_entropy."""
    a = validate.floats(a, "a")
    if (a < 0).any():
        raise ValueError(f"a has the entry {a[a < 0].flat[0]:g}, expected probabilities")
    with np.errstate(divide="ignore"):
        return 0.0 - np.log(a)  # −log 1 would be −0


def cross_entropy(z, target):
    """−log a_y of each instance from the logits. z (n, c), target (n, c) one-hot → (n,).

    log Σ e^zₖ − z_y, with the largest term kept out of the sum: exact to rounding even where a_y is 0 or almost 1.
    """
    z, target = _logits_and_target(z, target)
    rows, largest = np.arange(len(z)), z.argmax(axis=1)
    top = z[rows, largest]
    e = np.exp(z - top[:, None])
    e[rows, largest] = 0
    return np.log1p(e.sum(axis=1)) + (top - z[rows, target.argmax(axis=1)])


def binary_cross_entropy(z, target):
    """Σ over the outputs of −y log h − (1 − y) log(1 − h), h = sigmoid(z). z, target (n, c) → (n,)."""
    z, target = _logits_and_target(z, target)
    return (np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))).sum(axis=1)


def _logits_and_target(z, target):
    z, target = validate.floats(z, "z"), validate.array(target, "target")
    if z.ndim != 2 or z.shape != target.shape:
        shapes = f"z has shape {validate.shown(z.shape)} and target {validate.shown(target.shape)}"
        raise ValueError(f"{shapes}, expected (n, c) of both: a row for each instance")
    return z, target


LOSS: dict[str, Callable[..., Any]] = {"softmax": cross_entropy, "sigmoid": binary_cross_entropy}


def loss_of_guessing(output, c):
    """The loss of giving each of c classes the same probability: ln c; with c > 2 sigmoid outputs the sum of their losses at h = 1/c."""
    if output == "softmax" or c == 2:
        return float(np.log(c))
    return float(np.log(c) - (c - 1) * np.log(1 - 1 / c))
