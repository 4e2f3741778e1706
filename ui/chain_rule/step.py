"""The update: one instance's gradient taken off W and b, on a copy, as often as wanted, and back."""

import hashlib
from decimal import Decimal

import streamlit as st

import mlcore
from ui import formulas, state, subject
from ui.figures import digits
from ui.inputs import decimal
from ui.numbers import factor, line, plain, tex
from ui.text import verbatim

RULE = (
    r"\mathbf{W} \leftarrow \mathbf{W} - \alpha \frac{\partial L}{\partial \mathbf{W}} \qquad "
    r"\mathbf{b} \leftarrow \mathbf{b} - \alpha \frac{\partial L}{\partial \mathbf{b}}"
)


def show(seen):
    """α, the step and its way back; the loss and all probabilities before and after."""
    e, y = seen.explained(), int(seen.y[0])
    st.markdown(
        "The gradient is taken off the weights, a step of α: the loss of this instance falls. Try: take steps until the answer is right; "
        + ("then one with α = 50: is it too long?" if len(e.layers) > 1 else "then one with α = 50: in one layer none is too long.")
    )
    taken = st.session_state.setdefault("taken", {}).setdefault(_key(seen), [])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rate = decimal("Step size α", "alpha", 0.0001, 1000.0, 0.1, 0.05, format="%g", width=150)
        st.button("Take the step", on_click=taken.append, args=(rate,), type="primary")
        st.button("Undo", on_click=taken.pop, disabled=not taken)
        st.button("Back to the start", on_click=taken.clear, disabled=not taken)
    try:
        before, after = walked(seen, taken)
    except ValueError as error:
        taken.pop()
        st.error(verbatim(error))
        before, after = walked(seen, taken)
    st.latex(RULE)
    if not taken:
        st.markdown(f"No step taken yet. Loss {plain(e.loss)}.")
        return
    st.latex(numbers(before, after, seen, taken[-1]))
    first, last, now = (state.read(net, seen.X, y) for net in (seen.net, before, after))
    turn = "" if now.loss <= last.loss else " The loss has grown: the step was too long."
    start = f" (before the first step {plain(first.loss)})" if len(taken) > 1 else ""
    st.markdown(f"Step {len(taken)}, α = {taken[-1]:g}: loss {plain(last.loss)} → **{plain(now.loss)}**{start}.{turn}")
    if len(now.probabilities) > 1:
        st.html(digits.before_after(last.probabilities, now.probabilities, y, "Digit" if len(e.x) == 784 else "Class"))
    st.caption("The network on the other pages stays as it is: this is a copy.")


def walked(seen, rates):
    """The network before the last of these steps and after it. ValueError where the weights would not stay finite."""
    before, after = seen.net, seen.net.copy()
    for k, rate in enumerate(rates):
        before = after.copy() if k == len(rates) - 1 else before
        state.step(after, seen.X, seen.y[0], rate)
    return before, after


def _key(seen):
    """The same for the same numbers in any visit, so that the steps are there again in the next."""
    parts = seen.X.tobytes(), bytes([int(seen.y[0])]), *(layer.theta.tobytes() for layer in seen.net.layers)
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def numbers(before, after, seen, rate):
    """The rule for the weight that moves most, and for b of its unit, with the numbers in."""
    l = len(before.layers) - 1
    gradient = mlcore.explain(before, seen.X, seen.y).layers[l]
    i, j = subject.telling(gradient.dL_dW)
    p, old, new = formulas.Place.of(before, l), before.layers[l], after.layers[l]
    lines = [
        _line(p, "W", (i, j), (old.W[i, j], gradient.dL_dW[i, j]), new.W[i, j], rate),
        _line(p, "b", (i,), (old.b[i], gradient.dL_db[i]), new.b[i], rate),
    ]
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


def _line(p, letter, index, values, new, rate):
    alpha = Decimal(str(rate)).normalize()
    (old, slope), sign, end = line(values, lambda w, d: w - alpha * d, new)
    w = p.at(letter, *index)
    rule = rf"{w} &\leftarrow {w} - \alpha \cdot {p.dL(letter, *index)}"
    return rf"{rule} = {tex(old)} - {tex(alpha)} \cdot {factor(slope)} {sign} {tex(end)}"
