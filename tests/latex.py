"""Reads the arithmetic in a LaTeX derivation, so that tests can hold a page to what it shows."""

import re
from decimal import Decimal, localcontext

import pytest


def evaluate(latex):
    """The exact value of a LaTeX expression in numbers."""
    text = re.sub(r"\\;\\text\{[^}]*\}", "", latex).replace(r"\quad", "").replace(r"\left", "").replace(r"\right", "")
    text = re.sub(r"\^\{(-?\d+)\}", r"**(\1)", text).replace("^2", "**2").replace(r"\cdot", "*").replace("&", "").replace(r"\\", "")
    while r"\frac" in text:
        text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
    assert not re.search(r"[\\{}a-zA-Z]", text), f"not arithmetic: {text}"
    text = re.sub(r"(?<![\d.*(])(\d+(?:\.\d+)?)|(?<=\()(\d+(?:\.\d+)?)", lambda m: f'D("{m[0]}")', text)
    with localcontext(prec=60):
        return eval(text, {"D": Decimal})


def last_line(latex):
    """(left, sign, right) of the last equation of an aligned block whose left side is numbers."""
    body = latex.removeprefix(r"\begin{aligned}").removesuffix(r"\end{aligned}")
    left, sign, right = re.split(r"&(=|\\approx)", body)[-3:]
    return left, sign, right


def assert_holds(latex, value):
    """The last line is arithmetic that holds to the digits shown, and its right side is the value."""
    left, sign, right = last_line(latex)
    result = evaluate(right)
    assert float(result) == pytest.approx(value, rel=6e-4, abs=1e-300)
    if re.search(r"partial|\[|_", left):  # 0 or 1 by rule: no arithmetic to check
        assert result in (0, 1)
        return
    assert sign == "="
    with localcontext(prec=60):
        exact = evaluate(left)
        assert (exact == 0) if result == 0 else abs(exact / result - 1) <= Decimal("5.1e-4"), latex
