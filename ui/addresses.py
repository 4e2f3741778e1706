"""The names of what stands in the address: one each on all pages. What links of before call it, and what is a page's own."""

import re

import streamlit as st

FORMER = {
    "Draw": {"look": "section"},
    "Train": {"n": "points", "layers": "units", "hidden": "activation", "rate": "alpha", "batch": "size"},
    "Gradients": {"index": "instance"},
    "Softmax": {"index": "instance", "parts": "output"},
    "Chain rule": {"index": "instance", "view": "section", "n_epoch": "epochs", "from": "start"},
    "Backpropagation (Θ)": {
        "part": "section", "set": "data", "g": "activation", "step": "alpha", "lambda": "l2", "draw": "seed", "runs": "epochs",
        "many": "points", "spread": "noise", "frame": "epoch", "tick": "at",
    },
}  # fmt: skip
OWN = {
    "Draw": {"section"},
    "Train": {"data", "points", "noise", "units", "activation", "alpha", "size", "epochs", "seed", "l2", "output"},
    "Gradients": {"size"},
    "Softmax": {"section", "output"},
    "Chain rule": {"section", "alpha", "epochs", "start", "at"},
    "Backpropagation (Θ)": {
        "section", "data", "points", "noise", "units", "activation", "alpha", "epochs", "seed", "l2", "start", "at", "epoch", "instance",
        "notation",
    },
}  # fmt: skip


def translate(page):
    """Former names in the address become those of now, and the page begins again with them."""
    found = {name: st.query_params[name] for name in FORMER.get(page, ()) if name in st.query_params}
    if not found:
        return
    for name, value in found.items():
        del st.query_params[name]
        if name == "index":  # which counted from 0
            value = str(int(value) + 1) if re.fullmatch(r"-?[0-9]{1,15}", value) else ""
        st.query_params.setdefault(FORMER[page][name], value)
    st.rerun()


def exchange(before, page):
    """Put aside what is the own of the page that is left, and take up again what was put aside for the one that is opened."""
    aside = st.session_state.setdefault("aside", {})
    for name in set().union(*OWN.values()):
        was, now = (one if name in OWN.get(one, ()) else None for one in (before, page))
        if was != now:
            if name in st.session_state:
                aside[was, name] = st.session_state.pop(name)
            if (now, name) in aside:
                st.session_state[name] = aside.pop((now, name))
