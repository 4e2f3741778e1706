"""Pages under the row above them; and a visitor who comes back, whose sessions each begin with what the one before left."""

import numpy as np
from streamlit.testing.v1 import AppTest

from tests.pages.visit import run
from ui import state
from ui.visits.store import Visit

TOKEN = "C" * 22
DIGIT = np.linspace(0, 1, 784, dtype=np.float32)
STROKE = {"type": "Path", "left": 160.5, "top": 160, "stroke": "#000000", "fill": None, "path": [["M", 1, 2.5], ["L", 3, 4]]}


def opened(page="draw", **address):
    """A new session of the browser, on this page with this address; what the one before left is on disk."""
    Visit(TOKEN).exists()
    at = AppTest.from_function(script, args=(page, TITLES[page]), default_timeout=60)
    at.query_params.update({name: str(value) for name, value in address.items()})
    return run(at)


TITLES = {"draw": "Draw", "train": "Train", "gradients": "Gradients", "softmax": "Softmax", "chain-rule": "Chain rule",
          "backpropagation": "Backpropagation (Θ)"}  # fmt: skip


def script(page, title):
    """A page as `ui/navigation.py` shows it; what a test wants to be done within a session it puts into "do"."""
    import runpy

    import streamlit as st

    from ui import forget, header, networks
    from ui.visits import session

    if session.forgotten():
        st.info(forget.FORGOTTEN)
        st.stop()
    page, title = st.session_state.get("to", (page, title))
    header.carry(title)
    networks.keep_ended()
    header.news()
    if page != "backpropagation":
        header.bar()
    if do := st.session_state.pop("do", None):
        do()
    try:
        runpy.run_path(f"pages/{page}.py")
    finally:
        session.keep()


def does(at, what):
    at.session_state["do"] = what
    return run(at)


def moved(at, page):
    at.query_params.clear()
    at.session_state["to"] = page, TITLES[page]
    return run(at)


def entries(at):
    return at.session_state["lab"]["entries"]


def drawing(**more):
    return state.Instance(DIGIT, None, "drawing", {"objects": [STROKE]}, np.arange(100, dtype=np.uint8).reshape(10, 10), **more)


def draw(at, **more):
    return does(at, lambda: state.set_instance(drawing(**more)))


def equal(one, other):
    return all(np.array_equal(a.theta, b.theta) and a.theta.dtype == b.theta.dtype for a, b in zip(one.layers, other.layers, strict=True))
