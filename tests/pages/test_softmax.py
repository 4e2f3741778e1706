"""The Softmax page, run without a browser on small networks."""

import functools
import json
import re

import numpy as np
import pytest

import mlcore
from tests.latex import evaluate
from tests.pages.visit import of_page, run, text
from ui import state
from ui.numbers import CHOICES, plain, precision

NETWORKS = {
    "mlp": mlcore.Network((784, 12, 11, 10), seed=1),
    "softmax": mlcore.Network((784, 10), seed=2),
    "moons": mlcore.Network((2, 5, 2), "tanh", "sigmoid", seed=3),
    "one": mlcore.Network((2, 4, 1), "sigmoid", "sigmoid", seed=4),
}
SECTIONS = ("Outputs", "Steps", "Loss", "Cancellation", "Prediction")
DIGITS = mlcore.datasets.load("digits")
pytestmark = pytest.mark.part2


@pytest.fixture
def page(shipped):
    """Opens the page for a network of NETWORKS."""
    shipped(NETWORKS)
    return functools.partial(of_page, "softmax.py", label=3)


def tables(at):
    """The HTML tables as lists of rows of texts."""
    found = [re.search(r"<tbody>(.*)</tbody>", block.proto.body) for block in at.get("html")]
    rows = [table[1].split("</tr>")[:-1] for table in found if table]
    return [[re.sub(r"<[^>]*>", "", re.sub("</t[hd]>", "|", row)).split("|")[:-1] for row in table] for table in rows]


@pytest.mark.parametrize("network", ("mlp", "softmax", "moons"))
@pytest.mark.parametrize("source", ("Example", "Data"))
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_for_every_network(page, network, source, section):
    at = page(network, source=source, section=section)
    through = "its logits go through softmax" in text(at)
    assert through == (network == "moons" and source == "Data" and section not in ("Outputs", "Cancellation"))


def test_the_drawn_digits_logits_are_shown(page):
    x = DIGITS.X_test[5] / 255
    at = page("softmax", x, section="Steps")
    z = mlcore.explain(NETWORKS["softmax"], x.astype(np.float32), 3).layers[-1].z
    [table] = tables(at)
    assert [row[1] for row in table[:10]] == [plain(v) for v in z] and table[3][0] == "3 = y"


@pytest.mark.parametrize("digits", CHOICES)
def test_the_reader_chooses_the_digits(page, digits):
    x = DIGITS.X_test[5] / 255
    at = page("softmax", x, section="Steps", digits=digits)
    z = mlcore.explain(NETWORKS["softmax"], x.astype(np.float32), 3).layers[-1].z
    with precision(digits):
        assert [row[1] for row in tables(at)[0][:10]] == [plain(v) for v in z]
    if digits == "full":
        assert [float(row[1].replace("−", "-")) for row in tables(at)[0][:10]] == z.tolist()
    else:
        assert max(len(row[1].strip("−0.").replace(".", "")) for row in tables(at)[0][:10]) == int(digits)


@pytest.mark.parametrize("section", ("Outputs", "Loss"))
def test_the_summary_has_the_digits_chosen(page, section):
    loss = mlcore.explain(NETWORKS["softmax"], DIGITS.X_test[5] / 255, int(DIGITS.y_test[5])).loss
    for digits in ("2", "full"):
        told = text(page("softmax", source="Data", instance=6, section=section, digits=digits))
        with precision(digits):
            assert re.search(rf"loss {re.escape(plain(loss)[:14])}", told)


def test_a_digit_read_for_sure_has_a_jacobian_in_colour(page):
    def scales(**params):
        specs = [json.loads(chart.proto.spec)["data"][0] for chart in page("softmax", **params).get("plotly_chart")]
        return [trace["zmax"] for trace in specs if trace["type"] == "heatmap"]

    far = page("softmax", DIGITS.X_test[5] / 255, logit=1, by=10, source="Example")
    assert len(set(scales(source="Example"))) == 1 and "±" not in text(page("softmax", source="Example"))
    assert len(set(scales(source="Example", logit=1, by=10))) == 2 and text(far).count("±") == 2


def test_moving_one_logit_moves_one_sigmoid_and_all_of_softmax(page):
    still = text(page("mlp", source="Example"))
    assert "3 sigmoids** · sum **" in still and "One softmax** · sum **1" in still and "moved" not in still
    at = page("mlp", source="Example", logit=2, by=3)
    assert "only a<sub>2</sub> moved" in text(at) and "all 3 moved" in text(at)


@pytest.mark.parametrize("dtype", ("float16", "float32", "float64"))
def test_overflow_without_the_shift_and_none_with_it(page, dtype):
    at = page("softmax", source="Data", section="Steps", dtype=dtype)
    assert "NaN" not in str(tables(at))
    [button] = [b for b in at.button if b.label == "To where it overflows"]
    at = run(button.click())
    [table] = tables(at)
    assert [row[-1] for row in table if "NaN" in row] and not any("NaN" in row[:-2] for row in table)
    assert "∞/∞ is not a number" in text(at)
    shifted, bare = (block.value for block in at.latex)
    assert r"\infty" in bare and r"\infty" not in shifted


def test_the_loss_and_the_slides_example(page):
    at = page("mlp", source="Example", section="Loss", y=2)
    example = state.new_example(False)
    [latex] = [block.value.strip("$\n ") for block in at.latex]
    assert float(evaluate(latex.split("=")[-1])) == pytest.approx(mlcore.explain(example.net, example.x, 2).loss, rel=6e-4)
    assert "−log 0.1 = 2.303" in text(at) and "−log 0.4 = 0.916" in text(at)


def test_the_erratum_can_be_reached(page):
    at = page("mlp", source="Example", section="Cancellation", logits="(0, −s), y = 1", sure=800)
    rows = {row[0].split(":")[0]: row[1:] for row in tables(at)[0]}
    assert rows["z"] == ["0", "−800"] and rows["multiplied"] == ["NaN", "NaN"] and rows["in one step"] == ["1", "−1"]
    assert "as written **∞**, by log-sum-exp **800**" in text(at)


@pytest.mark.parametrize("output", ("softmax", "sigmoid"))
def test_short_of_saturation_the_product_is_the_fused_form(page, output):
    at = page("mlp", source="Example", section="Cancellation", output=output, sure=20)
    *_, product, fused = tables(at)[0]
    assert product[1:] == fused[1:] and "and cancels" in text(at)


def test_the_prediction_names_shapes_and_label_noise(page):
    at = page("mlp", source="Data", section="Prediction")
    shapes, features = tables(at)
    assert ["W, weights", "c × h", "10 × 11"] in shapes and ["X, feature matrix", "n × p", "1000 × 784"] in shapes
    assert [row[-1] for row in features[:5]] == [str(y) for y in DIGITS.y_test[:5]]
    assert "one 4 is labelled 8" in text(at)
    at = page("mlp", source="Example", section="Prediction")
    assert ["W, weights", "c × p", "3 × 3"] in tables(at)[0] and "dots" not in at.latex[0].value


def test_the_prediction_in_the_names_of_part_one_has_the_same_numbers(page):
    ours, theirs = (page("mlp", source="Data", section="Prediction", notation=names) for names in ("W, b", "Θ"))
    assert ["Θ = [b ∣ W]", "c × (h + 1)", "10 × 12"] in tables(theirs)[0]
    assert ours.latex[0].value.split(" = ")[1:] == theirs.latex[0].value.split(" = ")[1:]


def test_a_single_output_is_said_kindly(page):
    at = page("one", source="Data")
    assert "softmax needs at least two" in text(at) and not at.latex


@pytest.mark.parametrize(
    ("section", "lines"), [("Steps", "def softmax_steps"), ("Cancellation", "def cancellation"), ("Prediction", "layer.W.T")]
)
def test_the_code_behind_a_section_is_that_of_mlcore(page, section, lines):
    assert lines in page("softmax", source="Data", section=section).code[0].value
