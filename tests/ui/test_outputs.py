"""Figures, tables and formulas of the Softmax page, as functions."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore import activations
from mlcore.lecture.cancellation import cancellation
from tests.latex import evaluate
from ui import colors
from ui.figures import outputs
from ui.numbers import plain, precision
from ui.softmax import loss, prediction, saturation, side_by_side, steps, written

RNG = np.random.default_rng(0)
A = np.array([0.7, 0.25, 0.05])


def cells(table):
    """The texts of an HTML table's body, row by row."""
    body = re.search(r"<tbody>(.*)</tbody>", table)[1]
    return [re.sub(r"<[^>]*>", "", row.replace("</td>", "|").replace("</th>", "|")).split("|")[:-1] for row in body.split("</tr>")[:-1]]


def test_bars_stand_on_an_axis_from_0_to_1_the_earlier_ones_behind():
    alone, both = outputs.bars(A), outputs.bars(A, before=A[::-1])
    assert [len(f.data) for f in (alone, both)] == [1, 2]
    assert list(both.data[0].y) == list(A[::-1]) and both.data[0].marker.opacity < 0.5 and list(both.data[1].y) == list(A)
    assert alone.layout.yaxis.range == both.layout.yaxis.range == (0, 1.18)
    assert list(alone.data[0].text) == [".70", ".25", ".05"]
    assert list(outputs.bars(np.array([0.004, 0, 1.0])).data[0].text) == ["<.01", "0", "1.00"]


def test_the_labels_bar_alone_is_in_colour():
    assert list(outputs.bars(A, label=1).data[0].marker.color) == [colors.MUTED, colors.ACCENT, colors.MUTED]


def test_two_derivatives_share_a_scale():
    small, large = (outputs.derivative(m, 0.25).data[0] for m in (np.eye(3) / 100, np.eye(3) / 4))
    assert small.zmin == large.zmin == -0.25 and small.zmax == large.zmax == 0.25


@pytest.mark.parametrize("height", (0.0, 2.3, 30.0, 800.0))
def test_the_point_lies_within_the_curves_picture(height):
    a, values = loss.curve_points(height)
    assert np.isfinite(values).all() and np.allclose(values, -np.log(a))
    figure = outputs.curve(a, values, (float(np.exp(-height)), height), [(0.1, 2.303, "slide")])
    assert (figure.data[-1].x[0], figure.data[-1].y[0]) == (np.exp(-height), height)
    assert figure.layout.yaxis.range[1] > height and values.max() >= min(height, 690)


@pytest.mark.parametrize("height, printed", (
    (2.332, [False, True]), (2.732, [True, True]), (0.95, [True, False]), (5.0, [True, True]), (0.1, [True, True]),
))  # fmt: skip
def test_no_mark_is_printed_over_the_points_number(height, printed):
    marks = [(a, value, text) for *_, a, value, text in loss.worked_example()]
    figure = outputs.curve(*loss.curve_points(height), (float(np.exp(-height)), height), marks)
    assert [bool(trace.text[0]) for trace in figure.data[1:3]] == printed
    assert [(trace.x[0], trace.y[0]) for trace in figure.data[1:3]] == [(a, value) for a, value, _ in marks]


def test_each_name_has_the_colour_of_its_line_and_stands_on_it():
    figure = outputs.parts(saturation.SWEEP, saturation.sweep(np.zeros(2), 1, "softmax"), 100)
    for note, trace in zip(figure.layout.annotations, figure.data):
        assert note.font.color == trace.line.color and note.yshift > 0
        assert 10**note.y == pytest.approx(trace.y[list(trace.x).index(note.x)])
    product, whole = (next(n for n in figure.layout.annotations if n.text == name) for name in ("product", "|a − y|"))
    assert abs(product.x - whole.x) > 150


def test_the_line_of_the_product_ends_where_it_is_not_a_number():
    lines = saturation.sweep(np.zeros(2), 1, "softmax")
    figure = outputs.parts(saturation.SWEEP, lines, 100)
    drawn = {name: np.isfinite(np.array(trace.y, float)) for (name, _), trace in zip(lines, figure.data)}
    assert drawn["|a − y|"].all() and not drawn["product"][-1] and drawn["product"][saturation.SWEEP < 700].all()
    assert [note.text for note in figure.layout.annotations] == ["|∂L/∂a|", "|∂a/∂z|", "|a − y|", "product"]


def test_a_table_writes_its_numbers_and_points_out_what_is_not_finite():
    table = outputs.table(["", "a"], [["0", 0.123456], ["1", np.inf], ["2", float("nan")]], marked=0, alt="numbers")
    assert cells(table) == [["0", "0.1235"], ["1", "∞"], ["2", "NaN"]]
    assert table.count(colors.text(colors.NOT_FINITE)) == 2 and table.count("box-shadow") == 1 and 'aria-label="numbers"' in table


@settings(deadline=None)
@given(
    st.lists(st.floats(-60, 60), min_size=2, max_size=10), st.sampled_from(activations.DTYPES), st.booleans(), st.integers(-100, 800),
    st.sampled_from([0.1, 1.0, 10.0]),
)  # fmt: skip
def test_the_steps_of_any_logits_can_be_written_down(z, dtype, shift, add, temperature):
    s = activations.softmax_steps(np.array(z) + add, dtype, shift, temperature)
    lines = list(steps.steps_latex(s, len(z) - 1, shift))
    assert len(lines) == 3 + shift and all("=" in line for line in lines)
    with precision("full"):
        lines = list(steps.steps_latex(s, len(z) - 1, shift))
        assert [written.folded(line).replace(r" \\ &", "") for line in lines] == lines
    table = steps.table(np.array(z), s, s, 0, add != 0)
    assert len(cells(table)) == len(z) + 1 and len({len(row) for row in cells(table)}) == 1
    assert "float" in steps.overflow(dtype, s, s, s)


def test_the_steps_hold_with_their_numbers_in():
    s = activations.softmax_steps([-0.8, 1.8, -0.9])
    difference, _, total, quotient = steps.steps_latex(s, 0, True)
    for latex, value in ((difference, s.shifted[0]), (total, s.sum), (quotient, s.a[0])):
        *_, left, right = latex.split("=")
        assert float(evaluate(right)) == pytest.approx(float(value), rel=6e-4)
        assert float(evaluate(left)) == pytest.approx(float(evaluate(right)), rel=6e-4)


def test_a_shift_cannot_bring_back_the_digits_that_z_itself_has_lost():
    z = np.array([0.3, 0.1, -0.2])
    far, near = (activations.softmax_steps(z + add, "float16") for add in (800, 0))
    exact = activations.softmax_steps(z)
    text = steps.overflow("float16", far, far, exact)
    assert "are 0.5 apart" in text and f"off by up to {plain(np.abs(far.a - exact.a).max())}" in text
    assert "apart" not in steps.overflow("float16", near, near, exact)


@pytest.mark.parametrize("add, dtype, told", (
    (-100, "float16", ["To float16 every e<sup>z</sup> is 0", "0/0 is not a number"]),
    (-15, "float16", ["has lost digits in float16", "off by up to"]), (-60, "float64", ["Both ways give the same"]),
))  # fmt: skip
def test_powers_that_are_too_small_are_not_called_infinite(add, dtype, told):
    z = np.array([-0.8, 1.8, -0.9]) + add
    shifted, bare = (activations.softmax_steps(z, dtype, shift) for shift in (True, False))
    text = steps.overflow(dtype, shifted, bare, shifted)
    assert all(words in text for words in told) and "∞" not in text
    assert ("infinite" in text) == (dtype == "float64")


def test_what_lies_above_the_limit_is_shown_above_it():
    s = activations.softmax_steps([709.8, 1.0], shift=False)
    limit, largest = re.search(r"above z = ([\d.]+); the largest z here is ([\d.]+)\.", steps.overflow("float64", s, s, s)).groups()
    assert float(limit) < float(largest) and len(largest) < 9


@pytest.mark.parametrize("add, temperature, told", (
    (0, 1.0, ""), (-100, 1.0, "Here z is z of the network − 100. "), (5, 1.0, "Here z is z of the network + 5. "),
    (0, 0.5, "Here z is z of the network / 0.5. "), (-3, 2.0, "Here z is (z of the network − 3) / 2. "),
))  # fmt: skip
def test_what_was_done_to_z_is_said_shortly(add, temperature, told):
    assert steps.changed(add, temperature) == told


def test_a_long_sum_has_the_term_that_makes_it():
    s = activations.softmax_steps([-40.0, 1, 2, 30, 3, -2])
    total = list(steps.steps_latex(s, 0, True))[2]
    assert re.search(r"10\^\{-31\} \+ \\cdots \+ 1 \+ \\cdots \+ .*10\^\{-14\} = 1\.000$", total), total


def test_a_line_of_many_digits_goes_on_below():
    c, k = saturation.at_label(np.array([-0.8, 1.8, -0.9]), 0, 5, "softmax")
    for digits, folds in (("4", 0), ("full", 1)):
        with precision(digits):
            _, latex = saturation.parts_latex(c, k, "softmax")
        assert latex.count(r"\\") == folds
        assert float(evaluate(re.split(r"=|\\approx", latex.removesuffix(r"\end{aligned}"))[-1])) == pytest.approx(c.product[k], rel=6e-4)


def test_one_sigmoid_has_no_label_to_point_at_and_no_sum_of_exponentials():
    c, k = saturation.at_label(np.zeros(2), 1, 800, "sigmoid")
    told = saturation.verdict(c, k, "sigmoid")
    assert "log-sum-exp" not in told and "a<sub>y" not in told and "from z itself **800**" in told and "Here a is 0" in told


def test_overflow_is_written_as_what_it_is():
    s = activations.softmax_steps([12.0, 1.0], "float16", shift=False)
    _, _, quotient = steps.steps_latex(s, 0, False)
    assert quotient.endswith(r"\frac{\infty}{\infty} = \text{NaN}")
    assert "∞/∞ is not a number" in steps.overflow("float16", s, s, s)
    beyond = activations.softmax_steps([1e5, 1.0], "float16")
    assert "z itself is beyond" in steps.overflow("float16", beyond, beyond, beyond)
    assert len(list(steps.steps_latex(beyond, 0, True))) == 4
    all_zero = activations.softmax_steps([11.0] * 3, "float16", shift=False)
    assert "every probability becomes 0" in steps.overflow("float16", all_zero, all_zero, all_zero)


@settings(deadline=None)
@given(st.lists(st.floats(-40, 40), min_size=2, max_size=6), st.integers(0, 800), st.sampled_from(["softmax", "sigmoid"]))
def test_the_parts_of_any_logits_can_be_written_down(z, s, output):
    c, k = saturation.at_label(np.array(z), 1, s, output)
    moved, _ = saturation.saturated(np.array(z), 1, s, output)
    rows = cells(saturation.parts_table(c, k, moved, output))
    assert [row[0].split(":")[0] for row in rows[-2:]] == ["multiplied", "in one step"]
    rule, numbers = saturation.parts_latex(c, k, output)
    assert "a_y" in rule or "a(1 - a)" in rule
    assert ("NaN" in numbers) == bool(np.isnan(c.product[k]))
    told = saturation.verdict(c, k, output)
    assert ("not a number" in told) == bool(np.isnan(c.product[k])) and ("still exact" in told) == (not np.isfinite(c.product).all())


def test_the_loss_with_its_numbers_in():
    c = cancellation([0.0, -1.0], 1)
    *_, left, right = loss.loss_latex(1, c.a, c.loss).split("=")
    assert left.strip().startswith(r"-\log 0.26") and float(evaluate(right)) == pytest.approx(c.loss, rel=6e-4)
    gone = cancellation([0.0, -800.0], 1)
    assert r"-\log 0 = \infty" in loss.loss_latex(1, gone.a, gone.loss) and loss.loss_latex(1, gone.a, gone.loss).endswith(" 800")


def test_the_slides_example_counts_from_1_and_says_so():
    text = loss.slide_text(loss.worked_example())
    assert "y = 3 (class 2 here) gives −log 0.1 = 2.303" in text and "y = 1 (class 0 here) gives −log 0.4 = 0.916" in text
    assert "counts classes from 1" in text and "sum to 0.8;" in text


@pytest.mark.parametrize("before, after, said", (
    ([0.1, 0.2], [0.1, 0.2], "none moved"), ([0.1, 0.2], [0.1, 0.3], "only a<sub>1</sub> moved"), ([0.1, 0.2], [0.2, 0.3], "all 2 moved"),
))  # fmt: skip
def test_who_reacts(before, after, said):
    assert side_by_side.reaction(np.array(before), np.array(after)) == said


@pytest.mark.parametrize("count, middle, rows", (
    (3, 1, [0, 1, 2]), (10, 4, [0, None, 4, None, 9]), (10, 0, [0, None, 9]), (10, 8, [0, None, 8, 9]), (784, 1, [0, 1, None, 783]),
))  # fmt: skip
def test_dots_stand_for_rows_left_out(count, middle, rows):
    assert written.rows(count, middle) == rows


def test_the_prediction_in_full_and_with_dots():
    W, x, b = np.array([[0.2, -0.5], [1, 2]]), np.array([1.0, 3]), np.array([0.1, 0])
    layer = SimpleNamespace(W=W, input=x, b=b, z=W @ x + b)
    latex, _ = prediction.prediction_latex(layer, 0, False)
    assert r"\begin{pmatrix} 0.2 & -0.5 \\ 1 & 2 \end{pmatrix} \begin{pmatrix} 1 \\ 3 \end{pmatrix} + \begin{pmatrix} 0.1 \\ 0" in latex
    assert "dots" not in latex and latex.endswith(r"= " + prediction.matrix(activations.softmax(layer.z), [0, 1]))
    theta, _ = prediction.prediction_latex(layer, 0, True)
    assert r"\begin{pmatrix} 0.1 & 0.2 & -0.5 \\ 0 & 1 & 2 \end{pmatrix} \begin{pmatrix} 1 \\ 1 \\ 3 \end{pmatrix} \right) =" in theta
    assert theta.split(" = ")[1:] == latex.split(" = ")[1:]
    W = RNG.normal(size=(10, 784))
    layer = SimpleNamespace(W=W, input=RNG.random(784), b=W[:, 0], z=W[:, 1])
    latex, columns = prediction.prediction_latex(layer, 4, False)
    assert all(dots in latex for dots in (r"\cdots", r"\vdots", r"\ddots")) and columns[2] == layer.input.argmax()


def test_the_feature_matrix_shows_the_labels_and_its_first_rows():
    X, y = RNG.random((1000, 784)), RNG.integers(0, 10, 1000)
    rows = cells(prediction.feature_matrix(X, y))
    assert [row[-1] for row in rows] == [*map(str, y[:5]), "⋮"] and len({len(row) for row in rows}) == 1
    assert cells(prediction.feature_matrix(np.array([[1.0, 2, -1]]), np.array([2]))) == [["1", "1", "2", "−1", "2"]]
