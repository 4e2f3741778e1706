"""What the engine says of rounding: carried or one by one, the loop has the same numbers, until the training itself makes much of a bit."""

import numpy as np
import pytest

import mlcore
from mlcore.engine import Batch, targets

EPOCHS = 4


def digits(n=1000):
    data = mlcore.datasets.load("digits")
    return data.X_train[:n] / 255, data.y_train[:n]


def carried(net, alpha):
    X, y = digits()
    for _ in mlcore.train(net, mlcore.Dataset(X, y), mlcore.SGD(alpha), batch_size=1, epochs=EPOCHS, shuffle=False):
        pass
    return net


def one_by_one(net, alpha):
    X, y = digits()
    one, z = Batch(net, X, 1), np.empty((10, 1))
    for _ in range(EPOCHS):
        for i in range(len(X)):
            one.forward(np.array([i]), z)
            for layer, D in zip(net.layers, one.backward(z, targets(net, y[i : i + 1]), alpha)):
                layer.theta[...] -= D
    return net


def by_a_bit(net):
    for layer in net.layers:
        layer.theta[...] = np.nextafter(layer.theta, np.inf)
    return net


def apart(net, other):
    return max(np.abs(a.theta - b.theta).max() for a, b in zip(net.layers, other.layers))


@pytest.mark.parametrize(("hidden", "alpha", "grows"), [("sigmoid", 0.1, False), ("tanh", 1.0, True)])
def test_rounding_stays_small_or_grows_to_1_as_a_bit_of_theta_does(hidden, alpha, grows):
    net = mlcore.Network((784, 16, 10), hidden, seed=0, dtype="float64")
    literal = one_by_one(net.copy(), alpha)
    for other in (carried(net.copy(), alpha), one_by_one(by_a_bit(net.copy()), alpha)):
        assert (apart(other, literal) > 1) if grows else (apart(other, literal) < 1e-12)
