"""Backprop Lab: `streamlit run app.py`."""

import streamlit as st

app = st.App("ui/navigation.py")
