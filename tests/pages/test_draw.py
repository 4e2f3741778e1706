"""The Draw page without a browser: what it says on an empty paper, a real digit, and the sections."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import mlcore
from ui.numbers import plain


@pytest.fixture
def app():
    return AppTest.from_file("../../ui/navigation.py", default_timeout=30).run()


def prediction(app):
    assert not app.exception, app.exception
    return app.metric[0].value


def press(app, label):
    return next(b for b in app.button if b.label == label).click().run()


def numbers(formula):
    """The sum, what is left over, and the logit, as printed at the end of the formula."""
    total, sign, left, z = re.search(r"= (-?[\d.]+) ([+-]) ([\d.]+) = (-?[\d.]+)$", formula.strip("$\n ")).groups()
    return float(total), float(sign + left), float(z)


def test_an_empty_paper_has_no_prediction(app):
    assert prediction(app) == "–"
    assert app.metric[0].label == "Prediction"


def test_a_real_digit_is_read_as_its_own_pixels(app):
    press(app, "A real digit")
    inst = app.session_state["lab"]["instance"]
    number, label = map(int, re.match(r"instance (\d+) of the held-out data, a (\d)", inst.text).groups())
    data = mlcore.datasets.load("digits")
    assert label == data.y_test[number - 1] == inst.label
    np.testing.assert_array_equal(np.rint(255 * inst.x), data.X_test[number - 1])
    best = mlcore.models.load("mlp").predict(inst.x[None])[0]
    assert prediction(app).startswith(str(best))


def test_clear_takes_it_away(app):
    press(app, "A real digit")
    press(app, "Clear")
    assert prediction(app) == "–" and app.session_state["lab"]["instance"] is None


@pytest.mark.parametrize("network", ["mlp", "softmax"])
def test_why_sums_to_the_logit(app, network):
    app.selectbox(key="net").set_value(network).run()
    press(app, "A real digit")
    app.session_state["section"] = "why"
    app.session_state["why_class"] = 7
    app.run()
    assert not app.exception
    total, left, z = numbers(app.latex[0].value)
    inst = app.session_state["lab"]["instance"]
    logit = mlcore.models.load(network).forward(inst.x[None]).z[-1][0, 7]
    # Four significant digits are shown, and what is shown adds up.
    assert z == pytest.approx(logit, rel=5e-4) and total + left == pytest.approx(z, rel=5e-4)
    if network == "softmax":
        assert left == pytest.approx(mlcore.models.load("softmax").layers[0].b[7], abs=2e-3)


def test_teach_takes_a_step_and_undoes_it(app):
    press(app, "A real digit")
    app.session_state["section"] = "teach"
    app.run()
    press(app, "Take one step")
    assert not app.exception
    assert app.session_state["lab"]["entries"]["mlp"].label.endswith("(changed)")
    assert any(m.value.startswith("Loss, −log a") for m in app.markdown)
    press(app, "Undo all")
    assert not app.session_state["lab"]["entries"]["mlp"].changed


def test_a_network_of_other_sizes_is_named_and_nothing_else_shown(app):
    from ui import state

    entry = state.Entry("own1", "two moons", mlcore.Network((2, 4, 2)), "trained")
    app.session_state["lab"]["entries"]["own1"] = entry
    app.session_state["lab"]["chosen"] = "own1"
    app.run()
    assert not app.exception and not app.metric
    assert any("two moons" in m.value and "choose another network" in m.value for m in app.markdown)


def shelf(app, net, name):
    from ui import state

    app.session_state["lab"]["entries"]["own"] = state.Entry("own", name, net, "loaded")
    app.session_state["lab"]["chosen"] = "own"
    return app.run()


def test_a_network_whose_outputs_are_not_finite_has_no_answer_and_says_why(app):
    net = mlcore.Network((784, 2, 10), seed=0)
    for layer in net.layers:
        layer.W[...] = 1e30
    press(shelf(app, net, "too large"), "A real digit")
    app.session_state["section"] = "why"
    app.run()
    assert prediction(app) == "–"
    assert "no numbers" in app.get("bidi_component")[-1].proto.json and "NaN" not in app.get("bidi_component")[-1].proto.json


def test_the_loss_of_sigmoid_outputs_is_named_as_what_it_is(app):
    net = mlcore.Network((784, 10), output="sigmoid", seed=0)
    press(shelf(app, net, "sigmoids"), "A real digit")
    app.session_state["section"] = "teach"
    app.run()
    press(app, "Take one step")
    [said] = [m.value for m in app.markdown if m.value.startswith("Loss, −log a")]
    assert "plus −log(1 − a) at each other output" in said
    inst = app.session_state["lab"]["instance"]
    assert f"**{plain(net.cost(inst.x[None], [inst.label]))}** before" in said


def test_names_are_shown_as_they_are_written(app):
    shelf(app, mlcore.Network((2, 4, 2)), "*a* :red[b] $x$")
    assert any(r"\*a\* `:red[b]` \$x\$" in m.value for m in app.markdown)


def test_a_network_of_other_pictures_reads_no_digits(app):
    net = mlcore.Network((784, 10))
    net.info = {"data": "fashion"}
    assert not shelf(app, net, "clothes").metric
