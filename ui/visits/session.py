"""What a visit leaves for the visitor's next one: after each run of a script what has changed goes to disk, a new session begins with it.

What the address of the page says wins over what was kept. Without a cookie by which the browser could come back nothing is written.
"""

import contextlib
import functools
from dataclasses import dataclass, field

import streamlit as st

from ui import addresses, instance, state, visitor
from ui.training import runs
from ui.visits import drawings, networks, settings
from ui.visits.store import Visit

MOST_STEPS = 100  # taken on a copy on Chain rule, and for how many instances
DEEP = {False: "flat", True: "deep"}  # the small examples, without and with hidden units


@dataclass
class Kept:
    """What a session has written, as far as it knows.

    looking: a new visitor, or one who has opened a link, may just have a look: nothing is written before something is changed.
    """

    visit: Visit
    looking: bool = True
    records: dict = field(default_factory=dict)  # {name: contents} of those that are written whole
    drawing: tuple = (None, None, None)
    entries: dict = field(default_factory=dict)
    runs: dict = field(default_factory=dict)  # {id of a run: the name of its record}
    told: set = field(default_factory=set)


def fragment(function=None, chosen=True):
    """st.fragment for a part of a page in which something is drawn or, if not said otherwise, chosen: what changes is kept."""
    if function is None:
        return functools.partial(fragment, chosen=chosen)

    @functools.wraps(function)
    def kept(*args):
        try:
            return function(*args)
        finally:
            keep(chosen)

    return st.fragment(kept)


def begin(page):
    """At the first run of a session: what was kept is there again. page is the title of the one that is opened."""
    if "kept" in st.session_state:
        return
    kept = st.session_state["kept"] = Kept(Visit(visitor.token())) if visitor.comes_back() else None
    if kept is None or not kept.visit.exists():
        return
    chosen, place, numbers = (kept.visit.read(name) for name in ("settings", "place", "numbers"))
    chosen, own = settings.of(chosen), _address(place, page)
    linked = settings.linked(own, place.get("chosen", state.DEFAULT), filter(None, map(_floats, numbers.values())))
    if not linked:
        kept.looking = False
        kept.records = {"settings": chosen, "place": place | {"addresses": {page: own}}, "numbers": numbers}
    networks.put_back(kept, None if linked else place.get("chosen"))
    networks.put_back_runs(kept)
    asked = st.query_params.get("run")
    if asked and runs.get(asked) is None and state.has_news():
        del st.query_params["run"]  # it is told what became of it
    _put_numbers(numbers)
    _put_drawing(kept, place.get("drawn") or "source" in st.query_params)
    _put_place(place)
    addresses.put_back(chosen, page, but_own=linked)
    more = {} if linked else {name: text for name, text in own.items() if name not in st.query_params}
    if more:
        st.query_params.update(more)
        st.rerun()  # inputs are given what was in the address when the run began


def keep(chosen=True):
    """What has changed since the last time goes to disk, soon. chosen: what is chosen and typed, too; to look for that takes longest."""
    kept = st.session_state.get("kept")
    if kept is None or kept.visit.out_of_date:
        return
    if kept.visit.gone:  # it made room for others, and goes on after all
        st.session_state["kept"] = kept = Kept(Visit(visitor.token()), False, runs=kept.runs)
    before = kept.records
    kept.records = now = {"settings": settings.now(), "place": _place(), "numbers": _numbers()} if chosen or not before else before
    changed = any([_keep_drawing(kept), networks.keep(kept), bool(before) and _touched(before, now)])
    networks.keep_runs(kept)
    if kept.looking:
        if not changed:
            return
        kept.looking, before = False, {}
    if now["settings"] != before.get("settings"):
        kept.visit.change("settings", settings.change(before.get("settings", {}), now["settings"]))
    for name in ("place", "numbers"):
        if now[name] != before.get(name):
            kept.visit.change(name, functools.partial(_with_addresses, now[name]))


def _touched(before, now):
    """Whether anything was changed; what comes with another page is not."""
    pairs = [(before[name], now[name]) for name in ("settings", "numbers")]
    pairs.append([{key: value for key, value in records["place"].items() if key != "addresses"} for records in (before, now)])
    return any(old[key] != new.get(key) for old, new in pairs for key in old)


def forgotten():
    """Whether the visitor asked to be forgotten since this session began; it lets go of what it has."""
    kept = st.session_state.get("kept")
    if kept is None or not kept.visit.out_of_date:
        return False
    st.session_state.pop("lab", None)
    return True


def start(spec, one_epoch=False, instructor=False):
    """Start a training of this visitor's → Run, in a way that it outlives the server. ValueError as `runs.start`."""
    return networks.start(st.session_state.get("kept"), spec, one_epoch, instructor)


def told():
    """What there is to tell the visitor; it counts as told."""
    kept = st.session_state.get("kept")
    said = state.told()
    if kept:
        said += [sentence for sentence in kept.visit.said if sentence not in kept.told]
        kept.told.update(said)
    return said


def _place():
    get, inst = st.session_state.get, state.instance()
    walked = [[list(sizes), output, at] for (sizes, output), at in get("walked", {}).items()]
    taken = {key: list(rates[-MOST_STEPS:]) for key, rates in list(get("taken", {}).items())[-MOST_STEPS:] if rates}
    drawn = inst is not None and get("drawn") == inst.x.tobytes()
    here = {get("page", ""): settings.address()}
    return {"chosen": state.network().id, "drawn": drawn, "walked": walked, "taken": taken, "addresses": here}


def _put_place(place):
    with contextlib.suppress(TypeError, ValueError, AttributeError):
        walked = {(tuple(map(int, sizes)), str(output)): int(at) for sizes, output, at in settings.rows(place, "walked")}
        taken = {str(key): [float(rate) for rate in rates] for key, rates in place.get("taken", {}).items()}
        if "cell" not in st.query_params:
            st.session_state["walked"] = walked
        st.session_state["taken"] = taken


def _numbers():
    return {DEEP[hidden]: values for hidden, values in state.typed().items()}


def _put_numbers(numbers):
    for hidden, name in DEEP.items():
        with contextlib.suppress(TypeError, ValueError):
            if values := _floats(numbers.get(name)):
                state.put_numbers(state.example(hidden), values)


def _keep_drawing(kept):
    inst = state.instance()
    now = (inst, inst and inst.json, inst and inst.label)
    if all(a is b for a, b in zip(now, kept.drawing)):
        return False
    kept.drawing = now
    if inst is None:
        kept.visit.remove("drawing")
    else:
        kept.visit.change("drawing", lambda _: drawings.record(inst), replaces=True)
    return True


def _put_drawing(kept, looked_at):
    """looked_at: it has been shown already, and need not take the place of what is looked at."""
    with contextlib.suppress(ValueError):
        inst = drawings.instance(kept.visit.read("drawing"))
        state.set_instance(inst)
        kept.drawing = (inst, inst.json, inst.label)
        if looked_at:
            st.session_state["drawn"] = inst.x.tobytes()


def _with_addresses(value, before):
    """Each page's own address stays."""
    return value | ({"addresses": _addresses(before) | value["addresses"]} if "addresses" in value else {})


def _addresses(place):
    found = place.get("addresses")
    return found if isinstance(found, dict) else {}


def _address(place, page):
    found = _addresses(place).get(page)
    sound = isinstance(found, dict) and all(isinstance(part, str) for pair in found.items() for part in pair)
    return found if sound else {}


def _floats(values):
    """A list of finite numbers that an example may have, or None."""
    sound = isinstance(values, list) and all(isinstance(v, float) and abs(v) <= instance.LARGEST for v in values)
    return values if sound else None
