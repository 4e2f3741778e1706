"""What the chain rule says of every cell: its formula, evaluated as it stands, and its sentence, against mlcore's arrays."""

import re

import numpy as np
import pytest

from .grid import assert_reads, number
from .mathml import FUNCTIONS, evaluate, parsed, shown_numbers, sides
from .strip import THETA, W_B, scene, strip
from .symbols import Names

SCENES = {
    "softmax regression": scene(3, 3),
    "hidden, softmax": scene(4, 5, 3, y=2),
    "two hidden, sigmoid": scene(3, 4, 2, 1, hidden="sigmoid", output="sigmoid", y=0),
    "several sigmoids": scene(3, 4, 3, hidden="relu", output="sigmoid", y=1),
    "identity": scene(2, 3, 1, hidden="identity", output="sigmoid", y=1),
}
NUMBER = r"(−?\d+(?:\.\d+)?(?: · 10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?|−?∞|NaN)"


def rounded(value, digits):
    return value if digits == "full" or not np.isfinite(value) or value == 0 else float(f"{value:.{digits - 1}e}")


def on_the_edge(value, digits):
    """Whether rounding to so many digits goes either way within the errors of a float."""
    return rounded(value * (1 + 1e-12), digits) != rounded(value * (1 - 1e-12), digits)


def assert_sign(sign, shown, result, digits):
    """"=" where the numbers that are shown give the result that is shown, else "≈"."""
    if np.isnan(shown) or np.isnan(result) or np.isinf(shown):
        assert sign == "=" and (np.isnan(shown) == np.isnan(result)) and (shown == result or np.isnan(shown))
    elif digits == "full":
        assert abs(shown - result) <= 1e-14 * max(abs(shown), abs(result), 1e-3)
    elif not on_the_edge(shown, digits):
        assert sign == ("=" if rounded(shown, digits) == rounded(result, digits) else "≈"), (sign, shown, result)


def assert_holds(stop, names, value, digits):
    """Each side of the formula has the cell's value: its symbols exactly, its numbers as far as the sign says."""
    for text, full in shown_numbers(stop["formula"]):
        assert_reads(text, full)
        assert digits == "full" or abs(number(text)[0]) == pytest.approx(abs(rounded(full, digits)), rel=1e-9)
        assert digits != "full" or number(text)[0] == full
    found, signs = sides(stop["formula"])
    assert set(signs[:-1]) <= {"="}
    numeric = [not any("symbol" in str(token) for token in side) for side in found]
    assert not numeric[0] and numeric[-1], stop["formula"]
    for side, is_numeric in zip(found, numeric):
        if not is_numeric:
            assert evaluate(side, names, stop["col"]) == pytest.approx(value, rel=1e-9, abs=1e-14), stop["formula"]
    for side, next_ in zip(found, found[1:]):  # above and below the line the numbers are those of the symbols
        if side[0][0] == next_[0][0] == "fraction" and len(side) == len(next_) == 1:
            for part, numbers in zip(side[0][1:], next_[0][1:]):
                assert evaluate(part, names, stop["col"]) == pytest.approx(evaluate(numbers, names), rel=0.06, abs=1e-300), stop["formula"]
    result = evaluate(found[-1], names)
    assert result == pytest.approx(rounded(value, digits), rel=1e-9)
    arithmetic = [evaluate(side, names) for side, is_numeric in zip(found[:-1], numeric[:-1]) if is_numeric]
    assert len(arithmetic) <= 1
    for shown in arithmetic:
        assert_sign(signs[-1], shown, result, digits)
        assert shown == pytest.approx(value, rel=0.2 if digits != "full" else 1e-12, abs=0.02 if digits != "full" else 1e-12)
    return len(arithmetic)


ARITHMETIC = (
    (rf"{NUMBER} · {NUMBER} ([=≈]) {NUMBER}", lambda a, b: a * b),
    (rf"{NUMBER} · \(1 − {NUMBER}\) ([=≈]) {NUMBER}", lambda a, b: a * (1 - b)),
    (rf"{NUMBER} / {NUMBER} ([=≈]) {NUMBER}", lambda a, b: a / b),
    (rf"−log {NUMBER} ([=≈]) {NUMBER}", lambda a: -np.log(a)),
    (rf"−log \(1 − {NUMBER}\) ([=≈]) {NUMBER}", lambda a: -np.log(1 - a)),
    *((rf"{name}\({NUMBER}\) ([=≈]) {NUMBER}", FUNCTIONS[name]) for name in ("sigmoid", "tanh", "relu", "identity")),
)  # fmt: skip


def assert_arithmetic(said, digits):
    """Every arithmetic in a sentence holds → how many there are: as many as there are signs behind numbers."""
    count = 0
    for pattern, rule in ARITHMETIC:
        for *parts, sign, result in re.findall(pattern, said):
            assert_sign(sign, rule(*(number(part)[0] for part in parts)), number(result)[0], digits)
            count += 1
    return count


def assert_sentence(stop, names, value, digits):
    """Numbers are written as their full values are; a symbol has the value that is said of it; the last number is the cell's."""
    sentence = parsed(f"<p>{stop['sentence']}</p>")
    numbers = [(one.text, float(one.get("value").replace("Infinity", "inf"))) for one in sentence.iter("data")]
    for text, full in numbers:
        assert_reads(text, full)
    for one in sentence.iter("span"):
        symbol, *data = [child for child in one if child.tag in ("math", "data")]
        assert evaluate(sides(symbol)[0][0], names, stop["col"]) == pytest.approx(float(data[-1].get("value")), rel=1e-9, abs=1e-15)
    if stop["object"][:-1] not in ("z", "dL_dz", "dL_db", "dL_da") and numbers and "outputs" not in stop["said"]:
        assert numbers[-1][1] == pytest.approx(value, rel=1e-12, abs=0), stop["said"]


def words(of, name, i, j, theta):
    """What the sentence of a cell must say in words, whatever its numbers: which units, which rows."""
    object_, l = name[:-1], int(name[-1])
    u = lambda k: k + theta  # noqa: E731
    last, softmax = l == len(of.net.layers) - 1, of.net.output == "softmax"
    class_ = lambda k: f"unit {k + 1}" if theta else f"class {k}"  # noqa: E731
    match object_:
        case "x" if theta and i == 0:
            return "The bias unit, always 1: given"
        case "x":
            return f"Input {i}: given"
        case "W":
            return f"The weight from input {j} to unit {i}"
        case "Theta" if j == 0:
            return f"The bias of unit {u(i)}, the weight of a₀ = 1"
        case "Theta":
            return f"The weight from unit {j} to unit {u(i)}"
        case "b":
            return f"The bias of unit {u(i)}"
        case "z":
            return f"Row {u(i)} of {'Θ' if theta else 'W'} times"
        case "a" if last and softmax:
            return f"Its share of the sum of all {of.net.sizes[-1]} exponentials"
        case "a" if theta and not last and i == 0:
            return "The bias unit: always 1"
        case "a":
            return f"{'sigmoid' if last else of.net.hidden} of one logit, its own"
        case "L" if softmax:
            return f"Only the label counts, y = {of.y}"
        case "dL_da" if last and softmax and j != of.y:
            return f"There is no a of {class_(j)} in {'cost' if theta else 'L'} = −log a_y with y = {of.y}"
        case "dL_da" if last and softmax:
            return "The slope of −log a at the label"
        case "da_dz" if last and softmax and i != j:
            return f"what {class_(j)} gains, {class_(i)} loses"
        case "da_dz" if last and softmax:
            return "On the diagonal"
        case "da_dz" if i != j:
            return f"z of unit {u(j)} does not reach a of unit {u(i)}"
        case "da_dz":
            return f"The slope of {'sigmoid' if last else of.net.hidden}"
        case "dz_dW" | "dz_dTheta":
            return f"here its entry {j}"
        case "dz_db" if i != j:
            return f"The bias of unit {u(j)} does not reach z of unit {u(i)}"
        case "dz_da":
            return f"Activation {u(j)} enters logit {u(i)} with its weight"
        case "dL_dW":
            return f"The error of unit {u(i)} times input {j}"
        case "dL_dTheta":
            return f"The error of unit {u(i)} times {f'input {j}' if j else 'a₀'}"
    return ""


@pytest.mark.parametrize(("digits", "notation"), [(4, W_B), ("full", W_B), (2, THETA), (4, THETA)])
@pytest.mark.parametrize("name", SCENES)
def test_every_formula_and_every_sentence_holds(mount, name, notation, digits):
    of = SCENES[name]
    arrays, names, with_numbers, claims = of.arrays_in(notation), Names(of, notation), 0, 0
    _, shown = strip(mount, of, digits, notation)
    stops = shown.walk()
    assert [(stop["object"], stop["row"], stop["col"]) for stop in stops] == [
        (key, *cell) for key, array in arrays.items() for cell in np.ndindex(array.shape)
    ]
    for stop in stops:
        value = arrays[stop["object"]][stop["row"], stop["col"]]
        assert float(stop["value"]) == value
        with_numbers += assert_holds(stop, names, value, digits)
        assert_sentence(stop, names, value, digits)
        claims += assert_arithmetic(stop["said"], digits)
        assert words(of, stop["object"], stop["row"], stop["col"], notation == THETA) in stop["said"]
    assert with_numbers > len(stops) / 4 and claims > len(stops) / 4


def test_a_formula_that_is_wrong_does_not_hold():
    """The reader of formulas tells a wrong index, a wrong sign and a lost term."""
    of = SCENES["softmax regression"]
    names, z = Names(of, W_B), of.arrays["z0"][:, 0]
    letter = lambda name, *k: f"<msub><mi>{name}</mi><mrow>{'<mo>,</mo>'.join(f'<mn>{n}</mn>' if type(n) is int else f'<mi>{n}</mi>' for n in k)}</mrow></msub>"  # noqa: E501, E731
    sum_ = lambda i, b: f"<math><munder><mo>∑</mo><mi>k</mi></munder>{letter('W', i, 'k')}{letter('x', 'k')}{b}</math>"  # noqa: E731
    value = lambda html: evaluate(sides(html)[0][0], names)  # noqa: E731
    assert value(sum_(1, "<mo>+</mo>" + letter("b", 1))) == pytest.approx(z[1])
    for wrong in (sum_(0, "<mo>+</mo>" + letter("b", 1)), sum_(1, "<mo>−</mo>" + letter("b", 1)), sum_(1, "")):
        assert value(wrong) != pytest.approx(z[1])
