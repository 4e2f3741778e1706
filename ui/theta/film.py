"""A training that can be scrubbed: what the component `film` shows of a scene, and which frame of it."""

import hashlib

import streamlit as st

from mlcore.lecture.film import fields, film
from ui.components import player
from ui.inputs import number
from ui.theta import filming, scenes
from ui.visits import session

CODE = (film, fields)  # what computed it


def show(scene, on_point=None):
    """The film of a Scene, and the epoch it stands at.

    on_point(x, y) is called with a point of the plane that was clicked, before the page runs, while values of inputs may still be set.
    """
    data = frames(scene)
    st.markdown(
        "The training as a film: a frame before each epoch, which is one update, and one at the end. Try: drag along the loss or the slider"
        + (" and watch the boundary; click into the plane to add a point." if scene.plane else " and watch what the units look for.")
    )
    if data["warning"]:
        kind, said = data["warning"]
        getattr(st, kind)(said)

    def clicked():
        if on_point and (place := player.clicked(scenes.FARTHEST)):
            on_point(**place)

    player.film(data, on_point=clicked)
    _place(len(data["J"]) - 1, data["version"])


@session.fragment
def _place(last, version):
    """The frame, typed, in the address, or as the film was put."""
    k = number(f"Epoch (0 to {last})", "epoch", last, 0)

    def moved():
        if (asked := player.asked(last)) is not None:
            st.session_state["epoch"] = asked

    player.frame(version, k, moved)


def frames(scene):
    """What the component takes of a Scene; its version is another where anything of it is."""
    content = scenes.content(scene)
    arguments = scenes.trained(scene), scene.X, scene.y, scene.rate, scene.l2, scene.plane
    made = scenes.computed("Making the film …", scene, ("film", *content), filming.frames, *arguments)
    X, y, rest = content[3], content[4], (*content[:3], *content[5:])
    return made | {"version": hashlib.sha256(repr(rest).encode() + X + y).hexdigest()[:16]}
