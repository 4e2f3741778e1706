"""Long computations in processes of their own, so that a page that waits for one holds up nobody else's. Knows nothing of Streamlit.

`python -m ui.work` is such a process: it takes pickled (function, arguments) from its input, one after the other, and gives back what the
function returns or raises, pickled too. It makes way for the server, though not for trainings, since a page waits for it; it takes one
thread, and ends when its input closes.
"""

import contextlib
import importlib
import os
import pickle
import queue
import signal
import sys
import threading
from collections import OrderedDict
from concurrent.futures import Future

from ui.training.cores import cores
from ui.training.process import python

AT_ONCE = min(4, cores())
KEPT = 100 * 2**20  # bytes of results, for all visitors together

_lock = threading.Lock()
_kept, _asked, _tasks = OrderedDict(), {}, queue.SimpleQueue()  # by key: (value, bytes); (Future, how many wait)
_threads = []


class Broken(Exception):
    """The process ended in the middle of its work, for lack of memory for example."""


def here(key, function, *arguments):
    """function(*arguments), computed in this process unless it is kept under this key."""
    if (found := _found(key)) is not None:
        return found.result()
    value = function(*arguments)
    _keep(key, value, len(pickle.dumps(value, pickle.HIGHEST_PROTOCOL)))
    return value


@contextlib.contextmanager
def beside(key, function, *arguments):
    """A Future of function(*arguments), computed in another process unless it is kept under this key; None for a key: never kept.

    It is one for all who ask for the same meanwhile. What nobody waits for any more when its turn comes is left out. The Future may
    raise what the function raises, and Broken.
    """
    if (found := _found(key)) is not None:
        yield found
        return
    key = key or object()
    with _lock:
        future, waiting = _asked.get(key, (None, 0))
        if future is None:
            future = Future()
            _tasks.put((future, key, function, arguments))
        _asked[key] = future, waiting + 1
        idle = len(_asked) <= len(_threads)
    if not idle:
        start()
    try:
        yield future
    finally:
        with _lock:
            if _asked.get(key, (None, 0))[0] is future:
                waiting = _asked[key][1] - 1
                _asked[key] = future, waiting
                if not waiting and future.cancel():
                    del _asked[key]


def start():
    """Start another process where there may be one more; the first takes half a second to be ready."""
    with _lock:
        if len(_threads) < AT_ONCE:
            _threads.append(threading.Thread(target=_hand_out, daemon=True, name="work"))
            _threads[-1].start()


def _found(key):
    """A Future that is done, of what is kept under this key, or None."""
    with _lock:
        if key not in _kept:
            return None
        _kept.move_to_end(key)
        future = Future()
        future.set_result(_kept[key][0])
        return future


def _keep(key, value, size):
    with _lock:
        _kept[key] = value, size
        while len(_kept) > 1 and sum(size for _, size in _kept.values()) > KEPT:
            _kept.popitem(last=False)


def _hand_out():
    """One thread for each process: hands it a task, waits, and keeps what came of it."""
    process = None
    with contextlib.suppress(OSError):  # else it is tried again with the first task
        process = python("ui.work")
    while True:
        future, key, function, arguments = _tasks.get()
        if not future.set_running_or_notify_cancel():
            continue
        try:
            process = process or python("ui.work")
            pickle.dump((function, arguments), process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            size = int.from_bytes(process.stdout.read(8), "big")
            fine, value = pickle.loads(process.stdout.read(size))
            if fine and isinstance(key, tuple):
                _keep(key, value, size)
        except (OSError, EOFError, pickle.UnpicklingError):
            process, fine, value = _end(process), False, Broken()
        with _lock:
            _asked.pop(key, None)
        (future.set_result if fine else future.set_exception)(value)


def _end(process):
    if process:
        process.kill()
        process.wait()


def main():
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # a stray print must not land among the results
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal ends the server; this ends quietly with it
    if hasattr(os, "nice"):
        os.nice(5)  # a training has 10
    importlib.import_module("mlcore")  # which every task needs, before the first one comes
    tasks = queue.SimpleQueue()

    def listen():
        with contextlib.suppress(EOFError, OSError):
            while True:
                tasks.put(pickle.load(sys.stdin.buffer))
        os._exit(0)  # whoever started this is gone

    threading.Thread(target=listen, daemon=True).start()
    while True:
        function, arguments = tasks.get()
        try:
            result = True, function(*arguments)
        except Exception as error:
            result = False, error
        sent = pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
        out.write(len(sent).to_bytes(8, "big") + sent)
        out.flush()


if __name__ == "__main__":
    main()
