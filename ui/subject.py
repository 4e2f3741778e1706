"""What the pages look at: one instance or a batch of a network's data, and each array of the chain rule for it."""

import contextlib
import functools
import inspect
import textwrap
import threading
import weakref
from typing import NamedTuple

import numpy as np

import mlcore
from mlcore import activations, backprop, explanation, network
from ui.numbers import percent, plain

MULTIPLICATIONS = 4e9  # of the forward passes of one side of a gradient check
TOYS = ("xor", "circles", "moons", "spirals", "blobs")
ROOM = 64 * 2**20  # bytes of networks in float64 that are kept
WIDE = 1024  # units of a layer whose ∂a/∂z takes 8 MB


class Pool(NamedTuple):
    """Instances to choose from: X (n, p), y (n,), and what one of them is called."""

    X: np.ndarray
    y: np.ndarray
    noun: str

    def hardest(self, net, of=100):
        """The place, from 0, of the instance among the first hundred that the network has the largest loss on: there is most to see."""
        return int(net.losses(self.X[:of], self.y[:of]).argmax())


@functools.lru_cache(16)
def _data(name, **made):
    """X (n, p) as floats, y (n,), how many classes: the part of a data set that is held out, where one is."""
    data = mlcore.datasets.load(name, **made)
    X, y = (data.X_train, data.y_train) if data.X_test is None else (data.X_test, data.y_test)
    return X / 255 if X.dtype == np.uint8 else X, y, data.classes


def pool(net):
    """The held-out instances that fit the network: digits, or points of the set it was trained on; None if nothing at hand fits."""
    own = net.info.get("data")
    for name in (own, *(() if own == "fashion" else ("digits", "moons", "blobs"))):
        if name not in ("digits", *TOYS):
            continue
        made = {key: net.info[key] for key in ("n", "noise", "seed") if key in net.info and name == own}
        X, y, classes = _data(name, **made)
        if X.shape[1] == net.sizes[0] and classes in (net.sizes[-1], net.sizes[-1] + (net.sizes[-1] == 1)):
            return Pool(X, y, "digit" if name == "digits" else "point")
    return None


_doubles, _lock = weakref.WeakKeyDictionary(), threading.Lock()


def double(net):
    """A frozen network in float64: one for all visits and as long as the network lives, unless ROOM is used up by others."""
    if net.dtype == np.float64:
        return net
    with _lock:
        found = _doubles.pop(net, None) or net.snapshot("float64")
        _doubles[net] = found  # the last one used stands last
        while len(_doubles) > 1 and sum(map(_size, _doubles.values())) > ROOM:
            del _doubles[next(iter(_doubles))]
    return found


def _size(net):
    return sum(layer.theta.nbytes for layer in net.layers)


_turn = threading.Lock()


def in_turn(units):
    """Where the arrays of a layer of so many units are built and let go of: of the largest, 128 MB each, those of one visit at a time."""
    return _turn if units > WIDE else contextlib.nullcontext()


class Subject:
    """Instances X (n, p) with labels y (n,) and titles, and the network that reads them; n = 1 is the lecture's single instance.

    It may be kept from one run of a page to the next: nothing that was computed stays in it, and of a network that is frozen no copy.
    """

    def __init__(self, net, X, y, titles, guessed=False):
        self._net, self.X, self.y, self.titles, self.guessed = net.snapshot(), X, y, titles, guessed

    @property
    def net(self):
        """The network in float64, frozen."""
        return double(self._net)

    @property
    def batch(self):
        return len(self.y) > 1

    def explained(self):
        """The `mlcore.explain` of the instance; of a batch that of its first."""
        return mlcore.explain(self.net, self.X[0], self.y[0])

    def notes(self, l):
        """What is worth a sentence: infinite parts, and gradients that are all zero."""
        return Derivatives(self).notes(l)

    def summary(self):
        """What the network says of it."""
        return Derivatives(self).summary()


class Derivatives:
    """Every array of the chain rule for a Subject; for one run of a page, because what was asked for stays."""

    def __init__(self, seen):
        self.seen, self.net = seen, seen.net
        self.each = explanation.explain_each(self.net, seen.X, seen.y) if seen.batch else [seen.explained()]
        self._asked = {}

    def array(self, l, name):
        """An array of layer l; for a batch the mean over the instances."""
        if (l, name) not in self._asked:
            self._asked[l, name] = self._array(l, name)
        return self._asked[l, name]

    def _array(self, l, name):
        layers = [e.layers[l] for e in self.each]
        if not self.seen.batch:
            return getattr(layers[0], name)
        if name == "dL_dW":
            return np.stack([layer.dL_dz for layer in layers]).T @ np.stack([layer.input for layer in layers]) / len(layers)
        if name == "da_dz" and layers[0].g_prime:
            return np.diag(sum(layer.g_prime(layer.a) for layer in layers) / len(layers))
        with np.errstate(invalid="ignore"):  # ∞ and −∞ of saturated outputs have no mean
            return sum(getattr(layer, name) for layer in layers) / len(layers)

    def norms(self):
        """Names and norms: ∂L/∂W and ∂L/∂b of each layer."""
        which = [(l, letter) for l in range(len(self.net.layers)) for letter in "Wb"]
        return [f"∂L/∂{letter}, layer {l + 1}" for l, letter in which], [self._norm(l, f"dL_d{letter}") for l, letter in which]

    def _norm(self, l, name):
        array = self._asked.get((l, name))
        return float(np.linalg.norm(self._array(l, name) if array is None else array))

    def notes(self, l):
        """What is worth a sentence: infinite parts, and gradients that are all zero."""
        layer, last = f"layer {l + 1}", len(self.net.layers) - 1
        if not np.isfinite(self.array(l, "dL_da")).all():
            yield (
                "An output is saturated: it is 0 or 1 to the last bit, so ∂L/∂a is infinite and its product with ∂a/∂z is not a number. "
                "∂L/∂z is taken in one step as a − y and stays finite."
            )
        if not self.array(l, "dL_dW").any():
            yield f"Every entry of ∂L/∂W of {layer} is 0: " + (
                "the network is certain and right, so there is nothing left to learn here."
                if l == last or not self.array(last, "dL_dz").any()
                else "no unit of this layer passes anything on, or nothing comes in."
            )

    def summary(self):
        """What the network says of the instance or the batch."""
        seen, read = self.seen, self.net.decide(np.stack([e.probabilities for e in self.each]))
        if seen.batch:
            J = float(np.mean([e.loss for e in self.each]))
            return f"J = {plain(J)}, the mean loss of {len(seen.y)}; {sum(read == seen.y)} read right"
        e, y, best = self.each[0], seen.y[0], int(read[0])
        share = e.probabilities[best] if len(e.probabilities) > 1 else max(e.probabilities[0], 1 - e.probabilities[0])
        label = f"y = {y}, the network's own answer: say it is another digit, and the errors grow" if seen.guessed else f"y = {y}"
        x = f", x = ({', '.join(map(plain, e.x))})" if len(e.x) <= 4 else ""
        return f"{seen.titles[0]}{x}, {label}; read as {best} ({percent(share)}), loss {plain(e.loss)}"


def largest_rows(array, most):
    """Numbers of the rows with the largest norms, in ascending order."""
    return np.sort(np.argsort(-np.linalg.norm(array, axis=1), kind="stable")[:most])


def telling(array):
    """The most telling cell: the largest finite |entry| (row, column); a vector has row 0."""
    size = np.abs(np.nan_to_num(np.atleast_2d(array), nan=0.0, posinf=0.0, neginf=0.0))
    return tuple(map(int, np.unravel_index(size.argmax(), size.shape)))


def code(name, l, net, batch=False):
    """The lines of mlcore that computed an array of layer l; those of W for Θ, which has b as its column 0."""
    name = name.replace("Theta", "W")
    last = l == len(net.layers) - 1
    activation = net.output if last else net.hidden
    g, g_prime = activations.HIDDEN.get(activation, (activations.softmax, None))
    functions = {
        "z": network.Network.forward_pass,
        "a": g if inspect.isfunction(g) else network.Network.forward_pass,  # np.tanh has no source to show
        "L": activations.LOSS[net.output],
        "dL_da": explanation.output_dL_da if last else backprop.errors,
        "da_dz": g_prime or activations.softmax_jacobian,
        "dL_dz": backprop.errors,
    }
    if name in functions:
        function = functions[name]
    elif batch:
        function = backprop.accumulate
    else:
        function = inspect.getattr_static(explanation.LayerExplanation, name).fget
    return sources(function)


def sources(*functions):
    """The lines of these functions, one below the other."""
    return "\n\n".join(textwrap.dedent(inspect.getsource(function)) for function in functions)


def checkable(net, count):
    """How many entries a gradient check of so many instances takes: 200, fewer where each takes long, so that all take some seconds."""
    return int(np.clip(MULTIPLICATIONS / (count * sum(layer.W.size for layer in net.layers)), 30, 200))


def verdict(check):
    """One sentence on a gradient check."""
    if check.worst is None:
        return "Every sampled entry stands at a kink of a ReLU, where there is no derivative to compare with."
    word = "agree" if check.ok else "do **not** agree"
    skipped = f" {check.skipped} entries at a kink of a ReLU were left out." if check.skipped else ""
    return f"{len(check.rows)} entries {word}. The worst is {_entry(check.worst)}: relative error {plain(check.worst.error)}.{skipped}"


def compared(check, most=6):
    """The worst entries of a gradient check as a table."""
    worst = sorted(check.rows, key=lambda row: -row.error if row.error == row.error else -np.inf)[:most]
    return {
        "entry": [_entry(row) for row in worst],
        "backpropagation": [plain(row.analytic, 9) for row in worst],
        "central difference": [plain(row.numeric, 9) for row in worst],
        "error": [plain(row.error, 2) for row in worst],
    }


def _entry(row):
    """dW[0], (3, 406) → ∂J/∂W[3, 406] of layer 1."""
    array, _, rest = row.array.partition("[")
    layer = f" of layer {int(rest[:-1]) + 1}" if rest else ""
    return f"∂J/∂{'x' if array == 'dX' else array[1:]}[{', '.join(map(str, row.index))}]{layer}"
