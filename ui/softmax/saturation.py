"""The two parts of ∂L/∂z on the way to saturation, beside a − y."""

import numpy as np
import streamlit as st

from mlcore.lecture.cancellation import cancellation
from ui.figures import outputs
from ui.inputs import option
from ui.numbers import factor, plain, tex
from ui.softmax.written import equation, folded, plot

CODE = (cancellation,)  # what computed it
OWN, PAIR = "This instance", "(0, −s), y = 1"
SWEEP = np.arange(0, 801, 5)


def show(seen, z, y):
    """The two parts of ∂L/∂z on the way to saturation, beside a − y."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        output = option("Output", ["softmax", "sigmoid"], "output", "softmax")
        logits = option("Logits", [OWN, PAIR], "logits", OWN)
        s = st.slider("Sure and wrong: take s off the label's logit", 0, 800, 0, 5, key="sure", bind="query-params", width=420)
    if logits == PAIR:
        z, y = np.zeros(2), 1
    moved, _ = saturated(z, y, s, output)
    c, k = at_label(z, y, s, output)
    st.html(parts_table(c, k, moved, output))
    left, right = st.columns([9, 11], gap="medium")
    with left:
        for latex in parts_latex(c, k, output):
            st.latex(latex)
        st.markdown(verdict(c, k, output), unsafe_allow_html=True)
    with right:
        figure = outputs.parts(SWEEP, sweep(z, y, output), s)
        plot(figure, "Over s: |∂L/∂a| grows, |∂a/∂z| shrinks, |a − y| stays; the product ends where a is 0")


def saturated(z, y, s, output):
    """Logits moved towards a sure and wrong answer by taking s off the label's, and the label; for "sigmoid" that logit alone, y = 1."""
    if output == "sigmoid":
        return np.array([z[y] - s]), 1
    moved = np.array(z, float)
    moved[y] -= s
    return moved, y


def sweep(z, y, output):
    """Lines for `outputs.parts`: ∂L/∂a, ∂a/∂z, a − y and the product, at the label, over SWEEP."""
    found = []
    for s in SWEEP:
        c, k = at_label(z, y, s, output)
        found.append((c.dL_da[k], c.da_dz[k, k], c.product[k], c.fused[k]))
    grows, shrinks, product, fused = zip(*found)
    return [("|∂L/∂a|", grows), ("|∂a/∂z|", shrinks), ("|a − y|", fused), ("product", product)]


def at_label(z, y, s, output):
    """The Cancellation at s, and the index of the label's entry in it."""
    moved, label = saturated(z, y, s, output)
    return cancellation(moved, label, output), 0 if output == "sigmoid" else label


def parts_table(c, k, z, output):
    """The two parts, their product and the fused form, a column for each class."""
    y = [""] * len(z) if output == "sigmoid" else [" = y" if j == k else "" for j in range(len(z))]
    head = ["", *("one sigmoid, y = 1" if output == "sigmoid" else f"{j}{mark}" for j, mark in enumerate(y))]
    rows = [
        ["z", *z],
        ["a", *c.a],
        ["∂L/∂a", *c.dL_da],
        ["∂a/∂z" if output == "sigmoid" else f"∂a<sub>{k}</sub>/∂z, row of the Jacobian", *c.da_dz[k]],
        ["multiplied: ∂L/∂a × ∂a/∂z", *c.product],
        ["in one step: a − y" if output == "sigmoid" else "in one step: a − onehot(y)", *c.fused],
    ]
    return outputs.table(head, [[name, *map(float, values)] for name, *values in rows], 5, "The parts of ∂L/∂z, their product, and a − y")


def verdict(c, k, output):
    """What the parts come to at the label's entry k, and the loss by both ways, in words."""
    one = output == "sigmoid"
    whole = "a − y" if one else "a − onehot(y)"
    ways = ("−log a", "from z itself") if one else ("−log a<sub>y</sub>", "by log-sum-exp")
    losses = f"Loss: {ways[0]} as written **{plain(c.naive_loss)}**, {ways[1]} **{plain(c.loss)}**."
    if np.isfinite(c.product).all():
        how = f"The slope of the activation is in ∂L/∂z, and cancels: what grows in ∂L/∂a shrinks in ∂a/∂z, and {whole} is left."
    elif np.isnan(c.product[k]):
        zero = "0 / 0" if np.isnan(c.dL_da[k]) else "∞ · 0"
        a = "Here a" if one else "The label's a"
        how = f"{a} is {plain(c.a[k])} to the last bit: {zero} is not a number. {whole}, taken in one step, is still exact."
    else:
        how = f"∂L/∂a has grown beyond what float64 can hold, and the product with it. {whole}, taken in one step, is still exact."
    return f"{how} {losses}"


def parts_latex(c, k, output):
    """Why the slope of the activation is not in the output error: the formula, and the label's entry with its numbers in."""
    grows, shrinks, product = float(c.dL_da[k]), float(c.da_dz[k, k]), float(c.product[k])
    if output == "sigmoid":
        yield r"\frac{\partial L}{\partial z} = \frac{a - y}{a(1 - a)} \cdot a(1 - a) = a - y"
        name = r"\frac{\partial L}{\partial z}"
    else:
        row = r"\begin{cases} a_y(1 - a_y) & j = y \\ -a_y\,a_j & j \neq y \end{cases}"
        yield rf"\frac{{\partial L}}{{\partial z_j}} = -\frac{{1}}{{a_y}} \cdot {row} = a_j - [\,j = y\,]"
        name = rf"\frac{{\partial L}}{{\partial z_{{{k}}}}}"
    numbers = equation(f"{name} &", (grows, shrinks), lambda p, q: p * q, lambda p, q: rf"{factor(p)} \cdot {tex(q)}", product)
    yield rf"\begin{{aligned}} {folded(numbers)} \end{{aligned}}"
