"""The instance in hand, as it travels from page to page; each page offers kinds of its own."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui import instance

GRADIENTS, CHAIN_RULE = ("Drawing", "Data", "Batch"), ("Example", "Drawing", "Data")


def script():
    import streamlit as st

    from ui import instance, state

    if "drawn_now" in st.session_state:
        x = st.session_state["drawn_now"]
        state.set_instance(None if x is None else state.Instance(x, 3))
    seen = instance.choose(st.session_state["kinds"])
    if seen:
        st.text(seen.summary())


def opened(kinds, **params):
    at = AppTest.from_function(script, default_timeout=60)
    at.session_state["kinds"] = kinds
    at.query_params.update(params)
    return run(at)


def run(at, **state):
    for key, value in state.items():
        at.session_state[key] = value
    at = at.run()
    assert not at.exception, at.exception
    return at


def kind(at):
    return at.get("button_group")[0].value


def numbers(at):
    return "".join(at.query_params.get("numbers", ""))


def test_a_kind_that_a_page_lacks_waits_for_one_that_has_it():
    at = opened(GRADIENTS, source="Batch", instance="31", size="5")
    assert "mean loss of 5" in at.text[0].value
    at = run(at, kinds=CHAIN_RULE)
    assert kind(at) == "Example"
    at = run(at, kinds=GRADIENTS)
    assert kind(at) == "Batch" and "mean loss of 5" in at.text[0].value


def test_a_batch_is_told_of_the_network_as_it_is():
    at = opened(GRADIENTS, source="Batch", instance="31", size="2")
    assert "J = 2.303" not in at.text[0].value
    entry = at.session_state["lab"]["entries"]["mlp"]
    net = entry.network.copy()
    for layer in net.layers:
        layer.theta = np.zeros_like(layer.theta)
    entry.take(entry.steps, net.freeze())
    assert "J = 2.303" in run(at).text[0].value


def test_what_is_chosen_meanwhile_counts():
    at = run(opened(GRADIENTS, source="Batch"), kinds=CHAIN_RULE)
    at = run(at.get("button_group")[0].set_value("Data"))
    assert kind(run(at, kinds=GRADIENTS)) == "Data"


def test_a_new_drawing_is_in_hand_until_something_else_is_chosen():
    at = opened(CHAIN_RULE, source="Data")
    assert kind(at) == "Data"
    at = run(at, drawn_now=np.full(784, 0.3, np.float32))
    assert kind(at) == "Drawing" and "your drawing" in at.text[0].value
    at = run(at.get("button_group")[0].set_value("Example"))
    assert kind(run(at)) == "Example"
    assert kind(run(at, drawn_now=np.full(784, 0.6, np.float32))) == "Drawing"


def test_a_link_may_ask_for_the_drawing():
    at = run(opened(CHAIN_RULE), drawn_now=np.full(784, 0.3, np.float32))
    at = run(at.get("button_group")[0].set_value("Data"))
    at.query_params.update(instance.DRAWN)
    at = run(at)
    assert kind(at) == "Drawing" and "drawn" not in at.query_params
    assert kind(run(at.get("button_group")[0].set_value("Data"))) == "Data"


def test_a_cleared_sheet_takes_nothing_from_the_hand():
    at = run(opened(CHAIN_RULE), drawn_now=np.full(784, 0.3, np.float32))
    at = run(at.get("button_group")[0].set_value("Data"))
    assert kind(run(at, drawn_now=None)) == "Data"


@pytest.mark.parametrize("deep", ("true", "false"))
def test_typed_numbers_are_in_the_address_and_open_again(deep):
    at = opened(CHAIN_RULE, source="Example", deep=deep)
    assert not numbers(at)
    typed = lambda name, label: next(n for n in at.number_input if n.key.startswith(f"example_{name}_") and n.label == label)  # noqa: E731
    at = run(typed("x", "x0").set_value(7.0))
    at = run(typed("theta0", "W12").set_value(1 / 3))
    assert "x = (7, 2, −1)" in at.text[0].value
    again = opened(CHAIN_RULE, source="Example", deep=deep, numbers=numbers(at))
    assert again.text[0].value == at.text[0].value and numbers(again) == numbers(at)
    opened_example = again.session_state["lab"]["examples"][deep == "true"]
    assert opened_example.net.layers[0].W[1, 2] == 1 / 3
    [button] = [b for b in again.button if b.label == "As it was"]
    assert "x = (1, 2, −1)" in run(button.click()).text[0].value


def test_an_empty_input_keeps_the_last_complete_numbers():
    at = opened(CHAIN_RULE, source="Example")
    x0 = next(n for n in at.number_input if n.label == "x0")
    at = run(x0.set_value(None))
    assert "A number is missing" in at.error[0].value and "x = (1, 2, −1)" in at.text[0].value
    at = run(next(n for n in at.number_input if n.label == "x0").set_value(4.0))
    assert not at.error and "x = (4, 2, −1)" in at.text[0].value


@pytest.mark.parametrize("wrong", ("1_2", "a", "_", "1_" * 14 + "nan", "1e999_" * 14 + "1", "9" * 400))
def test_numbers_that_make_no_example_are_said(wrong):
    at = opened(CHAIN_RULE, source="Example", numbers=wrong)
    assert re.search("do not make an example", at.error[0].value) and "x = (1, 2, −1)" in at.text[0].value
    assert not numbers(at) and not run(at).error


def test_a_link_to_a_drawing_says_that_there_is_none_here(monkeypatch):
    monkeypatch.setattr(instance.st, "page_link", lambda page, label: instance.st.text(f"{label} → {page}"))
    at = opened(CHAIN_RULE, source="Drawing")
    assert [text.value for text in at.text] == ["Nothing is drawn yet: draw a digit first. → ../pages/draw.py"]
