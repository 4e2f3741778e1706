"""Every page stands inside app.py, also for the first visitor of a freshly started app who opens a page's own address."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def inside_app():
    """To be called first on a page. Until `st.navigation` was called once, Streamlit runs a file of pages/ by itself, without app.py."""
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
