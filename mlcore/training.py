"""The training loop of both parts: epochs, batches, updates; a generator, so that the caller decides when to stop, pause and draw."""

import contextlib
import functools
import time
from typing import NamedTuple

import numpy as np

from . import backprop, checks
from .optimizers import SGD

BLOCK = 1024
PAUSE = 0.1
DIVERGED = 10


class Progress(NamedTuple):
    """Where a training is. epoch: finished epochs; instances: seen since then; updates: in all.

    loss is J on the training set and accuracy the share read right, both as the updates met it: running means over the epoch. test_loss
    (J on the held-out set) and test_accuracy come before the first update and at each epoch's end, else None.
    """

    epoch: int
    updates: int
    instances: int
    epoch_end: bool
    loss: float
    accuracy: float
    test_loss: float | None = None
    test_accuracy: float | None = None
    diverged: bool = False


def train(net, data, optimizer=None, batch_size=64, epochs=10, l2=0.0, shuffle=True, seed=0):
    """Train net in place on a Dataset → a generator of Progress; optimizer defaults to SGD(0.1).

    Yields before the first update, at every epoch's end, and in between at least every 0.1 s of its own work; yielding changes nothing.
    batch_size=None is the full-batch loop of part one, batch_size=1 with shuffle=False the softmax loop of part two. Epoch k's order
    depends on (seed, k) alone. A loss that is not finite, or at an epoch's end above 10 × max(first loss, ln c), ends the training with
    diverged set and the weights of the last finite epoch. Raises ValueError, at the call, for data that do not fit the network and
    for numbers out of range.
    """
    if not hasattr(data, "X_train"):
        raise ValueError(f"data is of type {type(data).__name__}, expected an mlcore.Dataset")
    if optimizer is not None and (isinstance(optimizer, type) or not hasattr(optimizer, "step")):
        raise ValueError(f"optimizer is {optimizer!r}, expected one like mlcore.SGD(0.1) or mlcore.Adam(0.001)")
    p, c = net.sizes[0], net.sizes[-1]
    if data.X_train.shape[1] != p:
        raise ValueError(f"the data have {data.X_train.shape[1]} features, expected {p} as the network's inputs")
    if data.classes > max(c, 2):
        raise ValueError(f"the data have {data.classes} classes, expected at most {max(c, 2)} for {c} outputs")
    if data.y_train.ndim == 2 and (net.output != "sigmoid" or data.y_train.shape[1] != c):
        n = len(data.X_train)
        raise ValueError(f"y_train has shape {data.y_train.shape}, expected ({n},), or ({n}, {c}) with sigmoid outputs")
    batch_size = None if batch_size is None else checks.whole(batch_size, "batch_size", 1)
    epochs, seed = checks.whole(epochs, "epochs", 0), checks.whole(seed, "seed", 0)
    l2 = checks.number(l2, "l2")
    return _paced(_train(net, data, optimizer or SGD(0.1), batch_size, epochs, l2, shuffle, seed))


def _paced(work):
    """Run the generator with one BLAS thread and without warnings, both undone while the caller has the turn.

    One thread, because at these sizes two only wait for each other, and two trainings share two cores.
    """
    while True:
        with _one_blas_thread(), np.errstate(all="ignore"):
            progress = next(work, None)
        if progress is None:
            return
        yield progress


@functools.cache
def _blas():
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController()


def _one_blas_thread():
    return _blas().limit(limits=1, user_api="blas") if _blas() else contextlib.nullcontext()


class _Sum:
    """Loss and accuracy summed over the instances met so far.

    With y as a 0/1 array an instance is read right when every output is on its side of 1/2, else when the label has the largest output.
    """

    def __init__(self, net, l2, data):
        self.net, self.l2, self.each_output = net, l2, net.sizes[-1] == 1 or data.y_train.ndim == 2
        self.loss, self.right, self.instances = 0.0, 0, 0

    def add(self, run, target, penalty):
        n = len(target)
        self.loss += float(self.net._losses(run.z[-1], target).sum(dtype=np.float64)) + n * penalty
        a = run.a[-1]
        right = ((a >= 0.5) == (target == 1)).all(axis=1) if self.each_output else a.argmax(axis=1) == target.argmax(axis=1)
        self.right += int(right.sum())
        self.instances += n

    @property
    def means(self):
        return self.loss / max(1, self.instances), self.right / max(1, self.instances)


def _train(net, data, optimizer, batch_size, epochs, l2, shuffle, seed):
    clock = _Clock()
    n = len(data.X_train)
    batch = n if batch_size is None else min(batch_size, n)

    seen = _Sum(net, l2, data)
    for _ in _evaluate(net, seen, data.X_train, data.y_train):
        if clock.due():
            yield Progress(0, 0, seen.instances, False, *seen.means)
            clock.restart()
    first, updates = seen.means[0], 0
    test = yield from _test(net, data, l2, clock, lambda: Progress(0, 0, n, False, *seen.means))
    yield Progress(0, 0, 0, False, *seen.means, *test)
    clock.restart()

    limit = DIVERGED * max(first, np.log(max(2, net.sizes[-1])))
    kept = [[layer.theta.copy() for layer in net.layers]]
    for epoch in range(epochs):
        order = np.random.default_rng((seed, epoch + 1)).permutation(n) if shuffle else np.arange(n)
        seen = _Sum(net, l2, data)
        for start in range(0, n, batch):
            picked = order[start : start + batch]
            penalty = net._penalty(l2)
            Delta = None
            for rows in (picked[k : k + BLOCK] for k in range(0, len(picked), BLOCK)):
                x, target = _rows(net, data.X_train, data.y_train, rows)
                run = net._forward(x)
                Delta = _added(Delta, backprop.accumulate(run, backprop.errors(net, run, target)))
                seen.add(run, target, penalty)
                if clock.due():
                    yield Progress(epoch, updates, seen.instances, False, *seen.means)
                    clock.restart()
            if not np.isfinite(seen.loss):
                break
            optimizer.step(net, [backprop.average(layer, total, len(picked), l2) for layer, total in zip(net.layers, Delta)])
            updates += 1

        loss, accuracy = seen.means
        if not (loss <= limit and all(np.isfinite(layer.theta).all() for layer in net.layers)):
            between = Progress(epoch, updates, seen.instances, False, loss, accuracy)
            yield from _back(net, data, l2, limit, kept, clock, between)
            yield Progress(epoch, updates, seen.instances, seen.instances == n, loss, accuracy, diverged=True)
            return
        kept = [[layer.theta.copy() for layer in net.layers], kept[0]]
        between = Progress(epoch, updates, n, False, loss, accuracy)
        test = yield from _test(net, data, l2, clock, lambda between=between: between)
        yield Progress(epoch + 1, updates, 0, True, loss, accuracy, *test)
        clock.restart()


def _back(net, data, l2, limit, kept, clock, between):
    """Give net the newest of the kept weights whose own J is below the limit; yields between when the pause is due.

    An epoch's loss is met before its last update, so that update (in a full batch the only one) may have left weights already broken.
    """
    for thetas in kept:
        for layer, theta in zip(net.layers, thetas):
            layer.theta[...] = theta
        seen = _Sum(net, l2, data)
        for _ in _evaluate(net, seen, data.X_train, data.y_train):
            if clock.due():
                yield between
                clock.restart()
        if seen.means[0] <= limit:
            return


def _added(Delta, block):
    """Δ of the batch so far and of one more block of its rows."""
    return block if Delta is None else [np.add(total, more, out=total) for total, more in zip(Delta, block)]


def _test(net, data, l2, clock, progress):
    """J and accuracy on the held-out set, (None, None) without one; yields progress() when the pause is due."""
    if data.X_test is None:
        return None, None
    seen = _Sum(net, l2, data)
    for _ in _evaluate(net, seen, data.X_test, data.y_test):
        if clock.due():
            yield progress()
            clock.restart()
    return seen.means


def _evaluate(net, seen, X, y):
    penalty = net._penalty(seen.l2)
    for start in range(0, len(X), BLOCK):
        x, target = _rows(net, X, y, slice(start, start + BLOCK))
        seen.add(net._forward(x), target, penalty)
        yield


def _rows(net, X, y, rows):
    x = checks.scaled(X[rows], net.dtype)
    return x, checks.targets(y[rows], len(x), net.sizes[-1], net.output, net.dtype)


class _Clock:
    """Says when 0.1 s of the training's own work has passed; a little early, so that the block under way still fits."""

    def __init__(self):
        self.restart()

    def restart(self):
        self.start = time.perf_counter()

    def due(self):
        return time.perf_counter() - self.start >= PAUSE / 2
