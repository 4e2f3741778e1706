"""The network of a training on disk, so that it outlives its process and the server."""

import contextlib
import threading
import time
from datetime import UTC, datetime

import mlcore

EVERY, SHARE = 2.0, 20  # seconds between two, and at most this part of the time for writing them


class Checkpoint:
    """Keeps a copy of the network and writes it to path, whole or not at all; without a path it does nothing.

    What `mlcore.load(path).info` says beside what `Spec.network` gave: recipe, trained, test_accuracy; epoch, the epochs finished so far
    (3.5: in the middle of the fourth); epochs, asked for; ended: finished, stopped, diverged, or empty where it could go on.
    Written at an epoch's end when the last time is long enough ago, on pause, and at the end; `leave` writes what was kept last.
    """

    def __init__(self, path, spec):
        self._path, self._spec = path, spec
        self._kept, self._accuracy = None, None
        self._due, self._lock = 0.0, threading.Lock()

    def epoch_end(self, net, progress):
        """Keep the network of a finished epoch."""
        if self._path and progress.updates:
            self._accuracy = progress.test_accuracy
            self._keep(net, progress.epoch)
            if time.monotonic() >= self._due:
                self._write()

    def write(self, net, epoch, ended=""):
        """Keep the network as it is now, in or after this epoch, and write it."""
        if self._path and epoch:
            self._keep(net, epoch, ended)
            self._write()

    def leave(self):
        """Write what is not written yet, for the process ends; nothing is written after."""
        self._lock.acquire()
        self._write_kept()

    def _keep(self, net, epoch, ended=""):
        copy = net.copy()
        copy.info |= {
            "trained": datetime.now(UTC).isoformat(timespec="seconds"), "test_accuracy": self._accuracy, "recipe": self._spec.recipe,
            "epoch": epoch, "epochs": self._spec.epochs, "ended": ended,
        }  # fmt: skip
        self._kept = copy

    def _write(self):
        with self._lock:
            self._write_kept()

    def _write_kept(self):
        started, kept, self._kept = time.monotonic(), self._kept, None
        if kept is not None:
            with contextlib.suppress(OSError, ValueError):  # a full disk, weights that are not finite: what was written before stays
                mlcore.save(kept, self._path)
        self._due = time.monotonic() + max(EVERY, SHARE * (time.monotonic() - started))
