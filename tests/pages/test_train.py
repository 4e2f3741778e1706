"""The Train page without a browser: settings, a training from start to use, what goes wrong, and the shelf."""

import io
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import mlcore
from tests import waiting
from ui import inputs, state, subject
from ui.train import settings
from ui.training import runs

LONG = {"data": "xor", "epochs": 1000, "units": "64, 64", "size": "1"}


@pytest.fixture
def open():
    """Opens the page with these settings in its address; whatever trains is ended afterwards."""
    known = set(runs.everyones())

    def open(token=None, /, **params):
        at = visit(token)
        at.query_params.update({k: str(v) for k, v in params.items()})
        return fresh(at.switch_page("../pages/train.py"))

    yield open
    for run in set(runs.everyones()) - known:
        runs.stop(run, "", instructor=True)


def visit(token=None, /, **address):
    """A new visit that begins on Draw with this address, of the visitor with this token or a new one."""
    at = AppTest.from_file("../../ui/navigation.py", default_timeout=30)
    at.query_params.update(address)
    if token:
        at.session_state["visitor"] = token
    return fresh(at)


def token(at):
    return at.session_state["visitor"]


def fresh(at):
    at = at.run()
    assert not at.exception, at.exception
    return at


def button(at, label):
    return next(b for b in at.button if b.label == label)


def press(at, label):
    assert not button(at, label).disabled, f"{label} is disabled"
    return fresh(button(at, label).click())


def the_run(at):
    return runs.get(at.session_state["run"])


def until(at, condition, seconds=30):
    waiting.until(condition, seconds)
    return fresh(at)


def test_before_anything_trains_it_says_what_to_do(open):
    at = open()
    assert any("press Start" in c.value for c in at.caption)
    assert at.metric[0].label == "Test accuracy" and at.metric[0].value == "–"
    assert [b.label for b in at.button if b.disabled] == ["Pause", "Stop"]


def test_a_training_ends_in_a_network_on_the_shelf_that_one_click_uses(open):
    at = press(open(data="xor", epochs=20, seed=3), "Start")
    run = the_run(at)
    assert run.spec.data == "xor" and run.spec.seed == 3 and run.spec.layers == (16, 16) and run.spec.hidden == "tanh"
    assert run.id in at.query_params["run"]
    at = until(at, lambda: run.over)
    assert run.status == "finished" and at.metric[0].value == f"{100 * run.tested.test_accuracy:.1f} %"
    assert len(at.session_state["lab"]["entries"]) == 3
    at = press(at, "Use it")
    entry = at.session_state["lab"]["entries"][at.session_state["lab"]["chosen"]]
    assert entry.network.sizes == (2, 16, 16, 2) and entry.info["test_accuracy"] == run.tested.test_accuracy
    assert button(at, "In use").disabled
    assert len(fresh(at).session_state["lab"]["entries"]) == 3


def test_pause_one_epoch_resume_stop(open):
    at = press(open(**LONG), "Start")
    run = the_run(at)
    at = until(at, lambda: run.history)
    at = press(at, "Pause")
    at = until(at, lambda: run.status == "paused")
    updates = run.last.updates
    at = press(at, "One epoch")
    at = until(at, lambda: run.status == "paused" and run.last.updates > updates)
    assert run.last.epoch_end
    at = press(at, "Use it as it is now")
    assert at.session_state["lab"]["chosen"] == f"{run.id}.{run.last.updates}"
    at = press(at, "Resume")
    at = until(at, lambda: run.status == "running")
    began = time.monotonic()
    button(at, "Stop").click().run()
    until(at, lambda: run.over)
    assert run.status == "stopped" and time.monotonic() - began < 2
    assert not button(fresh(at), "Start").disabled


def test_one_epoch_can_be_the_first(open):
    at = press(open(data="xor"), "One epoch")
    run = the_run(at)
    at = until(at, lambda: run.status == "paused")
    assert run.last.epoch == 1 and run.last.epoch_end


def test_layers_that_are_none_get_one_sentence_and_start_nothing(open):
    at = open(units="12, many")
    [error] = at.error
    assert error.value.startswith("Hidden layers are “12, many”; write the units of each")
    at = press(at, "Start")
    assert len(at.error) == 1 and "run" not in at.session_state
    at = fresh(at.text_input(key="units").set_value("5000"))
    assert [e.value for e in at.error] == ["A layer's size is 5000, expected 1 … 4096 units."]


def test_an_address_that_leads_nowhere_says_so(open):
    at = open(run="nonsense")
    assert [e.value for e in at.error] == ["This training no longer exists; press Start to begin a new one."]
    assert not fresh(at).error


def test_another_visit_of_the_same_visitor_is_attached(open):
    first = press(open(**LONG), "Start")
    run = the_run(first)
    for at in (open(token(first), run=run.id), open(token(first))):
        at = until(at, lambda: run.history)
        assert the_run(at) is run and not button(at, "Pause").disabled
    press(at, "Stop")
    assert run.over


def test_a_diverged_run_names_its_rate_and_a_tenth(open):
    at = press(open(alpha=10), "Start")
    run = the_run(at)
    at = until(at, lambda: run.over)
    [warning] = at.warning
    assert "diverged" in warning.value and "learning rate of 10" in warning.value and warning.value.endswith("Try a tenth, 1.")
    assert len(at.session_state["lab"]["entries"]) == 2, "an untrained network was kept"


def test_a_dead_network_is_named(open):
    at = press(open(alpha=3, units="8", epochs=3), "Start")
    run = the_run(at)
    at = until(at, lambda: run.over)
    [warning] = at.warning
    assert warning.value.startswith("Hidden layer 1 is dead") and "tanh" in warning.value


def test_data_and_optimizer_bring_what_suits_them_but_keep_what_was_chosen(open):
    at = open()
    at = fresh(at.number_input(key="epochs").set_value(7))
    at = fresh(at.selectbox(key="data").set_value("moons"))
    assert at.text_input(key="units").value == "16, 16" and at.selectbox(key="activation").value == "tanh"
    assert at.number_input(key="epochs").value == 7
    at = fresh(at.selectbox(key="optimizer").set_value("Adam"))
    assert at.number_input(key="alpha").value == settings.RATES["Adam"]
    at = fresh(at.number_input(key="alpha").set_value(0.5))
    at = fresh(at.selectbox(key="optimizer").set_value("SGD"))
    assert at.number_input(key="alpha").value == 0.5


READ = {"128, 64": (128, 64), "128-64": (128, 64), " 8 ": (8,), "": (), None: (), "3;4 5": (3, 4, 5)}


@pytest.mark.parametrize("text, layers", READ.items())
def test_layers_are_read_as_people_write_them(text, layers):
    assert inputs.layers(text) == layers


@pytest.mark.parametrize("text", ("abc", "1.5", "8, -2, x", "²"))
def test_what_is_no_list_of_layers_is_refused(text):
    with pytest.raises(ValueError, match=r"leave it empty for softmax regression"):
        inputs.layers(text)


def trained(at):
    at = press(at, "Start")
    run = the_run(at)
    return until(at, lambda: run.over)


def test_a_network_is_renamed_and_deleted_for_good(open):
    at = trained(open(data="xor", epochs=2))
    *_, id = at.session_state["lab"]["entries"]
    at = fresh(at.text_input(key=f"name_{id}").set_value("My first"))
    assert any(option.startswith("My first") for option in at.selectbox(key="net").options)
    at = fresh(at.button(key=f"delete_{id}").click())
    assert list(at.session_state["lab"]["entries"]) == ["mlp", "softmax"]
    again = open(token(at), run=the_run(at).id)
    assert list(again.session_state["lab"]["entries"]) == ["mlp", "softmax"], "a reload brought it back"
    at = press(at, "Use it")
    assert at.session_state["lab"]["chosen"] == id


@pytest.mark.parametrize("pressed", ["delete", "use"])
def test_a_press_and_a_new_name_for_a_network_that_went_meanwhile_break_nothing(open, pressed):
    at = trained(open(data="xor", epochs=2))
    *_, id = at.session_state["lab"]["entries"]
    the_run(at).unwanted = True
    del at.session_state["lab"]["entries"][id]
    at = fresh(at.text_input(key=f"name_{id}").set_value("My first").root.button(key=f"{pressed}_{id}").click())
    assert id not in at.session_state["lab"]["entries"]


def test_a_saved_network_is_loaded_back_and_other_files_are_refused(open):
    at = open()
    file = io.BytesIO()
    net = mlcore.Network((2, 3, 2), seed=5)
    net.info["name"] = "from a file"
    mlcore.save(net, file)
    at = fresh(at.file_uploader[0].set_value(("mine.npz", file.getvalue(), "application/octet-stream")))
    assert [e.name for e in at.session_state["lab"]["entries"].values() if e.kind == "loaded"] == ["from a file"]
    assert any("from a file is loaded" in s.value for s in at.success)
    at = fresh(at.file_uploader[0].set_value(("mine.npz", b"PK nothing", "application/octet-stream")))
    [error] = at.error
    assert error.value.startswith("mine.npz: this is not a network file that can be loaded")
    assert at.file_uploader[0].value is None, "what could not be loaded is not held"
    assert len(at.session_state["lab"]["entries"]) == 3


def test_odd_notes_in_a_file_break_nothing(open):
    file = io.BytesIO()
    net = mlcore.Network((2, 3, 2))
    net.info = {"name": 7, "data": 3, "what": "y" * 5000, "test_accuracy": "much", "test_accuracy_strokes": 7, "trained": 1e300}
    mlcore.save(net, file)
    at = fresh(open().file_uploader[0].set_value(("mine.npz", file.getvalue(), "application/octet-stream")))
    [entry] = [e for e in at.session_state["lab"]["entries"].values() if e.kind == "loaded"]
    assert entry.name == "7" and len(entry.summary) < 300 and "much" not in entry.label


def test_a_full_shelf_keeps_the_run_until_there_is_room(open, monkeypatch):
    monkeypatch.setattr(state, "MOST_OWN", 1)
    at = trained(open(data="xor", epochs=2))
    at = trained(at)
    [_, _, first] = at.session_state["lab"]["entries"]
    at = press(at, "Use it")
    assert any("delete one first" in e.value for e in at.error)
    at = fresh(at.button(key=f"delete_{first}").click())
    [_, _, second] = at.session_state["lab"]["entries"]
    assert first != second and second.startswith(the_run(at).id)


def test_a_trained_network_is_there_again_after_a_reload_of_any_page(open):
    at = trained(open(data="moons", epochs=2, points=100, noise=0.3))
    first, own = the_run(at), at.session_state["lab"]["entries"]
    at = press(at, "Use it")
    chosen = at.session_state["lab"]["chosen"]
    assert chosen.startswith(first.id) and own[chosen].info["noise"] == 0.3
    at = trained(at)
    assert the_run(at) is not first
    again = visit(token(at), net=chosen)
    assert again.session_state["lab"]["chosen"] == chosen and not again.warning
    assert the_run(again) is first, "its curves are at hand too"
    kept = again.session_state["lab"]["entries"][chosen].network
    assert all(np.array_equal(a.theta, b.theta) for a, b in zip(kept.layers, own[chosen].network.layers))
    assert len(subject.pool(kept).y) == 20, "the points held out from its training"


@pytest.mark.parametrize("net", ("own1", "nonsense.12", "."))
def test_a_network_of_an_address_that_is_not_at_hand_is_said(open, net):
    at = visit(net=net)
    assert "is no longer here" in at.warning[0].value and at.session_state["lab"]["chosen"] == "mlp"
    assert not fresh(at).warning


def test_the_run_tells_its_own_settings(open):
    at = trained(open(data="xor", epochs=2, alpha=0.25))
    at = fresh(at.number_input(key="alpha").set_value(0.5))
    assert any("This run: xor, n = 400" in c.value and "α = 0.25" in c.value for c in at.caption)


def test_a_training_that_ends_while_another_page_is_open_is_at_hand_there(open):
    at = press(open(data="moons", epochs=200), "Start")
    run = the_run(at)
    at = fresh(at.switch_page("../pages/gradients.py"))
    at = until(at, lambda: run.over)
    assert [entry.kind for entry in at.session_state["lab"]["entries"].values()].count("trained") == 1
