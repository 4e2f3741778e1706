"""A training as a film: the weights of mlcore.train to the bit, and frames that equal the network's own answers."""

import time

import numpy as np
import pytest
from hypothesis import given, settings

import mlcore
from mlcore.lecture.descent import Descent
from mlcore.lecture.film import Film, fields, film, levels, rounding, unit_fields
from tests.mlcore.cases import cases, moved, same

SIZES = ((2, 4, 1), (2, 3, 3, 1), (2, 1))


def points(n=40, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, (n, 2))
    return X, (X[:, 0] * X[:, 1] < 0).astype(int)


def network(sizes=(2, 4, 1), hidden="sigmoid", seed=0):
    return mlcore.Network(sizes, hidden, "sigmoid", seed, "float64")


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("hidden", ("sigmoid", "tanh", "relu", "identity"))
def test_the_film_is_the_training_to_the_bit(sizes, hidden):
    X, y = points()
    net = network(sizes, hidden)
    run = film(net, X, y, 0.5, 0.01, 30)
    assert len(run) == 31 and run.stopped is None
    for k in (0, 1, 7, 30):
        trained = net.copy()
        for _ in mlcore.train(trained, mlcore.Dataset(X, y), mlcore.SGD(0.5), batch_size=None, epochs=k, l2=0.01, shuffle=False):
            pass
        for layer, thetas, again in zip(trained.layers, run.thetas, run.network(k).layers):
            np.testing.assert_array_equal(thetas[k], layer.theta)
            np.testing.assert_array_equal(again.theta, layer.theta)


def test_more_instances_than_go_through_at_once():
    X, y = points(1500)
    net = network()
    run = film(net, X, y, 0.5, 0.0, 3)
    for _ in mlcore.train(net, mlcore.Dataset(X, y), mlcore.SGD(0.5), batch_size=None, epochs=3, shuffle=False):
        pass
    for thetas, layer in zip(run.thetas, net.layers):
        np.testing.assert_array_equal(thetas[-1], layer.theta)


def test_each_frame_is_one_step_of_the_lecture():
    X, y = points()
    run = film(network(), X, y, 0.5, 0.01, 20)
    for k in range(20):
        D = run.network(k).gradients(X, y, 0.01).D
        for thetas, d in zip(run.thetas, D):
            np.testing.assert_allclose(thetas[k + 1], thetas[k] - 0.5 * d, rtol=0, atol=1e-14)


@settings(max_examples=40, deadline=None)
@given(cases(outputs=("one sigmoid",)))
def test_a_step_is_theta_less_alpha_d(found):
    before = found.net.copy()
    run = film(found.net, found.X, found.y, 0.01, found.l2, 1)
    assert same(found.net, before), "the network given is left as it was"
    by_hand = moved(found.net, found.net.gradients(found.X, found.y, found.l2).D, -0.01)
    for layer, other in zip(run.network(1).layers, by_hand.layers):
        assert layer.theta == pytest.approx(other.theta, abs=1e-13)
    assert run.J.tolist() == pytest.approx([n.cost(found.X, found.y, found.l2) for n in (before, by_hand)]) and run.stopped is None


@pytest.mark.parametrize("sizes", SIZES)
def test_the_parts_of_the_cost_and_the_accuracy_are_the_networks(sizes):
    X, y = points()
    run = film(network(sizes, "tanh"), X, y, 0.5, 0.02, 25)
    for k in range(26):
        net = run.network(k)
        assert run.costs[k, 0] == pytest.approx(net.cost(X, y), rel=1e-12)
        assert run.J[k] == pytest.approx(net.cost(X, y, 0.02), rel=1e-12)
        assert run.accuracy[k] == (net.predict(X) == y).mean()
    assert (run.costs[:, 1] > 0).all()
    assert not film(network(sizes), X, y, 0.5, 0.0, 3).costs[:, 1].any()


@pytest.mark.parametrize("hidden", ("sigmoid", "tanh", "relu", "identity"))
def test_the_fields_are_the_networks_answers(hidden, monkeypatch):
    monkeypatch.setattr("mlcore.lecture.film.BLOCK", 5000)  # so that the frames go in several parts, the last of them shorter
    X, y = points()
    grid = np.random.default_rng(1).uniform(-2, 2, (100, 2))
    run = film(network((2, 3, 5, 1), hidden), X, y, 0.3, 0.01, 40)
    seen, units = fields(run, grid), unit_fields(run, grid)
    assert seen.shape == (41, 100) and units.shape == (41, 8, 100)
    for k in range(41):
        forward = run.network(k).forward(grid)
        np.testing.assert_allclose(seen[k], forward.probabilities[:, 0], rtol=0, atol=1e-12)
        np.testing.assert_allclose(units[k], np.hstack(forward.a[:-1]).T, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("most", (0, 2, 3, 6, 8, 20))
def test_no_more_units_than_asked_for(most):
    X, y = points()
    run = film(network((2, 3, 5, 1)), X, y, 0.3, 0.0, 2)
    all_of_them = unit_fields(run, X)
    np.testing.assert_array_equal(unit_fields(run, X, most), all_of_them[:, :most])


def test_the_network_stays_as_it_is():
    X, y = points()
    net = network()
    before = [layer.theta.copy() for layer in net.layers]
    run = film(net, X, y, 1.0, 0.0, 5)
    for layer, theta, thetas in zip(net.layers, before, run.thetas):
        np.testing.assert_array_equal(layer.theta, theta)
        np.testing.assert_array_equal(thetas[0], theta)
        assert (thetas[5] != theta).any()


@pytest.mark.parametrize("hidden, rate, l2", [("identity", 1e3, 0.001), ("identity", 1e5, 0), ("relu", 0.5, 10), ("relu", 1e300, 0.001)])
def test_numbers_that_are_not_finite_end_it_and_it_says_why(hidden, rate, l2):
    X, y = points()
    run = film(network((2, 6, 6, 1), hidden), X, y, rate, l2, 200)
    assert 1 <= len(run) < 201
    assert run.stopped.startswith(f"The run stopped after epoch {len(run) - 1}: at α = {rate:g} ")
    assert np.isfinite(run.J).all() and all(np.isfinite(thetas).all() for thetas in run.thetas)
    assert all(len(thetas) == len(run) == len(run.accuracy) for thetas in run.thetas)
    assert np.isfinite(fields(run, X)).all()
    end = run.network(-1)
    with np.errstate(all="ignore"):
        for layer, D in zip(end.layers, end.gradients(X, y, l2).D):
            layer.theta[...] -= rate * D
        bad = not all(np.isfinite(layer.theta).all() for layer in end.layers)
        assert bad or not np.isfinite(end.cost(X, y, l2)), "the step that was not made"


@pytest.mark.parametrize("sizes, hidden, rate, l2", [((2, 4, 1), "sigmoid", 100.0, 0.0), ((2, 4, 1), "sigmoid", 0.3, 10.0)])
def test_a_cost_ten_times_as_large_does_not_end_it(sizes, hidden, rate, l2):
    X, y = points()
    net = network(sizes, hidden)
    run = film(net, X, y, rate, l2, 200)
    assert len(run) == 201 and run.stopped is None
    *_, trained = mlcore.train(net.copy(), mlcore.Dataset(X, y), mlcore.SGD(rate), None, 200, l2, shuffle=False)
    assert trained.diverged, "by mlcore.train's rule"
    limit = 10 * max(run.J[0], np.log(2))
    assert run.J[run.too_far] > limit and not (run.J[: run.too_far] > limit).any()
    walked = Descent(net, X, y, rate, l2, 200)
    walked.end()
    assert same(run.network(200), walked.net) and walked.stopped is None


def xor(noise=0.3):
    data = mlcore.datasets.load("xor", n=40, noise=noise, seed=0, classes=2)
    return np.concatenate([data.X_train, data.X_test]).astype(float), np.concatenate([data.y_train, data.y_test])


@pytest.mark.parametrize(("hidden", "rate"), [("sigmoid", 30.0), ("tanh", 30.0), ("tanh", 100.0)])
def test_where_rounding_decides_is_found_and_true(hidden, rate):
    X, y = xor()
    run = film(network(hidden=hidden), X, y, rate, 0.0, 500)
    found = rounding(run, X, y, rate, 0.0)
    start = run.net.copy()
    for layer in start.layers:
        layer.theta[...] = np.nextafter(layer.theta, np.inf)
    J = film(start, X, y, rate, 0.0, 500).J
    first = np.flatnonzero(np.abs(J - run.J) > 0.01 * np.maximum(J, run.J))[0]
    assert 0.5 * found.epoch < first < 2 * found.epoch, "the last bit of Θ does the same"
    assert run.J[found.most] == found.J and abs(found.other - found.J) > 0.5 * max(found.J, found.other) and found.most >= found.epoch


@pytest.mark.parametrize(("hidden", "rate"), [("sigmoid", 1.0), ("tanh", 1.0), ("relu", 1.0), ("sigmoid", 0.01)])
def test_a_run_that_hangs_on_no_rounding(hidden, rate):
    X, y = xor()
    assert rounding(film(network(hidden=hidden), X, y, rate, 0.0, 500), X, y, rate, 0.0) is None


@pytest.mark.parametrize(("costs", "frame"), [
    ([[0.1, 0], [6.93, 0], [6.94, 0], [0.1, 0], [9, 0]], 2), ([[0.1, 0], [6.93, 0]], None), ([[0.5, 0.5], [10, 0], [5, 5.01]], 2),
    ([[1, 0], [10, 0]], None), ([[1, 0], [10.1, 0]], 1), ([[0.1, 0], [0, 7]], 1),
])  # fmt: skip
def test_too_far_is_above_ten_times_the_first_J_or_ln_2(costs, frame):
    assert Film(network(), [], np.array(costs, float), np.zeros(len(costs)), None).too_far == frame


@pytest.mark.parametrize("apart", [None, 0.3])
def test_rounding_is_told_from_the_run_in_the_opposite_order(apart):
    X, y = xor()
    run = film(network(), X, y, 30.0, 0.01, 200)
    other = film(network(), X[::-1], y[::-1], 30.0, 0.01, 200).J
    share = np.abs(run.J - other) / np.maximum(run.J, other)
    above = np.flatnonzero(share > (apart or 0.01))
    found = rounding(run, X, y, 30.0, 0.01, **({} if apart is None else {"apart": apart}))
    most = share.argmax()
    assert found == ((above[0], most, run.J[most], other[most]) if len(above) else None)


def test_a_quiet_run_never_goes_too_far():
    assert film(network(), *points(), 0.5, 0.01, 30).too_far is None


def test_a_start_that_is_not_finite_is_refused():
    net = network(hidden="identity")
    for layer in net.layers:
        layer.theta[...] = 1e200
    with pytest.raises(ValueError, match="J of the network is not finite"):
        film(net, *points(), 1.0, 0.0, 3)


def test_no_epochs_are_one_frame():
    X, y = points()
    run = film(network(), X, y, 1.0, 0.0, 0)
    assert len(run) == 1 and run.stopped is None


def test_twelve_units_are_usual():
    X, y = points()
    assert unit_fields(film(network((2, 8, 6, 1)), X, y, 0.3, 0.0, 1), X).shape == (2, 12, 40)


def test_levels_of_a_picture():
    assert levels([0.25, -0.25, 0.004, -1, 1], 0.0, 1.0).tolist() == [160, 96, 129, 1, 255] and levels([0.0], 0.0, 1.0).dtype == np.uint8
    assert levels([0, 0.5, 1, 2, -1], 0.5, 0.5).tolist() == [1, 128, 255, 255, 1]
    assert levels([[0.0, 3.0], [0.0, 8.0]], 0.0, np.array([[3.0], [4.0]])).tolist() == [[128, 255], [128, 255]]


@pytest.mark.parametrize(
    "net, changed, says",
    [
        (mlcore.Network((2, 3)), {}, "one sigmoid output"),
        (mlcore.Network((2, 3), output="sigmoid"), {}, "one sigmoid output"),
        (network((3, 4, 1)), {}, "2 features, expected 3"),
        (network(), {"epochs": -1}, "epochs"),
        (network(), {"learning_rate": 0}, "learning_rate"),
        (network(), {"l2": -1}, "l2"),
        (network(), {"y": np.arange(40) % 3}, "classes"),
    ],
)
def test_what_is_refused(net, changed, says):
    X, y = points()
    with pytest.raises(ValueError, match=says):
        film(net, **{"X": X, "y": y, "learning_rate": 1.0, "l2": 0.0, "epochs": 3} | changed)


@pytest.mark.alone
def test_500_epochs_take_less_than_a_second():
    X, y = points(200)
    grid = np.random.default_rng(1).uniform(-1, 1, (1600, 2))
    took = []
    for _ in range(3):
        began = time.perf_counter()
        fields(film(network(), X, y, 1.0, 0.001, 500), grid)
        took.append(time.perf_counter() - began)
    assert min(took) < 1, took
