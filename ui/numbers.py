"""Arithmetic as it is shown: as many digits as it takes for the line on the page to hold."""

import math
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import ROUND_HALF_UP, Decimal, localcontext

DIGITS = 4  # significant digits of a result
MOST = 17  # a float64 has no more
TYPED = Decimal("1e-12")  # relative difference up to which a number is the short one that somebody typed
FULL = "full"
CHOICES = ["2", "3", "4", "5", "6", FULL]
_digits = ContextVar("digits", default=DIGITS)


@contextmanager
def precision(choice):
    """Inside, a result has as many significant digits as one of CHOICES says; "full" is as many as tell it from any other float64."""
    before = _digits.set(MOST if choice == FULL else int(choice))
    try:
        yield
    finally:
        _digits.reset(before)


def last_place(value, digits=None):
    """The power of ten of the last significant digit of a Decimal that is not 0."""
    return value.adjusted() - (digits or _digits.get()) + 1


def at(value, place):
    """A float or Decimal rounded to the power of ten `place`, as a Decimal; a half away from 0, as a calculator and the browser do."""
    with localcontext(prec=60):
        return (value if isinstance(value, Decimal) else Decimal(float(value))).quantize(Decimal(1).scaleb(place), ROUND_HALF_UP)


def shown(value, digits=None):
    """A finite float as a Decimal of so many significant digits; what was typed (0, 0.5, 0.2) keeps only the digits it has."""
    exact, digits = Decimal(float(value)), digits or _digits.get()
    if exact == 0:
        return Decimal(0)
    if digits >= MOST:
        return Decimal(repr(float(value))).normalize()
    rounded = at(exact, last_place(exact, digits))
    if abs(rounded - exact) <= TYPED * abs(exact):
        return rounded.normalize()
    return at(rounded, last_place(rounded, digits))  # 9.9996 became 10.000: one digit fewer


def tex(value):
    """A number in LaTeX: −0.7943, 1.05·10⁻⁵, ∞. A float gets the significant digits chosen, a Decimal is taken as it is."""
    return _written(value, r"{} \cdot 10^{{{}}}", r"\infty", r"\text{NaN}")


def plain(value):
    """The same number without LaTeX, for tables, hover texts and descriptions: −0.7943, 1.05e−05, ∞."""
    return _written(value, "{}e{}", "∞", "NaN").replace("-", "−")


def _written(value, scientific, infinite, undefined):
    if not isinstance(value, Decimal):
        if math.isnan(value):
            return undefined
        if math.isinf(value):
            return infinite if value > 0 else "-" + infinite
        value = shown(value)
    if value == 0:
        return "0"
    power = value.adjusted()
    if -4 < power < 4:
        return f"{value:f}"
    return scientific.format(f"{value.scaleb(-power):f}", power)


def factor(value):
    """A number as a factor or a later term in LaTeX: in parentheses if it is negative."""
    text = tex(value)
    return rf"\left({text}\right)" if text.startswith("-") else text


def fit(values, expression, result, place):
    """The values as Decimals with just enough digits that `expression` of them, rounded to `place`, is `result`; and the sign.

    The sign is "=", or "\\approx" where no number of digits does it: the value carries a rounding error of its own.
    """
    with localcontext(prec=60):
        for digits in range(_digits.get(), MOST + 1):
            parts = [shown(v, digits) for v in values]
            if at(expression(*parts), place) == result:
                return parts, "="
    return [shown(v) for v in values], r"\approx"


def line(values, expression, value):
    """Values and result of one line, the result with the digits chosen: (values, sign, result) as Decimals."""
    result = shown(value)
    parts, sign = fit(values, expression, result, last_place(result) if result else -300)
    return parts, sign, result


def column(values, mean):
    """Values of a table with a common last place, fine enough that the mean of what is shown rounds to the mean as it is shown.

    Returns (values, place, sign, mean).
    """
    result = shown(mean)
    largest = max((shown(v) for v in values), key=abs)
    start = last_place(result if result else largest) if result or largest else 0
    for place in range(start, start - MOST, -1):
        parts = [at(v, place) for v in values]
        if at(sum(parts) / len(parts), last_place(result) if result else -300) == result:
            return parts, place, "=", result
    return [at(v, start) for v in values], start, r"\approx", result
