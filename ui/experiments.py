"""Three experiments on the scene's data: zeros to start from, a learning rate too large, gradients that vanish with depth."""

import numpy as np
import streamlit as st

import mlcore
from mlcore import experiments
from ui.arithmetic import plain
from ui.figures import outputs, theta
from ui.inputs import number

QUIET = {"displayModeBar": False}
LONGEST = 300  # epochs of a run
DEPTHS, WIDTH, NETWORKS = range(1, 7), 8, 10
COLUMNS = 5  # of Θ that are written
ROUNDING = 1e-12  # a weight below it has not moved
FASTER = (1, 10, 100)
NAMES = {"zeros": "zeros", "random": "random numbers"}
STOPPED = "The run diverged; Θ is shown as it was before that. Take a smaller α."


def _bits(net):
    return net.sizes, net.hidden, [layer.theta.tobytes() for layer in net.layers]


remembered = st.cache_data(show_spinner=False, max_entries=64, hash_funcs={mlcore.Network: _bits})


@remembered
def descend(net, X, y, rate, l2, epochs):
    """mlcore's run, remembered."""
    return experiments.descend(net, X, y, rate, l2, epochs)


@remembered
def norms(X, y, hidden):
    """‖D‖ by layer for every depth."""
    return experiments.norms_by_depth(X, y, hidden, DEPTHS, WIDTH, NETWORKS)


def show(scene):
    """The section."""
    st.markdown(
        "The slide says: initialize all Θ randomly, NOT to 0. What happens otherwise, and two more ways for a network not to learn. "
        "Try: change the activation and look at the units again; then raise α until the loss breaks away."
    )
    zeros(scene)
    too_fast(scene)
    vanishing(scene)


def start(scene, init):
    """Where a run starts: zeros, or the scene's own Θ, which may be zeros too and is drawn anew then."""
    net = scene.net
    if init == "auto" and any(layer.W.any() for layer in net.layers):
        return net
    return mlcore.Network(net.sizes, net.hidden, net.output, 0, "float64", init)


def epoch(scene):
    """How many updates have passed, as chosen; the same number in every section."""
    epochs = min(scene.epochs, LONGEST)
    return number(f"Epoch (0 to {epochs})", "after", epochs, min(10, epochs))


def after(scene):
    """The scene with Θ as it is after the chosen number of epochs."""
    run = descend(scene.net, scene.X, scene.y, scene.rate, scene.l2, epoch(scene))
    if run.diverged:
        st.caption(STOPPED)
    return scene._replace(net=run.net)


def zeros(scene):
    """From zeros and from random numbers: the units after k epochs, the losses."""
    st.markdown("**NOT to 0**")
    k, epochs = epoch(scene), min(scene.epochs, LONGEST)
    starts = {"zeros": start(scene, "zeros"), "random": start(scene, "auto")}
    seen = {name: descend(net, scene.X, scene.y, scene.rate, scene.l2, k) for name, net in starts.items()}
    columns = st.columns(2, gap="medium")
    for column, (name, run) in zip(columns, seen.items()):
        with column:
            apart = max(experiments.units_apart(run.net))
            st.markdown(f"From {NAMES[name]}: Θ<sup>(1)</sup> after {k} epochs, a row for each hidden unit", unsafe_allow_html=True)
            st.html(units_table(run.net, name))
            st.markdown(f"Largest difference between units: **{plain(apart)}**")
    st.markdown(verdict(seen["zeros"], scene, k), unsafe_allow_html=True)
    if seen["random"].diverged or seen["zeros"].diverged:
        st.caption(STOPPED)
    runs = [(f"from {NAMES[name]}", *descend(net, scene.X, scene.y, scene.rate, scene.l2, epochs)[1:]) for name, net in starts.items()]
    st.plotly_chart(theta.losses(runs), key="zeros_losses", config=QUIET, alt=f"J over epochs. {theta.spoken(runs)}")


def units_table(net, name):
    """Rows of Θ⁽¹⁾; of many columns those of largest size, the bias first."""
    first = net.layers[0].theta
    count = first.shape[1]
    picked = range(count) if count <= COLUMNS + 1 else [0, *sorted(np.argsort(-np.abs(net.layers[0].W).max(axis=0))[:COLUMNS] + 1)]
    rows = [[f"unit {i + 1}", *map(float, row[list(picked)])] for i, row in enumerate(first)]
    head = ["", *(f"Θ<sub>i{',' if j > 9 else ''}{j}</sub>" for j in picked)]
    return outputs.table(head, rows, alt=f"Θ of the first layer from {name}, a row for each hidden unit")


def verdict(run, scene, k):
    """What zeros do under the scene's activation (erratum 16)."""
    weights = max(float(np.abs(layer.W).max()) for layer in run.net.layers)
    hidden = scene.net.hidden
    if hidden == "sigmoid":
        said = (
            "All units of a layer get the same error, so they stay equal and the layer works as a single unit; random numbers break the "
            "symmetry. Rounding can break it too, after many epochs: a difference of size 1e−16 grows (erratum 16)."
        )
        if 2 * sum(scene.y) == len(scene.y) and weights < ROUNDING:
            said += " Here both classes have equally many instances: at h = ½ their errors cancel, D is 0, and tiny numbers are rounding. "
            said += "Add a point, and the units move, all alike."
        return said
    bias = float(run.net.layers[-1].b[0])
    return (
        f"With {hidden} every a is g(0) = 0 and every Θ that an error would come back through is 0: after {k} epochs the largest weight is "
        f"{plain(weights)}, and only the output's bias has moved, to {plain(bias)}. Random numbers break it (erratum 16)."
    )


def too_fast(scene):
    """The same start with α, 10 α and 100 α."""
    st.markdown("**Learning rate too large**")
    epochs = min(scene.epochs, LONGEST)
    runs = []
    for times in FASTER:
        rate = times * scene.rate
        runs.append((f"α = {rate:g}", *descend(start(scene, "auto"), scene.X, scene.y, rate, scene.l2, epochs)[1:]))
    ceiling = round(3 * max(float(runs[0][1][0]), 1.0))
    figure = theta.losses(runs, ceiling)
    st.plotly_chart(figure, key="rate_losses", config=QUIET, alt=f"J over epochs for three step sizes. {theta.spoken(runs)}")
    st.caption(
        f"{theta.spoken(runs)}. A run is stopped, ×, when J is more than ten times what it was or not a number; "
        f"what lies above {plain(ceiling)} is drawn at the upper edge."
    )


def vanishing(scene):
    """‖D‖ by layer under sigmoid and relu."""
    st.markdown("**Vanishing gradient with depth**")
    found = {hidden: norms(scene.X, scene.y, hidden) for hidden in ("sigmoid", "relu")}
    every = np.concatenate([values for each in found.values() for values in each])
    low, high = float(every[every > 0].min()), float(every.max())
    for column, (hidden, each) in zip(st.columns(2, gap="medium"), found.items()):
        with column:
            st.markdown(f"‖D<sup>(l)</sup>‖ by layer under **{hidden}**, one line for each number of hidden layers", unsafe_allow_html=True)
            said = f"{DEPTHS[-1]} hidden layers: {plain(each[-1][0])} at Θ⁽¹⁾, {plain(each[-1][-1])} at the output's Θ."
            figure, alt = theta.norms(each, low, high), f"Norm of D by layer under {hidden}. {said}"
            st.plotly_chart(figure, key=f"norms_{hidden}", config=QUIET, alt=alt)
            st.caption(said)
    st.caption(
        f"The scene's data before the first update, λ = 0, {WIDTH} units in each hidden layer; a point is the mean over {NETWORKS} random "
        "starts. g′ of the sigmoid is at most 1/4, and on its way back the error is multiplied with it in every layer; relu's is 0 or 1."
    )
