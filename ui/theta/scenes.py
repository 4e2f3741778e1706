"""The scene of part one: data of two classes, a sigmoid network, α and λ. All of it is in the address, so a link opens the same numbers."""

import functools
import re
from typing import NamedTuple

import numpy as np
import streamlit as st

import mlcore
from ui import inputs, work
from ui.inputs import choice, decimal, number, option
from ui.numbers import plain
from ui.text import NAME, one_line, verbatim
from ui.theta import filming
from ui.waiting import waited

PLANE = ("xor", "circles", "moons", "spirals", "blobs")
DEEPEST, WIDEST, FARTHEST, EPOCHS = 6, 12, 5, 500
DIGITS = "digits"
SHOWN = 40  # digits of each class that are learned from
MOST_POINTS = 200  # that are typed or clicked
AT_ONCE = 0.05  # s: a run that takes less is computed where it is asked for


class Scene(NamedTuple):
    """net (one sigmoid output, float64), X (n, p) float64, y (n,) of 0 and 1, rate α, l2 λ, epochs; plane: points of a plane."""

    net: mlcore.Network
    X: np.ndarray
    y: np.ndarray
    rate: float
    l2: float
    epochs: int
    plane: bool


@functools.lru_cache(32)
def instances(name, n, noise, seed, pair):
    """X (n, p) and y (n,) of a data set of two classes; for digits the pair (0's class, 1's class)."""
    if name == DIGITS:
        data = mlcore.datasets.load("digits")
        rows = np.concatenate([np.flatnonzero(data.y_train == k)[:SHOWN] for k in pair])
        order = np.random.default_rng(seed).permutation(len(rows))
        return data.X_train[rows][order] / 255, (data.y_train[rows][order] == pair[1]).astype(int)
    data = mlcore.datasets.load(name, n=n, noise=noise, seed=seed, classes=2)
    return np.concatenate([data.X_train, data.X_test]), np.concatenate([data.y_train, data.y_test])


def points(text):
    """The points typed or clicked in, "x, y, class; …" or a line each → (n, 3). ValueError in one sentence for anything else."""
    rows = [part.replace(",", " ").replace("−", "-").split() for part in re.split(r"[;\n]", text or "") if part.strip()]
    if len(rows) > MOST_POINTS:
        raise ValueError(f"You have {len(rows):,} points of your own, more than {MOST_POINTS}; leave some out.")
    try:
        found = np.array([[float(v) for v in row] for row in rows], float).reshape(len(rows), 3)
    except ValueError:
        found = np.full((1, 3), np.nan)
    if not (np.abs(found[:, :2]) <= FARTHEST).all() or not np.isin(found[:, 2], (0, 1)).all():
        read = "; ".join(", ".join(row) for row in rows)
        raise ValueError(
            f"Points were read as “{one_line(read, NAME)}”; write x, y and the class 0 or 1 of each, within ± {FARTHEST}, "
            "such as 0.5, −1, 1; 0, 2, 0, or each in a line of its own."
        )
    return found


def layers(text):
    """The units of each hidden layer, "3, 3" → (3, 3). ValueError in one sentence for anything else."""
    try:
        hidden = inputs.layers(text)
    except ValueError:
        hidden = ()
    if not 0 < len(hidden) <= DEEPEST or not all(0 < one <= WIDEST for one in hidden):
        raise ValueError(f"Hidden units are “{one_line(text, NAME)}”; write 1 to {DEEPEST} numbers from 1 to {WIDEST}, such as 4 or 3, 3.")
    return hidden


def add_point(x, y, label):
    """A point that was clicked joins those that were typed."""
    text = st.session_state.get("more") or ""
    st.session_state["more"] = "; ".join([*filter(None, [text.strip(" ;\n")]), f"{x:.2f}, {y:.2f}, {label}"])


def scene():
    """The controls, and the Scene they make; None, with a sentence said, where they cannot."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = choice("Data", [*PLANE, DIGITS], "data", width=130)
        plane = name != DIGITS
        pair = (0, 1) if plane else (choice("Class 0", range(10), "zero", width=80), choice("Class 1", range(10), "one", 1, width=80))
        units = st.text_input("Hidden units", "4", key="units", bind="query-params", width=130, help="Of each layer, such as 4 or 3, 3.")
        g = choice("Activation", ["sigmoid", "tanh", "relu", "identity"], "activation", width=120)
        rate = decimal("Step size α", "alpha", 0.0001, 1000.0, 1.0, 0.1, format="%g", width=120)
        l2 = decimal("λ", "l2", 0.0, 10.0, 0.0, 0.001, format="%g", width=120)
        with st.popover("More"):
            start = option("Θ starts", ["random", "zeros"], "start", "random")
            seed = number("Seed of data and Θ", "seed", 9999, 0)
            epochs = number(f"Epochs (1 to {EPOCHS})", "epochs", EPOCHS, EPOCHS, 1)
            many = number("Points", "points", 400, 40, 10) if plane else 0
            usual = mlcore.datasets.MADE.get(name, (None, 0.1))[1]
            if not plane:
                st.session_state.pop("noise", None)  # what suits one set in the plane is not carried over to the next
            noise = decimal("Noise", "noise", 0.0, 2.0, usual, 0.02) if plane else None
            more = st.text_area("Points of your own: x, y, class; …", key="more", bind="query-params", height=80) if plane else ""
    try:
        hidden = layers(units)
        if pair[0] == pair[1]:
            raise ValueError(f"Both classes are {pair[0]}; choose two different digits.")
        own = points(more)
    except ValueError as error:
        st.error(verbatim(error))
        return None
    X, y = instances(name, many, noise, seed, pair)
    if plane:
        X, y = np.vstack([X, own[:, :2]]), np.append(y, own[:, 2].astype(int))
    net = mlcore.Network((X.shape[1], *hidden, 1), g, "sigmoid", seed, "float64", "zeros" if start == "zeros" else "auto")
    return Scene(net, X, y, rate, l2, epochs, plane)


def content(scene):
    """All that a run depends on, as something that can be looked up."""
    net = scene.net
    thetas = tuple(layer.theta.astype(float).tobytes() for layer in net.layers)
    X, y = np.asarray(scene.X, float), np.asarray(scene.y, int)
    return net.sizes, net.hidden, thetas, X.tobytes(), y.tobytes(), float(scene.rate), float(scene.l2), scene.epochs, bool(scene.plane)


def computed(says, scene, key, function, *arguments):
    """function(*arguments) for a scene, once for all visitors: here where it takes no time, else in another process."""
    if filming.seconds(scene.net.sizes, len(scene.y), scene.epochs) < AT_ONCE:
        return work.here(key, function, *arguments)
    return waited(says, key, function, *arguments)


def _run(scene):
    scene = scene._replace(net=scene.net.copy("float64"), X=np.asarray(scene.X, float), y=np.asarray(scene.y, int))
    arguments = scene.net, scene.X, scene.y, float(scene.rate), float(scene.l2), scene.epochs
    return computed("Training for all epochs …", scene, ("run", *content(scene)), filming.run, *arguments)


def trained(scene):
    """The run of a scene, all its epochs → mlcore.lecture.film.Film."""
    return _run(scene)[0]


def chance(scene):
    """The sentence that says so where rounding decides what becomes of the scene's run; else None."""
    found = _run(scene)[1]
    return found and (
        f"Rounding decides this run from epoch {found.epoch} on: with its instances added up in the opposite order, J after epoch "
        f"{found.most} is {plain(found.other)} and not {plain(found.J)}. All parts of the page show one and the same run."
    )


def epoch(scene):
    """After how many epochs the scene is looked at; the same number in every part."""
    return number(f"After epoch (0 to {scene.epochs})", "epoch", scene.epochs, 0)


def after(scene, k):
    """The network of the scene after k epochs of Θ ← Θ − αD; where the run stops before, after its last one."""
    run = trained(scene) if k else None
    return run.network(min(k, len(run) - 1)) if k else scene.net


def stopped(scene, k):
    """The sentence that says so where the run stops before k epochs; else None."""
    run = trained(scene) if k else None
    return run.stopped if k and k >= len(run) else None
