"""Networks and instances for the tests: a fixed one by its description, or any one by hypothesis."""

import time
from typing import NamedTuple

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

import mlcore
from tests.mlcore import reference

ACTIVATIONS = ("sigmoid", "tanh", "relu", "identity")
OUTPUTS = ("softmax", "one sigmoid", "sigmoids, labels", "sigmoids, 0/1")


class Case(NamedTuple):
    net: mlcore.Network
    X: np.ndarray
    y: np.ndarray
    l2: float


def case(sizes=(4, 5, 3), hidden="tanh", output="softmax", n=6, l2=0.0, seed=0, dtype="float64", scale=1.0):
    """A network whose biases are not zero, and n instances. `output` is one of OUTPUTS; with "one sigmoid" the last size becomes 1."""
    rng = np.random.default_rng(seed)
    sizes = (*sizes[:-1], 1) if output == "one sigmoid" else tuple(sizes)
    net = mlcore.Network(sizes, hidden=hidden, output="softmax" if output == "softmax" else "sigmoid", seed=seed, dtype=dtype)
    for layer in net.layers:
        layer.W = scale * rng.normal(size=layer.W.shape) / np.sqrt(layer.W.shape[1])
        layer.b = scale * rng.normal(size=layer.b.shape) / 2
    X = rng.normal(size=(n, sizes[0])).astype(dtype)
    y = rng.integers(0, 2, size=(n, sizes[-1])) if output == "sigmoids, 0/1" else rng.integers(0, max(sizes[-1], 2), size=n)
    return Case(net, X, y, l2)


@st.composite
def cases(draw, hidden=ACTIVATIONS, outputs=OUTPUTS, depths=(1, 4), dtype="float64", l2=True):
    """Any network of 1 to 4 layers of weights with any instances; also one unit wide, also one instance; outputs not saturated."""
    depth = draw(st.integers(*depths))
    sizes = [draw(st.integers(1, 6)) for _ in range(depth)] + [draw(st.integers(2, 5))]
    found = case(
        sizes, draw(st.sampled_from(hidden)), draw(st.sampled_from(outputs)), n=draw(st.integers(1, 7)),
        l2=draw(st.sampled_from([0.0, 0.01, 0.7])) if l2 else 0.0, seed=draw(st.integers(0, 2**32 - 1)), dtype=dtype,
        scale=draw(st.sampled_from([0.3, 1.0, 2.0])),
    )
    # Further out, the 1 in a − 1 swallows the digits of a; what happens there has tests of its own.
    assume(np.abs(reference.logits(reference.parameters(found.net), found.X, found.net.hidden)).max() <= 5)
    return found


def moved(net, direction, step):
    """A copy of the network, moved by step × direction, a list of arrays shaped as its Θ."""
    other = net.copy()
    for layer, d in zip(other.layers, direction, strict=True):
        layer.theta = layer.theta + step * d
    return other


def blobs(n=40, p=5, c=3, seed=0, test=0, dtype="float64"):
    """A data set of c round clouds of points."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(c, p)) * 2
    y = rng.integers(0, c, n + test)
    X = (centres[y] + rng.normal(size=(n + test, p))).astype(dtype)
    return mlcore.Dataset(X[:n], y[:n], *((X[n:], y[n:]) if test else ()), classes=c)


def same(net, other):
    """Whether two networks have the same weights to the bit."""
    return all(np.array_equal(a.theta, b.theta) for a, b in zip(net.layers, other.layers, strict=True))


def restless(monkeypatch):
    """A clock that jumps a second at every look: train yields as often as it can."""
    ticks = iter(range(10**9))
    for name in ("perf_counter", "monotonic"):
        monkeypatch.setattr(time, name, lambda: float(next(ticks)))
