"""Draw: a digit on paper, and what the chosen network reads."""

from pathlib import Path

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from ui import state
from ui.components.answer import answer, picked
from ui.draw import paper, sections
from ui.figures import digits
from ui.text import NAME, one_line, verbatim
from ui.uploads import uploader
from ui.visits import session

UNSURE_BELOW = 0.6  # below it the shipped networks are wrong about as often as right
LARGEST_PHOTO_MB = 8
BROKEN = "The weights of this network are so large that its outputs are no numbers. Choose another network above."


def put(inst):
    st.session_state["complaint"] = st.session_state["why_class"] = None
    paper.put(inst)


def put_real_digit():
    put(paper.real_digit(np.random.default_rng()))


def put_photo(file):
    try:
        put(paper.photo(file, one_line(file.name, NAME)))
    except ValueError as error:
        st.session_state["complaint"] = verbatim(error)


def look_closer():
    """A bar was chosen: open the section that explains it."""
    k = picked()
    if k is not None:
        st.session_state["why_class"], st.session_state["bar_picked"] = k, True


def note(inst, sure, explained):
    if inst is None:
        return "Draw one digit on the paper, large and in the middle. No pointer at hand? Take a real digit."
    said = f"This is {one_line(inst.text)}. " if inst.origin != "drawing" else ""
    if not sure:
        said += f"Not sure: no digit has {100 * UNSURE_BELOW:.0f} % or more. "
    return said + ("" if explained else "Choose a bar to see why.")


@session.fragment(chosen=False)
def board(left, right, below):
    """Everything that an answer sends again: the canvas, the metric, the bars, and the open section."""
    now = paper.sheet()
    paper.forget_what_is_no_drawing(now)
    with left:
        canvas = st_canvas(key=now.key, initial_drawing=now.initial, **paper.PEN_SETTINGS)
    inst, entry = paper.read(now, canvas), state.network()
    p = paper.reading(entry.network, inst)
    best = None if p is None else int(p.argmax())
    sure = p is None or p[best] >= UNSURE_BELOW
    section = st.session_state.get("section")
    k = st.session_state.get("why_class")
    k = best if k is None else k
    with right:
        st.metric("Prediction", "–" if p is None else f"{best}" if sure else f"{best}? not sure")
        said = BROKEN if inst and p is None else note(inst, sure, section == "why")
        answer(p, digits.picture(inst.x) if inst else "", said, k if section == "why" else None, look_closer)
    if st.session_state.pop("bar_picked", False):
        st.session_state["opened"] = "why"
        st.rerun()
    if section and (inst is None or p is not None):
        with below:
            sections.show(section, entry, inst, k)


st.html(Path(__file__).parent.parent / "ui/draw/draw.css")
if not state.network().reads_digits:
    st.markdown(f"**{verbatim(state.network().name)}** does not read 28 × 28 pixels into ten digits; choose another network above.")
    st.stop()

st.markdown("Draw a digit: the network says which it reads, and how sure it is. Try a 4 that could be a 9.")
with st.container(key="board"):
    left = st.container(key="paper")
    right = st.container(key="reading")
    with left:
        place = st.container()
        with st.container(horizontal=True, key="tools"):
            st.button("Clear", on_click=put, args=(None,))
            st.button("Undo", on_click=paper.undo)
            st.button("A real digit", on_click=put_real_digit)
            with st.popover("A photo"):
                label = f"A photo or PNG of one digit, up to {LARGEST_PHOTO_MB} MB"
                uploader(label, ["png", "jpg", "jpeg", "webp"], "photo", LARGEST_PHOTO_MB, put_photo)
        if st.session_state.get("complaint"):
            st.error(st.session_state["complaint"])

if "opened" in st.session_state:
    st.session_state["section"] = st.session_state.pop("opened")
st.segmented_control("Look closer", list(sections.SECTIONS), format_func=sections.SECTIONS.get, key="section", bind="query-params")
if st.session_state["section"] == "why":
    st.segmented_control("Class (none chosen: the predicted one)", range(10), key="why_class", wrap=True)
below = st.container()
board(place, right, below)
