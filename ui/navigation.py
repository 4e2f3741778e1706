"""Which pages there are, and what stands above each; `app.py` serves this script."""

import streamlit as st

from ui import forget, header, networks
from ui.visits import session

draw = st.Page("../pages/draw.py", title="Draw", default=True)
train = st.Page("../pages/train.py", title="Train")
gradients = st.Page("../pages/gradients.py", title="Gradients")
softmax = st.Page("../pages/softmax.py", title="Softmax")
chain_rule = st.Page("../pages/chain-rule.py", title="Chain rule")
backpropagation = st.Page("../pages/backpropagation.py", title="Backpropagation (Θ)")

page = st.navigation([draw, train, gradients, softmax, chain_rule, backpropagation], position="top")
st.set_page_config(page_title=f"{page.title} · Backprop Lab", layout="wide")
if session.forgotten():
    st.info(forget.FORGOTTEN)
    st.stop()
header.look(page.title)
header.carry(page.title)
networks.keep_ended()
header.news()
if page != backpropagation:  # which has a network of its own
    header.bar(instance=page == train)  # the others show the instance themselves; Draw answers without running this row again
header.share()
try:
    page.run()
finally:
    session.keep()
