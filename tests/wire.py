"""A visitor without a browser: speaks to the running app as a browser does, and may say what no browser would."""

import base64
import contextlib
import io
import time
import urllib.parse

from PIL import Image, ImageDraw
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from ui import visitor

EARLY = 2  # how a script run is said to have ended that was cut off for another


class Visitor:
    """One session. After each run: `exceptions`, and what stands on the page by its id in `elements`; `took` is the run's time in s."""

    def __init__(self, url, token=""):
        """token: what the browser has in its cookie."""
        self._open, cookie = contextlib.ExitStack(), {"Cookie": f"{visitor.COOKIE}={token}"}
        stream = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
        self._socket = self._open.enter_context(connect(stream, max_size=None, open_timeout=60, additional_headers=token and cookie))
        self._page, self._url = "", url
        self.elements, self.fragments, self.states, self.exceptions, self.texts = {}, {}, {}, [], []
        self.query, self.took = "", 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._open.close()

    def open(self, page="", query=""):
        """Open the page of this name with the query string of an address."""
        self.query, self.elements, self.fragments = query, {}, {}
        return self._run(page_name=page)

    def say(self, *values, fragment="", history=False):
        """Send values, (id, field of WidgetState, value), with all that was sent before, as a browser does; triggers once only.

        history: on the way back to the address `query`.
        """
        once = {id: one for id, *one in values if "trigger" in one[0]}
        self.states.update({id: one for id, *one in values if id not in once})
        return self._run(self.states | once, fragment=fragment, history=history)

    def press(self, label):
        """Press a button. LookupError where there is none that can be pressed."""
        for id, (kind, one) in self.elements.items():
            if kind == "button" and one.label == label and not one.disabled:
                return self.say((id, "trigger_value", True), fragment=self.fragments[id])
        raise LookupError(label)

    def _run(self, states=None, page_name="", fragment="", history=False):
        message = BackMsg()
        run = message.rerun_script
        run.query_string, run.fragment_id, run.is_history_navigation = self.query, fragment, history
        run.page_name, run.page_script_hash = page_name, "" if page_name else self._page
        for id, (field, value) in (states or {}).items():
            widget = run.widget_states.widgets.add()
            widget.id = id
            if field.endswith("array_value"):
                getattr(widget, field).data.extend(value)
            else:
                setattr(widget, field, value)
        run.context_info.timezone, run.context_info.locale, run.context_info.url = "UTC", "en-US", self._url
        started = time.perf_counter()
        self._socket.send(message.SerializeToString())
        self.exceptions, self.texts = [], []
        while not self._ended():
            pass
        self.took = time.perf_counter() - started
        return self

    def _ended(self):
        message = ForwardMsg()
        message.ParseFromString(self._socket.recv(timeout=120))
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page = message.new_session.page_script_hash or self._page
        elif kind == "navigation":
            self._page = message.navigation.page_script_hash or self._page
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._see(message.delta.new_element, message.delta.fragment_id)
        return kind == "script_finished" and message.script_finished != EARLY

    def _see(self, element, fragment):
        kind = element.WhichOneof("type")
        one = getattr(element, kind)
        if kind == "exception":
            self.exceptions.append(f"{one.type}: {one.message}")
        elif kind in ("markdown", "alert"):
            self.texts.append(one.body)
        if id := getattr(one, "id", ""):
            self.elements[id], self.fragments[id] = (kind, one), fragment

    def bound(self):
        """The inputs that stand in the address: name → (kind, element)."""
        return {one.query_param_key: (kind, one) for kind, one in self.elements.values() if getattr(one, "query_param_key", "")}

    def component(self, name):
        """The id of the component whose name ends so, or of the chart whose key begins so, or None."""
        for id, (kind, one) in self.elements.items():
            if (kind == "bidi_component" and one.component_name.endswith(name)) or (kind == "plotly_chart" and f"-{name}" in id):
                return id
        return None

    @staticmethod
    def events(id):
        """The id that the events of the component with this id are sent under."""
        return f"$$STREAMLIT_INTERNAL_KEY_{id}__events"


def query(**params):
    """The query string of an address; a list is a name that is repeated."""
    return urllib.parse.urlencode(params, doseq=True)


def drawing(strokes):
    """What the canvas sends of a sheet with so many strokes on it."""
    picture, file = Image.new("L", (336, 336), 255), io.BytesIO()
    pen, objects = ImageDraw.Draw(picture), []
    for k in range(strokes):
        start, end = (80 + 40 * k, 60), (200 + 20 * k, 280)
        pen.line((start, end), fill=0, width=24)
        path = [["M", *start], ["L", *end]]
        objects.append({"type": "Path", "left": start[0], "top": start[1], "scaleX": 1, "scaleY": 1, "angle": 0, "path": path})
    picture.save(file, "PNG")
    data = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    return {"drawing": {"raw": {"objects": objects}, "data": data}}
