"""The answer: ten probability bars and the picture that the network sees.

The bars are a table; one can be chosen with the pointer or with the arrow keys and Enter.
"""

import streamlit as st

from ui.components import registered, whole

_mount = registered("answer")


def answer(probabilities, picture, note, chosen=None, on_pick=lambda: None, key="answer"):
    """Show the probabilities (10,) or None, the picture (a data URI, or "") and a line of text.

    `chosen` marks the digit that is looked at closer. on_pick is called when one is picked, see `picked`.
    """
    _mount(key=key, data=shown(probabilities, picture, note, chosen), on_picked_change=on_pick)


def picked(key="answer"):
    """The digit that was just picked, or None; within on_pick."""
    return whole(st.session_state[key].get("picked"), 0, 9)


def shown(probabilities, picture, note, chosen=None):
    """What goes out to the browser."""
    p = None if probabilities is None else [float(p) for p in probabilities]
    return {"p": p, "picture": picture, "note": note, "chosen": chosen}
