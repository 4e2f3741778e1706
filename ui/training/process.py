"""Processes beside the server: how one is started, and that of a training, which is told, listened to, and never left behind."""

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

LAST_WORDS = 5.0  # seconds that a process has for its checkpoint once nobody listens any more


def python(module):
    """Start `python -m` of a module of ours, with one thread, that is spoken to by its standard input and output → Popen."""
    one_thread = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    return subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env=os.environ | one_thread,
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),  # Windows; elsewhere the module makes itself nice
    )


class Process:
    """The worker that trains spec. hear(kind, value) is called with each of its frames, in a thread; gone() when it has ended.

    Raises OSError where the system has no room for another process.
    """

    def __init__(self, spec, checkpoint, hear, gone):
        self._process = python("ui.training.worker")
        self._send((spec, checkpoint))
        threading.Thread(target=self._listen, args=(hear, gone), daemon=True, name=f"listener of {self.pid}").start()

    @property
    def pid(self):
        return self._process.pid

    def tell(self, number, command):
        """Send a command, which its answer names by the number."""
        self._send((number, command))

    def hang_up(self):
        """Nobody listens any more: it ends as soon as it has written its checkpoint."""
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def kill(self):
        self._process.kill()

    def wait(self, seconds):
        """Wait until it has ended, and end it after so many seconds → its exit status."""
        try:
            return self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _send(self, what):
        with contextlib.suppress(OSError, ValueError):  # it has ended; the listener says so
            pickle.dump(what, self._process.stdin)
            self._process.stdin.flush()

    def _listen(self, hear, gone):
        with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):
            while True:
                hear(*pickle.load(self._process.stdout))
        gone()
        self.hang_up()
        self._process.stdout.close()
        self.wait(LAST_WORDS)
