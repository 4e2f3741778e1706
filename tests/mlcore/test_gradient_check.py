"""check_gradients: what it looks at, how it counts, and that it works in float64 whatever the network's type."""

import numpy as np
import pytest

import mlcore
from tests.mlcore.cases import case


def test_all_entries_are_every_entry_once():
    net, X, y, _ = case((4, 5, 3), n=2)
    rows = mlcore.check_gradients(net, X, y, entries=None).rows
    expected = {("dX", i) for i in np.ndindex(2, 4)}
    for l, layer in enumerate(net.layers):
        expected |= {(f"dW[{l}]", i) for i in np.ndindex(*layer.W.shape)} | {(f"db[{l}]", i) for i in np.ndindex(*layer.b.shape)}
    seen = [(row.array, tuple(row.index)) for row in rows]
    assert len(seen) == len(set(seen))
    assert set(seen) == expected


def test_a_sample_is_chosen_by_the_seed_and_reaches_every_array():
    net, X, y, _ = case((20, 12, 8, 5), n=3)
    first = mlcore.check_gradients(net, X, y, entries=40, seed=1)
    places = [(row.array, tuple(row.index)) for row in first.rows]
    assert len(set(places)) == len(places)
    assert 40 <= len(places) <= 60
    assert {array for array, _ in places} == {f"{name}[{l}]" for name in ("dW", "db") for l in range(3)} | {"dX"}
    again = mlcore.check_gradients(net, X, y, entries=40, seed=1)
    assert [(row.array, tuple(row.index)) for row in again.rows] == places
    other = mlcore.check_gradients(net, X, y, entries=40, seed=2)
    assert [(row.array, tuple(row.index)) for row in other.rows] != places


def test_the_error_is_relative_to_both_numbers():
    net, X, y, l2 = case(l2=0.1)
    check = mlcore.check_gradients(net, X, y, l2, entries=None)
    for row in check.rows:
        expected = abs(row.analytic - row.numeric) / max(abs(row.analytic) + abs(row.numeric), 1e-8)
        assert row.error == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_rows_hold_the_gradients_of_a_float64_copy():
    net, X, y, l2 = case(dtype="float32", l2=0.1)
    before = [layer.theta.copy() for layer in net.layers]
    check = mlcore.check_gradients(net, X, y, l2, entries=None)
    assert check.ok
    assert net.dtype == np.float32
    assert all(np.array_equal(layer.theta, theta) for layer, theta in zip(net.layers, before))

    double = mlcore.Network(net.sizes, hidden=net.hidden, output=net.output, dtype="float64")
    for mine, theirs in zip(double.layers, net.layers):
        mine.theta = theirs.theta
    grads = double.gradients(X.astype("float64"), y, l2)
    for row in check.rows:
        array = grads.dX if row.array == "dX" else getattr(grads, row.array[:2])[int(row.array[3:-1])]
        assert row.analytic == pytest.approx(array[tuple(row.index)], rel=1e-12)


def test_a_step_across_the_kink_of_a_relu_is_skipped_and_counted():
    net = mlcore.Network((1, 2, 2), hidden="relu", dtype="float64", seed=1)
    net.layers[0].W, net.layers[0].b = [[1.0], [2.0]], [0.0, 5.0]
    X, y = np.zeros((1, 1)), [1]  # the first unit's z is exactly 0, the second's 5
    check = mlcore.check_gradients(net, X, y, entries=None)
    assert check.ok
    assert check.skipped >= 2  # its bias and the instance; its weight moves nothing, because x = 0
    rows = {(row.array, tuple(row.index)) for row in check.rows}
    assert ("db[0]", (0,)) not in rows
    assert ("dX", (0, 0)) not in rows
    assert ("db[0]", (1,)) in rows


def test_a_real_digit_network_takes_a_moment():
    net = mlcore.Network((784, 30, 10), hidden="relu", dtype="float32", seed=3)
    X = np.random.default_rng(0).integers(0, 256, (4, 784)).astype("uint8")
    check = mlcore.check_gradients(net, X, [3, 1, 4, 1])
    assert check.ok
    assert check.worst.error <= 1e-6


@pytest.mark.parametrize("arguments, words", [
    ({"entries": 0}, "0"), ({"entries": -3}, "-3"), ({"entries": 2.5}, "2.5"), ({"l2": -1}, "-1"),
])
def test_senseless_arguments_are_refused(arguments, words):
    net, X, y, _ = case()
    with pytest.raises(ValueError, match=words):
        mlcore.check_gradients(net, X, y, **arguments)


@pytest.mark.parametrize("place", [(0, 0), (1, 3), (4, 3)])
def test_not_a_number_is_the_worst_error_there_is(monkeypatch, place):
    """Wherever it stands among the rows: NaN compares false with what comes before and after it."""
    net, X, y, _ = case((4, 5, 3))
    right = mlcore.Network.gradients

    def spoiled(self, *given):
        grads = right(self, *given)
        grads.D[0][:, 1:][place] = np.nan
        grads.D[1][0, 0] += 100  # a large error is still a number
        return grads

    monkeypatch.setattr(mlcore.Network, "gradients", spoiled)
    check = mlcore.check_gradients(net, X, y, entries=None)
    assert not check.ok
    assert (check.worst.array, tuple(check.worst.index)) == ("dW[0]", place) and np.isnan(check.worst.error)


@pytest.mark.parametrize("l2", [1e-9, 1e-5, 0.3])
def test_the_numeric_side_has_the_penalty_of_the_smallest_lambda_too(l2):
    """With inputs of 0 the losses do not depend on W, so ∂J/∂W is λW alone."""
    net, X, y, _ = case((4, 3))
    check = mlcore.check_gradients(net, 0 * X, y, l2, entries=None)
    rows = [row for row in check.rows if row.array == "dW[0]"]
    expected = [l2 * net.layers[0].W[row.index] for row in rows]
    assert check.ok and len(rows) == 12
    for values in ([row.analytic for row in rows], [row.numeric for row in rows]):
        assert values == pytest.approx(expected, rel=1e-9, abs=0)


def test_what_is_checked_without_being_told():
    net, X, y, _ = case((20, 12, 8, 5), n=3)
    assert mlcore.check_gradients(net, X, y).rows == mlcore.check_gradients(net, X, y, l2=0.0, entries=200, seed=0, tolerance=1e-6).rows


@pytest.mark.parametrize("entries", [1, 5, 7, 8, 30, 10_000])
def test_what_small_arrays_leave_over_goes_to_the_larger_ones(entries):
    """db[1] (2), db[0] (3), dW[1] (6), dX (8), dW[0] (12): each gets its share of what is left, rounded up, smallest first."""
    net, X, y, _ = case((4, 3, 2), n=2)
    rows = mlcore.check_gradients(net, X, y, entries=entries).rows
    left, expected = entries, {}
    for k, (name, size) in enumerate([("db[1]", 2), ("db[0]", 3), ("dW[1]", 6), ("dX", 8), ("dW[0]", 12)]):
        expected[name] = min(size, -(-left // (5 - k)))
        left -= expected[name]
    found = [row.array for row in rows]
    assert {name: found.count(name) for name in expected} == expected


@pytest.mark.parametrize("off, ok", [(0.5e-6, True), (4e-6, False)])
def test_ok_is_every_error_within_the_tolerance(monkeypatch, off, ok):
    net, X, y, _ = case((4, 3))
    right = mlcore.Network.gradients

    def spoiled(self, *given):
        grads = right(self, *given)
        grads.D[0][1, 2] *= 1 + off
        return grads

    monkeypatch.setattr(mlcore.Network, "gradients", spoiled)
    check = mlcore.check_gradients(net, X, y, entries=None)
    assert check.ok == ok and (check.worst.array, check.worst.index) == ("dW[0]", (1, 1))
    assert check.worst.error == pytest.approx(off / 2, rel=0.01)
    assert mlcore.check_gradients(net, X, y, entries=None, tolerance=1e-5).ok and check.skipped == 0


def test_biases_at_a_kink_are_skipped_and_the_rest_is_compared():
    net = case((2, 2, 2), hidden="relu", n=1).net
    net.layers[0].theta = np.zeros((2, 3))
    net.layers[1].theta = np.zeros((2, 3))
    check = mlcore.check_gradients(net, np.zeros((1, 2)), [0], entries=None)
    skipped = [name for name in ("db[0]",) if name not in {row.array for row in check.rows}]
    assert skipped == ["db[0]"] and check.skipped == 2 and check.ok
