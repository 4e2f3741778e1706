"""Softmax step by step, with and without the shift, in a dtype that may overflow."""

import math
from decimal import Decimal

import numpy as np
import streamlit as st

from mlcore import activations
from ui.figures import outputs
from ui.inputs import option
from ui.numbers import factor, fit, last_place, plain, shown, tex
from ui.softmax.written import ALL, equation, folded, rows

CODE = (activations.softmax_steps,)  # what computed it
ADDED = (-100, 800)
ROUGH = 0.002  # of a probability: an error that is worth a word


def show(seen, z, y):
    """Softmax step by step, with and without the shift, in a dtype that may overflow."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        add = st.slider("Add the same number to all logits", *ADDED, 0, key="add", bind="query-params", width=300)
        temperature = option("Temperature", [0.1, 0.5, 1.0, 2.0, 10.0], "temperature", 1.0)
        dtype = option("Numbers in", list(activations.DTYPES), "dtype", "float64")
        infinite = {"add": beyond(z, dtype), "temperature": 1.0}
        st.button("To where it overflows", on_click=st.session_state.update, kwargs=infinite)
    shifted, bare = (activations.softmax_steps(z + add, dtype, shift, temperature) for shift in (True, False))
    exact = activations.softmax_steps(z, temperature=temperature)
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(table(z, shifted, bare, y, add or temperature != 1))
        told = changed(add, temperature) + overflow(dtype, shifted, bare, exact)
        st.markdown(f"<small>{told}</small>", unsafe_allow_html=True)
    with right:
        for text, found, shift in (("With the shift", shifted, True), ("Without", bare, False)):
            st.markdown(f"**{text}**, row y = {y}")
            lines = map(folded, steps_latex(found, y, shift))
            st.latex(r"\begin{aligned} \rule{0pt}{3ex} " + r" \\ ".join(lines) + r"\\[1ex] \end{aligned}")


def table(z, steps, bare, label, changed):
    """The steps of each class with the shift, and without it; z is what the network gave, shown where it was changed."""
    before = ["z of the network"] if changed else []
    head = ["class", *before, "z", "z − max z", "e<sup>z − max z</sup>", "a", "without: e<sup>z</sup>", "without: a"]
    columns = [*([z] if changed else []), steps.z, steps.shifted, steps.exp, steps.a, bare.exp, bare.a]
    lines = [[f"{k}{' = y' if k == label else ''}", *map(float, row)] for k, row in enumerate(zip(*columns))]
    totals = ["", "", float(steps.sum), float(steps.a.sum()), float(bare.sum), float(bare.a.sum())]
    lines.append(["sum", *([""] if changed else []), *totals])
    return outputs.table(head, lines, label, "Softmax step by step, a row for each class")


def _sum(terms, total):
    """A sum; of many terms the first, the largest and the last are written out."""
    terms = [float(t) for t in terms]
    if len(terms) > ALL or not all(map(math.isfinite, (*terms, total))):
        few = [r"\cdots" if k is None else factor(terms[k]) for k in rows(len(terms), int(np.argmax(terms)))]
        return f"{' + '.join(few)} = {tex(total)}"
    result = shown(total)
    numbers, sign = fit(terms, lambda *t: sum(t), result, last_place(result))
    return f"{' + '.join(map(factor, numbers))} {sign} {tex(result)}"


def steps_latex(steps, y, shift):
    """Each step for the label's row, lines of an aligned block: its formula, and the formula again with the numbers in."""
    z, power, e, total, a, top = (float(v) for v in (steps.z[y], steps.shifted[y], steps.exp[y], steps.sum, steps.a[y], steps.z.max()))
    j = f"_{{{y}}}"
    name = rf"z{j} - \max z" if shift else f"z{j}"
    if shift:
        yield equation(f"{name} &", (z, top), lambda p, q: p - q, lambda p, q: f"{tex(p)} - {factor(q)}", power)
    yield equation(f"e{j} &= e^{{{name}}}", (power,), lambda p: p.exp(), lambda p: f"e^{{{tex(p)}}}", e)
    yield rf"s &= \textstyle\sum_k e_k = {_sum(steps.exp, total)}"
    yield equation(rf"a{j} &= \frac{{e{j}}}{{s}}", (e, total), lambda p, q: p / q, lambda p, q: rf"\frac{{{tex(p)}}}{{{tex(q)}}}", a)


def changed(add, temperature):
    """What z is here, where it is not what the network gave."""
    if not add and temperature == 1:
        return ""
    z = "z of the network" + (f" {'+' if add > 0 else '−'} {plain(abs(add))}" if add else "")
    return f"Here z is {z}. " if temperature == 1 else f"Here z is {f'({z})' if add else z} / {plain(temperature)}. "


def beyond(z, dtype):
    """What to add to all logits for the largest to lie beyond what e^z can take."""
    return int(np.clip(math.ceil(activations.exp_limit(dtype) - z.max()) + 1, *ADDED))


def overflow(dtype, steps, bare, exact):
    """What the shift prevents, and what it cannot: exact are the steps in float64."""
    if np.isfinite(steps.z).all() and (apart := np.abs(steps.a - exact.a).max()) > ROUGH:
        return (
            f"So far from 0 the numbers of {dtype} are {plain(np.spacing(np.abs(steps.z).max()))} apart, and z is rounded to them: the "
            f"probabilities are off by up to {plain(apart)}, also with the shift. {_overflow(dtype, steps, bare)}"
        )
    return _overflow(dtype, steps, bare)


def _overflow(dtype, steps, bare):
    if not np.isfinite(steps.z).all():
        return f"Here z itself is beyond what {dtype} can hold, and the shift cannot help: ∞ − ∞ is not a number."
    saved = "With it the largest power is e<sup>0</sup> = 1."
    # As many digits as tell the two apart: 709.8 is not above 709.8.
    (limit, largest), _ = fit((activations.exp_limit(dtype), float(steps.z.max())), lambda p, q: Decimal(p != q), Decimal(1), 0)
    here = f"the largest z here is {plain(largest)}"
    edge = f"In {dtype} e<sup>z</sup> is infinite above z = {plain(limit)}; {here}. "
    if bare.sum == 0:
        return f"To {dtype} every e<sup>z</sup> is 0, as {here}: without the shift 0/0 is not a number. {saved}"
    if np.isnan(bare.a).any():
        return edge + "Without the shift e<sup>z</sup> is infinite, and ∞/∞ is not a number. " + saved
    if np.isinf(bare.sum):
        return edge + "Without the shift the sum is infinite, and every probability becomes 0. " + saved
    if (apart := np.abs(bare.a - steps.a).max()) > ROUGH:
        return (
            f"So small an e<sup>z</sup> has lost digits in {dtype}, as {here}: without the shift the probabilities are off by up to "
            f"{plain(apart)}. {saved}"
        )
    return edge + "Both ways give the same probabilities, to rounding: e<sup>max z</sup> cancels in the fraction."
