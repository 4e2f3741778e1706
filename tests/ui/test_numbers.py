"""How numbers are written, held to exact fractions: rounded as by hand, and never a line that does not hold."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.latex import evaluate
from ui import numbers

FINITE = st.floats(-1e200, 1e200)


@given(st.floats(-1e15, 1e15).filter(lambda v: v == 0 or abs(v) > 1e-15), st.integers(1, 8))
def test_so_many_digits_rounded_as_by_hand(value, digits):
    found = numbers.shown(value, digits)
    exact = abs(Fraction(value))
    power = found.adjusted() if found else 0
    place = Fraction(10) ** (power - digits + 1)
    assert abs(abs(Fraction(found)) - exact) <= place / 2 and (not found or (found < 0) == (value < 0))
    written = len(found.as_tuple().digits)
    if abs(Fraction(found) - Fraction(value)) > exact / 10**11:
        assert written == digits, "all digits that were asked for"
    else:
        assert written <= digits


@pytest.mark.parametrize("value, digits, text", [
    (0.5, 4, "0.5"), (0.2, 3, "0.2"), (100.0, 2, "1E+2"), (2 / 3, 4, "0.6667"), (2 / 3, 1, "0.7"), (0.12345, 4, "0.1235"),
    (-0.12345, 4, "-0.1235"),
    (0.015625, 4, "0.01563"), (-0.015625, 4, "-0.01563"), (9.9996, 4, "10.00"), (0.99996, 4, "1.000"), (99.951, 3, "100"),
    (1 + 1e-11, 4, "1.000"),
    (1 + 1e-13, 4, "1"), (0.1 + 0.2, 16, "0.3"), (0.1 + 0.2, 17, "0.30000000000000004"), (1e22, 17, "1E+22"), (-0.0, 4, "0"),
    (1 / 3, 30, repr(1 / 3)),
])  # fmt: skip
def test_digits_of_a_result_and_of_what_was_typed(value, digits, text):
    assert str(numbers.shown(value, digits)) == text


@given(FINITE)
def test_a_shown_number_is_the_number_to_four_digits(value):
    assert float(numbers.shown(value)) == pytest.approx(value, rel=5.01e-4, abs=5e-324)
    assert float(evaluate(numbers.tex(value))) == pytest.approx(value, rel=5.01e-4, abs=5e-324)


@pytest.mark.parametrize("choice", numbers.CHOICES)
def test_the_reader_chooses_how_many_digits(choice):
    with numbers.precision(choice):
        assert numbers.plain(1 / 3) == ("0." + "3" * int(choice) if choice != "full" else repr(1 / 3))
        with numbers.precision("2"):
            assert numbers.tex(2 / 3) == "0.67"
        assert numbers.shown(1 / 3) == numbers.shown(1 / 3, 17 if choice == "full" else int(choice))
    assert numbers.plain(1 / 3) == "0.3333"
    with pytest.raises(ZeroDivisionError), numbers.precision(choice):
        _ = 1 / 0
    assert numbers.plain(1 / 3) == "0.3333", "an error inside changes nothing outside"
    assert numbers.CHOICES == ["2", "3", "4", "5", "6", "full"]


@pytest.mark.parametrize("value, latex, text", [
    (0.0, "0", "0"), (-0.0, "0", "0"), (1.0, "1", "1"), (-0.5, "-0.5", "−0.5"), (0.99996, "1.000", "1.000"), (9.9996, "10.00", "10.00"),
    (784, "784", "784"), (1.23456e-7, r"1.235 \cdot 10^{-7}", "1.235e−7"), (-1.23456e7, r"-1.235 \cdot 10^{7}", "−1.235e7"),
    (0.001, "0.001", "0.001"), (0.00099996, "0.001000", "0.001000"), (0.0009, r"9 \cdot 10^{-4}", "9e−4"), (9999.4, "9999", "9999"),
    (9999.6, r"1.000 \cdot 10^{4}", "1.000e4"), (10000, r"1 \cdot 10^{4}", "1e4"), (Decimal("0.10"), "0.10", "0.10"),
    (Decimal("-12345.0"), r"-1.23450 \cdot 10^{4}", "−1.23450e4"), (Decimal("0.00"), "0", "0"),
    (math.inf, r"\infty", "∞"), (-math.inf, r"-\infty", "−∞"), (math.nan, r"\text{NaN}", "NaN"),
])  # fmt: skip
def test_how_numbers_are_written(value, latex, text):
    assert (numbers.tex(value), numbers.plain(value)) == (latex, text)


@pytest.mark.parametrize("value, text", [(0.015625, "0.01563"), (-0.015625, "−0.01563"), (0.046875, "0.04688"), (2000.5, "2001")])
def test_a_half_goes_away_from_zero_as_a_calculator_rounds_it(value, text):
    assert numbers.plain(value) == text


def test_so_many_digits_here_whatever_was_chosen():
    with numbers.precision("2"):
        assert (numbers.tex(1 / 3, 5), numbers.plain(-1 / 3, 5), numbers.plain(1 / 3)) == ("0.33333", "−0.33333", "0.33")


@pytest.mark.parametrize("value, latex", [(2.5, "2.5"), (0.0, "0"), (-2.5, r"\left(-2.5\right)"), (-1e-7, r"\left(-1 \cdot 10^{-7}\right)"),
                                          (-math.inf, r"\left(-\infty\right)"), (1e-7, r"1 \cdot 10^{-7}")])
def test_a_negative_factor_stands_in_parentheses(value, latex):
    assert numbers.factor(value) == latex


def test_what_is_rounding_beside_the_largest_is_negligible():
    for largest in (1.0, 8.0):
        edge = largest / 2**46
        assert numbers.negligible(edge, largest) and numbers.negligible(-edge, largest) and numbers.negligible(edge / 1e9, largest)
        assert not numbers.negligible(math.nextafter(edge, 1), largest) and not numbers.negligible(-2 * edge, largest)
        assert not numbers.negligible(0.0, largest)
    assert not numbers.negligible(1e-300, 0.0)


@pytest.mark.parametrize("value, unit, text", [
    (0.0, 0, "0"), (math.inf, 0, "∞"), (-math.inf, 0, "−∞"), (math.nan, 0, "NaN"), (0.5, 0, ".50"), (-0.5, 0, "−.50"), (0.125, 0, ".13"),
    (1.0, 0, "1.00"), (9.994, 0, "9.99"), (9.995, 0, "9.99"), (9.996, 0, "10.0"), (12.5, 0, "12.5"), (99.94, 0, "99.9"),
    (99.96, 0, "100"), (250.4, 0, "250"),
    (9999.4, 0, "9999"), (9999.5, 0, "1e4"), (-12345.0, 0, "−1e4"), (0.002, 0, ".0020"), (0.00994, 0, ".0099"),
    (0.00996, 0, ".01"), (0.001, 0, ".0010"), (0.00096, 0, ".0010"), (0.000949, 0, "9e−4"), (2e-5, 0, "2e−5"), (-9.6e-5, 0, "−1e−4"),
    (2e-5, -5, "2.00"), (-2e-5, -4, "−.20"), (12345.0, 4, "1.23"), (0.5, 5, "5e−6"),
])  # fmt: skip
def test_what_stands_in_a_cell(value, unit, text):
    assert numbers.cell(value, unit) == text


def test_a_cell_that_is_rounding_beside_the_rest_is_about_0():
    assert numbers.cell(1e-17, largest=1.0) == numbers.cell(-1e-17, -17, 1.0) == "≈0"
    assert numbers.cell(1e-17) == "1e−17" and numbers.cell(0.0, largest=1.0) == "0" and numbers.cell(1e-3, largest=1.0) == ".0010"


@pytest.mark.parametrize("share, places, text", [
    (0.5, 1, "50.0 %"), (0.12345, 1, "12.3 %"), (0.12345, 2, "12.35 %"), (0.12345, 0, "12 %"), (0.0, 1, "0.0 %"), (1.0, 1, "100.0 %"),
    (1.0, 0, "100 %"),
    (1e-5, 1, "< 0.1 %"), (0.00049, 1, "< 0.1 %"), (0.0005, 1, "0.1 %"), (1e-9, 0, "< 1 %"), (1e-5, 2, "< 0.01 %"),
    (0.99999, 1, "> 99.9 %"), (0.99949, 1, "99.9 %"),
    (0.9951, 0, "> 99 %"), (0.999, 2, "99.90 %"), (math.nan, 1, "NaN"),
])  # fmt: skip
def test_a_share_is_not_written_as_none_or_all_unless_it_is(share, places, text):
    assert numbers.percent(share, places) == text


def test_one_decimal_of_a_percent_is_usual():
    assert numbers.percent(0.12345) == numbers.percent(0.12345, 1)


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_products_hold_to_the_digits_shown(a, b):
    parts, sign, result = numbers.line([a, b], lambda x, y: x * y, a * b)
    assert result == numbers.shown(a * b)
    if sign == "=" and result != 0:
        assert abs(parts[0] * parts[1] / result - 1) <= Decimal("5.1e-4")
    assert sign == "=" or abs(a * b) < 1e-290


@given(st.floats(0.1, 5), st.floats(0.1, 5), st.sampled_from(numbers.CHOICES))
def test_no_more_digits_than_the_line_needs(a, b, choice):
    with numbers.precision(choice):
        least = 17 if choice == "full" else int(choice)
        parts, sign, result = numbers.line([a, b], lambda x, y: x + y, a + b)
        holds = []
        for digits in range(least, 18):
            shown = [numbers.shown(v, digits) for v in (a, b)]
            place = Fraction(10) ** numbers.last_place(result)
            rounded = math.floor((Fraction(shown[0]) + Fraction(shown[1])) / place + Fraction(1, 2)) * place
            holds += [shown] * (rounded == Fraction(result))
        assert (sign, parts) == (("=", holds[0]) if holds else (r"\approx", [numbers.shown(v) for v in (a, b)]))


def test_a_line_that_no_digits_make_hold_says_so():
    assert numbers.fit([0.1, 1 / 3], lambda a, b: a + b, Decimal("0.2"), -1) == ([Decimal("0.1"), Decimal("0.3333")], r"\approx")
    assert numbers.line([1e-5, 1.0], lambda a, b: a * b, 0.0) == ([Decimal("0.00001"), 1], r"\approx", 0)
    assert numbers.line([0.3, -0.3], lambda a, b: a + b, 0.0) == ([Decimal("0.3"), Decimal("-0.3")], "=", 0)


def test_up_to_seventeen_digits_are_taken_and_sixty_are_computed_with():
    value = 0.1 + 0.2
    assert numbers.fit([value], lambda a: a, Decimal(repr(value)), -17) == ([Decimal(repr(value))], "=")
    a, b = 1.2345678901234567, 2.7182818284590451
    with localcontext(prec=60):
        product = numbers.at(Decimal(repr(a)) * Decimal(repr(b)), -31)
    assert numbers.fit([a, b], lambda x, y: x * y, product, -31) == ([Decimal(repr(a)), Decimal(repr(b))], "=")
    assert numbers.at(Decimal("1e40"), -15) == Decimal("1e40") and numbers.at(0.125, -2) == Decimal("0.13")
    assert numbers.at(Decimal("-0.125"), -2) == Decimal("-0.13") and numbers.at(1e300, -300) == int(1e300)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=12))
def test_the_mean_of_a_column_is_the_mean_of_what_is_shown(values):
    mean = math.fsum(values) / len(values)
    parts, place, sign, result = numbers.column(values, mean)
    assert result == numbers.shown(mean) and parts == [numbers.at(v, place) for v in values]
    if sign == "=" and result != 0:
        assert abs(sum(parts) / len(parts) / result - 1) <= Decimal("5.1e-4")


@pytest.mark.parametrize("values, mean, place, sign", [
    ([0.5, 0.25], 0.375, -4, "="), ([0.0, 0.0], 0.0, 0, "="), ([0.5, -0.5], 0.0, -4, "="), ([50.0, -50.0], 0.0, -2, "="),
    ([1e-5, -0.5, 0.49999], 0.0, -4, "="),
    ([1.0006, 1.0006, 1.0002], 3.0014 / 3, -4, "="), ([0.1], 0.3, -4, r"\approx"), ([0.5, 0.25], 0.0, -4, r"\approx"),
    ([700.0, 800.0], 750.0, -1, "="),
])  # fmt: skip
def test_a_column_has_one_last_place_as_coarse_as_holds(values, mean, place, sign):
    assert numbers.column(values, mean) == ([numbers.at(v, place) for v in values], place, sign, numbers.shown(mean))
