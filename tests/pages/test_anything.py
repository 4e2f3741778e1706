"""Whatever stands in an address, and whatever a browser says for a component: no page ends in an error, then or later in the visit.

Some are drawn in each run of the tests. ADDRESSES=2000 EVENTS=500 draws so many of each, and tells which were slow.
"""

import contextlib
import json
import os
import urllib.parse

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.served import served
from tests.wire import Visitor, drawing, query
from ui.addresses import FORMER, OWN

PAGES = {
    "": "Draw", "train": "Train", "gradients": "Gradients", "softmax": "Softmax", "chain-rule": "Chain rule",
    "backpropagation": "Backpropagation (Θ)",
}  # fmt: skip
# What shows each page's inputs, all of them together.
SCENES = {
    "": [{}],
    "train": [{}, {"data": "moons"}],
    "gradients": [{}, {"source": "Batch"}],
    "softmax": [{"source": "Data"}, *({"section": one} for one in ("Outputs", "Steps", "Cancellation"))],
    "chain-rule": [{}, {"section": "The loop"}, {"section": "Which product is it?", "deep": "true", "then": "× matrix"}],
    "backpropagation": [{}, *({"section": one} for one in ("Film", "Vectorised", "Step by step", "NOT to 0")), {"data": "digits"}],
}
# What stands in addresses beside what addresses.OWN names: on every page, and on one.
COMMON = {"net", "run", "numbers", "cell", "drawn", "embed", "unheard of", "source", "instance", "digits", "notation", "layer"}
MORE = {
    "": set(),
    "train": {"optimizer"},
    "gradients": {"array", "row", "col"},
    "softmax": {"deep", "y", "logit", "by", "add", "temperature", "dtype", "sure", "logits"},
    "chain-rule": {"deep", "y", "left", "product", "right", "then", "third", "left_turned", "right_turned", "third_turned"},
    "backpropagation": {"more", "zero", "one", "nodes", "after", "label"},
}
NAMES = {page: sorted(COMMON | MORE[page] | OWN[title] | set(FORMER.get(title, ()))) for page, title in PAGES.items()}
OFFERED = [
    "1", "2", "7", "40", "400", "0.5", "true", "3, 3", "16", "all", "moons", "digits", "xor", "tanh", "relu", "softmax", "sigmoid", "Adam",
    "Example", "Data", "Batch", "Drawing", "zeros", "to zeros", "Θ", "∂L/∂a", "∂a/∂z", "a", "nothing", "⊗ outer", "0.5, -1, 1; 0, 2, 0",
]  # fmt: skip
HOSTILE = [
    "", " ", "x", "inf", "-inf", "nan", "-1", "0", "1", "1.5", "1e999", "1e300", "-1e300", "1e-320", "9" * 21, "9" * 400, "0x10", "1_0",
    "½", "²", "٣", "true", "None", "[]", "{}", "[a](b)", "<b>", "\0", "\ud7ff", "x" * 5000, "1," * 2000, "1_" * 20, "a.0", "../..",
    "%", "1;2", "0, 0, 1",
]  # fmt: skip
EVERY = os.environ.get("ADDRESSES"), os.environ.get("EVENTS")


def drawn(count, usual):
    """How many examples; the same ones in each run, unless more are asked for."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=int(count or usual), deadline=None, derandomize=not count, database=None, suppress_health_check=checks)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with served(tmp_path_factory.mktemp("app") / "log.txt") as url:
        yield url


def parameters(page):
    """What stands in a page's address: one to five names, values that some page offers and others, some of them twice."""
    value = st.sampled_from(HOSTILE) | st.sampled_from(OFFERED) | st.text(max_size=20)
    some = st.dictionaries(st.sampled_from(NAMES[page]), st.lists(value, min_size=1, max_size=2), min_size=1, max_size=5)
    return st.tuples(st.just(page), st.sampled_from(SCENES[page]), some)


def test_no_address_ends_in_an_error(app):
    slow, usual = [], {}

    @drawn(EVERY[0], 20)
    @given(st.sampled_from(sorted(PAGES)).flatmap(parameters))
    def check(drawn):
        page, scene, asked = drawn
        address = query(**scene | asked).replace("%25", "%")
        with Visitor(app) as visitor:
            visitor.open(page, address)
            assert not visitor.exceptions, (page, address)
            assert set(visitor.bound()) <= set(NAMES[page]), "an input that this test does not know"
            if EVERY[0]:
                plain = query(**scene)
                usual[page, plain] = usual.get((page, plain)) or fastest(app, page, plain)
                if visitor.took > 3 * usual[page, plain]:  # for its own scene, a large one perhaps, or for what is wrong with it?
                    slow.append((fastest(app, page, address) / fastest(app, page, visitor.query), visitor.took, page, address[:150]))

    check()
    print(f"{len(slow)} of {EVERY[0]} took more than 3 times their page's time", *sorted(slow, reverse=True)[:12], sep="\n")
    assert not slow or max(slow)[0] < 3, "slower than the address that the page has made of it"


def fastest(app, page, address):
    """How long an address takes at best, of three visits, in s."""
    took = []
    for _ in range(3):
        with Visitor(app) as visitor:
            took.append(visitor.open(page, address).took)
    return min(took)


def test_an_address_of_the_history_ends_in_no_error(app):
    """On the way back in a browser the address comes before what the visit has."""
    with Visitor(app) as visitor:
        visitor.open("train")
        for address in ("seed=inf", "epochs=nan&alpha=inf", "data=", "size=x&units=x", "alpha=1e999"):
            visitor.query = address
            visitor.say(history=True)
            assert not visitor.exceptions, address


ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([10**400, 1e308, -1, 10]) | st.text(max_size=5)
JSON = st.recursive(ANY, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=8)
DEEP = st.sampled_from([30, 300, 900]).map(lambda levels: json.loads("[" * levels + "]" * levels))
RAW = st.sampled_from(["", "{", "null", "5", "NaN", "[" * 90_000 + "]" * 90_000, '{"a":' * 5000 + "1" + "}" * 5000, "7" * 5000])
FILM = {"section": "Film", "epochs": 20}
# Where each component is, the field that its value goes in, and one that is right.
COMPONENTS = [
    ("", {}, "answer", "json_trigger_value", [{"event": "picked", "value": 3}]),
    ("", {}, "answer", "json_value", {"picked": 3}),
    ("", {"section": "Teach it"}, "streamlit_drawable_canvas", "json_value", drawing(2)),
    ("", {}, "streamlit_drawable_canvas", "json_value", drawing(3) | {"backgroundFit": None}),
    ("chain-rule", {}, "chain", "json_value", {"position": 7}),
    ("backpropagation", {}, "chain", "json_value", {"position": 7}),
    ("backpropagation", FILM, "player", "json_trigger_value", [{"event": "point", "value": {"x": 1, "y": 0.5}}]),
    ("backpropagation", FILM, "player", "json_value", {"point": {"x": 1, "y": 0.5}}),
    ("backpropagation", FILM, "player_frame", "json_trigger_value", [{"event": "frame", "value": 9}]),
    ("backpropagation", FILM, "player_frame", "json_value", {"frame": 9}),
    ("train", {}, "curves", "json_value", {}),
    ("train", {}, "link", "json_value", {}),
    ("gradients", {}, "map_", "string_value", {"selection": {"points": [{"x": 3, "y": 2}], "box": []}}),
]  # fmt: skip


def places(value, at=()):
    """Where something stands in a value, the whole first."""
    yield at
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from places(part, (*at, name))


def replaced(value, at, other):
    if not at:
        return other
    copy = value.copy()
    copy[at[0]] = replaced(value[at[0]], at[1:], other)
    return copy


def spoilt(component):
    """The right value of a component with one part of it another, or anything at all."""
    right = component[-1]
    put = st.builds(lambda at, other: json.dumps(replaced(right, at, other)), st.sampled_from([*places(right)]), JSON | DEEP)
    return st.tuples(st.just(component), put | put | put | RAW | JSON.map(json.dumps))


def send(visitor, name, field, text):
    id = visitor.component(name)
    return visitor.say((visitor.events(id) if field == "json_trigger_value" else id, field, text), fragment=visitor.fragments[id])


def test_no_value_of_a_component_ends_in_an_error(app):
    @drawn(EVERY[1], 12)
    @given(st.sampled_from(COMPONENTS).flatmap(spoilt))
    def check(drawn):
        (page, scene, name, field, right), text = drawn
        with Visitor(app) as visitor:
            visitor.open(page, query(**scene))
            said = []
            if name == "streamlit_drawable_canvas":
                send(visitor, name, field, json.dumps(drawing(1)))
            said += send(visitor, name, field, text).exceptions
            said += visitor.say().exceptions
            with contextlib.suppress(LookupError):
                for label in ("Undo", "Undo", "Take one step"):
                    said += visitor.press(label).exceptions
            said += send(visitor, name, field, json.dumps(right)).exceptions
            assert not said, (page, name, field, text[:300])

    check()


UNOFFERED = {
    "number_input": ("double_value", [float("nan"), -1e18, 1e18]),
    "slider": ("double_array_value", [[float("nan")], [], [1e300]]),
    "selectbox": ("string_value", ["x", "", "x" * 5000]),
    "button_group": ("string_array_value", [["x"], [], ["", "x"]]),
}


@pytest.mark.parametrize("page", PAGES)
def test_no_value_of_an_input_ends_in_an_error(app, page):
    with Visitor(app) as visitor:
        visitor.open(page, "source=Data")
        for k in range(3):
            inputs = [(id, *UNOFFERED[kind]) for id, (kind, _) in visitor.elements.items() if kind in UNOFFERED]
            visitor.say(*((id, field, values[k]) for id, field, values in inputs))
            assert not visitor.exceptions, (page, k)


def test_junk_in_an_address_is_no_error(app):
    for address in ("%ff=%fe&seed=%ff", "%00=%00", "&&&==&=", "seed=1;epochs=2", "a" * 10_000, "&".join(f"p{k}=1" for k in range(2000))):
        with Visitor(app) as visitor:
            assert not visitor.open("train", address).exceptions, urllib.parse.quote(address[:80])
