"""What a visitor comes back to: each session of a browser with our cookie begins with what the one before left."""

import shutil

import numpy as np
import pytest
import streamlit as st

import mlcore
from mlcore import fetching
from tests.pages.returning import DIGIT, STROKE, TOKEN, does, draw, drawing, entries, equal, moved, opened
from tests.pages.visit import run
from ui import forget, state, visitor
from ui.visits import leaving, store
from ui.visits.store import Visit

pytestmark = pytest.mark.usefixtures("returning")


def test_a_visitor_who_only_looks_leaves_nothing():
    run(run(opened()))
    Visit(TOKEN).exists()
    assert not store.root().exists()


def test_the_drawing_is_there_again_with_strokes_label_and_picture():
    at = draw(opened())
    does(at, lambda: setattr(state.instance(), "label", 7))
    inst = opened().session_state["lab"]["instance"]
    assert inst.json == {"objects": [STROKE]} and (inst.label, inst.text) == (7, "your drawing")
    assert np.array_equal(inst.x, DIGIT) and inst.x.dtype == np.float32 and np.array_equal(inst.image, drawing().image)
    does(opened(), lambda: state.set_instance(None))
    assert opened().session_state["lab"]["instance"] is None


def test_settings_of_all_pages_are_there_again():
    at = opened("chain-rule", source="Example", section="One step")
    at = run(at.number_input(key="alpha").set_value(0.7))
    at = opened("backpropagation", alpha=3)
    at = run(at.text_area(key="more").set_value("0.5, -1, 1; 2, 2, 0"))
    at = run(at.number_input(key="instance").set_value(42))
    at = moved(at, "train")
    at = run(at.selectbox(key="data").set_value("moons"))
    run(at.number_input(key="epochs").set_value(7))

    at = opened("backpropagation")
    assert (at.number_input(key="alpha").value, at.number_input(key="instance").value) == (3.0, 42)
    assert at.text_area(key="more").value == "0.5, -1, 1; 2, 2, 0" and at.query_params["alpha"] == "3", "a link lacks it"
    at = moved(at, "train")
    assert (at.selectbox(key="data").value, at.number_input(key="epochs").value, at.number_input(key="alpha").value) == ("moons", 7, 0.1)
    at = moved(at, "chain-rule")
    assert at.number_input(key="alpha").value == 0.7
    at = opened("chain-rule")
    assert at.number_input(key="alpha").value == 0.7 and at.query_params["section"] == "One step"


def test_typed_numbers_of_both_examples_are_there_again():
    at = opened("softmax")
    at = run(at.number_input(key="example_x_0_1_False").set_value(0.125))
    at = run(at.toggle(key="deep").set_value(True))
    run(at.number_input(key="example_theta1_2_0_True").set_value(-3.25))
    at = opened("softmax")
    assert at.toggle(key="deep").value and at.number_input(key="example_theta1_2_0_True").value == -3.25
    at = run(at.toggle(key="deep").set_value(False))
    assert at.number_input(key="example_x_0_1_False").value == 0.125


def test_where_a_walk_stood_and_the_steps_taken_are_there_again():
    at = opened("chain-rule", source="Example", section="One step")
    at = run(next(b for b in at.button if b.label == "Take the step").click())
    at = moved(at, "backpropagation")
    at = run(at.segmented_control(key="section").set_value("Step by step"))
    at = run(at.number_input(key="at").set_value(17))
    does(at, lambda: st.session_state.update(walked={((3, 3), "softmax"): 12}))
    at = opened("backpropagation")
    assert at.number_input(key="at").value == 17 and at.session_state["walked"] == {((3, 3), "softmax"): 12}
    at = moved(at, "chain-rule")
    assert any("Step 1, α = 0.1" in m.value for m in at.markdown)


def test_networks_are_there_again_to_the_bit_and_loaded_when_they_are_used(monkeypatch):
    first, second = mlcore.Network((784, 6, 10), seed=1), mlcore.Network((2, 3, 1), "tanh", "sigmoid", seed=2, dtype="float64")
    first.info = {"data": "digits", "test_accuracy": 0.5}

    def shelve():
        a, b = state.add_network(first, "first", "trained", "run.5"), state.add_network(second, "second", "loaded")
        state.rename_network(b, "the second")
        state.choose_network(a)

    loads = []
    monkeypatch.setattr(Visit, "load", lambda self, *args, load=Visit.load: loads.append(args) or load(self, *args))
    does(opened("train"), shelve)
    at = opened("train")
    _, _, one, two = entries(at).values()
    assert [(e.id, e.name, e.kind) for e in (one, two)] == [("run.5", "first", "trained"), (two.id, "the second", "loaded")]
    assert at.session_state["lab"]["chosen"] == "run.5" and "50.0 %" in one.label and len(loads) == 1, "the chosen one alone"
    assert equal(one.network, first) and equal(two.network, second) and one.info == first.info and two.network.output == "sigmoid"

    does(at, lambda: state.delete_network("run.5"))
    at = opened("train")
    assert list(entries(at)) == ["mlp", "softmax", two.id] and at.session_state["lab"]["chosen"] == "mlp"


def test_steps_of_teach_are_there_again_to_the_bit_and_can_be_undone():
    def teach():
        own = state.add_network(mlcore.Network((784, 6, 10), seed=1), "mine", "trained", "own")
        for entry in (state.networks()["mlp"], state.networks()[own]):
            for y, rate in ((3, 0.05), (4, 0.1), (3, 0.01)):
                state.teach(entry, DIGIT, y, rate)

    before = entries(does(opened(), teach))
    after = entries(opened())
    for id in ("mlp", "own"):
        assert equal(after[id].network, before[id].network) and len(after[id].steps) == 3 and after[id].changed
        state.undo_step(after[id])
        state.undo_step(before[id])
        assert equal(after[id].network, before[id].network)
        state.undo_all(after[id])
        assert equal(after[id].network, before[id].original)
    at = does(opened(), lambda: [state.undo_all(state.networks()[id]) for id in ("mlp", "own")])
    assert not any(entry.changed for entry in entries(at).values())
    assert not any(entry.changed for entry in entries(opened()).values()) and len(entries(opened())) == 3


def test_the_address_wins_over_what_was_kept_and_the_visitors_own_stays():
    at = opened("train")
    at = run(at.selectbox(key="data").set_value("moons"))
    at = run(at.number_input(key="epochs").set_value(7))
    does(draw(at), lambda: state.choose_network("softmax"))

    at = opened("train", data="xor", seed=3)
    assert (at.selectbox(key="data").value, at.number_input(key="seed").value) == ("xor", 3)
    assert at.number_input(key="epochs").value == 150, "what a link leaves out is as usual, else it would not show its scene"
    assert at.session_state["lab"]["chosen"] == "mlp" and at.session_state["lab"]["instance"] is not None
    at = opened("train")
    assert (at.selectbox(key="data").value, at.number_input(key="epochs").value) == ("moons", 7), "looking at a link changed what is kept"
    assert at.session_state["lab"]["chosen"] == "softmax"


def test_a_reload_keeps_also_what_the_address_does_not_show():
    at = opened("chain-rule", source="Data", section="One step", instance=7)
    at = run(at.number_input(key="alpha").set_value(0.7))
    at.session_state["at"] = 9  # of another section
    run(at)
    at = opened("chain-rule", source="Data", section="One step", instance=7)
    assert at.session_state["at"] == 9
    assert "at" not in opened("chain-rule", source="Data", section="One step", instance=8).session_state


def test_a_link_to_an_instance_is_not_taken_over_by_the_drawing():
    draw(opened())
    assert opened("gradients", source="Data", instance=7).segmented_control(key="source").value == "Data"
    assert opened("gradients").segmented_control(key="source").value == "Drawing"
    at = opened("gradients")
    run(at.segmented_control(key="source").set_value("Data"))
    assert opened("gradients").segmented_control(key="source").value == "Data", "looked at already"


def test_a_damaged_network_is_left_out_and_said():
    net = mlcore.Network((784, 6, 10), seed=1)
    does(opened("train"), lambda: state.choose_network(state.add_network(net, "mine", "trained", "own")))
    Visit(TOKEN).exists()
    [file] = store.root().rglob("network-*.npz")
    whole = file.read_bytes()
    file.write_bytes(bytes([*whole[:-1], whole[-1] ^ 1]))
    at = opened("gradients")
    assert list(entries(at)) == ["mlp", "softmax"] and ["could not be read" in w.value for w in at.warning] == [True]
    file.write_bytes(whole[: len(whole) // 2])
    assert list(entries(opened("gradients"))) == ["mlp", "softmax"]


@pytest.mark.parametrize("steps", [0, 1])
def test_networks_whose_folder_went_before_they_were_read_leave_the_shelf_and_the_visit_goes_on(steps):
    def add():
        for seed in range(2):
            id = state.add_network(mlcore.Network((784, 4, 10), seed=seed), f"net {seed}", "loaded")
            for _ in range(steps):
                state.teach(state.networks()[id], DIGIT, 7, 0.1)

    does(opened(), add)
    at = opened()
    shutil.rmtree(Visit(TOKEN).folder)
    for label in (1, 2):
        draw(at, text=f"drawing {label}")
        Visit(TOKEN).exists()
    at = draw(at)
    assert [entry.name for entry in entries(at).values() if entry.kind != "shipped"] == []
    at = draw(opened())
    assert Visit(TOKEN).exists() and Visit(TOKEN).read("drawing")


def test_without_a_cookie_nothing_is_written(monkeypatch):
    monkeypatch.setattr(visitor, "comes_back", lambda: False)
    at = draw(opened())
    does(at, lambda: state.add_network(mlcore.Network((2, 2)), "mine", "trained"))
    assert not list(store.root().parent.iterdir())


def test_a_disk_that_takes_nothing_is_said_once(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(fetching.CACHE, str(tmp_path / "file"))
    at = draw(opened())
    at.session_state["kept"].visit.exists()
    assert ["cannot be kept after this visit" in w.value for w in run(at).warning] == [True]
    at = does(at, lambda: state.set_instance(None))
    at.session_state["kept"].visit.exists()
    assert not run(at).warning


def test_forget_me_deletes_everything_and_other_tabs_learn_of_it():
    at = draw(opened("train"))
    does(at, lambda: state.add_network(mlcore.Network((2, 2)), "mine", "trained"))
    assert leaving.forget(TOKEN) == "Deleted: your settings and numbers, your drawing, 1 network."
    assert not list(store.root().rglob("*.json*")) and leaving.forget(TOKEN) == "There was nothing to delete."
    at = run(at)
    assert [i.value for i in at.info] == [forget.FORGOTTEN] and "lab" not in at.session_state
    Visit(TOKEN).exists()
    assert not list(store.root().rglob("*.json")), "a tab that was still open brought it back"
    assert opened("train").session_state["lab"]["instance"] is None
