"""Backprop Lab: `streamlit run app.py`."""

import streamlit as st

from ui import scene, shelf

st.set_page_config(page_title="Backprop Lab", layout="wide")

draw = st.Page("pages/draw.py", title="Draw", default=True)
train = st.Page("pages/train.py", title="Train")
gradients = st.Page("pages/gradients.py", title="Gradients")

page = st.navigation([draw, train, gradients], position="top")
shelf.keep_ended()
scene.bar(instance=page not in (draw, gradients))  # these show the instance themselves; Draw answers without running this row again
page.run()
