"""The training loop of both parts: epochs, batches, updates; a generator, so that the caller decides when to stop, pause and draw."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import activations, validate
from .engine import Batch, Instances, targets
from .optimizers import SGD
from .threads import OneThread

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from .datasets import Dataset
    from .network import Network
    from .optimizers import Optimizer

BLOCK, FEWEST = 1024, 64  # instances that go through the network at once: at most, and at least where it is large
PRODUCTS = 55 * 10**7  # weights × instances of such a block, a few hundredths of a second of work
CARRIED = {1: 64, 2: 32, 3: 16}  # layers: instances whose updates are carried before Θ takes them; deeper networks settle more slowly
PAUSE = 0.1
DIVERGED = 10


class Progress(NamedTuple):
    """Where a training is. epoch: finished epochs; instances: seen since then; updates: in all.

    loss is J on the training set and accuracy the share read right, both as the updates met it: running means over the epoch. test_loss
    (J on the held-out set) and test_accuracy come before the first update and at each epoch's end, else None; so do, if train was asked
    for them, train_loss and train_accuracy, those of the training set by the same weights.
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
    train_loss: float | None = None
    train_accuracy: float | None = None


def train(
    net: Network, data: Dataset, optimizer: Optimizer | None = None, batch_size: int | None = 64, epochs: int = 10, l2: float = 0.0,
    shuffle: bool = True, seed: int = 0, evaluate_training: bool = False,
) -> Iterator[Progress]:  # fmt: skip
    """Train net in place on a Dataset → a generator of Progress; optimizer defaults to SGD(0.1).

    Yields before the first update, at every epoch's end, and in between at least every 0.1 s of its own work; yielding changes nothing.
    batch_size=None is the full-batch loop of part one, batch_size=1 with shuffle=False the softmax loop of part two. Epoch k's order
    depends on (seed, k) alone. A loss that is not finite, or at an epoch's end above 10 × max(first loss, ln c), ends the training with
    diverged set, the weights of the last finite epoch and an optimizer that has forgotten. evaluate_training: at each epoch's end the
    training set goes through the network once more, for figures to compare with those of the held-out set; that takes a quarter of an epoch
    more. Raises ValueError, at the call, for data that do not fit the network and for numbers out of range.
    """
    if not hasattr(data, "X_train"):
        raise ValueError(f"data is of type {validate.short(type(data).__name__)}, expected an mlcore.Dataset")
    if optimizer is not None and (isinstance(optimizer, type) or not hasattr(optimizer, "step")):
        raise ValueError(f"optimizer is {validate.shown(optimizer)}, expected one like mlcore.SGD(0.1) or mlcore.Adam(0.001)")
    if net.frozen:
        raise ValueError("the network is frozen and training would write into it; train a copy, net.copy()")
    p, c = net.sizes[0], net.sizes[-1]
    if data.X_train.shape[1] != p:
        raise ValueError(f"the data have {data.X_train.shape[1]} features, expected {p} as the network's inputs")
    if data.classes > max(c, 2):
        raise ValueError(f"the data have {data.classes} classes, expected at most {max(c, 2)} for {c} outputs")
    if data.y_train.ndim == 2 and (net.output != "sigmoid" or data.y_train.shape[1] != c):
        n = len(data.X_train)
        raise ValueError(f"y_train has shape {data.y_train.shape}, expected ({n},), or ({n}, {c}) with sigmoid outputs")
    for part, X in (("X_train", data.X_train), ("X_test", data.X_test)):
        if X is not None and X.dtype.kind == "f" and max(X.max(), -X.min()) > np.finfo(net.dtype).max:
            raise ValueError(f"{part} has entries too large for {net.dtype}; scale it, or take a network with dtype='float64'")
    batch_size = None if batch_size is None else validate.whole(batch_size, "batch_size", 1)
    epochs, seed = validate.whole(epochs, "epochs", 0), validate.whole(seed, "seed", 0)
    l2 = validate.number(l2, "l2")
    return _paced(_train(net, data, optimizer or SGD(0.1), batch_size, epochs, l2, shuffle, seed, evaluate_training))


def _paced(work: Iterator[Progress]) -> Iterator[Progress]:
    """Run the generator with one BLAS thread and without warnings, both undone while the caller has the turn.

    One thread, because at these sizes two only wait for each other, and two trainings share two cores.
    """
    while True:
        with OneThread(), np.errstate(all="ignore"):
            progress = next(work, None)
        if progress is None:
            return
        yield progress


class Seen:
    """Loss and accuracy of the instances that net has met so far, the λ part with them; y holds the labels of all that it may meet.

    Both are told from the logits, of many batches at a time: for one of 64 alone it would take as long as its softmax. With y as a 0/1
    array an instance is read right when every output is on its side of 1/2, else when the label has the largest output.
    """

    def __init__(self, net: Network, l2: float, y: np.ndarray) -> None:
        self.net, self.l2, self.y = net, l2, y
        self.each_output = net.sizes[-1] == 1 or y.ndim == 2
        self.logits: list[np.ndarray] = []
        self.rows: list[np.ndarray] = []
        self.loss, self.right, self.instances, self.waiting = 0.0, 0, 0, 0

    def place(self, rows: np.ndarray) -> np.ndarray:
        """An array (c, n) to write the logits of these instances into, as the weights of this moment find them."""
        if self.waiting >= 2 * BLOCK:
            self.loss, self.right = self._counted()
            self.logits, self.rows, self.waiting = [], [], 0
        self.logits.append(np.empty((self.net.sizes[-1], len(rows)), self.net.dtype))
        self.rows.append(rows)
        self.waiting += len(rows)
        self.instances += len(rows)
        self.loss += len(rows) * self.net.penalty(self.l2)
        return self.logits[-1]

    def _counted(self) -> tuple[float, int]:
        if not self.waiting:
            return self.loss, self.right
        z, y = np.concatenate(self.logits, axis=1).T, self.y[np.concatenate(self.rows)]
        target = targets(self.net, y).T
        loss = float(self.net.output_losses(z, target).sum(dtype=np.float64))
        # Softmax keeps the order of its logits; sigmoids that saturate at the same 1 do not, and the first of them is the answer.
        a = z if self.net.output == "softmax" else activations.OUTPUT[self.net.output](z)
        right = ((a >= 0.5) == target).all(axis=1) if self.each_output else a.argmax(axis=1) == y
        return self.loss + loss, self.right + int(right.sum())

    @property
    def means(self) -> tuple[float, float]:
        """Mean loss and the share read right, of those met so far."""
        loss, right = self._counted()
        return loss / max(1, self.instances), right / max(1, self.instances)


def _train(
    net: Network, data: Dataset, optimizer: Any, batch_size: int | None, epochs: int, l2: float, shuffle: bool, seed: int,
    evaluate_training: bool,
) -> Iterator[Progress]:
    clock = _Clock()
    n = len(data.X_train)
    batch = n if batch_size is None else min(batch_size, n)

    def before(seen: Seen) -> Progress:
        return Progress(0, 0, seen.instances, False, *seen.means)

    seen = yield from _evaluated(net, data.X_train, data.y_train, l2, clock, before)
    first, updates = seen.means[0], 0
    test = yield from _figures(net, data.X_test, data.y_test, l2, clock, before(seen))
    yield Progress(0, 0, 0, False, *seen.means, *test, False, *(seen.means if evaluate_training else ()))
    clock.restart()

    limit = DIVERGED * max(first, np.log(max(2, net.sizes[-1])))
    kept = [[layer.theta.copy() for layer in net.layers]]
    for epoch in range(epochs):
        order = np.random.default_rng((seed, epoch + 1)).permutation(n) if shuffle else np.arange(n)
        seen = Seen(net, l2, data.y_train)
        for made in epoch_updates(net, data, optimizer, batch, l2, order, seen):
            updates += made
            if clock.due():
                between = Progress(epoch, updates, seen.instances, False, *seen.means)
                yield between
                clock.restart()
                if not np.isfinite(between.loss):
                    break

        loss, accuracy = seen.means
        between = Progress(epoch, updates, seen.instances, False, loss, accuracy)
        if not (loss <= limit and all(np.isfinite(layer.theta).all() for layer in net.layers)):
            if hasattr(optimizer, "forget"):
                optimizer.forget()
            yield from _back(net, data, l2, limit, kept, clock, between)
            yield between._replace(epoch_end=seen.instances == n, diverged=True)
            return
        kept = [[layer.theta.copy() for layer in net.layers], kept[0]]
        test = yield from _figures(net, data.X_test, data.y_test, l2, clock, between)
        own = (yield from _figures(net, data.X_train, data.y_train, l2, clock, between)) if evaluate_training else ()
        yield Progress(epoch + 1, updates, 0, True, loss, accuracy, *test, False, *own)
        clock.restart()


def _block(net: Network) -> int:
    """How many instances go through net at once: few enough to say in time how far it is, enough to be quick."""
    return min(BLOCK, max(FEWEST, PRODUCTS // sum(layer.theta.size for layer in net.layers)))


def _plain(optimizer: Any) -> bool:
    """Whether its step is the lecture's Θ ← Θ − αD and nothing else."""
    return type(optimizer) is SGD and not optimizer.momentum


def epoch_updates(net: Network, data: Dataset, optimizer: Any, batch: int, l2: float, order: np.ndarray, seen: Seen) -> Iterator[int]:
    """Make the updates of one epoch, in place: instances of data in this order, `batch` of them an update, noted in `seen`.

    Yields how many updates it made since the last time, 0 within a large batch. The caller sees to one BLAS thread and to warnings.
    """
    if batch == 1 and _plain(optimizer) and not l2:
        carrying, size = functools.cache(lambda n: Instances(net, data.X_train, n)), CARRIED[min(len(net.layers), 3)]
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            carrying(len(rows)).descend(rows, seen.place(rows), targets(net, data.y_train[rows]), optimizer.learning_rate)
            yield len(rows)
        return

    engine, block = functools.cache(lambda n: Batch(net, data.X_train, n)), _block(net)
    for start in range(0, len(order), batch):
        picked = order[start : start + batch]
        # With α in it what comes back is the update itself; momentum and Adam take α on their own.
        rate = optimizer.learning_rate if _plain(optimizer) else 1.0
        Delta: Any = None
        for k in range(0, len(picked), block):
            if k:
                yield 0
            rows = picked[k : k + block]
            z = seen.place(rows)
            engine(len(rows)).forward(rows, z)
            more = engine(len(rows)).backward(z, targets(net, data.y_train[rows]), rate / len(picked))
            Delta = _sum(Delta, more) if len(picked) > block else more
        if l2:
            for layer, D in zip(net.layers, Delta):
                D[:, 1:] += rate * l2 * layer.W
        if _plain(optimizer):
            for layer, D in zip(net.layers, Delta):
                np.subtract(layer.theta, D, out=layer.theta)
        else:
            optimizer.step(net, Delta)
        yield 1


def _sum(Delta: list[np.ndarray] | None, more: list[np.ndarray]) -> list[np.ndarray]:
    """Δ of the blocks so far and of one more, whose own buffers the next block will use again."""
    return [d.copy() for d in more] if Delta is None else [np.add(total, d, out=total) for total, d in zip(Delta, more)]


def _back(
    net: Network, data: Dataset, l2: float, limit: float, kept: list[list[np.ndarray]], clock: _Clock, between: Progress
) -> Iterator[Progress]:
    """Give net the newest of the kept weights whose own J is below the limit; yields between when the pause is due.

    An epoch's loss is met before its last update, so that update (in a full batch the only one) may have left weights already broken.
    """
    for thetas in kept:
        for layer, theta in zip(net.layers, thetas):
            layer.theta[...] = theta
        seen = yield from _evaluated(net, data.X_train, data.y_train, l2, clock, lambda _: between)
        if seen.means[0] <= limit:
            return


def _figures(
    net: Network, X: np.ndarray | None, y: np.ndarray | None, l2: float, clock: _Clock, between: Progress
) -> Generator[Progress, None, tuple[float | None, float | None]]:
    """J and accuracy on X and y, (None, None) without them; yields between when the pause is due."""
    if X is None or y is None:
        return None, None
    return (yield from _evaluated(net, X, y, l2, clock, lambda _: between)).means


def _evaluated(
    net: Network, X: np.ndarray, y: np.ndarray, l2: float, clock: _Clock, progress: Callable[[Seen], Progress]
) -> Generator[Progress, None, Seen]:
    """What the network makes of all of X → Seen; yields progress(seen) when the pause is due."""
    seen, engine, block = Seen(net, l2, y), functools.cache(lambda n: Batch(net, X, n)), _block(net)
    for start in range(0, len(X), block):
        rows = np.arange(start, min(start + block, len(X)))
        engine(len(rows)).forward(rows, seen.place(rows))
        if clock.due():
            yield progress(seen)
            clock.restart()
    return seen


class _Clock:
    """Says when 0.1 s of the training's own work has passed; a little early, so that the block under way still fits."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.start = time.perf_counter()

    def due(self) -> bool:
        return time.perf_counter() - self.start >= PAUSE / 2
