"""What an SVG chart shows: its lines, the axes they are read by, and the legend that names them."""

import re

import numpy as np


def numbers(text):
    """The numbers in a text."""
    return [float(found.replace("−", "-").replace(",", "")) for found in re.findall(r"[-−]?\d[\d,]*\.?\d*(?:e[-+]?\d+)?", text)]


def lines(svg):
    """(stroke, dashed, points (n, 2)) of each path in CSS pixels of the chart; where a line is broken, a row of NaN stands between."""
    found = svg.evaluate(
        "svg => [...svg.querySelectorAll('path')].map((path) => { const style = getComputedStyle(path);"
        " return [style.stroke, style.strokeDasharray !== 'none', path.getAttribute('d')]; })"
    )
    return [(stroke, dashed, points(d)) for stroke, dashed, d in found]


def points(d):
    pieces = [np.array([place.split() for place in piece.split("L")], float) for piece in d.split("M")[1:]]
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for piece in pieces for part in (gap, piece)][1:]) if pieces else np.empty((0, 2))


def levels(svg):
    """[(number at a grid line, its y)] from the top of the code to its end; each number stands beside its line."""
    found = svg.evaluate(
        "svg => [...svg.querySelectorAll('.grid')].map((line) => [line.nextElementSibling.textContent, +line.getAttribute('y1'),"
        " +line.getAttribute('y2'), +line.nextElementSibling.getAttribute('y')])"
    )
    for _, y1, y2, text in found:
        assert y1 == y2 and abs(text - y1) < 6
    return [(numbers(text)[0] / (100 if "%" in text else 1), y) for text, y, _, _ in found]


def below(svg):
    """[(number below the chart, its x)]."""
    found = svg.evaluate(
        "svg => [...svg.querySelectorAll('text[text-anchor=middle]')].map((e) => [e.textContent, e.getAttribute('x')])"
    )  # fmt: skip
    return [(float(text), float(x)) for text, x in found if re.fullmatch(r"[\d.]+", text)]


class Axis:
    """A straight axis through the (number, place) that stand at it."""

    def __init__(self, labels):
        values, places = np.array(labels).T
        assert len(values) > 1
        self.slope, self.start = np.polyfit(values, places, 1)
        np.testing.assert_allclose(self.at(values), places, atol=0.06)

    def at(self, value):
        """Where a number is."""
        return self.start + self.slope * np.asarray(value)

    def read(self, place):
        """The number that is there."""
        return (place - self.start) / self.slope


def drawn(line, values, x, y, atol=0.06):
    """A line (n, 2) shows these (place, number), where the axes x and y say."""
    expected = np.array([[x.at(place), y.at(value)] for place, value in values])
    assert line.shape == expected.shape
    np.testing.assert_allclose(line, expected, atol=atol)
