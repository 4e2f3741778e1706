"""train(): what it yields and when, and that yielding, pausing and looking never change what is learned."""

import time

import numpy as np
import pytest

import mlcore
from tests.mlcore.cases import OUTPUTS, blobs, case, restless, same


def trained(net, data, **named):
    """A copy of the network trained to the end, and all records."""
    net = net.copy()
    return net, list(mlcore.train(net, data, **named))


def test_the_first_record_comes_before_the_first_update():
    data, net = blobs(test=20), mlcore.Network((5, 4, 3), seed=1, dtype="float64")
    start = net.copy()
    record = next(mlcore.train(net, data))
    assert same(net, start)
    assert (record.epoch, record.updates, record.epoch_end, record.diverged) == (0, 0, False, False)
    assert record.loss == pytest.approx(net.cost(data.X_train, data.y_train), rel=1e-12)
    assert record.accuracy == pytest.approx(np.mean(net.predict(data.X_train) == data.y_train))


def test_records_at_every_epochs_end():
    data = blobs(n=40, test=20)
    _, records = trained(mlcore.Network((5, 3)), data, epochs=4, batch_size=16)
    ends = [r for r in records if r.epoch_end]
    assert [r.epoch for r in ends] == [1, 2, 3, 4]
    assert [r.updates for r in ends] == [3, 6, 9, 12]
    assert records[-1] is ends[-1]
    assert [r.epoch for r in records] == sorted(r.epoch for r in records)
    assert [r.updates for r in records] == sorted(r.updates for r in records)
    assert not any(r.diverged for r in records)
    assert ends[-1].loss < ends[0].loss
    assert all(isinstance(r.loss, float) and 0 <= r.accuracy <= 1 for r in records)


def test_no_epochs_is_the_first_record_alone():
    net = mlcore.Network((5, 3))
    after, records = trained(net, blobs(), epochs=0)
    assert len(records) == 1
    assert same(net, after)


def test_it_trains_in_place_and_only_while_asked():
    net, data = mlcore.Network((5, 4, 3), seed=1), blobs()
    layers, start = list(net.layers), net.copy()
    steps = mlcore.train(net, data, epochs=2)
    assert same(net, start)
    next(steps)
    assert same(net, start)
    next(steps)
    assert not same(net, start)
    assert all(a is b for a, b in zip(net.layers, layers))


def test_the_loss_is_the_running_mean_of_what_the_updates_met():
    data, net, l2 = blobs(n=25), mlcore.Network((5, 4, 3), hidden="tanh", seed=1, dtype="float64"), 0.05
    _, records = trained(net, data, batch_size=10, epochs=1, l2=l2, shuffle=False)
    walker, met, right = net.copy(), [], []
    for rows in (slice(0, 10), slice(10, 20), slice(20, 25)):
        X, y = data.X_train[rows], data.y_train[rows]
        met += [walker.cost(X, y, l2)] * len(y)
        right += list(walker.predict(X) == y)
        for layer, D in zip(walker.layers, walker.gradients(X, y, l2).D):
            layer.theta = layer.theta - 0.1 * D
    assert records[0].loss == pytest.approx(net.cost(data.X_train, data.y_train, l2), rel=1e-12)
    assert records[-1].loss == pytest.approx(np.mean(met), rel=1e-12)
    assert records[-1].accuracy == pytest.approx(np.mean(right))


def test_test_figures_once_an_epoch():
    data, net = blobs(n=60, test=30), mlcore.Network((5, 4, 3), hidden="tanh", seed=1, dtype="float64")
    for record in mlcore.train(net, data, epochs=3, batch_size=7, l2=0.01):
        if record.epoch_end:
            assert record.test_loss == pytest.approx(net.cost(data.X_test, data.y_test, 0.01), rel=1e-12)
            assert record.test_accuracy == pytest.approx(np.mean(net.predict(data.X_test) == data.y_test))
        elif record.updates:
            assert record.test_loss is record.test_accuracy is None


def test_no_test_figures_without_a_test_set():
    _, records = trained(mlcore.Network((5, 3)), blobs(), epochs=2)
    assert {(r.test_loss, r.test_accuracy) for r in records} == {(None, None)}


@pytest.mark.parametrize("batch_size", [1, 16, None])
@pytest.mark.parametrize("optimizer", [lambda: mlcore.SGD(0.01, momentum=0.9), lambda: mlcore.Adam(0.01)])
def test_yielding_never_changes_the_weights(monkeypatch, optimizer, batch_size):
    data, net = blobs(n=3000 if batch_size is None else 100, test=30), mlcore.Network((5, 4, 3), seed=1)
    told = {"batch_size": batch_size, "epochs": 3, "l2": 0.01}
    straight, records = trained(net, data, optimizer=optimizer(), **told)
    with monkeypatch.context() as patch:
        restless(patch)
        often, more = trained(net, data, optimizer=optimizer(), **told)
    assert len(more) > len(records)
    assert same(straight, often)
    assert [r for r in more if r.epoch_end] == [r for r in records if r.epoch_end]
    seen = [r.instances for r in more if r.epoch == 1 and r.test_loss is None]
    assert seen == sorted(seen)
    assert 0 < seen[0] <= seen[-1] <= len(data.X_train)


def test_weights_stand_still_within_a_full_batch(monkeypatch):
    data, net = blobs(n=5000), mlcore.Network((5, 4, 3), seed=1)
    restless(monkeypatch)
    at_updates, records = {}, 0
    for record in mlcore.train(net, data, batch_size=None, epochs=3):
        theta = [layer.theta.copy() for layer in net.layers]
        before = at_updates.setdefault(record.updates, theta)
        assert all(np.array_equal(a, b) for a, b in zip(before, theta))
        records += 1
    assert sorted(at_updates) == [0, 1, 2, 3]
    assert records > 3 + 1 + 3 * 2


@pytest.mark.parametrize("batch_size", [64, None])
def test_it_yields_at_least_every_tenth_of_a_second_of_its_work(batch_size):
    rng = np.random.default_rng(0)
    data = mlcore.Dataset(rng.integers(0, 256, (6000, 784)).astype("uint8"), rng.integers(0, 10, 6000))
    net, gaps, total = mlcore.Network((784, 400, 10)), [], 0.0
    steps = mlcore.train(net, data, batch_size=batch_size, epochs=2)
    while total < 1.0:
        start = time.thread_time()
        if next(steps, None) is None:
            break
        gaps.append(time.thread_time() - start)
        total += gaps[-1]
    assert np.median(gaps) <= 0.1
    assert max(gaps) <= 0.15


@pytest.mark.parametrize("sizes, most", [((784, 512, 256, 10), 1024), ((784, 2000, 2000, 10), 128), ((4000, 4000, 2), 64)])
def test_a_large_network_takes_its_full_batch_in_smaller_blocks(monkeypatch, sizes, most):
    restless(monkeypatch)
    n = 1100 if most == 1024 else 200
    data = mlcore.Dataset(np.zeros((n, sizes[0]), np.uint8), np.zeros(n, int), classes=sizes[-1])
    seen, blocks = 0, []
    for record in mlcore.train(mlcore.Network(sizes, init="zeros"), data, batch_size=None, epochs=1):
        blocks.append(record.instances - seen)
        seen = record.instances
    assert max(blocks) <= most
    assert most < 1024 or blocks.count(1024) == 2  # before the first update, and in the epoch


@pytest.mark.parametrize("optimizer", [lambda: mlcore.SGD(0.1), lambda: mlcore.SGD(0.1, momentum=0.9), lambda: mlcore.Adam(0.01)])
def test_paused_and_resumed_equals_unbroken(optimizer):
    data, net = blobs(), mlcore.Network((5, 4, 3), seed=1)
    unbroken, _ = trained(net, data, optimizer=optimizer(), batch_size=7, epochs=4)
    paused = net.copy()
    steps = mlcore.train(paused, data, optimizer=optimizer(), batch_size=7, epochs=4)
    for _ in steps:
        # While it is paused other things happen: another training, random numbers, a look at the network.
        trained(net, data, epochs=1)
        np.random.default_rng(0).normal(size=5)
        paused.predict(data.X_train)
        paused.gradients(data.X_train, data.y_train)
    assert same(paused, unbroken)


def test_optimizer_memory_goes_on_in_the_next_training():
    data, net = blobs(), mlcore.Network((5, 4, 3), seed=1)
    for make in (lambda: mlcore.SGD(0.1, momentum=0.9), lambda: mlcore.Adam(0.01)):
        at_once, _ = trained(net, data, optimizer=make(), epochs=2, shuffle=False)
        optimizer = make()
        half, _ = trained(net, data, optimizer=optimizer, epochs=1, shuffle=False)
        both, _ = trained(half, data, optimizer=optimizer, epochs=1, shuffle=False)
        assert same(both, at_once)
        forgetful, _ = trained(half, data, optimizer=make(), epochs=1, shuffle=False)
        assert not same(forgetful, at_once)


def orders(n, epochs, **named):
    """The order in which each epoch took the instances, read off the weights alone.

    With X the identity, one class in all labels and batches of one, instance i moves column i of W once an epoch, by
    −α σ(−d), d = W₀ᵢ − W₁ᵢ + b₀ − b₁ at its turn; b₀ − b₁ grows with every update, so it says whose turn was earlier.
    """
    net = mlcore.Network((n, 2), init="zeros", dtype="float64")
    data, found, W = mlcore.Dataset(np.eye(n), np.zeros(n, int), classes=2), [], np.zeros((2, n))
    for record in mlcore.train(net, data, optimizer=mlcore.SGD(0.5), batch_size=1, epochs=epochs, **named):
        if record.epoch_end:
            moved = (net.layers[0].W - W)[0] / 0.5
            assert (moved > 0).all(), "an instance was left out"
            found.append(np.argsort(np.log(1 / moved - 1) - (W[0] - W[1])).tolist())
            W = net.layers[0].W.copy()
    return found


def test_the_order_of_an_epoch_depends_on_the_seed_and_its_number_alone():
    three = orders(25, 3, seed=7)
    assert all(sorted(order) == list(range(25)) for order in three)
    assert three[0] != three[1] != three[2] != three[0]
    assert orders(25, 1, seed=7) == three[:1]
    assert orders(25, 3, seed=8)[0] not in three
    assert orders(25, 2, shuffle=False) == [list(range(25))] * 2
    assert orders(25, 1) == orders(25, 1, seed=0)


def test_same_seed_same_network_to_the_bit():
    data, net = blobs(), mlcore.Network((5, 4, 3), seed=1)
    one, other = (trained(net, data, epochs=3, seed=5)[0] for _ in range(2))
    assert same(one, other)
    assert not same(one, trained(net, data, epochs=3, seed=6)[0])


def test_the_data_are_left_alone():
    data = blobs(test=10)
    before = [array.copy() for array in (data.X_train, data.y_train, data.X_test, data.y_test)]
    trained(mlcore.Network((5, 3)), data, epochs=2)
    assert all(np.array_equal(a, b) for a, b in zip(before, (data.X_train, data.y_train, data.X_test, data.y_test)))


@pytest.mark.parametrize("output", ["one sigmoid", "sigmoids, labels", "sigmoids, 0/1"])
def test_other_outputs_train_too(output):
    net, X, y, _ = case((4, 6, 3), output=output, n=30)
    _, records = trained(net, mlcore.Dataset(X, y), optimizer=mlcore.SGD(0.5), batch_size=None, epochs=50)
    assert records[-1].loss < records[0].loss
    assert records[0].loss == pytest.approx(net.cost(X, y), rel=1e-12)


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_accuracy_is_the_share_of_instances_read_right(output, dtype):
    """With a 0/1 array an instance is right when every output is; with one sigmoid from 1/2 on it says 1."""
    net, X, y, _ = case((4, 6, 3), output=output, n=40, dtype=dtype, scale=2.0)
    data = mlcore.Dataset(X[:25], y[:25], X[25:], y[25:], classes=max(2, net.sizes[-1]))
    first = next(mlcore.train(net, data))
    a = net.predict_proba(X)
    right = ((a >= 0.5) == y.reshape(40, -1)).all(axis=1) if output in ("one sigmoid", "sigmoids, 0/1") else a.argmax(axis=1) == y
    assert 0 < right[:25].sum() < 25 and 0 < right[25:].sum() < 15
    assert (first.accuracy, first.test_accuracy) == (right[:25].mean(), right[25:].mean())
    assert first.test_loss == pytest.approx(net.cost(X[25:], y[25:]), rel=1e-6)


def test_outputs_that_saturate_alike_are_read_as_the_first_of_them():
    """Sigmoids of 40 and 50 are both 1 in float64: the answer is class 0, though class 1 has the larger logit."""
    net = mlcore.Network((1, 3), output="sigmoid", dtype="float64", init="zeros")
    net.layers[0].b = [40.0, 50.0, 0.0]
    assert [next(mlcore.train(net, mlcore.Dataset(np.zeros((2, 1)), [k, k], classes=3))).accuracy for k in range(3)] == [1, 0, 0]
    one = mlcore.Network((1, 1), output="sigmoid", dtype="float64", init="zeros")
    assert [next(mlcore.train(one, mlcore.Dataset(np.zeros((2, 1)), [k, k]))).accuracy for k in range(2)] == [0, 1]


@pytest.mark.parametrize("named, words", [
    ({"batch_size": 0}, "0"), ({"batch_size": -4}, "-4"), ({"batch_size": 2.5}, "2.5"), ({"batch_size": "all"}, "all"),
    ({"epochs": -1}, "-1"), ({"epochs": 1.5}, "1.5"), ({"epochs": None}, "None"), ({"l2": -0.1}, "-0.1"), ({"l2": np.nan}, "nan"),
    ({"seed": -1}, "-1"), ({"seed": 0.5}, "0.5"), ({"optimizer": "adam"}, "adam"), ({"optimizer": mlcore.SGD}, "SGD"),
    ({"data": mlcore.Dataset(np.ones((4, 6)), [0, 1, 2, 0])}, ["6", "5"]),
    ({"data": mlcore.Dataset(np.ones((4, 5)), [0, 1, 2, 3])}, ["4", "3"]),
    ({"data": mlcore.Dataset(np.ones((4, 5)), [0, 1, 2, 0], classes=10)}, ["10", "3"]),
    ({"data": (np.ones((4, 5)), [0, 1, 2, 0])}, ["Dataset"]),
])
def test_senseless_arguments_are_refused_before_anything_changes(named, words):
    net = mlcore.Network((5, 3), seed=1)
    start = net.copy()
    with pytest.raises(ValueError) as refusal:
        next(mlcore.train(net, **{"data": blobs(), **named}))
    assert all(word in str(refusal.value) for word in ([words] if isinstance(words, str) else words)), refusal.value
    assert same(net, start)
