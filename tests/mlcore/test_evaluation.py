"""evaluate(): accuracy, cost, confusion and calibration against their definitions, written down once more and plainly."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore import Network
from mlcore.evaluation import evaluate


def made(n, sizes=(6, 5, 4), output="softmax", seed=0):
    rng = np.random.default_rng(seed)
    net = Network(sizes, output=output, dtype="float64", seed=seed)
    return net, 3 * rng.normal(size=(n, sizes[0])), rng.integers(0, max(2, sizes[-1]), n)


def calibration_error(p, y, bins):
    """Range by range, as the definition says it."""
    confidence, read, total = p.max(axis=1), p.argmax(axis=1), 0.0
    for k in range(bins):
        inside = [i for i in range(len(y)) if k / bins <= confidence[i] < (k + 1) / bins or (k == bins - 1 and confidence[i] == 1)]
        if inside:
            total += len(inside) / len(y) * abs(confidence[inside].mean() - (read[inside] == y[inside]).mean())
    return total


@given(st.integers(1, 2100), st.integers(1, 20), st.integers(0, 99))
def test_every_figure_is_what_its_name_says(n, bins, seed):
    net, X, y = made(n, seed=seed)
    found = evaluate(net, X, y, bins)
    read, p = net.predict(X), net.predict_proba(X)
    assert found.n == n
    assert found.accuracy == pytest.approx((read == y).mean())
    assert found.loss == pytest.approx(net.cost(X, y))
    assert found.calibration_error == pytest.approx(calibration_error(p, y, bins), abs=1e-9)
    assert found.confusion.sum() == n and found.confusion.shape == (4, 4)
    for i in range(4):
        for j in range(4):
            assert found.confusion[i, j] == ((y == i) & (read == j)).sum()


def test_the_most_frequent_wrong_answers_come_first():
    net, X, y = made(500)
    found = evaluate(net, X, y)
    pairs = found.confused(100)
    counts = [count for _, _, count in pairs]
    assert counts == sorted(counts, reverse=True) and sum(counts) == found.n - np.trace(found.confusion)
    assert all(i != j and found.confusion[i, j] == count > 0 for i, j, count in pairs)
    assert found.confused(2) == pairs[:2] and found.confused() == pairs[:6]


def test_a_network_that_is_always_sure_and_half_the_time_right():
    net = Network((1, 2), init="zeros", dtype="float64")
    net.layers[0].b = [50, -50]
    found = evaluate(net, np.zeros((10, 1)), np.arange(10) % 2)
    assert (found.accuracy, found.calibration_error) == (0.5, pytest.approx(0.5)) and found.confused() == [(1, 0, 5)]
    net.layers[0].b = [0, 0]
    assert evaluate(net, np.zeros((10, 1)), np.arange(10) % 2).calibration_error == pytest.approx(0)


def test_one_sigmoid_output_is_sure_of_both_classes():
    net, X, y = made(300, (6, 1), "sigmoid")
    p = net.predict_proba(X)
    found = evaluate(net, X, y)
    assert found.confusion.shape == (2, 2) and found.accuracy == pytest.approx((net.predict(X) == y).mean())
    assert found.calibration_error == pytest.approx(calibration_error(np.hstack([1 - p, p]), y, 15))


def test_pixels_give_what_the_same_numbers_give_without_a_float_copy_of_all():
    net = Network((784, 10), seed=1)
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (20_000, 784), dtype=np.uint8), rng.integers(0, 10, 20_000)
    small, floats = evaluate(net, X[:3000], y[:3000]), evaluate(net, X[:3000] / np.float32(255), y[:3000])
    assert small.accuracy == floats.accuracy and small.loss == pytest.approx(floats.loss, rel=1e-5)
    tracemalloc.start()
    evaluate(net, X, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < X.nbytes


@pytest.mark.parametrize("X, y, bins, says", [
    (np.zeros((3, 6)), [0, 1], 15, r"y has shape \(2,\), expected \(3,\)"),
    (np.zeros((3, 6)), [0, 1, 4], 15, "label 4"),
    (np.zeros((3, 6)), [0, 1, 0.5], 15, "whole"),
    (np.zeros((0, 6)), [], 15, "empty"),
    (np.zeros(6), [0] * 6, 15, "shape"),
    (np.zeros((3, 5)), [0, 1, 2], 15, "expected \\(n, 6\\)"),
    (np.full((3, 6), np.nan), [0, 1, 2], 15, "NaN"),
    (np.zeros((3, 6)), [0, 1, 2], 0, "bins"),
])
def test_what_does_not_fit_is_refused(X, y, bins, says):
    with pytest.raises(ValueError, match=says):
        evaluate(made(1)[0], X, np.asarray(y), bins)


def test_fifteen_bins_are_usual_and_labels_may_be_fewer_than_classes():
    net, X, y = made(700)
    assert evaluate(net, X, y).calibration_error == evaluate(net, X, y, 15).calibration_error != evaluate(net, X, y, 16).calibration_error
    found = evaluate(net, X[:5], np.zeros(5, int))
    assert found.confusion.shape == (4, 4) and found.confusion[1:].sum() == 0 and found.n == 5
    assert found.loss == pytest.approx(net.losses(X[:5], np.zeros(5, int)).mean(), rel=1e-12)
