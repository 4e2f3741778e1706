"""Visits that have ended are forgotten, by a clock of their own; and one float64 copy of a network serves all."""

import gc
import threading
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest

import mlcore
from ui import memory, subject


class Server:
    """As much of Streamlit's runtime as is asked for."""

    def __init__(self, *connected):
        self.connected, self.closed = set(connected), []

    def is_active_session(self, id):
        return id in self.connected

    def close_session(self, id):
        self.closed.append(id)


@pytest.fixture
def visits(monkeypatch):
    monkeypatch.setattr(memory, "_visits", {})
    return memory._visits


def test_a_visit_is_closed_when_its_browser_has_been_gone_long_enough(visits):
    server = Server("stays", "goes")
    visits.update(stays=None, goes=None)
    assert memory.forget_ended(server, 0) == 0
    server.connected.remove("goes")
    for now in range(1, 1 + memory.KEPT):
        assert memory.forget_ended(server, now) == 0 and not server.closed
    assert memory.forget_ended(server, 1 + memory.KEPT) == 1
    assert server.closed == ["goes"] and list(visits) == ["stays"]
    assert memory.forget_ended(server, 10_000) == 0 and server.closed == ["goes"]


def test_a_browser_that_comes_back_begins_anew(visits):
    server = Server()
    visits["gap"] = None
    memory.forget_ended(server, 0)
    server.connected.add("gap")
    memory.forget_ended(server, memory.KEPT)
    server.connected.remove("gap")
    memory.forget_ended(server, memory.KEPT + 1)
    assert memory.forget_ended(server, 2 * memory.KEPT) == 0 and not server.closed
    assert memory.forget_ended(server, 2 * memory.KEPT + 1) == 1


def test_it_is_gone_within_thirty_seconds_and_before_streamlit_lets_it_out_of_hand():
    import tomllib

    with open(".streamlit/config.toml", "rb") as file:
        kept = tomllib.load(file)["server"]["disconnectedSessionTTL"]
    assert memory.KEPT + 2 * memory.EVERY < kept <= 30


def test_a_network_has_one_copy_in_float64():
    net = mlcore.Network((4, 3, 2)).freeze()
    found = []
    threads = [threading.Thread(target=lambda net, found: found.append(subject.double(net)), args=(net, found)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1 and found[0].frozen and found[0].dtype == np.float64
    seen = subject.Subject(net, np.ones((1, 4)), np.array([1]), ["it"])
    assert seen.net is found[0] and np.shares_memory(seen.explained().layers[0].W, found[0].layers[0].W)
    gone = weakref.ref(found[0])
    del net, seen, threads, found
    gc.collect()
    assert gone() is None, "it goes with its network"


def test_copies_in_float64_have_a_bound_and_the_one_used_longest_ago_goes_first(monkeypatch):
    nets = [mlcore.Network((10, 9)).freeze() for _ in range(4)]
    monkeypatch.setattr(subject, "ROOM", 2 * 8 * 99)
    subject._doubles.clear()
    first = subject.double(nets[0])
    second = subject.double(nets[1])
    assert subject.double(nets[0]) is first
    subject.double(nets[2])
    assert subject.double(nets[0]) is first and subject.double(nets[1]) is not second
    monkeypatch.setattr(subject, "ROOM", 1)
    assert subject.double(nets[3]) is subject.double(nets[3]) and len(subject._doubles) == 1


def test_a_file_that_was_taken_up_is_let_go_of(monkeypatch):
    manager = MemoryUploadedFileManager("/files")
    manager.add_file("visit", UploadedFileRec("one", "digit.png", "image/png", b"0123"))
    monkeypatch.setattr(memory, "get_script_run_ctx", lambda: SimpleNamespace(session_id="visit", uploaded_file_mgr=manager))
    memory.let_go(SimpleNamespace(file_id="one"))
    assert manager.get_files("visit", ["one"]) == []


@pytest.mark.parametrize("page, name", [("draw", "mine.png"), ("train", "mine.npz")])
def test_every_file_that_a_page_takes_up_is_let_go_of(monkeypatch, page, name):
    gone = []
    monkeypatch.setattr(memory, "let_go", lambda file: gone.append(file.name))
    at = AppTest.from_file(f"../../pages/{page}.py", default_timeout=30).run()
    at = at.file_uploader[0].set_value((name, b"no such file", "application/octet-stream")).run()
    assert not at.exception and gone == [name]
