"""What a visitor can do with trainings: start one, see any whose name they have, and control their own; the instructor may stop any."""

import streamlit as st

from ui import networks, state, visitor
from ui.text import verbatim
from ui.train import settings
from ui.training import report, runs
from ui.visits import session

EVERY, MOST_SHOWN = 3.0, 100  # seconds between looks at the list, and trainings in it
UNKNOWN = "This training no longer exists; press Start to begin a new one."


def says(text):
    """Have the page say this once, above the settings; what is from outside has been through ui.text."""
    st.session_state["train_says"] = text


def in_view():
    """The run of this address, else the one that was shown last, else the visitor's own that goes on; None without one."""
    asked = st.query_params.get("run")
    id = asked or st.session_state.get("run") or next((run.id for run in runs.of(visitor.token())[::-1] if not run.over), None)
    run = runs.get(id) if id else None
    if run:
        view(run.id)
    elif asked:
        says(UNKNOWN)
        del st.query_params["run"]
    return run


def view(id):
    """Show the run with this id."""
    st.session_state["run"] = st.query_params["run"] = id


def own(run):
    """Whether this visitor started it."""
    return run is not None and runs.belongs(run, visitor.token())


def start(one_epoch=False):
    try:
        run = session.start(settings.spec(), one_epoch, visitor.is_instructor())
    except ValueError as error:
        says(verbatim(error))
        return
    st.session_state["run_before"] = st.session_state.get("run")
    view(run.id)


def act(do, id, **how):
    """Have `runs` pause, resume or stop the run with this id, if this visitor may."""
    run = runs.get(id)
    try:
        if run is None:
            raise PermissionError(UNKNOWN)
        do(run, visitor.token(), **how)
    except PermissionError as error:
        says(verbatim(error))


def stop(id):
    act(runs.stop, id, instructor=visitor.is_instructor())


def use(run):
    """The network as it is now becomes the one that every page shows."""
    try:
        state.choose_network(networks.keep(run))
    except ValueError as error:
        says(verbatim(error))


def buttons(run, spec):
    """The row above the settings. A run of another visitor's has no button but the one that uses its network."""
    mine, moving = own(run), report.moving(run)
    paused = mine and run.status == "paused"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="controls"):
        st.button("Start", type="primary", on_click=start, disabled=mine and moving, help="Trains with the settings as they stand.")
        if mine or run is None:
            if paused:
                st.button("Resume", on_click=act, args=(runs.resume, run.id))
            else:
                st.button("Pause", on_click=act, args=(runs.pause, run and run.id), disabled=not moving)
            one = {"on_click": act, "args": (runs.resume, run.id)} if paused else {"on_click": start}
            st.button("One epoch", kwargs={"one_epoch": True}, disabled=moving, **one)
            st.button("Stop", on_click=stop, args=(run and run.id,), disabled=run is None or run.over)
        if run and not moving and report.worth(run):
            used = networks.kept(run) == state.network().id
            label = "In use" if used else "Use it" if run.over else "Use it as it is now"
            st.button(label, on_click=use, args=(run,), disabled=used, help="Draw and Gradients show this network then.")
        if spec and not (mine and moving):
            known = report.length(spec, visitor.is_instructor())
            st.fragment(_length, run_every=None if known else 1.0)(spec)


def _length(spec):
    """How long it will take: asked again until the speed of this machine is known."""
    st.caption(report.length(spec, visitor.is_instructor()))


def others(run):
    """The visitor's other trainings that are not over; for the instructor everybody's."""
    instructor = visitor.is_instructor()
    listed = runs.everyones() if instructor else [one for one in runs.of(visitor.token()) if one is not run and not one.over]
    if not listed:
        return
    st.subheader("All trainings" if instructor else "Your other trainings")
    listed = sorted(listed, key=lambda one: (one.over, -one.started.timestamp()))[:MOST_SHOWN]
    st.fragment(_rows, run_every=EVERY if any(map(report.moving, listed)) else None)(listed, run, instructor)


def _rows(listed, run, instructor):
    """Where each stands; a button's press concerns the whole page."""
    pressed = []
    for one in listed:
        whose = ("yours" if own(one) else f"visitor {one.number}") if instructor else ""
        with st.container(horizontal=True, vertical_alignment="center", key=f"run_{one.id}"):
            pressed.append(st.button("Show", key=f"show_{one.id}", on_click=view, args=(one.id,), disabled=one is run))
            pressed.append(st.button("Stop", key=f"stop_{one.id}", on_click=stop, args=(one.id,), disabled=one.over))
            st.text(report.row(one, whose))
    if any(pressed):
        st.rerun()
