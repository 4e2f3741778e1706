"""Numbers and colours in the browser are those of Python, text for text and byte for byte."""

import json
import math
import random
import re
import struct

import numpy as np
import pytest

from tests.components.static import contrast, rgb
from ui import colors, numbers
from ui.components import SHARED, sources

EDGES = [
    0.0, 0.5, 1.0, 784.0, 9.9996, 0.99996, 1e-3, 9.9995e-4, 9.99949e-4, 9.5e-4, 9.49e-4, 9999.4999, 9999.5, 1e4, 99995.0, 123456.789, 1e300,
    1e-300, 1.7976931348623157e308, 5e-324, 0.1 + 0.2, 1 - 0.9, 0.015625, 0.046875, 2000.5, 12.25, 0.125, 2.5, 0.00995, 0.0095, 0.00949,
    9.995, 9.9949, 99.95, 0.995, 1e-14, 1.42e-14, 1.43e-14, 0.0005, 0.99951, 0.9999, math.pi, math.inf,
]  # fmt: skip
SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "−0123456789")
LARGEST = (0.0, 1.0, 1e12)  # of the array that a cell stands in


def values():
    """Edges, numbers of all sizes, typed ones, halves, any bits."""
    draw = random.Random(0)
    made = [draw.uniform(1, 10) * 10 ** draw.uniform(-7, 7) for _ in range(900)]
    made += [round(draw.random() * 10 ** draw.randint(-3, 5), draw.randint(0, 6)) for _ in range(500)]
    made += [draw.randrange(1, 10**6) / 2 ** draw.randint(0, 20) for _ in range(400)]
    made += [abs(struct.unpack("d", draw.randbytes(8))[0]) for _ in range(200)]
    return [math.nan, *(sign * v for v in EDGES + made for sign in (1, -1))]


def unwrapped(text):
    """The power of ten as tables have it, where formulas in MathML or LaTeX set it."""
    text = re.sub(r" · 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda found: "e" + found[1].translate(SUPERSCRIPT), text)
    text = re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", text)
    return text.replace(r"\infty", "∞").replace(r"\text{NaN}", "NaN").replace("-", "−")


def in_python(v):
    made = []
    for digits in numbers.CHOICES:
        with numbers.precision(digits):
            made.append(numbers.plain(v))
            assert unwrapped(numbers.tex(v)) == made[-1]
    shares = [numbers.percent(share(v), places) for places in (0, 1, 2)]
    return made + [numbers.cell(v, largest=largest) for largest in LARGEST] + shares


def share(v):
    return v if not math.isfinite(v) else abs(v) if abs(v) <= 1 else 1 / abs(v)


@pytest.fixture
def shared(stage):
    """A page that has the functions that every component has."""
    page = stage.new_page()
    script = sources("link").js.split("export default")[0]
    assert len(SHARED) == 2 and "function written" in script and "function shade" in script
    page.evaluate(f"() => {{ {script}; Object.assign(globalThis, {{ written, asShown, cellText, percent, shade, onCell }}); }}")
    yield page
    page.close()


def test_every_number_is_the_same_text_in_both_languages(shared):
    given = values()
    assert len(given) >= 4000
    found = shared.evaluate(
        "([texts, digits, tops]) => { const share = (v) => !Number.isFinite(v) ? v : Math.abs(v) <= 1 ? Math.abs(v) : 1 / Math.abs(v);"
        " return texts.map(Number).map((v) => [...digits.map((d) => written(v, d)), ...tops.map((top) => cellText(v, top)),"
        " ...[0, 1, 2].map((places) => percent(share(v), places))]); }",
        [[repr(v).replace("inf", "Infinity").replace("nan", "NaN") for v in given],
         [d if d == numbers.FULL else int(d) for d in numbers.CHOICES], LARGEST],
    )  # fmt: skip
    for v, texts in zip(given, found, strict=True):
        assert [unwrapped(text) for text in texts] == in_python(v), repr(v)


def test_what_is_shown_is_the_number_that_the_text_says(shared):
    given = [v for v in values() if math.isfinite(v) and 1e-300 < abs(v) < 1e300]
    for digits in numbers.CHOICES:
        found = shared.evaluate("([all, n]) => all.map((v) => asShown(v, n))", [given, digits if digits == numbers.FULL else int(digits)])
        with numbers.precision(digits):
            assert list(map(float, found)) == [float(numbers.shown(v)) for v in given]


def test_the_scale_is_the_same_in_both_languages(shared):
    given = [*np.linspace(-1.2, 1.2, 2001), *np.random.default_rng(0).uniform(-1, 1, 2000)]
    found = shared.evaluate("all => all.map((v) => shade(3 * v, 3))", [float(v) for v in given])
    assert found == colors.diverging(np.array(given) * 3 / 3).tolist()
    assert shared.evaluate("() => [shade(-2, 2), shade(0, 2), shade(2, 2), shade(NaN, 2)]") == list(
        map(colors.rgb, (colors.NEGATIVE, colors.ZERO, colors.POSITIVE, colors.GAP))
    )


def test_a_number_can_be_read_on_every_cell(shared):
    cells = colors.diverging(np.linspace(-1, 1, 201)).tolist()
    for cell, ink in zip(cells, shared.evaluate("cells => cells.map(onCell)", cells)):
        assert contrast(rgb(ink), cell) >= 4.5, (cell, ink)


def test_the_colours_in_the_browser_are_those_of_python():
    made = sources("link")
    constants = json.loads(made.js.split("const COLORS = ")[1].split(";\n")[0])
    assert {name: constants[name] for name in colors.named()} == {name: getattr(colors, name) for name in colors.named()}
    assert constants["STOPS"] == list(colors.STOPS)
    for name, color in colors.named().items():
        assert f"--{name.lower().replace('_', '-')}: {color};" in made.css
