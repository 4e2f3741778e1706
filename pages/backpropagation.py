"""Backpropagation (Θ): part one of the lecture, a sigmoid network of two classes taken apart."""

import streamlit as st

from ui import chain, subject
from ui.components.chain import strip
from ui.inputs import COUNTS, THETA, digits, notation, option
from ui.text import verbatim
from ui.theta import cost, film, not_to_zero, scenes, step_by_step, vectorised
from ui.visits import session


@session.fragment
def network(scene):
    """The network drawn, with the numbers of one instance, as it is after some epochs."""
    st.markdown(
        "The network with its bias units. Try: point at a node or an edge, and what it was computed from lights up; "
        "let the edges show D; then go on, epoch by epoch, or type 100."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        i = cost.instance(scene)
        scene = not_to_zero.after(scene)
        places, names = digits(), notation(THETA)
        seen = subject.Subject(scene.net, scene.X[i : i + 1], scene.y[i : i + 1], [f"instance {i + 1}"])
        st.markdown(verbatim(seen.summary()), width="content")
    strip(chain.graph(seen, scene.X, scene.y, scene.l2, places, names), key="graph")


def played(scene):
    """The film; a click into the plane adds a point of the chosen class."""
    if scene.plane:
        label = option("A click adds a point of class", [0, 1], "label", 1)
        film.show(scene, on_point=lambda x, y: scenes.add_point(x, y, label))
    else:
        film.show(scene)


VIEWS = {
    "Network": network, "Step by step": step_by_step.show, "Film": played, "Cost": cost.show, "Vectorised": vectorised.show,
    "NOT to 0": not_to_zero.show,
}  # fmt: skip

CODE = {
    "Step by step": step_by_step.CODE, "Film": film.CODE, "Cost": cost.CODE, "Vectorised": vectorised.CODE, "NOT to 0": not_to_zero.CODE,
}  # fmt: skip

st.markdown("Part one of the lecture: forward, the error δ back, Δ that adds up over the instances, D, and one step an epoch.")
scene = scenes.scene() or st.stop()
if said := scenes.chance(scene):
    st.caption(said)
section = option("Show", list(VIEWS), "section", "Network", label_visibility="collapsed")
VIEWS[section](scene)
if section in CODE:  # the network says how it counts, and shows the code of the cell that is looked at
    st.caption(COUNTS[THETA])
    with st.expander("The code that computed it"):
        st.code(subject.sources(*CODE[section]), language="python")
