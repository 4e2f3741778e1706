"""For all tests: how the suite is spread over processes, data that only some machines have, and a Chromium.

Without a Chromium the tests that need one skip, unless REQUIRE_BROWSER=1 makes that a failure.
"""

import os
import shutil
from pathlib import Path

import pytest

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

if "PYTEST_XDIST_WORKER" in os.environ:  # NumPy reads it on import: two processes on two processors need no second thread each
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

pytest.register_assert_rewrite("tests.chromium")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
NAMES = ("chromium", "google-chrome", "chromium-browser", "chrome", "msedge")


def pytest_xdist_auto_num_workers(config):
    """Two processes for the whole suite, none beside this one for a part of it."""
    return 2 if config.args == config.getini("testpaths") else 0


def pytest_collection_modifyitems(items):
    """What measures time comes last."""
    items.sort(key=lambda item: item.get_closest_marker("alone") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """What measures time has the machine for itself: the other process waits, by a lock on this file."""
    if fcntl is None:
        return (yield)
    with open(__file__) as file:
        fcntl.flock(file, fcntl.LOCK_EX if item.get_closest_marker("alone") else fcntl.LOCK_SH)
        return (yield)


@pytest.fixture(scope="session")
def shared_data():
    """The folder of full MNIST, Fashion-MNIST's test set and the pen strokes; the test is skipped where it is not at hand."""
    if not SHARED.is_dir():
        pytest.skip("full MNIST and the pen strokes (../shared/data) are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def chromium():
    """The path of a Chromium on this machine."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    missing = "no Chromium found: install one (for example `apt-get install chromium`) to run the browser tests"
    if path is None and os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(missing)
    if path is None:
        pytest.skip(missing)
    return path


@pytest.fixture(scope="session")
def browser(chromium):
    """A Chromium without a window."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -r requirements-dev.txt")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
