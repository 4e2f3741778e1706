"""What a browser sends, before Streamlit reads it."""

import json
import time
from types import SimpleNamespace

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.served import completed
from ui.arrivals import DEEPEST, LARGEST, LONGEST_ADDRESS, MOST_PARTS, UPLOAD, UPLOADS, Sieve, sift
from ui.components import point, selected, whole


def message(address="", **values):
    """A message with these values of widgets, (field, value) by their ids."""
    sent = BackMsg()
    sent.rerun_script.query_string = address
    for id, (field, value) in values.items():
        state = sent.rerun_script.widget_states.widgets.add(id=id)
        if field.endswith("array_value"):
            getattr(state, field).data.extend(value)
        else:
            setattr(state, field, value)
    return sent.SerializeToString()


def kept(**values):
    """The ids that come through."""
    sent = BackMsg()
    sent.ParseFromString(sift(message(**values)))
    return [state.id for state in sent.rerun_script.widget_states.widgets]


@pytest.mark.parametrize(
    "bad",
    [
        ("double_value", float("nan")), ("double_value", float("inf")), ("double_array_value", [1.0, float("nan")]),
        ("json_value", ""), ("json_value", "{"), ("json_value", '{"a": NaN}'), ("json_value", '{"a": [-Infinity]}'),
        ("json_value", "[1e999]"), ("json_value", "1" * 5000), ("json_value", "[" * 100_000 + "]" * 100_000),
        ("json_trigger_value", "[" * 20 + "]" * 20), ("json_trigger_value", '[{"event": "frame", "value": NaN}]'),
    ],
)  # fmt: skip
def test_what_streamlit_would_end_in_an_error_over_does_not_come_through(bad):
    assert kept(a=("int_value", 3), b=bad, c=("bool_value", True)) == ["a", "c"]


@pytest.mark.parametrize("text", ["", "5", "[]", '"selection"', '{"selection": 5}', '{"selection": [1]}', '{"selection": {"points": NaN}}'])
def test_what_is_no_selection_does_not_come_through_for_a_chart(text):
    id = "$$ID-0a1b-map_dL_dW_1"
    assert kept(**{id: ("string_value", text)}) == []
    assert kept(units=("string_value", text)) == ["units"], "what is typed into an input is text"
    assert kept(**{id: ("string_value", '{"selection": {"points": [{"x": 1, "y": 2}]}}')}) == [id]


def test_what_is_sound_comes_through_to_the_bit():
    drawing = {"drawing": {"raw": {"objects": [{"type": "Path", "path": [["M", 1.5, 2]]}]}, "data": "data:image/png;base64,A"}}
    values = dict(a=("json_value", json.dumps(drawing)), b=("double_value", 0.5), c=("string_value", "nan"))
    sent = message("rate=1e3&name=infinite&units=", **values)
    assert sift(sent) == sent
    assert sift(b"\xff\xff") == b"\xff\xff", "no message at all"
    assert sift(BackMsg(stop_script=True).SerializeToString()) == BackMsg(stop_script=True).SerializeToString()


def heard(sent):
    """The messages that the app receives when the browser sends this."""
    messages = []

    async def app(scope, receive, send):
        messages.append(await receive())

    async def receive():
        return {"type": "websocket.receive", "bytes": sent}

    completed(Sieve(app)({"type": "websocket"}, receive, None))
    return messages


@pytest.mark.parametrize("sent", [b"\xff" * (LARGEST + 1), message(a=("json_value", "[" + "[]," * MOST_PARTS + "[]]"))])
def test_a_message_that_takes_long_to_read_ends_its_visit(sent):
    assert [one["type"] for one in heard(sent)] == ["websocket.disconnect"]


def test_the_largest_messages_are_read_in_a_moment():
    largest = [
        message(a=("json_value", "[" + "[]," * (MOST_PARTS - 2) + "1]")), message("a=e&" * (LARGEST // 4 - 4)),
        message(**{f"x{i}": ("double_value", float("nan")) for i in range(50_000)}), message(a=("json_value", "9" * (LARGEST - 99))),
    ]  # fmt: skip
    for sent in largest:
        started = time.process_time()
        assert [one["type"] for one in heard(sent)] == ["websocket.receive"]
        assert time.process_time() - started < 2


def test_of_an_address_without_end_nothing_is_left():
    sent = BackMsg.FromString(sift(message("units=" + "3" * LONGEST_ADDRESS, a=("int_value", 3))))
    assert sent.rerun_script.query_string == "" and sent.rerun_script.widget_states.widgets[0].int_value == 3


def test_what_no_page_asks_for_does_not_come_through():
    installs, downloads = BackMsg(), BackMsg()
    installs.backend_operation_request.install_skills.SetInParent()
    downloads.backend_operation_request.deferred_file.file_id = "a"
    for sent in (BackMsg(load_git_info=True), BackMsg(clear_cache=True), BackMsg(debug_shutdown_runtime=True), installs, BackMsg()):
        assert BackMsg.FromString(sift(sent.SerializeToString())).WhichOneof("type") == "app_heartbeat"
    for sent in (BackMsg(stop_script=True), downloads):
        assert sift(sent.SerializeToString()) == sent.SerializeToString()


def test_as_deep_as_it_may_be():
    deep = lambda levels: kept(a=("json_value", "[" * levels + "1" + "]" * levels))  # noqa: E731
    assert deep(DEEPEST - 1) == ["a"] and deep(DEEPEST) == []


@pytest.mark.parametrize("address", ["seed=inf", "seed=-Infinity", "seed=NaN", "seed=1e999", "seed=%20inf", "seed=+nan"])
def test_a_number_that_is_not_finite_leaves_the_address(address):
    sent = BackMsg()
    sent.ParseFromString(sift(message(f"units=3%2C+3&{address}&alpha=&seed=7")))
    assert sent.rerun_script.query_string == "units=3%2C+3&alpha=&seed=7"


@pytest.mark.parametrize("sent", [None, True, "3", "", -1, 10, 3.5, 1e300, float("nan"), float("inf"), [], [3], {}, {"a": 3}, 10**400])
def test_what_is_no_whole_number_within_bounds_is_none(sent):
    assert whole(sent, 0, 9) is None


def test_a_whole_number_may_be_written_as_a_float():
    assert [whole(sent, 0, 9) for sent in (0, 9, 4.0)] == [0, 9, 4]


@pytest.mark.parametrize(
    "sent",
    [
        None, 5, [], [1, 2], "xy", {}, {"x": 1}, {"x": 1, "y": None}, {"x": True, "y": 1}, {"x": float("nan"), "y": 1}, {"x": 5.1, "y": 0},
    ],
)  # fmt: skip
def test_what_is_no_point_within_reach_is_none(sent):
    assert point(sent, 5) is None


def test_a_point_is_its_two_numbers():
    assert point({"x": -5, "y": 0.25, "z": "more"}, 5) == {"x": -5.0, "y": 0.25}


@pytest.mark.parametrize("sent", [None, [], {}, {"selection": []}, {"selection": {"points": {}}}, {"selection": {"points": [5]}}])
def test_nothing_is_selected(sent):
    assert selected(sent) == {}


def test_files_that_no_page_takes_up_are_let_go_of(monkeypatch):
    held = []
    manager = SimpleNamespace(remove_file=lambda session, file: held.remove((session, file)))
    monkeypatch.setattr("ui.arrivals.runtime.get_instance", lambda: SimpleNamespace(uploaded_file_mgr=manager))

    async def app(scope, receive, send):
        held.append(tuple(scope["path"].split("/")[-2:]))

    sieve = Sieve(app)
    for k in range(40):
        headers = [] if k % 2 else [(b"content-length", str(UPLOADS // 8).encode())]
        scope = {"type": "http", "method": "PUT", "path": f"/lab{UPLOAD}session{k}/file", "headers": headers}
        completed(sieve(scope, None, None))
        assert len(held) <= 8 and held[-1] == (f"session{k}", "file")
    assert len(held) == 8
