"""explain(): every object of the slides for one instance, equal to gradients() and to the chain rule between its parts."""

import warnings

import numpy as np
import pytest
from hypothesis import given

import mlcore
from tests.mlcore import reference
from tests.mlcore.cases import OUTPUTS, case, cases


def relative(a, b):
    return reference.distance(np.ravel(a), np.ravel(b))


@given(cases(l2=False))
def test_equal_to_gradients_in_float64(given_case):
    net, X, y, _ = given_case
    for i in range(len(X)):
        e, grads = mlcore.explain(net, X[i], y[i]), net.gradients(X[i:i + 1], y[i:i + 1])
        assert relative(e.dL_dx, grads.dX) <= 1e-12
        assert e.loss == pytest.approx(net.cost(X[i:i + 1], y[i:i + 1]), rel=1e-12, abs=1e-15)
        assert relative(e.probabilities, net.predict_proba(X[i:i + 1])) <= 1e-12
        for l, layer in enumerate(e.layers):
            assert relative(layer.dL_dW, grads.dW[l]) <= 1e-12
            assert relative(layer.dL_db, grads.db[l]) <= 1e-12
            assert relative(layer.delta, grads.delta[l]) <= 1e-12


@given(cases(l2=False, dtype="float32"))
def test_equal_to_gradients_in_float32(given_case):
    net, X, y, _ = given_case
    e, grads = mlcore.explain(net, X[0], y[0]), net.gradients(X[:1], y[:1])
    # Where a is near y, a − y leaves float32 few digits: compared with the largest of the gradients, and at least with 0.1.
    size = max(0.1, *(np.linalg.norm(layer.dL_dW) for layer in e.layers))
    assert np.linalg.norm(e.dL_dx - grads.dX[0]) <= 1e-5 * max(size, np.linalg.norm(e.dL_dx))
    for l, layer in enumerate(e.layers):
        assert np.linalg.norm(layer.dL_dW - grads.dW[l]) <= 1e-5 * size


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_a_digit_network_in_float32(hidden, output):
    net = mlcore.Network((784, 64, 1 if output == "one sigmoid" else 10), hidden=hidden, seed=5,
                         output="softmax" if output == "softmax" else "sigmoid")
    X = np.random.default_rng(1).integers(0, 256, (1, 784)).astype("uint8")
    y = np.eye(10)[[4]] if output == "sigmoids, 0/1" else [1]
    e, grads = mlcore.explain(net, X[0], y[0]), net.gradients(X, y)
    for l, layer in enumerate(e.layers):
        assert relative(layer.dL_dW, grads.dW[l]) <= 1e-5
        assert relative(layer.dL_db, grads.db[l]) <= 1e-5
    assert relative(e.dL_dx, grads.dX) <= 1e-5


@given(cases(l2=False))
def test_shapes_are_those_of_the_slides(given_case):
    net, X, y, _ = given_case
    e = mlcore.explain(net, X[0], y[0])
    assert e.x.shape == e.dL_dx.shape == (net.sizes[0],)
    assert e.probabilities.shape == (net.sizes[-1],)
    assert np.ndim(e.loss) == 0
    assert len(e.layers) == len(net.sizes) - 1
    for layer, n_in, n_out in zip(e.layers, net.sizes[:-1], net.sizes[1:]):
        assert layer.input.shape == (n_in,)
        for name in ("W", "dz_dW", "dz_da", "dL_dW"):
            assert getattr(layer, name).shape == (n_out, n_in), name
        for name in ("b", "z", "a", "dL_da", "dL_dz", "delta", "dL_db"):
            assert getattr(layer, name).shape == (n_out,), name
        for name in ("da_dz", "dz_db"):
            assert getattr(layer, name).shape == (n_out, n_out), name
        assert layer.dz_dW_full.shape == (n_out, n_out, n_in)


@given(cases(l2=False, dtype="float32"))
def test_float64_whatever_the_networks_dtype(given_case):
    net, X, y, _ = given_case
    e = mlcore.explain(net, X[0], y[0])
    names = ("W", "b", "input", "z", "a", "dL_da", "da_dz", "dL_dz", "delta", "dz_dW", "dz_db", "dz_da", "dL_dW", "dL_db", "dz_dW_full")
    arrays = [e.x, e.dL_dx, e.probabilities] + [getattr(layer, name) for layer in e.layers for name in names]
    assert {array.dtype for array in arrays} == {np.dtype("float64")}
    batch = mlcore.local_gradients(net, X, y)
    assert batch.da_dz.shape == (len(X), net.sizes[-1], net.sizes[-1])


@pytest.mark.part2
@given(cases(l2=False))
def test_the_chain_rule_holds_between_the_parts(given_case):
    net, X, y, _ = given_case
    e = mlcore.explain(net, X[0], y[0])
    for l, layer in enumerate(e.layers):
        product = layer.dL_da @ layer.da_dz
        assert product == pytest.approx(layer.dL_dz, rel=1e-9, abs=1e-9)
        assert np.array_equal(layer.delta, layer.dL_dz)
        assert layer.dL_dW == pytest.approx(layer.dL_dz[:, None] * layer.dz_dW, rel=1e-12, abs=1e-300)
        assert layer.dL_dW == pytest.approx(np.outer(layer.dL_dz, layer.input), rel=1e-12, abs=1e-300)
        assert layer.dL_db == pytest.approx(layer.dL_dz @ layer.dz_db, rel=1e-12, abs=1e-300)
        assert layer.dL_dW == pytest.approx(np.tensordot(layer.dL_dz, layer.dz_dW_full, 1), rel=1e-12, abs=1e-300)
        below = e.layers[l - 1].dL_da if l else e.dL_dx
        assert below == pytest.approx(layer.dL_dz @ layer.dz_da, rel=1e-12, abs=1e-14)
        assert np.array_equal(layer.input, e.layers[l - 1].a if l else e.x)
        assert layer.z == pytest.approx(layer.W @ layer.input + layer.b, rel=1e-9, abs=1e-12)


@given(cases(l2=False))
def test_local_gradients_of_the_slides(given_case):
    net, X, y, _ = given_case
    e = mlcore.explain(net, X[0], y[0])
    t = reference.targets(y, net.sizes[-1])[0]
    for l, layer in enumerate(e.layers):
        a, z = layer.a, layer.z
        if l == len(e.layers) - 1:
            expected = np.diag(a) - np.outer(a, a) if net.output == "softmax" else np.diag(a * (1 - a))
            by_a = np.where(t == 1, -1 / a, 0) if net.output == "softmax" else (a - t) / (a * (1 - a))
            assert layer.dL_da == pytest.approx(by_a, rel=1e-9)
            assert layer.dL_dz == pytest.approx(a - t, rel=1e-9, abs=1e-15)
        else:
            expected = np.diag({"sigmoid": a * (1 - a), "tanh": 1 - a ** 2, "relu": (z > 0) * 1.0, "identity": np.ones_like(z)}[net.hidden])
        assert layer.da_dz == pytest.approx(expected, rel=1e-9, abs=1e-14)
        assert np.array_equal(layer.dz_db, np.eye(len(z)))
        assert np.array_equal(layer.dz_da, net.layers[l].W)
        assert np.array_equal(layer.W, net.layers[l].W)
        assert np.array_equal(layer.b, net.layers[l].b)
        assert all(np.array_equal(row, layer.input) for row in layer.dz_dW)


def test_the_sheet_behind_the_slide():
    net, X, y, _ = case((4, 5, 3))
    for layer in mlcore.explain(net, X[0], y[0]).layers:
        full = layer.dz_dW_full
        for i, k in np.ndindex(full.shape[:2]):
            assert np.array_equal(full[i, k], layer.input if i == k else np.zeros_like(layer.input))
        for k in range(len(full)):
            assert np.array_equal(layer.dz_dW_slice(k), full[k])
        for wrong in (-1, len(full), 0.5, "x"):
            with pytest.raises(ValueError, match=str(wrong)):
                layer.dz_dW_slice(wrong)


def test_the_sheet_is_not_built_above_256_mb():
    net = mlcore.Network((784, 400, 10), seed=0)
    e = mlcore.explain(net, np.ones(784), 3)
    with pytest.raises(ValueError, match=r"dz_dW_slice") as refusal:
        _ = e.layers[0].dz_dW_full  # 400 × 400 × 784 float64 are 1 GB
    assert "256 MB" in str(refusal.value)
    assert np.array_equal(e.layers[0].dz_dW_slice(399)[399], np.ones(784))
    assert e.layers[0].dz_dW_slice(399).shape == (400, 784)
    assert e.layers[1].dz_dW_full.shape == (10, 10, 400)


def test_large_objects_are_views():
    net = mlcore.Network((784, 400, 10), seed=0)
    layer = mlcore.explain(net, np.ones(784), 3).layers[0]
    assert layer.dz_dW.strides[0] == 0
    assert np.shares_memory(layer.dz_dW, layer.input)


def test_it_keeps_what_it_explained_whatever_becomes_of_the_array():
    net, x = mlcore.Network((3, 4, 2), dtype="float64", seed=0), np.array([1.0, 2, 3])
    expected = mlcore.explain(net, x.copy(), 1).layers[0].dL_dW
    e = mlcore.explain(net, x, 1)
    x[:] = 100
    assert e.x.tolist() == [1, 2, 3]
    assert np.array_equal(e.layers[0].dL_dW, expected) and expected.any()


@pytest.mark.part2
@pytest.mark.parametrize("y, loss, dL_dz", [(1, 800, (1, -1)), (0, 0, (0, 0))])
def test_a_saturated_softmax_has_its_loss_and_its_gradient(y, loss, dL_dz):
    net = mlcore.Network((1, 2), output="softmax", dtype="float64", init="zeros")
    net.layers[0].b = [0, -800]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        e = mlcore.explain(net, [1.0], y)
        layer = e.layers[0]
        parts = (layer.dL_da, layer.da_dz, layer.dz_dW, layer.dL_dW, layer.dL_db)
    assert e.loss == loss
    assert layer.dL_dz.tolist() == list(dL_dz)
    assert layer.dL_db.tolist() == list(dL_dz)
    assert np.array_equal(layer.dL_dW, np.array(dL_dz)[:, None] * 1.0)
    assert np.isneginf(parts[0][1]) if y == 1 else parts[0][0] == -1


@pytest.mark.part1
@pytest.mark.parametrize("z, y, loss", [(-800, 1, 800), (800, 0, 800), (800, 1, 0), (-800, 0, 0)])
def test_a_saturated_sigmoid_has_its_loss_and_its_gradient(z, y, loss):
    net = mlcore.Network((1, 1), output="sigmoid", dtype="float64", init="zeros")
    net.layers[0].b = [z]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        e = mlcore.explain(net, [1.0], y)
        _ = e.layers[0].dL_da, e.layers[0].da_dz
    assert e.loss == loss
    assert e.layers[0].dL_dz.tolist() == [(z > 0) - y]


@given(cases(l2=False))
def test_contributions_are_input_times_slope_of_the_logit(given_case):
    net, X, _, _ = given_case
    for k in range(net.sizes[-1]):
        expected = X[0] * reference.logit_jacobian(net, X[0])[k]
        assert mlcore.contributions(net, X[0], k) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(cases(l2=False, depths=(1, 1)))
def test_contributions_to_a_logit_of_softmax_regression_sum_to_it(given_case):
    net, X, _, _ = given_case
    z, layer = net.forward(X[:1]).z[-1][0], net.layers[0]
    for k in range(net.sizes[-1]):
        share = mlcore.contributions(net, X[0], k)
        assert np.array_equal(share, layer.W[k] * X[0])
        assert share.sum() + layer.b[k] == pytest.approx(z[k], rel=1e-9, abs=1e-12)


def test_contributions_without_biases_sum_to_the_logit_of_a_relu_network():
    net, X, _, _ = case((6, 8, 8, 3), hidden="relu")
    for layer in net.layers:
        layer.b = np.zeros_like(layer.b)
    for k in range(3):
        assert mlcore.contributions(net, X[0], k).sum() == pytest.approx(net.forward(X[:1]).z[-1][0, k], rel=1e-12)


def test_one_instance_as_a_row_and_as_pixels():
    net = mlcore.Network((784, 10), seed=1)
    x = np.random.default_rng(0).integers(0, 256, 784).astype("uint8")
    e = mlcore.explain(net, x, 7)
    assert np.array_equal(e.x, x / 255)
    for other in (x[None], x / 255):
        assert np.array_equal(mlcore.explain(net, other, 7).layers[0].dL_dW, e.layers[0].dL_dW)
    assert np.array_equal(mlcore.contributions(net, x, 7), mlcore.contributions(net, x[None] / 255, 7))


@pytest.mark.parametrize("x, y, words", [
    (np.ones(5), 0, r"\(5,\)|5"), (np.ones((2, 4)), 0, r"\(2, 4\)|2"), ([1, 2, np.nan, 4], 0, "nan|NaN|finite"), ([], 0, "0|empty"),
    (np.ones(4), 3, "3"), (np.ones(4), -1, "-1"), (np.ones(4), 0.5, "0.5"), (np.ones(4), "a", "a"), (np.ones(4), [0, 1], r"2|\[0, 1\]"),
    (np.ones(4), None, "None|object"), ("pixels", 0, "pixels|str|numbers"),
])
def test_bad_instances_are_refused(x, y, words):
    net = case((4, 5, 3)).net
    with pytest.raises(ValueError, match=words):
        mlcore.explain(net, x, y)


def test_bad_batches_and_classes_are_refused():
    net, X, y, _ = case((4, 5, 3))
    for wrong in (3, -1, 0.5, "a", None):
        with pytest.raises(ValueError, match=str(wrong)):
            mlcore.contributions(net, X[0], wrong)
    with pytest.raises(ValueError, match=r"5"):
        mlcore.local_gradients(net, X, y[:5])
    with pytest.raises(ValueError):
        mlcore.local_gradients(net, X[:0], y[:0])


def test_the_full_sheet_is_built_up_to_its_limit(monkeypatch):
    """3 × 3 × 4 float64 are 288 bytes."""
    net, X, y, _ = case((4, 3))
    layer = mlcore.explain(net, X[0], y[0]).layers[0]
    monkeypatch.setattr("mlcore.explanation.FULL_LIMIT", 288)
    assert layer.dz_dW_full.shape == (3, 3, 4)
    monkeypatch.setattr("mlcore.explanation.FULL_LIMIT", 287)
    with pytest.raises(ValueError, match="dz_dW_full would take 0 MB"):
        _ = layer.dz_dW_full
    net = mlcore.Network((64, 1024, 2), seed=0)
    monkeypatch.undo()
    layer = mlcore.explain(net, np.ones(64), 1).layers[0]
    with pytest.raises(ValueError, match="dz_dW_full would take 512 MB, more than 256 MB"):
        _ = layer.dz_dW_full


@pytest.mark.parametrize("y, label, target", [
    (2, 2, [0, 0, 1]), ([2], 2, [0, 0, 1]), (2.0, 2, [0, 0, 1]), ([1, 0, 1], [1, 0, 1], [1, 0, 1]),
])  # fmt: skip
def test_the_label_and_its_target_are_told(y, label, target):
    net, X, _, _ = case((4, 3), output="sigmoids, 0/1")
    e = mlcore.explain(net, X[0], y)
    assert np.array_equal(e.y, label) and isinstance(e.y, int) == (np.ndim(label) == 0) and e.target.tolist() == target
    one = mlcore.explain(case((4, 1), output="one sigmoid").net, X[0], 1)
    assert (one.y, one.target.tolist()) == (1, [1])
