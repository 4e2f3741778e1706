"""The store of visits: what is written is read again, what is not ours is left out and left alone, and there is never too much."""

import json
import os
import stat
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlcore
from mlcore import fetching
from ui.visits import servers, store
from ui.visits.store import Visit, root, sweep, tag

TOKEN, OTHER = "A" * 22, "B" * 22
NET = f"network-{tag('one')}"


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """Another cache folder, and no waiting for more changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(fetching.CACHE, str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def empty():
    for token in (TOKEN, OTHER):
        Visit(token).forget()


def visit(token=TOKEN):
    """The visitor's next session: all that waits is written."""
    found = Visit(token)
    found.exists()
    return found


def put(name, record, network=None, token=TOKEN):
    Visit(token).change(name, lambda _: record, network)
    return visit(token)


def network(seed=0, sizes=(4, 3)):
    return mlcore.Network(sizes, seed=seed)


def files():
    return [path for path in root().rglob("*") if path.is_file()]


def test_what_is_written_is_read_in_the_next_session():
    assert put("place", {"a": [1, 2.5, None, "ä"]}).read("place") == {"a": [1, 2.5, None, "ä"]}
    net = network()
    record = put(NET, {"name": "mine"}, net).read(NET)
    again = visit().load(NET, record["digest"])
    assert all(np.array_equal(a.theta, b.theta) for a, b in zip(again.layers, net.layers))
    assert visit().names("network") == [NET] and record["bytes"] == visit().size(NET)
    assert visit(OTHER).read("place") == {} and visit(OTHER).names("network") == []


def test_of_several_changes_the_last_is_written_and_merged_ones_all():
    first = Visit(TOKEN)
    for n in range(5):
        first.change("place", lambda _, n=n: {"n": n}, replaces=True)
        first.change("settings", lambda old, n=n: old | {str(n): n})
    assert visit().read("place") == {"n": 4} and visit().read("settings") == {str(n): n for n in range(5)}
    first.remove("place")
    assert visit().read("place") == {}
    first.remove("settings")
    first.change("settings", lambda old: old | {"new": 1})
    assert visit().read("settings") == {"new": 1}, "what was deleted came back"


def test_two_sessions_change_what_each_changes():
    one, two = Visit(TOKEN), Visit(TOKEN)
    one.change("settings", lambda old: old | {"a": 1})
    two.change("settings", lambda old: old | {"b": 2})
    one.change(NET, lambda _: {"name": "one"}, network(1))
    two.change(f"network-{tag('two')}", lambda _: {"name": "two"}, network(2))
    assert visit().read("settings") == {"a": 1, "b": 2} and len(visit().names("network")) == 2


def test_the_disk_tells_no_token_and_nobody_else_reads():
    put("place", {"a": 1})
    put(NET, {"name": "mine"}, network())
    for path in root().rglob("*"):
        assert TOKEN not in str(path) and (path.is_dir() or TOKEN.encode() not in path.read_bytes())
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert stat.S_IMODE(root().stat().st_mode) == 0o700


def test_what_another_visitor_left_is_not_taken_for_ones_own():
    mine, theirs = put("place", {"whose": "mine"}), put("place", {"whose": "theirs"}, token=OTHER)
    (mine.folder / "place.json").write_bytes((theirs.folder / "place.json").read_bytes())
    assert visit().read("place") == {}
    put("numbers", {"n": 1})
    (mine.folder / "place.json").write_bytes((mine.folder / "numbers.json").read_bytes())
    assert visit().read("place") == {}, "a record under another name"


LONG = [b"[" * 100_000, b"9" * 10_000, b'{"a":' * 9999]
json_like = st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one))


@settings(max_examples=60, deadline=None)
@given(st.binary() | json_like.map(lambda value: json.dumps(value).encode()) | st.sampled_from(LONG))
def test_any_bytes_in_a_records_place_are_left_out(data):
    here = Visit(TOKEN)
    here.make()
    (here.folder / "place.json").write_bytes(data)
    (here.folder / f"{NET}.npz").write_bytes(data)
    assert here.read("place") == {}
    with pytest.raises((ValueError, OSError)):
        here.load(NET)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_changed_or_half_written_record_is_left_out(data):
    record = {"name": "mine", "steps": [1, 2, 3]}
    here = Visit(TOKEN)
    here.write("place", [lambda _: record])
    whole = (here.folder / "place.json").read_bytes()
    at, byte = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 255))
    for damaged in (whole[:at], whole[:at] + bytes([byte]) + whole[at + 1 :]):
        (here.folder / "place.json").write_bytes(damaged)
        assert here.read("place") in ({}, record)


def test_what_is_no_file_does_not_hold_anybody_up(tmp_path):
    here = Visit(TOKEN)
    here.make()
    os.mkfifo(here.folder / "place.json")
    (here.folder / "numbers.json").mkdir()
    secret = tmp_path / "secret"
    secret.write_text("{}")
    (here.folder / "drawing.json").symlink_to(secret)
    assert [here.read(name) for name in ("place", "numbers", "drawing")] == [{}, {}, {}]
    here.forget()
    assert [path.name for path in here.folder.iterdir()] == ["numbers.json"] and secret.exists()
    (here.folder / "numbers.json").rmdir()


def test_the_old_record_stays_until_the_new_one_is_complete(monkeypatch):
    put("place", {"n": 1})
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    here = Visit(TOKEN)
    for n in (2, 3):
        here.change("place", lambda _, n=n: {"n": n})
        here.exists()
    assert here.read("place") == {"n": 1} and [path.name for path in files()] == ["place.json"]
    assert here.said == ["Your work cannot be kept after this visit (No space left on device): download what you want to keep."], (
        "said once"
    )


def test_a_folder_that_cannot_be_made_is_said(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(fetching.CACHE, str(tmp_path / "file"))
    here = Visit(TOKEN)
    here.change("place", lambda _: {"n": 1})
    assert not here.exists() and here.read("place") == {} and len(here.said) == 1


def test_forgetting_deletes_what_is_ours_and_what_waits():
    here, tab = put("place", {"n": 1}), Visit(TOKEN)
    put(NET, {"name": "mine"}, network())
    stranger = here.folder / "letter.txt"
    stranger.write_text("not ours")
    tab.change("place", lambda _: {"n": 2})
    here.forget()
    assert files() == [stranger] and tab.out_of_date and not here.out_of_date
    tab.change("place", lambda _: {"n": 3})
    assert visit().read("place") == {}, "another tab brought it back"
    stranger.unlink()
    here.change("place", lambda _: {"n": 4})
    assert visit().read("place") == {"n": 4}


def test_the_oldest_networks_of_a_visit_go_first(monkeypatch):
    size = put(NET, {"name": "first"}, network(sizes=(300, 30))).size(NET)
    monkeypatch.setattr(store, "LARGEST_MB", 3.5 * size / 2**20)
    here = Visit(TOKEN)
    for n in range(1, 5):
        time.sleep(0.01)
        here.change(f"network-{tag(n)}", lambda _, n=n: {"name": f"net {n}"}, network(n, (300, 30)))
        here.exists()
    assert sorted(here.read(name)["name"] for name in here.names("network")) == ["net 2", "net 3", "net 4"]
    assert ["first" in here.said[0], "net 1" in here.said[1]] == [True, True]
    here.change(NET, lambda _: {"name": "huge"}, network(0, (1200, 60)))
    here.exists()
    assert "cannot be kept" in here.said[-1] and len(here.names("network")) == 3


def visits(n):
    """So many visits, the first the oldest."""
    made = [put("place", {"n": k}, token=f"{k:022}") for k in range(n)]
    for k, one in enumerate(made):
        os.utime(one.folder, (time.time() - 100 + k,) * 2)
    return made


def left(made):
    return [k for k, one in enumerate(made) if one.folder.exists()]


def test_the_oldest_visits_go_first_and_nothing_else_does(monkeypatch, tmp_path):
    made = visits(6)
    others = [root() / "letter.txt", root() / "f" / "place.json", made[0].folder / "letter.txt", root().parent / "mnist" / "images"]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_text("not ours")
    os.utime(made[0].folder, (1, 1))
    outside = tmp_path / "place.json"
    outside.write_text("not ours")
    link = root() / ("0" * 32)
    link.symlink_to(tmp_path, target_is_directory=True)
    monkeypatch.setattr(store, "MOST_VISITS", 4)
    sweep()
    assert left(made) == [0, 2, 3, 4, 5] and [path.name for path in made[0].folder.iterdir()] == ["letter.txt"]
    assert all(path.exists() for path in [*others, outside, link])
    others[2].unlink()
    made[0].folder.rmdir()
    os.utime(made[2].folder, (time.time() - 86_400 * (store.DAYS + 1),) * 2)
    monkeypatch.setattr(store, "MOST_VISITS", 100)
    sweep()
    assert left(made) == [3, 4, 5], "too many days"
    monkeypatch.setattr(store, "ALL_MB", 2.5 * sum(path.stat().st_size for path in made[4].folder.iterdir()) / 2**20)
    sweep()
    assert left(made) == [4, 5], "too many bytes"
    link.unlink()


def test_a_visit_that_went_to_make_room_is_noticed():
    here = put("place", {"n": 1})
    store._delete(here.folder)
    here.change("numbers", lambda _: {"n": 2})
    here.exists()
    assert here.gone


def test_whether_another_server_lives(tmp_path):
    assert servers.alive(tmp_path, servers.own(tmp_path)) and not servers.alive(tmp_path, "0" * 16) and not servers.alive(tmp_path, None)
    code = "import sys, pathlib; from ui.visits import servers; print(servers.own(pathlib.Path(sys.argv[1])), flush=True); input()"
    other = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    name = other.stdout.readline().strip()
    assert servers.alive(tmp_path, name)
    other.kill()
    other.communicate()
    assert not servers.alive(tmp_path, name) and not (tmp_path / f"{name}.lock").exists()
