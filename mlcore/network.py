"""The fully connected network: layers Θ = [b | W], the forward pass, the cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import activations, backprop, validate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, DTypeLike


class Layer:
    """One layer of weights. theta (out, in + 1) is the only store; W and b are views of it, so writing into any writes into all.

    Assigning W, b or theta copies the values in. Raises ValueError for another shape or entries that are not finite.
    """

    def __init__(self, theta: ArrayLike) -> None:
        self._theta = validate.floats(theta, "theta")
        if self._theta.ndim != 2:
            raise ValueError(f"theta has shape {validate.shown(self._theta.shape)}, expected (out, in + 1)")

    @property
    def theta(self) -> np.ndarray:
        """[b | W], (out, in + 1)."""
        return self._theta

    @theta.setter
    def theta(self, new: ArrayLike) -> None:
        self._assign("theta", self._theta, new)

    @property
    def W(self) -> np.ndarray:
        """The weights, (out, in)."""
        return self._theta[:, 1:]

    @W.setter
    def W(self, new: ArrayLike) -> None:
        self._assign("W", self.W, new)

    @property
    def b(self) -> np.ndarray:
        """The bias, (out,)."""
        return self._theta[:, 0]

    @b.setter
    def b(self, new: ArrayLike) -> None:
        self._assign("b", self.b, new)

    def _assign(self, name: str, place: np.ndarray, new: ArrayLike) -> None:
        new = validate.array(new, name)
        if new.shape != place.shape:
            raise ValueError(f"{name} has shape {validate.shown(new.shape)}, expected {place.shape}")
        with np.errstate(over="ignore"):
            new = new.astype(place.dtype)
        if not np.isfinite(new).all():
            raise ValueError(f"{name} has entries that are NaN or infinite, expected finite numbers")
        place[...] = new

    def __repr__(self) -> str:
        return f"Layer({self.W.shape[1]} → {self.W.shape[0]})"


class Run(NamedTuple):
    """A forward pass: x (n, p), and for each layer l its z[l] and a[l], (n, units)."""

    x: np.ndarray
    z: list[np.ndarray]
    a: list[np.ndarray]

    @property
    def probabilities(self) -> np.ndarray:
        """a of the last layer, (n, c)."""
        return self.a[-1]


class Network:
    """A fully connected network of both parts of the lecture; (p, c) with softmax is softmax regression.

    sizes are the units from input to output. hidden: sigmoid, tanh, relu, identity. output: softmax, sigmoid.
    init: "auto" draws W by He (before a relu) or Glorot (else) and sets b = 0; "zeros" sets both to 0.
    Raises ValueError for anything else.
    """

    def __init__(
        self, sizes: Iterable[int], hidden: str = "relu", output: str = "softmax", seed: int = 0, dtype: DTypeLike = "float32",
        init: str = "auto",
    ) -> None:  # fmt: skip
        given: tuple[Any, ...] = tuple(sizes) if hasattr(sizes, "__iter__") else (sizes,)
        if len(given) < 2:
            raise ValueError(f"sizes is {validate.shown(given)}, expected at least two numbers of units: inputs and outputs")
        self.sizes = tuple(validate.whole(s, "a layer's size", 1) for s in given)
        self.hidden = validate.one_of(hidden, "hidden", activations.HIDDEN)
        self.output = validate.one_of(output, "output", activations.OUTPUT)
        if self.output == "softmax" and self.sizes[-1] == 1:
            raise ValueError("softmax over 1 output is always 1, expected at least 2 outputs, or output='sigmoid'")
        self.dtype = validate.dtype(dtype)
        validate.one_of(init, "init", ("auto", "zeros"))
        rng = np.random.default_rng(validate.whole(seed, "seed", 0))
        self.info: dict[str, Any] = {}
        shapes = [(outputs, inputs + 1) for inputs, outputs in zip(self.sizes, self.sizes[1:])]
        self.layers = tuple(Layer(np.zeros(shape, self.dtype)) for shape in shapes)
        if init == "auto":
            for layer in self.layers:
                outputs, inputs = layer.W.shape
                if self.hidden == "relu" and layer is not self.layers[-1]:
                    layer.W = rng.normal(0, np.sqrt(2 / inputs), (outputs, inputs))
                else:
                    limit = np.sqrt(6 / (inputs + outputs))
                    layer.W = rng.uniform(-limit, limit, (outputs, inputs))

    def copy(self, dtype: DTypeLike | None = None) -> Network:
        """A network of its own with the same weights, in another dtype if one is given. Raises ValueError for a dtype as Network does."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.dtype = self.dtype if dtype is None else validate.dtype(dtype)
        twin.info = dict(self.info)
        twin.layers = tuple(Layer(layer.theta.astype(twin.dtype)) for layer in self.layers)
        return twin

    @property
    def frozen(self) -> bool:
        """Whether its weights cannot be written into."""
        return not any(layer.theta.flags.writeable for layer in self.layers)

    def freeze(self) -> Network:
        """From now on its weights cannot be written into, so that whoever reads it needs no copy; returns itself.

        A copy of it can be written into. Views of the weights that were taken before still can, too: freeze what nobody else has yet.
        """
        for layer in self.layers:
            layer.theta.flags.writeable = False
        return self

    def snapshot(self, dtype: DTypeLike | None = None) -> Network:
        """The network as it is now, frozen, in another dtype if one is given: itself where it is that already, else a copy.

        Raises ValueError for a dtype as Network does.
        """
        kept = self.frozen and (dtype is None or self.dtype == validate.dtype(dtype))
        return self if kept else self.copy(dtype).freeze()

    def forward(self, X: ArrayLike) -> Run:
        """The forward pass: z = W a + b, a = g(z) layer by layer. X (n, p) → Run.

        Raises ValueError for another shape, an empty batch, and entries that are NaN or infinite.
        """
        return self.forward_pass(validate.inputs(X, self.sizes[0], self.dtype))

    def forward_pass(self, x: np.ndarray) -> Run:
        """The Run of x (n, p), which is taken as it is: floats of the network's dtype, finite, nothing is looked at."""
        g, _ = activations.HIDDEN[self.hidden]
        run = Run(x, [], [])
        a = x
        for layer in self.layers:
            z = a @ layer.W.T
            z += layer.b
            a = activations.OUTPUT[self.output](z) if layer is self.layers[-1] else g(z)
            run.z.append(z)
            run.a.append(a)
        return run

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Probabilities (n, c); for one sigmoid output (n, 1), P(y = 1). Raises ValueError as forward does."""
        a = None
        if isinstance(X, np.ndarray) and X.shape == (1, self.sizes[0]) and X.dtype == self.dtype:
            a = self._one(X[0])
        return self.forward(X).probabilities if a is None else a[None]

    def _one(self, x: np.ndarray) -> np.ndarray | None:
        """a of the last layer for one instance x (p,), by z = Θ[1; a] and nothing kept; None where x is not finite.

        The general way spends as long on looking at 784 numbers for a NaN as on half of the products; here it would show in any z.
        """
        g, _ = activations.HIDDEN[self.hidden]
        first, *others = self.layers
        a = np.empty(len(x) + 1, x.dtype)
        a[0], a[1:] = 1, x
        z = np.dot(first.theta, a)
        if not math.isfinite(z[0]):
            return None
        for layer in others:
            a = np.empty(len(z) + 1, x.dtype)
            a[0] = 1
            g(z, out=a[1:])
            z = np.dot(layer.theta, a)
        return activations.OUTPUT[self.output](z)

    def predict(self, X: ArrayLike) -> np.ndarray:
        """The most probable label of each instance, (n,); for one sigmoid output 1 where a ≥ 0.5. Raises ValueError as forward does."""
        return self.decide(self.predict_proba(X))

    def decide(self, a: np.ndarray) -> np.ndarray:
        """The answer, a label (n,), to the activations a (n, c) of the output layer."""
        return (a[:, 0] >= 0.5).astype(np.int64) if self.sizes[-1] == 1 else a.argmax(axis=1)

    def losses(self, X: ArrayLike, y: ArrayLike) -> np.ndarray:
        """The loss of each instance, cost(xᵢ) on the slides, (n,). Finite for logits of ±1e4. Raises ValueError as gradients does."""
        run = self.forward(X)
        return self.output_losses(run.z[-1], validate.targets(y, len(run.x), self.sizes[-1], self.output, self.dtype))

    def output_losses(self, z: np.ndarray, target: np.ndarray) -> np.ndarray:
        """The loss of each instance, (n,), from its logits z (n, c) and its target (n, c) of 0 and 1."""
        return activations.LOSS[self.output](z, target)

    def cost(self, X: ArrayLike, y: ArrayLike, l2: float = 0.0) -> float:
        """J(Θ) = (1/n) Σ cost(xᵢ) + (λ/2) Σ W², b left out; a float. Raises ValueError as gradients does."""
        l2 = validate.number(l2, "l2")
        return float(self.losses(X, y).mean(dtype=np.float64)) + self.penalty(l2)

    def penalty(self, l2: float) -> float:
        """The λ part of J: (λ/2) Σ Θᵢⱼ² over j ≠ 0, a float."""
        if not l2:
            return 0.0
        return l2 / 2 * sum(float(np.vdot(layer.W, layer.W)) for layer in self.layers)

    def gradients(self, X: ArrayLike, y: ArrayLike, l2: float = 0.0) -> backprop.Gradients:
        """Backpropagation of J by hand: Gradients with dW, db, D, Delta and delta of every layer, and dX.

        X (n, p), y (n,) labels or, for sigmoid outputs, an (n, c) array of 0 and 1. Raises ValueError for other shapes, labels
        out of range, entries that are not finite, an empty batch, or l2 < 0.
        """
        l2 = validate.number(l2, "l2")
        x = validate.inputs(X, self.sizes[0], self.dtype)
        return backprop.gradients(self, self.forward_pass(x), validate.targets(y, len(x), self.sizes[-1], self.output, self.dtype), l2)

    def __repr__(self) -> str:
        return f"Network({self.sizes}, hidden={self.hidden!r}, output={self.output!r}, dtype={self.dtype.name!r})"
