"""The instance in hand: the digit just drawn, an instance of the data, or a small example whose numbers can be typed."""

import numpy as np
import streamlit as st

from ui import state, subject
from ui.components import whole
from ui.inputs import number, option
from ui.text import verbatim

EXAMPLE, DRAWING, DATA, BATCH = "Example", "Drawing", "Data", "Batch"
DRAWN = {"drawn": "1"}  # in a link to a page that shall look at the drawing, whatever it looked at before
MOST = 32  # instances of a batch
LARGEST = 1e6  # number of the example
NUMBERS = "numbers"  # of the example, in the address


def choose(kinds):
    """The Subject that the visitor looks at, of the kinds offered, or None where a drawing is still to be made."""
    entry, inst = state.network(), state.instance()
    net, pool = entry.network, subject.pool(entry.network)
    kinds = [k for k in kinds if k != DRAWING or entry.reads_digits]
    kinds = [k for k in kinds if k not in (DATA, BATCH) or pool]
    if not kinds:
        name = verbatim(entry.name)
        st.markdown(f"**{name}** takes {net.sizes[0]} numbers, and there are no such data at hand. Choose another network above.")
        return None
    kind = _kind(kinds, EXAMPLE if EXAMPLE in kinds else DATA, inst)
    if kind == EXAMPLE:
        return _example()
    st.query_params.pop(NUMBERS, None)
    if kind == DRAWING:
        return _drawing(net, inst)
    count = len(pool.y)
    label = f"{'First instance' if kind == BATCH else 'Instance'} (1 to {count})"
    first = number(label, "instance", count, pool.hardest(net) + 1, 1) - 1
    size = number(f"How many (2 to {MOST})", "size", MOST, 8, 2) if kind == BATCH else 1
    chosen = np.arange(first, first + size) % count
    return subject.Subject(net, pool.X[chosen], pool.y[chosen], [f"instance {i + 1}" for i in chosen])


def _kind(kinds, usual, inst):
    """Which kind is chosen. A new drawing takes the place of what was; a kind that a page lacks waits for one that has it."""
    drawn, asked = inst and inst.x.tobytes(), st.query_params.pop("drawn", None)
    if DRAWING in kinds and drawn and (asked or drawn != st.session_state.get("drawn")):
        st.session_state.update(drawn=drawn, source=DRAWING, waiting=None)
    waiting = st.session_state.get("waiting") or st.session_state.get("source")
    if waiting in kinds:
        st.session_state.update(source=waiting, waiting=None)
    elif waiting:
        st.session_state["waiting"] = waiting
    return option("Look at", kinds, "source", usual, on_change=st.session_state.update, kwargs={"waiting": None})


def _drawing(net, inst):
    if inst is None:
        st.page_link("../pages/draw.py", label="Nothing is drawn yet: draw a digit first.")
        return None
    known = int(net.predict(inst.x[None])[0]) if inst.label is None else inst.label
    key = f"label_{hash(inst.x.tobytes())}_{known}"
    y = st.selectbox("Which digit is it?", range(10), known, key=key, on_change=_remember, args=(inst, key), width=170)
    return subject.Subject(net, np.asarray(inst.x, float)[None], [y], [inst.text], guessed=inst.label is None)


def _remember(inst, key):
    inst.label = whole(st.session_state[key], 0, 9)


def _example():
    hidden = st.toggle("With a hidden layer", key="deep", bind="query-params")
    stored = _from_address(hidden)
    y = option("Label y", list(range(stored.net.sizes[-1])), "y", 0)
    with st.popover("Its numbers"):
        st.markdown("Type over any number.")
        x = _typed("x", stored.x[None], "x{1}", hidden)
        layers = stored.net.layers
        thetas = [_typed(f"theta{l}", layer.theta, "W{0}{1}", hidden, f"Layer {l + 1}" * hidden) for l, layer in enumerate(layers)]
        st.button("As it was", on_click=_reset, args=(hidden,))
    if all((np.abs(array) <= LARGEST).all() for array in (x, *thetas)):
        for layer, theta in zip(stored.net.layers, thetas):
            layer.theta = theta
        stored.x[...] = x[0]
    else:
        st.error(f"A number is missing or beyond ± {LARGEST:,.0f}: correct it; until then the last complete numbers count.")
    _into_address(stored, hidden)
    size = "-".join(map(str, stored.net.sizes))
    return subject.Subject(stored.net, stored.x[None], [y], [f"the example, a {size} network of its own"])


def _from_address(hidden):
    """The visitor's example; a visit that began with an address has its numbers from there."""
    example, asked = state.example(hidden), st.query_params.get(NUMBERS, "")
    if st.session_state.setdefault("numbers_of", asked) != asked or not asked:
        return example
    st.session_state["numbers_of"] = ""
    try:
        values = np.array(asked.split("_"), float)
        if not (np.abs(values) <= LARGEST).all():
            raise ValueError
        state.put_numbers(example, values)
    except ValueError:
        _reset(hidden)
        st.error("The numbers in the address do not make an example; it has its usual ones.")
    return state.example(hidden)


def _into_address(example, hidden):
    """Numbers that were typed belong to the scene that a link shares; the usual ones are left out."""
    arrays, usual = state.arrays(example), state.arrays(state.new_example(hidden))
    if all(np.array_equal(*pair) for pair in zip(arrays, usual)):
        st.query_params.pop(NUMBERS, None)
    else:
        st.query_params[NUMBERS] = "_".join(repr(float(value)) for array in arrays for value in array.flat)


def _typed(name, values, label, hidden, heading=""):
    """Inputs for the numbers of an array (m, n), or of Θ with its column b; NaN where one is empty."""
    rows, bias = [], name != "x"
    if heading:
        st.caption(heading)
    for i, row in enumerate(values):
        with st.container(horizontal=True, gap="small"):
            rows.append([])
            for j, value in enumerate(row):
                key = f"example_{name}_{i}_{j}_{hidden}"
                st.session_state.setdefault(key, float(value))
                called = f"b{i}" if bias and j == 0 else label.format(i, j - bias)
                rows[i].append(st.number_input(called, -LARGEST, LARGEST, None, 0.1, format="%g", key=key, width=90))
    return np.array(rows, float)


def _reset(hidden):
    state.forget_example(hidden)
    for key in [k for k in st.session_state if str(k).startswith("example_") and str(k).endswith(f"_{hidden}")]:
        del st.session_state[key]
