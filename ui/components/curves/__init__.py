"""Loss above accuracy over epochs, drawn in place: a chart that is sent anew twice a second must neither flicker nor lose the pointer."""

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "backprop_lab_curves",
    html=(_HERE / "curves.html").read_text("utf-8"),
    css=(_HERE / "curves.css").read_text("utf-8"),
    js=(_HERE / "curves.js").read_text("utf-8"),
)


def curves(data, key="curves"):
    """Show what `ui.figures.curves.chart` made."""
    _mount(key=key, data=data)
