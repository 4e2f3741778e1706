"""What was chosen and typed, on all pages: which of it is kept, and whether an address asks for something else."""

import functools
import math
import re

import streamlit as st

from ui import addresses

SWITCHES = ("deep", "left_turned", "right_turned", "third_turned")  # the inputs that are on or off
PASSING = {  # what concerns one visit alone
    "page", "net", "run", "run_before", "visitor", "train_says", "complaint", "sheets", "numbers_of",
}  # fmt: skip
OF_THINGS = re.compile(r"(name|example|label|file)_.*|paper[0-9]+")  # inputs that belong to a network, a number, a drawing
LONGEST, MOST = 100_000, 500  # characters of a setting, settings
NOT_ASKED = {"run", "drawn", "cell"}  # names in the address that say nothing of the scene, or that the browser writes itself


def carried(key, value):
    """Whether this is something that was chosen or typed. Buttons cannot be set, and a network's name is the network's, not its input's."""
    return isinstance(value, (str, int, float)) and (not isinstance(value, bool) or key in SWITCHES) and not key.startswith("name_")


def now():
    """What is chosen and typed now, {(name, owner): value}, as `addresses.everybodys` has it."""
    values = addresses.everybodys().items()
    return {key: value for key, value in values if carried(key[0], value) and key[0] not in PASSING and not OF_THINGS.fullmatch(key[0])}


def change(before, after):
    """What makes of a record with the settings before one with those after, and leaves to it what other sessions have changed."""
    changed = {key: value for key, value in after.items() if key not in before or before[key] != value}
    return functools.partial(_merged, changed, before.keys() - after.keys())


def of(record):
    """The settings of the record, {(name, owner): value}."""
    return {(name, _owner(whose)): value for name, whose, value in rows(record) if _is_setting(name, value)}


def _merged(changed, gone, record):
    settings = of(record) | changed
    kept = [[name, whose, value] for (name, whose), value in settings.items() if (name, whose) not in gone]
    return {"rows": kept[-MOST:]}


def rows(record, key="rows"):
    """The rows of three of a record."""
    found = record.get(key)
    return [row for row in found if isinstance(row, list) and len(row) == 3] if isinstance(found, list) else []


def _owner(whose):
    return tuple(whose) if isinstance(whose, list) else whose


def _is_setting(name, value):
    if not isinstance(name, str) or name in PASSING or OF_THINGS.fullmatch(name) or not carried(name, value):
        return False
    return math.isfinite(value) if isinstance(value, float) else not isinstance(value, str) or len(value) <= LONGEST


def address():
    """What the address says of this page's scene, {name: text}; the network and the numbers of an example write themselves into it."""
    return {name: text for name, text in st.query_params.items() if name not in (*NOT_ASKED, "net", "numbers")}


def linked(own, net, numbers):
    """Whether the page was opened with another address than the visitor's own; what a link leaves out is as usual, for all who open it.

    own: what `address` was when the visitor was last here, net: the network that was chosen, numbers: [x, Θ by rows, …] of the examples.
    """
    if not all(_alike(text, own.get(name)) for name, text in address().items()):
        return True
    if st.query_params.get("net", net) != net:
        return True
    texts = ["_".join(map(repr, one)) for one in numbers]
    return "numbers" in st.query_params and st.query_params["numbers"] not in texts


def _alike(text, other):
    try:
        return text == other or float(text) == float(other)
    except (TypeError, ValueError):
        return False
