"""One training in a process of its own: `python -m ui.training.worker`, spoken to in pickled frames over its standard input and output.

In: first (a Spec, the path for its checkpoints or None), then (number, command): "pause", "yield", which is a pause that others ask for,
"resume", "one_epoch", "stop". Out: (kind, value) frames, see `Reporter`. The process ends with its training, on "stop", and when its
input closes, for whoever started it is gone: then the network of the last finished epoch is written first.
"""

import contextlib
import os
import pickle
import queue
import signal
import sys
import threading
import time

import numpy as np

import mlcore
from ui.training.checkpoint import Checkpoint

# Seconds between reports, and between pictures of the weights.
REPORT, SNAPSHOT = 0.1, 1.0
PROBE = 256


class Reporter:
    """Sends ("network", (net, instances)), ("progress", [Progress, …]), ("weights", [theta, …]), ("dead", hidden layers),
    ("pace", (instances a second, seconds of the processor for one, and in all)), ("status", (status, message, number of the command
    that it answers)).

    Records are gathered, so that thousands of short epochs do not become thousands of frames.
    """

    def __init__(self, out, net, probe):
        self._out, self._net, self._probe = out, net, probe
        self._gathered, self._last_report, self._last_snapshot = [], 0.0, 0.0

    def send(self, kind, value):
        pickle.dump((kind, value), self._out, pickle.HIGHEST_PROTOCOL)
        self._out.flush()

    def add(self, progress, pace):
        self._gathered.append(progress)
        if time.monotonic() - self._last_report >= REPORT:
            self.flush(pace)

    def flush(self, pace, snapshot=False):
        if self._gathered:
            self.send("progress", self._gathered)
            self.send("pace", pace)
        self._gathered, self._last_report = [], time.monotonic()
        if snapshot or time.monotonic() - self._last_snapshot >= SNAPSHOT:
            self.send("weights", [layer.theta for layer in self._net.layers])
            self.send("dead", dead_layers(self._net, self._probe))
            self._last_snapshot = time.monotonic()


def dead_layers(net, X):
    """The hidden layers, counted from 1, whose units are 0 for every instance of X; nothing that comes after can learn from them."""
    if net.hidden != "relu":
        return []
    return [l for l, a in enumerate(net.forward(X).a[:-1], start=1) if not a.any()]


def work(spec, commands, out, checkpoint):
    """Run the training of spec to its end, obeying commands, reporting into the binary file out, keeping its network in checkpoint."""
    data = spec.load_data()
    net = spec.network()
    reporter = Reporter(out, net, np.asarray(data.X_train[:PROBE]))
    steps = mlcore.train(net, data, spec.optimizer_object(), spec.batch_size, spec.epochs, spec.l2, seed=spec.seed, evaluate_training=True)
    reporter.send("network", (net, len(data.X_train)))
    reporter.send("status", ("running", "", 0))
    n, pace, active, spent, epoch, number = len(data.X_train), (0.0, 0.0, 0.0), 0.0, 0.0, 0.0, 0
    paused = one_epoch = False

    def say(status):
        reporter.flush(pace, snapshot=True)
        reporter.send("status", (status, "", number))
        if status != "yielded":  # for another turn comes soon
            checkpoint.write(net, epoch, "" if status == "paused" else status)

    while True:
        with contextlib.suppress(queue.Empty):
            number, command = commands.get(block=paused)
            if command == "stop":
                return say("stopped")
            if command in ("pause", "yield"):
                say("paused" if paused or command == "pause" else "yielded")
                paused = True
            else:
                paused, one_epoch = False, command == "one_epoch"
                reporter.send("status", ("running", "", number))
        if paused:
            continue
        started, spent_before = time.perf_counter(), time.process_time()
        progress = next(steps, None)
        if progress is None:
            return say("finished")
        if progress.updates:
            active, spent = active + time.perf_counter() - started, spent + time.process_time() - spent_before
            epoch = progress.epoch + progress.instances / n
            pace = epoch * n / active, spent / (epoch * n), spent
        if progress.epoch_end and not progress.diverged:
            checkpoint.epoch_end(net, progress)  # before anybody hears of it: what was told is not lost
        reporter.add(progress, pace)
        if progress.diverged:
            epoch = float(progress.epoch)  # whose weights it has again
            return say("diverged")
        if progress.epoch_end and one_epoch:
            say("paused")
            paused = True


def main():
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # a stray print must not land among the frames
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal ends the app; this ends quietly with it
    if hasattr(os, "nice"):
        os.nice(10)
    frames = sys.stdin.buffer
    spec, path = pickle.load(frames)
    commands, checkpoint = queue.SimpleQueue(), Checkpoint(path, spec)

    def listen():
        try:
            while True:
                commands.put(pickle.load(frames))
        except (EOFError, OSError, pickle.UnpicklingError):  # also in the middle of a frame
            checkpoint.leave()
        finally:
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    with contextlib.suppress(OSError):  # nobody hears any more
        try:
            work(spec, commands, out, checkpoint)
        except (ValueError, OSError, ImportError, MemoryError) as error:
            pickle.dump(("status", ("failed", str(error) or type(error).__name__, 0)), out)
        out.flush()
    checkpoint.leave()
    os._exit(0)  # at once: the listening thread holds the input, which an orderly end would wait for


if __name__ == "__main__":
    main()
