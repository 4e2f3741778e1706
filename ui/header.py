"""What every page has above it: the style, the row with the chosen network and the instance at hand, the link to what it shows."""

import functools
import gc
from pathlib import Path

import streamlit as st

from ui import addresses, memory, networks, state
from ui.components.link import link
from ui.figures import digits
from ui.text import one_line, verbatim, verbatim_html
from ui.visits import session
from ui.visits.settings import carried


def look(title):
    """What every page has: the lab's style, and a heading for those who hear the page."""
    _spare_the_collector()
    memory.here()
    st.html(Path(__file__).parent / "lab.css")
    st.html(f"<h1>{title}</h1>")


def carry(title):
    """On a change of pages, keep what was chosen, typed or linked on the page before.

    Streamlit forgets it with its widget, which goes, unless the widget was touched. Set anew it is nobody's, and stays; but not at every
    run, which would take back what is being typed.
    """
    if st.session_state.get("page") != title:
        addresses.translate(title)
        session.begin(title)
        st.session_state["page"] = title
        addresses.exchange(title)
        for key, value in st.session_state.items():
            if carried(key, value):
                st.session_state[key] = value


def news():
    """What has happened while the visitor was away, or cannot be kept; each sentence once."""
    for sentence in session.told():
        st.warning(verbatim(sentence))


def bar(instance=True):
    """The chooser of networks and, unless the page shows the instance itself, a thumbnail of what is at hand, if anything is."""
    says, entries, asked = networks.open_address(), state.networks(), st.query_params.get("net")
    # Told anew each time: the browser knows an option by its label, and labels change when a network is taught or renamed.
    st.session_state["net"] = state.network().id
    with st.container(horizontal=True, vertical_alignment="center", key="scene"):
        st.selectbox(
            "Network",
            list(entries),
            format_func=lambda id: one_line(entries[id].label),
            key="net",
            on_change=_choose,
            filter_mode=None,
            width=420,
            label_visibility="collapsed",
        )
        _address(asked, state.network().id)
        st.caption(verbatim(state.network().past), width="stretch")
        if instance and state.instance():
            _instance(state.instance())
    if says:
        st.warning(says)


def share():
    """The button beside the navigation that copies the link to what the page shows."""
    with st.container(key="share"):
        link()


@functools.cache
def _spare_the_collector():
    """What is loaded by now stays for good. Walking through it takes a tenth of a second, in the middle of somebody's answer."""
    gc.collect()
    gc.freeze()


def _choose():
    if st.session_state["net"] in state.networks():
        state.choose_network(st.session_state["net"])


def _address(asked, chosen):
    """Keep the chosen network in the address; the usual one is left out. (A bound chooser would write its long label there.)"""
    wanted = None if chosen == state.DEFAULT else chosen
    if wanted is None and asked is not None:
        del st.query_params["net"]
    elif wanted not in (None, asked):
        st.query_params["net"] = wanted


def _instance(inst):
    st.html(
        f'<img src="{digits.picture(inst.x)}" width="40" height="40" alt="the instance, 28 by 28 pixels" '
        f'style="image-rendering:pixelated;border:1px solid rgba(128,128,128,.4);vertical-align:middle;margin-right:.6rem">'
        f"Instance: {verbatim_html(inst.text)}",
        width="content",
    )
