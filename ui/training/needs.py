"""What a training takes of this machine: how long it computes and how much memory its process holds."""

import json
import threading
import time

import numpy as np

from ui.training.calibration import parts
from ui.training.process import python

LONGEST, INSTRUCTORS_LONGEST = 30 * 60, 4 * 3600  # seconds of computing
# MB of a worker beside its data and network: measured, as the private part of a process that waits.
PROCESS_MB, COPIES = 17, 8  # copies of the weights: in training, of momentum or Adam, to fall back on, to be written


class Speed:
    """What is known of this machine's speed: a calibration, made in a process of its own when it is first asked for, and trainings.

    Times are the processor's, so that what else the machine does changes little.
    """

    def __init__(self):
        self._costs, self._calibrating, self._lock = None, None, threading.Lock()
        self._known, self._ratio = {}, 1.0
        self.beginning = 0.0  # seconds from a process to its first update, as of late

    def effort(self, spec):
        """Seconds for one instance; None before anything is known."""
        with self._lock:
            if _kind(spec) in self._known:
                return self._known[_kind(spec)]
            if not self._calibrating:
                self._calibrating = threading.Thread(target=self._calibrate, daemon=True, name="calibration")
                self._calibrating.start()
        return None if self._costs is None else self._ratio * self._computed(spec)

    def learn(self, spec, effort):
        """A training of spec took so many seconds for one instance."""
        with self._lock:
            if self._costs is not None:
                self._ratio = min(2.0, max(0.5, self._ratio**0.8 * (effort / self._computed(spec)) ** 0.2))
            self._known[_kind(spec)] = (self._known.pop(_kind(spec), effort) * effort) ** 0.5
            if len(self._known) > 200:
                del self._known[next(iter(self._known))]

    def began(self, seconds):
        """A process took so long to its first update."""
        self.beginning = (self.beginning + seconds) / 2 if self.beginning else seconds

    def _computed(self, spec):
        return max(1e-9, float(parts(spec.sizes, spec.optimizer, spec.batch, spec.l2) @ self._costs))

    def _calibrate(self):
        started = time.monotonic()
        with python("ui.training.calibration") as process:  # whose input stays open as long as this process is there: it ends with it
            process.stdout.readline()
            self.began(time.monotonic() - started)
            found = process.stdout.read()
        if process.returncode == 0:
            self._costs = np.array(json.loads(found))


speed = Speed()


def _kind(spec):
    return spec.sizes, spec.hidden, spec.optimizer, spec.batch, spec.l2 > 0


def seconds(spec):
    """How long spec computes if nothing else does, about; None before this machine's speed is known."""
    effort = speed.effort(spec)
    return None if effort is None else spec.epochs * spec.instances[0] * effort


def megabytes(spec):
    """What its process holds, about."""
    n, parameters = sum(spec.instances), sum(outputs * (inputs + 1) for inputs, outputs in zip(spec.sizes, spec.sizes[1:]))
    return PROCESS_MB + (n * spec.sizes[0] + COPIES * 4 * parameters) / 2**20


def longest(instructor):
    """Seconds that one training may compute."""
    return INSTRUCTORS_LONGEST if instructor else LONGEST


def too_long(spec, instructor=False):
    """A sentence for a training that would compute too long, and what to lower; None for others."""
    needed, most = seconds(spec), longest(instructor)
    if needed is None or needed <= most:
        return None
    epochs = int(spec.epochs * most / needed)
    lower = f"lower the epochs to {epochs}" if epochs else "take fewer or smaller layers, or a larger batch"
    return f"This training would take {duration(needed)} of computing, but at most {duration(most)} are allowed; {lower}."


def duration(seconds):
    """A length of time, in words."""
    if seconds < 1.5:
        return "a second"
    if seconds < 100:
        step = 1 if seconds < 10 else 5 if seconds < 30 else 10
        return f"{step * round(seconds / step)} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"
