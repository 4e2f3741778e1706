"""For all tests: how the suite is spread over processes, and data that only some machines have."""

import os
from pathlib import Path

import pytest

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

if "PYTEST_XDIST_WORKER" in os.environ:  # NumPy reads it on import: two processes on two processors need no second thread each
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_xdist_auto_num_workers(config):
    """Two processes for the whole suite, none beside this one for a part of it."""
    return 2 if config.args == config.getini("testpaths") else 0


def pytest_collection_modifyitems(items):
    """What watches frames comes last."""
    items.sort(key=lambda item: item.get_closest_marker("frames") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """What watches frames has the machine for itself: the other process waits, by a lock on this file."""
    if fcntl is None:
        return (yield)
    with open(__file__) as file:
        fcntl.flock(file, fcntl.LOCK_EX if item.get_closest_marker("frames") else fcntl.LOCK_SH)
        return (yield)


@pytest.fixture(scope="session")
def shared_data():
    """The folder of full MNIST, Fashion-MNIST's test set and the pen strokes; the test is skipped where it is not at hand."""
    if not SHARED.is_dir():
        pytest.skip("full MNIST and the pen strokes (../shared/data) are not on this machine")
    return SHARED
