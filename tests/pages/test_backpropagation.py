"""The Backpropagation page, run without a browser: every view of every scene, the debugger, points of one's own."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import mlcore
from mlcore.lecture import pitfalls
from mlcore.lecture.descent import LINES, Descent
from mlcore.lecture.film import film
from tests.pages.visit import asked, press, run, text
from ui.numbers import plain
from ui.theta import not_to_zero, scenes

pytestmark = pytest.mark.part1
PARTS = ("Network", "Step by step", "Film", "Cost", "Vectorised", "NOT to 0")


def page(**params):
    return asked(AppTest.from_file("../../pages/backpropagation.py", default_timeout=60), **params)


def html(at):
    return "\n".join(block.proto.body for block in at.get("html"))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "scene",
    [{}, {"units": "3, 3", "activation": "relu", "l2": 0.01}, {"data": "digits", "zero": 3, "one": 8}, {"start": "zeros", "data": "moons"}],
)
def test_every_view_opens_for_every_scene(part, scene):
    page(section=part, **scene)


def test_the_step_of_the_debugger_is_in_the_address_and_its_numbers_are_mlcores():
    at = page(**{"section": "Step by step", "points": 10, "at": 25, "l2": 0.01})
    X, y = scenes.instances("xor", 10, 0.3, 0, (0, 1))
    walked = Descent(mlcore.Network((2, 4, 1), "sigmoid", "sigmoid", 0, "float64"), X, y, 1.0, 0.01, 500)
    walked.to(25)
    epoch, i, line, _ = walked.place()
    assert f"Step 25 of {len(walked) - 1} · epoch {epoch} of 500 · instance {i + 1} of 10" in text(at)
    assert f"aria-current=step>{LINES[line].strip()}<" in html(at)
    at = press(at, "epoch ▶|")
    assert at.number_input(key="at").value == walked.step(25, "epoch")
    at = press(press(at, "◀ line"), "line ▶")
    assert at.number_input(key="at").value == walked.step(25, "epoch")
    assert press(at, "Start over").number_input(key="at").value == 0


def test_the_struck_out_entry_and_the_bias_column_are_marked():
    at = page(**{"section": "Step by step", "points": 10, "at": 6})
    assert "line-through" in html(at) and "the bias unit has no z" in html(at)


def test_points_of_ones_own_join_the_data():
    at = page(points=10, more="0.5, -1, 1; 2, 2, 0", instance=12)
    assert "instance 12, x = (2, 2), y = 0" in text(at)


def test_a_click_adds_to_the_points_that_were_typed(monkeypatch):
    kept = {"more": "0.5, -1, 1"}
    monkeypatch.setattr(scenes.st, "session_state", kept)
    scenes.add_point(1.234, -0.5, 0)
    assert kept["more"] == "0.5, -1, 1; 1.23, -0.50, 0"
    assert scenes.points(kept["more"]).tolist() == [[0.5, -1, 1], [1.23, -0.5, 0]]


def test_points_of_ones_own_are_bounded():
    assert len(scenes.points("0, 1, 1;" * scenes.MOST_POINTS)) == scenes.MOST_POINTS
    [said] = page(more="0, 1, 1;" * 4000).error
    assert said.value == f"You have 4,000 points of your own, more than {scenes.MOST_POINTS}; leave some out."


def test_points_of_ones_own_may_stand_in_lines_of_their_own():
    assert scenes.points("0.5, −1, 1\n2 2 0;\n\n0, 0, 1").tolist() == [[0.5, -1, 1], [2, 2, 0], [0, 0, 1]]
    assert "instance 12, x = (2, 2), y = 0" in text(page(points=10, more="0.5, -1, 1\n2, 2, 0", instance=12))


def test_what_was_read_is_said_as_it_is():
    [said] = page(more="*a* 1\n2 3").error
    assert r"read as “\*a\*, 1; 2, 3”; write x, y" in said.value
    [said] = page(units="<b>foo*bar*</b>").error
    assert r"Hidden units are “\<b\>foo\*bar\*\</b\>”; write 1 to 6 numbers" in said.value
    assert "softmax" not in text(page(units="")) and "Hidden units are “”; write 1 to 6 numbers" in text(page(units=""))


@pytest.mark.parametrize("wrong", ["1, 2", "a, b, 1", "1, 2, 3", "99, 0, 1", "nan, 0, 1"])
def test_points_that_are_none_are_said_in_one_sentence(wrong):
    at = page(more=wrong)
    assert "write x, y and the class 0 or 1" in text(at)


@pytest.mark.parametrize(
    ("params", "said"),
    [({"units": "0"}, "Hidden units"), ({"units": "x"}, "Hidden units"), ({"data": "digits", "zero": 4, "one": 4}, "Both classes are 4")],
)
def test_a_scene_that_cannot_be_is_said(params, said):
    assert said in text(page(**params))


def test_the_network_after_some_epochs_is_the_trained_one():
    X, y = scenes.instances("xor", 40, 0.3, 0, (0, 1))
    net = mlcore.Network((2, 4, 1), "sigmoid", "sigmoid", 0, "float64")
    scene = scenes.Scene(net, X, y, 1.0, 0.0, 500, True)
    walked = Descent(net, X, y, 1.0, 0.0, 30)
    walked.end()
    for mine, theirs in zip(scenes.after(scene, 30).layers, walked.net.layers):
        np.testing.assert_allclose(mine.theta, theirs.theta, rtol=1e-11, atol=1e-13)
    assert scenes.after(scene, 0) is net


@pytest.mark.parametrize(
    ("part", "lines"), [("Step by step", "def average"), ("Film", "def film"), ("Cost", "def as_printed"), ("NOT to 0", "def units_apart")]
)
def test_the_code_behind_a_view_is_that_of_mlcore(part, lines):
    assert lines in page(section=part).code[-1].value


WILD = [
    ("xor", (4,), "sigmoid", 100.0, 0.0), ("xor", (4,), "sigmoid", 0.3, 10.0), ("moons", (3, 3), "relu", 0.5, 10.0),
    ("blobs", (6, 6), "identity", 1000.0, 0.001), ("digits", (4,), "tanh", 1.0, 0.01),
]  # fmt: skip


def scene(data="xor", units=(4,), g="sigmoid", rate=1.0, l2=0.0, epochs=60):
    X, y = scenes.instances(data, 40, 0.3, 0, (0, 1))
    return scenes.Scene(mlcore.Network((X.shape[1], *units, 1), g, "sigmoid", 0, "float64"), X, y, rate, l2, epochs, data != scenes.DIGITS)


@pytest.mark.parametrize("settings", WILD)
def test_theta_after_k_epochs_is_the_films_frame_k_to_the_bit(settings):
    it = scene(*settings)
    run = film(it.net, it.X, it.y, it.rate, it.l2, it.epochs)
    for k in (0, 1, 2, 10, 60):
        shown = scenes.after(it, k)
        for mine, theirs in zip(shown.layers, run.network(min(k, len(run) - 1)).layers):
            np.testing.assert_array_equal(mine.theta, theirs.theta)
        assert scenes.stopped(it, k) == (run.stopped if k >= len(run) else None)


@pytest.mark.parametrize(("l2", "rate"), [(0, 100), (10, 0.3)])
def test_every_part_goes_on_where_only_the_cost_is_large(l2, rate):
    params = {"l2": l2, "alpha": rate, "points": 10, "epochs": 60, "epoch": 40}
    X, y = scenes.instances("xor", 10, 0.3, 0, (0, 1))
    walked = Descent(mlcore.Network((2, 4, 1), "sigmoid", "sigmoid", 0, "float64"), X, y, rate, l2, 60)
    walked.to(40 * walked.ticks_of_epoch)
    J = plain(walked.history[-1].sum())
    assert f"**{J}**" in text(page(section="Step by step", at=40 * walked.ticks_of_epoch, **params))
    assert [block for block in page(section="Cost", **params).get("html") if f">{J}<" in block.proto.body]
    shown = page(section="Film", **params)
    assert shown.number_input(key="epoch").value == 40
    assert "the steps go too far. Try α" in shown.warning[0].value if l2 else "and came back: after" in shown.info[0].value
    network = page(**params)
    assert network.number_input(key="epoch").value == 40 and "stopped" not in text(network)


@pytest.mark.parametrize("part", ["Network", "Cost", "Vectorised"])
def test_behind_the_end_of_a_run_its_last_epoch_is_shown_and_said(part):
    params = {"l2": 10, "activation": "relu", "units": "3, 3", "alpha": 0.5, "section": part}
    assert "The run stopped after epoch " in text(page(epoch=300, **params)) and "not finite" in text(page(epoch=300, **params))
    assert "The run stopped" not in text(page(epoch=1, **params))


def test_instance_and_epoch_travel_between_the_parts():
    at = page(instance=7, epoch=30)
    for part in ("Cost", "Vectorised", "Film", "Network"):
        at.session_state["section"] = part
        at = run(at)
        assert at.number_input(key="epoch").value == 30
        assert part == "Film" or at.number_input(key="instance").value == 7


def test_a_range_that_shrinks_takes_its_number_along():
    at = page(instance=40, epoch=300)
    at = run(at.number_input(key="points").set_value(10))
    assert at.number_input(key="instance").value == 10 and "instance 10, " in text(at) and at.query_params["instance"] == "10"
    at = run(at.number_input(key="epochs").set_value(50))
    assert at.number_input(key="epoch").value == 50 and at.query_params["epoch"] == "50"


def test_a_link_to_what_is_not_there_opens_the_nearest():
    at = page(points=10, instance=40, epoch=999)
    assert at.number_input(key="instance").value == 10 and at.number_input(key="epoch").value == 500
    assert at.query_params["instance"] == "10" and at.query_params["epoch"] == "500"


def test_noise_is_not_carried_over_digits_to_other_data():
    at = page()
    for data, noise in (("digits", None), ("spirals", 0.04), ("digits", None), ("xor", 0.3)):
        at = run(at.selectbox(key="data").set_value(data))
        if noise is not None:
            assert at.number_input(key="noise").value == noise
        assert "noise" not in at.query_params


def test_zeros_move_where_the_classes_are_equal():
    at = page(section="NOT to 0")
    X, y = scenes.instances("xor", 40, 0.3, 0, (0, 1))
    assert 2 * sum(y) == len(y) and "so this experiment leaves out the last instance" in text(at)
    net = mlcore.Network((2, 4, 1), "sigmoid", "sigmoid", 0, "float64", "zeros")
    moved = film(net, X[:-1], y[:-1], 1.0, 0.0, 10).thetas[0][-1]
    assert np.abs(moved).max() > 1e-6 and plain(moved[0, 1]) in html(at)
    assert "leaves out" not in text(page(section="NOT to 0", more="1, 1, 1"))


@pytest.mark.parametrize("g", ["tanh", "relu"])
def test_what_is_rounding_is_not_said_to_have_moved(g):
    balanced = scene(g=g)._replace(net=mlcore.Network((2, 4, 1), g, "sigmoid", 0, "float64", "zeros"))
    for it, moved in ((balanced, False), (not_to_zero.lopsided(balanced), True)):
        found = film(it.net, it.X, it.y, 1.0, 0.0, 10).network(-1)
        bias = plain(found.layers[-1].b[0])
        said = not_to_zero.verdict(found, it, 10)
        assert (f"only the output's bias has moved, to {bias}" in said) == moved and ("bias has not moved either" in said) != moved
    assert "after 1 epoch the" in not_to_zero.verdict(found, it, 1)


def test_rounding_that_broke_the_symmetry_is_said():
    it = not_to_zero.lopsided(scene("digits"))
    found = film(mlcore.Network((784, 4, 1), "sigmoid", "sigmoid", 0, "float64", "zeros"), it.X, it.y, 1.0, 0.0, 10).network(-1)
    for more, equal in ((0, True), (2e-18, True), (0.22, False)):
        found.layers[0].theta[3] += more
        said = not_to_zero.verdict(found, it, 10)
        assert ("they stay equal" in said) == equal and ("rounding broke the symmetry" in said) != equal and "Add a point" not in said
    assert f"grew to {plain(pitfalls.units_apart(found)[0])} within 10 epochs" in said
