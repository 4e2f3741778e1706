"""Every function that docs/lecture.md names takes lists, tuples, whole numbers and floats, and gives the same numbers for them."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlcore
from mlcore import activations, backprop, engine, explanation, network
from mlcore.lecture import cancellation, descent, errata, film, loop, vectorised

MAP = (Path(__file__).parents[2] / "docs" / "lecture.md").read_text("utf-8")
X, Y = [[1, 0, -2], [3, 1, 0], [0, 2, 1], [1, 1, 1]], [0, 1, 1, 0]
TARGET = [[1, 0], [0, 1], [0, 1], [1, 0]]
THETA = [[1, 0, -1, 2], [0, 1, 1, -1]]


def net(output="softmax", sizes=(3, 4, 2)):
    return mlcore.Network(sizes, "tanh", output, seed=1, dtype="float64")


def run():
    return net().forward(X)


def binary():
    return net("sigmoid", (3, 4, 1))


def with_theta(make, theta):
    """The network after Θ of its only layer was assigned."""
    single = net(sizes=(3, 2))
    single.layers[0].theta = make(theta)
    return single.layers[0].theta


def descended(make):
    made = net()
    z = np.empty((2, 4))
    engine.Instances(made, make(X), 4).descend(make([0, 1, 2, 3]), z, make([[1, 0, 0, 1], [0, 1, 1, 0]]), 0.1)
    return [z, *(layer.theta for layer in made.layers)]


def trained(make):
    made = net()
    for _ in mlcore.train(made, mlcore.Dataset(make(X), make(Y)), mlcore.SGD(0.1), epochs=2):
        pass
    return [layer.theta for layer in made.layers]


def walked(walk):
    walk.end()
    return [layer.theta for layer in walk.net.layers]


# What each function gives when its arrays are written as `make` writes them: a list, a tuple, an array of ints or of floats.
CALLS = {
    "mlcore.network.Network": lambda make: [layer.theta for layer in mlcore.Network(make([3, 4, 2]), seed=1).layers],
    "mlcore.network.Layer": lambda make: [network.Layer(make(THETA)).W, with_theta(make, THETA)],
    "mlcore.Network": lambda make: mlcore.Network(make([3, 4, 2]), seed=1).layers[0].theta,
    "mlcore.explain": lambda make: [e for e in vars(mlcore.explain(net(), make(X[0]), make(Y[1]))).values() if isinstance(e, np.ndarray)],
    "mlcore.Network.cost": lambda make: net().cost(make(X), make(Y), 0.1),
    "mlcore.Network.forward": lambda make: [*net().forward(make(X)).z],
    "mlcore.Network.predict_proba": lambda make: net().predict_proba(make(X)),
    "mlcore.activations.sigmoid": lambda make: activations.sigmoid(make(X)),
    "mlcore.activations.sigmoid_prime": lambda make: activations.sigmoid_prime(make(X)),
    "mlcore.activations.softmax": lambda make: [activations.softmax(make(X)), activations.softmax(make(X[0]))],
    "mlcore.activations.softmax_steps": lambda make: [*activations.softmax_steps(make(X[1]))],
    "mlcore.activations.softmax_jacobian": lambda make: activations.softmax_jacobian(make(TARGET)),
    "mlcore.activations.negative_log": lambda make: activations.negative_log(make(TARGET)),
    "mlcore.activations.cross_entropy": lambda make: activations.cross_entropy(make([row[:2] for row in X]), make(TARGET)),
    "mlcore.activations.binary_cross_entropy": lambda make: activations.binary_cross_entropy(make([row[:2] for row in X]), make(TARGET)),
    "mlcore.backprop.errors": lambda make: backprop.errors(net(), run(), make(TARGET)),
    "mlcore.backprop.accumulate": lambda make: backprop.accumulate(run(), [make([[1, 0, 2, -1]] * 4), make(TARGET)]),
    "mlcore.backprop.average": lambda make: backprop.average(net(sizes=(3, 2)).layers[0], make(THETA), 4, 0.1),
    "mlcore.explanation.output_dL_da": lambda make: explanation.output_dL_da("softmax", make([1, 2, 4]), make([0, 1, 0])),
    "mlcore.engine.Instances": descended,
    "mlcore.Dataset": trained,
    "mlcore.SGD": trained,
    "mlcore.lecture.cancellation.cancellation": lambda make: [*cancellation.cancellation(make([1, 2, -1]), 2)],
    "mlcore.lecture.descent.Descent": lambda make: walked(descent.Descent(binary(), make(X), make(Y), 0.5, 0.1, 2)),
    "mlcore.lecture.vectorised.backward_forms": lambda make: vectorised.backward_forms(binary(), make(X[0]), make(Y[1]), 0)[:6],
    "mlcore.lecture.errata.cost_parts": lambda make: [*errata.cost_parts(binary(), make(X), make(Y), 0.1)],
    "mlcore.lecture.vectorised.forward_forms": lambda make: vectorised.forward_forms(binary(), make(X[0]), 0)[:4],
    "mlcore.lecture.film.film": lambda make: film.film(binary(), make(X), make(Y), 0.5, 0.1, 3).J,
    "mlcore.lecture.film.rounding": lambda make: [*film.rounding(film.film(binary(), X, Y, 0.5, 0.1, 3), make(X), make(Y), 0.5, 0.1, -1)],
    "mlcore.lecture.loop.Loop": lambda make: walked(loop.Loop(net(sizes=(3, 2)), make(X), make(Y), 0.5, 2)),
}
# Take a network, or the names of arrays.
NO_ARRAYS = {"mlcore.lecture.pitfalls.step_sizes", "mlcore.lecture.pitfalls.units_apart", "mlcore.lecture.products.combine"}
KINDS = {
    "a list": lambda value: value,
    "a tuple": lambda value: tuple(map(KINDS["a tuple"], value)) if isinstance(value, list) else value,
    "small ints": lambda value: np.array(value, np.int8),
    "a list of arrays": lambda value: [np.array(row) for row in value] if isinstance(value, list) else value,
    "in the other memory order": lambda value: np.asfortranarray(np.array(value, np.int64)),
}


def floats(value):
    """Labels and places are whole numbers also where all else are floats."""
    array = np.array(value)
    return array if value in (Y, Y[1], [0, 1, 2, 3], [3, 4, 2]) else array.astype(float)


def numbers(value):
    """All arrays in a result, one after another."""
    if isinstance(value, (list, tuple)):
        return [array for one in value for array in numbers(one)]
    return [np.asarray(value)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CALLS)
def test_the_same_numbers_however_they_are_written(name, kind):
    expected, found = numbers(CALLS[name](floats)), numbers(CALLS[name](KINDS[kind]))
    assert len(found) == len(expected) > 0
    for mine, theirs in zip(found, expected):
        assert mine.dtype == theirs.dtype and np.array_equal(mine, theirs, equal_nan=True), name


@pytest.mark.parametrize("nonsense", [["a", "b"], [[1, 2], [3]], [None], [1j], {"a": 1}, "1"])
@pytest.mark.parametrize(
    "function",
    [
        activations.sigmoid, activations.sigmoid_prime, activations.tanh_prime, activations.relu, activations.relu_prime,
        activations.identity, activations.identity_prime, activations.softmax, activations.softmax_jacobian, activations.negative_log,
        activations.softmax_steps, lambda z: activations.cross_entropy(z, [[1, 0]]),
        lambda z: activations.binary_cross_entropy([[1, 0]], z),
        lambda z: backprop.errors(net(), run(), z), lambda z: backprop.accumulate(run(), [z, z]), network.Layer,
        lambda z: backprop.average(net().layers[0], z, 4, 0.1), lambda z: explanation.output_dL_da("softmax", z, [1, 0]),
        lambda z: explanation.output_dL_da("sigmoid", [1, 0], z), lambda z: net().forward(z), lambda z: net().cost(X, z),
        lambda z: cancellation.cancellation(z, 0), lambda z: mlcore.Dataset(z, Y), lambda z: mlcore.Dataset(X, z),
        lambda z: film.film(binary(), z, Y, 0.5, 0.0, 1), lambda z: descent.Descent(binary(), z, Y, 0.5, 0.0, 1),
        lambda z: loop.Loop(net(), z, Y, 0.5, 1), lambda z: errata.cost_parts(binary(), z, Y, 0.0), mlcore.SGD,
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_one_sentence(function, nonsense):
    with pytest.raises(ValueError) as refusal:
        function(nonsense)
    sentence = str(refusal.value)
    assert "expected" in sentence and "\n" not in sentence and len(sentence) < 300, sentence


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: activations.softmax(3.0), r"z has shape \(\)"),
        (lambda: activations.softmax([]), r"z has shape \(0,\)"),
        (lambda: activations.softmax_jacobian(1), "single number"),
        (lambda: activations.negative_log([0.5, -0.5]), "the entry -0.5"),
        (lambda: activations.cross_entropy([1, 2], [1, 0]), r"z has shape \(2,\) and target \(2,\)"),
        (lambda: activations.cross_entropy([[1, 2]], [1]), r"target \(1,\)"),
        (lambda: activations.binary_cross_entropy([[1, 2]], [[1]]), r"target \(1, 1\)"),
        (lambda: backprop.errors(net(), run(), [1, 0]), r"target has shape \(2,\), expected \(4, 2\)"),
        (lambda: backprop.accumulate(run(), [[[1]], [[1]]]), r"shape \(1, 1\), expected \(4, units\)"),
        (lambda: backprop.average(net().layers[0], [[1]], 4, 0), r"Delta has shape \(1, 1\), expected \(4, 4\)"),
        (lambda: explanation.output_dL_da("softmax", [1, 2], [1]), r"a has shape \(2,\) and target \(1,\)"),
        (lambda: explanation.output_dL_da("relu", [1, 2], [1, 0]), "output is 'relu'"),
        (lambda: network.Layer([1, 2]), r"theta has shape \(2,\)"),
    ],
)
def test_other_shapes_are_refused_in_one_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@given(st.lists(st.integers(-(10**4), 10**4), min_size=1, max_size=8))
def test_softmax_of_any_whole_numbers_is_a_distribution(z):
    a = activations.softmax(z)
    assert a.dtype == np.float64 and a.sum() == pytest.approx(1) and a.argmax() == np.argmax(z)
    assert np.array_equal(a, activations.softmax(np.array(z, float)))
    one_hot = np.eye(len(z))[:1]
    assert np.isfinite(activations.cross_entropy([z], one_hot)).all() and np.isfinite(activations.binary_cross_entropy([z], one_hot)).all()


def test_float32_stays_float32():
    z = np.array([[1, 2]], np.float32)
    for function in (activations.sigmoid, activations.softmax, activations.relu, activations.relu_prime, activations.softmax_jacobian):
        assert function(z).dtype == np.float32


def test_every_function_of_the_map_is_called_here():
    named = set(re.findall(r"`(mlcore(?:\.\w+)+)`", MAP))
    attributes = {name for name in named if re.search("LayerExplanation|Trace", name)}
    assert named - attributes - NO_ARRAYS == set(CALLS)
