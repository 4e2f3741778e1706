"""Inputs whose value stays in the URL, and goes to one that the page has a place for where it has none for it any more."""

import re

import streamlit as st

from ui.numbers import CHOICES, DIGITS
from ui.text import NAME, one_line

WEIGHTS, THETA = "W, b", "Θ"
COUNTS = {
    WEIGHTS: "Entries count from 0, as labels do; layers of weights and instances from 1.",
    THETA: "Units count from 1, for 0 is the bias unit, a₀ = 1, and Θ = [b ∣ W]; layers of nodes and instances from 1.",
}


def number(label, key, largest, default=None, smallest=0, **settings):
    """A whole number from smallest to largest; the smallest where nothing is typed and there is no default.

    One outside, from a link or from before the range shrank, becomes the nearest inside, and is set: the browser would keep showing it.
    """
    linked = key not in st.session_state
    asked = _in_address(key) if linked else st.session_state[key]
    if asked is not None and not smallest <= asked <= largest:
        nearest = min(max(asked, smallest), largest)
        if linked:
            st.query_params[key] = nearest
            st.rerun()
        st.session_state[key] = nearest
    typed = st.number_input(label, smallest, largest, default, 1, key=key, bind="query-params", width=140, **settings)
    return smallest if typed is None else typed


def _in_address(key):
    text = st.query_params.get(key, "")
    return int(text) if re.fullmatch(r"-?[0-9]{1,15}", text) else None


def option(label, options, key, default, **settings):
    """One of a few."""
    if st.session_state.get(key, default) not in options:
        del st.session_state[key]
    return st.segmented_control(label, options, default=default, key=key, bind="query-params", required=True, **settings)


def notation(usual=WEIGHTS):
    """The names of part two, W and b, or of part one, Θ, for the same numbers."""
    return option("Notation", [WEIGHTS, THETA], "notation", usual, width="content")


def digits():
    """How many significant digits the numbers of a page have: one of CHOICES."""
    start = CHOICES.index(str(DIGITS))
    return st.selectbox("Digits", CHOICES, start, key="digits", bind="query-params", filter_mode=None, width=90)


def layers(text):
    """The numbers in a text such as "128, 64". ValueError in one sentence for anything else."""
    parts = re.split(r"[\s,;×x–-]+", (text or "").strip(" ,;"))
    if parts == [""]:
        return ()
    if not all(re.fullmatch(r"[0-9]{1,6}", part) for part in parts):
        read = one_line(text, NAME)
        raise ValueError(f"Hidden layers are “{read}”; write the units of each, such as 128, 64, or leave it empty for softmax regression.")
    return tuple(map(int, parts))
