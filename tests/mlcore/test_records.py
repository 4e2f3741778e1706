"""What each record of a training says of where it stands."""

import numpy as np
import pytest

import mlcore
from tests.mlcore.cases import blobs, restless, same
from tests.mlcore.test_training import trained


def test_each_record_says_how_far_it_is(monkeypatch):
    """Ten instances in batches of 4, 4 and 2, and a clock by which it yields at every chance: also while it evaluates."""
    data, net = blobs(n=10, test=5), mlcore.Network((5, 3), seed=1, dtype="float64")
    restless(monkeypatch)
    _, records = trained(net, data, batch_size=4, epochs=2)
    epochs = [
        [(k, u + 1, 4, False), (k, u + 2, 8, False), (k, u + 3, 10, False), (k, u + 3, 10, False), (k + 1, u + 3, 0, True)]
        for k, u in ((0, 0), (1, 3))
    ]
    start = [(0, 0, 10, False), (0, 0, 10, False), (0, 0, 0, False)]
    assert [(r.epoch, r.updates, r.instances, r.epoch_end) for r in records] == [*start, *epochs[0], *epochs[1]]
    told = [r.instances == 0 for r in records]
    assert [r.test_loss is not None for r in records] == told == [r.test_accuracy is not None for r in records]
    assert not any(r.diverged for r in records)
    for first, second, third, again, end in (records[3:8], records[8:]):
        assert again == third and (end.loss, end.accuracy) == (third.loss, third.accuracy)
        assert all(r.accuracy * r.instances == pytest.approx(round(r.accuracy * r.instances)) for r in (first, second, third))


class Breaks(mlcore.SGD):
    """Its step leaves weights that are not finite."""

    def step(self, net, D):
        net.layers[0].theta[...] = np.nan


@pytest.mark.parametrize("often, end", [(True, (2, 8, False)), (False, (3, 10, True))])
def test_a_record_of_divergence_says_whether_the_epoch_was_finished(monkeypatch, often, end):
    """Where it looks in between it finds the loss not finite and does not go on."""
    data, net, optimizer = blobs(n=10), mlcore.Network((5, 3), seed=1), Breaks(0.1)
    start = net.copy()
    if often:
        restless(monkeypatch)
    *_, last = mlcore.train(net, data, optimizer=optimizer, batch_size=4, epochs=3)
    assert (last.diverged, last.epoch, last.updates, last.instances, last.epoch_end) == (True, 0, *end)
    assert np.isnan(last.loss) and same(net, start)
