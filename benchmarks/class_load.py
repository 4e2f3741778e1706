"""A class on all pages of one server, as browsers over Streamlit's own protocol: answers, exceptions and memory by page.

    python benchmarks/class_load.py [--students 30] [--seconds 120] [--think 3] [--seed 0] [--held 6] [--come-and-go 0] [--json]

The server is started on a free port of this machine, unless --url host:port names one (memory needs --pid then). First, page by page,
so many visits (--held) look at it and stay: what the server's private memory grows by each, beyond the first. Then the students: each
opens a page, acts on it, thinks, goes on to another; of those on Train some start a training and watch it. At last, with --come-and-go,
so many visits that open a page, act and leave: the memory before, and one minute after the last has left.
"""

import argparse
import asyncio
import contextlib
import json
import random
import signal
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

from visitor import Server, Visitor, server

ACTS = {  # what a student sets or presses there, by its label
    "": ["canvas", "canvas", "A real digit", "Look closer", "Class"],
    "train": ["Learning rate α", "Batch size", "Seed", "Start", "Pause", "Stop"],
    "gradients": ["Look at", "Instance", "First instance", "How many", "Layer", "Cell of", "Row", "Column", "Largest", "Network"],
    "softmax": ["Look at", "Instance", "Section", "Section", "Move logit", "by how much", "Temperature", "Output", "Digits", "Network"],
    "chain-rule": ["Look at", "Instance", "Show", "Show", "Layer", "Take the step", "Undo", "The trap", "Notation", "Digits", "Network"],
    "backpropagation": ["Show", "Show", "After epoch", "Instance i", "Epoch", "Activation", "Noise", "Notation"],
}
HELD = {  # visits that stay: a name, the page, and what is set there
    "Draw": ("", []),
    "Train": ("train", []),
    "Gradients, a digit": ("gradients", [("Layer", "1")]),
    "Gradients, a batch of 32": ("gradients", [("Look at", "Batch"), ("How many", 32.0), ("Layer", "1")]),
    "Softmax, the example": ("softmax", []),
    "Softmax, a digit": ("softmax", [("Look at", "Data")]),
    "Softmax, a digit, Prediction": ("softmax", [("Look at", "Data"), ("Section", "Prediction")]),
    "Chain rule, the example": ("chain-rule", []),
    "Chain rule, a digit": ("chain-rule", [("Look at", "Data")]),
    "Chain rule, a digit, One step": ("chain-rule", [("Look at", "Data"), ("Show", "One step"), ("Take the step", True)]),
    "Chain rule, a digit, The loop": ("chain-rule", [("Look at", "Data"), ("Show", "The loop")]),
    "Backpropagation": ("backpropagation", []),
    **{f"Backpropagation, {show}": ("backpropagation", [("Show", show)]) for show in ("Step by step", "Film", "Cost", "NOT to 0")},
}
MB = 2**20
GONE = 60  # seconds after the last visit
NAMES = {"": "Draw", "train": "Train", "gradients": "Gradients", "softmax": "Softmax", "chain-rule": "Chain rule"}
NAMES["backpropagation"] = "Backpropagation"


def private(pid):
    """The bytes of memory that this process alone has written, and that nobody else pays for."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Dirty:", "Swap:")))


async def held(at, visits):
    """What each kind of visit of HELD grows the server by, in bytes, beyond the first; and the exceptions shown."""
    grown, exceptions, people = {}, [], []
    for name, (page, settings) in HELD.items():
        sizes = []
        for _ in range(1 + visits):
            person = await Visitor(at.url).open(page)
            people.append(person)
            for label, value in settings:
                await person.act(label, value)
            await asyncio.sleep(0.3)
            sizes.append(private(at.pid))
            exceptions += [f"{name}: {text}" for text in person.exceptions]
        grown[name] = (sizes[-1] - sizes[0]) / max(1, visits)
    for person in people:  # not before: what one leaves behind another would use
        await person.close()
    return grown, exceptions


class Record:
    """What happened on the pages: seconds of the runs, visits, exceptions, visits that were lost."""

    def __init__(self):
        self.runs, self.visits, self.exceptions, self.lost = defaultdict(list), defaultdict(int), [], []

    def rows(self):
        """Page, visits, runs, median and 95th percentile in ms, exceptions, lost."""
        for page, name in NAMES.items():
            times = sorted(self.runs[page]) or [float("nan")]
            p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
            broken = sum(where == page for where, _ in self.exceptions)
            lost = sum(where == page for where, _ in self.lost)
            yield name, self.visits[page], len(self.runs[page]), 1000 * statistics.median(times), 1000 * p95, broken, lost


async def student(at, k, args, record, until):
    """One who visits page after page and acts on each."""
    rng = random.Random(f"{args.seed} {k}")
    page, person = rng.choice(list(ACTS)), Visitor(at.url)
    try:
        await asyncio.sleep(rng.uniform(0, args.think))
        await person.open(page)
        while True:
            record.visits[page] += 1
            record.runs[page].append(person.seconds)
            for _ in range(rng.randint(2, 5)):
                await person.rest(rng.uniform(0.5, 1.5) * args.think)
                if time.monotonic() > until:
                    return
                await act(person, page, rng)
                record.runs[page].append(person.seconds)
            page = rng.choice([other for other in ACTS if other != page])
            await person.turn_to(page)
    except Exception as error:  # a lost visit is a finding, not the end of the load
        record.lost.append((page, f"{type(error).__name__}: {error}"))
    finally:
        record.exceptions += [(page, text) for text in person.exceptions]
        await person.close()


async def act(person, page, rng):
    """One of the things that can be done on this page as it stands."""
    there = [label for label in ACTS[page] if label in person.widgets and not getattr(person.widgets[label].proto, "disabled", False)]
    label = rng.choice(there)
    if label == "canvas":
        await person.draw(rng)
    else:
        await person.act(label, person.widgets[label].some(rng))


async def come_and_go(at, visits, args):
    """The server's memory before and a minute after so many visits, ten at a time; and the record of these.

    Before it, a visit of each kind has left behind what all share, and is forgotten.
    """
    await held(at, 0)
    await asyncio.sleep(GONE)
    record, before = Record(), private(at.pid)
    queue = iter(range(visits))

    async def guests():
        for k in queue:
            await student(at, f"guest {k}", argparse.Namespace(seed=args.seed, think=0.1), record, time.monotonic() + 3)

    await asyncio.gather(*(guests() for _ in range(10)))
    during = private(at.pid)
    await asyncio.sleep(GONE)
    return before, during, private(at.pid), record


async def measure(args, at):
    """Everything that was asked for, as a dictionary."""
    found = {}
    if at.pid and args.held:
        grown, exceptions = await held(at, args.held)
        found["held_mb"] = {name: round(size / MB, 2) for name, size in grown.items()}
        found["held_exceptions"] = exceptions
    if args.students:
        record, until = Record(), time.monotonic() + args.seconds
        await asyncio.gather(*(student(at, k, args, record, until) for k in range(args.students)))
        names = ("page", "visits", "runs", "median_ms", "p95_ms", "exceptions", "lost")
        found["pages"] = [dict(zip(names, row)) for row in record.rows()]
        found["said"] = sorted({text for _, text in (*record.exceptions, *record.lost)})
        if at.pid:
            found["memory_mb"] = round(private(at.pid) / MB, 1)
    if at.pid and args.come_and_go:
        before, during, after, record = await come_and_go(at, args.come_and_go, args)
        sizes = {name: round(size / MB, 1) for name, size in zip(("before", "during", "after"), (before, during, after))}
        found["come_and_go"] = sizes | {"visits": args.come_and_go, "grown": round(after / before - 1, 3)}
        found["come_and_go"] |= {"exceptions": len(record.exceptions), "lost": len(record.lost)}
    return found


def table(found):
    """What was found, as lines to read."""
    if "held_mb" in found:
        yield f"{'a visit that stays':36}{'MB':>8}"
        yield from (f"{name:36}{size:8.2f}" for name, size in found["held_mb"].items())
        yield from found["held_exceptions"]
    if "pages" in found:
        yield f"\n{'page':18}{'visits':>8}{'runs':>8}{'median':>10}{'p95':>10}{'exceptions':>12}{'lost':>6}"
        for row in found["pages"]:
            page, visits, runs, median, p95, broken, lost = row.values()
            yield f"{page:18}{visits:8}{runs:8}{median:7.0f} ms{p95:7.0f} ms{broken:12}{lost:6}"
        yield from (f"   {text[:200]}" for text in found["said"][:10])
        yield from [f"memory of the server: {found['memory_mb']} MB"] if "memory_mb" in found else []
    if "come_and_go" in found:
        c = found["come_and_go"]
        yield f"\n{c['visits']} visits came and went: {c['before']} MB before, {c['during']} MB as the last left,"
        yield f"{c['after']} MB a minute later ({100 * c['grown']:+.1f} %); exceptions {c['exceptions']}, lost {c['lost']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="host:port of a server that runs already")
    parser.add_argument("--pid", type=int, help="its process")
    for name, usual in (("--students", 30), ("--seed", 0), ("--held", 6), ("--come-and-go", 0)):
        parser.add_argument(name, type=int, default=usual)
    parser.add_argument("--seconds", type=float, default=120.0, help="that the students stay")
    parser.add_argument("--think", type=float, default=3.0, help="mean seconds between two acts of a student")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that a server that was started here ends too
    with contextlib.nullcontext(Server(args.url, args.pid)) if args.url else server("app.py") as at:
        found = asyncio.run(measure(args, at))
    print(json.dumps(found, indent=1) if args.json else "\n".join(table(found)))
    pages = found.get("pages", [])
    sys.exit(bool(found.get("held_exceptions") or any(page["exceptions"] or page["lost"] for page in pages)))


if __name__ == "__main__":
    main()
