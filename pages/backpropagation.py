"""Backpropagation (Θ): part one of the lecture, a sigmoid network of two classes taken apart."""

import streamlit as st

import mlcore.film
from mlcore import activations, backprop
from mlcore import descent as walked
from mlcore import experiments as formulas
from ui import chain, cost, descent, experiments, film, frame, subject, theta, vectorised
from ui.components.chain import chain as strip
from ui.inputs import THETA, digits, notation, option


@st.fragment
def network(scene):
    """The network drawn, with the numbers of one instance, as it is after some epochs."""
    st.markdown(
        "The network with its bias units. Try: point at a node or an edge, and what it was computed from lights up; "
        "let the edges show D; then go on, epoch by epoch, or type 100."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        i = cost.instance(scene)
        scene = experiments.after(scene)
        places, names = digits(), notation(THETA)
        seen = subject.Subject(scene.net, scene.X[i : i + 1], scene.y[i : i + 1], [f"instance {i + 1}"])
        st.markdown(seen.summary(), width="content")
    strip(chain.graph(seen, scene.X, scene.y, scene.l2, places, names), key="graph")


def played(scene):
    """The film; a click into the plane adds a point of the chosen class."""
    if scene.plane:
        label = option("A click adds a point of class", [0, 1], "label", 1)
        film.show(scene, on_point=lambda x, y: theta.add_point(x, y, label))
    else:
        film.show(scene)


VIEWS = {
    "Network": network, "Step by step": descent.show, "Film": played, "Cost": cost.show, "Vectorised": vectorised.show,
    "NOT to 0": experiments.show,
}  # fmt: skip

CODE = {
    "Step by step": (backprop.errors, backprop.average, walked.Descent),
    "Film": (mlcore.film.film, mlcore.film.fields),
    "Cost": (activations.binary_cross_entropy, formulas.cost_parts, formulas.conventions, formulas.as_printed, formulas.matrix_form),
    "Vectorised": (formulas.forward_forms, formulas.backward_forms),
    "NOT to 0": (formulas.descend, formulas.units_apart, formulas.gradient_norms),
}

frame.inside_app()
st.markdown("Part one of the lecture: forward, the error δ back, Δ that adds up over the instances, D, and one step an epoch.")
scene = theta.scene() or st.stop()
part = option("Show", list(VIEWS), "part", "Network", label_visibility="collapsed")
VIEWS[part](scene)
if part in CODE:  # the network shows the code of the cell that is looked at
    with st.expander("The code that computed it"):
        st.code(subject.sources(*CODE[part]), language="python")
