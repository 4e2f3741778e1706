"""How the commands speak: lines and bars, complaints, and what Ctrl-C means to them."""

import contextlib
import json
import math
import os
import signal
import sys

from .. import validate


def open_streams():
    """Give standard streams that the shell has closed an end to go to, so that work is not lost for a line of text."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, open for as long as the process


def complain(command, sentence, write=print):
    """A line on the error stream; if that cannot be written either, the exit code alone says it."""
    try:
        write(f"mlcore {command}: {sentence}", file=sys.stderr)
    except OSError:
        sys.stderr = None
        open_streams()


@contextlib.contextmanager
def interruptible():
    """Gives a function that says whether Ctrl-C or a termination came, so that work ends in a whole state; a second one ends it at once."""
    came = []

    def note(number, frame):
        if came:
            raise KeyboardInterrupt
        came.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def bar(total, doing=""):
    """A progress bar on the error stream, shown if that is a terminal."""
    try:
        from tqdm import tqdm
    except ImportError:
        raise validate.absent("a progress bar", "tqdm", "cli") from None
    form = "{desc} |{bar}| {remaining} left{postfix}"
    shown = tqdm(total=total, bar_format=form, disable=not sys.stderr.isatty(), leave=False)
    shown.set_description_str(doing)
    return shown


def say(args, machine, words, write=print):
    """A line for people, or with --json one for machines."""
    write(json.dumps(machine) if args.json else words)
    sys.stdout.flush()


def record(progress):
    """A finished epoch as JSON takes it: without infinities."""
    names = ("epoch", "updates", "loss", "accuracy", "test_loss", "test_accuracy")
    return {name: finite(getattr(progress, name)) for name in names}


def finite(value):
    return value if value is None or math.isfinite(value) else None


def epoch_line(progress):
    """A finished epoch: the means over it, as the updates met the training set, and the held-out set by the weights at its end."""
    test = "" if progress.test_loss is None else f"   test J {progress.test_loss:.4f}, {progress.test_accuracy:.2%} right"
    return f"epoch {progress.epoch:3}   mean J {progress.loss:.4f}, {progress.accuracy:.2%} right{test}"


def plain(row):
    """An entry of a gradient check with Python's own numbers."""
    index = [int(k) for k in row.index]
    return {"array": row.array, "index": index} | {name: finite(float(getattr(row, name))) for name in ("analytic", "numeric", "error")}
