"""The answer: ten probability bars and the picture that the network sees.

The bars are a table; one can be chosen with the pointer or with the arrow keys and Enter.
"""

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "backprop_lab_answer",
    html=(_HERE / "answer.html").read_text("utf-8"),
    css=(_HERE / "answer.css").read_text("utf-8"),
    js=(_HERE / "answer.js").read_text("utf-8"),
)


def answer(probabilities, picture, note, chosen=None, on_pick=lambda: None, key="answer"):
    """Show the probabilities (10,) or None, the picture (a data URI, or "") and a line of text. Returns the digit just picked, or None.

    `chosen` marks the digit that is looked at closer.
    """
    data = {
        "p": None if probabilities is None else [round(float(p), 4) for p in probabilities],
        "picture": picture,
        "note": note,
        "chosen": chosen,
    }
    return _mount(key=key, data=data, on_picked_change=on_pick).picked
