"""What a browser sends is sifted before Streamlit reads it.

No page of ours sends what is taken out here: numbers that are not finite, and texts of components that are no JSON or are nested without
end. Streamlit ends in an error of its own over them, and over what a browser keeps and sends again, at every click from then on.
Everybody waits while a message is read, so that one that would take long ends its visit; and requests that no page makes are left out.
"""

import json
import math
from collections import deque
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from google.protobuf.message import DecodeError
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg

DEEPEST = 12  # lists and objects within each other; a drawing has seven
LARGEST, MOST_PARTS = 4 * 2**20, 200_000  # bytes of a message, and lists and objects in it; a drawing has one for each point
LONGEST_ADDRESS = 100_000
# Others tell of the server's files, write some, or clear what all visitors share.
REQUESTS = ("rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request")
OPERATIONS = ("deferred_file", "dataframe_chunk")
UPLOAD, UPLOADS = "/_stcore/upload_file/", 256 * 2**20  # bytes of files, of all visitors, that wait for their page
NOTHING = BackMsg(app_heartbeat=True).SerializeToString()
SELECTABLE = "map_"  # how the key of a chart begins that sends what is selected on it, as JSON in a text


class Sieve:
    """Middleware: goes through what comes in on the stream between a browser and the app, and lets go of files that nobody takes up."""

    def __init__(self, app):
        self.app, self._uploads = app, deque()  # (session, file, bytes at most) of the last ones

    async def __call__(self, scope, receive, send):
        async def sifted():
            message = await receive()
            if message["type"] == "websocket.receive" and message.get("bytes"):
                if too_much(message["bytes"]):
                    return {"type": "websocket.disconnect", "code": 1009}
                message["bytes"] = sift(message["bytes"])
            return message

        await self.app(scope, sifted if scope["type"] == "websocket" else receive, send)
        if scope.get("method") == "PUT" and UPLOAD in scope["path"]:
            self._uploaded(*scope["path"].split("/")[-2:], dict(scope["headers"]).get(b"content-length", b""))

    def _uploaded(self, session, file, size):
        """A page takes up its file within a moment; one that no page asked for would stay for the visit, and so would hundreds of them."""
        most = st.get_option("server.maxUploadSize") * 2**20
        self._uploads.append((session, file, int(size) if size.isdigit() else most))
        while sum(size for _, _, size in self._uploads) > UPLOADS:
            runtime.get_instance().uploaded_file_mgr.remove_file(*self._uploads.popleft()[:2])


def too_much(sent):
    """Whether to read this message would keep everybody waiting."""
    return len(sent) > LARGEST or sent.count(b"[") + sent.count(b"{") > MOST_PARTS


def sift(sent):
    """The message of a browser without what is not sound, to the bit the same where all of it is."""
    message = BackMsg()
    try:
        message.ParseFromString(sent)
    except DecodeError:
        return sent  # which Streamlit refuses by itself
    kind = message.WhichOneof("type")
    if kind not in REQUESTS or (kind == REQUESTS[-1] and message.backend_operation_request.WhichOneof("payload") not in OPERATIONS):
        return NOTHING
    if kind != "rerun_script":
        return sent
    run = message.rerun_script
    sound = [state for state in run.widget_states.widgets if _sound(state)]
    address = _sifted(run.query_string)
    if len(sound) == len(run.widget_states.widgets) and address == run.query_string:
        return sent
    del run.widget_states.widgets[:]
    run.widget_states.widgets.extend(sound)
    run.query_string = address
    return message.SerializeToString()


def _sifted(address):
    """A query string without numbers that are not finite; of one without end nothing is left."""
    if len(address) > LONGEST_ADDRESS:
        return ""
    if not any(sign in address.lower() for sign in ("inf", "nan", "e")):
        return address
    pairs = parse_qsl(address, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _is_infinite(value)]
    return address if len(kept) == len(pairs) else urlencode(kept)


def _is_infinite(text):
    try:
        return not math.isfinite(float(text))
    except ValueError:
        return False


def _sound(state):
    kind, value = state.WhichOneof("value"), getattr(state, state.WhichOneof("value") or "id")
    if kind == "double_value":
        return math.isfinite(value)
    if kind == "double_array_value":
        return all(map(math.isfinite, value.data))
    if kind in ("json_value", "json_trigger_value"):
        return _parts(value) is not None
    if kind == "string_value" and f"-{SELECTABLE}" in state.id:
        return _is_selection(_parts(value))
    return True


def _is_selection(value):
    return isinstance(value, dict) and isinstance(value.get("selection", {}), dict)


def _parts(text):
    """What a JSON text says; None where it says nothing, is none, has numbers that are not finite or is nested too deep."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    level = [value]
    for _ in range(DEEPEST):
        if not all(math.isfinite(one) for one in level if isinstance(one, float)):
            return None
        level = [part for one in level for part in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())]
        if not level:
            return value
    return None
