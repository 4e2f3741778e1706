"""The fast path: what training does to the weights, beside the derivatives of explain, autograd's, and the literal loop of the lecture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlcore
from tests.mlcore import reference
from tests.mlcore.cases import ACTIVATIONS, OUTPUTS, case, cases

ALPHA = 0.1


def trained(net, X, y, **named):
    """A copy of net after an unshuffled training by plain gradient descent, and the last record."""
    net = net.copy()
    return net, list(mlcore.train(net, mlcore.Dataset(X, y, classes=max(net.sizes[-1], 2)), shuffle=False, **named))[-1]


def walked(net, X, y, batch, epochs, gradient, l2=0.0, alpha=ALPHA):
    """The Θ of a network that goes down the gradient (net, X, y, l2) → [∂J/∂Θ], in float64, batch by batch."""
    net = net.copy("float64")
    for _ in range(epochs):
        for start in range(0, len(X), batch):
            D = gradient(net, X[start : start + batch], y[start : start + batch], l2)
            for layer, d in zip(net.layers, D):
                layer.theta = layer.theta - alpha * d
    return [layer.theta for layer in net.layers]


def by_explain(net, X, y, l2):
    """∂J/∂Θ as the mean of what explain says of each instance."""
    explained = [mlcore.explain(net, x, label) for x, label in zip(X, y)]
    return [
        np.mean([np.column_stack([e.layers[l].dL_db, e.layers[l].dL_dW]) for e in explained], axis=0) + l2 * weights_alone(layer)
        for l, layer in enumerate(net.layers)
    ]


def weights_alone(layer):
    return np.column_stack([np.zeros(len(layer.b)), layer.W])


def by_autograd(net, X, y, l2):
    found = reference.gradients(net, X, y, l2)
    return [np.column_stack([db, dW]) for db, dW in zip(found["db"], found["dW"])]


def by_gradients(net, X, y, l2):
    return net.gradients(X, y, l2).D


def worst(net, thetas):
    return max(reference.distance(layer.theta, theta) for layer, theta in zip(net.layers, thetas, strict=True))


@settings(max_examples=60, deadline=None)
@given(given_case=cases(), batch=st.integers(1, 7), epochs=st.integers(1, 4))
def test_after_any_updates_the_fast_path_is_explain_is_autograd(given_case, batch, epochs):
    net, X, y, l2 = given_case
    mine, _ = trained(net, X, y, batch_size=batch, epochs=epochs, l2=l2, optimizer=mlcore.SGD(ALPHA))
    assert worst(mine, walked(net, X, y, batch, epochs, by_autograd, l2)) <= 1e-9
    assert worst(mine, walked(net, X, y, batch, epochs, by_explain, l2)) <= 1e-9


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "identity"])
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("batch", [1, 8])
def test_in_float32_to_its_rounding(hidden, output, batch):
    net, X, y, _ = case((5, 7, 6, 4), hidden, output, n=100, dtype="float32")
    mine, _ = trained(net, X, y, batch_size=batch, epochs=2, optimizer=mlcore.SGD(ALPHA))
    assert worst(mine, walked(net, X, y, batch, 2, by_gradients)) <= 1e-5


@pytest.mark.part2
@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("sizes", [(6, 4), (6, 5, 4), (6, 5, 7, 4)])
@pytest.mark.parametrize("alpha", [0.01, 0.2])
def test_updates_carried_in_blocks_are_the_literal_loop(hidden, output, sizes, alpha):
    """150 instances are full blocks and a shorter one; with α = 0.2 every update matters to all the later ones of its block."""
    net, X, y, _ = case(sizes, hidden, output, n=150, scale=0.5)
    mine, record = trained(net, X, y, batch_size=1, epochs=1, optimizer=mlcore.SGD(alpha))
    assert worst(mine, walked(net, X, y, 1, 1, by_gradients, alpha=alpha)) <= 1e-9
    walker, losses, right = net.copy(), [], []
    for i in range(len(X)):
        losses.append(walker.cost(X[i : i + 1], y[i : i + 1]))
        answer = walker.predict_proba(X[i : i + 1])[0]
        right.append(((answer >= 0.5) == y[i]).all() if output in ("one sigmoid", "sigmoids, 0/1") else answer.argmax() == y[i])
        for layer, D in zip(walker.layers, walker.gradients(X[i : i + 1], y[i : i + 1]).D):
            layer.theta = layer.theta - alpha * D
    assert record.updates == 150
    assert record.loss == pytest.approx(np.mean(losses), rel=1e-8)
    assert record.accuracy == pytest.approx(np.mean(right))


@pytest.mark.part2
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_deep_network_whose_guesses_overflow_still_learns_as_the_loop_does(dtype):
    """In the rounds before they settle the carried updates of deep relu layers leave the range of the numbers; the loop's never do."""
    data = mlcore.datasets.load("digits")
    X, y = data.X_train[:200], data.y_train[:200]
    net = mlcore.Network((784, 64, 64, 64, 10), hidden="relu", seed=0, dtype=dtype)
    mine, record = trained(net, X, y, batch_size=1, epochs=1, optimizer=mlcore.SGD(0.1))
    assert not record.diverged
    assert worst(mine, walked(net, X, y, 1, 1, by_gradients, alpha=0.1)) <= (1e-9 if dtype == "float64" else 1e-3)


def test_a_block_is_as_near_to_exact_as_the_loop_it_replaces():
    """512 digits in float32, one update each: beside the float64 loop the blocks must not lose more than the float32 loop itself does."""
    data = mlcore.datasets.load("digits")
    X, y = data.X_train[:512], data.y_train[:512]
    for sizes in ((784, 10), (784, 32, 10)):
        net = mlcore.Network(sizes, hidden="tanh", seed=3)
        exact = walked(net, X, y, 1, 1, by_gradients, alpha=0.01)
        mine, _ = trained(net, X, y, batch_size=1, epochs=1, optimizer=mlcore.SGD(0.01))
        loop = net.copy()
        for i in range(len(X)):
            for layer, D in zip(loop.layers, loop.gradients(X[i : i + 1], y[i : i + 1]).D):
                layer.theta = layer.theta - np.float32(0.01) * D
        assert worst(mine, exact) <= 2 * worst(loop, exact)
        assert worst(mine, exact) <= 1e-5


@pytest.mark.parametrize("batch", [1, 20, None])
def test_pixels_train_as_their_shares_of_255_do(batch):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (90, 12)).astype(np.uint8), rng.integers(0, 3, 90)
    net = mlcore.Network((12, 6, 3), hidden="tanh", seed=1, dtype="float64")
    named = {"batch_size": batch, "epochs": 2, "optimizer": mlcore.SGD(ALPHA)}
    pixels, _ = trained(net, X, y, **named)
    shares, _ = trained(net, X / 255, y, **named)
    assert worst(pixels, [layer.theta for layer in shares.layers]) <= 1e-12


@given(given_case=cases(l2=False))
def test_one_instance_is_answered_as_a_batch_is(given_case):
    net, X, _, _ = given_case
    for x in X:
        assert net.predict_proba(x[None]) == pytest.approx(net.forward(X[:1] * 0 + x).probabilities[:1], rel=1e-12)


@pytest.mark.parametrize("entry", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_one_instance_that_is_not_finite_is_refused(entry, hidden):
    net = mlcore.Network((4, 3, 2), hidden=hidden, dtype="float64")
    for place in range(4):
        x = np.ones((1, 4))
        x[0, place] = entry
        with pytest.raises(ValueError, match="NaN or infinite"):
            net.predict_proba(x)


def test_one_instance_whose_logits_are_huge_is_answered():
    net = mlcore.Network((3, 2), dtype="float32", init="zeros")
    net.layers[0].W = [[3e38, 3e38, 0], [0, 0, 1]]
    with np.errstate(over="ignore", invalid="ignore"):
        assert net.predict_proba(np.float32([[1e-34, 0, 0]])).tolist() == [[1, 0]]


def test_local_gradients_go_into_arrays_that_are_given():
    net, X, y, _ = case((4, 5, 3), n=6)
    out = mlcore.local_gradients(net, X[::-1], y[::-1])
    arrays = tuple(out)
    again = mlcore.local_gradients(net, X, y, out=out)
    fresh = mlcore.local_gradients(net, X, y)
    assert all(a is b and np.array_equal(b, c) for a, b, c in zip(arrays, again, fresh))


@pytest.mark.parametrize("spoil", [lambda net, X: (net, X[:5]), lambda net, X: (net.copy("float32"), X)])
def test_arrays_of_another_batch_or_dtype_are_refused(spoil):
    net, X, y, _ = case((4, 5, 3), n=6)
    out = mlcore.local_gradients(net, X, y)
    net, X = spoil(net, X)
    with pytest.raises(ValueError, match="out holds"):
        mlcore.local_gradients(net, X, y[: len(X)], out=out)


def test_any_layout_of_X_trains_alike():
    net, X, y, _ = case((4, 5, 3), n=30, dtype="float32")
    wide = np.zeros((30, 8), "float32")
    wide[:, ::2] = X
    runs = [trained(net, layout, y, epochs=2, batch_size=7)[0] for layout in (X, np.asfortranarray(X), wide[:, ::2], X.astype("float64"))]
    assert all(np.array_equal(a.theta, b.theta) for other in runs[1:] for a, b in zip(runs[0].layers, other.layers))
    assert mlcore.Dataset(wide[:, ::2], y).X_train.flags.c_contiguous


def test_numbers_that_the_network_cannot_hold_are_refused():
    net, X, y, _ = case((4, 3), dtype="float32")
    with pytest.raises(ValueError, match="X_train has entries too large for float32"):
        trained(net, X.astype("float64") * 1e39, y)
