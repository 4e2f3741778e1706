"""How long the Draw page takes to answer a drawing, beside a bare page with a canvas and a metric, over Streamlit's own protocol.

    python benchmarks/answer_latency.py [--rounds 3] [--digits 10] [--students 30] [--training]

Both servers are started on free ports of this machine. The rounds alternate between the two, so that a busy machine is unfair to neither.
An answer is the time from sending the drawing to the end of the script run. With --training the Draw page is measured again while a
network trains on the Train page.
"""

import argparse
import asyncio
import base64
import contextlib
import io
import json
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import websockets
from PIL import Image, ImageDraw
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).parents[1]


@contextlib.contextmanager
def server(script):
    """The script served on a free port; gives its address."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true", "--server.port", str(port)]
    app = subprocess.Popen([*command, "--server.address", "127.0.0.1"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"127.0.0.1:{port}"
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://{url}/_stcore/health", timeout=1)
                break
            time.sleep(0.1)
        yield url
    finally:
        app.terminate()
        app.wait()


class Visitor:
    """One session: opens a page, keeps the widgets' state, and sends drawings or presses buttons."""

    def __init__(self, url):
        self.url, self.state, self.ids = url, {}, {}
        self.page = self.fragment = self.canvas = None

    async def open(self, page=""):
        self.socket = await websockets.connect(f"ws://{self.url}/_stcore/stream", max_size=None, open_timeout=60)
        await self.run(page_name=page)
        return self

    async def run(self, page_name="", fragment="", pressed=None):
        message = BackMsg()
        rerun = message.rerun_script
        if self.page:
            rerun.page_script_hash, rerun.fragment_id = self.page, fragment
        else:
            rerun.page_name = page_name
        for id, value in self.state.items():
            rerun.widget_states.widgets.add(id=id, json_value=value)
        if pressed:
            rerun.widget_states.widgets.add(id=pressed, trigger_value=True)
        rerun.context_info.timezone, rerun.context_info.locale, rerun.context_info.url = "UTC", "en-GB", f"http://{self.url}"
        await self.socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await asyncio.wait_for(self.socket.recv(), 120))
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                self.page = answer.new_session.page_script_hash or self.page
            elif kind == "navigation":
                self.page = answer.navigation.page_script_hash or self.page
            elif kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
                self._note(answer.delta)
            elif kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return

    def _note(self, delta):
        element = delta.new_element
        what = element.WhichOneof("type")
        if what == "exception":
            raise RuntimeError(element.exception.message)
        if what == "button":
            self.ids[element.button.label] = element.button.id
        if what == "bidi_component" and "drawable" in element.bidi_component.component_name:
            self.canvas, self.fragment = element.bidi_component.id, delta.fragment_id

    async def draw(self, drawing):
        """Send the drawing; the seconds until it is answered."""
        self.state[self.canvas] = drawing
        start = time.perf_counter()
        await self.run(fragment=self.fragment)
        return time.perf_counter() - start


def drawing(rng, size=336, pen=24):
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


async def answers(url, students, digits, think):
    """The latencies of so many students drawing so many digits each, with a pause of about `think` seconds in between."""
    visitors = [await Visitor(url).open() for _ in range(students)]

    async def work(k, visitor):
        rng, times = random.Random(k), []
        drawings = [drawing(rng) for _ in range(digits + 1)]
        for each in drawings:
            await asyncio.sleep(rng.uniform(0.5, 1.5) * think)
            times.append(await visitor.draw(each))
        await visitor.socket.close()
        return times[1:]  # the first warms up

    return [t for times in await asyncio.gather(*(work(k, v) for k, v in enumerate(visitors))) for t in times]


async def measure(args):
    with server("benchmarks/bare_page.py") as bare, server("app.py") as app:
        one = {"bare": [], "draw": []}
        many = {"bare": [], "draw": []}
        for _ in range(args.rounds):
            for name, url in (("bare", bare), ("draw", app)):
                one[name] += await answers(url, 1, args.digits, 0.1)
        for name, url in (("bare", bare), ("draw", app)):
            many[name] += await answers(url, args.students, 6, 2.0)
        b, d, bs, ds = (1000 * statistics.median(times) for times in (one["bare"], one["draw"], many["bare"], many["draw"]))
        print(f"{'median answer':32}{'bare page':>12}{'Draw':>12}{'ratio':>8}")
        print(f"{'1 student':32}{b:9.1f} ms{d:9.1f} ms{d / b:8.2f}")
        print(f"{f'{args.students} students':32}{bs:9.1f} ms{ds:9.1f} ms{ds / bs:8.2f}")
        print(f"{'ratio to 1 student':32}{bs / b:12.2f}{ds / d:12.2f}")
        if args.training:
            trainer = await Visitor(app).open("train")
            await trainer.run(pressed=trainer.ids["Start"])
            await asyncio.sleep(2)
            t = 1000 * statistics.median(await answers(app, 1, 2 * args.digits, 0.1))
            await trainer.socket.close()
            print(f"{'1 student, a network training':32}{'':12}{t:9.1f} ms{t / d:8.2f}  (to the same without)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--digits", type=int, default=10)
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--training", action="store_true")
    asyncio.run(measure(parser.parse_args()))
