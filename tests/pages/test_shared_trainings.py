"""Trainings of several visitors on the Train page: whoever has a link sees, the owner controls, the instructor may stop."""


import pytest
from streamlit.testing.v1 import AppTest

from tests.waiting import until
from ui import state, visitor
from ui.training import needs, runs, turns
from ui.training.spec import Spec

LONG = {"data": "xor", "epochs": 1000, "units": "64, 64", "size": "1"}
CONTROLS = {"Pause", "Resume", "One epoch", "Stop"}


@pytest.fixture
def open():
    """Opens the Train page as the visitor with this token, with these settings in the address; what trains is ended afterwards."""
    known = set(runs.everyones())

    def open(token, /, **params):
        at = AppTest.from_file("../../ui/navigation.py", default_timeout=30)
        at.session_state["visitor"] = token
        at.query_params.update({k: str(v) for k, v in params.items()})
        return fresh(fresh(at).switch_page("../pages/train.py"))

    yield open
    for run in set(runs.everyones()) - known:
        runs.stop(run, "", instructor=True)
        del turns.runs[run.id]


def fresh(at):
    at = at.run()
    assert not at.exception, at.exception
    return at


def labels(at):
    return {button.label for button in at.button}


def press(at, label):
    [button] = [b for b in at.button if b.label == label]
    assert not button.disabled, f"{label} is disabled"
    return fresh(button.click())


def captions(at):
    return " ".join(c.value for c in at.caption)


def trained(**change):
    """A run of somebody who is called A, which has learned something by now."""
    run = runs.start(Spec(**{"data": "xor", "layers": (8,), "batch_size": 1, "epochs": 2000} | change), "A")
    until(lambda: run.fraction > 1 or run.over)
    return run


@pytest.mark.parametrize(
    "link, status", [("run", "running"), ("run", "paused"), ("run", "finished"), ("net", "paused"), ("net", "finished")]
)
def test_who_opens_a_link_sees_the_run_and_finds_no_control_of_it(open, status, link):
    run = trained(epochs=3 if status == "finished" else 2000)
    if status == "paused":
        runs.pause(run, "A")
    until(lambda: run.status == status)
    at = open("B", **({"run": run.id} if link == "run" else {"net": f"{run.id}.{run.last.updates}"}))
    assert not labels(at) & CONTROLS and "This is another visitor's training" in captions(at) and "This run: xor" in captions(at)
    assert at.metric[0].value.endswith("%")
    if status != "running":
        use = "Use it" if status == "finished" else "Use it as it is now"
        at = press(at, use) if link == "run" else at
        assert at.session_state["lab"]["entries"][at.session_state["lab"]["chosen"]].network.sizes == (2, 8, 2)
    assert run.status == status and not runs.of("B")
    at = press(at, "Start")
    assert runs.get(at.session_state["run"]) in runs.of("B") and run.status == status
    assert {"Pause", "Stop"} <= labels(at)


def test_what_another_has_on_the_shelf_and_deletes_is_still_the_owners(open):
    run = trained(epochs=3)
    until(lambda: run.over)
    id = f"{run.id}.{run.last.updates}"
    at = fresh(open("B", net=id).button(key=f"delete_{id}").click())
    assert id not in at.session_state["lab"]["entries"] and not run.unwanted
    assert id in open("A").session_state["lab"]["entries"]


def test_a_link_to_a_network_for_which_there_is_no_room_says_so(monkeypatch):
    run = trained(epochs=3)
    until(lambda: run.over)
    monkeypatch.setattr(state, "MOST_OWN", 0)
    at = AppTest.from_file("../../ui/navigation.py", default_timeout=30)
    at.query_params["net"], at.session_state["visitor"] = f"{run.id}.{run.last.updates}", "B"
    assert any("delete one first" in warning.value for warning in fresh(at).warning)
    del turns.runs[run.id]


def test_a_forged_press_ends_nobodys_run(open, monkeypatch):
    run = trained()
    monkeypatch.setattr(visitor, "is_instructor", lambda: True)
    at = open("B")
    stop = at.button(key=f"stop_{run.id}")
    monkeypatch.setattr(visitor, "is_instructor", lambda: False)
    at = fresh(stop.click())
    assert not run.over and [e.value for e in at.error] == ["This is another visitor's training; press Start for one of your own."]
    assert not any(b.key == f"stop_{run.id}" for b in at.button)
    for act in (runs.pause, runs.resume, runs.stop):
        with pytest.raises(PermissionError):
            act(run, "B")
    assert not run.over


def test_the_instructor_sees_all_trainings_and_stops_one_whose_page_says_so(open, monkeypatch):
    run = trained()
    monkeypatch.setattr(visitor, "is_instructor", lambda: True)
    at = open("teacher")
    assert any(h.value == "All trainings" for h in at.subheader)
    [line] = [t.value for t in at.text if f"visitor {run.number} · " in t.value]
    assert "running" in line and "epoch " in line and "since " in line
    fresh(at.button(key=f"stop_{run.id}").click())
    assert run.status == "stopped"
    monkeypatch.setattr(visitor, "is_instructor", lambda: False)
    assert "The instructor stopped it." in captions(open("A", run=run.id))


def test_another_start_while_one_is_paused_and_the_way_back(open):
    at = press(open("A", **LONG), "Start")
    first = runs.get(at.session_state["run"])
    until(lambda: first.history)
    at = press(fresh(at), "Pause")
    until(lambda: first.status == "paused")
    at = press(fresh(at), "Start")
    second = runs.get(at.session_state["run"])
    assert second is not first and first.status == "paused"
    assert any(h.value == "Your other trainings" for h in at.subheader)
    at = fresh(at.button(key=f"show_{first.id}").click())
    assert runs.get(at.session_state["run"]) is first and {"Resume", "Stop"} <= labels(at)
    at = press(at, "Resume")
    assert (first.status, second.over) == ("queued", False)
    assert "It starts when the training before it has ended or is paused." in captions(at)


def test_a_third_waits_and_a_fourth_is_refused_in_one_sentence(open):
    for _ in range(3):
        run = runs.start(Spec(data="xor", layers=(8,), epochs=20_000), "A")
        until(lambda run=run: run.history or run.status == "queued")
        runs.pause(run, "A")
    at = press(open("A"), "Start")
    assert [e.value for e in at.error] == ["You already have 3 trainings under way; stop one of them first."]


def test_a_run_that_waits_says_its_place_and_its_time(open, monkeypatch):
    monkeypatch.setattr(turns, "SLICE", 600)
    for k in range(turns.AT_ONCE):
        runs.start(Spec(data="xor", layers=(64,), batch_size=1, epochs=1000), f"another {k}")
    at = press(open("A", **LONG), "Start")
    assert "Number 1 in the queue: its turn comes in about " in captions(at)
    at = press(at, "Stop")
    assert runs.get(at.session_state["run"]).status == "stopped"


def test_the_length_is_said_before_start_and_what_is_too_long_is_refused(open, monkeypatch):
    monkeypatch.setattr(needs, "seconds", lambda spec: 0.5 * spec.epochs)
    assert "It will take about 1 min." in captions(open("A", epochs=120)).replace("60 s", "1 min")
    monkeypatch.setattr(needs, "seconds", lambda spec: 10.0 * spec.epochs)
    at = open("A", epochs=1000)
    sentence = "This training would take 3 h of computing, but at most 30 min are allowed; lower the epochs to 180."
    assert sentence in captions(at)
    at = press(at, "Start")
    assert [e.value for e in at.error] == [sentence] and "run" not in at.session_state
