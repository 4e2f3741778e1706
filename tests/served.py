"""The app, as it is served to visitors, for the tests that visit it."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlcore import fetching

ROOT = Path(__file__).parents[1]


def completed(coroutine):
    """What it comes to; in a thread of its own, for where a browser was driven the loop of this one runs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def started(log, script="app.py", path="", **environment):
    """Start the app, or another script, on a free port → its process and its address; log is the file for what it prints.

    path is its base path. What it keeps of its visitors is beside log, unless the environment says where.
    """
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless", "true", "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.fileWatcherType", "none"]
    command += ["--server.baseUrlPath", path] if path else []
    with open(log, "w") as out:
        env = os.environ | {fetching.CACHE: str(log.with_suffix(".cache"))} | environment
        app = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=env)
    url = f"http://127.0.0.1:{port}/{path}".rstrip("/")
    try:
        _wait(app, url, log)
    except BaseException:
        app.kill()
        raise
    return app, url


@contextlib.contextmanager
def served(log, script="app.py", path="", **environment):
    """The address of the app, or of another script, which is `started` and ended afterwards."""
    app, url = started(log, script, path, **environment)
    try:
        yield url
    finally:
        app.terminate()
        try:
            app.wait(10)
        except subprocess.TimeoutExpired:
            app.kill()


def _wait(app, url, log, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if app.poll() is not None:
            pytest.fail(f"the app ended with {app.returncode}: {log.read_text()}")
        try:
            urllib.request.urlopen(url + "/_stcore/health", timeout=1)
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the app did not answer within {seconds} s: {log.read_text()}")
