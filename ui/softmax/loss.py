"""−log a_y as a bar and as a point of the curve."""

import numpy as np
import streamlit as st

from mlcore import activations
from mlcore.lecture.cancellation import cancellation
from ui.figures import outputs
from ui.numbers import plain, shown, tex
from ui.softmax.written import equation, plot

CODE = (activations.negative_log, activations.cross_entropy)  # what computed it
SLIDE = np.array([0.4, 0.2, 0.1, 0.1])  # the slide's activations; dots stand for the others


def show(seen, z, y):
    """−log a_y as a bar and as a point of the curve."""
    c = cancellation(z, y)
    left, right = st.columns(2, gap="medium")
    examples = worked_example()
    with left:
        st.markdown(f"The loss looks at one bar alone, that of the label y = {y}")
        plot(outputs.bars(c.a, label=y, height=200), outputs.spoken("Softmax", c.a))
        st.latex(loss_latex(y, c.a, c.loss))
        st.markdown(slide_text(examples))
    with right:
        st.markdown("−log a: sure and right costs nothing, sure and wrong has no upper limit")
        marks = [(a, value, f"slide: {text}") for _, _, a, value, text in examples]
        figure = outputs.curve(*curve_points(c.loss), (float(c.a[y]), c.loss), marks)
        plot(figure, f"Curve of −log a; this instance at a = {plain(c.a[y])}, loss {plain(c.loss)}")


def loss_latex(y, a, loss):
    """−log a_y with its numbers. Where a_y has lost its digits, log-sum-exp gives what −log a_y would be."""
    if a[y] == 0:
        return rf"L = -\log a_{{{y}}} = -\log 0 = \infty, \quad \text{{by log-sum-exp}}\; {tex(loss)}"
    return equation(rf"L = -\log a_{{{y}}}", (float(a[y]),), lambda p: -p.ln(), lambda p: rf"-\log {tex(p)}", float(loss))


def curve_points(loss):
    """The curve of −log: a (200,) and −log a, as far up as the loss goes."""
    a = np.geomspace(max(np.exp(-1.3 * max(loss, 3.5)), 1e-300), 1, 200)
    return a, activations.negative_log(a)


def worked_example():
    """The slide's example as (label on the slide, label here, a, −log a, its formula)."""
    losses = activations.negative_log(SLIDE)
    return [(k, k - 1, a, loss, f"−log {plain(shown(a))} = {loss:.3f}") for k in (3, 1) for a, loss in [(SLIDE[k - 1], losses[k - 1])]]


def slide_text(examples):
    """The slide's example in words, and where its classes are counted from."""
    told = " and ".join(f"y = {slide} (class {here} here) gives {text}" for slide, here, *_, text in examples)
    return (
        f"**The slide's example**, a = ({', '.join(plain(shown(a)) for a in SLIDE)}, …): {told}. The slide counts classes from 1; "
        f"labels in this app count from 0, as digits do. The numbers shown sum to {plain(shown(SLIDE.sum()))}; the dots stand for the rest."
    )
