"""The Backpropagation page, run without a browser: every view of every scene, the debugger, points of one's own."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import mlcore
from mlcore.descent import LINES, Descent
from tests.pages.visit import asked, press, text
from ui import theta

pytestmark = pytest.mark.part1
PARTS = ("Network", "Step by step", "Film", "Cost", "Vectorised", "NOT to 0")


def page(**params):
    return asked(AppTest.from_file("../../pages/backpropagation.py", default_timeout=60), **params)


def html(at):
    return "\n".join(block.proto.body for block in at.get("html"))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "scene",
    [{}, {"units": "3, 3", "g": "relu", "lambda": 0.01}, {"set": "digits", "zero": 3, "one": 8}, {"start": "zeros", "set": "moons"}],
)
def test_every_view_opens_for_every_scene(part, scene):
    page(part=part, **scene)


def test_the_step_of_the_debugger_is_in_the_address_and_its_numbers_are_mlcores():
    at = page(**{"part": "Step by step", "many": 10, "tick": 25, "lambda": 0.01})
    X, y = theta.instances("xor", 10, 0.3, 0, (0, 1))
    walked = Descent(mlcore.Network((2, 4, 1), "sigmoid", "sigmoid", 0, "float64"), X, y, 1.0, 0.01, 500)
    walked.to(25)
    epoch, i, line, _ = walked.place()
    assert f"Step 25 of {len(walked) - 1} · epoch {epoch} of 500 · instance {i + 1} of 10" in text(at)
    assert f"aria-current=step>{LINES[line].strip()}<" in html(at)
    at = press(at, "epoch ▶|")
    assert at.number_input(key="tick").value == walked.step(25, "epoch")
    at = press(press(at, "◀ line"), "line ▶")
    assert at.number_input(key="tick").value == walked.step(25, "epoch")
    assert press(at, "Start over").number_input(key="tick").value == 0


def test_the_struck_out_entry_and_the_bias_column_are_marked():
    at = page(**{"part": "Step by step", "many": 10, "tick": 6})
    assert "line-through" in html(at) and "the bias unit has no z" in html(at)


def test_points_of_ones_own_join_the_data():
    at = page(many=10, more="0.5, -1, 1; 2, 2, 0", instance=12)
    assert "instance 12, x = (2, 2), y = 0" in text(at)


def test_a_click_adds_to_the_points_that_were_typed(monkeypatch):
    kept = {"more": "0.5, -1, 1"}
    monkeypatch.setattr(theta.st, "session_state", kept)
    theta.add_point(1.234, -0.5, 0)
    assert kept["more"] == "0.5, -1, 1; 1.23, -0.50, 0"
    assert theta.points(kept["more"]).tolist() == [[0.5, -1, 1], [1.23, -0.5, 0]]


@pytest.mark.parametrize("wrong", ["1, 2", "a, b, 1", "1, 2, 3", "99, 0, 1", "nan, 0, 1"])
def test_points_that_are_none_are_said_in_one_sentence(wrong):
    at = page(more=wrong)
    assert "write x, y and the class 0 or 1" in text(at)


@pytest.mark.parametrize(
    ("params", "said"),
    [({"units": "0"}, "Hidden units"), ({"units": "x"}, "Hidden layers"), ({"set": "digits", "zero": 4, "one": 4}, "Both classes are 4")],
)
def test_a_scene_that_cannot_be_is_said(params, said):
    assert said in text(page(**params))


def test_the_network_after_some_epochs_is_the_trained_one():
    X, y = theta.instances("xor", 40, 0.3, 0, (0, 1))
    net = mlcore.Network((2, 4, 1), "sigmoid", "sigmoid", 0, "float64")
    scene = theta.Scene(net, X, y, 1.0, 0.0, 500, True)
    walked = Descent(net, X, y, 1.0, 0.0, 30)
    walked.end()
    for mine, theirs in zip(theta.after(scene, 30).layers, walked.net.layers):
        np.testing.assert_allclose(mine.theta, theirs.theta, rtol=1e-11, atol=1e-13)
    assert theta.after(scene, 0) is net


@pytest.mark.parametrize(
    ("part", "lines"), [("Step by step", "def average"), ("Film", "def film"), ("Cost", "def as_printed"), ("NOT to 0", "def units_apart")]
)
def test_the_code_behind_a_view_is_that_of_mlcore(part, lines):
    assert lines in page(part=part).code[-1].value
