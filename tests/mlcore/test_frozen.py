"""A frozen network cannot be written into, so what reads it takes it as it is; and explanations that share one pass."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given

import mlcore
from mlcore.explanation import explain_each
from tests.mlcore import reference
from tests.mlcore.cases import case, cases

NAMES = ("W", "b", "input", "z", "a", "dL_da", "da_dz", "dL_dz", "delta", "dz_dW", "dz_db", "dz_da", "dL_dW", "dL_db")


@given(cases())
def test_nothing_writes_into_a_frozen_network(given_case):
    net = given_case.net.copy().freeze()
    before = [layer.theta.copy() for layer in net.layers]
    for layer in net.layers:
        for name in ("theta", "W", "b"):
            with pytest.raises(ValueError):
                getattr(layer, name)[...] = 7
            with pytest.raises(ValueError):
                setattr(layer, name, np.zeros_like(getattr(layer, name)))
    with pytest.raises(ValueError):
        mlcore.SGD(0.1).step(net, net.gradients(given_case.X, given_case.y).D)
    assert all(np.array_equal(layer.theta, theta) for layer, theta in zip(net.layers, before))


def test_a_frozen_network_is_not_trained():
    net = mlcore.Network((2, 3, 2)).freeze()
    with pytest.raises(ValueError, match="copy"):
        mlcore.train(net, mlcore.datasets.load("moons", n=40))
    list(mlcore.train(net.copy(), mlcore.datasets.load("moons", n=40), epochs=1))


@given(cases())
def test_a_copy_can_be_written_into_and_a_snapshot_stays(given_case):
    net = given_case.net
    frozen, twin = net.snapshot(), net.snapshot("float64")
    assert frozen.frozen and twin.frozen and not net.frozen and not frozen.copy().frozen
    assert frozen.dtype == net.dtype and twin.dtype == np.float64
    assert frozen.snapshot() is frozen and twin.snapshot("float64") is twin
    assert (frozen.snapshot("float64") is frozen) == (net.dtype == np.float64)
    kept = [layer.theta.copy() for layer in net.layers]
    for layer in (*net.layers, *frozen.copy().layers):
        layer.theta[...] = 7
    assert all(np.array_equal(layer.theta, theta) for layer, theta in zip(frozen.layers, kept))
    with pytest.raises(ValueError, match="float16"):
        frozen.snapshot("float16")


@pytest.mark.parametrize("dtype, frozen, shared", [
    ("float64", True, True), ("float64", False, False), ("float32", True, False), ("float32", False, False),
])  # fmt: skip
def test_only_a_frozen_network_in_float64_is_taken_as_it_is(dtype, frozen, shared):
    net, X, y, _ = case((4, 5, 3), dtype=dtype)
    net = net.freeze() if frozen else net
    e = mlcore.explain(net, X[0], y[0])
    assert [np.shares_memory(layer.W, own.W) for layer, own in zip(e.layers, net.layers)] == [shared] * 2
    before = [layer.dz_da.copy() for layer in e.layers]
    if not frozen:
        for layer in net.layers:
            layer.theta[...] = 0
    assert all(np.array_equal(layer.dz_da, W) for layer, W in zip(e.layers, before)), "it keeps what it explained"


@given(cases(l2=False))
def test_several_explained_at_once_are_each_explained_alone(given_case):
    net, X, y, _ = given_case
    together = explain_each(net, X, y)
    assert len(together) == len(X)
    for e, x, label in zip(together, X, y):
        one = mlcore.explain(net, x, label)
        assert np.array_equal(e.y, one.y) and np.array_equal(e.target, one.target) and np.array_equal(e.x, one.x)
        pairs = [(e.loss, one.loss), (e.dL_dx, one.dL_dx), (e.probabilities, one.probabilities)]
        pairs += [(getattr(a, name), getattr(b, name)) for a, b in zip(e.layers, one.layers) for name in NAMES]
        for ours, alone in pairs:
            assert np.shape(ours) == np.shape(alone)
            finite = np.isfinite(alone)
            assert reference.distance(np.ravel(np.where(finite, ours, 0)), np.ravel(np.where(finite, alone, 0))) <= 1e-9


def test_several_explained_at_once_keep_what_they_explained():
    net, X, y, _ = case((4, 5, 3))
    X = np.array(X)
    e, expected = explain_each(net, X, y)[1], X[1].copy()
    X[...] = 100
    assert np.array_equal(e.x, expected) and np.array_equal(e.layers[0].dL_dW, np.outer(e.layers[0].dL_dz, expected))


@pytest.mark.parametrize("output", ("softmax", "one sigmoid", "sigmoids, labels"))
def test_a_slope_is_its_entry_of_the_jacobian(output):
    net, X, y, _ = case((4, 5, 3) if output != "one sigmoid" else (4, 5, 1), output=output)
    for layer in mlcore.explain(net, X[0], y[0]).layers:
        jacobian = layer.da_dz
        assert [[layer.slope(i, j) for j in range(len(jacobian))] for i in range(len(jacobian))] == jacobian.tolist()


def test_what_is_large_is_not_kept():
    """Neither by the explanation, nor in a circle that waits for the collector."""
    net = mlcore.Network((784, 400, 10), dtype="float64").freeze()
    e = mlcore.explain(net, np.ones(784), 3)
    for layer in e.layers:
        for name in ("da_dz", "dz_db", "dL_dW"):
            assert getattr(layer, name) is not getattr(layer, name)
    gc.disable()
    try:
        e.layers[0].dL_da, e.dL_dx
        gone = weakref.ref(e)
        del e, layer
        assert gone() is None
    finally:
        gc.enable()
