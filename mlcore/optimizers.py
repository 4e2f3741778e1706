"""Gradient descent: Θ ← Θ − αD, plain, with momentum, and Adam. What an optimizer remembers lives in it, not in the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from . import validate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .network import Network


class Optimizer(Protocol):
    """What train takes for an optimizer: one update of net in place, D[l] (out, in + 1) for each layer."""

    def step(self, net: Network, D: Sequence[np.ndarray]) -> None: ...


class SGD:
    """v ← μv − αD, Θ ← Θ + v; with μ = 0 the lecture's Θ ← Θ − αD.

    learning_rate is the slides' α (in part two "a"). Raises ValueError unless learning_rate > 0 and 0 ≤ momentum < 1.
    """

    def __init__(self, learning_rate: float, momentum: float = 0.0) -> None:
        self.learning_rate = validate.number(learning_rate, "learning_rate", low_allowed=False)
        self.momentum = validate.number(momentum, "momentum", high=1.0)
        self.forget()

    def forget(self) -> None:
        """Start anew: no velocity. What a training that diverged leaves behind is not finite."""
        self._velocity: list[np.ndarray] | None = None
        self._scratch: list[np.ndarray] | None = None

    def step(self, net: Network, D: Sequence[np.ndarray]) -> None:
        """One update of net in place, D[l] (out, in + 1) for each layer."""
        self._scratch = _fitting(self._scratch, net)
        velocity = None
        if self.momentum:
            velocity = self._velocity = _fitting(self._velocity, net)
        for l, (layer, d, scratch) in enumerate(zip(net.layers, D, self._scratch)):
            theta, step = layer.theta, np.multiply(d, -self.learning_rate, out=scratch)
            if velocity is not None:
                v = velocity[l]
                v *= self.momentum
                v += step
                step = v
            theta += step

    def __repr__(self) -> str:
        return f"SGD({self.learning_rate:g}, momentum={self.momentum:g})"


class Adam:
    """Adam (Kingma and Ba): steps of size α along m̂ / (√v̂ + ε), the running means of D and D² without their start-up bias.

    Raises ValueError unless learning_rate > 0, 0 ≤ beta1, beta2 < 1 and epsilon > 0.
    """

    def __init__(self, learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> None:
        self.learning_rate = validate.number(learning_rate, "learning_rate", low_allowed=False)
        self.beta1, self.beta2 = validate.number(beta1, "beta1", high=1.0), validate.number(beta2, "beta2", high=1.0)
        self.epsilon = validate.number(epsilon, "epsilon", low_allowed=False)
        self.forget()

    def forget(self) -> None:
        """Start anew: no means, no updates counted."""
        self._mean: list[np.ndarray] | None = None
        self._square: list[np.ndarray] | None = None
        self._scratch: list[np.ndarray] | None = None
        self._updates = 0

    def step(self, net: Network, D: Sequence[np.ndarray]) -> None:
        """One update of net in place, D[l] (out, in + 1) for each layer."""
        if _fitting(self._mean, net) is not self._mean:  # for another network it is the first update, bias and all
            self.forget()
        self._mean, self._square = _fitting(self._mean, net), _fitting(self._square, net)
        self._scratch = _fitting(self._scratch, net)
        self._updates += 1
        mean_bias, square_bias = 1 - self.beta1**self._updates, 1 - self.beta2**self._updates
        for layer, d, m, v, scratch in zip(net.layers, D, self._mean, self._square, self._scratch):
            m *= self.beta1
            m += np.multiply(d, 1 - self.beta1, out=scratch)
            v *= self.beta2
            np.multiply(d, d, out=scratch)
            scratch *= 1 - self.beta2
            v += scratch
            root = np.sqrt(np.divide(v, square_bias, out=scratch), out=scratch)
            root += self.epsilon
            step = np.divide(m, root, out=scratch)
            step *= self.learning_rate / mean_bias
            theta = layer.theta
            theta -= step

    def __repr__(self) -> str:
        return f"Adam({self.learning_rate:g})"


def _fitting(memory: list[np.ndarray] | None, net: Network) -> list[np.ndarray]:
    """The optimizer's memory, started from 0 for a network of other shapes or dtype."""
    if memory is not None and all(m.shape == layer.theta.shape and m.dtype == net.dtype for m, layer in zip(memory, net.layers)):
        return memory
    return [np.zeros_like(layer.theta) for layer in net.layers]
