"""Bad input is a ValueError of one sentence, which says what came; and nothing has changed afterwards."""

import numpy as np
import pytest

import mlcore
from tests.mlcore.cases import case


def refused(words, call, *arguments, **named):
    """The call raises a ValueError of one sentence in which each of `words` stands."""
    with pytest.raises(ValueError) as refusal:
        call(*arguments, **named)
    sentence = str(refusal.value)
    assert 15 < len(sentence) <= 200
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    for word in [words] if isinstance(words, str) else words:
        assert word in sentence, sentence
    return sentence


@pytest.mark.parametrize("sizes, words", [
    ((784,), "784"), ((), ""), ((784, 0), "0"), ((4, -3, 2), "-3"), ((4, 2.5, 2), "2.5"), ((4, "a"), "a"), ((4, None), "None"),
    (784, "784"), ("784-10", ""), ((4, float("nan")), "nan"),
])
def test_sizes(sizes, words):
    refused(words, mlcore.Network, sizes)


@pytest.mark.parametrize("named, words", [
    ({"hidden": "swish"}, ["swish", "sigmoid", "tanh", "relu", "identity"]), ({"hidden": None}, "None"),
    ({"hidden": ["relu"]}, "relu"), ({"hidden": "ReLU "}, "ReLU"),
    ({"output": "linear"}, ["linear", "softmax", "sigmoid"]), ({"output": 3}, "3"),
    ({"init": "ones"}, ["ones", "auto", "zeros"]), ({"dtype": "int32"}, ["int32", "float32", "float64"]), ({"dtype": "float17"}, "float17"),
    ({"dtype": "complex128"}, "complex128"), ({"dtype": 5}, "dtype is 5"), ({"dtype": object()}, "dtype is <object"),
    ({"dtype": None}, "dtype is None"), ({"dtype": np.int8}, "int8"), ({"seed": -1}, "-1"), ({"seed": "x"}, "x"),
])
def test_names_and_types(named, words):
    refused(words, mlcore.Network, (4, 3), **named)


BAD_X = [
    (np.ones((6, 5)), ["5", "4"]), (np.ones((2, 3, 4)), "3"), (np.ones((0, 4)), ""), (np.ones(4), "(4,)"),
    ([[1, 2, 3, np.nan]] * 6, ""), ([[1, 2, 3, np.inf]] * 6, ""), (np.full((6, 4), 1e300), ""),
    ([["a"] * 4] * 6, ""), ([[1, 2], [3]], ""), (np.ones((6, 4)) * 1j, "complex"), (None, ""), ("pixels", ""), ([[{}] * 4] * 6, "object"),
]


@pytest.mark.parametrize("X, words", BAD_X)
@pytest.mark.parametrize("method", ["forward", "predict", "predict_proba", "cost", "gradients", "local"])
def test_instances(method, X, words):
    net = case((4, 5, 3), dtype="float32").net
    if method in ("forward", "predict", "predict_proba"):
        refused(words, getattr(net, method), X)
    else:
        call = {"cost": net.cost, "gradients": net.gradients, "local": lambda X, y: mlcore.local_gradients(net, X, y)}[method]
        refused(words, call, X, [0, 1, 2, 0, 1, 2])


BAD_Y = [
    ("softmax", [0, 1, 2, 0, 1, 3], "3"), ("softmax", [0, 1, 2, 0, 1, -1], "-1"), ("softmax", [0, 1, 2, 0, 1, 0.5], "0.5"),
    ("softmax", [0, 1, 2, 0, 1, np.nan], "nan"), ("softmax", [0, 1, 2, 0, 1], ["5", "6"]), ("softmax", [], "0"), ("softmax", 1, ""),
    ("softmax", ["a"] * 6, ""), ("softmax", None, ""), ("softmax", np.eye(3)[[0] * 6], ""), ("softmax", [[0]] * 6, ""),
    ("softmax", [0, 1, 2, 0, 1, np.inf], "inf"), ("softmax", [0, 1, 2, 0, 1, 10**12], "1e+12"),
    ("one sigmoid", [0, 1, 2, 0, 1, 0], "2"), ("one sigmoid", [0, 1, 0.5, 0, 1, 0], "0.5"), ("one sigmoid", [0, 1, -1, 0, 1, 0], "-1"),
    ("one sigmoid", np.eye(2)[[0] * 6], ""),
    ("sigmoids, 0/1", np.full((6, 3), 0.5), "0.5"), ("sigmoids, 0/1", np.ones((6, 2)), "2"), ("sigmoids, 0/1", np.ones((5, 3)), "5"),
    ("sigmoids, 0/1", np.full((6, 3), 2), "2"),
    ("sigmoids, 0/1", np.full((6, 3), np.nan), ""), ("sigmoids, labels", [0, 1, 2, 0, 1, 3], "3"),
]


@pytest.mark.parametrize("output, y, words", BAD_Y)
@pytest.mark.parametrize("method", ["cost", "gradients", "local", "check"])
def test_labels(method, output, y, words):
    net, X, _, _ = case((4, 5, 3), output=output)
    refused(words, {
        "cost": net.cost, "gradients": net.gradients, "local": lambda X, y: mlcore.local_gradients(net, X, y),
        "check": lambda X, y: mlcore.check_gradients(net, X, y),
    }[method], X, y)


@pytest.mark.parametrize("l2", [-0.1, np.nan, np.inf, "much", None, [0.1, 0.2]])
@pytest.mark.parametrize("method", ["cost", "gradients"])
def test_l2(method, l2):
    net, X, y, _ = case()
    refused("", getattr(net, method), X, y, l2)


@pytest.mark.parametrize("value, words", [("a", "l2 is 'a'"), (None, "l2 is None"), (10**400, "l2 is 1000"), ([1, 2], "l2 is [1, 2]")])
def test_a_number_that_is_none_is_told_as_it_was_given(value, words):
    net, X, y, _ = case()
    refused(words, net.cost, X, y, value)
    refused(words.replace("l2", "learning_rate"), mlcore.SGD, value)
    if value is not None:  # which is the usual noise
        refused(words.replace("l2", "noise"), mlcore.datasets.load, "moons", noise=value)


@pytest.mark.parametrize("seed, words", [("a", "seed is 'a'"), (-1, "seed is -1"), (1.5, "seed is 1.5")])
def test_a_seed_of_the_gradient_check(seed, words):
    net, X, y, _ = case()
    refused(words, mlcore.check_gradients, net, X, y, seed=seed)


def test_a_copy_in_another_dtype():
    refused("int8", case().net.copy, "int8")
    refused("dtype is 5", case().net.copy, 5)
    assert case().net.copy().dtype == "float64" and case().net.copy(np.float32).dtype == "float32"


@pytest.mark.parametrize("out, words", [(1, "out is of type int"), ((np.ones(1), np.ones(1)), "out is of type tuple")])
def test_arrays_for_the_local_gradients(out, words):
    net, X, y, _ = case()
    refused(words, mlcore.local_gradients, net, X, y, out=out)


@pytest.mark.parametrize("name, value, words", [
    ("W", np.ones((5, 5)), ["(5, 5)", "(5, 4)"]), ("W", np.ones((4, 5)), "(4, 5)"), ("W", np.ones(20), "(20,)"), ("W", 1.0, "()"),
    ("W", np.full((5, 4), np.nan), ""), ("W", np.full((5, 4), np.inf), ""), ("W", np.full((5, 4), 1e300), ""),
    ("W", "weights", ""), ("W", np.ones((5, 4)) * 1j, "complex"), ("W", None, ""),
    ("b", np.ones(4), ["(4,)", "(5,)"]), ("b", np.ones((5, 1)), "(5, 1)"), ("b", 0, "()"), ("b", [1, 2, 3, 4, np.nan], ""),
    ("theta", np.ones((5, 4)), ["(5, 4)", "(5, 5)"]), ("theta", np.full((5, 5), -np.inf), ""),
])
def test_assignments(name, value, words):
    net = case((4, 5, 3), dtype="float32").net
    before = net.layers[0].theta.copy()
    refused(words, setattr, net.layers[0], name, value)
    assert np.array_equal(net.layers[0].theta, before)


@pytest.mark.parametrize("arguments, words", [
    ((np.ones((3, 2)), [0, 1]), ["2", "3"]), ((np.ones((0, 2)), []), ""), (([[1, np.nan]], [0]), ""), ((np.ones(3), [0, 1, 0]), "(3,)"),
    ((np.ones((3, 2)), [0, 1, -1]), "-1"), ((np.ones((3, 2)), [0, 1, 0.5]), "0.5"), ((np.ones((3, 2)), ["a", "b", "c"]), ""),
    ((np.ones((3, 2)), [0, 1, 1], np.ones((2, 3)), [0, 1]), ["3", "2"]), ((np.ones((3, 2)), [0, 1, 1], np.ones((2, 2)), [0]), ["1", "2"]),
    ((np.ones((3, 2)), [0, 1, 1], np.ones((2, 2))), ""), ((np.ones((3, 2)), [0, 1, 1], None, [0, 1]), ""),
    ((np.ones((3, 2)), [0, 1, 2], None, None, 2), "2"), ((np.ones((3, 2)), [0, 1, 1], np.ones((1, 2)), [5], 3), "5"),
    ((np.ones((3, 2)), [0, 1, 1], None, None, 0), "0"), ((np.ones((3, 2)), [0, 1, 1], None, None, 2.5), "2.5"),
    ((np.ones((3, 2)), [0, 1, 1], np.full((1, 2), np.inf), [0]), ""),
])
def test_datasets(arguments, words):
    refused(words, mlcore.Dataset, *arguments)


def test_a_dataset_counts_its_classes():
    data = mlcore.Dataset(np.ones((3, 2)), [0, 1.0, 4], name="three")
    assert (data.classes, data.name, data.X_test, data.y_test) == (5, "three", None, None)
    assert mlcore.Dataset(np.ones((3, 2)), [0, 1, 1], classes=10).classes == 10
    assert mlcore.Dataset(np.ones((3, 2)), [0, 0, 1], np.ones((1, 2)), [2]).classes == 3
    assert data.X_train.shape == (3, 2)
    assert data.y_train.tolist() == [0, 1, 4]
    pixels = np.full((3, 2), 255, dtype="uint8")
    assert mlcore.Dataset(pixels, [0, 1, 1]).X_train.dtype == np.uint8


def test_a_dataset_of_zeros_and_ones_has_a_class_a_column():
    Y = np.array([[0, 1, 1], [0, 0, 0], [1, 0, 0]])
    assert mlcore.Dataset(np.ones((3, 2)), Y, np.ones((1, 2)), [[1, 1, 1]]).classes == 3
    refused("0.5", mlcore.Dataset, np.ones((3, 2)), Y / 2)
    refused("", mlcore.Dataset, np.ones((3, 2)), Y, np.ones((1, 2)), [1])
    refused("", mlcore.Dataset, np.ones((3, 2)), Y, np.ones((1, 2)), [[1, 1]])
    refused(["3", "y_train"], lambda: list(mlcore.train(mlcore.Network((2, 3)), mlcore.Dataset(np.ones((3, 2)), Y))))


def test_labels_and_columns_that_no_data_set_has():
    X = np.ones((4, 2))
    refused(["1e+19"], mlcore.Dataset, X, [0, 1, 2, 1e19])
    refused(["9.22337e+18"], mlcore.Dataset, X, np.array([0, 1, 2, 2**63], np.uint64))
    refused(["(4, 3)", "5"], mlcore.Dataset, X, np.zeros((4, 3)), classes=5)
    refused(["(4, 0)"], mlcore.Dataset, X, np.zeros((4, 0)))
    assert mlcore.Dataset(X, np.zeros((4, 1)), classes=2).classes == 2
    assert mlcore.Dataset(X, np.zeros((4, 1))).classes == 2


NAMED = {
    "hidden": lambda: mlcore.Network((4, 3), hidden="x"), "output": lambda: mlcore.Network((4, 3), output="x"),
    "init": lambda: mlcore.Network((4, 3), init="x"), "dtype": lambda: mlcore.Network((4, 3), dtype="x"),
    "seed": lambda: mlcore.Network((4, 3), seed=-1), "learning_rate": lambda: mlcore.SGD(0), "momentum": lambda: mlcore.SGD(1, 1),
    "batch_size": lambda: mlcore.train(*TWO, batch_size=0), "epochs": lambda: mlcore.train(*TWO, epochs=-1),
    "l2": lambda: mlcore.train(*TWO, l2=-1), "seed ": lambda: mlcore.train(*TWO, seed=-1), "optimizer": lambda: mlcore.train(*TWO, 3),
    "entries": lambda: mlcore.check_gradients(TWO[0], [[1, 2]], [0], entries=0),
    "seed  ": lambda: mlcore.check_gradients(TWO[0], [[1, 2]], [0], seed=-1), "classes": lambda: mlcore.Dataset([[1]], [0], classes=1),
    "name": lambda: mlcore.models.load("x"), "name ": lambda: mlcore.datasets.load("x"), "n": lambda: mlcore.datasets.load("xor", n=9),
    "noise": lambda: mlcore.datasets.load("xor", noise=-1), "k": lambda: mlcore.contributions(TWO[0], [1, 2], -1),
}
TWO = mlcore.Network((2, 3)), mlcore.Dataset(np.ones((3, 2)), [0, 1, 2])


@pytest.mark.parametrize("name", NAMED)
def test_the_sentence_begins_with_the_name_of_what_is_wrong(name):
    assert refused("expected", NAMED[name]).startswith(name.strip() + " is ")


@pytest.mark.parametrize("name, call", [
    ("X_train", lambda: mlcore.Dataset("a", [0])), ("y_train", lambda: mlcore.Dataset([[1]], "a")), ("W", lambda: setattr(LAYER, "W", "a")),
    ("X_test", lambda: mlcore.Dataset([[1]], [0], "a", [0])), ("y_test", lambda: mlcore.Dataset([[1]], [0], [[1]], "a")),
    ("X", lambda: TWO[0].predict("a")), ("y", lambda: TWO[0].cost([[1, 2]], "a")), ("b", lambda: setattr(LAYER, "b", "a")),
    ("theta", lambda: setattr(LAYER, "theta", "a")), ("x", lambda: mlcore.explain(TWO[0], "a", 0)),
    ("y", lambda: mlcore.explain(TWO[0], [1, 2], "a")), ("X_train", lambda: mlcore.Dataset([[1], [2, 3]], [0, 1])),
])
def test_an_array_that_is_none_is_named(name, call):
    assert refused("expected", call).startswith(name + " has ")


LAYER = TWO[0].layers[0]


@pytest.mark.parametrize("value", [1e300, -1e300])
def test_data_beyond_the_networks_dtype_are_refused(value):
    data = mlcore.Dataset(np.full((4, 2), value), [0, 1, 0, 1])
    with pytest.raises(ValueError, match=r"^X_train has entries too large for float32; scale it"):
        mlcore.train(mlcore.Network((2, 2)), data)
