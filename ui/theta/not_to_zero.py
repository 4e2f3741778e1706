"""Three experiments on the scene's data: zeros to start from, a learning rate too large, gradients that vanish with depth."""

import functools

import numpy as np
import streamlit as st

import mlcore
from mlcore.lecture import pitfalls
from mlcore.lecture.film import film
from ui.figures import costs, outputs
from ui.inputs import number
from ui.numbers import plain
from ui.theta import scenes

CODE = (film, pitfalls.units_apart, pitfalls.gradient_norms)
QUIET = {"displayModeBar": False}
LONGEST = 300  # epochs of a run
DEPTHS, WIDTH, NETWORKS = range(1, 7), 8, 10
COLUMNS = 5  # of Θ that are written
ROUNDING = 1e-14  # of Θ, for each unit of α in each update: what is smaller has not moved
NAMES = {"zeros": "zeros", "random": "random numbers"}
STOPPED = "A run stopped before its numbers were no longer finite; Θ is shown as it was then. Take a smaller α."


@functools.lru_cache(16)
def _norms(p, X, y, hidden):
    X, y = np.frombuffer(X).reshape(-1, p), np.frombuffer(y, int)
    return pitfalls.norms_by_depth(X, y, hidden, DEPTHS, WIDTH, NETWORKS)


def norms(X, y, hidden):
    """‖D‖ by layer for every depth."""
    return _norms(X.shape[1], np.asarray(X, float).tobytes(), np.asarray(y, int).tobytes(), hidden)


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


def run(scene, init):
    """The scene's run from zeros, or from its own Θ → Film."""
    return scenes.trained(scene._replace(net=start(scene, init)))


def losses(name, film, epochs):
    """A film's first epochs as the chart takes them: name, J, whether it stops among them."""
    return name, film.J[: epochs + 1], len(film) <= epochs


def after(scene):
    """The scene with Θ as it is after the chosen number of epochs; where the run stops before, with a word."""
    k = scenes.epoch(scene)
    if said := scenes.stopped(scene, k):
        st.caption(said)
    return scene._replace(net=scenes.after(scene, k))


def lopsided(scene):
    """The scene without its last instance where both classes have equally many: at h = ½ their errors cancel, and zeros stay zeros."""
    return scene._replace(X=scene.X[:-1], y=scene.y[:-1]) if 2 * sum(scene.y) == len(scene.y) else scene


def zeros(scene):
    """From zeros and from random numbers: the units after k epochs, the losses."""
    st.markdown("**NOT to 0**")
    used, epochs = lopsided(scene), min(scene.epochs, LONGEST)
    k = number(f"Epochs here (0 to {epochs})", "after", epochs, min(10, epochs))
    if used is not scene:
        st.caption(
            "Both classes have equally many instances. At h = ½ their errors would cancel, D would be 0 and no zero would move: "
            "so this experiment leaves out the last instance."
        )
    films = {name: run(used, init) for name, init in (("zeros", "zeros"), ("random", "auto"))}
    nets = {name: film.network(min(k, len(film) - 1)) for name, film in films.items()}
    for column, (name, net) in zip(st.columns(2, gap="medium"), nets.items()):
        with column:
            apart = max(pitfalls.units_apart(net))
            rows = f"Θ<sup>(1)</sup> after {counted(k, 'epoch')}, a row for each hidden unit"
            st.markdown(f"From {NAMES[name]}: {rows}", unsafe_allow_html=True)
            st.html(units_table(net, name))
            st.markdown(f"Largest difference between units: **{plain(apart)}**")
    st.markdown(verdict(nets["zeros"], scene, k), unsafe_allow_html=True)
    if any(len(film) <= k for film in films.values()):
        st.caption(STOPPED)
    chart([losses(f"from {NAMES[name]}", film, epochs) for name, film in films.items()], "zeros_losses", "J over epochs")


def counted(count, noun):
    """So many of them, in words."""
    return f"{count} {noun}{'s' * (count != 1)}"


def chart(runs, key, said):
    """J of several runs, with the epochs in whole numbers; what is far above the start is drawn at the upper edge."""
    ceiling = round(3 * max(float(runs[0][1][0]), 1.0))
    figure = costs.losses(runs, ceiling)
    if max(len(values) for _, values, _ in runs) < 7:
        figure.update_xaxes(dtick=1)
    st.plotly_chart(figure, key=key, config=QUIET, alt=f"{said}. {ends(runs)}")
    if max(values.max() for _, values, _ in runs) > ceiling:
        st.caption(f"What lies above {ceiling} is drawn at the upper edge.")


def ends(runs):
    """Runs in words: where each ends, and how high J was before."""
    said = []
    for name, values, stopped in runs:
        highest = f", {plain(values.max())} at most" if values.max() > max(values[0], values[-1]) else ""
        stop = ", where it stops" if stopped else ""
        said.append(f"{name}: J {plain(values[-1])} after {counted(len(values) - 1, 'update')}{stop}{highest}")
    return "; ".join(said)


def units_table(net, name):
    """Rows of Θ⁽¹⁾; of many columns those of largest size, the bias first."""
    first = net.layers[0].theta
    count = first.shape[1]
    picked = range(count) if count <= COLUMNS + 1 else [0, *sorted(np.argsort(-np.abs(net.layers[0].W).max(axis=0))[:COLUMNS] + 1)]
    rows = [[f"unit {i + 1}", *map(float, row[list(picked)])] for i, row in enumerate(first)]
    head = ["", *(f"Θ<sub>i{',' if j > 9 else ''}{j}</sub>" for j in picked)]
    return outputs.table(head, rows, alt=f"Θ of the first layer from {name}, a row for each hidden unit")


def verdict(net, scene, k):
    """What zeros do under the scene's activation (erratum 16), as the numbers have it."""
    hidden, rounding = scene.net.hidden, ROUNDING * (1 + scene.rate * k)
    weights, bias = max(float(np.abs(layer.W).max()) for layer in net.layers), float(net.layers[-1].b[0])
    if hidden == "sigmoid":
        apart = max(pitfalls.units_apart(net))
        if apart > rounding * max(1, weights):
            return (
                "All units of a layer get the same error, so in exact numbers they would stay equal. Here rounding broke the symmetry: a "
                f"difference in the last digit grew to {plain(apart)} within {counted(k, 'epoch')} (erratum 16). Random numbers break it "
                "at once."
            )
        here = f"Their difference, {plain(apart)}, is rounding: it" if apart else "Rounding"
        return (
            "All units of a layer get the same error, so they stay equal and the layer works as a single unit; random numbers break the "
            f"symmetry. {here} can grow in many epochs and break it too (erratum 16)."
        )
    moved = f"only the output's bias has moved, to {plain(bias)}" if abs(bias) > rounding else "the output's bias has not moved either"
    return (
        f"With {hidden} every a is g(0) = 0 and every Θ that an error would come back through is 0: after {counted(k, 'epoch')} the "
        f"largest weight is {plain(weights)}, and {moved}. Random numbers break it (erratum 16)."
    )


def too_fast(scene):
    """A step size that fits, one too large and one far too large, on one scene of mlcore's; beside them the scene above."""
    st.markdown("**Learning rate too large**")
    epochs = min(scene.epochs, LONGEST)
    proof = [losses(f"α = {plain(alpha)}", film, pitfalls.EPOCHS) for alpha, film in pitfalls.step_sizes().items()]
    own = [losses(f"α = {plain(scene.rate)}", run(scene, "auto"), epochs)]
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"{pitfalls.POINTS} points of two moons that overlap, 4 sigmoid units, λ = {plain(pitfalls.L2)}, three step sizes")
        chart(proof, "rate_losses", "J over epochs for three step sizes")
        st.caption(". ".join(f"{name}: {course(J, stopped)}" for name, J, stopped in proof) + f". {overshot()}")
    with right:
        st.markdown("The scene above, with its own step size")
        chart(own, "own_losses", "J over epochs in the scene above")
        [(name, J, stopped)] = own
        st.caption(f"{name}: {course(J, stopped)}. A run stops, ×, only where its numbers are no longer finite.")


def course(J, stopped=False):
    """How J went, in words."""
    steps, up = len(J) - 1, pitfalls.rises(J)
    if not steps:
        return f"J is {plain(J[0])}" + ", and the first step leads to numbers that are not finite" * stopped
    way = f"falls at each of {counted(steps, 'step')}" if (np.diff(J) < 0).all() else f"rises at {up} of {counted(steps, 'step')}"
    way = f"rises at each of {counted(steps, 'step')}" if up == steps else way
    highest = f", {plain(J.max())} at most" if J.max() > max(J[0], J[-1]) else ""
    return f"J {way}, from {plain(J[0])} to {plain(J[-1])}{highest}{', where it stops' * stopped}"


def overshot():
    """Why the largest step size diverges, with its numbers."""
    alpha = max(pitfalls.STEP_SIZES)
    return (
        f"With α = {plain(alpha)} the λ part alone multiplies each weight by 1 − αλ = {plain(1 - alpha * pitfalls.L2)} in every step: "
        "it overshoots 0 by more than it was away."
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
            figure, alt = costs.norms(each, low, high), f"Norm of D by layer under {hidden}. {said}"
            st.plotly_chart(figure, key=f"norms_{hidden}", config=QUIET, alt=alt)
            st.caption(said)
    st.caption(
        f"The scene's data before the first update, λ = 0, {WIDTH} units in each hidden layer; a point is the mean over {NETWORKS} random "
        "starts. g′ of the sigmoid is at most 1/4, and on its way back the error is multiplied with it in every layer; relu's is 0 or 1."
    )
