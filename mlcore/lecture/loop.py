"""The lecture's training loop as a debugger: one update an instance, walked by line, instance or epoch, forward and back (part two)."""

import numpy as np

from .. import validate
from ..explanation import explain
from ..threads import OneThread
from .walk import Place, Variable, Walk

START, EPOCH, INSTANCE, FORWARD, LOCAL, GLOBAL, HEADING, UPDATE_W, UPDATE_B = range(9)
LINES = (
    "initialize W and b",
    "Loop for n_epoch iterations:",
    "    Loop for each training instance (x, y) in training set:",
    "        forward pass to compute z, a and L for the instance",
    "        backward pass to compute local gradients ∂L/∂a, ∂a/∂z, ∂z/∂b, ∂z/∂W",
    "        compute global gradients ∂L/∂W, ∂L/∂b using chain rule",
    "        update the parameters W and b:",
    "            W ← W − α ∂L/∂W",
    "            b ← b − α ∂L/∂b",
)
STEPS = (INSTANCE, FORWARD, LOCAL, GLOBAL, UPDATE_W, UPDATE_B)  # the lines that run for each instance
STRIDES = ("line", "instance", "epoch")
KEPT = 5 * 2**20  # bytes of weights kept to go back to, beside those at the start; what lies between is computed again
COMPUTED = (
    ("z", FORWARD, "z"), ("a", FORWARD, "a"), ("L", FORWARD, "loss"),
    ("∂L/∂a", LOCAL, "dL_da"), ("∂a/∂z", LOCAL, "da_dz"), ("∂z/∂b", LOCAL, "dz_db"), ("∂z/∂W", LOCAL, "dz_dW"),
    ("∂L/∂z", GLOBAL, "dL_dz"), ("∂L/∂W", GLOBAL, "dL_dW"), ("∂L/∂b", GLOBAL, "dL_db"),
)  # fmt: skip
LARGE = 64  # units above which ∂a/∂z and ∂z/∂b are named, not built


class Loop(Walk):
    """For each epoch, for each instance: forward, backward, W ← W − α ∂L/∂W, b ← b − α ∂L/∂b. In the order given, without λ, in float64.

    A position is the moment after a line was executed: 0 after the first, len(loop) − 1 at the end. Weights are the same to the bit
    however a position was reached, and `mlcore.train`'s but for rounding (see `mlcore.engine.Instances`). What is not finite stops the
    loop: no position behind can be reached. A network that is frozen and float64 is not copied. X (n, p), y (n,). Raises ValueError for
    other shapes, labels out of range, a learning rate that is not above 0, and less than one epoch.
    """

    strides = STRIDES

    def __init__(self, net, X, y, learning_rate, epochs):
        self.X = validate.inputs(X, net.sizes[0], "float64")
        validate.targets(y, len(self.X), net.sizes[-1], net.output, "float64")
        self.y = validate.array(y, "y")
        self.learning_rate = validate.number(learning_rate, "learning_rate", low_allowed=False)
        self.epochs = validate.whole(epochs, "epochs", 1)
        self._losses = []
        super().__init__()
        start = net.snapshot("float64")
        self._size, self._own = sum(layer.theta.nbytes for layer in start.layers), start is not net
        self._every = -(-self.epochs * len(self.X) // max(1, KEPT // self._size))
        self._kept, self._recent, self._explained = {0: start}, {0: start}, (None, None)

    def __len__(self):
        return 1 + self.epochs * self._lines_of_epoch

    @property
    def _lines_of_epoch(self):
        return 1 + len(STEPS) * len(self.X)

    def place(self, position=None):
        """The Place of a position, of the current one if none is given; it has no layer."""
        position = self.position if position is None else position
        if position == 0:
            return Place(None, None, START)
        epoch, rest = divmod(position - 1, self._lines_of_epoch)
        if rest == 0:
            return Place(epoch + 1, None, EPOCH)
        i, step = divmod(rest - 1, len(STEPS))
        return Place(epoch + 1, i, STEPS[step])

    def rest(self):
        """Until the next step, let go of what can be computed again: the explanation, and networks for which there is no room."""
        self._explained = None, None
        room = KEPT - self._size * (len(self._kept) - 1 + self._own)
        self._recent = {k: net for k, net in self._recent.items() if k == self._update(self.position) and self._size <= room}

    def _ends(self, position, stride):
        """Whether an instance or an epoch ends at this position."""
        _, i, line, _ = self.place(position)
        return line == START or (line == UPDATE_B and (stride == "instance" or i == len(self.X) - 1))

    def _reach(self, position):
        update, line = self._update(position), self.place(position).line
        if self._net(update) is not None and line >= FORWARD:
            self._passes(update, line)

    def _after(self, updates):
        """The position after so many updates; 0 is the start."""
        if updates <= 0:
            return 0
        epoch, i = divmod(min(updates, self.epochs * len(self.X)) - 1, len(self.X))
        return 1 + epoch * self._lines_of_epoch + len(STEPS) * (i + 1)

    def _update(self, position):
        """The number of the update that a position is part of, from 0: so many were finished before this instance."""
        epoch, i, *_ = self.place(position)
        return 0 if epoch is None else (epoch - 1) * len(self.X) + (i or 0)

    @property
    def history(self):
        """The loss of each instance when its turn came, up to the position; one an update."""
        return self._losses[: self._update(self.position) + (self.line >= FORWARD)]

    @property
    def net(self):
        """The network as it is at the position; between the two updates with the new W and the old b."""
        line, update = self.line, self._update(self.position)
        if line == UPDATE_B:
            return self._updated_net(update)
        before = self._net(update)
        if line != UPDATE_W:
            return before
        mixed = self._updated_net(update).copy()
        for layer, old in zip(mixed.layers, before.layers):
            layer.b[...] = old.b
        return mixed

    @property
    def variables(self):
        """The live Variables: what the lines so far have set, of an instance only what they have set for this one. W and b always.

        With several layers those of weights count from 1. Of many units ∂a/∂z and ∂z/∂b are named by their shape alone.
        """
        epoch, i, line, _ = self.place()
        given = [("epoch", EPOCH, epoch), ("i", INSTANCE, None if i is None else i + 1)]
        if i is not None:
            given += [("x", INSTANCE, self.X[i]), ("y", INSTANCE, self.y[i])]
        found = [Variable(name, None, value, line == by) for name, by, value in given if value is not None]
        if i is not None and line >= FORWARD:
            found += self._computed(self._explanation(self._update(self.position)), line)
        for name, by in (("W", UPDATE_W), ("b", UPDATE_B)):
            found += self._by_layer(name, [getattr(layer, name) for layer in self.net.layers], line in (by, START))
        return found

    def _computed(self, e, line):
        for name, by, own in COMPUTED:
            if line >= by:
                values = [e.loss] if name == "L" else [_value(layer, own) for layer in e.layers]
                yield from self._by_layer(name, values, line == by)

    def _by_layer(self, name, values, new):
        for l, value in enumerate(values, 1):
            layer = l if len(values) > 1 else None
            yield Variable(name, layer, None, new, size=value) if isinstance(value, tuple) else Variable(name, layer, value, new)

    def _net(self, update):
        """The network before an update, or None where the loop stops earlier."""
        if update in self._recent:
            return self._recent[update]
        nets = self._kept | self._recent
        k = max(place for place in nets if place <= update)
        net = nets[k]
        while k < update:
            if not self._passes(k, UPDATE_B, net):
                return None
            k, net = k + 1, self._recent[k + 1]
        self._remember(update, net)
        return net

    def _remember(self, update, net):
        if update % self._every == 0 and self._size <= KEPT:
            self._kept.setdefault(update, net)
        # The one before stays too: between the two updates of an instance both are looked at.
        self._recent = {k: v for k, v in self._recent.items() if k == update - 1} | {update: net}

    def _explanation(self, update, net=None):
        """mlcore.explain of the instance whose turn it is."""
        if self._explained[0] != update:
            net = net or self._net(update)
            i = update % len(self.X)
            with OneThread():  # two add in another order, and how many there are another training may change at any time
                e = explain(net, self.X[i], self.y[i])
            self._explained = update, e
            if update == len(self._losses):
                self._losses.append(e.loss)
        return self._explained[1]

    def _updated_net(self, update):
        """The network after an update."""
        self._net(update)
        if update + 1 not in self._recent:
            net = self._recent[update]
            with np.errstate(all="ignore"):
                after = self._descended(net, self._explanation(update, net)).freeze()
            self._remember(update + 1, after)
        return self._recent[update + 1]

    def _descended(self, net, e):
        """W ← W − α ∂L/∂W, b ← b − α ∂L/∂b, on a copy."""
        after = net.copy()
        for layer, own in zip(after.layers, e.layers):
            layer.W[...] -= self.learning_rate * own.dL_dW
            layer.b[...] -= self.learning_rate * own.dL_db
        return after

    def _passes(self, update, line, net=None):
        """Whether everything up to this line of an update is finite; where it is not, the loop ends there."""
        e = self._explanation(update, net)
        checked = [
            (FORWARD, "The loss", [e.loss, *(layer.z for layer in e.layers)]),
            (GLOBAL, "A gradient", [layer.dL_dz for layer in e.layers]),
        ]
        for at, name, values in checked:
            if line >= at and not all(np.isfinite(v).all() for v in values):
                return self._stop(update, at, name)
        if line >= UPDATE_W:
            after = self._updated_net(update)
            for at, name in ((UPDATE_W, "W"), (UPDATE_B, "b")):
                if line >= at and not all(np.isfinite(getattr(layer, name)).all() for layer in after.layers):
                    return self._stop(update, at, name)
        return True

    def _stop(self, update, line, name):
        epoch, i = divmod(update, len(self.X))
        self._end = self._after(update) + STEPS.index(line) + (2 if i == 0 else 1)
        self._reason = (
            f"{name} is no longer finite at epoch {epoch + 1}, instance {i + 1}: with α = {self.learning_rate:g} the weights have grown "
            "beyond what a float64 can hold, so the loop stops here."
        )
        return False


def _value(layer, name):
    """A layer's array of this name; of many units the shape alone of ∂a/∂z and ∂z/∂b, (out, out), which are not built."""
    out = len(layer.z)
    return (out, out) if name in ("da_dz", "dz_db") and out > LARGE else getattr(layer, name)
