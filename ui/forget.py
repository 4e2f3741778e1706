"""What the server keeps of its visitors, said to them, and the way to have it deleted."""

import streamlit as st

from ui import visitor
from ui.visits.store import LARGEST_MB

KEPT = (
    "For this browser the server keeps your drawing, your settings and numbers and your networks, up to "
    f"{LARGEST_MB} MB, until {visitor.DAYS} days after your last visit. [Forget me](forget)"
)
NOT_KEPT = "Your browser keeps no cookies of this address, so all of this ends with your visit: download what you want to keep."
FORGOTTEN = "You asked to be forgotten, and nothing is left here: reload the page to begin anew."


def show():
    """What is kept of this visitor."""
    st.caption(KEPT if visitor.comes_back() else NOT_KEPT)
