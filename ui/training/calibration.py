"""How fast this machine trains: `python -m ui.training.calibration` prints it, after two seconds of computing, or ends with its input.

A training's time an instance is a sum of parts: of each update, a share for each layer and one for each parameter, which depend on the
optimizer; of each instance, a share for each parameter and each unit, and one. What each part costs is told from a few short trainings.
"""

import contextlib
import json
import os
import sys
import threading
import time

import numpy as np

import mlcore
from ui.training.spec import Spec

# That of the processor counts nobody else's time, but on Windows it ticks too rarely.
CLOCK = time.perf_counter if os.name == "nt" else time.process_time
KINDS = ("sgd", "momentum", "adam", "one by one")
# layers, optimizer, instances an update, how many there are
TRIED = [
    *(((2, *layers, 2), optimizer, batch, 160) for layers in ((8,), (64, 64)) for optimizer, batch in (
        ("sgd", 1), ("sgd", 16), ("sgd", 160), ("adam", 16))),
    *(((784, *layers, 10), optimizer, batch, 128) for layers in ((), (128, 64)) for optimizer, batch in (
        ("sgd", 1), ("sgd", 16), ("sgd", 128), ("momentum", 16), ("adam", 16))),
    *(((784, 1024, 1024, 10), optimizer, batch, 12 * batch) for optimizer, batch in (("sgd", 1), ("momentum", 1), ("adam", 1), ("sgd", 8))),
]  # fmt: skip


def parts(sizes, optimizer, batch, l2=0.0):
    """How much there is of each part, for one instance: an array that goes with what the calibration printed."""
    kind = KINDS.index("one by one" if optimizer == "sgd" and batch == 1 and not l2 else optimizer)
    parameters = sum(outputs * (inputs + 1) for inputs, outputs in zip(sizes, sizes[1:]))
    of_updates = np.zeros((len(KINDS), 2))
    of_updates[kind] = (len(sizes) - 1) / batch, parameters / batch
    return np.array([*of_updates.ravel(), parameters, sum(sizes[1:]), 1.0])


def measured(sizes, optimizer, batch, n, epochs=3):
    """Seconds an instance of a training on n instances made up, its figures at the epoch's end among them."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (n + n // 4, sizes[0]), np.uint8) if sizes[0] > 2 else rng.normal(size=(n + n // 4, sizes[0]))
    y = np.arange(len(X)) % sizes[-1]
    data, spec = mlcore.Dataset(X[:n], y[:n], X[n:], y[n:], sizes[-1]), Spec(optimizer=optimizer, learning_rate=1e-4)
    ends = []
    for progress in mlcore.train(mlcore.Network(sizes), data, spec.optimizer_object(), batch, epochs, evaluate_training=True):
        if progress.epoch_end:
            ends.append(CLOCK())
        elif not progress.updates:  # the figures before the first update may come in several parts
            ends = [CLOCK()]
    return min(np.diff(ends)) / n


def fitted(A, seconds):
    """What each part costs, none less than nothing, so that A @ costs is close to seconds, each by its share."""
    A, used = A / seconds[:, None], np.ones(A.shape[1], bool)
    while True:
        costs = np.zeros(A.shape[1])
        costs[used] = np.linalg.lstsq(A[:, used], np.ones(len(A)), rcond=None)[0]
        if (costs >= 0).all():
            return costs
        used &= costs > 0


def main():
    print(flush=True)  # the end of what a process takes to begin
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    A = np.array([parts(sizes, optimizer, batch) for sizes, optimizer, batch, _ in TRIED])
    costs = fitted(A, np.array([measured(*tried) for tried in TRIED]))
    with contextlib.suppress(OSError):  # nobody asks any more
        print(json.dumps(costs.tolist()), flush=True)
    os._exit(0)  # at once: the thread holds the input


if __name__ == "__main__":
    main()
