"""A page that waits for what is computed elsewhere."""

import streamlit as st

from ui import work

AT_FIRST, EVERY = 0.3, 0.2  # s: how long nothing is said, and how soon a visitor who leaves the page is let go


def waited(says, key, function, *arguments):
    """function(*arguments), from another process by way of `ui.work.beside`; the page says what it waits for.

    A visitor who leaves meanwhile, or chooses otherwise, is not held. Where it cannot be computed the page says so and ends.
    """
    with work.beside(key, function, *arguments) as future:
        try:
            try:
                return future.result(AT_FIRST)
            except TimeoutError:
                pass
            with st.spinner(says, show_time=True):
                place = st.empty()
                while True:
                    place.empty()  # where Streamlit lets go
                    try:
                        return future.result(EVERY)
                    except TimeoutError:
                        continue
        except work.Broken:
            st.error("This is too much for the server right now; choose fewer units, points or epochs.")
            st.stop()
