"""What travels between the pages of one visitor: the networks at hand, the chosen one, and the chosen instance.

The only module that touches session state for these. No widgets here.
"""

import functools
import secrets
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import streamlit as st

import mlcore
from ui.numbers import percent
from ui.text import NAME, one_line

DEFAULT = "mlp"
MOST_OWN, MOST_OWN_MB = 20, 64  # networks of one visitor's own, and what their weights take


class Reading(NamedTuple):
    """What a network says of one labelled instance: its loss and the class probabilities, (c,)."""

    loss: float
    probabilities: np.ndarray


@dataclass
class Entry:
    """A network at hand. `kind` is "shipped", "trained" or "loaded"; `steps` are the steps of teach, (x, y, learning rate)."""

    id: str
    name: str
    network: mlcore.Network
    kind: str
    steps: list = field(default_factory=list)
    original: mlcore.Network = None

    def __post_init__(self):
        self.network = self.network.snapshot()  # frozen, so that what needs it in float64 can share one copy
        self.original = self.original or self.network

    @property
    def info(self):
        return self.network.info

    @property
    def changed(self):
        return bool(self.steps)

    @property
    def sizes_text(self):
        return "-".join(map(str, self.network.sizes))

    @property
    def reads_digits(self):
        return self.network.sizes[0] == 784 and self.network.sizes[-1] == 10 and self.info.get("data") != "fashion"

    @property
    def summary(self):
        """One line: what it is, what it learned from, when, and how good it is."""
        hidden = f" {self.network.hidden}" if len(self.network.sizes) > 2 else ""
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


@dataclass
class Instance:
    """One digit: `x` (784,) float32 in [0, 1], its label if known, and where it came from ("drawing", "data" or "photo").

    `json` holds the canvas's strokes, `image` the picture that x was made from; either may be None.
    """

    x: np.ndarray
    label: int | None = None
    origin: str = "drawing"
    json: dict | None = None
    image: np.ndarray | None = None
    text: str = "your drawing"


class Example(NamedTuple):
    """Numbers for the head: 3 features, 3 classes, with or without 2 hidden units; x (3,)."""

    net: mlcore.Network
    x: np.ndarray


def new_example(hidden):
    net = mlcore.Network((3, 2, 3) if hidden else (3, 3), hidden="sigmoid", dtype="float64", init="zeros")
    net.info["name"] = "the example"
    first = [[0.5, 1, -1, 0.5], [-0.5, 0.5, 0.5, -1]] if hidden else [[0.1, 0.2, -0.5, 0.1], [0, 0.8, 0.3, -0.4], [-0.2, -0.6, 0.4, 0.9]]
    net.layers[0].theta = first
    if hidden:
        net.layers[1].theta = [[0.1, 1, -2], [0, -1, 0.5], [-0.2, 0.5, 1]]
    return Example(net, np.array([1.0, 2.0, -1.0]))


def example(hidden=False):
    """This visitor's small Example; its numbers may be written into."""
    examples = _lab().setdefault("examples", {})
    return examples.get(hidden) or examples.setdefault(hidden, new_example(hidden))


def forget_example(hidden):
    """The Example as it was at first."""
    _lab().setdefault("examples", {}).pop(hidden, None)


@functools.cache
def _shipped(name):
    return mlcore.models.load(name).snapshot()


def _lab():
    """This visitor's shelf, made on first use."""
    lab = st.session_state.get("lab")
    if lab is None:
        entries = {n: Entry(n, _shipped(n).info.get("what", n).capitalize(), _shipped(n), "shipped") for n in mlcore.models.names()}
        lab = st.session_state["lab"] = {"entries": entries, "chosen": DEFAULT, "instance": None}
    return lab


def networks():
    """The networks at hand by id, the shipped ones first."""
    return _lab()["entries"]


def network():
    """The chosen entry."""
    lab = _lab()
    return lab["entries"].get(lab["chosen"]) or lab["entries"][DEFAULT]


def choose_network(id):
    """Choose a network; the chooser follows on the next run. ValueError for an id that is not at hand."""
    lab = _lab()
    if id not in lab["entries"]:
        raise ValueError(f"There is no network {id!r} in this session; choose one of {', '.join(lab['entries'])}.")
    lab["chosen"] = id


def _unique(name, but=None):
    names = {e.name for e in networks().values() if e.id != but}
    name = one_line(name, NAME) or "network"
    return next(n for n in (name, *(f"{name} ({i})" for i in range(2, len(names) + 3))) if n not in names)


def add_network(net, name, kind, id=None):
    """Put a network on the shelf under a name of its own → its id, a new one where none is given. ValueError when the shelf is full."""
    own = [e for e in networks().values() if e.kind != "shipped"]
    if len(own) >= MOST_OWN:
        raise ValueError(f"There are {MOST_OWN} networks of your own already; delete one first.")
    nets = {n for e in own for n in (e.network, e.original)} | {net}
    if sum(layer.theta.nbytes for n in nets for layer in n.layers) > MOST_OWN_MB * 2**20:
        raise ValueError(f"With this one your networks would take more than {MOST_OWN_MB} MB; delete one first.")
    id = id or secrets.token_urlsafe(8)
    networks()[id] = Entry(id, _unique(name), net, kind)
    return id


def rename_network(id, name):
    """Give a network another name; a number is added where the name is taken."""
    networks()[id].name = _unique(name, but=id)


def delete_network(id):
    """Take a network of the visitor's own off the shelf; the choice falls back to the first shipped one. ValueError for a shipped one."""
    lab = _lab()
    if lab["entries"][id].kind == "shipped":
        raise ValueError(f"{lab['entries'][id].name} comes with the app and stays; only networks of your own can be deleted.")
    del lab["entries"][id]
    if lab["chosen"] == id:
        choose_network(DEFAULT)


def read(net, x, y):
    """The network's Reading of the instance x (p,) with label y."""
    x = np.atleast_2d(x)
    return Reading(float(net.cost(x, [y])), net.predict_proba(x)[0])


def step(net, x, y, learning_rate):
    """One update on this one instance, in place. ValueError when the weights do not stay finite."""
    mlcore.SGD(learning_rate).step(net, net.gradients(np.atleast_2d(x), [y]).D)
    if not all(np.isfinite(layer.theta).all() for layer in net.layers):
        raise ValueError("This step would make the weights infinite; choose a smaller learning rate.")


def teach(entry, x, y, learning_rate):
    """One gradient step on the instance x (p,) with label y, on this visitor's copy. Returns the Readings before and after.

    ValueError when the weights would not stay finite.
    """
    net = entry.network.copy()
    step(net, x, y, learning_rate)
    before, after = read(entry.network, x, y), read(net, x, y)
    entry.steps.append((np.array(x), int(y), float(learning_rate)))
    entry.network = net.freeze()
    return before, after


def undo_step(entry):
    """Take back the last step. The steps before it are taken again from the original, which gives the same weights to the bit."""
    steps = entry.steps[:-1]
    net = entry.original.copy() if steps else entry.original
    for one in steps:
        step(net, *one)
    entry.network, entry.steps = net.snapshot(), steps


def undo_all(entry):
    """Back to the network as it was before the first step."""
    entry.network, entry.steps = entry.original, []


def instance():
    """The chosen Instance, or None before anything was drawn."""
    return _lab()["instance"]


def set_instance(inst):
    """Make this the instance that every page shows; None for an empty canvas."""
    _lab()["instance"] = inst
