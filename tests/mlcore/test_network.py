"""Network: construction, parameters that can be written, the forward pass, the cost at its extremes."""

import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given

import mlcore
from tests.mlcore import reference
from tests.mlcore.cases import ACTIVATIONS, case, cases, same


@given(cases())
def test_forward_is_the_reference(given_case):
    net, X, _, _ = given_case
    run = net.forward(X)
    assert np.array_equal(run.x, X)
    assert len(run.z) == len(run.a) == len(net.layers)
    a = X
    for l, layer in enumerate(net.layers):
        assert run.z[l] == pytest.approx(a @ layer.W.T + layer.b, rel=1e-10, abs=1e-13)
        if l < len(net.layers) - 1:
            assert run.a[l] == pytest.approx(reference.HIDDEN[net.hidden](run.z[l]), rel=1e-10, abs=1e-13)
        a = run.a[l]
    assert run.z[-1] == pytest.approx(reference.logits(reference.parameters(net), X, net.hidden), rel=1e-10, abs=1e-12)
    assert np.array_equal(run.probabilities, run.a[-1])
    assert np.array_equal(net.predict_proba(X), run.probabilities)


@given(cases())
def test_predictions(given_case):
    net, X, _, _ = given_case
    P, labels = net.predict_proba(X), net.predict(X)
    assert P.shape == (len(X), net.sizes[-1])
    assert labels.shape == (len(X),)
    assert np.issubdtype(labels.dtype, np.integer)
    assert ((P >= 0) & (P <= 1)).all()
    if net.output == "softmax":
        assert P.sum(axis=1) == pytest.approx(1)
    assert np.array_equal(labels, P[:, 0] >= 0.5 if net.sizes[-1] == 1 else P.argmax(axis=1))


def test_a_half_counts_as_one():
    net = mlcore.Network((2, 1), output="sigmoid", init="zeros")
    assert net.predict_proba(np.ones((3, 2))).tolist() == [[0.5]] * 3
    assert net.predict(np.ones((3, 2))).tolist() == [1, 1, 1]


def test_the_names_of_a_network():
    net = mlcore.Network([784, 128, 10])
    assert tuple(net.sizes) == (784, 128, 10)
    assert (net.hidden, net.output, np.dtype(net.dtype)) == ("relu", "softmax", np.float32)
    assert [layer.W.shape for layer in net.layers] == [(128, 784), (10, 128)]
    assert [layer.b.shape for layer in net.layers] == [(128,), (10,)]
    assert [layer.theta.shape for layer in net.layers] == [(128, 785), (10, 129)]
    assert isinstance(net.info, dict)


@pytest.mark.parametrize("hidden, variance", [("relu", 2 / 300), ("tanh", 2 / 500), ("sigmoid", 2 / 500), ("identity", 2 / 500)])
def test_initial_weights_are_he_or_glorot(hidden, variance):
    layer = mlcore.Network((300, 200, 3), hidden=hidden, seed=4).layers[0]
    assert not layer.b.any()
    assert layer.W.mean() == pytest.approx(0, abs=4 * np.sqrt(variance / layer.W.size))
    assert layer.W.var() == pytest.approx(variance, rel=0.03)


def test_seeds():
    def weights(seed):
        return mlcore.Network((5, 4, 3), seed=seed).layers[0].W
    assert np.array_equal(weights(1), weights(1))
    assert not np.array_equal(weights(1), weights(2))
    assert np.array_equal(weights(0), mlcore.Network((5, 4, 3)).layers[0].W)
    net = mlcore.Network((4, 4, 4))
    assert not np.array_equal(net.layers[0].W, net.layers[1].W)


def test_a_copy_stands_alone():
    net = case().net
    net.info["name"] = "first"
    other = net.copy()
    assert (tuple(other.sizes), other.hidden, other.output, other.dtype, other.info) == (
        tuple(net.sizes), net.hidden, net.output, net.dtype, net.info)
    for mine, theirs in zip(net.layers, other.layers):
        assert np.array_equal(mine.theta, theirs.theta)
    other.layers[0].W[0, 0] = 99
    other.layers[1].b = np.zeros(3)
    other.info["name"] = "second"
    assert net.layers[0].W[0, 0] != 99
    assert net.layers[1].b.any()
    assert net.info["name"] == "first"


def test_a_network_survives_pickling_between_processes():
    net, X, _, _ = case()
    net.info["name"] = "sent"
    other = pickle.loads(pickle.dumps(net))
    assert same(net, other)
    assert other.info == net.info
    assert np.array_equal(net.predict_proba(X), other.predict_proba(X))
    other.layers[0].W[0, 0] = 5
    assert other.layers[0].theta[0, 1] == 5
    assert net.layers[0].W[0, 0] != 5


@pytest.mark.parametrize("thing, words", [
    (mlcore.Network((784, 10)), ["784", "10", "relu", "softmax", "float32"]), (mlcore.SGD(0.1, momentum=0.9), ["SGD", "0.1", "0.9"]),
    (mlcore.Adam(0.002), ["Adam", "0.002"]), (mlcore.Dataset(np.ones((3, 2)), [0, 1, 1], name="three"), ["three", "3"]),
])
def test_what_is_printed_says_what_it_is(thing, words):
    text = repr(thing)
    assert "\n" not in text
    assert all(word in text for word in words)


@pytest.mark.part1
def test_theta_is_the_bias_and_the_weights():
    net = mlcore.Network((2, 3), dtype="float64", seed=1)
    layer = net.layers[0]
    assert np.array_equal(layer.theta, np.column_stack([layer.b, layer.W]))
    layer.theta = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert layer.b.tolist() == [1, 4, 7]
    assert layer.W.tolist() == [[2, 3], [5, 6], [8, 9]]
    layer.W, layer.b = np.zeros((3, 2)), [1, 2, 3]
    assert layer.theta.tolist() == [[1, 0, 0], [2, 0, 0], [3, 0, 0]]
    layer.W[1, 0], layer.b[0] = 5, -1
    assert layer.theta.tolist() == [[-1, 0, 0], [2, 5, 0], [3, 0, 0]]
    assert net.forward([[1.0, 0.0]]).z[0].tolist() == [[-1, 7, 3]]
    layer.theta[2, 2] = 8
    assert layer.W[2, 1] == 8, "a write into theta must not be lost"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_assignment_keeps_the_type_and_copies(dtype):
    layer = mlcore.Network((2, 3), dtype=dtype).layers[0]
    mine = np.ones((3, 2))
    layer.W = mine
    mine[0, 0] = 7
    assert layer.W[0, 0] == 1
    layer.b = [1, 2, 3]
    layer.theta = np.ones((3, 3), dtype="int64")
    assert {layer.W.dtype, layer.b.dtype, layer.theta.dtype} == {np.dtype(dtype)}


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_uint8_is_pixels_everywhere(hidden):
    net = mlcore.Network((16, 8, 3), hidden=hidden, seed=2)
    pixels = np.random.default_rng(0).integers(0, 256, (6, 16)).astype("uint8")
    y, X = [0, 1, 2, 0, 1, 2], (pixels / 255).astype("float32")
    assert np.allclose(net.forward(pixels).x, X, rtol=1e-6, atol=0)
    assert np.allclose(net.predict_proba(pixels), net.predict_proba(X), rtol=1e-5)
    assert np.array_equal(net.predict(pixels), net.predict(X))
    assert net.cost(pixels, y) == pytest.approx(net.cost(X, y), rel=1e-6)
    mine, theirs = net.gradients(pixels, y), net.gradients(X, y)
    assert np.allclose(mine.dW[0], theirs.dW[0], rtol=1e-4, atol=1e-7)
    assert np.allclose(mine.dX, theirs.dX, rtol=1e-4, atol=1e-7)
    # Another whole-number type is taken as it is.
    assert np.array_equal(net.forward(pixels.astype("int64")).x, pixels.astype("float32"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("output, y", [("softmax", [0, 1, 2]), ("sigmoid", [0, 1, 2]), ("sigmoid", np.eye(3)[[0, 1, 2]])])
def test_logits_of_ten_thousand(output, y, sign, dtype):
    net = mlcore.Network((1, 3), output=output, dtype=dtype, init="zeros")
    net.layers[0].b = [1e4 * sign, -1e4 * sign, 0]
    X = np.zeros((3, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        J, P, grads = net.cost(X, y), net.predict_proba(X), net.gradients(X, y)
        net.predict(X)
        mlcore.local_gradients(net, X, y)
    theirs = float(reference.cost(reference.parameters(net), X, y, "relu", output))
    assert abs(J - theirs) <= 1e-6 * theirs
    assert 1e3 < J < 1e5
    assert np.isfinite(P).all()
    assert np.isfinite(grads.dW[0]).all()


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_hidden_layers_saturate_in_silence(hidden):
    net = mlcore.Network((1, 4, 4, 2), hidden=hidden, dtype="float32")
    for layer in net.layers[:2]:
        layer.W = np.full_like(layer.W, 100)
    X = np.array([[1e3], [-1e3], [0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(net.cost(X, [0, 1, 0]))
        assert np.isfinite(net.gradients(X, [0, 1, 0]).dW[0]).all()
        mlcore.explain(net, X[0], 1)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_softmax_regression_learns_from_zeros_and_a_hidden_layer_does_not(hidden):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    data = mlcore.Dataset(X, y, classes=3)
    flat = mlcore.Network((4, 3), init="zeros", dtype="float64")
    deep = mlcore.Network((4, 5, 3), hidden=hidden, init="zeros", dtype="float64")
    assert not any(layer.theta.any() for layer in (*flat.layers, *deep.layers))
    for net in (flat, deep):
        for _ in mlcore.train(net, data, optimizer=mlcore.SGD(0.5), batch_size=10, epochs=5):
            pass
    assert flat.layers[0].W.any()
    first, last = deep.layers
    if hidden == "sigmoid":
        assert np.abs(first.theta - first.theta[0]).max() <= 1e-12
        assert np.abs(last.W - last.W[:, :1]).max() <= 1e-12
        assert first.W.any()
    else:
        assert not first.theta.any()
        assert not last.W.any()
    assert last.b.any()


def test_a_zero_network_costs_ln_c():
    X, y = np.ones((4, 6)), [0, 1, 2, 3]
    assert mlcore.Network((6, 5, 4), init="zeros").cost(X, y) == pytest.approx(np.log(4), rel=1e-6)
    assert mlcore.Network((6, 4), init="zeros", output="sigmoid").cost(X, y) == pytest.approx(4 * np.log(2), rel=1e-6)
    assert mlcore.Network((6, 1), init="zeros", output="sigmoid").cost(X, [0, 1, 1, 0]) == pytest.approx(np.log(2), rel=1e-6)


@pytest.mark.parametrize("output, c", [("softmax", 2), ("softmax", 10), ("sigmoid", 2), ("sigmoid", 3), ("sigmoid", 10)])
def test_the_loss_of_guessing_is_that_of_equal_probabilities(output, c):
    outputs = 1 if (output, c) == ("sigmoid", 2) else c
    net = mlcore.Network((2, outputs), output=output, init="zeros", dtype="float64")
    if output == "sigmoid":
        net.layers[0].b = np.full(outputs, -np.log(c - 1))
    assert net.predict_proba(np.ones((1, 2))) == pytest.approx(1 / c)
    assert mlcore.activations.loss_of_guessing(output, c) == pytest.approx(net.cost(np.ones((1, 2)), [1]), rel=1e-12)


@pytest.mark.parametrize("l2", [1e-12, 1e-5, 0.3])
def test_the_penalty_is_linear_in_lambda_down_to_the_smallest(l2):
    net, X, y, _ = case((4, 5, 3))
    squares = sum((layer.W**2).sum() for layer in net.layers)
    assert net.penalty(l2) == pytest.approx(l2 / 2 * squares, rel=1e-12, abs=0)
    assert net.cost(X, y, l2) - net.cost(X, y) == pytest.approx(l2 / 2 * squares, rel=1e-3, abs=1e-15)
    for layer, D in zip(net.layers, net.gradients(0 * X, y, l2).D[:1]):
        assert D[:, 1:] == pytest.approx(l2 * layer.W, rel=1e-12, abs=0)


def test_what_a_network_is_without_being_told():
    told = mlcore.Network((4, 5, 3), hidden="relu", output="softmax", seed=0, dtype="float32", init="auto")
    usual = mlcore.Network((4, 5, 3))
    assert same(usual, told) and (usual.hidden, usual.output, usual.dtype, usual.sizes) == ("relu", "softmax", "float32", (4, 5, 3))
    assert [repr(layer) for layer in usual.layers] == ["Layer(4 → 5)", "Layer(5 → 3)"]
    X, y = np.ones((2, 4)), [0, 1]
    assert usual.cost(X, y) == usual.cost(X, y, 0.0) and np.array_equal(usual.gradients(X, y).D[0], usual.gradients(X, y, 0.0).D[0])


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [(200, 300, 100), (300, 100)])
def test_weights_are_drawn_normally_before_a_relu_and_evenly_else(hidden, sizes):
    net = mlcore.Network(sizes, hidden=hidden, dtype="float64", seed=4)
    for l, layer in enumerate(net.layers):
        out, inputs = layer.W.shape
        assert not layer.b.any() and abs(layer.W.mean()) < 0.01
        if hidden == "relu" and l < len(net.layers) - 1:
            assert layer.W.std() == pytest.approx(np.sqrt(2 / inputs), rel=0.02) and np.abs(layer.W).max() > 3.5 * np.sqrt(2 / inputs)
        else:
            limit = np.sqrt(6 / (inputs + out))
            assert 0.999 * limit < np.abs(layer.W).max() <= limit and layer.W.min() < -0.999 * limit < 0.999 * limit < layer.W.max()
