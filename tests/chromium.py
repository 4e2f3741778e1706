"""Chromium as the tests use it: with and without the app behind it; waiting for a page, and watching its frames."""

import contextlib
import itertools
import time
from typing import NamedTuple

import numpy as np
import pytest


def becomes(read, wanted, seconds=20):
    """Wait until read() gives what is wanted; a page answers when its machine has time for it."""
    end = time.monotonic() + seconds
    while (found := read()) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    assert found == wanted


def still(read, seconds=1):
    """What read() gives once it has stayed the same for so long."""
    found, since = read(), time.monotonic()
    while time.monotonic() - since < seconds:
        time.sleep(0.05)
        if (now := read()) != found:
            found, since = now, time.monotonic()
    return found


@contextlib.contextmanager
def no_errors(page):
    """Neither an exception nor a console error may show up inside."""
    errors = []

    def note(message):
        # Below a page's path Streamlit looks for its own endpoints first and finds them at the root.
        if message.type == "error" and "_stcore" not in message.text + message.location.get("url", ""):
            errors.append(message.text)

    def raised(error):
        errors.append(str(error))

    page.on("console", note)
    page.on("pageerror", raised)
    yield
    page.remove_listener("console", note)
    page.remove_listener("pageerror", raised)
    assert not errors, errors


class Frames(NamedTuple):
    """Intervals between animation frames and long tasks, milliseconds, while the pointer moved."""

    gaps: list
    long: list
    moves: int

    @property
    def kept(self):
        """95 % of the intervals within two frames of 60 Hz, nothing that held the page up for longer than 50 ms."""
        return self.moves > 40 and np.percentile(self.gaps, 95) <= 33.5 and max(self.long, default=0) <= 50


def frames(page, move, seconds=5, attempts=5):
    """The Frames while `move(k)` moves the pointer: of the first attempt that keeps them, as the machine has other work too.

    Skips where not even an empty page keeps them.
    """
    for _ in range(attempts):
        found = _watched(page, move, seconds)
        if found.kept:
            return found
    empty = page.context.new_page()
    bare = _watched(empty, lambda k: empty.mouse.move(100 + k % 300, 100), seconds)
    empty.close()
    if not bare.kept:
        pytest.skip("the machine has too much other work: not even an empty page keeps its frames")
    return found


def _watched(page, move, seconds):
    page.evaluate(
        "() => { window.gaps = []; window.long = []; let last;"
        " window.watch = new PerformanceObserver((list) => window.long.push(...list.getEntries().map((e) => e.duration)));"
        " window.watch.observe({entryTypes: ['longtask']});"
        " const tick = (now) => { window.gaps.push(now - last); last = now; window.ticking = requestAnimationFrame(tick); };"
        " requestAnimationFrame((now) => { last = now; window.ticking = requestAnimationFrame(tick); }); }"
    )
    began = page.evaluate("() => performance.now()")
    for k in itertools.count():
        move(k)
        if page.evaluate("() => performance.now()") - began > 1000 * seconds:
            break
    stop = "cancelAnimationFrame(window.ticking); window.watch.disconnect();"
    gaps, long = page.evaluate(f"() => {{ {stop} return [window.gaps, window.long]; }}")
    return Frames(gaps, long, k)
