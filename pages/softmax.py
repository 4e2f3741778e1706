"""Softmax: how logits become probabilities, and probabilities a loss, with the numbers of the instance in hand."""

import streamlit as st

from ui import instance, subject
from ui.figures import matrices
from ui.inputs import COUNTS, WEIGHTS, digits, option
from ui.numbers import precision
from ui.softmax import loss, prediction, saturation, side_by_side, steps
from ui.text import verbatim_html
from ui.visits import session

SECTIONS = {"Outputs": side_by_side, "Steps": steps, "Loss": loss, "Cancellation": saturation, "Prediction": prediction}


@session.fragment
def show(section, seen, z, places):
    """One section for the logits z (c,), its numbers with so many digits."""
    with precision(places):
        SECTIONS[section].show(seen, z, int(seen.y[0]))
        with st.expander("The code that computed it"):
            st.code(subject.sources(*SECTIONS[section].CODE), language="python")


def tell(seen):
    st.html(matrices.thumbnails(seen.X) + verbatim_html(seen.summary()), width="content")


st.markdown(
    "How logits become probabilities, and probabilities a loss. "
    "Try: move one logit and see who reacts; then walk through the sections from left to right."
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    seen = instance.choose((instance.EXAMPLE, instance.DRAWING, instance.DATA)) or st.stop()
    summary = st.container(width="content")
z = seen.explained().layers[-1].z
if len(z) < 2:
    with summary:
        tell(seen)
    st.markdown("This network has a single output, and softmax needs at least two to share 1 among: choose another network above.")
    st.stop()
with st.container(horizontal=True, vertical_alignment="bottom"):
    section = option("Section", list(SECTIONS), "section", next(iter(SECTIONS)), width="content", wrap=True)
    places = digits()
with summary, precision(places):
    tell(seen)
if seen.net.output == "sigmoid" and section not in ("Outputs", "Cancellation"):
    st.caption(f"The outputs of this network are {len(z)} sigmoids; here its logits go through softmax.")
show(section, seen, z, places)
st.caption(COUNTS[WEIGHTS])
