"""Training runs of all visitors: each a process of its own, so that a page never waits for a training; a few at once, the rest queue.

The only module that holds threads. It knows nothing of Streamlit: a page asks for a run by its id and reads.
"""

import atexit
import contextlib
import hmac
import os
import pickle
import secrets
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

AT_ONCE = max(1, os.cpu_count() or 2)
MOST_QUEUED, MOST_PAUSED, MOST_KEPT = 30, 12, 100
MOST_RECORDS = 1500
UNWATCHED = 600.0
STOP_WITHIN, LAST_WORDS = 0.4, 5.0

COMPUTING = ("starting", "running")
OVER = ("finished", "stopped", "diverged", "failed")


class Run:
    """One training: its state as last heard from its process. Read freely; change it through the methods alone.

    status: queued, starting, running, paused, finished, stopped, diverged, failed. history: a list of mlcore's Progress, thinned where it
    grows long. instances: in the training set, None before it is loaded. rate: instances a second. dead: hidden layers, counted from 1,
    whose units are all 0. unwanted: its network was deleted, and is not kept unless somebody asks.
    """

    def __init__(self, spec, owner, checkpoint=None):
        self.id, self.spec = secrets.token_urlsafe(8), spec
        self._owner, self._checkpoint = owner, checkpoint
        self.status, self.message, self.history, self.rate, self.dead = "queued", "", [], 0.0, []
        self.instances, self.unwanted = None, False
        self.seen = time.monotonic()
        self._net, self._ended = None, None
        self._wish, self._process, self._changed = "resume", None, threading.Condition(_lock)

    def belongs_to(self, token):
        """Whether the visitor with this token started it."""
        return hmac.compare_digest(self._owner.encode(), token.encode())

    @property
    def place(self):
        """The place in the queue, counted from 1; 0 when it does not wait."""
        with _lock:
            return _queue.index(self) + 1 if self in _queue else 0

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
        """Seconds to the last epoch at the present rate; None before there is one."""
        return (self.spec.epochs - self.fraction) * self.instances / self.rate if self.rate else None

    @property
    def tested(self):
        """The latest Progress that has figures of the held-out set, or None."""
        return next((p for p in reversed(self.history) if p.test_accuracy is not None), None)

    def network(self):
        """A copy of the network as last heard of, with what it is, when it was trained and how good it is; None before the first."""
        with _lock:
            if self._net is None:
                return None
            net, tested = self._net.copy(), self.tested
        net.info |= {
            "trained": self._ended or datetime.now(UTC).isoformat(timespec="seconds"),
            "test_accuracy": tested and tested.test_accuracy,
            "recipe": self.spec.recipe,
        }
        return net

    def touch(self):
        """Somebody looks."""
        self.seen = time.monotonic()

    def pause(self, message=""):
        """Hold the training where it is; what waits takes its turn. Nothing is lost."""
        with _lock:
            if self in _queue:
                _queue.remove(self)
                self.status = "paused" if self._process else "stopped"
            elif self.status in COMPUTING:
                self._tell("pause")
                self._changed.wait_for(lambda: self.status not in COMPUTING, STOP_WITHIN)
            self.message = message

    def resume(self, one_epoch=False):
        """Go on, for one epoch or to the end, as soon as there is a turn."""
        with _lock:
            if self.status != "paused":
                return
            self._wish, self.status, self.message = "one_epoch" if one_epoch else "resume", "queued", ""
            _queue.append(self)
            _next()

    def stop(self):
        """End the training; its network stays as it is."""
        with _lock:
            if self in _queue:
                _queue.remove(self)
                self.status = "paused" if self._process else "stopped"
            if self._process and not self.over:
                self._tell("stop")
                if not self._changed.wait_for(lambda: self.over, STOP_WITHIN):
                    self._hang_up()
                    self._end("stopped")

    def _start(self):
        one_thread = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
        self.status = "starting"
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ui.training.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=Path(__file__).parents[2],
                env=os.environ | one_thread,
                creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),  # Windows; elsewhere the worker is nice by itself
            )
        except OSError as error:
            self.message = f"Its process could not be started ({error.strerror}); try again in a minute."
            self._end("failed")
            return
        self._tell((self.spec, self._checkpoint))
        if self._wish == "one_epoch":
            self._tell("one_epoch")
        threading.Thread(target=self._listen, daemon=True, name=f"run {self.id}").start()

    def _tell(self, what):
        with contextlib.suppress(OSError, ValueError):  # it has ended; the listener says how
            pickle.dump(what, self._process.stdin)
            self._process.stdin.flush()

    def _hang_up(self):
        """The process ends as soon as it has written its checkpoint."""
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def _listen(self):
        try:
            while True:
                kind, value = pickle.load(self._process.stdout)
                with _lock:
                    if self.over:
                        continue
                    self._hear(kind, value)
                    if self.status == "running" and time.monotonic() - self.seen > UNWATCHED:
                        self._tell("pause")
                        self.message = "Nobody watched for ten minutes, so it was paused. Resume goes on where it stands."
        except (EOFError, OSError, pickle.UnpicklingError):
            pass
        with _lock:
            if not self.over:
                self.message = "Its process ended unexpectedly. Start it again; fewer or smaller layers take less memory."
                self._end("failed")
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        _await(self._process, LAST_WORDS)

    def _hear(self, kind, value):
        if kind == "progress":
            self.history = thinned(self.history + value)
        elif kind == "network":
            self._net, self.instances = value
        elif kind == "weights":
            for layer, theta in zip(self._net.layers, value):
                layer.theta[...] = theta  # in place, which takes what is not finite too: that is what the training has come to
        elif kind == "status":
            status, message = value
            self.message = message or self.message
            if status in OVER:
                self._end(status)
            else:
                self.status = status
        else:
            setattr(self, kind, value)
        if self.status == "paused":
            _next()
        self._changed.notify_all()

    def _end(self, status):
        self.status, self._ended = status, datetime.now(UTC).isoformat(timespec="seconds")
        self._changed.notify_all()
        _next()


_lock = threading.RLock()
_runs, _queue = {}, []


def start(spec, owner, one_epoch=False, checkpoint=None):
    """Queue a training of spec, of its first epoch only or to the end → Run. ValueError when the queue is full.

    owner: the token of the visitor, who alone may control it. checkpoint: the path of a file for its network, see `Checkpoint`, or None.
    """
    run = Run(spec, owner, checkpoint)
    run._wish = "one_epoch" if one_epoch else "resume"
    with _lock:
        if len(_queue) >= MOST_QUEUED:
            raise ValueError(f"{MOST_QUEUED} trainings wait already; try again in a few minutes.")
        paused = sorted((r for r in _runs.values() if r.status == "paused"), key=lambda r: r.seen)
        for old in paused[: len(paused) - MOST_PAUSED]:
            old.stop()
            old.message = "Paused for long while others trained, so it was stopped; its network is kept."
        for old in [r for r in _runs.values() if r.over][: max(0, len(_runs) - MOST_KEPT + 1)]:
            del _runs[old.id]
        _runs[run.id] = run
        _queue.append(run)
        _next()
    return run


def get(id):
    """The run with this id, or None."""
    return _runs.get(id)


def _next():
    """Give free places to those who wait."""
    while _queue and sum(run.status in COMPUTING for run in _runs.values()) < AT_ONCE:
        run = _queue.pop(0)
        if run._process:
            run.status = "running"
            run._tell(run._wish)
        else:
            run._start()


def thinned(history):
    """history with at most MOST_RECORDS records: between epochs' ends first, then every other epoch; the ends of the list stay."""
    while len(history) > MOST_RECORDS:
        ends = [p for p in history[:-1] if p.epoch_end or not p.updates]
        history = [*(ends if len(ends) < len(history) - 1 else [history[0], *history[1:-1][1::2]]), history[-1]]
    return history


def _await(process, seconds):
    try:
        process.wait(max(0.0, seconds))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@atexit.register
def _end_all():
    left = [run for run in list(_runs.values()) if run._process and run._process.poll() is None]
    until = time.monotonic() + LAST_WORDS
    for run in left:
        run._hang_up()
    for run in left:
        _await(run._process, until - time.monotonic())
