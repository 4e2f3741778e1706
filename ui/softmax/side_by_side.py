"""c sigmoids beside one softmax, and what moving one logit does to each."""

import numpy as np
import streamlit as st

from mlcore import activations
from ui.figures import matrices, outputs
from ui.figures.axes import ten_to
from ui.inputs import number
from ui.numbers import plain
from ui.softmax.written import plot

CODE = (activations.sigmoid, activations.sigmoid_prime, activations.softmax, activations.softmax_jacobian)  # what computed it
APART = 100  # largest entries that differ by more have no scale in common: the smaller ones would be white


def show(seen, z, y):
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
            moves = f" · z<sub>{k}</sub> moved by {plain(by)}: {reaction(before, after)}" if by else ""
            st.markdown(f"**{name}** · sum **{plain(after.sum())}**{moves}", unsafe_allow_html=True)
            plot(outputs.bars(after, before if by else None, height=120), outputs.spoken(name, after))
            unit = matrices.power(slope) if len(z) <= 12 else 0
            st.caption(text + (f" · ± {plain(top)}" if own else "") + (f" · cells in {ten_to(unit)}" if unit else ""))
            figure = outputs.derivative(slope, top if own else max(tops), 45 + max(100, 14 * len(z)))
            plot(figure, f"Heatmap of ∂a/∂z of {name}")


def reaction(before, after):
    """Which outputs differ."""
    changed = np.flatnonzero(before != after)
    if len(changed) == 0:
        return "none moved"
    if len(changed) == len(before):
        return f"all {len(before)} moved"
    return f"only {', '.join(f'a<sub>{k}</sub>' for k in changed)} moved" if len(changed) <= 3 else f"{len(changed)} of {len(before)} moved"
