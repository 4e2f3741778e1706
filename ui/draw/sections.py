"""The three sections below the answer on the Draw page. Each is drawn only while it is open."""

from operator import add

import numpy as np
import streamlit as st

import mlcore
from ui import instance, state, subject
from ui.figures import digits
from ui.numbers import line, plain, tex
from ui.text import one_line, verbatim

SECTIONS = {"sees": "What the network sees", "why": "Why this answer", "teach": "Teach it"}
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


def show(section, entry, inst, k):
    """Draw the open section for this network and instance; k is the class that is looked at."""
    if inst is None:
        st.markdown("Draw a digit first.")
    elif section == "sees":
        sees(inst)
    elif section == "why":
        why(entry, inst, k)
    else:
        teach(entry, inst)


def sees(inst):
    """The stages from the picture to the 28 × 28 pixels."""
    if inst.image is None:
        caption = f"It is {one_line(inst.text)}: its pixels go in as they are."
        st.html(digits.row([(digits.picture(inst.x), "28 × 28", caption)]))
        return
    captions = {0: "Ink on paper, whatever the colours", 1: "Cut to the ink", 2: "Longer side 20 pixels, aspect kept"}
    steps = mlcore.drawing.stages(inst.image)
    last = len(steps) - 1
    pictures = []
    for i, (name, values) in enumerate(steps):
        shape = " × ".join(map(str, np.shape(values)))
        caption = "Centre of mass in the middle: what goes in" if i == last else captions.get(i, "")
        pictures.append((digits.picture(digits.thin(values)), name, f"{caption} ({shape})"))
    st.html(digits.row(pictures))


def why(entry, inst, k):
    """Each pixel's contribution to the logit of class k, their sum, and what they leave over."""
    net = entry.network
    shares = mlcore.contributions(subject.double(net), inst.x, k)
    z, total = float(net.forward(inst.x[None]).z[-1][0, k]), float(shares.sum(dtype=float))
    (part, left_over), sign, whole = line([total, z - total], add, z)
    numbers = f"{tex(part)} {'-' if left_over < 0 else '+'} {tex(abs(left_over))} {sign} {tex(whole)}"
    flat = len(net.sizes) == 2
    left, right = st.columns(2, gap="medium")
    limit = max(float(np.abs(shares).max()), 1e-12)
    with left:
        pixels = (digits.picture(inst.x), "The pixels", "")
        parts = (digits.diverging(shares, limit), f"Their share in the logit of {k}", "")
        st.html(digits.row([pixels, parts], 224) + digits.scale(limit, 468))
    with right:
        if flat:
            st.latex(rf"z_{{{k}}} = \sum_j W_{{{k}j}}\,x_j + b_{{{k}}} = {numbers}")
            st.markdown(
                f"Red pixels speak for a {k}, blue ones against it. The contributions leave over {_signed(left_over)}: "
                f"the bias $b_{{{k}}}$, which no pixel has a share in."
            )
        else:
            st.latex(rf"z_{{{k}}} = \sum_j x_j\,\frac{{\partial z_{{{k}}}}}{{\partial x_j}} + \text{{left over}} = {numbers}")
            st.markdown(
                f"Red pixels speak for a {k}, blue ones against it, judged by the slope at this very digit. "
                f"The contributions leave over {_signed(left_over)}: {_left_over(net.hidden)}"
            )
        st.markdown(_strongest(shares))
        st.page_link("../pages/chain-rule.py", label="The chain rule for this digit, cell by cell: Chain rule", query_params=instance.DRAWN)
        st.page_link("../pages/gradients.py", label="Every derivative for this digit: Gradients", query_params=instance.DRAWN)


def _strongest(shares):
    """The pixels that speak loudest for and against, in words."""
    texts = []
    for side, i in (("for", int(shares.argmax())), ("against", int(shares.argmin()))):
        texts.append(f"The strongest pixel {side} it: row {i // 28}, column {i % 28}, {_signed(float(shares[i]))}.")
    return " ".join(texts)


def _signed(value):
    return f"{'+' * (value > 0)}{plain(value)}"


def _left_over(hidden):
    if hidden in ("relu", "identity"):
        return "what the biases of all layers add on their way through the units that are switched on."
    return f"the biases of all layers, and the curvature of {hidden}: slope times input is the whole of z only along a straight line."


def teach(entry, inst):
    """One gradient step at a time on this instance, and back."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # A clean sheet asks anew; more strokes on the same sheet do not.
        y = st.segmented_control("It was a", range(10), default=inst.label, key=f"label_{st.session_state['sheet'].key}", wrap=True)
        rate = st.selectbox("Learning rate α", RATES, index=RATES.index(0.01), key="teach_rate", width=130)
        if st.button("Take one step", type="primary", disabled=y is None):
            _take_step(entry, inst, y, rate)
        if st.button("Undo step", disabled=not entry.changed):
            state.undo_step(entry)
            _after(None)
        if st.button("Undo all", disabled=not entry.changed):
            state.undo_all(entry)
            _after(None)
    steps = len(entry.steps)
    st.caption(
        "One step is θ ← θ − α ∂L/∂θ for this instance alone, on your own copy of the network. "
        + (f"{steps} step{'s' * (steps > 1)} taken; the copy is kept for you." if steps else "No step taken yet.")
    )
    lesson = st.session_state.get("lesson")
    if lesson and lesson[0] is entry and lesson[1] is inst:
        _, _, y, rate, before, after = lesson
        losses = f"**{plain(before.loss)}** before, **{plain(after.loss)}** after"
        what = f"−log a at the label {y}" + (", plus −log(1 − a) at each other output" if entry.network.output == "sigmoid" else "")
        st.markdown(f"Loss, {what}: {losses} a step with α = {rate}.")
        st.html(digits.before_after(before.probabilities, after.probabilities, y))


def _take_step(entry, inst, y, rate):
    try:
        before, after = state.teach(entry, inst.x, y, rate)
    except ValueError as error:
        st.error(verbatim(error))
        return
    inst.label = y
    _after((entry, inst, y, rate, before, after))


def _after(lesson):
    st.session_state["lesson"] = lesson
    st.rerun()  # the chooser above says whether the network is changed
