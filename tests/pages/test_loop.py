"""The walk through the lecture's loop, run without a browser on small networks."""

import re

import numpy as np
import pytest

import mlcore
from mlcore.lecture.loop import LINES, Loop
from tests.pages.visit import of_script, press, run
from ui.chain_rule import loop
from ui.numbers import plain, precision

pytestmark = pytest.mark.part2


def script(sizes, scale, digits):
    import numpy as np

    import mlcore
    from ui import subject
    from ui.chain_rule import loop

    net = mlcore.Network(sizes, dtype="float64", seed=3)
    x = np.array([1.0, 2.0, -1.0]) if sizes[0] == 3 else subject.pool(net).X[20]
    loop.show(subject.Subject(net, scale * np.asarray(x, float)[None], np.array([1]), ["the example"]), digits)


def page(sizes=(3, 3), scale=1.0, digits="4", **params):
    return of_script(script, {"sizes": sizes, "scale": scale, "digits": digits}, **params)


def marked(at):
    """The line of the pseudo-code that is pointed out."""
    [line] = re.findall(r"aria-current=step>([^<]*)<", at.get("html")[0].proto.body)
    return line


def rows(at):
    """The live variables as name → its row, without tags."""
    parts = [part.split(">", 1)[1] for part in at.get("html")[1].proto.body.split("<dt ")[1:]]
    return {re.sub("<[^>]*>", "", part.split("</b>")[0]): re.sub("<[^>]*>", " ", part) for part in parts}


def position(at):
    return at.number_input(key="at").value


def walked(scale=1.0, rate=0.1, epochs=3):
    """The loop that the page should show."""
    x = scale * np.array([1.0, 2.0, -1.0])
    more = loop.around(x, 3)
    return Loop(mlcore.Network((3, 3), dtype="float64", seed=3), np.vstack([x, more[0]]), np.append(1, more[1]), rate, epochs)


def test_line_by_line_the_marks_follow_the_program():
    at, seen = page(), []
    for _ in range(8):
        seen.append((marked(at), [name for name, row in rows(at).items() if "set by this line" in row]))
        at = press(at, "line ▶")
    assert seen == [
        ("initialize W and b", ["W", "b"]),
        (LINES[1], ["epoch"]),
        (LINES[2].strip(), ["i", "x", "y"]),
        (LINES[3].strip(), ["z", "a", "L"]),
        (LINES[4].strip(), ["∂L/∂a", "∂a/∂z", "∂z/∂b", "∂z/∂W"]),
        (LINES[5].strip(), ["∂L/∂z", "∂L/∂W", "∂L/∂b"]),
        (LINES[7].strip(), ["W"]),
        (LINES[8].strip(), ["b"]),
    ]
    assert marked(at) == LINES[2].strip() and position(at) == 8 and "z" not in rows(at), "the next instance has no z yet"


def test_strides_on_and_back_end_where_they_began():
    at = press(page(), "epoch ▶|")
    assert position(at) == 37
    at = press(at, "instance ▶", "line ▶", "◀ line", "◀ instance")
    assert position(at) == 37
    at = press(at, "End")
    assert position(at) == 111
    at = press(at, "|◀ epoch", "|◀ epoch", "|◀ epoch")
    assert position(at) == 0
    assert position(press(at, "End", "Start over")) == 0


@pytest.mark.parametrize("digits", ("4", "full"))
def test_the_numbers_are_those_of_the_loop(digits):
    at, expected = page(at=24, alpha=0.3, digits=digits), walked(rate=0.3)
    expected.to(24)
    for v in expected.variables:
        if v.name in ("W", "b", "z", "∂L/∂W"):
            with precision(digits):
                assert all(f" {plain(n)} " in rows(at)[v.name] for n in np.ravel(v.value)), v.name
    assert "epoch 1 of 3 · instance 4 of 6" in " ".join(m.value for m in at.markdown)


def test_the_address_opens_a_position_and_a_smaller_loop_takes_it_back():
    at = page(at=100)
    assert position(at) == 100 and "epoch 3 of 3" in " ".join(m.value for m in at.markdown)
    at = run(at.number_input(key="epochs").set_value(1))
    assert position(at) <= 37


def test_what_explodes_is_said_and_can_be_walked_back():
    at = press(page(scale=1e160, alpha=1000), "End")
    assert len(at.error) == 1 and "no longer finite at epoch 1" in at.error[0].value
    at = press(at, "line ▶")
    stopped = position(at)
    assert len(at.error) == 1 and stopped == at.session_state["loop"][1].position
    at = press(at, "◀ line")
    assert not at.error and position(at) == stopped - 1


def test_a_hidden_layer_has_variables_for_each_layer():
    at = press(page((3, 2, 3)), "instance ▶")
    assert {"z(1)", "z(2)", "W(1)", "W(2)", "∂L/∂W(1)"} <= set(rows(at))
    assert "2 × 3" in rows(at)["W(1)"] and "3 × 2" in rows(at)["W(2)"]


def test_digits_go_with_the_instance_in_hand_in_front():
    at = press(page((784, 10)), "instance ▶")
    running = at.session_state["loop"][1]
    pool = mlcore.datasets.load("digits")
    assert running.X.shape == (9, 784) and np.array_equal(running.X[0], pool.X_test[20] / 255)
    assert np.array_equal(running.X[1:], pool.X_test[:8] / 255) and running.y.tolist() == [1, *pool.y_test[:8]]
    assert "the identity" in rows(at)["∂z/∂b"] and "every row is x" in rows(at)["∂z/∂W"]
    assert "length" in rows(at)["W"] and "<img" in at.get("html")[1].proto.body


def test_a_large_network_gets_few_instances():
    at = page((784, 128, 10))
    assert len(at.session_state["loop"][1].X) == 4 and at.number_input(key="epochs").max == 3
    assert "101,632 weights" in " ".join(c.value for c in at.caption)


def test_the_curve_counts_updates_not_epochs():
    figure = loop.curve([1.0, 0.5, np.inf, 0.2], 2, 3)
    assert "one update an instance" in figure.layout.xaxis.title.text
    assert [*figure.data[0].x] == [1, 2, 3, 4] and np.isnan(figure.data[0].y[2]) and len(figure.layout.shapes) == 2
    assert loop.spoken_curve([1.0, 0.5]) == "Loss of each instance over 2 updates, from 1 to 0.5"


def test_the_made_up_instances_are_the_same_each_time():
    x = np.array([1.0, 2.0, -1.0])
    first, second = loop.around(x, 3), loop.around(x, 3)
    assert np.array_equal(first[0], second[0]) and first[1].tolist() == [1, 2, 0, 1, 2]


def test_from_zeros_softmax_regression_learns_and_a_hidden_layer_does_not():
    flat, deep = (page(sizes, **{"start": "to zeros"}) for sizes in ((3, 3), (3, 2, 3)))
    for at, learns in ((flat, True), (deep, False)):
        end = press(at, "End").session_state["loop"][1].net
        assert any(layer.W.any() for layer in end.layers) == learns and end.layers[-1].b.any()
    assert "hidden units stay alike" in " ".join(c.value for c in deep.caption)
