"""Every page stands inside app.py, also for the first visitor of a freshly started app who opens a page's own address."""

import streamlit as st
from streamlit.runtime import pages_manager


def inside_app():
    """To be called first on a page. Until `st.navigation` was called once, Streamlit runs a file of pages/ by itself, without app.py."""
    manager = getattr(pages_manager, "PagesManager", None)
    if getattr(manager, "uses_pages_directory", False):
        manager.uses_pages_directory = False
        st.rerun()
