"""Long computations in processes of their own: what comes back, what is kept, what is left out, and that none outlives its server."""

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.waiting import until
from ui import work

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nothing_kept():
    work._kept.clear()


def beside(key, function, *arguments):
    with work.beside(key, function, *arguments) as future:
        return future.result(60)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_it_is_computed_elsewhere_and_makes_way():
    assert beside(None, os.getpid) != os.getpid()
    assert os.nice(0) + 5 == beside(None, os.nice, 0)
    assert beside(None, os.getenv, "OPENBLAS_NUM_THREADS") == "1"


def test_what_it_returns_is_kept_and_what_has_no_key_is_not():
    first = beside(("time",), time.monotonic)
    assert beside(("time",), time.monotonic) == first and work.here(("time",), time.monotonic) == first
    assert beside(None, time.monotonic) != beside(None, time.monotonic)


def test_what_is_kept_has_a_bound_in_bytes_and_the_oldest_goes_first(monkeypatch):
    monkeypatch.setattr(work, "KEPT", 3_000_000)
    for k in range(5):
        assert len(work.here((k,), np.zeros, 125_000)) == 125_000
    assert [key for key, in work._kept] == [3, 4]
    assert len(beside((5,), bytes, 20_000_000)) == 20_000_000
    assert [key for key, in work._kept] == [5], "what was asked for last is there, however large"


def test_all_who_ask_for_the_same_wait_for_one():
    with work.beside(("same",), time.sleep, 0.2) as one, work.beside(("same",), time.sleep, 0.2) as other:
        assert one is other
        one.result(60)


def test_what_it_raises_is_raised_here():
    with pytest.raises(ValueError, match="math domain error"):
        beside(None, math.sqrt, -1.0)


def test_a_process_that_ends_in_the_middle_is_said_and_the_next_one_works():
    with pytest.raises(work.Broken):
        beside(("broken",), os._exit, 3)
    assert beside(("broken",), int, "7") == 7


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_what_nobody_waits_for_any_more_is_left_out(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with contextlib.ExitStack() as stack:
        waiting = (tmp_path / "pipe", os.O_RDONLY)  # until somebody opens the other end
        busy = [stack.enter_context(work.beside((k,), os.open, *waiting)) for k in range(work.AT_ONCE)]
        with work.beside(("left",), (tmp_path / "made").mkdir) as future:
            pass
        assert future.cancelled()
        end = os.open(tmp_path / "pipe", os.O_WRONLY)
        for one in busy:
            one.result(60)
        os.close(end)
    beside(None, int)
    assert not (tmp_path / "made").exists() and not work._asked


def test_streamlit_is_not_loaded_where_it_is_computed():
    made = "import sys, ui.work, ui.theta.filming; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", made], cwd=ROOT).returncode == 0


SERVER = """
import os, sys, time
from ui import work
with work.beside(None, os.getpid) as future:
    print(future.result(), flush=True)
with work.beside(None, time.sleep, 600) as future:
    time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_no_process_outlives_its_server(how):
    server = subprocess.Popen([sys.executable, "-c", SERVER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    child = int(server.stdout.readline())
    assert alive(child)
    server.send_signal(getattr(signal, how))
    server.wait(60)
    until(lambda: not alive(child), 60)
