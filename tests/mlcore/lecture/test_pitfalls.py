"""Zeros to start from, a step size too large, gradients that vanish: what the page says of them holds."""

import numpy as np
import pytest
from hypothesis import given, settings

import mlcore
from mlcore.lecture import pitfalls
from mlcore.lecture.film import film
from tests.mlcore import reference
from tests.mlcore.cases import cases

pytestmark = pytest.mark.part1
FEW = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize("sizes", ((2, 4, 1), (2, 3, 3, 1)))
@pytest.mark.parametrize("hidden", ("sigmoid", "tanh", "relu", "identity"))
def test_zeros_keep_the_units_equal_and_random_numbers_do_not(sizes, hidden):
    data = mlcore.datasets.load("blobs", n=41, noise=0.3, seed=2, classes=2)
    X, y = np.asarray(data.X_train, float), data.y_train
    zeros, random = (mlcore.Network(sizes, hidden, "sigmoid", 3, "float64", init) for init in ("zeros", "auto"))
    end = film(zeros, X, y, 0.5, 0.0, 10).network(-1)
    assert max(pitfalls.units_apart(end)) <= 1e-12
    assert min(pitfalls.units_apart(film(random, X, y, 0.5, 0.0, 10).network(-1))) > 0.1
    W = [layer.W for layer in end.layers]
    if hidden == "sigmoid":
        assert all(np.abs(w).max() > 0 for w in W[-1:])
    else:
        assert not any(w.any() for w in W) and not any(layer.b.any() for layer in end.layers[:-1])
    assert end.layers[-1].b[0] != 0


def test_units_apart_by_hand():
    net = mlcore.Network((2, 2, 3, 1), "tanh", "sigmoid", init="zeros", dtype="float64")
    net.layers[0].theta = [[1, 2, 3], [1, 2.5, 3]]
    net.layers[1].theta = [[0, 1, 1], [0, 1, -2], [0, 1, 2]]
    assert pitfalls.units_apart(net) == [0.5, 4.0]


@FEW
@given(cases())
def test_norms_are_autograds(found):
    truth = reference.gradients(found.net, found.X, found.y, found.l2)
    whole = [np.sqrt(np.square(dW).sum() + np.square(db).sum()) for dW, db in zip(truth["dW"], truth["db"])]
    assert pitfalls.gradient_norms(found.net, found.X, found.y, found.l2) == pytest.approx(whole, rel=1e-9, abs=1e-14)


def test_the_gradient_vanishes_under_sigmoid_and_not_under_relu():
    data = mlcore.datasets.load("xor", n=40, seed=0)
    X, y = np.asarray(data.X_train, float), data.y_train
    sigmoid, relu = (pitfalls.norms_by_depth(X, y, hidden, range(1, 7), 8) for hidden in ("sigmoid", "relu"))
    assert [len(norms) for norms in sigmoid] == [2, 3, 4, 5, 6, 7]
    assert (np.diff(sigmoid[-1]) > 0).all() and sigmoid[-1][0] < 1e-3 * sigmoid[-1][-1]
    assert relu[-1][0] > 0.1 * relu[-1][-1]
    assert (np.diff([norms[0] for norms in sigmoid]) < 0).all(), "the deeper, the smaller at the first layer"


def test_norms_by_depth_are_the_means_over_the_seeds():
    X, y = np.array([[1.0, -1.0], [0.5, 2.0]]), [0, 1]

    def norms(sizes, seed):
        return pitfalls.gradient_norms(mlcore.Network(sizes, "tanh", "sigmoid", seed, "float64"), X, y)

    for named, seeds in (({}, 10), ({"seeds": 3}, 3)):
        found = pitfalls.norms_by_depth(X, y, "tanh", (1, 3), 4, **named)
        for by_layer, sizes in zip(found, ((2, 4, 1), (2, 4, 4, 4, 1)), strict=True):
            assert by_layer == pytest.approx(np.mean([norms(sizes, seed) for seed in range(seeds)], axis=0), rel=1e-12)


def test_rises_are_counted_where_J_is_higher_than_before():
    assert pitfalls.rises(np.array([1.0, 1.0, 2.0, 1.5, 3.0, 3.0])) == 2


def test_the_scene_of_the_step_sizes():
    assert tuple(pitfalls.step_sizes()) == pitfalls.STEP_SIZES
    data = mlcore.datasets.load("moons", n=40, noise=0.3, seed=0, classes=2)
    X, y = np.concatenate([data.X_train, data.X_test]), np.concatenate([data.y_train, data.y_test])
    net = mlcore.Network((2, 4, 1), "sigmoid", "sigmoid", seed=0, dtype="float64")
    for alpha, run in pitfalls.step_sizes().items():
        np.testing.assert_array_equal(run.costs, film(net, X, y, alpha, 0.01, 100).costs)


def test_a_step_size_that_fits_one_too_large_and_one_far_too_large():
    fits, large, far = (run.J for run in pitfalls.step_sizes().values())
    assert fits[0] == large[0] == far[0] and len(fits) == len(large) == len(far) == pitfalls.EPOCHS + 1
    assert (np.diff(fits) < 0).all() and fits[-1] < 0.7 * fits[0]
    up = np.diff(large) > 0
    assert (up[1:] != up[:-1]).sum() > 50, "up and down, again and again"
    assert large[10:].min() > 1.1 * large[0] and np.ptp(large[-20:]) > 0.5, "to the end, and always above its start"
    assert (np.diff(far) > 0).all() and far[-1] > 1e50 * far[0]
    assert (pitfalls.rises(fits), pitfalls.rises(large), pitfalls.rises(far)) == (0, up.sum(), pitfalls.EPOCHS)


def test_the_step_sizes_do_not_hang_on_rounding():
    for alpha, run in pitfalls.step_sizes().items():
        start = run.net.copy()
        for layer in start.layers:
            layer.theta[...] = np.nextafter(layer.theta, np.inf)
        data = mlcore.datasets.load("moons", n=40, noise=0.3, seed=0, classes=2)
        X, y = np.concatenate([data.X_train, data.X_test]), np.concatenate([data.y_train, data.y_test])
        np.testing.assert_allclose(film(start, X[::-1], y[::-1], alpha, pitfalls.L2, pitfalls.EPOCHS).J, run.J, rtol=1e-8)
