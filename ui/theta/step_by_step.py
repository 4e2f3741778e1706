"""Part one's training, walked by layer, line, instance or epoch, also backwards: its pseudo-code beside the variables that are live."""

import html
from functools import partial
from operator import add

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore import backprop
from mlcore.lecture import errata
from mlcore.lecture.descent import LINES, Descent
from mlcore.lecture.vectorised import backward_forms
from ui import colors, program
from ui.numbers import MOST, line, plain, shown
from ui.program import BIAS, QUIET
from ui.theta import scenes
from ui.theta.cost import USUAL
from ui.visits import session
from ui.walk import controls

CODE = (backprop.errors, backprop.average, Descent)  # what computed it
STRIDES = ("epoch", "instance", "line", "layer")
WIDE = 14  # columns of a matrix that is written out
FEW = 7  # numbers of a row within a sentence
# On a phone the columns stand below each other; the chart comes after what the lines have set.
PHONE = (
    "<style>@media (max-width: 640px) { .st-key-walk [data-testid=stHorizontalBlock] { flex-direction: column } "
    ".st-key-walk [data-testid=stColumn], .st-key-walk [data-testid=stColumn] "
    ":is([data-testid=stVerticalBlock], [data-testid=stLayoutWrapper]) { display: contents } .st-key-walk_curve { order: 1 } }</style>"
)
WHOLE = 10  # epochs up to which each is marked: left to itself a short axis has marks between them


def show(scene):
    """The buttons, the pseudo-code beside the variables, J after each epoch."""
    st.markdown(
        "The slide's training, stopped after each line: one update an epoch, after all instances. "
        "Try: fill Δ instance by instance, then see Δ/n, λΘ and the step; go back to where Δ was empty."
    )
    walk(scene)


def _descent(scene):
    """The walk through the scene's run, which all who look at the same scene share."""
    return Descent(scene.net, scene.X, scene.y, scene.rate, scene.l2, scene.epochs, scenes.trained(scene))


@session.fragment
def walk(scene):
    """One stop of the walk."""
    walked = controls(partial(_descent, scene), STRIDES, "at")
    with st.container(key="walk"):
        left, right = st.columns([9, 11], gap="medium")
    with left:
        st.html(program.listing(walked.line, LINES))
        st.markdown(where(walked))
        if walked.steps:
            st.caption(moved(walked), unsafe_allow_html=True)
        if walked.stopped:
            st.error(f"{walked.stopped} Go back, or choose a smaller α.")
        history = walked.history
        st.plotly_chart(curve(history), key="walk_curve", config=QUIET, alt=spoken_curve(history))
    with right:
        st.html(variables(walked.variables))
        st.html(f'<small>The column of the bias unit is <span style="{BIAS}">in this colour, dotted</span>: it has no λ.</small>{PHONE}')
    as_printed(walked)


def as_printed(walked):
    """What is not as printed, with the numbers of this stop; before the first instance those of instance 1."""
    net, k, last = walked.net, walked.place()[1] or 0, walked.depth
    x, y = walked.X[k], walked.y[k]
    back = backward_forms(net, x, y, last - 2).back
    one = errata.one_and_mean(net, walked.X, walked.y, k, last - 1)
    l2 = walked.l2 or USUAL
    whole, by_n = errata.conventions(net, walked.X, walked.y, l2)
    st.caption(
        "Not as printed: a₀ = 1 is added to a⁽¹⁾, which the slide's pseudo-code leaves out (erratum 4). "
        f"Instance {k + 1}: {_listed(x)} becomes {_listed([1.0, *x])}."
    )
    st.caption(
        "Θᵀδ has an entry for the bias unit, which has no z: it is struck out (erratum 3). "
        f"(Θ<sup>({last})</sup>)ᵀ δ<sup>({last + 1})</sup>: {plain(back[0])} goes, {_listed(back[1:])} stays.",
        unsafe_allow_html=True,
    )
    i, j = one.index
    st.caption(
        "Δ adds up the instances' own gradients and D is their mean (erratum 5). "
        f"For Θ<sup>({last})</sup><sub>{i + 1},{j}</sub> instance {k + 1} has aⱼδᵢ = {plain(one.one)}; Δ/n of all is {plain(one.mean)}.",
        unsafe_allow_html=True,
    )
    st.caption(
        "D with its λΘ is the gradient of J = mean cost + (λ/2) ΣΘ², not of λ/(2n) (erratum 6). "
        f"For λ = {plain(l2)} J is {plain(whole.J)}; with λ/(2n) it would be {plain(by_n.J)}."
    )
    st.caption("One update an epoch; part two makes n (erratum 17).")


def _listed(values):
    return f"({', '.join(plain(float(v)) for v in values)})" if len(values) <= FEW else f"a row of {len(values)} numbers"


def where(walked):
    """Where the walk is, in words, and J with its parts."""
    layer = walked.place().layer
    data, penalty = walked.history[-1]
    (data, penalty), sign, J = line((data, penalty), add, data + penalty)
    J = f"J = {plain(data)} + {plain(penalty)} (λ) {'=' if sign == '=' else '≈'} **{plain(J)}**"
    return f"{program.where(walked, [] if layer is None else [f'layer {layer}'])}. {J}"


def moved(walked):
    """The line Θ − αD with its numbers, for the entry of each layer that moved most: "=" where it gives Θ to the last bit."""
    alpha, said, exact = shown(walked.learning_rate, MOST), [], True
    for step in walked.steps:
        (before, D), sign, after = line((step.before, step.D), lambda theta, D: theta - alpha * D, step.after)
        i, j = step.index
        times = plain(D) if D >= 0 else f"({plain(D)})"
        holds = step.exact and sign == "="
        entry = f"Θ<sup>({step.layer})</sup><sub>{i + 1},{j}</sub>"
        said.append(f"{entry}: {plain(before)} − {plain(alpha)} · {times} {'=' if holds else '≈'} {plain(after)}")
        exact &= step.exact
    why = "" if exact else " ≈, as Θ is the run's, which adds up the instances in another order: the last digits differ."
    return f"{'; '.join(said)}.{why}"


def variables(found):
    """The live variables as HTML: what this step has set is marked, the bias unit's part in its own colour."""
    rows = "".join(_row(v) for v in found)
    table = f'<table style="border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums">{rows}</table>'
    return f'<div style="overflow-x:auto" tabindex="0" role="region" aria-label="Live variables">{table}</div>'


def symbol(v):
    """A variable's name with its layers, as on the slide."""
    here, after = (f"<sup>({l})</sup>" for l in (v.layer, v.layer + 1)) if v.layer else ("", "")
    if v.name == "Θᵀδ":
        return f"(Θ{here})ᵀ δ{after}"
    return f"g′(z{here})" if v.name == "g′(z)" else html.escape(v.name) + here


def _row(v):
    name = symbol(v)
    shape = " × ".join(map(str, np.shape(v.value))) if v.dropped is None else f"{len(v.value) + 1}, one struck out"
    mark = f"font-weight:700;box-shadow:inset 4px 0 {colors.ACCENT}" if v.new else "font-weight:500"
    beside = f"{program.QUIETER};display:inline;margin-left:.5rem"
    new = f'<div style="{beside};font-weight:500">set by this line</div>' if v.new else ""
    size = f'<div style="{beside};font-weight:400">{shape}</div>'
    style = f"text-align:left;vertical-align:top;padding:.15rem .6rem;white-space:nowrap;{mark}"
    head = f'<th scope="row" style="{style}">{name}{size}{new}</th>'
    return f'<tr style="border-top:1px solid rgba(128,128,128,.3)">{head}<td style="padding:.15rem .3rem">{_value(v)}</td></tr>'


def _value(v):
    if np.ndim(v.value) == 0:
        return plain(float(v.value))
    rows = np.atleast_2d(v.value)
    if rows.shape[1] > WIDE:
        return f"length {plain(float(np.linalg.norm(rows)))}, entries up to ± {plain(float(np.abs(rows).max()))}"
    return program.matrix(rows, v.bias, v.dropped)


def curve(history):
    """J before each epoch so far, and its two parts; one update an epoch."""
    figure, epochs = go.Figure(), np.arange(len(history))
    total = history.sum(axis=1)
    parts = [("J", total, colors.ACCENT, "solid"), ("data part", history[:, 0], colors.DATA, "dot")]
    if history[:, 1].any():
        parts.append(("λ part", history[:, 1], colors.PENALTY, "dash"))
    for name, values, color, dash in parts:
        said = "epoch %{x}: " + name + " %{customdata}<extra></extra>"
        mode = "lines+markers" if len(history) <= 60 else "lines"
        told = {"customdata": [plain(v) for v in values], "hovertemplate": said}
        figure.add_scatter(x=epochs, y=values, name=name, mode=mode, line={"color": color, "dash": dash, "width": 1.5}, **told)
    figure.update_xaxes(title="epochs, one update each", fixedrange=True, range=[-0.5, max(len(history) - 0.5, 3)])
    if len(history) <= WHOLE:
        figure.update_xaxes(dtick=1)
    figure.update_yaxes(title="J", rangemode="tozero", fixedrange=True)
    return figure.update_layout(
        height=230, margin={"l": 8, "r": 8, "t": 8, "b": 8}, paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": 1.15}, dragmode=False, font={"size": 12},
    )  # fmt: skip


def spoken_curve(history):
    """The curve in words."""
    total = history.sum(axis=1)
    return f"J over {len(history) - 1} epochs, from {plain(total[0])} to {plain(total[-1])}"
