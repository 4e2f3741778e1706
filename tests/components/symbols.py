"""What the symbols of the chain rule's formulas stand for, in mlcore's arrays."""

from typing import NamedTuple

import numpy as np


class Symbol(NamedTuple):
    """A letter, its layer as it is written above (None: there is none) and its indices as they are written below."""

    letter: str
    layer: int | None
    indices: tuple


class Partial(NamedTuple):
    """∂ of one symbol by another."""

    top: Symbol
    bottom: Symbol


class Names:
    """What symbols stand for, in the notation "W, b" or "Θ": a Scene, and for sums over instances all X, y and λ."""

    def __init__(self, of, notation, instances=(), l2=0.0):
        self.of, self.theta, self.l2, self.n = of, notation == "Θ", l2, len(instances)
        self.each = [one.explained for one in instances]
        self.e = of.explained

    def value(self, symbol, free):
        """A number; an array of a bold letter. free: {index: number} of the sums around it, "column": the unit that y belongs to."""
        if isinstance(symbol, Partial):
            return self.partial(symbol, free)
        letter, layer, indices = symbol
        indices = tuple(free[k] if isinstance(k, str) else k for k in indices)
        if letter == "y":
            return float(self.target[self.place(indices[0]) if indices else free["column"]])
        if letter in ("L", "cost"):
            return self.e.loss
        if letter == "max":
            return self.e.layers[-1].z.max()
        if letter == "n":
            return self.n
        if letter == "λ":
            return self.l2
        if self.theta and letter == "a" and indices == (0,):
            return 1.0
        _, array = self.array(letter, layer)
        if not indices:
            return array
        if letter in "ΘΔD":
            return array[self.place(indices[0]), self.at(indices[1])]
        return array[tuple(self.place(k) for k in indices)]

    @property
    def target(self):
        return self.e.target

    def place(self, k):
        """Where the unit or entry k is in its array."""
        return self.at(k - 1 if self.theta else k)

    def at(self, k):
        if k < 0:
            raise IndexError(k)
        return k

    def array(self, letter, layer):
        """(layer from 0, array) of a letter; a of layer −1 is x."""
        several = len(self.e.layers) > 1
        if self.theta:
            assert layer is not None, f"{letter} without its layer"
            l = layer - (1 if letter in "ΘΔD" else 2)
        else:
            assert letter == "x" or (layer is not None) == several, f"{letter} with layer {layer}"
            l = -1 if letter == "x" else layer - 1 if several else 0
            assert l >= 0 or letter == "x", f"{letter} of layer {layer}"
        if letter in "xa" and l == -1:
            return l, self.e.x
        layer = self.e.layers[l]
        if letter in "ΔD":
            return l, {"Δ": self.gradients.Delta, "D": self.gradients.D}[letter][l]
        return l, {"W": lambda: layer.W, "b": lambda: layer.b, "Θ": lambda: np.column_stack([layer.b, layer.W]), "z": lambda: layer.z,
                   "a": lambda: layer.a, "δ": lambda: layer.delta}[letter]()  # fmt: skip

    @property
    def gradients(self):
        return self.of.net.gradients(np.array([e.x for e in self.each]), [e.y for e in self.each], self.l2)

    def partial(self, symbol, free):
        top, bottom = symbol
        rest = tuple(free[k] if isinstance(k, str) else k for k in bottom.indices)
        l, _ = self.array(bottom.letter, bottom.layer)
        layer, places = self.e.layers[l], [self.place(k) for k in rest[:1]] + [k if self.theta else self.at(k) for k in rest[1:]]
        if top.letter in ("L", "cost", "J"):
            name, bias = bottom.letter, self.theta and bottom.letter == "Θ" and rest[1] == 0
            if top.letter == "J":
                gradients = self.gradients
                of = {"W": gradients.dW[l], "b": gradients.db[l]}
            else:
                of = {"W": layer.dL_dW, "b": layer.dL_db, "z": layer.dL_dz, "a": layer.dL_da}
            if name == "Θ":
                return of["b"][places[0]] if bias else of["W"][places[0], self.at(rest[1] - 1)]
            return of[name][tuple(places)]
        (row,) = (self.place(free[k] if isinstance(k, str) else k) for k in top.indices)
        above, _ = self.array(top.letter, top.layer)
        if top.letter == "a":
            assert above == l and bottom.letter == "z"
            return layer.da_dz[row, places[0]]
        layer = self.e.layers[above]
        if bottom.letter in "xa":
            assert l == above - 1
            return layer.W[row, places[0]]
        assert above == l
        if bottom.letter == "b" or (bottom.letter == "Θ" and rest[1] == 0):
            return float(row == places[0])
        column = self.at(rest[1] - 1) if self.theta else places[1]
        return layer.input[column] if row == places[0] else 0.0
