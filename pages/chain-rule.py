"""Chain rule: one instance forward, backward, and one step; every cell linked to what it was computed from."""

import re

import streamlit as st

from ui import chain, instance
from ui.chain_rule import bench, loop, step
from ui.components.chain import strip
from ui.figures import matrices
from ui.inputs import COUNTS, WEIGHTS, digits, notation, option
from ui.numbers import precision
from ui.text import verbatim_html
from ui.visits import session

TRY = "Each object of the chain rule as a matrix. Try: point at a cell to see what made it; then walk with the arrow keys, also back."
CHAIN, BENCH, STEP, LOOP = "The chain", "Which product is it?", "One step", "The loop"

with st.container(horizontal=True, vertical_alignment="bottom"):
    section = option("Show", [CHAIN, BENCH, STEP, LOOP], "section", CHAIN, width="content", wrap=True)
    seen = instance.choose((instance.EXAMPLE, instance.DRAWING, instance.DATA)) or st.stop()
    places, names = digits(), notation() if section == CHAIN else None
    with precision(places):
        st.html(matrices.thumbnails(seen.X) + verbatim_html(seen.summary()), width="content")
    if section == CHAIN:
        st.caption(TRY, width="content")


@session.fragment
def walk(seen, places, names):
    """The strip and its cursor, whose place outlives a visit to another page; the strip itself writes it into the address."""
    data = chain.data(seen, places, names)
    shape, asked = (seen.net.sizes, seen.net.output), st.query_params.get("cell", "")  # another digit or label: the same cell
    kept = st.session_state.setdefault("walked", {shape: int(asked)} if re.fullmatch(r"\d{1,12}", asked) else {})
    position = strip(data, kept.get(shape))
    if position is not None:
        kept[shape] = position
    if shape not in kept:
        st.query_params.pop("cell", None)


for note in seen.notes(len(seen.net.layers) - 1):
    st.markdown(note)
if section == CHAIN:
    walk(seen, places, names)
elif section == LOOP:
    loop.show(seen, places)
else:
    with precision(places):
        (bench if section == BENCH else step).show(seen)
if section != CHAIN:  # the chain says it of its notation
    st.caption(COUNTS[WEIGHTS])
