"""What the sections of the Softmax page share: one line with its numbers in, which rows are written out, a chart."""

import math
import re
from decimal import Decimal

import streamlit as st

from ui.numbers import line, shown, tex

ALL = 4  # rows or columns of a matrix that are all written out


def equation(left, values, expression, written, result):
    """left = the same with the numbers in = result, the numbers with as many digits as it takes; ∞ and NaN as they are."""
    if not all(map(math.isfinite, (*values, result))):
        return rf"{left} = {written(*values)} = {tex(result)}"
    if result == 0:  # a true 0, or one that the dtype could not tell from 0
        sign = "=" if expression(*map(Decimal, values)) == 0 else r"\approx"
        return rf"{left} = {written(*map(shown, values))} {sign} 0"
    numbers, sign, end = line(values, expression, result)
    return rf"{left} = {written(*numbers)} {sign} {tex(end)}"


def folded(latex, most=40):
    """A line of an aligned block; one of many digits goes on below, from its last dots or sign: cut off, it would not look so."""
    name, numbers, rest = re.fullmatch(r"(.*?) = (.*?)((?: \+ \\cdots \+ [^+]*)? (?:=|\\approx) .*)", latex).groups()
    return latex if sum(map(str.isdigit, numbers + rest)) <= most else rf"{name} = {numbers} \\ &{rest}"


def rows(count, *middle):
    """Which of so many rows are written out, None for dots: all of a few, else the first, those named, and the last."""
    if count <= ALL:
        return list(range(count))
    chosen = sorted({0, *middle, count - 1})
    gaps = [[None] * (right - left > 1) + [right] for left, right in zip(chosen, chosen[1:])]
    return [0, *(k for gap in gaps for k in gap)]


def plot(figure, alt):
    """A chart as the page has them."""
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt)
