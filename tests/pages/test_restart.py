"""The server is killed amid trainings: who comes back finds everything as of the last finished epoch, and is told what is lost."""

import json
import os
import re
import signal
from pathlib import Path

import numpy as np
import pytest

import mlcore
from mlcore import fetching
from tests.served import started
from tests.waiting import until
from tests.wire import Visitor, drawing, query
from ui import visitor
from ui.visits import store

VISITORS = int(os.environ.get("RESTART_VISITORS", 2))  # who train when the server is killed; six take half a minute
EPOCHS = 1000
LOST = re.compile(r"The server restarted during your training: its network as of epoch (\d+) of 1000 is under Your networks; ")


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Starts the app, again and again with the same visits → its process and its address."""
    monkeypatch.setenv(fetching.CACHE, str(tmp_path / "cache"))
    running = []

    def start():
        running.append(started(tmp_path / f"log{len(running)}.txt", BACKPROP_LAB_CACHE=str(tmp_path / "cache")))
        return running[-1]

    yield start
    for process, _ in running:
        process.kill()
        process.wait()


def children(pid):
    """The processes that this one has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if stat.read_text().rpartition(")")[2].split()[1] == str(pid):
                found.append(int(stat.parent.name))
        except OSError:  # it has ended
            continue
    return found


def opened(url, token, page="", **address):
    session = Visitor(url, token)
    session.open(page, query(**address))
    assert not session.exceptions, session.exceptions
    return session


def number(session, label):
    return next((id, one) for id, (kind, one) in session.elements.items() if kind == "number_input" and one.label == label)


def works(url, token, k):
    """A visitor draws so many strokes, types a number, and starts a training; the session stays open."""
    with opened(url, token) as session:
        canvas = session.component("streamlit_drawable_canvas")
        session.say((canvas, "json_value", json.dumps(drawing(k + 1))), fragment=session.fragments[canvas])
    with opened(url, token, "softmax", source="Example") as session:
        session.say((number(session, "x1")[0], "double_value", 0.5 + k))
    session = opened(url, token, "train", units="32", epochs=EPOCHS, seed=k)
    session.press("Start")
    return session


def comes_back(url, token, k, epoch):
    """The visitor opens the start page, then the one with the numbers: everything is there; what was lost is said once."""
    with opened(url, token) as session:
        canvas = json.loads(session.elements[session.component("streamlit_drawable_canvas")][1].json)
        assert len(canvas["initialDrawing"]["objects"]) == k + 1
        said = [found for text in session.texts if (found := LOST.match(text))]
        assert [int(found[1]) for found in said] == [epoch], session.texts
        [chooser] = [one for kind, one in session.elements.values() if kind == "selectbox" and one.label == "Network"]
        assert sum(f", epoch {epoch}" in option for option in chooser.options) == 1
    with opened(url, token, "softmax") as session:
        assert number(session, "x1")[1].value == 0.5 + k and not any(LOST.match(text) for text in session.texts)


def test_after_a_kill_everybody_finds_their_things_and_is_told_what_is_lost(server):
    process, url = server()
    tokens = [visitor.new_token() for _ in range(VISITORS)]
    open = [works(url, token, k) for k, token in enumerate(tokens)]
    visits = [store.Visit(token) for token in tokens]
    until(lambda: all(list(visit.folder.glob("run-*.npz")) for visit in visits), 30 * VISITORS)
    workers = children(process.pid)
    assert workers
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 15)
    for session in open:
        session.__exit__()
    last = [mlcore.load(next(visit.folder.glob("run-*.npz"))) for visit in visits]
    assert all(net.info["epoch"] >= 1 and net.info["epochs"] == EPOCHS for net in last)
    _, url = server()
    for k, (token, visit, net) in enumerate(zip(tokens, visits, last)):
        comes_back(url, token, k, net.info["epoch"])
        [name] = until(lambda visit=visit: visit.names("network"))
        kept = visit.load(name, visit.read(name)["digest"])
        assert all(np.array_equal(a.theta, b.theta) for a, b in zip(kept.layers, net.layers))
        assert not list(visit.folder.glob("run-*"))
