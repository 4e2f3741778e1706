"""The lecture's loop, walked by line, instance or epoch, also backwards: its pseudo-code beside the variables that are live."""

import base64
import html
import weakref

import numpy as np
import plotly.graph_objects as go
import streamlit as st

import mlcore
from mlcore.lecture.loop import HEADING, LINES, Loop
from ui import colors, program, subject
from ui.figures import digits, matrices
from ui.inputs import decimal, number, option
from ui.numbers import plain, precision
from ui.program import QUIET, QUIETER
from ui.visits import session
from ui.walk import controls

GIVEN, ZEROS = "as they are", "to zeros"
LARGE = 100_000  # weights above which few instances and epochs must do
MOST = 50  # epochs
MADE = 5  # made-up instances around the example
CELLS, COLUMNS = 40, 8  # of a variable that is written out in numbers
WIDE = 784  # pixels of a digit
SIDE = 128  # rows and columns of a picture of a matrix
STRIDES = ("epoch", "instance", "line")


def show(seen, places):
    """α and the number of epochs, the buttons, the pseudo-code beside the variables, the loss of each instance."""
    weights = sum(layer.W.size for layer in seen.net.layers)
    large = weights > LARGE
    X, y = data(seen, large)
    st.markdown(
        "The lecture's training loop, stopped after each line: one update an instance, in the order of the data, no λ, no shuffling. "
        "Try: go on by line and see which variables the line sets; then by epoch, and back again to any weights that were."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rate = decimal("Step size α", "alpha", 0.0001, 1000.0, 0.1, 0.05, format="%g", width=150)
        epochs = number("n_epoch", "epochs", 3 if large else MOST, 3, 1)
        zeros = option("Initialize W and b", [GIVEN, ZEROS], "start", GIVEN) == ZEROS
    st.caption(
        f"{len(y)} instances: the one in hand, then {_others(seen, len(y) - 1)}. The slides write the step size as a; here it is α. "
        + (f"This network has {weights:,} weights, so few instances and epochs must do; softmax regression has room for more." * large)
    )
    if zeros:
        deep = len(seen.net.layers) > 1
        st.caption(
            "From zeros hidden units stay alike: with tanh, ReLU and identity only the last b moves, with sigmoid they move together."
            if deep else "Softmax regression learns from zeros too; a network with a hidden layer does not."
        )  # fmt: skip
    net = _zeros(seen.net.sizes, seen.net.hidden, seen.net.output) if zeros else seen.net
    walk(_loop(net, X, y, rate, epochs), places)


_zero = weakref.WeakValueDictionary()


def _zeros(*kind):
    """A network of zeros of this kind; all visits that have one have the same."""
    return _zero.get(kind) or _zero.setdefault(kind, mlcore.Network(*kind, dtype="float64", init="zeros").freeze())


def data(seen, large):
    """The instances of the loop, X (n, p) and y (n,): the one in hand and a few more that fit the network."""
    x, y = np.asarray(seen.X[:1], float), np.asarray(seen.y[:1])
    pool = None if len(x[0]) == 3 else subject.pool(seen.net)
    if pool is None:
        more = around(x[0], max(2, seen.net.sizes[-1]))
    else:
        others = [k for k in range(min(12, len(pool.y))) if not np.array_equal(pool.X[k], x[0])][: 3 if large else 8]
        more = pool.X[others], pool.y[others]
    return np.vstack([x, more[0]]), np.append(y, more[1])


def around(x, classes, seed=0):
    """Made-up instances around x (p,): a little noise, and each class has a feature that stands out. The same for every visit."""
    y = np.arange(1, MADE + 1) % classes
    X = x + np.random.default_rng(seed).normal(0, 0.4, (MADE, len(x)))
    X[np.arange(MADE), y % len(x)] += 1.5
    return X.round(1), y


def _others(seen, count):
    pool = None if seen.net.sizes[0] == 3 else subject.pool(seen.net)
    return f"{count} made up around it" if pool is None else f"the first {count} {pool.noun}s of the held-out data"


def _loop(net, X, y, rate, epochs):
    """This visitor's loop; a new one where anything that goes into it has changed."""
    kind = net.sizes, net.hidden, net.output
    key = hash((X.tobytes(), y.tobytes(), rate, epochs, kind, *(layer.theta.tobytes() for layer in net.layers)))
    if st.session_state.get("loop", (None,))[0] != key:
        st.session_state["loop"] = key, Loop(net, X, y, rate, epochs)
    return st.session_state["loop"][1]


@session.fragment
def walk(loop, places):
    """One stop of the walk, its numbers with so many digits."""
    try:
        stop(loop, places)
    finally:
        loop.rest()


def stop(loop, places):
    """The buttons, the pseudo-code beside the variables, the loss of each instance so far."""
    controls(lambda: loop, STRIDES, "at")
    left, right = st.columns([9, 11], gap="medium")
    with left, precision(places):
        st.html(program.listing(loop.line, LINES, HEADING))
        st.markdown(where(loop))
        if loop.stopped:
            st.error(f"{loop.stopped} Go back, or choose a smaller α.")
        if loop.history:
            st.plotly_chart(curve(loop.history, len(loop.y), loop.epochs), config=QUIET, alt=spoken_curve(loop.history))
    with right, precision(places):
        st.html(variables(loop.variables))


def where(loop):
    """Where the loop is, in words."""
    return program.where(loop, [f"loss of the last instance {plain(loop.history[-1])}"] if loop.history else [])


def variables(found):
    """The live variables as HTML: name, shape, and numbers or a picture; what the current line has set is marked."""
    rows = "".join(map(_row, found))
    style = "columns:2 17rem;column-gap:1.2rem;margin:0;font-size:.85rem;font-variant-numeric:tabular-nums"
    return f'<dl style="{style}" aria-label="Live variables">{rows}</dl>'


def _row(v):
    """One variable of one layer."""
    name = html.escape(v.name) + (f"<sup>({v.layer})</sup>" if v.layer else "")
    shade = f";background:color-mix(in srgb, {colors.ACCENT} 18%, transparent);box-shadow:inset 4px 0 {colors.ACCENT}" if v.new else ""
    new = f'<div style="{QUIETER}">set by this line</div>' if v.new else ""
    size = f'<div style="{QUIETER}">{" × ".join(map(str, v.shape))}</div>' if v.shape else ""
    style = f"display:flex;gap:.6rem;break-inside:avoid;padding:.3rem .6rem;border-top:1px solid rgba(128,128,128,.3){shade}"
    value = f'<dd style="margin:0;min-width:0;overflow-x:auto">{_value(v)}</dd>'
    return f'<div style="{style}"><dt style="flex:none;width:4.6rem"><b>{name}</b>{size}{new}</dt>{value}</div>'


def _value(v):
    """A number, a table of numbers, a picture of pixels, or a picture and how large the entries are."""
    value = v.value
    if v.name == "∂z/∂b" and (value is None or value.size > CELLS):
        return "the identity"
    if value is None:
        return "zero off the diagonal; too large to show"
    array = np.atleast_2d(np.asarray(value))
    if np.ndim(value) == 0:
        return plain(float(value))
    if (array.size <= CELLS and array.shape[1] <= COLUMNS) or array.size == array.shape[1] <= 12:
        return _numbers(array)
    if array.shape[1] == WIDE and v.name in ("x", "∂z/∂W"):
        every = "every row is x: " if v.name == "∂z/∂W" else ""
        size = 'width="56" height="56" style="image-rendering:pixelated"'
        return f'{every}<img src="{digits.picture(array[0])}" {size} alt="{v.name} as 28 by 28 pixels">'
    if v.name == "∂z/∂W":
        return f"every row is a of the layer before:{_picture(v.name, array[:1])}"
    about = f"length {plain(float(np.linalg.norm(array)))}, entries up to ± {plain(float(np.abs(array).max()))}"
    return f'{_picture(v.name, array)}<div style="{QUIETER}">{about}</div>'


def _numbers(array):
    if len(array) > 1:
        return program.matrix(array)
    numbers = "".join(f'<span style="{"" if np.isfinite(v) else program.BROKEN}">{plain(v)}</span>' for v in array[0].tolist())
    return f'<div style="display:flex;flex-wrap:wrap;gap:.05rem .9rem">{numbers}</div>'


def _picture(name, array):
    """A larger array on the diverging scale: the units as pixels for a layer that sees them, else the matrix itself."""
    if array.shape[1] == WIDE:
        png = base64.b64encode(matrices.unit_pictures(array, most=10, columns=5, zoom=1)).decode()
        uri, what, size = f"data:image/png;base64,{png}", f"the first {min(10, len(array))} units as 28 by 28 pixels", ""
    else:
        down, across = (-(-n // SIDE) for n in array.shape)
        uri = digits.diverging(np.nan_to_num(array[::down, ::across]), matrices.limit(array))
        what = "blue below zero, red above" + (f", every {down}th row and {across}th column" if max(down, across) > 1 else "")
        wide, high = min(18, 0.8 * array.shape[1]), max(1.2, min(8, 0.8 * len(array)))
        size = f";width:{wide:.1f}rem;max-width:100%;height:{high:.1f}rem;image-rendering:pixelated"
    return f'<img src="{uri}" style="display:block{size}" alt="{html.escape(name)}: {what}">'


def curve(losses, instances, epochs):
    """The loss of each instance when its turn came, over the updates; lines where an epoch ends."""
    updates = np.arange(1, len(losses) + 1)
    figure = go.Figure()
    mode = "lines+markers" if len(losses) <= 120 else "lines"
    finite = np.where(np.isfinite(losses), losses, np.nan)
    said = "update %{x}: loss %{customdata}<extra></extra>"
    figure.add_scatter(x=updates, y=finite, mode=mode, line={"color": colors.ACCENT, "width": 1.5}, hovertemplate=said).update_traces(
        customdata=[plain(v) for v in finite]
    )
    ends = [epoch * instances + 0.5 for epoch in range(1, epochs + 1) if epoch * instances <= len(losses)]
    dotted = {"type": "line", "y0": 0, "y1": 1, "yref": "y domain", "line": {"color": colors.MUTED, "width": 1, "dash": "dot"}}
    figure.update_layout(shapes=[dotted | {"x0": end, "x1": end} for end in ends])  # one by one they take two seconds
    title, last = "updates (one update an instance)", max(instances, len(losses))
    figure.update_xaxes(title=title, fixedrange=True, range=[0.5, last + 0.5])
    figure.update_yaxes(title="loss of the instance", rangemode="tozero", fixedrange=True)
    return figure.update_layout(
        height=230, margin={"l": 8, "r": 8, "t": 8, "b": 8}, paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False, dragmode=False, font={"size": 12},
    )  # fmt: skip


def spoken_curve(losses):
    """The curve in words."""
    return f"Loss of each instance over {len(losses)} updates, from {plain(losses[0])} to {plain(losses[-1])}"
