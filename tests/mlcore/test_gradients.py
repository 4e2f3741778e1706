"""gradients() is the derivative of cost(): against autograd, against central differences, and by the lecture's own definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlcore
from tests.mlcore import reference
from tests.mlcore.cases import ACTIVATIONS, OUTPUTS, case, cases, moved

DEPTHS = {1: (5, 3), 2: (5, 4, 3), 3: (5, 4, 4, 3), 4: (4, 5, 4, 3, 3)}


@given(cases())
def test_equal_to_autograd(given_case):
    net, X, y, l2 = given_case
    error, where = reference.worst_distance(net.gradients(X, y, l2), net, X, y, l2)
    assert error <= 1e-10, where


@given(cases())
def test_cost_equals_the_reference(given_case):
    net, X, y, l2 = given_case
    theirs = reference.cost(reference.parameters(net), X, y, net.hidden, net.output, l2)
    assert net.cost(X, y, l2) == pytest.approx(float(theirs), rel=1e-12, abs=1e-12)
    assert isinstance(net.cost(X, y, l2), float)
    each = reference.losses(reference.parameters(net), X, y, net.hidden, net.output)
    assert net.losses(X, y) == pytest.approx(each, rel=1e-10, abs=1e-13)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_check_gradients_on_every_kind_of_network(hidden, output, depth):
    net, X, y, l2 = case(DEPTHS[depth], hidden, output, l2=0.1, seed=depth)
    check = mlcore.check_gradients(net, X, y, l2, entries=None)
    assert check.ok
    assert check.worst.error <= 1e-6
    assert check.worst.error == max(row.error for row in check.rows)


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_equal_to_central_differences(hidden, output):
    net, X, y, l2 = case((3, 4, 3), hidden, output, n=4, l2=0.05, seed=3)
    grads, h = net.gradients(X, y, l2), 1e-5
    for l, layer in enumerate(net.layers):
        D = np.empty_like(layer.theta)
        for index in np.ndindex(*D.shape):
            one = [np.zeros_like(other.theta) for other in net.layers]
            one[l][index] = 1
            D[index] = (moved(net, one, h).cost(X, y, l2) - moved(net, one, -h).cost(X, y, l2)) / (2 * h)
        assert reference.distance(grads.D[l], D) <= 1e-7
    dX = np.empty_like(X)
    for index in np.ndindex(*X.shape):
        up, down = X.copy(), X.copy()
        up[index] += h
        down[index] -= h
        dX[index] = (net.cost(up, y, l2) - net.cost(down, y, l2)) / (2 * h)
    assert reference.distance(grads.dX, dX) <= 1e-7


@given(cases(hidden=("sigmoid", "tanh", "identity")), st.integers(0, 2**32 - 1))
def test_slope_in_a_random_direction(given_case, seed):
    net, X, y, l2 = given_case
    rng, h = np.random.default_rng(seed), 1e-5
    direction = [rng.normal(size=layer.theta.shape) for layer in net.layers]
    slope = (moved(net, direction, h).cost(X, y, l2) - moved(net, direction, -h).cost(X, y, l2)) / (2 * h)
    along = sum(np.sum(D * d) for D, d in zip(net.gradients(X, y, l2).D, direction))
    size = np.sqrt(sum(np.sum(D ** 2) for D in net.gradients(X, y, l2).D) * sum(np.sum(d ** 2) for d in direction))
    assert abs(slope - along) <= 1e-6 * max(size, 1e-3)


@pytest.mark.part1
@given(cases())
def test_delta_is_each_instances_own(given_case):
    net, X, y, _ = given_case
    grads = net.gradients(X, y)
    for i in range(len(X)):
        alone = net.gradients(X[i:i + 1], y[i:i + 1])
        for l in range(len(net.layers)):
            assert grads.delta[l][i] == pytest.approx(alone.delta[l][0], rel=1e-9, abs=1e-12)


@pytest.mark.part1
@given(cases())
def test_big_delta_and_d_as_on_the_slides(given_case):
    net, X, y, l2 = given_case
    grads, run, n = net.gradients(X, y, l2), net.forward(X), len(X)
    for l, layer in enumerate(net.layers):
        a = run.x if l == 0 else run.a[l - 1]
        with_bias_unit = np.column_stack([np.ones(n), a])
        Delta = sum(np.outer(grads.delta[l][i], with_bias_unit[i]) for i in range(n))
        assert grads.Delta[l] == pytest.approx(Delta, rel=1e-9, abs=1e-12)
        without_bias = np.column_stack([np.zeros_like(layer.b), layer.W])
        assert grads.D[l] == pytest.approx(Delta / n + l2 * without_bias, rel=1e-9, abs=1e-12)
        assert np.array_equal(grads.D[l], np.column_stack([grads.db[l], grads.dW[l]]))


@pytest.mark.part1
@given(cases())
def test_hidden_errors_by_the_slides_recursion(given_case):
    net, X, y, _ = given_case
    grads, run = net.gradients(X, y), net.forward(X)
    slope = {"sigmoid": lambda z, a: a * (1 - a), "tanh": lambda z, a: 1 - a ** 2,
             "relu": lambda z, a: (z > 0).astype(float), "identity": lambda z, a: np.ones_like(z)}[net.hidden]
    t = reference.targets(y, net.sizes[-1])
    assert grads.delta[-1] == pytest.approx(run.probabilities - t, abs=1e-14)
    for l in range(len(net.layers) - 1):
        # Column 0 of Θ is left out: the bias unit has no z.
        back = grads.delta[l + 1] @ net.layers[l + 1].theta[:, 1:]
        assert grads.delta[l] == pytest.approx(back * slope(run.z[l], run.a[l]), rel=1e-9, abs=1e-13)


@given(cases(l2=False), st.sampled_from([0.01, 3.0]))
def test_l2_reaches_dW_and_D_alone(given_case, l2):
    net, X, y, _ = given_case
    without, with_l2 = net.gradients(X, y), net.gradients(X, y, l2)
    assert np.array_equal(without.dX, with_l2.dX)
    for l, layer in enumerate(net.layers):
        for name in ("db", "delta", "Delta"):
            assert np.array_equal(getattr(without, name)[l], getattr(with_l2, name)[l]), name
        assert with_l2.dW[l] - without.dW[l] == pytest.approx(l2 * layer.W, rel=1e-9, abs=1e-12)
        assert np.array_equal(without.D[l][:, 0], with_l2.D[l][:, 0])
    J = net.cost(X, y) + l2 / 2 * sum(np.sum(layer.W ** 2) for layer in net.layers)
    assert net.cost(X, y, l2) == pytest.approx(J, rel=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_arrays_have_the_networks_dtype(dtype, output):
    net, X, y, _ = case(output=output, dtype=dtype)
    for given_X in (X, X.astype("float64"), np.round(X).astype("int64")):
        grads, run = net.gradients(given_X, y, 0.1), net.forward(given_X)
        arrays = [grads.dX, run.x, run.probabilities, *run.z, *run.a]
        for name in ("dW", "db", "delta", "Delta", "D"):
            arrays += getattr(grads, name)
        assert {array.dtype for array in arrays} == {np.dtype(dtype)}


@given(cases(dtype="float32"))
def test_float32_is_near_autograd(given_case):
    net, X, y, l2 = given_case
    truth = reference.gradients(net, X, y, l2)
    size = max(np.linalg.norm(g) for gs in truth.values() for g in gs)
    grads = net.gradients(X, y, l2)
    for name, mine in (("dW", grads.dW), ("db", grads.db), ("dX", [grads.dX])):
        for g, h in zip(mine, truth[name]):
            assert np.linalg.norm(g - h) <= 2e-5 * max(size, 0.1)


@pytest.mark.parametrize("output", OUTPUTS)
def test_labels_as_whole_floats_are_labels(output):
    net, X, y, _ = case(output=output)
    assert np.array_equal(net.gradients(X, y).dW[0], net.gradients(X, y.astype("float64")).dW[0])
    assert net.cost(X, y.tolist()) == net.cost(X, y)


def test_labels_and_their_one_hot_rows_are_the_same_for_sigmoids():
    net, X, y, _ = case(output="sigmoids, labels")
    assert net.cost(X, y) == net.cost(X, np.eye(3)[y])
    assert np.array_equal(net.gradients(X, y).dX, net.gradients(X, np.eye(3)[y]).dX)


def test_a_batch_of_one_and_the_mean_of_many():
    net, X, y, l2 = case(n=5, l2=0.2)
    ones = [net.gradients(X[i:i + 1], y[i:i + 1], l2) for i in range(5)]
    for l in range(2):
        assert net.gradients(X, y, l2).dW[l] == pytest.approx(np.mean([g.dW[l] for g in ones], axis=0), rel=1e-12)


def test_gradients_leave_the_network_and_its_input_alone():
    net, X, y, _ = case()
    before, X_before = [layer.theta.copy() for layer in net.layers], X.copy()
    grads = net.gradients(X, y, 0.3)
    grads.dW[0][...] = 7
    grads.D[0][...] = 7
    assert all(np.array_equal(layer.theta, theta) for layer, theta in zip(net.layers, before))
    assert np.array_equal(X, X_before)
