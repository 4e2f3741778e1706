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
ONE_INSTANCE = ("Gradients", "Softmax", "Chain rule")  # pages that look at the same instance, and name it alike
TOGETHER = dict.fromkeys(("instance", "notation"), ONE_INSTANCE)


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


def exchange(page):
    """What another page means by a name is put aside where this page means something else by it, and taken up again over there.

    A name that this page does not know stays for the page it belongs to, and one that both know is written over, not taken away and set:
    only what was there in the run before does Streamlit write into the address again.
    """
    aside, owners = (st.session_state.setdefault(key, {}) for key in ("aside", "owners"))
    for name in set().union(*OWN.values()):
        if name not in OWN[page] and page not in TOGETHER.get(name, ()):
            continue
        owner = page if name in OWN[page] else ONE_INSTANCE
        was, owners[name] = owners.get(name, owner), owner
        if was == owner:
            continue
        if name in st.session_state:
            aside[was, name] = st.session_state[name]
        if (owner, name) in aside:
            st.session_state[name] = aside.pop((owner, name))
        else:
            st.session_state.pop(name, None)
