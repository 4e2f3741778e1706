"""One training, as last heard from its process."""

import secrets
import threading
import time
from datetime import UTC, datetime

COMPUTING = ("starting", "running")
OVER = ("finished", "stopped", "diverged", "failed")
MOST_RECORDS = 1500

lock = threading.RLock()  # of all runs: what several threads write


class Run:
    """One training. Whoever has its id may read it; `runs` alone changes it.

    status: queued, starting, running, paused, finished, stopped, diverged, failed. history: a list of mlcore's Progress, thinned where it
    grows long. instances: in the training set, None before it is loaded. rate: instances a second. effort: seconds of the processor for
    one; spent: in all. dead: hidden layers, counted from 1, whose units are all 0. owner: what tells the owner's runs from others', no
    token; number: the same for people, counted from 1. shared: it waits because others do. unwanted: its network was deleted, and is not
    kept unless somebody asks.
    """

    def __init__(self, spec, owner, number, checkpoint=None, wish="resume", longest=None):
        self.id, self.spec, self.owner, self.number = secrets.token_urlsafe(8), spec, owner, number
        self.status, self.message, self.history, self.dead = "queued", "", [], []
        self.rate, self.effort, self.spent = 0.0, 0.0, 0.0
        self.instances, self.unwanted, self.shared = None, False, False
        self.started, self.seen = datetime.now(UTC), time.monotonic()
        # What `runs` keeps here: what the process is to do at its next turn, how many commands it was told, when its turn began,
        # whether it gives its turn away, and when it must have stopped.
        self.checkpoint, self.wish, self.longest, self.process = checkpoint, wish, longest, None
        self.commands, self.turn, self.yields, self.stop_by = 0, None, False, None
        self._net, self._ended = None, None

    @property
    def over(self):
        return self.status in OVER

    @property
    def last(self):
        """The latest Progress, or None."""
        return self.history[-1] if self.history else None

    @property
    def fraction(self):
        """Finished epochs, with the part of the one under way."""
        return self.last.epoch + self.last.instances / self.instances if self.last and self.last.updates else 0.0

    @property
    def time_left(self):
        """Seconds of computing to the last epoch at the present rate; None before there is one."""
        return (self.spec.epochs - self.fraction) * self.instances / self.rate if self.rate else None

    @property
    def tested(self):
        """The latest Progress that has figures of the held-out set, or None."""
        return next((p for p in reversed(self.history) if p.test_accuracy is not None), None)

    def network(self):
        """A copy of the network as last heard of, with what it is, when it was trained and how good it is; None before the first."""
        with lock:
            if self._net is None:
                return None
            net, tested = self._net.copy(), self.tested
        net.info |= {
            "trained": self._ended or datetime.now(UTC).isoformat(timespec="seconds"),
            "test_accuracy": tested and tested.test_accuracy,
            "recipe": self.spec.recipe,
        }
        return net

    def hear(self, kind, value):
        """Take in what its process reports, but for its status."""
        if kind == "progress":
            self.history = thinned(self.history + value)
        elif kind == "network":
            self._net, self.instances = value
        elif kind == "weights":
            for layer, theta in zip(self._net.layers, value):
                layer.theta[...] = theta  # in place, which takes what is not finite too: that is what the training has come to
        elif kind == "pace":
            self.rate, self.effort, self.spent = value
        else:
            setattr(self, kind, value)

    def end(self, status):
        self.status, self._ended = status, datetime.now(UTC).isoformat(timespec="seconds")


def thinned(history):
    """history with at most MOST_RECORDS records: between epochs' ends first, then every other epoch; the ends of the list stay."""
    while len(history) > MOST_RECORDS:
        ends = [p for p in history[:-1] if p.epoch_end or not p.updates]
        history = [*(ends if len(ends) < len(history) - 1 else [history[0], *history[1:-1][1::2]]), history[-1]]
    return history
