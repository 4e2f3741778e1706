"""A network at hand, as the pages name and show it, with the steps that were taken on it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import mlcore
from ui.numbers import percent


class Stored(NamedTuple):
    """A network on disk: what is known of it without its weights, and how to have it; load may raise ValueError or OSError.

    nbytes: what the weights take in memory.
    """

    sizes: tuple
    hidden: str
    output: str
    info: dict
    nbytes: int
    load: Callable[[], mlcore.Network]


class Entry:
    """A network at hand. `kind` is "shipped", "trained" or "loaded"; `steps` are the steps of teach, (x, y, learning rate).

    A Stored network is loaded, and the steps taken on it again, when its weights are first asked for. Its networks are frozen, so that
    what needs one in float64 can share one copy.
    """

    def __init__(self, id, name, network, kind, steps=()):
        self.id, self.name, self.kind, self.steps = id, name, kind, list(steps)
        self._original, self._network = network if isinstance(network, Stored) else network.snapshot(), None

    @property
    def original(self):
        """The network before the first step of teach."""
        if isinstance(self._original, Stored):
            self._original = self._original.load().freeze()
        return self._original

    @property
    def network(self):
        if self._network is None:
            self.take(self.steps)
        return self._network

    def take(self, steps, network=None):
        """From now on it is the original after these steps; network, where that is known already."""
        self.steps, self._network = steps, network or after(self.original, steps)

    @property
    def about(self):
        """What has its sizes, hidden and info: the network, or what is known of a stored one."""
        return self._network or self._original

    @property
    def info(self):
        return self.about.info

    @property
    def nbytes(self):
        """What the weights take in memory, twice where steps have changed a copy of them."""
        one = self._original.nbytes if isinstance(self._original, Stored) else sum(layer.theta.nbytes for layer in self._original.layers)
        return one * (1 + self.changed)

    @property
    def changed(self):
        return bool(self.steps)

    @property
    def sizes_text(self):
        return "-".join(map(str, self.about.sizes))

    @property
    def reads_digits(self):
        return self.about.sizes[0] == 784 and self.about.sizes[-1] == 10 and self.info.get("data") != "fashion"

    @property
    def summary(self):
        """One line: what it is, what it learned from, when, and how good it is."""
        hidden = f" {self.about.hidden}" if len(self.about.sizes) > 2 else ""
        what = self.info.get("what") or ""
        return " · ".join([what] * bool(what) + [self.sizes_text + hidden, *self._past])

    @property
    def past(self):
        """What the label leaves out: what it learned from, when, and how good it is on drawings."""
        return " · ".join(self._past)

    @property
    def _past(self):
        info, parts = self.info, []
        if info.get("data"):
            parts.append(f"trained on {info['data']}")
        if info.get("trained"):
            parts.append(str(info["trained"])[:10])
        known = [("test_accuracy", "test instances"), ("test_accuracy_strokes", "drawn digits")]
        right = [f"{percent(info[key])} of {name}" for key, name in known if info.get(key) is not None]
        if right:
            parts.append(f"reads {' and '.join(right)} right")
        if self.changed:
            parts.append(f"changed by {len(self.steps)} step{'s' * (len(self.steps) > 1)} of yours")
        return parts

    @property
    def label(self):
        """What the chooser shows: the name, the layers, how good it is, and whether it was changed."""
        accuracy = self.info.get("test_accuracy")
        good = f" · {percent(accuracy)}" if accuracy is not None else ""
        return f"{self.name} · {self.sizes_text}{good}{' (changed)' if self.changed else ''}"


def after(original, steps):
    """The network after these steps from the original; taken again, they give the same weights to the bit."""
    net = original.copy() if steps else original
    for one in steps:
        step(net, *one)
    return net.freeze()


def step(net, x, y, learning_rate):
    """One update on this one instance, in place. ValueError when the weights do not stay finite."""
    mlcore.SGD(learning_rate).step(net, net.gradients(np.atleast_2d(x), [y]).D)
    if not all(np.isfinite(layer.theta).all() for layer in net.layers):
        raise ValueError("This step would make the weights infinite; choose a smaller learning rate.")
