"""However long, deep or odd what comes in is, a refusal is one line of at most 200 characters."""

import io

import numpy as np
import pytest

import mlcore
from mlcore import datasets, drawing, limits, strokes, validate
from tests.mlcore.archives import saved
from tests.mlcore.hostile.networks import valid

NET, X, Y = mlcore.Network((2, 3, 2), seed=0), np.ones((4, 2)), [0, 1, 0, 1]
DATA = mlcore.Dataset(X, Y)


class Loud:
    def __repr__(self):
        return "\n\x1b[31m" * 9999

    __str__ = __repr__


class Broken:
    def __repr__(self):
        raise ZeroDivisionError


LONG = {
    "text": "x" * 28_000, "lines": "\n\t\x1b[31m\u202e" * 999, "lists": [["x" * 999] * 99] * 99, "a dict": {"a" * 9999: 1},
    "a number": 10**5000, "minus a number": -(10**5000), "bytes": bytes(28_000),
    "40 dimensions": np.ones((1,) * 40), "64 dimensions": np.ones((1,) * 64),
    "fields": np.zeros(3, [("f" * 900, "f4")]), "dates": np.zeros(3, "M8[s]"), "texts": np.array(["x" * 9999] * 3),
    "loud": Loud(), "broken": Broken(),
    "its class": type("C" * 999, (), {})(), "numbers": list(range(99_999)), "fractions": [[0.5] * 9999], "nothing": None,
}  # fmt: skip


def kept(key, value):
    net = NET.copy()
    net.info[key] = value
    return saved(net)


CALLS = {
    "sizes": lambda value: mlcore.Network(value), "a size": lambda value: mlcore.Network((2, value)),
    "hidden": lambda value: mlcore.Network((2, 2), hidden=value), "output": lambda value: mlcore.Network((2, 2), output=value),
    "dtype": lambda value: mlcore.Network((2, 2), dtype=value), "init": lambda value: mlcore.Network((2, 2), init=value),
    "seed": lambda value: mlcore.Network((2, 2), seed=value), "copy": lambda value: NET.copy(value),
    "theta": lambda value: setattr(NET.copy().layers[0], "theta", value), "W": lambda value: setattr(NET.copy().layers[0], "W", value),
    "X": lambda value: NET.predict(value), "y": lambda value: NET.cost(X, value), "l2": lambda value: NET.cost(X, Y, value),
    "local": lambda value: mlcore.local_gradients(NET, value, Y), "instance": lambda value: mlcore.explain(NET, value, 0),
    "label": lambda value: mlcore.explain(NET, X[0], value), "k": lambda value: mlcore.contributions(NET, X[0], value),
    "X_train": lambda value: mlcore.Dataset(value, Y), "y_train": lambda value: mlcore.Dataset(X, value),
    "X_test": lambda value: mlcore.Dataset(X, Y, value, Y), "classes": lambda value: mlcore.Dataset(X, Y, classes=value),
    "a set": lambda value: datasets.load(value),
    "points": lambda value: datasets.load("xor", n=value if not isinstance(value, int) else -1),
    "noise": lambda value: datasets.load("xor", noise=value), "a model": lambda value: mlcore.models.load(value),
    "data": lambda value: mlcore.train(NET, value), "optimizer": lambda value: mlcore.train(NET, DATA, value),
    "batch_size": lambda value: mlcore.train(NET, DATA, batch_size=value), "epochs": lambda value: mlcore.train(NET, DATA, epochs=value),
    "learning_rate": mlcore.SGD, "momentum": lambda value: mlcore.SGD(0.1, value),
    "entries": lambda value: mlcore.check_gradients(NET, X, Y, entries=value if isinstance(value, str) else -1),
    "evaluated": lambda value: mlcore.evaluate(NET, X, value), "an image": drawing.to_digit, "strokes": strokes.render,
    "info": lambda value: kept("a", value), "a key of info": lambda value: kept(value if value.__hash__ else "a", [value]),
    "a size that may be kept": lambda value: limits.check_size((2, value if isinstance(value, int) else 0)),
    "sizes that may be kept": lambda value: limits.check_size([2] * 9999),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_a_refusal_is_one_line(call):
    refusals = 0
    for name, value in LONG.items():
        try:
            CALLS[call](value)
        except ValueError as error:
            sentence = str(error)
            assert 8 < len(sentence) <= 200 and sentence.isprintable() and type(error) is ValueError, (name, sentence)
            refusals += 1
    assert refusals > 2


def test_what_is_short_is_shown_as_it_is_and_what_is_long_by_its_ends():
    assert [validate.shown(value) for value in ("ReLU ", 3, (4, 5), [1.5], None)] == ["'ReLU '", "3", "(4, 5)", "[1.5]", "None"]
    assert validate.short("a name.npz") == "a name.npz"
    long = validate.short("/a/folder/" + "x" * 999 + "/net.npz", 40)
    assert len(long) == 40 and long.startswith("/a/folder/") and long.endswith("/net.npz") and "…" in long
    assert validate.short("a\nb\x1b[31m") == "a?b?[31m"


@pytest.mark.parametrize("sizes", [(2,) * 12, (4097, 2), (2, 4097), (3999, 999, 4, 100)])
def test_save_refuses_what_load_refuses_and_says_the_same(sizes):
    with pytest.raises(ValueError) as saving:
        saved(mlcore.Network(sizes, init="zeros"))
    with pytest.raises(ValueError) as loading:
        mlcore.load(io.BytesIO(valid(list(sizes))))
    assert str(loading.value) == f"this is not a network file that can be loaded: {saving.value}"


@pytest.mark.parametrize("sizes", [(2,) * 11, (4096, 2), (2, 4096, 2), (3999, 1000)])
def test_the_largest_that_may_be_kept_is_saved_and_loaded(sizes):
    limits.check_size(sizes)
    assert mlcore.load(io.BytesIO(valid(list(sizes)))).sizes == sizes
    assert mlcore.load(io.BytesIO(saved(mlcore.Network(sizes, init="zeros")))).sizes == sizes


def test_info_may_have_so_many_bytes():
    assert mlcore.load(io.BytesIO(kept("a", "x" * 250_000))).info == {"a": "x" * 250_000}
    with pytest.raises(ValueError, match="more than 262,144; leave some of it out"):
        kept("a", "x" * 262_144)
