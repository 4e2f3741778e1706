"""Backpropagation: the error δ of every layer, Δ summed over the instances, D = ∂J/∂Θ (part one of the lecture)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from . import activations, validate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


class Weights(Protocol):
    """What is asked of a layer: a `mlcore.network.Layer` has it."""

    @property
    def theta(self) -> np.ndarray: ...
    @property
    def W(self) -> np.ndarray: ...


class Net(Protocol):
    """What is asked of a network: a `mlcore.Network` has it."""

    @property
    def hidden(self) -> str: ...
    @property
    def layers(self) -> Sequence[Weights]: ...


class Pass(Protocol):
    """What is asked of a forward pass: a `mlcore.network.Run` has it."""

    @property
    def x(self) -> np.ndarray: ...
    @property
    def a(self) -> Sequence[np.ndarray]: ...


class Gradients(NamedTuple):
    """What backpropagation leaves behind, one entry a layer.

    delta[l] (n, out): each instance's own ∂cost(xᵢ)/∂z, without 1/n. Delta[l] (out, in + 1) = Σᵢ δ [1; a]ᵀ.
    D[l] = Δ/n + λΘ, no λ in column 0: ∂J/∂Θ. dX (n, p) = ∂J/∂X.
    """

    delta: list[np.ndarray]
    Delta: list[np.ndarray]
    D: list[np.ndarray]
    dX: np.ndarray

    @property
    def dW(self) -> list[np.ndarray]:
        """∂J/∂W of each layer, (out, in): D without its column 0."""
        return [D[:, 1:] for D in self.D]

    @property
    def db(self) -> list[np.ndarray]:
        """∂J/∂b of each layer, (out,): column 0 of D."""
        return [D[:, 0] for D in self.D]


def gradients(net: Net, run: Pass, target: np.ndarray, l2: float) -> Gradients:
    """Gradients of J for a finished forward pass. target (n, c) as `validate.targets` makes it."""
    n = len(run.x)
    delta = errors(net, run, target)
    Delta = accumulate(run, delta)
    return Gradients(delta, Delta, [average(layer, D, n, l2) for layer, D in zip(net.layers, Delta)], delta[0] @ net.layers[0].W / n)


def errors(net: Net, run: Pass, target: ArrayLike) -> list[np.ndarray]:
    """δ of every layer. δ⁽ᴸ⁾ = a − y, because the output's g′ cancels against its loss; before it δ = (Wᵀδ of the next) ∘ g′(z).

    The bias unit has no z, so Θᵀδ is taken without column 0 of Θ, which is W. target (n, c). Raises ValueError for another shape.
    """
    target = validate.array(target, "target")
    if target.shape != run.a[-1].shape:
        raise ValueError(f"target has shape {validate.shown(target.shape)}, expected {run.a[-1].shape}, that of the outputs")
    _, g_prime = activations.HIDDEN[net.hidden]
    delta = [run.a[-1] - target.astype(run.a[-1].dtype, copy=False)]
    for l in range(len(net.layers) - 1, 0, -1):
        back = delta[0] @ net.layers[l].W
        back *= g_prime(run.a[l - 1])
        delta.insert(0, back)
    return delta


def accumulate(run: Pass, delta: Sequence[ArrayLike]) -> list[np.ndarray]:
    """Δ⁽ˡ⁾ = Σᵢ δ⁽ˡ⁺¹⁾ [1; a⁽ˡ⁾]ᵀ of every layer, (out, in + 1). delta[l] (n, out). Raises ValueError for other shapes."""
    Delta = []
    for a, d in zip([run.x, *run.a], delta):
        d = validate.floats(d, "delta")
        if d.ndim != 2 or len(d) != len(a):
            raise ValueError(f"delta has an entry of shape {validate.shown(d.shape)}, expected ({len(a)}, units): a row for each instance")
        total = np.empty((d.shape[1], a.shape[1] + 1), d.dtype)
        np.sum(d, axis=0, out=total[:, 0])
        np.matmul(d.T, a, out=total[:, 1:])
        Delta.append(total)
    return Delta


def average(layer: Weights, Delta: ArrayLike, n: int, l2: float) -> np.ndarray:
    """D = Δ/n + λΘ, without λ in column 0. Delta (out, in + 1) as the layer's Θ. Raises ValueError for another shape."""
    D = validate.floats(Delta, "Delta") / n
    if D.shape != layer.theta.shape:
        raise ValueError(f"Delta has shape {validate.shown(D.shape)}, expected {layer.theta.shape}")
    if l2:
        D[:, 1:] += l2 * layer.W
    return D
