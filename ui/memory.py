"""What the server holds: large arrays go back to the system when they are let go of, and a visit that has ended is forgotten soon."""

import asyncio
import contextlib
import ctypes
import gc
import time

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

LARGE = 2**20  # bytes of an array that has pages of its own
KEPT = 20  # seconds that a visit waits for a browser that has lost its connection
EVERY = 3  # seconds between two looks at who is gone

_visits = {}  # by the id of its session when a visit was first seen without a browser; None while it has one


def give_back_at_once():
    """Large arrays go back to the system when they are let go of. (Others than glibc do so anyway, or cannot be told.)

    Left to itself glibc learns from the first large array that is freed to keep the next ones, and as each run of a page has a thread of
    its own, it keeps some for each of many: after thirty visits a gigabyte that nobody uses.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(-3, LARGE)  # M_MMAP_THRESHOLD


def here():
    """Note the visit that this run of a page belongs to."""
    context = get_script_run_ctx()
    if context:
        _visits.setdefault(context.session_id, None)


def let_go(file):
    """Drop an uploaded file that has been taken up: Streamlit holds its bytes as long as the visit goes on."""
    context = get_script_run_ctx()
    if context:
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def forget_ended(server, now):
    """Close the visits whose browser has been gone for KEPT seconds at the time now; how many. server is Streamlit's runtime."""
    ended = []
    for id, gone in list(_visits.items()):
        if server.is_active_session(id):
            _visits[id] = None
        elif gone is None:
            _visits[id] = now
        elif now - gone >= KEPT:
            ended.append(id)
    for id in ended:
        server.close_session(id)
        del _visits[id]
    return len(ended)


async def _sweep():
    while True:
        await asyncio.sleep(EVERY)
        if runtime.exists() and forget_ended(runtime.get_instance(), time.monotonic()):
            gc.collect()  # a visit's objects point at each other


@contextlib.asynccontextmanager
async def swept():
    """While the server runs, visits that have ended are forgotten.

    Streamlit drops a session only when, after `server.disconnectedSessionTTL`, another one ends: the last ones would stay all night.
    """
    give_back_at_once()
    sweep = asyncio.create_task(_sweep())
    try:
        yield
    finally:
        sweep.cancel()
