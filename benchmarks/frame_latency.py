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

from visitor import ROOT, Visitor, server

BARE = """
import streamlit as st

@st.fragment
def bare():
    k = st.number_input("Epoch", 0, 500, 0, 1, key="epoch", bind="query-params")
    st.markdown(f"{k}")

bare()
"""
FILM = """
import mlcore
from ui.theta import film, scenes

X, y = scenes.instances("xor", 100, 0.1, 0, (0, 1))
film.show(scenes.Scene(mlcore.Network((2, 4, 1), "sigmoid", "sigmoid", 0, "float64"), X, y, 1.0, 0.001, 500, True))
"""


class Asker(Visitor):
    """A visitor with one number to type, inside a fragment."""

    shown = None

    def _note(self, element, fragment):
        super()._note(element, fragment)
        what = element.WhichOneof("type")
        if what == "markdown" and element.markdown.body.isdigit():
            self.shown = int(element.markdown.body)
        elif what == "bidi_component" and element.bidi_component.component_name.endswith("player_frame"):
            self.shown = json.loads(element.bidi_component.json)["frame"]

    async def ask(self, k):
        """Type k; the seconds until it is answered."""
        await self.act("Epoch", float(k))
        assert self.shown == k, (self.shown, k)
        return self.seconds


async def linked(url, k):
    """A new visitor with the frame in the address; the seconds until the page stands, and the visitor."""
    start = time.perf_counter()
    visitor = await Asker(url).open(query=f"epoch={k}")
    return time.perf_counter() - start, visitor


async def measure(args):
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        urls = {}
        for name, text in (("bare", BARE), ("film", FILM)):
            script = Path(folder) / f"{name}.py"
            script.write_text(text)
            urls[name] = stack.enter_context(server(str(script), os.environ | {"PYTHONPATH": str(ROOT)})).url
        keys, links, visitors = {"bare": [], "film": []}, {"bare": [], "film": []}, {}
        for name, url in urls.items():
            _, visitors[name] = await linked(url, 0)
        for k in range(args.links + 1):
            for name, url in urls.items():
                seconds, visitor = await linked(url, 37 * k + 5)
                assert visitor.shown == 37 * k + 5, visitor.shown
                links[name].append(seconds)
                await visitor.close()
        for k in range(args.frames + 5):
            for name, visitor in visitors.items():
                keys[name].append(await visitor.ask((83 * k) % 500))
                await asyncio.sleep(0.02)
        print(f"{'median':32}{'bare':>12}{'film':>12}{'ratio':>8}")
        for what, times, warm in (("a frame by key", keys, 5), ("a frame by link (new visitor)", links, 1)):
            b, f = (1000 * statistics.median(times[name][warm:]) for name in ("bare", "film"))
            print(f"{what:32}{b:9.1f} ms{f:9.1f} ms{f / b:8.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--links", type=int, default=8)
    asyncio.run(measure(parser.parse_args()))
