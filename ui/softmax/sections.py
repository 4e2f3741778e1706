"""The sections of the Softmax page, each drawn only while it is open."""

import numpy as np
import streamlit as st

from mlcore import activations
from ui import subject
from ui.figures import matrices, outputs
from ui.figures.axes import ten_to
from ui.inputs import THETA, notation, number, option
from ui.numbers import plain
from ui.softmax import written

QUIET = {"displayModeBar": False}
APART = 100  # largest entries that differ by more have no scale in common: the smaller ones would be white
OWN, PAIR = "This instance", "(0, −s), y = 1"


def chart(figure, alt):
    st.plotly_chart(figure, config=QUIET, alt=alt)


def side_by_side(seen, z, y):
    """c sigmoids beside one softmax, and what moving one logit does to each."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        k = number(f"Move logit (0 to {len(z) - 1})", "logit", len(z) - 1, y)
        by = st.slider("by how much", -10.0, 10.0, 0.0, 0.5, key="by", bind="query-params", width=420)
    moved = np.array(z)
    moved[k] += by
    slopes = [np.diag(activations.sigmoid_prime(activations.sigmoid(moved))), activations.softmax_jacobian(activations.softmax(moved))]
    tops = [matrices.limit(slope) for slope in slopes]
    own = max(tops) > APART * min(tops)
    about = ("Each answers for itself: ∂a/∂z is a diagonal, a(1 − a)", "They share 1 among them: ∂a/∂z is full, aᵢ(1 − aᵢ) and −aᵢaⱼ")
    names, functions = (f"{len(z)} sigmoids", "One softmax"), (activations.sigmoid, activations.softmax)
    for column, name, g, slope, top, text in zip(st.columns(2, gap="medium"), names, functions, slopes, tops, about):
        before, after = g(z), g(moved)
        with column, st.container(gap="xsmall"):
            reaction = f" · z<sub>{k}</sub> moved by {plain(by)}: {written.reaction(before, after)}" if by else ""
            st.markdown(f"**{name}** · sum **{plain(after.sum())}**{reaction}", unsafe_allow_html=True)
            chart(outputs.bars(after, before if by else None, height=120), outputs.spoken(name, after))
            unit = matrices.power(slope) if len(z) <= 12 else 0
            st.caption(text + (f" · ± {plain(top)}" if own else "") + (f" · cells in {ten_to(unit)}" if unit else ""))
            figure = outputs.derivative(slope, top if own else max(tops), 45 + max(100, 14 * len(z)))
            chart(figure, f"Heatmap of ∂a/∂z of {name}")


def steps(seen, z, y):
    """Softmax step by step, with and without the shift, in a dtype that may overflow."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        add = st.slider("Add the same number to all logits", *written.ADDED, 0, key="add", bind="query-params", width=300)
        temperature = option("Temperature", [0.1, 0.5, 1.0, 2.0, 10.0], "temperature", 1.0)
        dtype = option("Numbers in", list(activations.DTYPES), "dtype", "float64")
        beyond = {"add": written.beyond(z, dtype), "temperature": 1.0}
        st.button("To where it overflows", on_click=st.session_state.update, kwargs=beyond)
    shifted, bare = (activations.softmax_steps(z + add, dtype, shift, temperature) for shift in (True, False))
    exact = activations.softmax_steps(z, temperature=temperature)
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(written.steps_table(z, shifted, bare, y, add or temperature != 1))
        told = written.changed(add, temperature) + written.overflow(dtype, shifted, bare, exact)
        st.markdown(f"<small>{told}</small>", unsafe_allow_html=True)
    with right:
        for text, found, shift in (("With the shift", shifted, True), ("Without", bare, False)):
            st.markdown(f"**{text}**, row y = {y}")
            lines = map(written.folded, written.steps_latex(found, y, shift))
            st.latex(r"\begin{aligned} \rule{0pt}{3ex} " + r" \\ ".join(lines) + r"\\[1ex] \end{aligned}")


def loss(seen, z, y):
    """−log a_y as a bar and as a point of the curve."""
    c = written.cancellation(z, y)
    left, right = st.columns(2, gap="medium")
    examples = written.worked_example()
    with left:
        st.markdown(f"The loss looks at one bar alone, that of the label y = {y}")
        chart(outputs.bars(c.a, label=y, height=200), outputs.spoken("Softmax", c.a))
        st.latex(written.loss_latex(y, c.a, c.loss))
        st.markdown(written.slide_text(examples))
    with right:
        st.markdown("−log a: sure and right costs nothing, sure and wrong has no upper limit")
        marks = [(a, value, f"slide: {text}") for _, _, a, value, text in examples]
        figure = outputs.curve(*written.curve_points(c.loss), (float(c.a[y]), c.loss), marks)
        chart(figure, f"Curve of −log a; this instance at a = {plain(c.a[y])}, loss {plain(c.loss)}")


def parts(seen, z, y):
    """The two parts of ∂L/∂z on the way to saturation, beside a − y."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        output = option("Output", ["softmax", "sigmoid"], "output", "softmax")
        logits = option("Logits", [OWN, PAIR], "logits", OWN)
        s = st.slider("Sure and wrong: take s off the label's logit", 0, 800, 0, 5, key="sure", bind="query-params", width=420)
    if logits == PAIR:
        z, y = np.zeros(2), 1
    moved, _ = written.saturated(z, y, s, output)
    c, k = written.at_label(z, y, s, output)
    st.html(written.parts_table(c, k, moved, output))
    left, right = st.columns([9, 11], gap="medium")
    with left:
        for latex in written.parts_latex(c, k, output):
            st.latex(latex)
        st.markdown(written.verdict(c, k, output), unsafe_allow_html=True)
    with right:
        figure = outputs.parts(written.SWEEP, written.sweep(z, y, output), s)
        chart(figure, "Over s: |∂L/∂a| grows, |∂a/∂z| shrinks, |a − y| stays; the product ends where a is 0")


def prediction(seen, z, y):
    """The parameters, the data and the prediction with their shapes and numbers."""
    e, net, pool = seen.each[0], seen.net, subject.pool(seen.net)
    layer = e.layers[-1]
    X, labels = (pool.X, pool.y) if pool and not seen.titles[0].startswith("the example") else (seen.X, seen.y)
    theta = notation() == THETA
    latex, columns = written.prediction_latex(layer, y, theta)
    st.latex(latex)
    if None in columns:
        chosen = ", ".join(str(j) for j in columns if j is not None)
        st.caption(f"Of the {len(layer.input)} inputs those with number {chosen} are written; the dots stand for the others.")
    left, right = st.columns([9, 11], gap="medium")
    with left:
        st.html(written.shapes(net, X, theta))
        st.markdown(written.NOISE)
    with right:
        st.markdown("**X** and **y**: a row for each instance, a column for each feature")
        st.html(written.feature_matrix(X, labels))
        if None in columns:
            st.markdown(f"All of **W** of this layer, {matrices.about(layer.W)}")
            chart(matrices.heatmap(layer.W, height=45 + max(60, 12 * len(layer.W))), f"Heatmap of W: {matrices.about(layer.W)}")


SECTIONS = {"Outputs": side_by_side, "Steps": steps, "Loss": loss, "Cancellation": parts, "Prediction": prediction}
