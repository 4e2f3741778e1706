"""What the section Cost says of scikit-learn, tried out there."""

import re

import numpy as np
import pytest

import mlcore
from tests.mlcore import reference
from ui.theta import cost
from ui.theta.scenes import Scene

UPDATES = 100


def scene(hidden):
    data = mlcore.datasets.load("xor", n=500, noise=0.3)
    net = mlcore.Network((2, 4, 3, 1), hidden, "sigmoid", 1, "float64")
    return Scene(net, data.X_train, data.y_train, 0.5, 0.01, UPDATES, True)


def distance(found, call):
    """How far Θ is after the scene's epochs from that of the MLPClassifier written in `call`, started from the same Θ."""
    network = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed: pip install backprop-lab[sklearn]")
    other = eval(call, {"MLPClassifier": network.MLPClassifier})
    other.partial_fit(found.X, found.y, classes=[0, 1])
    for l, layer in enumerate(found.net.layers):
        other.coefs_[l][...], other.intercepts_[l][...] = layer.W.T, layer.b
    del other._optimizer  # it is made again, empty, at the next step
    net = found.net.copy()
    for _ in mlcore.train(net, mlcore.Dataset(found.X, found.y), mlcore.SGD(found.rate), None, UPDATES, found.l2):
        pass
    for _ in range(UPDATES):
        other.partial_fit(found.X, found.y)
    theirs = [np.column_stack([b, W.T]) for W, b in zip(other.coefs_, other.intercepts_)]
    return max(reference.distance(layer.theta, theta) for layer, theta in zip(net.layers, theirs))


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "identity"])
def test_the_classifier_named_takes_the_same_updates(hidden):
    found = scene(hidden)
    assert distance(found, cost.sklearn_call(found, found.l2)) <= 1e-9


@pytest.mark.parametrize("setting", ["solver='sgd'", "momentum=0", "batch_size=400", "alpha=4", "learning_rate_init=0.5"])
def test_every_one_of_its_settings_is_needed(setting):
    found = scene("tanh")
    call = cost.sklearn_call(found, found.l2)
    assert f", {setting}" in call
    assert distance(found, call.replace(f", {setting}", "")) > 0.01


def test_the_hidden_layers_and_the_learning_rate_are_the_scenes():
    call = cost.sklearn_call(scene("relu"), 0.01)
    assert re.fullmatch(r"MLPClassifier\(\(4, 3\), activation='relu', .*learning_rate_init=0.5\)", call)
