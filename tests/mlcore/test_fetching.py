"""Fetching from a server on this machine that is healthy, broken, stalled, cut, wrong or gone."""

import gzip
import hashlib
import os
import re
import ssl
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from mlcore import datasets, fetching
from tests.mlcore import mirrors
from tests.mlcore.mirrors import IMAGES, Cut, Server, broken, dripping, healthy, reset, reset_midway, stalled, without_ranges, wrong

pytest.importorskip("pooch", reason="pooch is not installed: pip install backprop-lab[data]")


def idx(array):
    return b"\0\0\x08" + bytes([array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


@pytest.fixture(scope="module")
def files():
    """{file name: bytes} of a small made-up set; its noise does not compress, so that there is something to cut."""
    rng = np.random.default_rng(0)
    arrays = {
        file: rng.integers(0, 256, (n, 28, 28), np.uint8) if "images" in file else rng.integers(0, 10, n, np.uint8)
        for file, n in zip(fetching.FILES, (300, 300, 50, 50))
    }
    return {file: gzip.compress(idx(array), 1, mtime=0) for file, array in arrays.items()}


@pytest.fixture
def serve(files, tmp_path, monkeypatch):
    """serve(*behaviours, files) → a Server for each, which are then the mirrors, in this order."""
    servers = []

    def start(*behaviours, name="mnist", files=files, sums=None):
        for behave in behaviours:
            servers.append(Server(files))
            servers[-1].behave = behave
            threading.Thread(target=servers[-1].serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setitem(fetching.MIRRORS, name, tuple(server.url for server in servers))
        sums = sums or tuple(hashlib.sha256(files[file]).hexdigest() for file in fetching.FILES)
        monkeypatch.setitem(fetching.SHA256, name, sums)
        return servers[0] if len(servers) == 1 else tuple(servers)

    monkeypatch.setenv(fetching.CACHE, str(tmp_path / "cache"))
    monkeypatch.setattr(fetching, "TIMEOUT", 0.3)
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache" / "mnist"


def check(data, files, cache):
    """That data is what was served, and the cache holds it and nothing half."""
    assert data.X_train.tobytes() == gzip.decompress(files[IMAGES])[16:]
    assert (len(data.y_train), len(data.X_test), len(data.y_test)) == (300, 50, 50)
    for file, content in files.items():
        assert (cache / file).read_bytes() == content
    assert {path.name for path in cache.iterdir()} <= {*files} | {file + ".lock" for file in files}


def test_a_healthy_server_is_asked_once_a_file_and_never_again(serve, files, cache):
    server = serve(healthy)
    check(datasets.load("mnist"), files, cache)
    assert server.asked == [(file, None) for file in fetching.FILES]
    check(datasets.load("mnist"), files, cache)
    assert len(server.asked) == 4


@pytest.mark.parametrize("behave", [broken, reset, reset_midway, stalled, dripping, wrong])
def test_the_next_mirror_helps_out_and_is_asked_first_from_then_on(serve, files, cache, behave):
    first, second = serve(behave, healthy)
    check(datasets.load("mnist"), files, cache)
    assert {file for file, _ in first.asked} == {IMAGES} and {file for file, _ in second.asked} == {*files}
    assert len(first.asked) == (fetching.TRIES if behave in (reset, reset_midway) else 1)


def test_a_mirror_that_failed_is_the_last_hope_for_other_files(serve, files, cache):
    def images(handler, content):
        (healthy if handler.path.endswith(IMAGES) else broken)(handler, content)

    def others(handler, content):
        (broken if handler.path.endswith(IMAGES) else healthy)(handler, content)

    serve(others, images)
    check(datasets.load("mnist"), files, cache)


def test_a_cut_connection_goes_on_where_it_was_cut(serve, files, cache):
    server = serve(Cut(1))
    check(datasets.load("mnist"), files, cache)
    assert server.asked[:2] == [(IMAGES, None), (IMAGES, f"bytes={len(files[IMAGES]) // 2}-")]


def test_what_one_mirror_began_the_next_one_finishes(serve, files, cache):
    first, second = serve(Cut(1, then=broken), healthy)
    check(datasets.load("mnist"), files, cache)
    assert len(first.asked) == 2 and second.asked[0] == (IMAGES, f"bytes={len(files[IMAGES]) // 2}-")


def test_what_was_begun_is_finished_another_day(serve, files, cache):
    server = serve(Cut(1, then=broken))
    with pytest.raises(OSError):
        datasets.load("mnist")
    assert sorted(path.name for path in cache.iterdir()) == [IMAGES + ".lock", IMAGES + ".part"]
    server.behave = healthy
    check(datasets.load("mnist"), files, cache)
    assert server.asked[2] == (IMAGES, f"bytes={len(files[IMAGES]) // 2}-")


def test_a_file_that_came_whole_but_was_not_put_away_is_not_fetched_again(serve, files, cache):
    server = serve(healthy)
    cache.mkdir(parents=True)
    (cache / (IMAGES + ".part")).write_bytes(files[IMAGES])
    check(datasets.load("mnist"), files, cache)
    assert server.asked[:2] == [(IMAGES, f"bytes={len(files[IMAGES])}-"), (fetching.FILES[1], None)]


def test_a_server_without_ranges_starts_over(serve, files, cache):
    server = serve(Cut(1, then=without_ranges))
    check(datasets.load("mnist"), files, cache)
    assert len(server.asked) == 5


def test_a_server_that_always_cuts_is_given_up(serve, files, cache):
    first, second = serve(Cut(100), without_ranges)
    check(datasets.load("mnist"), files, cache)
    assert len(first.asked) == fetching.TRIES and len(second.asked) == 4


def test_another_range_than_asked_is_not_believed(serve, files, cache):
    def shifted(handler, content):
        if handler.headers["Range"]:
            handler.head(content, 206, Content_Range=f"bytes 0-{len(content) - 1}/{len(content)}")
            handler.wfile.write(content)
        else:
            healthy(handler, content)

    _, second = serve(Cut(1, then=shifted), healthy)
    check(datasets.load("mnist"), files, cache)
    assert second.asked[0] == (IMAGES, f"bytes={len(files[IMAGES]) // 2}-")


def test_a_begun_file_of_other_bytes_is_thrown_away(serve, files, cache):
    server = serve(healthy)
    cache.mkdir(parents=True)
    (cache / (IMAGES + ".part")).write_bytes(b"something else")
    check(datasets.load("mnist"), files, cache)
    assert [asked for file, asked in server.asked if file == IMAGES] == ["bytes=14-", None]


def test_a_damaged_file_in_the_cache_is_fetched_again(serve, files, cache):
    server = serve(healthy)
    datasets.load("mnist")
    (cache / IMAGES).write_bytes(files[IMAGES][:-1])
    check(datasets.load("mnist"), files, cache)
    assert len(server.asked) == 5


def test_without_a_net_one_sentence_says_what_to_do(serve, cache):
    serve(broken, reset, wrong)
    with pytest.raises(OSError) as caught:
        datasets.load("mnist")
    message = str(caught.value)
    assert "\n" not in message and all(says in message for says in (IMAGES, "connect to the internet", "folder=", '"digits"'))
    assert [path.name for path in cache.iterdir()] == [IMAGES + ".lock"]


def test_a_closed_port_is_no_mirror(serve, monkeypatch):
    server = serve(healthy)
    server.shutdown()
    server.server_close()
    with pytest.raises(OSError, match=r"refused.*connect to the internet"):
        datasets.load("mnist")


def test_a_cache_that_cannot_be_written_is_named(serve, tmp_path):
    serve(healthy)
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(OSError, match=rf"cannot be written.*{fetching.CACHE}"):
        datasets.load("mnist")


def test_two_processes_at_once_share_one_download(serve, files, cache):
    def slow(handler, content):
        time.sleep(0.1)
        healthy(handler, content)

    server = serve(slow)
    code = """
import sys
from mlcore import datasets, fetching
fetching.MIRRORS["mnist"], fetching.SHA256["mnist"] = (sys.argv[1],), sys.argv[2:]
print(datasets.load("mnist").X_train.shape)
"""
    arguments = [sys.executable, "-c", code, server.url, *fetching.SHA256["mnist"]]
    both = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=os.environ, cwd=os.getcwd()) for _ in range(2)]
    assert [process.communicate(timeout=30)[0].strip() for process in both] == ["(300, 784)"] * 2
    assert len(server.asked) == 4
    check(datasets.load("mnist"), files, cache)


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown_in_a_terminal_only(serve, monkeypatch, capsys, terminal):
    pytest.importorskip("tqdm")
    serve(healthy)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    datasets.load("mnist")
    shown = capsys.readouterr().err
    assert (f"{IMAGES}: 100%" in shown) == terminal


def test_the_checksums_are_those_of_the_published_files(serve, shared_data):
    published = {file: (shared_data / "mnist" / file).read_bytes() for file in fetching.FILES}
    _, server = serve(Cut(1, then=broken), healthy, files=published, sums=fetching.SHA256["mnist"])
    data = datasets.load("mnist")
    assert data.X_train.shape == (60000, 784) and data.X_test.shape == (10000, 784) and np.bincount(data.y_train)[1] == 6742
    assert server.asked[0][1]
    for file, sha256 in zip(fetching.FILES[2:], fetching.SHA256["fashion"][2:]):
        assert hashlib.sha256((shared_data / "fashion" / file).read_bytes()).hexdigest() == sha256


def test_mirrors_are_folders_on_the_net_and_checksums_are_told_apart():
    for name in ("mnist", "fashion"):
        assert len(set(fetching.MIRRORS[name])) == 3
        assert all(re.fullmatch(r"https?://[a-z0-9.-]+/([a-z0-9.-]+/)*", mirror) for mirror in fetching.MIRRORS[name])
    sums = [*fetching.SHA256["mnist"], *fetching.SHA256["fashion"]]
    assert len(set(sums)) == 8 and all(re.fullmatch("[0-9a-f]{64}", sha256) for sha256 in sums)


@pytest.mark.parametrize("behave", [healthy, mirrors.without_length])
def test_a_mirror_that_sends_without_end_is_left(serve, files, cache, monkeypatch, behave):
    monkeypatch.setattr(fetching, "LARGEST", len(files[IMAGES]) - 1)
    serve(behave)
    with pytest.raises(OSError, match="more bytes than expected"):
        datasets.load("mnist")


def test_the_server_is_told_who_asks(serve):
    agents = []

    def noted(handler, content):
        agents.append(handler.headers["User-Agent"])
        Cut(1)(handler, content) if len(agents) == 1 else healthy(handler, content)

    serve(noted)
    datasets.load("mnist")
    assert agents == ["backprop-lab"] * 5


@pytest.mark.parametrize("named, folder", [("~/here", "home/here"), ("", "usual"), (None, "usual")])
def test_the_cache_is_the_users_unless_another_is_named(serve, files, tmp_path, monkeypatch, named, folder):
    import pooch

    serve(healthy, name="fashion")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "usual" / project)
    monkeypatch.delenv(fetching.CACHE) if named is None else monkeypatch.setenv(fetching.CACHE, named)
    datasets.load("fashion")
    cache = tmp_path / folder / ("fashion" if named else "backprop-lab/fashion")
    assert {file: (cache / file).read_bytes() for file in fetching.FILES} == files


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_https_is_checked_with_the_known_certificates(serve, monkeypatch, scheme):
    asked = []

    def urlopen(request, timeout, context):
        asked.append((request.full_url, timeout, context))
        raise OSError("enough")

    serve(healthy)
    monkeypatch.setitem(fetching.MIRRORS, "mnist", (f"{scheme}://mirror.example/",))
    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    with pytest.raises(OSError, match="enough"):
        datasets.load("mnist")
    (url, timeout, context), = asked
    assert (url, timeout) == (f"{scheme}://mirror.example/{IMAGES}", fetching.TIMEOUT)
    if scheme == "http":
        assert context is None
    else:
        assert context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname
        certifi = pytest.importorskip("certifi")
        known = ssl.create_default_context(cafile=certifi.where()).get_ca_certs(binary_form=True)
        assert set(known) <= set(context.get_ca_certs(binary_form=True))
