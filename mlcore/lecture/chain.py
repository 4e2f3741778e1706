"""The chain rule of one instance as a trace: every object of the slides in the order in which it is computed, down to the single term.

The objects' values are those of `mlcore.explain`; nothing is computed on the way, so a step back is the step that was there before.
"""

import bisect
import itertools
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


class Step(NamedTuple):
    """One term of one cell: object is its place in Trace.objects, row and col the cell, term the term's number.

    factors are the numbers the term is made of, value the term; so_far the sum of the cell's terms up to this one, and with the last
    term the cell. Where the parts of ∂L/∂z are infinite or NaN so is so_far, and the cell itself stays finite (erratum 15).
    """

    object: int
    row: int
    col: int
    term: int
    factors: tuple
    value: float
    so_far: float


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

    objects in their order; len(trace) counts the terms of all cells of all objects. With theta the objects are those of part one: Θ =
    [b ∣ W] for W and b, z = Θa, where x and the a of hidden layers begin with a₀ = 1, and ∂L/∂Θ, whose column 0 is ∂L/∂b.
    """

    def __init__(self, e, theta=False):
        self.e, self.theta = e, theta
        self.objects = tuple(_objects(e, theta))
        with np.errstate(all="ignore"):
            z = e.layers[-1].z
            self.exponentials = activations.softmax_steps(z).exp
            self.losses = activations.binary_cross_entropy(z[:, None], e.target[:, None])
        self._starts = list(itertools.accumulate((self._size(k) for k in range(len(self.objects))), initial=0))

    def __len__(self):
        return self._starts[-1]

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

    def terms(self, k, row, col):
        """The terms of a cell as (factors (t, f), values (t,), sums (t,)): sums[i] is the sum of the first i + 1, the last one the cell.

        A cell that is no sum has one term. softmax has its c exponentials and then the division. Raises IndexError for no such cell.
        """
        rows, cols = self.objects[k].shape
        if not (0 <= row < rows and 0 <= col < cols):
            raise IndexError(f"{self.objects[k].name} is {rows} × {cols} and has no cell ({row}, {col})")
        with np.errstate(all="ignore"):
            factors, values, sums = getattr(self, f"_{self.objects[k].rule}")(k, row, col)
        return factors, values, np.cumsum(values) if sums is None else sums

    def at(self, position):
        """The Step at a position, 0 … len(trace) − 1. Raises IndexError outside."""
        if not 0 <= position < len(self):
            raise IndexError(f"position is {position}, expected 0 … {len(self) - 1}")
        k = bisect.bisect_right(self._starts, position) - 1
        node, term = divmod(position - self._starts[k], self.terms_of(k))
        row, col = divmod(node, self.objects[k].shape[1])
        factors, values, sums = self.terms(k, row, col)
        return Step(k, row, col, term, tuple(map(float, factors[term])), float(values[term]), float(sums[term]))

    def position(self, k, row=0, col=0, term=0):
        """The position of a term: the inverse of `at`."""
        return self._starts[k] + (row * self.objects[k].shape[1] + col) * self.terms_of(k) + term

    def step(self, position, stride, back=False):
        """The position one stride on or back, held at the start of the first and the last: "object", "node" or "term".

        Raises ValueError for another stride.
        """
        if stride not in ("object", "node", "term"):
            raise ValueError(f"stride is {stride!r}, expected 'object', 'node' or 'term'")
        k = bisect.bisect_right(self._starts, position) - 1
        size = {"object": self._size(k), "node": self.terms_of(k), "term": 1}[stride]
        begin = position - (position - self._starts[k]) % size
        if not back:
            return min(begin + size, max(position, len(self) - {"object": self._size(-1), "node": self.terms_of(-1), "term": 1}[stride]))
        if begin < position:
            return begin
        if stride == "term" or begin > self._starts[k]:
            return max(begin - size, 0)
        size = self._size(k - 1) if stride == "object" else self.terms_of(k - 1)
        return max(begin - size, 0) if k else 0

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

    def terms_of(self, k):
        """How many terms each cell of object k has."""
        rule, sources = self.objects[k].rule, self.objects[k].sources
        if rule == "affine":
            return self.objects[sources[1]].shape[0] + (len(sources) == 3)
        if rule == "product":
            return self.objects[sources[0]].shape[1]
        counts = {"softmax": self.objects[k].shape[0] + 1, "losses": len(self.losses)}
        return counts.get(rule, 1)

    def _size(self, k):
        return math.prod(self.objects[k].shape) * self.terms_of(k)

    def _one(self, k, row, col, *factors):
        value = np.atleast_1d(self.array(k)[row, col])
        return np.array([factors or value], float).reshape(1, -1), value, None

    _given = _identity = _one

    def _affine(self, k, row, col):
        """zᵢ = Σⱼ Wᵢⱼ xⱼ + bᵢ; zᵢ = Σⱼ Θᵢⱼ aⱼ."""
        W, x, *b = (self.array(s) for s in self.objects[k].sources)
        factors = np.stack([W[row], x[:, 0]], axis=1)
        if b:
            factors = np.append(factors, [[b[0][row, 0], 1]], axis=0)
        return self._sum(k, row, col, factors, factors.prod(axis=1))

    def _product(self, k, row, col):
        """A row times a column."""
        left, right = (self.array(s) for s in self.objects[k].sources)
        factors = np.stack([left[row], right[:, col]], axis=1)
        there = np.arange(len(factors)) == col if self._elementwise(k) else True
        return self._sum(k, row, col, factors, np.where(there, factors.prod(axis=1), 0.0))

    def _sum(self, k, row, col, factors, values):
        sums = np.cumsum(values)
        if np.isfinite(sums[-1]):  # BLAS adds in another order: the last bit is the cell's
            sums[-1] = self.array(k)[row, col]
        return factors, values, sums

    def _softmax(self, k, row, col):
        """aᵢ = e^zᵢ / Σⱼ e^zⱼ, the largest z taken off."""
        e, a = self.exponentials, self.array(k)[row, col]
        values = np.append(e, a)
        return np.append(e, e[row])[:, None], values, np.append(np.cumsum(e), a)

    def _g(self, k, row, col):
        """aᵢ = g(zᵢ); a₀ = 1 comes from nowhere."""
        z = self.array(self.objects[k].sources[0])[:, 0]
        unit = row - (self.objects[k].shape[0] - len(z))
        return self._one(k, row, col, *([] if unit < 0 else [z[unit]]))

    def _log(self, k, row, col):
        """L = −log a_y."""
        return self._one(k, row, col, self.e.probabilities[self.e.y])

    def _losses(self, k, row, col):
        """L = Σ −y log h − (1 − y) log(1 − h) over the sigmoid outputs."""
        factors = np.stack([self.e.probabilities, self.e.target], axis=1)
        return factors, self.losses, np.append(np.cumsum(self.losses)[:-1], self.e.loss)

    def _slope(self, k, row, col):
        """∂L/∂aⱼ of the output, from aⱼ and whether j is the label."""
        return self._one(k, row, col, self.e.probabilities[col], self.e.target[col])

    def _jacobian(self, k, row, col):
        """∂aᵢ/∂zⱼ, from aᵢ and aⱼ."""
        a = self.array(self.objects[k].sources[0])[-self.objects[k].shape[0] :, 0]  # a₀ has no z
        return self._one(k, row, col, a[row], a[col])

    _diagonal = _jacobian

    def _sheet(self, k, row, col):
        """∂zᵢ/∂Wᵢⱼ = xⱼ."""
        return self._one(k, row, col, self.array(self.objects[k].sources[0])[col, 0])

    def _weight(self, k, row, col):
        """∂zₖ/∂aⱼ of the layer before = Wₖⱼ, Θ without its column 0."""
        W = self.array(self.objects[k].sources[0])[:, -self.objects[k].shape[1] :]
        return self._one(k, row, col, W[row, col])

    def _outer(self, k, row, col):
        """∂L/∂Wᵢⱼ = ∂L/∂zᵢ · ∂zᵢ/∂Wᵢⱼ, the element-wise product of the column (∂L/∂z)ᵀ and the sheet."""
        left, right = (self.array(s) for s in self.objects[k].sources)
        return self._one(k, row, col, left[0, row], right[row, col])


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
