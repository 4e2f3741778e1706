"""Pages without a browser: how a test opens one, what a visitor presses and reads there."""

import html
import re

from streamlit.testing.v1 import AppTest


def run(at):
    """The page after one more run, in which nothing went wrong."""
    at = at.run()
    assert not at.exception, at.exception
    return at


def asked(at, /, **params):
    """The page with these settings in its address, run."""
    at.query_params.update({key: str(value) for key, value in params.items()})
    return run(at)


def of_script(script, settings, /, **params):
    """What a function shows that takes these settings."""
    return asked(AppTest.from_function(script, kwargs=settings, default_timeout=60), **params)


def of_page(file, network, x=None, label=None, **params):
    """The page of this file in pages/, with a network chosen and an instance (784,) in hand."""
    return of_script(_page, {"file": file, "network": network, "x": x, "label": label}, **params)


def _page(file, network, x, label):
    import runpy

    import numpy as np
    import streamlit as st

    from ui import state

    if "lab" not in st.session_state:
        state.choose_network(network)
        if x is not None:
            state.set_instance(state.Instance(np.array(x, np.float32), label))
    runpy.run_path(f"pages/{file}")


def press(at, *labels):
    """The page after these buttons, one after the other."""
    for label in labels:
        [button] = [b for b in at.button if b.label == label]
        at = run(button.click())
    return at


def text(at):
    """What is written on the page, an escaped sign as it is read there."""
    written = [re.sub(r"\\([!-/:-@[-`{-~])", r"\1", element.value) for kind in ("markdown", "caption", "error") for element in at.get(kind)]
    return "\n".join(written + [html.unescape(re.sub("<[^>]*>", "", element.value)) for element in at.html])
