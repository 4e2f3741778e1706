"""One update after another: training compared with the lecture's loops, the optimizers' formulas, and scikit-learn's network."""

import numpy as np
import pytest

import mlcore
from tests.mlcore import reference
from tests.mlcore.cases import OUTPUTS, case


def run(net, data, **named):
    net = net.copy()
    for _ in mlcore.train(net, data, **named):
        pass
    return net


def worst(net, thetas):
    return max(reference.distance(layer.theta, theta) for layer, theta in zip(net.layers, thetas, strict=True))


@pytest.mark.part2
def test_batches_of_one_unshuffled_are_the_lectures_softmax_loop():
    net, X, y, _ = case((6, 4), n=30)
    W, b, a_step, n_epoch = net.layers[0].W.copy(), net.layers[0].b.copy(), 0.3, 3
    for _ in range(n_epoch):
        for x, label in zip(X, y):
            z = W @ x + b
            a = np.exp(z) / np.exp(z).sum()
            dL_da = np.zeros(4)
            dL_da[label] = -1 / a[label]
            da_dz = np.empty((4, 4))
            for i in range(4):
                for j in range(4):
                    da_dz[i, j] = a[i] * (1 - a[i]) if i == j else -a[i] * a[j]
            dz_db, dz_dW = np.eye(4), np.tile(x, (4, 1))
            dL_dz = dL_da @ da_dz
            dL_dW, dL_db = dL_dz[:, None] * dz_dW, dL_dz @ dz_db
            W, b = W - a_step * dL_dW, b - a_step * dL_db
    mine = run(net, mlcore.Dataset(X, y), optimizer=mlcore.SGD(a_step), batch_size=1, shuffle=False, epochs=n_epoch)
    assert worst(mine, [np.column_stack([b, W])]) <= 1e-12


@pytest.mark.part1
def test_the_full_batch_is_the_lectures_loop_with_big_delta():
    net, X, y, lam = case((3, 4, 2, 1), "sigmoid", "one sigmoid", n=20, l2=0.02)
    Theta, alpha = [layer.theta.copy() for layer in net.layers], 0.7

    def g(z):
        return 1 / (1 + np.exp(-z))

    for _ in range(5):
        Delta = [np.zeros_like(theta) for theta in Theta]
        for x, label in zip(X, y):
            a1 = np.r_[1, x]
            a2 = np.r_[1, g(Theta[0] @ a1)]
            a3 = np.r_[1, g(Theta[1] @ a2)]
            a4 = g(Theta[2] @ a3)
            delta4 = a4 - label
            # a(1 − a) is 0 at the bias unit, whose error is dropped then.
            delta3 = (Theta[2].T @ delta4 * a3 * (1 - a3))[1:]
            delta2 = (Theta[1].T @ delta3 * a2 * (1 - a2))[1:]
            for l, (delta, a) in enumerate([(delta2, a1), (delta3, a2), (delta4, a3)]):
                Delta[l] += np.outer(delta, a)
        for l, theta in enumerate(Theta):
            D = Delta[l] / len(X)
            D[:, 1:] += lam * theta[:, 1:]
            Theta[l] = theta - alpha * D
    mine = run(net, mlcore.Dataset(X, y), optimizer=mlcore.SGD(alpha), batch_size=None, epochs=5, l2=lam)
    assert worst(mine, Theta) <= 1e-12


@pytest.mark.part1
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("output", OUTPUTS)
def test_the_full_batch_is_one_step_along_D(output, shuffle):
    net, X, y, l2 = case((4, 5, 3), output=output, n=2500, l2=0.1)
    D = net.gradients(X, y, l2).D
    mine = run(net, mlcore.Dataset(X, y, classes=max(2, net.sizes[-1])), optimizer=mlcore.SGD(0.2), batch_size=None, epochs=1, l2=l2,
               shuffle=shuffle)
    assert worst(mine, [layer.theta - 0.2 * d for layer, d in zip(net.layers, D)]) <= 1e-12


def by_formula(net, X, y, batch, epochs, l2, update):
    """Batches in order, the last one short; update(Θ, D, memory, t) → Θ for each layer."""
    walker, memories, t = net.copy(), [{} for _ in net.layers], 0
    for _ in range(epochs):
        for start in range(0, len(X), batch):
            t += 1
            D = walker.gradients(X[start:start + batch], y[start:start + batch], l2).D
            for layer, d, memory in zip(walker.layers, D, memories):
                layer.theta = update(layer.theta.copy(), d, memory, t)
    return [layer.theta for layer in walker.layers]


def plain(theta, d, memory, t):
    return theta - 0.1 * d


def momentum(theta, d, memory, t):
    memory["v"] = 0.9 * memory.get("v", 0) - 0.1 * d
    return theta + memory["v"]


def adam(theta, d, memory, t):
    memory["m"] = 0.9 * memory.get("m", 0) + 0.1 * d
    memory["v"] = 0.999 * memory.get("v", 0) + 0.001 * d * d
    return theta - 0.01 * (memory["m"] / (1 - 0.9 ** t)) / (np.sqrt(memory["v"] / (1 - 0.999 ** t)) + 1e-8)


OPTIMIZERS = [(lambda: mlcore.SGD(0.1), plain), (lambda: mlcore.SGD(0.1, momentum=0.9), momentum), (lambda: mlcore.Adam(0.01), adam)]


@pytest.mark.parametrize("batch", [1, 4, 10, 13, 50])
@pytest.mark.parametrize("optimizer, formula", OPTIMIZERS, ids=["plain", "momentum", "adam"])
@pytest.mark.parametrize("hidden", ["tanh", "relu"])
def test_batches_and_optimizers_by_their_formulas(hidden, optimizer, formula, batch):
    net, X, y, l2 = case((4, 5, 3), hidden, n=13, l2=0.05)
    mine = run(net, mlcore.Dataset(X, y), optimizer=optimizer(), batch_size=batch, epochs=6, l2=l2, shuffle=False)
    assert worst(mine, by_formula(net, X, y, batch, 6, l2, formula)) <= 1e-10


@pytest.mark.parametrize("batch", [1, 10, None])
def test_float32_pixels_train_as_float64_numbers_do(batch):
    rng = np.random.default_rng(0)
    pixels, y = rng.integers(0, 256, (50, 20)).astype("uint8"), rng.integers(0, 3, 50)
    single = mlcore.Network((20, 6, 3), hidden="tanh", seed=1)
    double = mlcore.Network((20, 6, 3), hidden="tanh", dtype="float64")
    for mine, theirs in zip(double.layers, single.layers):
        mine.theta = theirs.theta
    a = run(single, mlcore.Dataset(pixels, y), batch_size=batch, epochs=3)
    b = run(double, mlcore.Dataset(pixels / 255, y), batch_size=batch, epochs=3)
    assert worst(a, [layer.theta for layer in b.layers]) <= 1e-4
    assert a.layers[0].W.dtype == np.float32


@pytest.mark.parametrize("hidden, theirs", [("tanh", "tanh"), ("sigmoid", "logistic"), ("relu", "relu"), ("identity", "identity")])
@pytest.mark.parametrize("output", ["softmax", "one sigmoid"])
@pytest.mark.parametrize("optimizer, solver", [(lambda: mlcore.SGD(0.1, momentum=0.9), "sgd"), (lambda: mlcore.Adam(0.01), "adam")])
def test_scikit_learn_takes_the_same_steps(hidden, theirs, output, optimizer, solver):
    """Its λ is ours times the batch: it divides the penalty by the batch, too."""
    network = pytest.importorskip("sklearn.neural_network")
    net, X, y, _ = case((6, 5, 4), hidden, output, n=20)
    batch, classes, l2 = 5, np.arange(max(2, net.sizes[-1])), 0.01
    rate = 0.1 if solver == "sgd" else 0.01
    other = network.MLPClassifier((5,), activation=theirs, solver=solver, alpha=l2 * batch, learning_rate_init=rate, momentum=0.9,
                                  nesterovs_momentum=False, shuffle=False, random_state=0)
    other.partial_fit(X[:batch], y[:batch], classes=classes)
    for l, layer in enumerate(net.layers):
        other.coefs_[l][...], other.intercepts_[l][...] = layer.W.T, layer.b
    del other._optimizer  # it is made again, empty, at the next step
    for _ in range(3):
        for start in range(0, 20, batch):
            other.partial_fit(X[start:start + batch], y[start:start + batch])
    mine = run(net, mlcore.Dataset(X, y, classes=len(classes)), optimizer=optimizer(), batch_size=batch, epochs=3, l2=l2, shuffle=False)
    # Its Adam has ε beside √v, not √v̂.
    assert worst(mine, [np.column_stack([b, W.T]) for W, b in zip(other.coefs_, other.intercepts_)]) <= (1e-10 if solver == "sgd" else 1e-4)
    P = other.predict_proba(X)
    assert np.allclose(mine.predict_proba(X), P if output == "softmax" else P[:, 1:], atol=1e-4)


@pytest.mark.parametrize("l2", [1e-9, 1e-5, 0.3])
@pytest.mark.parametrize("batch, updates", [(1, 12), (5, 6), (None, 2)])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_smallest_lambda_shrinks_the_weights_too(batch, updates, momentum, l2):
    """With inputs of 0 a weight has no gradient but λW: it becomes W(1 − αλ)ᵏ, with momentum what that recursion gives."""
    net = mlcore.Network((4, 3), dtype="float64", seed=1)
    data = mlcore.Dataset(np.zeros((6, 4)), [0, 1, 2, 0, 1, 2])
    mine = run(net, data, optimizer=mlcore.SGD(0.1, momentum), batch_size=batch, epochs=updates // {1: 6, 5: 2, None: 1}[batch], l2=l2)
    share, v = 1.0, 0.0
    for _ in range(updates):
        v = momentum * v - 0.1 * l2 * share
        share += v
    lost = net.layers[0].W - mine.layers[0].W
    assert lost == pytest.approx((1 - share) * net.layers[0].W, rel=1e-5, abs=0)


@pytest.mark.parametrize("make", [lambda: mlcore.SGD(0.1, momentum=0.9), lambda: mlcore.Adam(0.1)])
@pytest.mark.parametrize("again", ["other shapes", "another dtype", "forget"])
def test_an_optimizer_starts_anew_for_another_network_and_when_it_forgets(make, again):
    net, D = mlcore.Network((3, 4, 2), dtype="float64", seed=1), [np.ones((4, 4)), np.ones((2, 5))]
    optimizer, fresh = make(), make()
    for _ in range(2):
        optimizer.step(net, D)
    if again == "other shapes":
        net, D = mlcore.Network((3, 2), dtype="float64", seed=2), [np.full((2, 4), 0.5)]
    elif again == "another dtype":
        net, D = net.copy("float32"), [d.astype("float32") for d in D]
    else:
        optimizer.forget()
    one, other = net.copy(), net.copy()
    optimizer.step(one, D), fresh.step(other, D)
    for a, b in zip(one.layers, other.layers):
        assert a.theta.dtype == net.dtype and np.array_equal(a.theta, b.theta)


@pytest.mark.parametrize("make, says", [
    *[(lambda rate=rate: mlcore.SGD(rate), "learning_rate is .*above 0") for rate in (0, -1, np.nan, np.inf, "fast")],
    *[(lambda rate=rate: mlcore.Adam(rate), "learning_rate is .*above 0") for rate in (0, -1, None)],
    *[(lambda m=m: mlcore.SGD(0.1, momentum=m), "momentum is .*at least 0 and below 1") for m in (1.0, -0.1)],
    *[(lambda m=m: mlcore.Adam(beta1=m), "beta1 is .*at least 0 and below 1") for m in (1.0, -0.1)],
    *[(lambda m=m: mlcore.Adam(beta2=m), "beta2 is .*at least 0 and below 1") for m in (1.0, -0.1)],
    *[(lambda e=e: mlcore.Adam(epsilon=e), "epsilon is .*above 0") for e in (0, -1e-8)],
])
def test_senseless_optimizers_are_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_optimizers_take_what_is_just_allowed_and_say_what_they_are():
    sgd, adam = mlcore.SGD(1e-9, momentum=0), mlcore.Adam(2, 0, 0, 1e-300)
    assert (sgd.learning_rate, sgd.momentum) == (1e-9, 0) and mlcore.SGD(1).momentum == 0
    assert (adam.learning_rate, adam.beta1, adam.beta2, adam.epsilon) == (2, 0, 0, 1e-300)
    usual = mlcore.Adam()
    assert (usual.learning_rate, usual.beta1, usual.beta2, usual.epsilon) == (0.001, 0.9, 0.999, 1e-8)
    assert (repr(sgd), repr(adam)) == ("SGD(1e-09, momentum=0)", "Adam(2)")


def test_what_a_training_is_without_being_told():
    net, X, y, _ = case((4, 5, 3), n=150)
    data = mlcore.Dataset(X, y)
    told = {"optimizer": mlcore.SGD(0.1, 0.0), "batch_size": 64, "epochs": 10, "l2": 0.0, "shuffle": True, "seed": 0}
    usual, other = run(net, data), run(net, data, **told)
    assert all(np.array_equal(a.theta, b.theta) for a, b in zip(usual.layers, other.layers))
