"""What becomes of a training whose visitor or whose server goes, and what the visitor is told of it on coming back."""


import pytest

import mlcore
from tests.pages.returning import TOKEN, entries, equal, opened
from tests.pages.visit import press, run
from tests.waiting import until
from ui import state
from ui.training import runs
from ui.visits import leaving, servers
from ui.visits.store import Visit, tag

pytestmark = pytest.mark.usefixtures("returning")


def left_behind(record, net=None, **info):
    """A training of a server that is no more, with its network as it was last written."""
    visit = Visit(TOKEN)
    visit.write(RUN, [lambda _: {"run": "long-gone", "server": "0" * 16, "name": "xor, SGD 0.1", "at": 1.0} | record])
    if net is not None:
        net.info = {"data": "xor", "name": "xor, SGD 0.1"} | info
        mlcore.save(net, visit.file(RUN))
    return visit


RUN = f"run-{tag(1)}"
CAME_TO = [  # what was written last, what is said, what the network is called
    ({"epoch": 12, "epochs": 120, "ended": ""}, "its network as of epoch 12 of 120 is under Your networks", "xor, SGD 0.1, epoch 12"),
    ({"epoch": 3.5, "epochs": 120, "ended": ""}, "as of epoch 3.5 of 120", "xor, SGD 0.1, epoch 3.5"),
    ({"epoch": 120, "epochs": 120, "ended": "finished"}, "Your training ended while you were away", "xor, SGD 0.1"),
    (None, "before your training had finished its first epoch, so it is lost: press Start again.", None),
    ({"epoch": "[x](http://x.example)", "epochs": None, "ended": 7}, "so it is lost", None),
]


@pytest.mark.parametrize(("info", "said", "called"), CAME_TO)
def test_what_became_of_a_training_whose_server_is_gone_is_said_once(info, said, called):
    net = mlcore.Network((2, 3, 2), seed=4)
    visit = left_behind({}, *([net] if info else []), **(info or {}))
    at = opened("gradients", run="long-gone")
    assert [said in w.value.replace("\\", "") for w in at.warning] == [True] and "run" not in at.query_params
    own = [entry for entry in entries(at).values() if entry.kind == "trained"]
    assert [entry.name for entry in own] == [called] * bool(called) and all(equal(entry.network, net) for entry in own)
    again = opened("train")
    assert not again.warning and len(entries(again)) == 2 + len(own) and not list(visit.folder.glob("run-*"))


def test_a_training_of_another_server_that_lives_is_left_alone(monkeypatch):
    visit = left_behind({}, mlcore.Network((2, 3, 2)), epoch=1, epochs=2, ended="")
    monkeypatch.setattr(servers, "alive", lambda folder, name: True)
    at = opened("train")
    assert not at.warning and len(entries(at)) == 2 and visit.file(RUN).exists()


def test_a_network_waits_for_room_on_the_shelf(monkeypatch):
    visit = left_behind({}, mlcore.Network((2, 3, 2)), epoch=1, epochs=2, ended="")
    monkeypatch.setattr(state, "MOST_OWN", 0)
    assert "is waiting for room" in opened("train").warning[0].value and visit.file(RUN).exists()
    monkeypatch.setattr(state, "MOST_OWN", 5)
    assert len(entries(opened("train"))) == 3


def test_a_training_of_this_server_is_attached_again_and_leaves_nothing_behind_once_its_network_is_kept():
    at = opened("train", data="xor", units="4", epochs=1)
    at = press(at, "Start")
    training = runs.get(at.session_state["run"])
    Visit(TOKEN).exists()
    assert len(Visit(TOKEN).names("run")) == 1
    again = opened("train")
    assert again.session_state["run"] == training.id
    until(lambda: training.over)
    again = run(again)
    assert [e.id.partition(".")[0] for e in entries(again).values() if e.kind == "trained"] == [training.id]
    Visit(TOKEN).exists()
    assert not Visit(TOKEN).names("run") and len(Visit(TOKEN).names("network")) == 1
    assert leaving.forget(TOKEN).startswith("Deleted") and training.unwanted


def test_forget_me_in_the_middle_of_a_training_leaves_nothing_and_no_tab_that_is_still_open_starts_another():
    at, tab = (opened("train", data="xor", units="64, 64", size=1, epochs=1000) for _ in range(2))
    at = press(at, "Start")
    training = runs.get(at.session_state["run"])
    until(lambda: list(Visit(TOKEN).folder.glob("*.npz")))
    assert "1 training was stopped" in leaving.forget(TOKEN)
    assert training.process.wait(0) == 0, "its process goes on"
    assert not runs.of(TOKEN) and leaving.forget(TOKEN) == "There was nothing to delete."
    assert not Visit(TOKEN).folder.exists(), "the training wrote its last words after everything was deleted"
    press(tab, "Start")
    assert all(one.over for one in runs.of(TOKEN)) and not Visit(TOKEN).folder.exists()
