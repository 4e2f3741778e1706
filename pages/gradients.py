"""Gradients: every derivative of the chain rule for one instance, or their mean over a batch, each cell with its numbers in."""

import numpy as np
import streamlit as st

import mlcore
from ui import formulas, state, subject
from ui.figures import digits, matrices

DRAWING, DATA, BATCH = "Drawing", "Data", "Batch"
MOST, PICTURES = 32, 32  # instances of a batch; units with a picture
QUIET = {"displayModeBar": False}


def number(label, key, largest, default=None, smallest=0, **settings):
    """A whole number, kept in the URL; one that has no place here any more falls back to the default."""
    if not smallest <= (st.session_state.get(key) or smallest) <= largest:
        del st.session_state[key]
    return st.number_input(label, smallest, largest, default, 1, key=key, bind="query-params", width=170, **settings)


def option(label, options, key, default, **settings):
    """One of a few, kept in the URL."""
    if st.session_state.get(key, default) not in options:
        del st.session_state[key]
    return st.segmented_control(label, options, default=default, key=key, bind="query-params", required=True, **settings)


def remember(inst, key):
    inst.label = st.session_state[key]


def choose(net, pool, inst):
    """The Subject that the visitor looks at, or None."""
    kinds = [DRAWING] * (net.sizes[0] == 784 and net.sizes[-1] == 10) + [DATA, BATCH] * (pool is not None)
    kind = option("Look at", kinds, "source", DRAWING if inst and DRAWING in kinds else kinds[-2])
    if kind == DRAWING and inst is None:
        st.page_link("pages/draw.py", label="Nothing is drawn yet: draw a digit first.")
        return None
    if kind == DRAWING:
        known = inst.label if inst.label is not None else int(net.predict(inst.x[None])[0])
        key = f"label_{hash(inst.x.tobytes())}_{known}"
        y = st.selectbox("Which digit is it?", range(10), known, key=key, on_change=remember, args=(inst, key), width=150)
        guessed = inst.label is None
        return subject.Subject(net, np.asarray(inst.x, float)[None], [y], [inst.text], guessed)
    count = len(pool.y)
    first = number(f"{'First ' * (kind == BATCH)}{pool.noun} (0 to {count - 1})".capitalize(), "index", count - 1, pool.hardest(net))
    if kind == DATA:
        return subject.Subject(net, pool.X[[first]], pool.y[[first]], [pool.title(first)])
    size = number(f"How many (2 to {MOST})", "size", MOST, 8, 2)
    chosen = np.arange(first, first + size) % count
    return subject.Subject(net, pool.X[chosen], pool.y[chosen], [pool.title(i) for i in chosen])


def looked_at(seen):
    """Small pictures of the instances and what the network says of them."""
    style = "image-rendering:pixelated;border:1px solid rgba(128,128,128,.4);vertical-align:middle;margin-right:.3rem"
    size = 40 if len(seen.X) == 1 else 24
    shape = f'width="{size}" height="{size}" style="{style}" alt="digit, 28 by 28 pixels"'
    return "".join(f'<img src="{digits.picture(x)}" {shape}>' for x in seen.X if len(x) == 784) + " " + seen.summary()


def pick(name, key):
    """A click on a heatmap chooses its cell."""
    points = st.session_state[key]["selection"]["points"]
    if points:
        st.session_state.update(array=formulas.NAMES[name], row=points[0]["y"], col=points[0]["x"])


def heatmap(seen, p, name, chosen, height):
    """One array: its formula, shape and range, its picture."""
    array, about = seen.array(p.l, name), matrices.about(seen.array(p.l, name))
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
            st.markdown(f"${formulas.rule(p, name)}$", width="content")
            st.caption(about + (f" · mean of {len(seen.y)}" if seen.batch else ""), width="content")
        marked, key = chosen[1:] if chosen[0] == name else None, f"map_{name}_{p.l}"
        figure = matrices.heatmap(array, marked, height, clickable=True)
        alt = f"Heatmap of {formulas.NAMES[name]} of layer {p.l + 1}: {about}"
        st.plotly_chart(figure, key=key, on_select=lambda: pick(name, key), selection_mode="points", config=QUIET, alt=alt)


def cell(seen, p, place):
    """Choose a cell; the formula again with its numbers in."""
    names = list(formulas.NAMES.values())
    with place:
        name = formulas.ARRAYS[names.index(option("Cell of", names, "array", "∂L/∂W", on_change=forget))]
        array = np.atleast_2d(seen.array(p.l, name))
        row, col = subject.telling(array)
        with st.container(horizontal=True):
            if len(array) > 1:
                chosen = number(f"Row (0 to {len(array) - 1})", "row", len(array) - 1, placeholder=f"{row} (largest)")
                row = row if chosen is None else chosen
            chosen = number(f"Column (0 to {array.shape[1] - 1})", "col", array.shape[1] - 1, placeholder=f"{col} (largest)")
            col = col if chosen is None else chosen
        if seen.batch:
            table = formulas.listing(seen.each, seen.y, seen.titles, p, name, row, col)
            with st.container(height=330):
                st.markdown(table.markdown)
            st.latex(table.latex)
        else:
            for sentence, latex in formulas.derivation(seen.each[0], seen.y[0], p, name, row, col):
                if sentence:
                    st.caption(sentence)
                st.latex(latex)
    return name, row, col


def forget():
    """Another array: its most telling cell."""
    st.session_state.update(row=None, col=None)


def pictures(array):
    """∂L/∂W of a layer that sees the pixels, as one picture a unit."""
    largest = np.sort(np.argsort(-np.linalg.norm(array, axis=1), kind="stable")[:PICTURES])
    which = "every unit" if len(largest) == len(array) else f"the {PICTURES} of {len(array)} units with the most to learn"
    png = matrices.unit_pictures(array[largest], columns=5 if len(largest) <= 10 else 8)
    st.image(png, width="stretch", alt=f"∂L/∂W of {which}, 28 × 28 each")
    st.caption(f"∂L/∂W as 28 × 28 pixels for {which}: {', '.join(map(str, largest))}")


@st.fragment
def check(net, X, y):
    """Backpropagation against central differences."""
    if st.button("Check gradients"):
        with st.spinner("Moving single weights by a little, both ways …"):
            result = mlcore.check_gradients(net, X, y)
        st.markdown(subject.verdict(result))
        st.table(subject.compared(result))


entry = state.network()
net, pool = entry.network, subject.pool(entry.network)
st.markdown(
    "Every derivative of the chain rule, for one instance or as the mean over a batch. "
    "Try: click a cell to see where its number comes from; draw a digit, say it is another, and the gradients grow."
)
if pool is None:
    st.markdown(f"**{entry.name}** takes {net.sizes[0]} inputs, and no data at hand has as many. Choose another network above.")
    st.stop()
with st.container(horizontal=True, vertical_alignment="bottom"):
    seen = choose(net, pool, state.instance())
    if seen is None:
        st.stop()
    layers = list(range(1, len(net.layers) + 1))
    l = option("Layer", layers, "layer", layers[-1]) - 1 if len(layers) > 1 else 0
    st.markdown(matrices.key(), unsafe_allow_html=True, width="content")
    st.markdown(looked_at(seen), unsafe_allow_html=True, width="content")
p = formulas.Place.of(net, l)
left, middle, right = st.columns([10, 11, 10], gap="medium")
chosen = cell(seen, p, right)
with right:
    names, lengths = seen.norms()
    st.markdown("Norm of each layer's gradient")
    st.plotly_chart(matrices.norms(names, lengths), config=QUIET, alt=f"Norms: {', '.join(names)}")
pixels = l == 0 and net.sizes[0] == 784
with left:
    heatmap(seen, p, "dL_da", chosen, 60)
    heatmap(seen, p, "da_dz", chosen, 360)
with middle:
    heatmap(seen, p, "dL_dz", chosen, 60)
    heatmap(seen, p, "dL_db", chosen, 60)
    heatmap(seen, p, "dL_dW", chosen, 115 if pixels else 300)
    if pixels:
        pictures(seen.array(l, "dL_dW"))
for sentence in seen.notes(l):
    st.markdown(sentence)
left, right = st.columns(2, gap="medium")
with left:
    check(net, seen.X, seen.y)
with right, st.expander(f"The code that computed {formulas.NAMES[chosen[0]]}"):
    st.code(subject.source(chosen[0], p, seen.batch), language="python")
