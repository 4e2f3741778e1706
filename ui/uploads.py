"""An uploader of one file, which is empty again and holds nothing once the file has been taken up."""

import streamlit as st

from ui import memory


def uploader(label, kinds, name, largest_mb, take, **settings):
    """take(file) is called with what was chosen, before the page runs; name tells the page's uploaders apart."""
    count = f"file_{name}"
    key = f"{count}_{st.session_state.get(count, 0)}"
    st.file_uploader(label, kinds, key=key, max_upload_size=largest_mb, on_change=_taken, args=(count, key, take), **settings)


def _taken(count, key, take):
    file = st.session_state[key]
    if file is not None:
        st.session_state[count] = st.session_state.get(count, 0) + 1  # another key: an empty uploader
        memory.let_go(file)
        take(file)
