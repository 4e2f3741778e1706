"""The row at the top of every page: which network is chosen, and which instance is at hand."""

from pathlib import Path

import streamlit as st

from ui import state
from ui.figures import digits


def bar(instance=True):
    """The chooser of networks and, unless the page shows the instance itself, a thumbnail of what is at hand."""
    st.html(Path(__file__).parent / "lab.css")
    entries = state.networks()
    pending = state.take_pending()
    if pending or st.session_state.get("net", state.DEFAULT) not in entries:
        st.session_state["net"] = pending or state.network().id
    with st.container(horizontal=True, vertical_alignment="bottom", key="scene"):
        chosen = st.selectbox(
            "Network",
            list(entries),
            format_func=lambda id: entries[id].label,
            key="net",
            bind="query-params",
            filter_mode=None,
            width=420,
        )
        if chosen != state.network().id:
            state.choose_network(chosen)
            state.take_pending()
        if instance:
            _instance(state.instance())


def _instance(inst):
    if inst is None:
        st.markdown("Instance: none yet. Draw one on **Draw**.", width="content")
        return
    st.markdown(
        f'<img src="{digits.picture(inst.x)}" width="40" height="40" alt="the instance, 28 by 28 pixels" '
        f'style="image-rendering:pixelated;border:1px solid rgba(128,128,128,.4);vertical-align:middle;margin-right:.6rem">'
        f"Instance: {inst.text}",
        unsafe_allow_html=True,
        width="content",
    )
