"""Backprop Lab: `streamlit run app.py`."""

import streamlit as st

from ui import web

app = st.App("ui/navigation.py", routes=web.routes, middleware=web.middleware, lifespan=web.announced)
