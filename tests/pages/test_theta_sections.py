"""The sections Cost, Vectorised and NOT to 0 of part one, run without a browser on small scenes."""

import re
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest

import mlcore
from mlcore.lecture import errata
from mlcore.lecture.film import film
from tests.latex import evaluate
from tests.pages.visit import of_script, text
from ui.figures.costs import branches
from ui.numbers import plain
from ui.theta import cost, vectorised

pytestmark = pytest.mark.part1
SIZES = ((2, 4, 1), (2, 3, 3, 1))
ACTIVATIONS = ("sigmoid", "tanh", "relu", "identity")


def made(sizes, hidden, init="auto", l2=0.0, rate=1.0):
    """The scene that the script shows."""
    import numpy as np

    import mlcore
    from ui.theta.scenes import Scene

    if sizes[0] == 784:
        data = mlcore.datasets.load("digits")
        rows = np.flatnonzero(data.y_train < 2)[:40]
        X, y = data.X_train[rows] / 255, data.y_train[rows]
    else:
        data = mlcore.datasets.load("xor", n=40, noise=0.1, seed=0, classes=2)
        X, y = np.asarray(data.X_train, float), data.y_train
    return Scene(mlcore.Network(sizes, hidden, "sigmoid", 1, "float64", init), X, y, rate, l2, 60, sizes[0] == 2)


def learned(k=0, **settings):
    """The scene after k epochs, as it starts if nothing else is said, as the sections take it."""
    scene = made(**settings)
    return scene._replace(net=film(scene.net, scene.X, scene.y, scene.rate, scene.l2, k).network(-1))


def script(section, **settings):
    import importlib

    from tests.pages.test_theta_sections import made

    importlib.import_module(f"ui.theta.{section}").show(made(**settings))


def page(section, sizes=(2, 4, 1), hidden="sigmoid", init="auto", l2=0.0, rate=1.0, **params):
    settings = {"section": section, "sizes": sizes, "hidden": hidden, "init": init, "l2": l2, "rate": rate}
    return of_script(script, settings, **params)


def tables(at):
    """Each table's rows as lists of text."""
    found = []
    for block in at.get("html"):
        lines = re.findall(r"<tr[^>]*>(.*?)</tr>", block.proto.body)
        found.append([[re.sub("<[^>]*>", "", c) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)] for line in lines])
    return found


def latex(at):
    return [block.value for block in at.latex]


@pytest.mark.parametrize("section", ("cost", "vectorised", "not_to_zero"))
@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("sizes", SIZES)
def test_every_section_opens(section, hidden, sizes):
    assert text(page(section, sizes, hidden))


@pytest.mark.parametrize("section", ("cost", "vectorised", "not_to_zero"))
@pytest.mark.parametrize("init", ("auto", "zeros"))
def test_every_section_opens_on_digits_and_from_zeros(section, init):
    assert text(page(section, (784, 4, 1), "sigmoid", init, l2=0.01))
    assert text(page(section, (2, 4, 1), "relu", init, l2=0.01))


def test_the_cost_of_the_instance_in_the_link():
    for i, k in ((1, 0), (7, 10), (32, 60)):
        scene = learned(k, sizes=(2, 4, 1), hidden="sigmoid")
        at = page("cost", instance=i, epoch=k)
        loss = scene.net.losses(scene.X[i - 1 : i], scene.y[i - 1 : i])[0]
        assert f"instance {i}, y = {scene.y[i - 1]}" in text(at)
        assert plain(loss).replace("−", "-") in latex(at)[0]


def test_j_in_its_parts():
    scene = learned(sizes=(2, 4, 1), hidden="tanh", l2=0.3)
    parts = errata.cost_parts(scene.net, scene.X, scene.y, 0.3)
    rows = tables(page("cost", hidden="tanh", l2=0.3))[0]
    assert rows[1:] == [["data", plain(parts.data)], ["λ", plain(parts.penalty)], ["J", plain(scene.net.cost(scene.X, scene.y, 0.3))]]


def test_the_same_lambda_gives_two_costs():
    scene = learned(sizes=(2, 4, 1), hidden="tanh")
    at = page("cost", hidden="tanh")
    rows = tables(at)[1]
    assert "λ is 0 in this scene" in text(at) and "λ is 0" not in text(page("cost", hidden="tanh", l2=0.2))
    n = len(scene.y)
    assert [row[3] for row in rows[1:]] == [plain(scene.net.cost(scene.X, scene.y, l2)) for l2 in (0.1, 0.1 / n)]
    assert rows[1][4] != rows[2][4]


@pytest.mark.parametrize("hidden", ("sigmoid", "tanh"))
def test_the_printed_derivative_has_the_wrong_sign_for_y_1_alone(hidden):
    scene = made((2, 4, 1), hidden)
    for y in (0, 1):
        i = int(np.flatnonzero(scene.y == y)[0]) + 1
        rows = tables(page("cost", hidden=hidden, instance=i))[2]
        assert len(rows) == 6 and all(row[-1] == ("wrong sign" if y else "") for row in rows[1:])
        assert all(row[3] == row[4] for row in rows[1:]), "right and central difference"


def test_three_pairs_match_and_one_does_not():
    assert [row[-1] for row in tables(page("cost"))[3][1:]] == ["matches"] * 3 + ["does not match"]


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("sizes", (*SIZES, (2, 6, 6, 1), (2, 7, 8, 1), (784, 4, 1)))
def test_both_forms_show_the_same_numbers(sizes, hidden):
    for layer in range(2, len(sizes) + 1):
        at = page("vectorised", sizes, hidden, nodes=layer, instance=3)
        badges = [m.value for m in at.markdown if "forms" in m.value]
        assert len(badges) == (1 if layer == len(sizes) else 2) and all("Both forms are equal" in badge for badge in badges)
        scalars, whole = latex(at)[:2]
        matrix = set(re.findall(r"\d+\.\d+", whole))
        assert set(re.findall(r"\d+\.\d+", scalars)) <= matrix and len(matrix) > 3


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_the_equations_hold_in_the_numbers_shown(hidden):
    for i in range(1, 9):
        block = latex(page("vectorised", hidden=hidden, instance=i))[0].replace(r"\\ &\qquad ", "")
        found = re.findall(r"&= g\( ([^&]*) \) \\\\ &(=|\\approx) g\(([^&]*)\) =", block)
        assert len(found) == 4, block
        for terms, sign, z in found:
            left, right = evaluate(terms), evaluate(z)
            assert sign == r"\approx" or (abs(left - right) <= abs(right) * Decimal("5.1e-4")), block


def pairs_at(z, y):
    return tables(of_script(_pairs, {"z": z, "y": y}))[0][1:]


def _pairs(z, y):
    from ui.theta import cost

    cost.pairs(z, y)


def test_the_softmax_row_shows_the_a_of_the_label():
    for y in (0, 1):
        _, (name, a, dL_da, *_), *_ = pairs_at(0.239, y)
        label, of = re.fullmatch(r"(\S+) \(class (\d)\)", a).groups()
        assert name == "softmax, −log ay" and int(of) == y
        assert float(label) * float(dL_da.replace("−", "-")) == pytest.approx(-1, rel=1e-3)


def test_what_is_saturated_is_not_said_not_to_match():
    """z = −1000 with y = 1, where 1/a is infinite and a(1 − a) is 0; the identity's error is z − y there as ever."""
    verdicts = [row[-1] for row in pairs_at(-1000.0, 1)]
    assert verdicts[:2] == ["0 · ∞: only the fused a − y is finite"] * 2 and verdicts[2:] == ["matches", "does not match"]


def test_tiny_errors_are_compared_by_their_size():
    """sigmoid(−157) is 7e-69; times its slope it is 5e-137."""
    assert [row[-1] for row in pairs_at(-157.0, 0)] == ["matches"] * 3 + ["does not match"]


def test_zeros_have_no_sign_to_be_wrong():
    said = text(page("cost", hidden="relu", instance=3, epoch=300))
    assert "y = 1, and every sign that is not 0 is wrong" in said
    assert "y = 1, and every sign is wrong" in text(page("cost", instance=3, epoch=300))


@pytest.mark.parametrize("value", (9.0, 13870.0, np.inf))
def test_a_cost_beyond_the_chart_leaves_the_branches_their_shape(value):
    h = np.linspace(0.001, 0.999, 300)
    figure = branches(h, -np.log(1 - h), -np.log(h), (0.0, value), 1)
    high = figure.layout.yaxis.range[1]
    point = figure.data[-1]
    assert high < 10 and [*point.y] == [high] and point.text == (f"<b>{plain(value)}</b>, above the edge",)


def rounds_to(value, number):
    """Whether the value, rounded to the last place of a number in LaTeX, is that number; a half goes away from 0."""
    places, power = re.fullmatch(r"-?\d+(?:\.(\d+))?(?: \\cdot 10\^\{(-?\d+)\})?", number).groups()
    last = Decimal(1).scaleb(int(power or 0) - len(places or ""))
    return Decimal(value).quantize(last, ROUND_HALF_UP) == evaluate(number)


def test_a_half_is_rounded_as_a_calculator_does():
    """27.13 / 40 is 0.67825, which a calculator gives as 0.6783."""
    latex = cost.j_latex(errata.CostParts(0.678249, 0.01, 2.0), 0.01, 40)
    n, total, data = re.search(r"\\tfrac\{1\}\{(\d+)\} \\cdot (\S+) .*\\\\ &= (\S+) \+", latex).groups()
    assert rounds_to(Decimal(total) / int(n), data), latex


def entries(block):
    """The columns of numbers in a line with matrices, and what stands between them."""
    return re.split(r"\\begin\{bmatrix\} (.*?) \\end\{bmatrix\}", block)


SCENES = [((2, 4, 1), 10), ((2, 3, 3, 1), 10), ((2, 3, 3, 1), 200), ((2, 6, 6, 1), 60), ((2, 7, 8, 1), 10), ((784, 4, 1), 10)]


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize(("sizes", "after"), SCENES)
def test_every_equals_sign_between_numbers_holds_for_the_numbers_shown(sizes, after, hidden):
    equal = 0
    for i, layer in [(1, 2), (5, 2), (9, 3)]:
        at = page("vectorised", sizes, hidden, nodes=layer, instance=i, epoch=after)
        activation = mlcore.activations.sigmoid if layer == len(sizes) else mlcore.activations.HIDDEN[hidden][0]
        forward = latex(at)[0].replace(r"\\ &\qquad ", "")
        found = re.findall(r"&= g\( ([^&]*) \) \\\\ &(=|\\approx) g\(([^&]*)\) (=|\\approx) ([^&]*?) \\\\\[1ex\]", forward)
        assert len(found) == forward.count(r"\\[1ex]")
        for terms, sign, z, end, a in found:
            assert sign == r"\approx" or r"\cdots" in terms or rounds_to(evaluate(terms), z), forward
            assert end == r"\approx" or rounds_to(float(activation(np.array([float(evaluate(z))]))[0]), a), forward
            equal += end == "="
        if layer == len(sizes):
            a, y, end, delta = re.search(r"- y = (.*) - (\d) (=|\\approx) (.*)", latex(at)[2]).groups()
            assert end == r"\approx" or rounds_to(evaluate(a) - int(y), delta)
            continue
        back = latex(at)[2].replace(r"\\ &\qquad ", "")
        line = r"&= \( ([^&]*) \) \\cdot ([^&]*) \\\\ &(=|\\approx) ([^&]*?) (=|\\approx) ([^&]*?) \\\\\[1ex\]"
        found = re.findall(line, back)
        assert len(found) == back.count(r"\\[1ex]")
        for terms, slope, sign, product, end, error in found:
            total = product.removesuffix(rf" \cdot {slope}")
            assert sign == r"\approx" or r"\cdots" in terms or rounds_to(evaluate(terms), total), back
            assert total != product and (end == r"\approx" or rounds_to(evaluate(product), error)), back
            equal += end == "="
        *_, left, _, right, sign, results, _ = entries(latex(at)[3])
        for numbers in zip(*(one.split(r" \\ ") for one in (left, right, results))) if "=" in sign else ():
            assert numbers[0] == r"\vdots" or rounds_to(evaluate(rf"{numbers[0]} \cdot {numbers[1]}"), numbers[2]), latex(at)[3]
    assert equal > 5


@pytest.mark.parametrize("back", (False, True))
def test_what_is_written_out_is_named_as_in_the_formulas(back):
    at = page("vectorised", (2, *[12] * 6, 1), nodes=4)
    said = [block.value for block in at.caption if "dots stand" in block.value][back]
    name, rows, columns = re.search(r"entries of (\S+) .*: rows ([\d, ]*), columns ([\d, ]*);", said).groups()
    indices = re.findall(r"\\Theta_\{(\d+?),?(\d+)\}", latex(at)[2 if back else 0])
    units, inputs = ({int(pair[k]) for pair in indices} for k in (0, 1))
    said_rows, said_columns = ({int(place) for place in one.split(", ")} for one in (rows, columns))
    assert (name, said_rows, said_columns) == (("Θᵀ", inputs | {0}, units) if back else ("Θ", units, inputs))


def test_a_wrong_form_would_be_said(monkeypatch):
    right = vectorised.forward_forms
    monkeypatch.setattr(vectorised, "forward_forms", lambda *a: right(*a)._replace(a_loop=right(*a).a_loop + 1e-6))
    assert any("The two forms differ by 1.0e−6" in m.value for m in page("vectorised").markdown)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_the_bias_row_is_struck_out_and_its_entry_said(hidden):
    at = page("vectorised", hidden=hidden, nodes=2)
    assert latex(at)[3].count(r"\cancel") == 2, "its entry of Θᵀ and of Θᵀδ"
    assert ("exactly 0, because a₀ = 1. Kept" in text(at)) == (hidden in ("sigmoid", "tanh"))
    assert "s + 1 = 5 entries and g′(z) has s = 4" in text(at)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("l2", (0.0, 0.01, 0.37))
def test_every_line_of_j_is_arithmetic_that_holds(seed, l2):
    data, squares = np.random.default_rng(seed).uniform(0.001, 30, 2)
    latex = cost.j_latex(errata.CostParts(data, l2 / 2 * squares, squares), l2, 40)
    _, parts, last = latex.removesuffix(r" \end{aligned}").split(r"\\")
    terms = [evaluate(term.replace("tfrac", "frac")) for term in parts.replace("&=", "").split("+")]
    assert last.lstrip().startswith("&=")
    left, right = (side.split("+") for side in last.replace("&=", "", 1).split("="))
    shown = [Decimal(term.strip()) if "cdot" not in term else evaluate(term) for term in left]
    for term, number in zip(terms, shown):
        assert term.quantize(number, ROUND_HALF_UP) == number
    assert sum(shown).quantize(Decimal(right[0].strip())) == Decimal(right[0].strip())
