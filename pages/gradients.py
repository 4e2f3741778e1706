"""Gradients: every derivative of the chain rule for one instance, or their mean over a batch, each cell with its numbers in."""

import numpy as np
import streamlit as st

import mlcore
from ui import formulas, instance, state, subject
from ui.arrivals import SELECTABLE
from ui.components import selected, whole
from ui.figures import matrices
from ui.inputs import COUNTS, WEIGHTS, number, option
from ui.text import verbatim_html
from ui.waiting import waited

PICTURES = 32  # units with a picture
LONGEST = 10**6  # row or column
QUIET = {"displayModeBar": False}
SMALL = "<style>.st-key-listing table {font-size: .8rem} .st-key-listing :is(td, th) {padding: .15rem .4rem}</style>"


def pick(name, key, layer):
    """A click on a heatmap chooses its cell."""
    row, col = (whole(selected(st.session_state[key]).get(way), 0, LONGEST) for way in "yx")
    if row is not None and col is not None:
        st.session_state.update(array=formulas.NAMES[name], row=row, col=col, picked=(name, *layer))


def heatmap(derivatives, p, name, chosen, height):
    """One array of the Derivatives: its formula, shape and range, its picture."""
    array, seen = derivatives.array(p.l, name), derivatives.seen
    about = matrices.about(array)
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
            st.markdown(f"${formulas.rule(p, name)}$", width="content")
            st.caption(about + (f" · mean of {len(seen.y)}" if seen.batch else ""), width="content")
        marked, key = chosen[1:] if chosen[0] == name else None, f"{SELECTABLE}{name}_{p.l}"
        figure = matrices.heatmap(array, marked, height, clickable=True)
        alt = f"Heatmap of {formulas.NAMES[name]} of layer {p.l + 1}: {about}"
        st.plotly_chart(figure, key=key, on_select=lambda: pick(name, key, p), selection_mode="points", config=QUIET, alt=alt)


def pictures(array):
    """∂L/∂W of a layer that sees the pixels, as one picture a unit."""
    units = subject.largest_rows(array, PICTURES)
    which = "every unit" if len(units) == len(array) else f"the {len(units)} of {len(array)} units with the largest ones"
    png = matrices.unit_pictures(array[units], columns=5 if len(units) <= 10 else 8)
    st.image(png, width="stretch", alt=f"∂L/∂W of {which}, 28 × 28 pixels each")
    st.caption(f"∂L/∂W as 28 × 28 pixels, for {which}: {', '.join(map(str, units))}")


def cell(derivatives, p):
    """Choose a cell; the formula again with its numbers in. Returns (array, row, column)."""
    seen = derivatives.seen
    name = formulas.named(option("Cell of", list(formulas.NAMES.values()), "array", "∂L/∂W"))
    array, here = np.atleast_2d(derivatives.array(p.l, name)), (name, *p)
    rows, columns = array.shape
    if st.session_state.setdefault("picked", here if "col" in st.query_params else None) != here:
        st.session_state.update(zip(("row", "col"), subject.telling(array)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = {"on_change": st.session_state.update, "kwargs": {"picked": here}}
        row = number(f"Row (0 to {rows - 1})", "row", rows - 1, **chosen) if rows > 1 else 0
        col = number(f"Column (0 to {columns - 1})", "col", columns - 1, **chosen) if columns > 1 else 0
        st.button("Largest", on_click=st.session_state.update, kwargs={"picked": None})
    if seen.batch:
        table = formulas.listing(derivatives.each, seen.y, seen.titles, p, name, row, col)
        st.html(SMALL)
        with st.container(height=min(300, 75 + 25 * len(seen.y)), key="listing"):
            st.markdown(table.markdown)
        st.latex(table.latex)
    for sentence, latex in [] if seen.batch else formulas.derivation(derivatives.each[0], seen.y[0], p, name, row, col):
        if sentence:
            st.caption(sentence)
        st.latex(latex)
    return name, row, col


@st.fragment
def check(net, X, y):
    """Backpropagation against central differences."""
    if st.button("Check gradients"):
        entries = subject.checkable(net, len(y))
        result = waited("Moving one weight after the other …", None, mlcore.check_gradients, net, X, y, 0.0, entries)
        st.markdown(subject.verdict(result))
        st.table(subject.compared(result))


def arrays(net):
    """What is looked at, and its arrays around the cell that is chosen. Returns the Subject, the layer, the name of the cell's array."""
    line = st.container(horizontal=True, vertical_alignment="bottom")
    with line:
        seen = instance.choose((instance.DRAWING, instance.DATA, instance.BATCH)) or st.stop()
        layers = list(range(1, len(net.layers) + 1))
        l = option("Layer", layers, "layer", layers[-1]) - 1 if len(layers) > 1 else 0
    with subject.in_turn(net.sizes[l + 1]):
        return seen, l, shown(net, seen, l, line)


def shown(net, seen, l, line):
    """The arrays of a layer, around the cell that is chosen; line: where what the network says has room. Returns the cell's array."""
    derivatives = subject.Derivatives(seen)
    with line:
        st.html(matrices.thumbnails(seen.X) + verbatim_html(derivatives.summary()), width="content")
    for note in derivatives.notes(l):
        st.markdown(note)
    p, pixels = formulas.Place.of(net, l), l == 0 and net.sizes[0] == 784
    left, middle, right = st.columns([10, 11, 10], gap="medium")
    with right:
        chosen = cell(derivatives, p)
        st.markdown("Norm of each layer's gradient")
        names, norms = derivatives.norms()
        st.plotly_chart(matrices.norms(names, norms), config=QUIET, alt=matrices.spoken(names, norms))
    with left:
        heatmap(derivatives, p, "dL_da", chosen, 60)
        heatmap(derivatives, p, "da_dz", chosen, 360)
        st.markdown(matrices.key(), unsafe_allow_html=True)
    with middle:
        heatmap(derivatives, p, "dL_dz", chosen, 60)
        heatmap(derivatives, p, "dL_db", chosen, 60)
        heatmap(derivatives, p, "dL_dW", chosen, 115 if pixels else 300)
        if pixels:
            pictures(derivatives.array(l, "dL_dW"))
    return chosen[0]


net = state.network().network
st.markdown(
    "Every derivative of the chain rule, for one instance or as the mean over a batch. "
    "Try: click a cell to see where its number comes from; draw a digit, say it is another, and the gradients grow."
)
seen, l, name = arrays(net)
left, right = st.columns(2, gap="medium")
with left:
    check(net, seen.X, seen.y)
with right, st.expander(f"The code that computed {formulas.NAMES[name]}"):
    st.code(subject.code(name, l, seen.net, seen.batch), language="python")
st.caption(COUNTS[WEIGHTS])
