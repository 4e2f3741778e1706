"""Train: a network learns while you watch, in a process of its own that outlives the page."""

from pathlib import Path

import streamlit as st

from ui import networks, state, visitor
from ui.components.curves import live_curves
from ui.figures import curves
from ui.numbers import percent
from ui.text import verbatim
from ui.train import settings
from ui.training import report, runs
from ui.training.spec import Spec

EVERY = 0.5
LOSS_HELP = "J on the training set at an epoch's end. The faint curve is its mean over the epoch, as the updates met it."


def attached():
    """The run of this address, else of this visit; None without one. An address that leads nowhere is said."""
    asked = st.query_params.get("run")
    id = asked or st.session_state.get("run")
    run = runs.get(id) if id else None
    if run:
        st.session_state["run"] = st.query_params["run"] = run.id
    elif asked:
        st.session_state["train_says"] = "The training in this address is not known here any more; press Start to begin another."
        del st.query_params["run"]
    return run


def start(one_epoch=False):
    try:
        run = runs.start(settings.spec(), visitor.token(), one_epoch)
    except ValueError as error:
        st.session_state["train_says"] = verbatim(error)
        return
    st.session_state["run_before"] = st.session_state.get("run")
    st.session_state["run"] = st.query_params["run"] = run.id


def use(run):
    """The network as it is now becomes the one that every page shows."""
    try:
        state.choose_network(networks.keep(run))
    except ValueError as error:
        st.session_state["train_says"] = verbatim(error)


def controls(run):
    busy = run is not None and not run.over
    paused, moving = busy and run.status == "paused", report.moving(run)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="controls"):
        st.button("Start", type="primary", on_click=start, disabled=busy, help="Trains with the settings as they stand.")
        if paused:
            st.button("Resume", on_click=run.resume)
        else:
            st.button("Pause", on_click=run.pause if run else None, disabled=not moving or bool(run.place))
        one = (run.resume, {"one_epoch": True}) if paused else (start, {"one_epoch": True})
        st.button("One epoch", on_click=one[0], kwargs=one[1], disabled=moving)
        st.button("Stop", on_click=run.stop if run else None, disabled=not busy)
        if run and not moving and report.worth(run):
            used = networks.kept(run) == state.network().id
            label = "In use" if used else "Use it as it is now" if paused else "Use it"
            st.button(label, on_click=use, args=(run,), disabled=used, help="Draw and Gradients show this network then.")


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
        run.touch()
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
            st.caption(report.state(run))
            st.caption(report.settings(run.spec))
        else:
            st.caption("Nothing trains yet: choose the settings and press Start. One epoch takes the first and waits.")
        picture(run, spec)


st.html(Path(__file__).parent.parent / "ui/train/train.css")
st.markdown(
    "A network learns from examples, update by update. Try a learning rate of 10, then 0.1; the curves of the run before stay, dotted."
)
run = attached()
top = st.container()  # above the settings also where columns are stacked, on a phone
left, right = st.columns([10, 33], gap="medium")
with left, st.container(key="settings"):
    settings.form()
with top:
    try:
        spec = settings.spec()
    except ValueError as error:
        st.session_state.setdefault("train_says", verbatim(error))
        spec = None
    controls(run)
    if complaint := st.session_state.pop("train_says", None):
        st.error(complaint)
with right:
    spec = run.spec if run else spec or Spec()
    before = report.before(runs.get(st.session_state.get("run_before")), spec)
    moving = report.moving(run)
    st.fragment(watch, run_every=EVERY if moving else None)(run, spec, before, moving)
networks.show()
