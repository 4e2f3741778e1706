"""A training as a film: the field of each frame over the plane, the hidden units, the parts of J; scrubbed in the browser.

The frames are sent once, in a message that stays the same; where the film is goes to and fro in a message of its own, which is small.
"""

from pathlib import Path

import streamlit as st

from ui.components import point, registered, whole

FRAME = (Path(__file__).parent / "frame.js").read_text("utf-8")
_mount = registered("player")
_place = st.components.v2.component("backprop_lab_player_frame", js=FRAME)


def film(data, key="film", on_point=lambda: None):
    """Show the frames that `ui.theta.film.frames` made. on_point is called when a point of the plane was clicked, see `clicked`."""
    _mount(key=key, data=data, on_point_change=on_point)


def frame(version, k, on_frame, key="film_frame"):
    """Put the film of this version on frame k. on_frame is called when the visitor has put it elsewhere, see `asked`."""
    _place(key=key, data={"version": version, "frame": k}, on_frame_change=on_frame, height=1)


def asked(last, key="film_frame"):
    """The frame, 0 to last, that the visitor has just put the film on, or None; within on_frame."""
    return whole(st.session_state[key].get("frame"), 0, last)


def clicked(reach, key="film"):
    """The point {x, y} that was just clicked, both within ± reach, or None; within on_point."""
    return point(st.session_state[key].get("point"), reach)
