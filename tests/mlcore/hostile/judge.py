"""Reads every file that a list names, in a process of so much memory, and prints what came of each: python judge.py LIST."""

import contextlib
import io
import json
import resource
import sys
import time

import numpy as np

import mlcore
from mlcore import datasets, drawing, strokes
from mlcore.cli import parser

MOST_MB = 300


def status(name):
    """A figure of /proc/self/status in MB."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name + ":")) / 1024


def described(path):
    net = mlcore.load(path)
    return f"{net.sizes} {[float(layer.theta.sum()) for layer in net.layers]}"


READERS = {
    "net": described,
    "picture": lambda path: f"{(found := drawing.open_picture(path)).shape} {int(found.sum(dtype=np.int64))}",
    "idx": lambda path: str(datasets.read_idx(path).shape),
    "pens": lambda path: str(len(strokes.load(path))),
}
COMMANDS = {"net": ("evaluate",), "picture": ("predict", "--net", "softmax"), "pens": ("evaluate", "softmax", "--strokes")}


def judged(kind, path):
    """What the reader said of the file, refused it or not, what it took; and how the command line refused it."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak is the present from here on
    before, began = status("VmRSS"), time.perf_counter()
    try:
        said, refused = READERS[kind](path), None
    except (ValueError, OSError) as error:
        said, refused = parser.sentence(error) if isinstance(error, OSError) else str(error), type(error).__name__
    except BaseException as error:  # whatever else it is, the test is to say so
        said, refused = repr(error)[:300], "another error"
    took = {"seconds": time.perf_counter() - began, "megabytes": status("VmHWM") - before}
    out, errors, code = io.StringIO(), io.StringIO(), None
    if refused and kind in COMMANDS:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            code = parser.main([*COMMANDS[kind], path])
    return {"said": said, "refused": refused, "code": code, "line": errors.getvalue(), "printed": out.getvalue()} | took


def main(names):
    for kind, path in names[:4]:  # sound ones, so that what is read once for all files is read
        READERS[kind](path)
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        parser.main([*COMMANDS["picture"], "nothing here"])
    most = int((status("VmSize") + MOST_MB) * 2**20)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for kind, path in names:
        print(json.dumps(judged(kind, path)), flush=True)


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        main(json.load(file))
