"""Part one's training as a debugger: Δ filled up instance by instance, D, and one step an epoch, walked forward and back."""

from typing import NamedTuple

import numpy as np

from .. import activations, backprop, validate
from .film import film
from .walk import Place, Variable, Walk

START, EPOCH, ZERO, INSTANCE, INPUT, FORWARD, OUTPUT, ERRORS, ADD, MEAN, PENALTY, UPDATE = range(12)
LINES = (
    "initialize all Θ⁽ˡ⁾ randomly (NOT to 0!)",
    "Loop, each iteration is an epoch:",
    "    set Δ⁽ˡ⁾ = 0 (used to accumulate the gradient)",
    "    For each training instance (xᵢ, yᵢ):",
    "        set a⁽¹⁾ = xᵢ, with a₀ = 1 in front",
    "        compute a⁽²⁾ … a⁽ᴸ⁾ via forward propagation",
    "        compute δ⁽ᴸ⁾ = a⁽ᴸ⁾ − yᵢ",
    "        compute errors δ⁽ᴸ⁻¹⁾ … δ⁽²⁾",
    "        compute gradients Δ⁽ˡ⁾ = Δ⁽ˡ⁾ + δ⁽ˡ⁺¹⁾ a⁽ˡ⁾ᵀ",
    "    average: D⁽ˡ⁾ = Δ⁽ˡ⁾ / n",
    "    regularize: D⁽ˡ⁾ = D⁽ˡ⁾ + λ Θ⁽ˡ⁾, not in column 0",
    "    update Θ⁽ˡ⁾ = Θ⁽ˡ⁾ − α D⁽ˡ⁾",
)
STRIDES = ("layer", "line", "instance", "epoch")


class Epoch(NamedTuple):
    """All that an epoch computes from Θ: the forward pass of all instances, delta of each layer, Delta[l] (n, out, in + 1) after each."""

    net: object
    run: object
    delta: list
    Delta: list


class Step(NamedTuple):
    """The line Θ − αD at one entry (i, j) of the slides' layer, the one that it moves most: before − α D is after.

    exact: whether before − α D is after to the bit, for all of Θ; else their last digits differ.
    """

    layer: int
    index: tuple
    before: float
    D: float
    after: float
    exact: bool


class Descent(Walk):
    """For each epoch: Δ = 0; for each instance forward, δ, Δ += δaᵀ; D = Δ/n + λΘ (j ≠ 0); Θ ← Θ − αD. In float64 (part one).

    It explains a run and does not make another: Θ before each epoch and after its last line is the `film`'s, made here or the `run` of
    the same arguments. What happens within the epoch follows from it, added up instance by instance; the film adds in another order, so
    Θ − αD is its Θ but for the last digits. A place has a layer within the lines of forward propagation and of the errors. `Variable`s:
    Θᵀδ of layer l is (Θ⁽ˡ⁾)ᵀδ⁽ˡ⁺¹⁾ and g′(z) is g′(z⁽ˡ⁾), the factors of δ⁽ˡ⁾. X (n, p), y (n,). Raises ValueError as film does, and for
    less than one epoch.
    """

    strides = STRIDES

    def __init__(self, net, X, y, learning_rate, l2, epochs, run=None):
        self.epochs = validate.whole(epochs, "epochs", 1)
        self.film = film(net, X, y, learning_rate, l2, epochs) if run is None else run
        self.X = validate.inputs(X, net.sizes[0], "float64")
        self.target = validate.targets(y, len(self.X), net.sizes[-1], net.output, "float64")
        self.y, self.learning_rate, self.l2 = validate.array(y, "y"), float(learning_rate), float(l2)
        self.depth, self._epoch = len(net.layers), (None, None)
        super().__init__()
        if self.film.stopped:  # in the film's last epoch, before its step
            self._end, self._reason = len(self.film) * self.ticks_of_epoch - 1, self.film.stopped

    @property
    def ticks_of_instance(self):
        """Ticks of one instance: input, a layer each forward, δ of the output, a hidden layer each back, Δ."""
        return 2 * self.depth + 2

    @property
    def ticks_of_epoch(self):
        """Ticks of one epoch: Δ = 0, the instances, D twice, Θ."""
        return 4 + len(self.X) * self.ticks_of_instance

    def __len__(self):
        return 1 + self.epochs * self.ticks_of_epoch

    def place(self, position=None):
        """The Place of a position, of the current one if none is given."""
        position = self.position if position is None else position
        if position == 0:
            return Place(None, None, START)
        epoch, tick = divmod(position - 1, self.ticks_of_epoch)
        inside = len(self.X) * self.ticks_of_instance
        if tick == 0:
            return Place(epoch + 1, None, ZERO)
        if tick > inside:
            return Place(epoch + 1, None, (MEAN, PENALTY, UPDATE)[tick - 1 - inside])
        i, tick = divmod(tick - 1, self.ticks_of_instance)
        if tick == 0:
            return Place(epoch + 1, i, INPUT, 1)
        if tick <= self.depth:
            return Place(epoch + 1, i, FORWARD, tick + 1)
        if tick == self.depth + 1:
            return Place(epoch + 1, i, OUTPUT, self.depth + 1)
        if tick < self.ticks_of_instance - 1:
            return Place(epoch + 1, i, ERRORS, 2 * self.depth + 2 - tick)
        return Place(epoch + 1, i, ADD)

    def _ends(self, position, stride):
        """Whether a line, an instance or an epoch ends at this position."""
        _, i, line, _ = self.place(position)
        if stride == "epoch":
            return line in (UPDATE, START)
        if stride == "instance":
            return line in (ADD, UPDATE, START)
        return position == len(self) - 1 or self.place(position + 1)[1:3] != (i, line)

    @property
    def done(self):
        """How many epochs are finished at the position."""
        epoch, _, line, _ = self.place()
        return 0 if epoch is None else epoch - 1 + (line == UPDATE)

    @property
    def net(self):
        """The network as it is at the position."""
        return self.film.network(self.done)

    @property
    def history(self):
        """J before each epoch up to the position and, after an update, after it: (data part, λ part) each, (k, 2)."""
        return self.film.costs[: self.done + 1]

    @property
    def steps(self):
        """After the line Θ − αD one Step for each layer, elsewhere none."""
        if self.line != UPDATE:
            return []
        now, found = self._computed(self.done - 1), []
        for l, (old, new, (_, _, D)) in enumerate(zip(now.net.layers, self.net.layers, self._D(now)), 1):
            index = tuple(map(int, np.unravel_index(np.abs(D).argmax(), D.shape)))
            exact = np.array_equal(old.theta - self.learning_rate * D, new.theta)
            found.append(Step(l, index, float(old.theta[index]), float(D[index]), float(new.theta[index]), exact))
        return found

    @property
    def variables(self):
        """The live Variables, what the lines so far have set in this epoch and, of an instance, for this one; Θ always."""
        epoch, i, line, layer = self.place()
        found = []
        if epoch is not None:
            now = self._computed(epoch - 1)
            if i is not None:
                found += self._instance(now, i, line, layer)
            found += self._sums(now, i, line)
        new = line in (START, UPDATE)
        return found + [Variable("Θ", l + 1, one.theta, new, bias=True) for l, one in enumerate(self.net.layers)]

    def _instance(self, now, i, line, layer):
        a = [self.X[i], *(one[i] for one in now.run.a)]
        yield Variable("y", None, float(self.target[i, 0]), line == INPUT)
        reached = 1 if line == INPUT else layer if line == FORWARD else self.depth + 1
        for l in range(1, reached + 1):
            new = (line in (INPUT, FORWARD)) and l == reached
            if l > 1:
                yield Variable("z", l, now.run.z[l - 2][i], new)
            with_one = l <= self.depth  # the output has no bias unit
            yield Variable("a", l, np.append(1.0, a[l - 1]) if with_one else a[l - 1], new, bias=with_one)
        if line < OUTPUT:
            return
        last = layer if line == ERRORS else self.depth + 1 if line == OUTPUT else 2
        for l in range(self.depth + 1, last - 1, -1):
            new = line in (OUTPUT, ERRORS) and l == last
            if l <= self.depth:
                after, g_prime = now.net.layers[l - 1], activations.HIDDEN[now.net.hidden][1]
                dropped = float(after.b @ now.delta[l - 1][i])
                yield Variable("Θᵀδ", l, (now.delta[l - 1] @ after.W)[i], new, dropped=dropped)
                yield Variable("g′(z)", l, g_prime(now.run.a[l - 2][i]), new)
            yield Variable("δ", l, now.delta[l - 2][i], new)

    def _sums(self, now, i, line):
        """Δ as far as it is filled, and D."""
        done = len(self.X) if i is None and line != ZERO else 0 if i is None else i + (line == ADD)
        for l in range(self.depth):
            Delta = now.Delta[l][done - 1] if done else np.zeros_like(now.net.layers[l].theta)
            yield Variable("Δ", l + 1, Delta, line in (ZERO, ADD), bias=True)
        if line < MEAN:
            return
        for l, (mean, penalty, D) in enumerate(self._D(now)):
            if line >= PENALTY:
                yield Variable("λΘ", l + 1, penalty, line == PENALTY, bias=True)
            yield Variable("D", l + 1, mean if line == MEAN else D, line in (MEAN, PENALTY), bias=True)

    def _D(self, now):
        """Δ/n, λΘ without column 0, and their sum, of each layer."""
        for layer, Delta in zip(now.net.layers, now.Delta):
            D = backprop.average(layer, Delta[-1], len(self.X), self.l2)
            penalty = self.l2 * layer.theta
            penalty[:, 0] = 0
            yield Delta[-1] / len(self.X), penalty, D

    def _computed(self, k):
        """The Epoch that starts from Θ after k updates."""
        if self._epoch[0] != k:
            net = self.film.network(k)
            with np.errstate(all="ignore"):
                run = net.forward_pass(self.X)
                delta = backprop.errors(net, run, self.target)
                a = [self.X, *run.a[:-1]]
                ones = np.ones((len(self.X), 1))
                each = [d[:, :, None] * np.hstack([ones, one])[:, None, :] for d, one in zip(delta, a)]
                self._epoch = k, Epoch(net, run, delta, [np.cumsum(one, axis=0) for one in each])
        return self._epoch[1]
