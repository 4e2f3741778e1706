"""Components of our own, one folder each: HTML, CSS and plain JavaScript under the folder's name, without a build step."""

from pathlib import Path

import streamlit as st


def registered(name):
    """The component of the folder `name`, ready to be mounted."""
    folder = Path(__file__).parent / name
    html, css, js = ((folder / f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component(f"backprop_lab_{name}", html=html, css=css, js=js)
