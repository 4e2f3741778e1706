"""The parameters, the data and the prediction with their shapes and numbers."""

import numpy as np
import streamlit as st

from mlcore import activations, network
from ui import subject
from ui.figures import matrices, outputs
from ui.inputs import THETA, notation
from ui.numbers import negligible, tex
from ui.softmax.written import plot, rows

CODE = (network.Network.forward_pass, activations.softmax)  # what computed it
NOISE = (
    "Of the 100 thumbnails on the data slide 99 agree with the label beside them and one 4 is labelled 8: a misreading or a wrong label, "
    "and an example of label noise, for which $-\\log a_y$ rewards reading that 4 as an 8."
)


def show(seen, z, y):
    """The parameters, the data and the prediction with their shapes and numbers."""
    net, pool = seen.net, subject.pool(seen.net)
    layer = seen.explained().layers[-1]
    X, labels = (pool.X, pool.y) if pool and not seen.titles[0].startswith("the example") else (seen.X, seen.y)
    theta = notation() == THETA
    latex, columns = prediction_latex(layer, y, theta)
    st.latex(latex)
    if None in columns:
        chosen = ", ".join(str(j) for j in columns if j is not None)
        st.caption(f"Of the {len(layer.input)} inputs those with number {chosen} are written; the dots stand for the others.")
    left, right = st.columns([9, 11], gap="medium")
    with left:
        st.html(shapes(net, X, theta))
        st.markdown(NOISE)
    with right:
        st.markdown("**X** and **y**: a row for each instance, a column for each feature")
        st.html(feature_matrix(X, labels))
        if None in columns:
            st.markdown(f"All of **W** of this layer, {matrices.about(layer.W)}")
            plot(matrices.heatmap(layer.W, height=45 + max(60, 12 * len(layer.W))), f"Heatmap of W: {matrices.about(layer.W)}")


def matrix(values, lines, columns=(0,)):
    """A matrix, or a vector as a column, in LaTeX; None among the rows and columns becomes dots."""
    values = np.asarray(values, float).reshape(len(values), -1)
    largest = matrices.limit(values)
    dots = {(True, True): r"\ddots", (True, False): r"\vdots", (False, True): r"\cdots"}
    cells = [[dots.get((i is None, j is None)) or _entry(values[i, j], largest) for j in columns] for i in lines]
    return r"\begin{pmatrix} " + r" \\ ".join(map(" & ".join, cells)) + r" \end{pmatrix}"


def _entry(value, largest):
    return r"\approx 0" if negligible(value, largest) else tex(value)


def prediction_latex(layer, y, theta):
    """softmax(W x + b) = softmax(z) = a with the numbers of a layer in, and which inputs are written; with theta Θ (1, x) for W x + b."""
    lines = rows(len(layer.z), y, int(layer.z.argmax()))
    columns = rows(len(layer.input), int(np.abs(layer.input).argmax()))
    if theta:
        both = [0, *(j if j is None else j + 1 for j in columns)]
        logits = f"{matrix(np.column_stack([layer.b, layer.W]), lines, both)} {matrix(np.append(1, layer.input), both)}"
    else:
        logits = f"{matrix(layer.W, lines, columns)} {matrix(layer.input, columns)} + {matrix(layer.b, lines)}"
    z, a = matrix(layer.z, lines), matrix(activations.softmax(layer.z), lines)
    left, right = r"\operatorname{softmax}\left(", r"\right)"
    return rf"{left} {logits} {right} = {left} {z} {right} = {a}", columns


def shapes(net, X, theta):
    """The objects of the prediction with their shapes, in the names of part two or of part one."""
    c, p = net.layers[-1].W.shape
    deep = len(net.layers) > 1
    inputs, letter = ("x, here a of the layer before", "h") if deep else ("x, the features", "p")
    size = f"c = {c}, {letter} = {p}"
    ours = [["W, weights", f"c × {letter}", f"{c} × {p}"], ["b, biases", "c", f"{c}"], [inputs, letter, f"{p}"]]
    theirs = [["Θ = [b ∣ W]", f"c × ({letter} + 1)", f"{c} × {p + 1}"], [f"1 and {inputs}", f"{letter} + 1", f"{p + 1}"]]
    lines = [
        *(theirs if theta else ours),
        ["z and a", "c", f"{c}"],
        ["X, feature matrix", "n × p", f"{X.shape[0]} × {X.shape[1]}"],
        ["y, labels", "n", f"{X.shape[0]}"],
    ]
    return outputs.table(["", "shape", size], lines, alt="Shapes")


def feature_matrix(X, y, most=5):
    """The first instances of X (n, p) as rows of numbers with their labels; of many features the middle ones."""
    p, some = X.shape[1], min(len(X), most)
    middle = [] if p <= 8 else [None, *range(p // 2 + 10, p // 2 + 17), None]
    columns = list(range(p)) if p <= 8 else [0, *middle, p - 1]
    head = ["", *("⋯" if j is None else f"x<sub>{j}</sub>" for j in columns), "y"]
    lines = [[str(i + 1), *("⋯" if j is None else float(X[i, j]) for j in columns), f"<b>{y[i]}</b>"] for i in range(some)]
    if len(X) > most:
        lines.append(["⋮", *[""] * len(columns), "⋮"])
    return outputs.table(head, lines, alt="Feature matrix and labels")
