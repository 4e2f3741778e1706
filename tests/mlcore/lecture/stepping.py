"""The trace walked by object, node and term, cell by cell as the rules say: what the page's own walk is compared with."""

import bisect
import itertools
import math
from typing import NamedTuple

import numpy as np

from mlcore.lecture.chain import Trace


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


class Stepping(Trace):
    """A Trace with the terms of each cell; len() counts those of all cells of all objects."""

    def __init__(self, e, theta=False):
        super().__init__(e, theta)
        self._starts = list(itertools.accumulate((self._size(k) for k in range(len(self.objects))), initial=0))

    def __len__(self):
        return self._starts[-1]

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
