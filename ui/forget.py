"""What the server keeps of its visitors, said to them, and the way to have it deleted."""

import streamlit as st

from ui import visitor
from ui.visits.store import LARGEST_MB

KEPT = (
    f"The server keeps your drawing, settings, numbers and networks for this browser, up to {LARGEST_MB} MB, "
    f"until {visitor.DAYS} days after your last visit. [Forget me](forget)"
)
NOT_KEPT = "Your browser does not accept cookies from this site, so nothing is kept after your visit: download what you want to keep."
FORGOTTEN = "You asked to be forgotten, so nothing of yours is left here: reload the page to start again."


def show():
    """What is kept of this visitor."""
    st.caption(KEPT if visitor.comes_back() else NOT_KEPT)
