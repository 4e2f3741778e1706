"""Train: a network learns while you watch, in a process of its own that outlives the page."""

from pathlib import Path

import streamlit as st

from ui import forget, networks, visitor
from ui.components.curves import live_curves
from ui.figures import curves
from ui.numbers import percent
from ui.text import verbatim
from ui.train import controls, settings
from ui.training import report, runs
from ui.training.spec import Spec

EVERY = 0.5
LOSS_HELP = "J on the training set at an epoch's end. The faint curve is its mean over the epoch, as the updates met it."


def picture(run, spec):
    """The network itself: its field over the plane, or its first layer's weights."""
    net = run and run.network()
    if settings.plane(spec.data):
        data = report.points(spec.data, spec.n, spec.noise, spec.seed)
        seen = report.probabilities(net, data.X_train) if net else None
        about = f"The points of {spec.data}, and which class the network sees where"
        st.markdown(curves.field(data.X_train, data.y_train, data.X_test, data.y_test, seen, about), unsafe_allow_html=True)
        st.caption("Colour: the class the network sees there, paler where it is less sure. Rings: held out.")
    elif net:
        image, text = curves.weights(net.layers[0].W)
        st.markdown(image, unsafe_allow_html=True)
        st.caption(text)
    elif not run:
        st.markdown(report.examples(spec.data), unsafe_allow_html=True)


def watch(run, spec, before, moving):
    """Everything that changes while it trains. Reads only."""
    if moving:
        runs.seen(visitor.token())
        if not report.moving(run):
            st.rerun()
    history, n = (run.history, run.instances) if run and run.last and run.instances else ([], None)
    training, held_out, running = curves.measured(history, n)
    for kind, text in report.troubles(run) if run else ():
        (st.error if kind == "error" else st.warning)(text)
    left, right = st.columns([8, 5], gap="medium")
    with left:
        with st.container(horizontal=True, key="figures"):
            test, accuracy = percent(held_out[-1][2]) if held_out else "–", percent(training[-1][2]) if training else "–"
            st.metric("Test accuracy", test, help="Of the held-out set, at an epoch's end.")
            st.metric("Training accuracy", accuracy, help="Of the training set, by the same weights as the test accuracy.")
            st.metric("Training loss", report.number(training[-1][1]) if training else "–", help=LOSS_HELP)
        live_curves(curves.chart(training, held_out, report.guessing(spec), report.axis(spec), before, running))
    with right:
        if run:
            st.progress(*report.standing(run))
            if not controls.own(run):
                st.caption("This is another visitor's training: you can watch it, and use its network once it has paused or ended.")
            st.caption(report.state(run))
            st.caption(report.settings(run.spec))
        else:
            st.caption("Nothing trains yet: choose the settings and press Start. One epoch takes the first and waits.")
        picture(run, spec)


st.html(Path(__file__).parent.parent / "ui/train/train.css")
st.markdown(
    "A network learns from examples, update by update. Try a learning rate of 10, then 0.1; the curves of the run before stay, dotted."
)
run = controls.in_view()
top = st.container()  # above the settings also where columns are stacked, on a phone
left, right = st.columns([10, 33], gap="medium")
with left, st.container(key="settings"):
    settings.form()
with top:
    try:
        spec = settings.spec()
    except ValueError as error:
        if "train_says" not in st.session_state:
            controls.says(verbatim(error))
        spec = None
    controls.buttons(run, spec)
    if complaint := st.session_state.pop("train_says", None):
        st.error(complaint)
with right:
    spec = run.spec if run else spec or Spec()
    before = report.before(runs.get(st.session_state.get("run_before")), spec)
    moving = report.moving(run)
    st.fragment(watch, run_every=EVERY if moving else None)(run, spec, before, moving)
controls.others(run)
networks.show()
forget.show()
