"""Part one's training as a debugger: Δ filled up instance by instance, D, and one step an epoch, walked forward and back."""

from typing import NamedTuple

import numpy as np

from .. import activations, backprop, validate
from .errata import cost_parts

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


class Variable(NamedTuple):
    """One variable of one layer: its name on the slides, the slides' layer number or None, its value, whether this tick has set it.

    Θᵀδ of layer l is (Θ⁽ˡ⁾)ᵀδ⁽ˡ⁺¹⁾ and g′(z) is g′(z⁽ˡ⁾), the factors of δ⁽ˡ⁾.
    bias: its column or entry 0 belongs to the bias unit. dropped: the entry of the bias unit that is struck out of Θᵀδ, else None.
    """

    name: str
    layer: int | None
    value: np.ndarray | float
    new: bool
    bias: bool = False
    dropped: float | None = None


class Epoch(NamedTuple):
    """All that an epoch computes from Θ: the forward pass of all instances, delta of each layer, Delta[l] (n, out, in + 1) after each."""

    net: object
    run: object
    delta: list
    Delta: list


class Descent:
    """For each epoch: Δ = 0; for each instance forward, δ, Δ += δaᵀ; D = Δ/n + λΘ (j ≠ 0); Θ ← Θ − αD. In float64 (part one).

    A position is the moment after a tick: a line, and within the lines of forward propagation and of the errors a layer. 0 is the start,
    len(descent) − 1 the end. Numbers are the same to the bit however a position was reached: every epoch's Θ is kept, and all of an
    epoch follows from it. net has sigmoid outputs; X (n, p), y (n,). Numbers that are no longer finite stop it. Raises ValueError for
    other shapes, labels out of range, a learning rate that is not above 0, l2 < 0 and less than one epoch.
    """

    def __init__(self, net, X, y, learning_rate, l2, epochs):
        self.X = validate.inputs(X, net.sizes[0], "float64")
        self.target = validate.targets(y, len(self.X), net.sizes[-1], net.output, "float64")
        self.y = validate.array(y, "y")
        self.learning_rate = validate.number(learning_rate, "learning_rate", low_allowed=False)
        self.l2, self.epochs = validate.number(l2, "l2"), validate.whole(epochs, "epochs", 1)
        self.depth = len(net.layers)
        self._nets, self._epoch, self.reason = [net.copy("float64")], (None, None), None
        self.position, self._end = 0, 1 + self.epochs * self.ticks_of_epoch - 1
        self._costs = [self._cost(self._nets[0])]

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
        """(epoch, instance, line, layer): epoch from 1, instance from 0, the slides' layer of a tick; None where there is none."""
        position = self.position if position is None else position
        if position == 0:
            return None, None, START, None
        epoch, tick = divmod(position - 1, self.ticks_of_epoch)
        inside = len(self.X) * self.ticks_of_instance
        if tick == 0:
            return epoch + 1, None, ZERO, None
        if tick > inside:
            return epoch + 1, None, (MEAN, PENALTY, UPDATE)[tick - 1 - inside], None
        i, tick = divmod(tick - 1, self.ticks_of_instance)
        if tick == 0:
            return epoch + 1, i, INPUT, 1
        if tick <= self.depth:
            return epoch + 1, i, FORWARD, tick + 1
        if tick == self.depth + 1:
            return epoch + 1, i, OUTPUT, self.depth + 1
        if tick < self.ticks_of_instance - 1:
            return epoch + 1, i, ERRORS, 2 * self.depth + 2 - tick
        return epoch + 1, i, ADD, None

    def to(self, position):
        """Go to a position, held at the ends and where it stops. Returns where it is now."""
        position = min(max(validate.whole(position, "position", -(10**18)), 0), self._end)
        epoch = self.place(position)[0]
        if epoch is not None:
            self._net(epoch - 1 + (self.place(position)[2] in (PENALTY, UPDATE)))  # where it stops is known before the step
        self.position = min(position, self._end)
        return self.position

    def step(self, position, stride, back=False):
        """The position one "layer", "line", "instance" or "epoch" on or back, held at the ends. ValueError for another stride."""
        validate.one_of(stride, "stride", STRIDES)
        way, here = -1 if back else 1, position
        while 0 <= here + way < len(self):
            here += way
            if stride == "layer" or self._ends(here, stride):
                return here
        return here

    def _ends(self, position, stride):
        """Whether a line, an instance or an epoch ends at this position."""
        _, i, line, _ = self.place(position)
        if stride == "epoch":
            return line in (UPDATE, START)
        if stride == "instance":
            return line in (ADD, UPDATE, START)
        return position == len(self) - 1 or self.place(position + 1)[1:3] != (i, line)

    def move(self, stride, back=False):
        """Go one stride on or back; returns where it is now. ValueError for another stride."""
        return self.to(self.step(self.position, stride, back))

    def start(self):
        """Back to the first line."""
        return self.to(0)

    def end(self):
        """To the last line, or where it stops."""
        return self.to(len(self) - 1)

    @property
    def line(self):
        """The current line, a place in LINES."""
        return self.place()[2]

    @property
    def stopped(self):
        """At the position where numbers are no longer finite, the sentence that says so; elsewhere None."""
        return self.reason if self.position == self._end else None

    @property
    def net(self):
        """The network as it is at the position."""
        epoch, _, line, _ = self.place()
        return self._nets[0] if epoch is None else self._net(epoch - 1 + (line == UPDATE))

    @property
    def history(self):
        """J before each epoch up to the position and, after an update, after it: (data part, λ part) each, (k, 2)."""
        epoch, _, line, _ = self.place()
        count = 1 if epoch is None else epoch + (line == UPDATE)
        return np.array(self._costs[:count])

    def _cost(self, net):
        """The data part and the λ part of J."""
        with np.errstate(all="ignore"):
            return tuple(cost_parts(net, self.X, self.y, self.l2))[:2]

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
            net = self._net(k)
            with np.errstate(all="ignore"):
                run = net.forward_pass(self.X)
                delta = backprop.errors(net, run, self.target)
                a = [self.X, *run.a[:-1]]
                ones = np.ones((len(self.X), 1))
                each = [d[:, :, None] * np.hstack([ones, one])[:, None, :] for d, one in zip(delta, a)]
                self._epoch = k, Epoch(net, run, delta, [np.cumsum(one, axis=0) for one in each])
        return self._epoch[1]

    def _net(self, k):
        """The network after k updates, or the last whose numbers are finite."""
        while len(self._nets) <= k and self.reason is None:
            now = self._computed(len(self._nets) - 1)
            net = now.net.copy()
            with np.errstate(all="ignore"):
                for layer, (_, _, D) in zip(net.layers, self._D(now)):
                    layer.theta[...] -= self.learning_rate * D
            cost, finite = self._cost(net), all(np.isfinite(layer.theta).all() for layer in net.layers)
            if not finite or not np.isfinite(cost).all():
                done, name = len(self._nets) - 1, "J" if finite else "Θ"
                self._end = (done + 1) * self.ticks_of_epoch - 1
                self.reason = (
                    f"{name} is no longer finite after epoch {done + 1}: α = {self.learning_rate:g} is too large, so it stops before."
                )
                break
            self._nets.append(net)
            self._costs.append(cost)
        return self._nets[min(k, len(self._nets) - 1)]
