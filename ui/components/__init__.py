"""Components of our own, one folder each: HTML, CSS and plain JavaScript under the folder's name, without a build step."""

from pathlib import Path
from typing import NamedTuple

import streamlit as st


class Sources(NamedTuple):
    """What a component is made of, as the browser gets it."""

    html: str
    css: str
    js: str


def sources(name, *parts):
    """The Sources of the folder `name`; its script may be in parts, which come before it in this order."""
    folder = Path(__file__).parent / name
    html, css = ((folder / f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css"))
    return Sources(html, css, "\n".join((folder / f"{part}.js").read_text("utf-8") for part in (*parts, name)))


def registered(name, *parts):
    """The component of these `sources`, ready to be mounted."""
    return st.components.v2.component(f"backprop_lab_{name}", **sources(name, *parts)._asdict())
