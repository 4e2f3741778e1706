"""Waiting for what another process does."""

import time


def until(found, seconds=30):
    """What found() gives once that is something."""
    end = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)
    return result
