"""One visitor of the app as a browser is one to the server: a cookie, a WebSocket, widgets whose state goes along with every run."""

import asyncio
import base64
import contextlib
import io
import json
import random
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import websockets
from PIL import Image, ImageDraw
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).parents[1]
LONGEST = 60  # seconds that a run may take
VALUES = {
    "button": "trigger_value", "button_group": "string_array_value", "number_input": "double_value", "selectbox": "string_value",
    "slider": "double_array_value", "checkbox": "bool_value", "bidi_component": "json_value",
}  # fmt: skip


class Server(NamedTuple):
    """The address of a server, host:port, and the id of its process."""

    url: str
    pid: int


@contextlib.contextmanager
def server(script, environment=None):
    """The script served on a free port of this machine, as a Server."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true", "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1"]
    app = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"127.0.0.1:{port}"
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://{url}/_stcore/health", timeout=1)
                break
            time.sleep(0.1)
        yield Server(url, app.pid)
    finally:
        app.terminate()
        app.wait()


class Widget(NamedTuple):
    """One that stands on the page: its kind and message, and the fragment that it stands in."""

    kind: str
    proto: object
    fragment: str

    def some(self, rng):
        """Another of its values, None where there is none to choose."""
        if self.kind in ("button_group", "selectbox"):
            options = [o.content for o in self.proto.options] if self.kind == "button_group" else list(self.proto.options)
            return rng.choice(options) if options else None
        if self.kind in ("number_input", "slider"):
            low, high = self.proto.min, self.proto.max
            return float(rng.randint(int(low), int(high))) if high - low >= 2 else rng.uniform(low, high)
        return self.kind == "button" or rng.random() < 0.5


class Visitor:
    """Opens pages, acts on what stands there; `exceptions` are those that were shown, `seconds` how long the last run took."""

    def __init__(self, url):
        self.url, self.exceptions = url, []
        self.widgets, self.state, self.pages, self.timers = {}, {}, {}, {}
        self.page, self.query, self.seconds = "", "", 0.0

    async def open(self, page="", query=""):
        """Come to a page, the first of the visit, by its address."""
        headers = {"Cookie": await asyncio.to_thread(self._cookies, page)}
        address = f"ws://{self.url}/_stcore/stream"
        self.socket = await websockets.connect(
            address, max_size=None, open_timeout=LONGEST, ping_interval=None, additional_headers=headers
        )  # a browser sends no pings, and waits
        self.query = query
        await self.run(page_name=page)
        return self

    def _cookies(self, page):
        """What a browser has before the stream begins."""
        with urllib.request.urlopen(f"http://{self.url}/{page}", timeout=LONGEST) as answer:
            return "; ".join(cookie.partition(";")[0] for cookie in answer.headers.get_all("Set-Cookie", []))

    async def turn_to(self, page):
        """Choose another page in the navigation."""
        self.page, self.query = self.pages[page], ""
        self.state, self.timers = {}, {}
        await self.run()

    async def act(self, label, value):
        """Set the widget with this label, or press it."""
        widget = self.widgets[label]
        kept = dict(self.state)
        self.state[widget.proto.id] = widget.kind, value
        if widget.kind != "button":
            kept = self.state
        await self.run(fragment=widget.fragment)
        if widget.kind == "button":
            self.state = {id: state for id, state in self.state.items() if id in kept}

    async def draw(self, rng):
        """A random drawing on the canvas; the seconds until it is answered."""
        await self.act("canvas", drawing(rng))
        return self.seconds

    async def rest(self, seconds):
        """Look at the page, which may ask to be run again every so often."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            fragment, every = next(iter(self.timers.items()), (None, left))
            await asyncio.sleep(min(left, every))
            if fragment in self.timers and every < left:
                await self.run(fragment=fragment, by_itself=True)

    async def close(self):
        if hasattr(self, "socket"):
            await self.socket.close()

    async def run(self, page_name="", fragment="", by_itself=False):
        """Ask for a run and read until it ends."""
        message = BackMsg()
        rerun = message.rerun_script
        rerun.page_script_hash, rerun.fragment_id, rerun.query_string, rerun.is_auto_rerun = self.page, fragment, self.query, by_itself
        if not self.page:
            rerun.page_name = page_name
        for id, (kind, value) in self.state.items():
            state = rerun.widget_states.widgets.add(id=id)
            if VALUES[kind].endswith("array_value"):
                getattr(state, VALUES[kind]).data.append(value)
            else:
                setattr(state, VALUES[kind], value)
        rerun.context_info.timezone, rerun.context_info.locale, rerun.context_info.url = "UTC", "en-GB", f"http://{self.url}"
        start = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(LONGEST):
            while not self._read(ForwardMsg.FromString(await self.socket.recv())):
                pass
        self.seconds = time.perf_counter() - start

    def _read(self, message):
        """Note what a message brings; whether it ends the run."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.page = message.new_session.page_script_hash or self.page
            if not message.metadata.run.fragment_ids:
                self.widgets, self.timers = {}, {}
        elif kind == "navigation":
            self.page = message.navigation.page_script_hash or self.page
            self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "page_not_found":
            self.exceptions.append("the page was not found")
        elif kind == "auto_rerun":
            self.timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self.timers.pop(fragment, None)
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._note(message.delta.new_element, message.delta.fragment_id)
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _note(self, element, fragment):
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.exceptions.append(f"{element.exception.type}: {element.exception.message}")
        if kind not in VALUES:
            return
        proto = getattr(element, kind)
        if kind == "bidi_component":
            if "drawable" in proto.component_name:
                self.widgets["canvas"] = Widget(kind, proto, fragment)
            return
        self.widgets[proto.label.partition(" (")[0]] = Widget(kind, proto, fragment)
        if getattr(proto, "set_value", False):  # the server's word, not the visitor's
            self.state.pop(proto.id, None)


def drawing(rng=random, size=336, pen=24):
    """A random stroke as the canvas sends it: its path and its picture."""
    points = [(rng.uniform(60, size - 60), rng.uniform(60, size - 60)) for _ in range(6)]
    points = [(a + (b - a) * t / 8, c + (d - c) * t / 8) for (a, c), (b, d) in zip(points, points[1:]) for t in range(8)]
    image = Image.new("RGBA", (size, size), "#ffffff")
    ImageDraw.Draw(image).line(points, fill="#000000", width=pen, joint="curve")
    png = io.BytesIO()
    image.save(png, "PNG")
    path = [["M", *points[0]], *(["L", *p] for p in points[1:])]
    raw = {"objects": [{"type": "Path", "left": 60, "top": 60, "strokeWidth": pen, "path": path}], "background": "#ffffff"}
    return json.dumps({"drawing": {"raw": raw, "data": "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()}})
