"""Backprop Lab: `streamlit run app.py`."""

import streamlit as st

from ui import scene, shelf

draw = st.Page("pages/draw.py", title="Draw", default=True)
train = st.Page("pages/train.py", title="Train")
gradients = st.Page("pages/gradients.py", title="Gradients")
softmax = st.Page("pages/softmax.py", title="Softmax")
chain_rule = st.Page("pages/chain-rule.py", title="Chain rule")
backpropagation = st.Page("pages/backpropagation.py", title="Backpropagation (Θ)")

page = st.navigation([draw, train, gradients, softmax, chain_rule, backpropagation], position="top")
st.set_page_config(page_title=f"{page.title} · Backprop Lab", layout="wide")
shelf.keep_ended()
scene.look(page.title)
scene.carry(page.title)
if page != backpropagation:  # which has a network of its own
    scene.bar(instance=page == train)  # the others show the instance themselves; Draw answers without running this row again
scene.share()
page.run()
