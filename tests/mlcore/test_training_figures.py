"""What a training says of the training set by the same weights as of the held-out set, if it is asked."""

import numpy as np
import pytest

import mlcore
from tests.mlcore.cases import blobs, restless, same


@pytest.mark.parametrize("batch_size", [1, 7, None])
def test_training_figures_of_the_same_weights_as_those_of_the_held_out_set(monkeypatch, batch_size):
    data, net = blobs(n=60, test=30), mlcore.Network((5, 4, 3), hidden="tanh", seed=1, dtype="float64")
    plain, told = net.copy(), {"epochs": 3, "batch_size": batch_size, "l2": 0.01}
    without = list(mlcore.train(plain, data, **told))
    restless(monkeypatch)
    for record in mlcore.train(net, data, **told, evaluate_training=True):
        if record.test_loss is None:
            assert record.train_loss is record.train_accuracy is None
        else:
            assert record.train_loss == pytest.approx(net.cost(data.X_train, data.y_train, 0.01), rel=1e-12)
            assert record.train_accuracy == pytest.approx(np.mean(net.predict(data.X_train) == data.y_train))
    assert same(net, plain), "asking changes no weights"
    assert {(r.train_loss, r.train_accuracy) for r in without} == {(None, None)}
