"""Every local gradient of the chain rule for one instance, each an array with the name and shape of the slides (part two)."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from . import activations, backprop, validate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from .network import Layer, Network, Run

FULL_LIMIT = 256 * 2**20


class LayerExplanation:
    """One layer of the explained instance. What the slides write 1 × c is 1-D.

    W (out, in), b (out,), input (in,), z (out,), a (out,), dL_da (out,), dL_dz (out,) = delta, dz_da (out, in): the derivative by
    this layer's own input, which is W. W and b cannot be written into. What is larger is built anew each time that it is asked for.
    """

    def __init__(
        self, layer: Layer, g_prime: Callable[[np.ndarray], np.ndarray] | None, input: np.ndarray, z: np.ndarray, a: np.ndarray,
        dL_dz: np.ndarray, dL_da: Callable[[], np.ndarray],
    ) -> None:  # fmt: skip
        self.W, self.b = layer.W, layer.b
        self.input, self.z, self.a = input, z, a
        self.dL_dz, self.delta = dL_dz, dL_dz
        self.g_prime, self._dL_da = g_prime, dL_da

    @cached_property
    def dL_da(self) -> np.ndarray:
        """∂L/∂a (out,): of the last layer by its loss, else ∂L/∂z of the next one times its W."""
        with np.errstate(all="ignore"):
            return self._dL_da()

    @property
    def da_dz(self) -> np.ndarray:
        """∂a/∂z (out, out): softmax aᵢ(1 − aᵢ) and −aᵢaⱼ; element-wise activations g′(z) on the diagonal."""
        if self.g_prime is None:
            return activations.softmax_jacobian(self.a)
        return np.diag(self.g_prime(self.a))

    def slope(self, i: int, j: int) -> float:
        """The entry ∂aᵢ/∂zⱼ of da_dz, without the others of an element-wise activation."""
        if self.g_prime is None:
            return float(self.da_dz[i, j])
        return float(self.g_prime(self.a[j : j + 1])[0]) if i == j else 0.0

    @property
    def dz_da(self) -> np.ndarray:
        """∂z/∂a of the layer before (of x for the first), (out, in): W itself."""
        return self.W

    @property
    def dz_dW(self) -> np.ndarray:
        """The slide's sheet (out, in): every row is the layer's input. A view."""
        return np.broadcast_to(self.input, self.W.shape)

    @property
    def dz_dW_full(self) -> np.ndarray:
        """The full derivative (out, out, in): [k, i, j] = ∂zₖ/∂Wᵢⱼ = inputⱼ for k = i, else 0. ValueError above 256 MB."""
        out, inputs = self.W.shape
        size = out * out * inputs * self.W.itemsize
        if size > FULL_LIMIT:
            raise ValueError(f"dz_dW_full would take {size / 2**20:.0f} MB, more than 256 MB; dz_dW_slice(k) gives one slice of it")
        full = np.zeros((out, out, inputs))
        full[np.arange(out), np.arange(out)] = self.input
        return full

    def dz_dW_slice(self, k: int) -> np.ndarray:
        """∂zₖ/∂W (out, in): the input in row k, else 0. Raises ValueError for k outside 0 … out − 1."""
        k = _unit(k, len(self.z))
        slice_k = np.zeros(self.W.shape)
        slice_k[k] = self.input
        return slice_k

    @property
    def dz_db(self) -> np.ndarray:
        """∂z/∂b (out, out): the identity."""
        return np.eye(len(self.z))

    @property
    def dL_dW(self) -> np.ndarray:
        """∂L/∂W = (∂L/∂z)ᵀ ∘ ∂z/∂W (out, in): the outer product of ∂L/∂z and the input."""
        return np.multiply.outer(self.dL_dz, self.input)

    @property
    def dL_db(self) -> np.ndarray:
        """∂L/∂b = ∂L/∂z × ∂z/∂b = ∂L/∂z, (out,)."""
        return self.dL_dz


class Explanation:
    """x (p,), y, target (c,), loss, probabilities (c,), dL_dx (p,) and layers: a LayerExplanation each. All float64."""

    def __init__(self, net: Network, run: Run, delta: list[np.ndarray], target: np.ndarray, i: int, y: int | np.ndarray) -> None:
        g_prime = activations.HIDDEN[net.hidden][1]
        self.x, self.y, self.target = run.x[i], y, target[i]
        self.loss = float(net.output_losses(run.z[-1][i : i + 1], target[i : i + 1])[0])
        self.probabilities = run.a[-1][i]
        self.layers: list[LayerExplanation] = []
        for l in reversed(range(len(net.layers))):
            prime: Callable[[np.ndarray], np.ndarray] | None = g_prime
            if self.layers:
                dL_da = partial(_sent_back, self.layers[0])
            else:
                prime = activations.sigmoid_prime if net.output == "sigmoid" else None
                dL_da = partial(output_dL_da, net.output, run.a[l][i], target[i])
            inputs = run.a[l - 1] if l else run.x
            layer = LayerExplanation(net.layers[l], prime, inputs[i], run.z[l][i], run.a[l][i], delta[l][i], dL_da)
            self.layers.insert(0, layer)

    @cached_property
    def dL_dx(self) -> np.ndarray:
        """∂L/∂x, (p,)."""
        with np.errstate(all="ignore"):
            return _sent_back(self.layers[0])


def _sent_back(layer: LayerExplanation) -> np.ndarray:
    """∂L/∂z of a layer, sent back along its weights."""
    return layer.dL_dz @ layer.W


def output_dL_da(output: str, a: ArrayLike, target: ArrayLike) -> np.ndarray:
    """∂L/∂a: softmax zero but for −1/a_y; sigmoid (a − y)/(a(1 − a)). Infinite or NaN where a saturates (erratum 15).

    output "softmax" or "sigmoid"; a and target (…, c) of one shape. Raises ValueError for anything else.
    """
    validate.one_of(output, "output", activations.OUTPUT)
    a, target = validate.floats(a, "a"), validate.array(target, "target")
    if a.shape != target.shape:
        raise ValueError(f"a has shape {validate.shown(a.shape)} and target {validate.shown(target.shape)}, expected the same")
    if output == "softmax":
        return np.where(target == 1, -1 / a, 0.0)
    return (a - target) / (a * (1 - a))


def explain(net: Network, x: ArrayLike, y: ArrayLike) -> Explanation:
    """Every object of the slides for one instance, in float64 whatever the network's dtype → Explanation.

    x (p,) or (1, p); y a label, or for c sigmoid outputs also a (c,) array of 0 and 1. dL_dz is the fused a − y, finite also where the
    product of the parts is not; no warning is raised. A network that is frozen and float64 is taken as it is, any other is copied.
    Raises ValueError for other shapes, labels out of range, entries not finite.
    """
    # Copies: some objects are built when they are asked for, and by then the caller may have written something else into x.
    x, y = _instance(net, x).copy(), validate.array(y, "y").copy()
    c = net.sizes[-1]
    rows = y.reshape(1, c) if net.output == "sigmoid" and c > 1 and y.size == c else y.reshape(1) if y.size == 1 else y
    target = validate.targets(rows, 1, c, net.output, np.float64)
    return _explained(net, x, target, [y if y.size > 1 else int(y.reshape(()))])[0]


def explain_each(net: Network, X: ArrayLike, y: ArrayLike) -> list[Explanation]:
    """An Explanation of each of several instances, of one pass through the network: n take little more memory and time than one.

    X (n, p), y (n,) labels. The numbers are those of `explain` but for rounding. Raises ValueError as `Network.gradients` does.
    """
    x = validate.inputs(X, net.sizes[0], np.dtype("float64")).copy()
    target, labels = validate.targets(y, len(x), net.sizes[-1], net.output, np.float64), validate.array(y, "y")
    return _explained(net, x, target, [int(label) for label in labels] if labels.ndim == 1 else list(labels.copy()))


def _explained(net: Network, x: np.ndarray, target: np.ndarray, y: list) -> list[Explanation]:
    net = net.snapshot("float64")
    with np.errstate(all="ignore"):
        run = net.forward_pass(x)
        delta = backprop.errors(net, run, target)
        return [Explanation(net, run, delta, target, i, label) for i, label in enumerate(y)]


def _instance(net: Network, x: ArrayLike) -> np.ndarray:
    x = validate.array(x, "x")
    p = net.sizes[0]
    if x.shape not in ((p,), (1, p)):
        raise ValueError(f"x has shape {validate.shown(x.shape)}, expected ({p},) or (1, {p})")
    return validate.scaled(x.reshape(1, p), "float64")


def _unit(k: int, count: int) -> int:
    k = validate.whole(k, "k", 0)
    if k >= count:
        raise ValueError(f"k is {k}, expected 0 … {count - 1}")
    return k


class LocalGradients(NamedTuple):
    """da_dz (B, c, c) and dL_dW (B, c, in) of the last layer, one slice an instance."""

    da_dz: np.ndarray
    dL_dW: np.ndarray


def local_gradients(net: Network, X: ArrayLike, y: ArrayLike, out: LocalGradients | None = None) -> LocalGradients:
    """∂a/∂z and ∂L/∂W of the last layer for each instance of a batch → LocalGradients, in the network's dtype.

    X (B, p), y as for Network.gradients. out takes what an earlier call for as many instances gave and writes into its arrays: filling new
    ones takes several times as long. Raises ValueError as Network.gradients does, and for an out of other shapes or dtype.
    """
    x = validate.inputs(X, net.sizes[0], net.dtype)
    target = validate.targets(y, len(x), net.sizes[-1], net.output, net.dtype)
    c, p = net.layers[-1].W.shape
    shapes = ((len(x), c, c), (len(x), c, p))
    if out is None:
        out = LocalGradients(*(np.empty(shape, net.dtype) for shape in shapes))
    elif not isinstance(out, LocalGradients):
        raise ValueError(f"out is of type {type(out).__name__}, expected what an earlier call gave; leave it out to get new arrays")
    elif tuple(array.shape for array in out) != shapes or any(array.dtype != net.dtype for array in out):
        found = " and ".join(f"{array.dtype} {array.shape}" for array in out)
        raise ValueError(f"out holds {found}, expected {net.dtype} {shapes[0]} and {shapes[1]}; leave it out to get new arrays")
    run = net.forward_pass(x)
    a = run.a[-1]
    if net.output == "softmax":
        activations.softmax_jacobian(a, out=out.da_dz)
    else:
        np.multiply(activations.sigmoid_prime(a)[:, :, None], np.eye(c, dtype=net.dtype), out=out.da_dz)
    np.einsum("bi,bj->bij", a - target, run.a[-2] if len(run.a) > 1 else x, out=out.dL_dW)
    return out


def contributions(net: Network, x: ArrayLike, k: int) -> np.ndarray:
    """Each input's share in logit k, (p,) float64: W_kj x_j without hidden layers (with b_k they sum to z_k), else x_j ∂z_k/∂x_j.

    x (p,) or (1, p). A network that is frozen and float64 is not copied. Raises ValueError for another shape, entries not finite, or k
    outside 0 … c − 1.
    """
    x = _instance(net, x)
    k = _unit(k, net.sizes[-1])
    net = net.snapshot("float64")
    run = net.forward_pass(x)
    dz = net.layers[-1].W[k]
    g_prime = activations.HIDDEN[net.hidden][1]
    for l in range(len(net.layers) - 1, 0, -1):
        dz = (dz * g_prime(run.a[l - 1][0])) @ net.layers[l - 1].W
    return dz * x[0]
