"""How numbers are written, and how many digits it takes for the line on the page to hold.

One set of rules, which ui/components/numbers.js follows text for text: significant digits as the reader chose, a half away from 0; powers
of ten below 10⁻³ and from 10⁴; what was typed keeps only the digits it has; what is rounding beside the rest of its array is ≈ 0.
"""

import math
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import ROUND_HALF_UP, Decimal, localcontext

DIGITS = 4  # significant digits of a result
MOST = 17  # a float64 has no more
TYPED = 1e-12  # relative difference up to which a number is the short one that somebody typed
NEGLIGIBLE = 2.0**-46  # of the largest of its array: 64 roundings of a float64
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
    with localcontext(prec=700):  # a float64 has no digit outside 10³⁰⁸ … 10⁻³²⁴ that a place asks for
        return (value if isinstance(value, Decimal) else Decimal(float(value))).quantize(Decimal(1).scaleb(place), ROUND_HALF_UP)


def shown(value, digits=None):
    """A finite float as a Decimal of so many significant digits; what was typed (0, 0.5, 0.2) keeps only the digits it has."""
    value, digits = float(value), digits or _digits.get()
    if value == 0:
        return Decimal(0)
    if digits >= MOST:
        return Decimal(repr(value)).normalize()
    exact = Decimal(value)
    rounded = at(exact, last_place(exact, digits))
    if abs(float(rounded) - value) <= TYPED * abs(value):
        return rounded.normalize()
    return at(rounded, last_place(rounded, digits))  # 9.9996 became 10.000: one digit fewer


def negligible(value, largest):
    """Whether a number is rounding beside the largest |value| of its array: written "≈ 0"."""
    return 0 < abs(value) <= NEGLIGIBLE * largest


def tex(value, digits=None):
    """A number in LaTeX: −0.7943, 1.05·10⁻⁵, ∞. A float gets the significant digits chosen, or so many; a Decimal is taken as it is."""
    return _written(value, digits, r"{} \cdot 10^{{{}}}", r"\infty", r"\text{NaN}")


def plain(value, digits=None):
    """The same number without LaTeX, for tables, hover texts and descriptions: −0.7943, 1.05e−05, ∞."""
    return _written(value, digits, "{}e{}", "∞", "NaN").replace("-", "−")


def _written(value, digits, scientific, infinite, undefined):
    if not isinstance(value, Decimal):
        if math.isnan(value):
            return undefined
        if math.isinf(value):
            return infinite if value > 0 else "-" + infinite
        value = shown(value, digits)
    if value == 0:
        return "0"
    power = value.adjusted()
    if -4 < power < 4:
        return f"{value:f}"
    return scientific.format(f"{value.scaleb(-power):f}", power)


def cell(value, unit=0, largest=0.0):
    """A number for a cell, in units of 10^unit: .50, 12.5, .0020, 2e−5; largest is the largest |value| of the array.

    Two decimals without the zero in front, four below 0.01, fewer from 10 on; powers of ten as everywhere.
    """
    if not math.isfinite(value) or value == 0:
        return plain(value)
    if negligible(value, largest):
        return "≈0"
    size, sign = abs(Decimal(float(value))).scaleb(-unit), "−" if value < 0 else ""
    if size < Decimal("0.00095") or size >= Decimal("9999.5"):  # what would be less than .0010, or 10000
        near = at(size, size.adjusted())
        return f"{sign}{near.scaleb(-near.adjusted()):.0f}e{near.adjusted()}".replace("-", "−")
    places = 4 if at(size, -4) < Decimal("0.01") else 2 if at(size, -2) < 10 else 1 if at(size, -1) < 100 else 0
    text = f"{at(size, -places):f}"
    return sign + (text[1:] if text.startswith("0.") else text)


def percent(share, places=1):
    """A share in percent with so many decimals; one that is neither none nor all is not written as if it were: < 0.1 %, > 99.9 %."""
    if not math.isfinite(share):
        return plain(share)
    least, text = Decimal(1).scaleb(-places), f"{at(100 * abs(float(share)), -places):f}"
    if share > 0 and Decimal(text) == 0:
        return f"< {least:f} %"
    return f"> {100 - least:f} %" if share < 1 and Decimal(text) == 100 else f"{text} %"


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
