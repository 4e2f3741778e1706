"""A training that explodes says so, stays silent otherwise, and gives back the weights of the last finite epoch."""

import warnings

import numpy as np
import pytest

import mlcore
from tests.mlcore.cases import blobs, restless, same


def absurd(data, net, **named):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return list(mlcore.train(net, data, **named))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", ["relu", "identity", "tanh"])
@pytest.mark.parametrize("batch_size", [4, None])
@pytest.mark.parametrize("optimizer", [lambda: mlcore.SGD(1e30), lambda: mlcore.SGD(1e6, momentum=0.9)])
def test_a_run_that_explodes_says_so_and_gives_the_weights_back(dtype, hidden, optimizer, batch_size):
    net, data = mlcore.Network((5, 8, 8, 3), hidden=hidden, dtype=dtype, seed=1), blobs(test=10)
    start = net.copy()
    records = absurd(data, net, optimizer=optimizer(), batch_size=batch_size, epochs=50)
    assert [r.diverged for r in records] == [False] * (len(records) - 1) + [True]
    assert records[-1].epoch == (0 if batch_size else 1)
    assert same(net, start)


@pytest.mark.parametrize("batch_size", [7, None])
def test_the_weights_go_back_to_the_last_finite_epoch(batch_size):
    net, data, optimizer = mlcore.Network((5, 8, 3), seed=1), blobs(test=10), mlcore.SGD(0.05)
    for record in mlcore.train(net, data, optimizer=optimizer, batch_size=batch_size, epochs=9):
        if record.epoch_end and record.epoch == 3 and not record.diverged:
            kept, optimizer.learning_rate = net.copy(), 1e25
    assert record.diverged
    # With one update an epoch the fourth epoch's loss is met before the update that breaks it.
    assert record.epoch == (3 if batch_size else 4)
    assert same(net, kept)
    assert np.isfinite(net.cost(data.X_train, data.y_train))


def test_a_finite_loss_far_above_the_first_is_divergence_too():
    net, data = mlcore.Network((5, 3), init="zeros"), blobs()
    records = absurd(data, net, optimizer=mlcore.SGD(1e4), batch_size=1, epochs=5)
    assert records[-1].diverged
    assert 10 * np.log(3) < records[-1].loss < np.inf
    assert not net.layers[0].theta.any()


def test_weights_broken_by_the_last_update_of_an_epoch_are_noticed():
    class Breaks(mlcore.SGD):
        def step(self, net, D):
            net.layers[0].theta[...] = np.inf

    net = mlcore.Network((5, 3), seed=1)
    start = net.copy()
    records = absurd(blobs(), net, optimizer=Breaks(0.1), batch_size=None, epochs=3)
    assert records[-1].diverged
    assert same(net, start)


def test_a_run_that_only_wanders_goes_on():
    net = mlcore.Network((5, 3), init="zeros")
    records = absurd(blobs(), net, optimizer=mlcore.SGD(2.0), epochs=5)
    assert not records[-1].diverged
    assert records[-1].epoch == 5


def test_yielding_on_the_way_back_changes_nothing(monkeypatch):
    net, data = mlcore.Network((5, 8, 3), seed=1), blobs(n=3000)
    start = net.copy()
    restless(monkeypatch)
    records = absurd(data, net, optimizer=mlcore.SGD(1e30), batch_size=None, epochs=3)
    assert [r.diverged for r in records] == [False] * (len(records) - 1) + [True]
    assert records[-1].updates == 1
    assert same(net, start)


@pytest.mark.parametrize("make", [lambda rate: mlcore.SGD(rate, momentum=0.9), mlcore.Adam])
def test_network_and_optimizer_go_on_after_an_explosion(make):
    net, data, optimizer = mlcore.Network((5, 8, 3), seed=1), blobs(), make(1e30)
    start = net.copy()
    assert absurd(data, net, optimizer=optimizer)[-1].diverged
    optimizer.learning_rate = 0.1
    records = absurd(data, net, optimizer=optimizer)
    assert not records[-1].diverged
    assert records[-1].loss < records[0].loss
    fresh = start.copy()
    absurd(data, fresh, optimizer=make(0.1))
    assert same(net, fresh)


@pytest.mark.parametrize("first, second, diverged", [(0, 6.8, False), (0, 7.1, True), (3, 29.8, False), (3, 30.8, True)])
def test_the_limit_is_ten_times_the_first_loss_or_ln_c(first, second, diverged):
    """b = (0, t) and label 0 cost ln(1 + eᵗ): ln 2 for t = 0, 3.049 for t = 3. So the limits are 10 ln 2 = 6.93 and 30.49."""
    class Sets(mlcore.SGD):
        def step(self, net, D):
            net.layers[0].b = [0, second]

    net = mlcore.Network((1, 2), init="zeros", dtype="float64")
    net.layers[0].b = [0, first]
    records = absurd(mlcore.Dataset(np.zeros((4, 1)), [0, 0, 0, 0], classes=2), net, optimizer=Sets(0.1), batch_size=None, epochs=2)
    assert records[-1].diverged == diverged
    assert net.layers[0].b.tolist() == [0, first if diverged else second]
