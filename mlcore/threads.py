"""How many threads the matrix products take: one, for as long as any thread of the process asks for that."""

import functools
import threading

_lock = threading.Lock()
_held: dict = {}


class OneThread:
    """A context in which BLAS has one thread; the last one out gives back what the first one in found. Without threadpoolctl: nothing.

    Most libraries know a single number for the whole process: if everyone restored their own, two trainings would change each other's
    number in the middle of a product, and with it the last bits of the result.
    """

    def __enter__(self):
        with _lock:
            for library in _libraries():
                held = _held.setdefault(_where(library), [0, library.num_threads])
                if not held[0]:
                    _set(library, 1)
                held[0] += 1

    def __exit__(self, *_):
        with _lock:
            for library in _libraries():
                held = _held[_where(library)]
                held[0] -= 1
                if not held[0]:
                    _set(library, held[1])
                    del _held[_where(library)]


@functools.cache
def _libraries():
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return ()
    return tuple(ThreadpoolController().select(user_api="blas").lib_controllers)


def _where(library):
    """What its number holds for: OpenBLAS on OpenMP has one for each thread that calls it."""
    own = library.internal_api == "openblas" and library.threading_layer == "openmp"
    return library, threading.get_ident() if own else None


def _set(library, threads):
    # threadpoolctl from 3.7 on obeys one thread of the process, and silently no other, until that one has let go.
    let_go = getattr(library, "clear_controlling_thread", lambda force: None)
    let_go(force=True)
    library.set_num_threads(threads)
    let_go(force=True)
