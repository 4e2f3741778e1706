"""Components of our own, one folder each: HTML, CSS and plain JavaScript under the folder's name, without a build step."""

from pathlib import Path

import streamlit as st


def registered(name, *parts):
    """The component of the folder `name`, ready to be mounted; its script may be in parts, which come before it in this order."""
    folder = Path(__file__).parent / name
    html, css = ((folder / f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css"))
    js = "\n".join((folder / f"{part}.js").read_text("utf-8") for part in (*parts, name))
    return st.components.v2.component(f"backprop_lab_{name}", html=html, css=css, js=js)
