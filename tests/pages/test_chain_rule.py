"""The Chain rule page, run without a browser."""

import functools
import re
from decimal import Decimal

import numpy as np
import pytest

import mlcore
from tests.latex import evaluate
from tests.pages.visit import of_page, run, text
from ui import state

NETWORKS = {
    "mlp": mlcore.Network((784, 12, 11, 10), seed=1),
    "softmax": mlcore.Network((784, 10), seed=2),
    "moons": mlcore.Network((2, 5, 2), "tanh", seed=3),
    "one": mlcore.Network((2, 4, 3, 1), "sigmoid", "sigmoid", seed=4),
    "strange": mlcore.Network((7, 3), seed=5),
}
NETWORKS["moons"].info["data"] = "moons"


@pytest.fixture
def page(shipped):
    """Opens the page for a network of NETWORKS and an instance."""
    shipped(NETWORKS)
    return functools.partial(of_page, "chain-rule.py")


@pytest.mark.parametrize("section", ["The chain", "Which product is it?", "One step", "The loop"])
@pytest.mark.parametrize(
    ("network", "source"), [("mlp", "Data"), ("softmax", "Drawing"), ("moons", "Data"), ("one", "Data"), ("strange", "Example")]
)
def test_every_view_opens_for_every_network(page, network, source, section):
    x = np.linspace(0, 1, 784) if source == "Drawing" else None
    page(network, x, section=section, source=source)


def test_a_network_without_data_still_has_the_example(page):
    at = page("strange", source="Data")
    assert "the example, a 3-3 network of its own, x = (1, 2, −1)" in text(at)


def test_the_numbers_of_the_example_are_kept_for_the_visit(page):
    at = page("softmax")
    next(n for n in at.number_input if n.label == "x1").set_value(0.0)
    at = run(at)
    assert "x = (1, 0, −1)" in text(at)
    for source in ("Data", "Example"):  # elsewhere in between
        at.session_state["source"] = source
        at = run(at)
    assert "x = (1, 0, −1)" in text(at)
    assert "x = (1, 2, −1)" in text(press(at, "As it was"))


def test_the_hidden_layer_of_the_example_is_in_the_address(page):
    assert "the example" in text(page("softmax", deep="true"))


def press(at, label):
    at.button[[b.label for b in at.button].index(label)].click()
    return run(at)


def step(at):
    return press(at, "Take the step")


def test_a_step_lowers_the_loss_and_undo_takes_it_back(page):
    at = page("softmax", section="One step", alpha="0.1")
    assert "No step taken yet. Loss 2.732" in text(at)
    net, x = state.new_example(False).net, np.array([[1.0, 2.0, -1.0]])
    mlcore.SGD(0.1).step(net, net.gradients(x, [0]).D)
    at = step(at)
    assert f"loss 2.732 → **{net.cost(x, [0]):.4g}**" in text(at)
    mlcore.SGD(0.1).step(net, net.gradients(x, [0]).D)
    assert f"**{net.cost(x, [0]):.4g}** (before the first step 2.732)" in text(step(at))
    for _ in range(2):
        press(at, "Undo")
    assert "No step taken yet. Loss 2.732" in text(at)


def updates(at):
    """The lines of the step with their numbers: (symbol, numbers, sign, what comes out)."""
    [latex] = [block.value for block in at.latex if r"\begin{aligned}" in block.value]
    return [re.search(r"(\w_\{[\d,]+\}) &.*?= (.*) (=|\\approx) (\S*)", line).groups() for line in latex.split(r" \\ ")]


@pytest.mark.parametrize("digits", ["2", "4", "6"])
@pytest.mark.parametrize("alpha", ["0.1", "0.35", "0.001"])
def test_the_step_of_a_weight_and_of_its_bias_holds_with_the_numbers_shown(page, alpha, digits):
    at, (net, x) = page("softmax", section="One step", alpha=alpha, digits=digits), state.new_example(False)
    for _ in range(3):
        at = step(at)
        net.layers[0].theta -= float(alpha) * net.gradients(x[None], [0]).D[0]
        (w, *_), (b, *_) = lines = updates(at)
        assert (w, b) == ("W_{0,1}", "b_{0}")
        for (_, numbers, sign, end), value in zip(lines, (net.layers[0].W[0, 1], net.layers[0].b[0])):
            left, right = evaluate(numbers), evaluate(end)
            half = Decimal(5).scaleb(right.as_tuple().exponent - 1)
            assert sign == "=" and abs(left - right) <= half and abs(Decimal(value) - right) <= half, (numbers, end)
            assert f" {alpha} " in numbers


def test_a_step_that_is_too_long_is_said(page):
    at = page("softmax", section="One step", alpha="1000", y=2)
    at = step(step(at))
    assert "loss" in text(at)
    assert state.new_example(False).net.cost([[1.0, 2.0, -1.0]], [0]) == pytest.approx(2.732, abs=1e-3)
