"""Components of our own, one folder each: HTML, CSS and plain JavaScript under the folder's name, without a build step.

Every script finds the functions of numbers.js and colors.js before it, every style sheet the colours as properties, --not-finite for
NOT_FINITE.
"""

import json
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from ui import colors

SHARED = ("numbers", "colors")


class Sources(NamedTuple):
    """What a component is made of, as the browser gets it."""

    html: str
    css: str
    js: str


def sources(name, *parts):
    """The Sources of the folder `name`; its script may be in parts, which come before it in this order."""
    components = Path(__file__).parent
    folder, named = components / name, colors.named()
    html, css = ((folder / f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css"))
    properties = "".join(f"--{key.lower().replace('_', '-')}: {color}; " for key, color in named.items())
    scripts = [*(components / f"{part}.js" for part in SHARED), *(folder / f"{part}.js" for part in (*parts, name))]
    constants = f"const COLORS = {json.dumps(named | {'STOPS': colors.STOPS})};"
    return Sources(html, f":host, :root {{ {properties}}}\n{css}", "\n".join([constants, *(s.read_text("utf-8") for s in scripts)]))


def whole(sent, smallest, largest):
    """The whole number within these bounds that the browser sent; None for anything else."""
    return int(sent) if type(sent) in (int, float) and smallest <= sent <= largest and sent == int(sent) else None


def point(sent, reach):
    """The point {x, y} that the browser sent, both numbers within ± reach; None for anything else."""
    places = [sent.get(name) for name in "xy"] if isinstance(sent, dict) else [None]
    fits = all(type(place) in (int, float) and abs(place) <= reach for place in places)
    return dict(zip("xy", map(float, places))) if fits else None


def selected(sent):
    """What the first point that was selected on a chart says of itself, a dict; empty where none is."""
    for name in ("selection", "points"):
        sent = sent.get(name) if isinstance(sent, dict) else None
    return sent[0] if isinstance(sent, list) and sent and isinstance(sent[0], dict) else {}


def registered(name, *parts):
    """The component of these `sources`, ready to be mounted."""
    return st.components.v2.component(f"backprop_lab_{name}", **sources(name, *parts)._asdict())
