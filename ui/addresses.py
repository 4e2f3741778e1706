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


def owner(name, page):
    """Whose name it is on this page: the page's own, that of the pages that look at one instance, or nobody's in particular (None)."""
    return page if name in OWN[page] else ONE_INSTANCE if page in TOGETHER.get(name, ()) else None


def exchange(page):
    """What another page means by a name is put aside where this page means something else by it, and taken up again over there.

    A name that this page does not know stays for the page it belongs to, and one that both know is written over, not taken away and set:
    only what was there in the run before does Streamlit write into the address again.
    """
    aside, owners = (st.session_state.setdefault(key, {}) for key in ("aside", "owners"))
    for name in set().union(*OWN.values()):
        mine = owner(name, page)
        if mine is None:
            continue
        was, owners[name] = owners.get(name, mine), mine
        if was == mine:
            continue
        if name in st.session_state:
            aside[was, name] = st.session_state[name]
        if (mine, name) in aside:
            st.session_state[name] = aside.pop((mine, name))
        else:
            st.session_state.pop(name, None)


def everybodys():
    """What this visit has chosen on all pages, {(name, owner): value}; the owner is None where no page has the name for itself."""
    aside, owners = (st.session_state.get(key, {}) for key in ("aside", "owners"))
    values = {(name, owners.get(name)): value for name, value in st.session_state.to_dict().items()}
    return values | {(name, whose): value for (whose, name), value in aside.items()}


def put_back(values, page, but_own=False):
    """Values that `everybodys` gave, in a visit that begins with this page; but_own: without those that the page itself would show."""
    aside, owners = (st.session_state.setdefault(key, {}) for key in ("aside", "owners"))
    by_name = {}
    for (name, whose), value in values.items():
        by_name.setdefault(name, {})[whose] = value
    for name, each in by_name.items():
        mine = owner(name, page)
        if but_own:
            each.pop(mine, None)
        here = mine if mine is not None or None in each else next(iter(each), None)
        if here in each:
            st.session_state[name] = each.pop(here)
        if here is not None:
            owners[name] = here
        aside.update({(whose, name): value for whose, value in each.items()})
