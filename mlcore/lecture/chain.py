"""The chain rule of one instance as a trace: every object of the slides in the order in which it is computed.

The objects' values are those of `mlcore.explain`. The page walks through them down to the single term, by the rules named here.
"""

import math
from typing import NamedTuple

import numpy as np

from .. import activations


class Object(NamedTuple):
    """One object: its name in `mlcore.explain` ("x", "W", "b", "z", "a", "L", "dL_da", …), layer from 0, shape as on the slides.

    rule says how a cell comes about, sources from which objects: places in Trace.objects.
    """

    name: str
    layer: int
    shape: tuple
    rule: str
    sources: tuple


class Readings(NamedTuple):
    """One derivative read in several ways, each (n,): row times column, the sum over paths, and as `explain` has it.

    paths (m, n) holds the product along each path: ∂L/∂a ∘ ∂a/∂zⱼ is its column j (erratum 11), which sums to ∂L/∂zⱼ.
    """

    product: np.ndarray
    path_sum: np.ndarray
    fused: np.ndarray
    paths: np.ndarray


class Trace:
    """The trace of an `mlcore.explain` result: x, then W, b, z, a of each layer, L, and backwards from the last layer to the first.

    objects in their order; exponentials (c,): e^z of the output, the largest z taken off; losses: those of its sigmoids. With theta the
    objects are those of part one: Θ = [b ∣ W] for W and b, z = Θa, where x and the a of hidden layers begin with a₀ = 1, and ∂L/∂Θ,
    whose column 0 is ∂L/∂b.
    """

    def __init__(self, e, theta=False):
        self.e, self.theta = e, theta
        self.objects = tuple(_objects(e, theta))
        with np.errstate(all="ignore"):
            z = e.layers[-1].z
            self.exponentials = activations.softmax_steps(z).exp
            self.losses = activations.binary_cross_entropy(z[:, None], e.target[:, None])

    def array(self, k):
        """The values of object k, 2-D in its shape; a view where there is one."""
        name, l, shape = self.objects[k][:3]
        if name in ("x", "L"):
            values = self.e.x if name == "x" else self.e.loss
        elif name.endswith("Theta"):
            layer, parts = self.e.layers[l], {"Theta": ("b", "W"), "dL_dTheta": ("dL_db", "dL_dW")}
            if name == "dz_dTheta":
                return np.broadcast_to(np.append(1, layer.input), shape)
            values = np.column_stack([getattr(layer, part) for part in parts[name]])
        else:
            values = getattr(self.e.layers[l], name)
        return np.reshape(values if np.size(values) == math.prod(shape) else np.append(1, values), shape)

    def readings(self, k):
        """The Readings of an object that is a row times a matrix: ∂L/∂z, ∂L/∂b, ∂L/∂a of a hidden layer. ValueError for another."""
        if self.objects[k].rule != "product":
            raise ValueError(f"{self.objects[k].name} is no row times a matrix, expected dL_dz, dL_db or dL_da of a hidden layer")
        row, matrix = (self.array(s) for s in self.objects[k].sources)
        with np.errstate(all="ignore"):
            if self._elementwise(k):  # ∞ times the zeros off the diagonal would spoil the neighbours
                product = row[0] * matrix.diagonal()
                return Readings(product, product, self.array(k)[0], np.diag(product))
            paths = row.T * matrix
            return Readings((row @ matrix)[0], np.array([_exact(column) for column in paths.T]), self.array(k)[0], paths)

    def largest(self, k, count):
        """Of the sums Wx + b of object k, a z (n, 1): the inputs with the largest terms (n, count), and what the others add up to (n,).

        ValueError for an object of another rule.
        """
        if self.objects[k].rule != "affine":
            raise ValueError(f"{self.objects[k].name} is no sum of inputs, expected z")
        W, x, *_ = (self.array(s) for s in self.objects[k].sources)
        terms = W * x[:, 0]
        inputs = np.sort(np.argpartition(-np.abs(terms), range(min(count, len(x))), axis=1)[:, :count], axis=1)
        np.put_along_axis(terms, inputs, 0.0, axis=1)
        return inputs, terms.sum(axis=1)

    def _elementwise(self, k):
        return self.objects[self.objects[k].sources[1]].rule in ("diagonal", "identity")


def _exact(values):
    """The sum of a path's products without rounding on the way; NaN and infinities as floats add them."""
    return math.fsum(values) if np.isfinite(values).all() else float(np.sum(values))


def _objects(e, theta):
    """The objects with their sources, each of which stands before them."""
    places = {}

    def made(name, l, shape, rule, *sources):
        places[name, l] = len(places)
        return Object(name, l, shape, rule, tuple(places[source] for source in sources))

    last = len(e.layers) - 1
    softmax = e.layers[-1].g_prime is None
    bias, W = (1, "Theta") if theta else (0, "W")
    yield made("x", 0, (bias + len(e.x), 1), "given")
    for l, layer in enumerate(e.layers):
        out, inputs = layer.W.shape
        yield made(W, l, (out, bias + inputs), "given")
        if not theta:
            yield made("b", l, (out, 1), "given")
        yield made("z", l, (out, 1), "affine", (W, l), ("a", l - 1) if l else ("x", 0), *([] if theta else [("b", l)]))
        yield made("a", l, (out + bias * (l < last), 1), "softmax" if softmax and l == last else "g", ("z", l))
    yield made("L", last, (1, 1), "log" if softmax else "losses", ("a", last))
    for l in range(last, -1, -1):
        out, inputs = e.layers[l].W.shape
        before = ("a", l - 1) if l else ("x", 0)
        if l == last:
            yield made("dL_da", l, (1, out), "slope", ("a", l))
        else:
            yield made("dL_da", l, (1, out), "product", ("dL_dz", l + 1), ("dz_da", l + 1))
        yield made("da_dz", l, (out, out), "jacobian" if softmax and l == last else "diagonal", ("a", l))
        yield made("dL_dz", l, (1, out), "product", ("dL_da", l), ("da_dz", l))
        yield made(f"dz_d{W}", l, (out, bias + inputs), "sheet", before)
        if not theta:
            yield made("dz_db", l, (out, out), "identity")
        yield made(f"dL_d{W}", l, (out, bias + inputs), "outer", ("dL_dz", l), (f"dz_d{W}", l))
        if not theta:
            yield made("dL_db", l, (1, out), "product", ("dL_dz", l), ("dz_db", l))
        if l:
            yield made("dz_da", l, (out, inputs), "weight", (W, l))
