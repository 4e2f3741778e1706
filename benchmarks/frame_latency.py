"""How long the film takes to a frame that was typed, stepped to or linked, beside a bare fragment, over Streamlit's own protocol.

    python benchmarks/frame_latency.py [--frames 60] [--links 8]

Both are served on free ports of this machine and asked in turn, so that a busy machine is unfair to neither. The film is 500 epochs of
XOR, 2-4-1; the bare fragment has one number to type and one line of text. "key" is the time from sending a number to the end of the
fragment's run; "link" from connecting to the end of the first run of a new visitor, with the frame in the address.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from answer_latency import ROOT, Visitor, server
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

BARE = """
import streamlit as st

@st.fragment
def bare():
    k = st.number_input("Epoch", 0, 500, 0, 1, key="frame", bind="query-params")
    st.markdown(f"{k}")

bare()
"""
FILM = """
import mlcore
from ui import film, theta

X, y = theta.instances("xor", 100, 0.1, 0, (0, 1))
film.show(theta.Scene(mlcore.Network((2, 4, 1), "sigmoid", "sigmoid", 0, "float64"), X, y, 1.0, 0.001, 500, True))
"""


class Asker(Visitor):
    """A visitor with one number to type, inside a fragment."""

    size = 0

    async def run(self, page_name="", fragment="", query=""):
        message = BackMsg()
        rerun = message.rerun_script
        rerun.page_script_hash, rerun.fragment_id, rerun.query_string = self.page or "", fragment, query
        for id, value in self.state.items():
            rerun.widget_states.widgets.add(id=id, double_value=value)
        rerun.context_info.timezone, rerun.context_info.locale, rerun.context_info.url = "UTC", "en-GB", f"http://{self.url}"
        await self.socket.send(message.SerializeToString())
        while True:
            raw = await asyncio.wait_for(self.socket.recv(), 120)
            self.size += len(raw)
            answer = ForwardMsg.FromString(raw)
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                self.page = answer.new_session.page_script_hash or self.page
            elif kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
                self._note(answer.delta)
            elif kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return

    def _note(self, delta):
        super()._note(delta)
        element = delta.new_element
        what = element.WhichOneof("type")
        if what == "number_input":
            self.number, self.fragment = element.number_input.id, delta.fragment_id
        elif what == "markdown" and element.markdown.body.isdigit():
            self.shown = int(element.markdown.body)
        elif what == "bidi_component" and element.bidi_component.component_name.endswith("film_frame"):
            self.shown = json.loads(element.bidi_component.json)["frame"]

    async def ask(self, k):
        """Type k; the seconds until it is answered."""
        self.state[self.number] = k
        start = time.perf_counter()
        await self.run(fragment=self.fragment)
        seconds = time.perf_counter() - start
        assert self.shown == k, (self.shown, k)
        return seconds


async def linked(url, k):
    """A new visitor with the frame in the address; the seconds until the page stands, and the visitor."""
    visitor = Asker(url)
    start = time.perf_counter()
    visitor.socket = await connect(url)
    await visitor.run(query=f"frame={k}")
    return time.perf_counter() - start, visitor


async def connect(url):
    import websockets

    return await websockets.connect(f"ws://{url}/_stcore/stream", max_size=None, open_timeout=60)


async def measure(args):
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        urls = {}
        for name, text in (("bare", BARE), ("film", FILM)):
            script = Path(folder) / f"{name}.py"
            script.write_text(text)
            urls[name] = stack.enter_context(server(str(script)))
        keys, links, visitors = {"bare": [], "film": []}, {"bare": [], "film": []}, {}
        for name, url in urls.items():
            _, visitors[name] = await linked(url, 0)
        for k in range(args.links + 1):
            for name, url in urls.items():
                seconds, visitor = await linked(url, 37 * k + 5)
                assert visitor.shown == 37 * k + 5, visitor.shown
                links[name].append(seconds)
                await visitor.socket.close()
        sent = {}
        for k in range(args.frames + 5):
            for name, visitor in visitors.items():
                visitor.size = 0
                keys[name].append(await visitor.ask((83 * k) % 500))
                sent[name] = visitor.size
                await asyncio.sleep(0.02)
        print(f"{'median':32}{'bare':>12}{'film':>12}{'ratio':>8}")
        for what, times, warm in (("a frame by key", keys, 5), ("a frame by link (new visitor)", links, 1)):
            b, f = (1000 * statistics.median(times[name][warm:]) for name in ("bare", "film"))
            print(f"{what:32}{b:9.1f} ms{f:9.1f} ms{f / b:8.2f}")
        print(f"{'bytes sent for a key':32}{sent['bare']:12,}{sent['film']:12,}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--links", type=int, default=8)
    os.environ["PYTHONPATH"] = str(ROOT)
    asyncio.run(measure(parser.parse_args()))
