"""What travels between the pages of one visitor: the networks at hand, the chosen one, and the chosen instance.

The only module that touches session state for these. No widgets here.
"""

import functools
import secrets
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import streamlit as st

import mlcore
from ui.entry import Entry, step
from ui.text import NAME, one_line

DEFAULT = "mlp"
MOST_OWN, MOST_OWN_MB = 20, 64  # networks of one visitor's own, and what their weights take


class Reading(NamedTuple):
    """What a network says of one labelled instance: its loss and the class probabilities, (c,)."""

    loss: float
    probabilities: np.ndarray


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


def typed():
    """The numbers of the examples that were looked at, {with a hidden layer: [x, Θ by rows, …]}."""
    return {hidden: [float(v) for a in arrays(one) for v in a.flat] for hidden, one in _lab().get("examples", {}).items()}


def arrays(example):
    """x and Θ of each layer, which is all that is typed."""
    return [example.x, *(layer.theta for layer in example.net.layers)]


def put_numbers(example, values):
    """Write these numbers into an Example, in the order of `arrays`. ValueError unless they are as many, and finite."""
    values = np.array(values, float)
    x, *thetas = np.split(values, np.cumsum([a.size for a in arrays(example)])[:-1])
    if not np.isfinite(values).all():
        raise ValueError("A number of the example is not finite.")
    for layer, theta in zip(example.net.layers, thetas):
        layer.theta = theta.reshape(layer.theta.shape)
    example.x[...] = x


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
    entry = lab["entries"].get(lab["chosen"]) or lab["entries"][DEFAULT]
    try:
        entry.network  # noqa: B018 — so that whoever has the entry has its weights
    except (ValueError, OSError):
        return lost(entry)
    return entry


def lost(entry):
    """The file of this entry's network is gone or was changed, or its steps cannot be taken again: these go → the entry to use."""
    if entry.steps:
        entry.steps = []
    else:
        del networks()[entry.id]
        tell(f"“{entry.name}” could not be read from the disk and is no longer here.")
    return network()


def tell(sentence):
    """Something the visitor should know; the next page says it once."""
    _lab().setdefault("tell", []).append(sentence)


def has_news():
    """Whether there is something to tell."""
    return bool(_lab().get("tell"))


def told():
    """What there is to tell; it is told now."""
    return _lab().pop("tell", [])


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
    entry = Entry(id or secrets.token_urlsafe(8), _unique(name), net, kind)
    if sum(e.nbytes for e in [*own, entry]) > MOST_OWN_MB * 2**20:
        raise ValueError(f"With this one your networks would take more than {MOST_OWN_MB} MB; delete one first.")
    networks()[entry.id] = entry
    return entry.id


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


def teach(entry, x, y, learning_rate):
    """One gradient step on the instance x (p,) with label y, on this visitor's copy. Returns the Readings before and after.

    ValueError when the weights would not stay finite.
    """
    net = entry.network.copy()
    step(net, x, y, learning_rate)
    readings = read(entry.network, x, y), read(net, x, y)
    entry.take([*entry.steps, (np.array(x), int(y), float(learning_rate))], net.freeze())
    return readings


def undo_step(entry):
    """Take back the last step."""
    entry.take(entry.steps[:-1])


def undo_all(entry):
    """Back to the network as it was before the first step."""
    entry.take([])


def instance():
    """The chosen Instance, or None before anything was drawn."""
    return _lab()["instance"]


def set_instance(inst):
    """Make this the instance that every page shows; None for an empty canvas."""
    _lab()["instance"] = inst
