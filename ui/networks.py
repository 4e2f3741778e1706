"""The visitor's own networks: kept when a training ends, named, deleted, saved to a file and loaded from one."""

import contextlib
import io
import re
from pathlib import Path

import streamlit as st

import mlcore
from ui import state, visitor
from ui.text import NAME, one_line, verbatim
from ui.training import report, runs
from ui.training.spec import MOST_POINTS
from ui.uploads import uploader

LARGEST_MB = 32  # any network that mlcore.limits allow


def _id(run):
    """The run's network as it is now; in an address it leads back to the run."""
    return f"{run.id}.{run.last.updates if run.last else 0}"


def kept(run):
    """The id under which this run's network, as it is now, is on the shelf; None if it is not."""
    return _id(run) if _id(run) in state.networks() else None


def keep(run):
    """Put the run's network on the shelf unless it is there → its id. ValueError when the shelf is full."""
    id = _id(run)
    if id not in state.networks():
        so_far = "" if run.over else f", epoch {report.epochs(run.fraction)}"
        state.add_network(run.network(), run.spec.name + so_far, "trained", id)
        runs.want(run, visitor.token(), True)
    return id


def keep_ended():
    """The visitor is here: keep the networks of their trainings that have ended, whichever page is open."""
    runs.seen(visitor.token())
    for run in runs.of(visitor.token()):
        if run.over and report.worth(run) and not run.unwanted:
            with contextlib.suppress(ValueError):  # while the shelf is full, the run has it
                keep(run)


def open_address():
    """At the start of a visit: the network of its address becomes the chosen one, a trained one again from its run, whoever's it is.

    Returns what there is to say where that is not possible.
    """
    asked = st.query_params.get("net")
    if "net" in st.session_state or asked is None:
        return None
    run = runs.get(asked.partition(".")[0])
    if asked not in state.networks():
        if run is None or not report.worth(run) or asked != _id(run):
            return "The network in this link is no longer here, or belongs to another visitor: choose one of yours above."
        try:
            keep(run)
        except ValueError as error:  # the shelf is full
            return verbatim(error)
    if run:
        st.session_state.setdefault("run", run.id)
    state.choose_network(asked)
    return None


def _act(do, id):
    """What a row asks for, unless its network went before: a browser may send a new name together with the press of Delete."""
    if id in state.networks():
        do(id)


def _delete(id):
    state.delete_network(id)
    if run := runs.get(id.partition(".")[0]):
        runs.want(run, visitor.token(), False)


def _own():
    return [entry for entry in state.networks().values() if entry.kind != "shipped"]


def _rename(id):
    state.rename_network(id, st.session_state[f"name_{id}"])


def _load(file):
    try:
        net = mlcore.load(file)
        net.info = sound(net.info)
        id = state.add_network(net, net.info.get("name") or Path(file.name).stem, "loaded")
    except ValueError as error:
        st.session_state["shelf_says"] = "error", verbatim(f"{one_line(file.name, NAME)}: {error}.")
        return
    st.session_state["shelf_says"] = "success", verbatim(f"{state.networks()[id].name} is loaded; choose it above.")


def sound(info):
    """The notes of a file from anywhere, as the app may show them: short texts, accuracies between 0 and 1."""
    texts = {key: one_line(info[key], 80) for key in ("name", "data", "what", "trained", "recipe") if info.get(key) is not None}
    shares = {key: info.get(key) for key in ("test_accuracy", "test_accuracy_strokes")}
    shares = {key: share for key, share in shares.items() if isinstance(share, (int, float)) and 0 <= share <= 1}
    return texts | shares | _sound_points(info)


def _sound_points(info):
    """How the points it was trained on were made, where that makes points."""
    n, noise, seed = (info.get(key) for key in ("n", "noise", "seed"))
    whole = type(n) is int and 20 <= n <= MOST_POINTS and type(seed) is int and 0 <= seed < 2**32
    fits = whole and (noise is None or (type(noise) in (int, float) and 0 <= noise <= 10))
    return {"n": n, "noise": noise, "seed": seed} if fits else {}


def _file(entry):
    def made():
        file = io.BytesIO()
        try:
            net = entry.network.copy()
        except (ValueError, OSError):
            state.lost(entry)
            return b""
        net.info["name"] = entry.name
        mlcore.save(net, file)
        return file.getvalue()

    return made


def _row(entry):
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"own_{entry.id}"):
        st.text_input("Name", entry.name, 60, key=f"name_{entry.id}", on_change=_act, args=(_rename, entry.id), width=260)
        st.button("Use", key=f"use_{entry.id}", on_click=_act, args=(state.choose_network, entry.id), disabled=entry is state.network())
        name = re.sub(r"[^\w.-]+", "-", entry.name).strip("-.") or "network"
        st.download_button(
            "Download", _file(entry), f"{name}.npz", "application/octet-stream", key=f"save_{entry.id}", on_click="ignore"
        )
        st.button("Delete", key=f"delete_{entry.id}", on_click=_act, args=(_delete, entry.id))
        st.text(one_line(entry.summary), width="stretch")


def show():
    """The section: one row a network, and the way in for a file."""
    st.subheader("Your networks")
    own = _own()
    if not own:
        st.caption("A network that you train or load stands here.")
    elif len(own) == state.MOST_OWN:
        st.caption(f"The shelf is full ({state.MOST_OWN} networks); delete one to keep the next.")
    for entry in own:
        _row(entry)
    label = f"Load a network file (.npz, up to {LARGEST_MB} MB)"
    uploader(label, "npz", "network", LARGEST_MB, _load, width=420)
    if says := st.session_state.pop("shelf_says", None):
        kind, text = says
        (st.error if kind == "error" else st.success)(text)
