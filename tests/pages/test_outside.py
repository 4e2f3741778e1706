"""Text from outside, followed to the pages: whatever a page sends to the browser has it only as ui.text makes it ready for there."""

import pytest
from google.protobuf.descriptor import FieldDescriptor
from streamlit.testing.v1 import AppTest

from tests.pages.visit import run
from ui.text import verbatim, verbatim_html

MARK = "evil.example"
POISON = f"![x](//{MARK}) <i>*a*</i> www.{MARK} :b: end"
PAGES = {
    "draw": ("Draw", ["", "section=What the network sees", "section=Teach it"]),
    "train": ("Train", ["", "units={}", "run={}", "net={}"]),
    "gradients": ("Gradients", ["", "source=Drawing", "source=Batch&size=2", "array={}", "layer={}"]),
    "softmax": ("Softmax", ["source=Drawing", "source=Data&section=Prediction", "numbers={}", "section={}"]),
    "chain-rule": ("Chain rule", ["source=Drawing", "section=One step&source=Drawing", "section=The loop", "cell={}", "source={}"]),
    "backpropagation": ("Backpropagation (Θ)", ["units={}", "more={}", "section={}", "data={}"]),
}
# Fields that the browser shows as they are, or does not show: an input's value and choices, a text, a file's name.
AS_IT_IS = {
    "Text.body", "TextInput.default", "TextInput.value", "TextArea.default", "TextArea.value", "Selectbox.options", "Selectbox.raw_value",
    "BidiComponent.json",
}  # fmt: skip


class Poisoned(dict):
    """Notes of a file, each of them poison: also those that nobody has asked for yet."""

    def get(self, key, default=None):
        return default if "accuracy" in key or key in ("n", "noise", "seed") else POISON

    def __getitem__(self, key):
        return self.get(key)

    def __contains__(self, key):
        return self.get(key) is not None


def visit(file, title):
    """The page, with a network and a picture in hand whose names and notes are poison."""
    import runpy

    import numpy as np
    import streamlit as st

    import mlcore
    from tests.pages.test_outside import POISON, Poisoned
    from ui import header, state

    if "lab" not in st.session_state:
        net = mlcore.Network((784, 10))
        state.choose_network(state.add_network(net, POISON, "loaded"))
        state.network().network.info = Poisoned()
        x = np.random.default_rng(0).random(784, np.float32)
        state.set_instance(state.Instance(x, 3, "photo", None, None, f"the picture {POISON}"))
    header.carry(title)
    if file != "backpropagation":
        header.bar()
    runpy.run_path(f"pages/{file}.py")


def sent(node):
    """The (element and field, text) pairs of all that the page sends."""
    proto = getattr(node, "proto", None)
    if proto is not None and hasattr(proto, "ListFields"):
        yield from texts(proto, proto.DESCRIPTOR.name)
    for child in getattr(node, "children", {}).values():
        yield from sent(child)


def texts(proto, name):
    for field, value in proto.ListFields():
        several = value if field.is_repeated else [value]
        if field.type == FieldDescriptor.TYPE_STRING and field.name != "id":
            yield from ((f"{name}.{field.name}", text) for text in several)
        elif field.type == FieldDescriptor.TYPE_MESSAGE and not hasattr(value, "items"):
            for one in several:
                yield from texts(one, field.name)


def components(node):
    """The names of our components on the page, with what they get."""
    proto = getattr(node, "proto", None)
    if proto is not None and proto.DESCRIPTOR.name == "BidiComponent":
        yield proto.component_name, proto.json
    for child in getattr(node, "children", {}).values():
        yield from components(child)


def ready(field, text):
    """Whether the poison in a text that goes to this field is what ui.text makes of it for there."""
    if field in AS_IT_IS:
        return True
    made = (verbatim_html if field == "Html.body" else verbatim)(POISON)
    return MARK not in text.replace(",", "").replace(made, "")  # points are told with commas in between


@pytest.mark.parametrize(("file", "query"), [(file, query) for file, (_, queries) in PAGES.items() for query in queries])
def test_a_page_sends_it_as_ui_text_made_it_ready(file, query):
    at = AppTest.from_function(visit, args=(file, PAGES[file][0]), default_timeout=60)
    at.query_params.update({name: value.format(POISON) for name, _, value in (one.partition("=") for one in query.split("&") if one)})
    at = run(at)
    found = [(field, text) for field, text in sent(at._tree) if MARK in text]
    assert not [one for one in found if not ready(*one)]
    assert {name for name, text in components(at._tree) if MARK in text} <= {"backprop_lab_answer"}, "which writes its note as a text"
    assert found or file == "backpropagation", "nothing from outside is on this page"
