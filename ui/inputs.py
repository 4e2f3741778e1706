"""Inputs whose value stays in the URL, and goes to one that the page has a place for where it has none for it any more."""

import contextlib
import math
import re

import streamlit as st
from streamlit.errors import StreamlitAPIException

from ui.numbers import CHOICES, DIGITS
from ui.text import NAME, one_line

WEIGHTS, THETA = "W, b", "Θ"
COUNTS = {
    WEIGHTS: "Entries count from 0, as labels do; layers of weights and instances from 1.",
    THETA: "Units count from 1, for 0 is the bias unit, a₀ = 1, and Θ = [b ∣ W]; layers of nodes and instances from 1.",
}


def number(label, key, largest, default=None, smallest=0, **settings):
    """A whole number from smallest to largest; the smallest where nothing is typed and there is no default."""
    _mend(key, smallest, largest, int)
    typed = st.number_input(label, smallest, largest, default, key=key, bind="query-params", **{"width": 140, "step": 1} | settings)
    return smallest if typed is None else typed


def decimal(label, key, smallest, largest, default, step, **settings):
    """A number from smallest to largest."""
    _mend(key, smallest, largest, float)
    return st.number_input(label, smallest, largest, default, step, key=key, bind="query-params", **settings)


def option(label, options, key, default, **settings):
    """One of a few."""
    if st.query_params.get(key) == "":
        _readdress(key, None)
    if st.session_state.get(key, default) not in options:
        del st.session_state[key]
    chosen = st.segmented_control(label, options, default=default, key=key, bind="query-params", required=True, **settings)
    return default if chosen is None else chosen


def choice(label, options, key, start=0, **settings):
    """One of more than a few, chosen from a list; at first the one in place start."""
    if st.session_state.get(key, options[start]) not in options:
        del st.session_state[key]
    return st.selectbox(label, options, start, key=key, bind="query-params", filter_mode=None, **settings)


def _mend(key, smallest, largest, kind):
    """A number out of range, from an address or from before the range shrank, becomes the nearest; what is no number, the usual one.

    It is set: the browser would keep showing the other. Streamlit takes the usual number for one out of range, and an infinite one ends
    in an error of its own.
    """
    asked, now = st.query_params.get(key), st.session_state.get(key)
    if asked is not None and (good := _nearest(asked, smallest, largest, kind)) != _nearest(asked, -math.inf, math.inf, float):
        _readdress(key, good)
    if now is not None and (good := _nearest(now, smallest, largest, kind)) != now:
        if good is None:
            del st.session_state[key]
        else:
            st.session_state[key] = good


def _nearest(asked, smallest, largest, kind):
    """The number within the bounds that is nearest to a text or a number; None where it is none."""
    try:
        value = float(asked)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if math.isnan(value) else kind(min(max(value, smallest), largest))


def _readdress(key, good):
    """Begin again with another value in the address, None for no value; not where the input stands already: it has read the address."""
    with contextlib.suppress(StreamlitAPIException):
        if good is None:
            del st.query_params[key]
        else:
            st.query_params[key] = str(good)
        st.rerun()


def notation(usual=WEIGHTS):
    """The names of part two, W and b, or of part one, Θ, for the same numbers."""
    return option("Notation", [WEIGHTS, THETA], "notation", usual, width="content")


def digits():
    """How many significant digits the numbers of a page have: one of CHOICES."""
    return choice("Digits", CHOICES, "digits", CHOICES.index(str(DIGITS)), width=90)


def layers(text):
    """The numbers in a text such as "128, 64". ValueError in one sentence for anything else."""
    parts = re.split(r"[\s,;×x–-]+", (text or "").strip(" ,;"))
    if parts == [""]:
        return ()
    if not all(re.fullmatch(r"[0-9]{1,6}", part) for part in parts):
        read = one_line(text, NAME)
        raise ValueError(f"Hidden layers are “{read}”; write the units of each, such as 128, 64, or leave it empty for softmax regression.")
    return tuple(map(int, parts))
