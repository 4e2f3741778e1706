"""The command line: python -m mlcore train | evaluate | predict | check | export. What the commands do is in `commands`."""

import argparse
import importlib.metadata
import sys

from .. import activations, datasets, models
from ..validate import short
from . import commands
from .commands import ANSWER_IS_NO, DIVERGED, DONE, INTERRUPTED
from .console import complain, open_streams

REFUSED = 2

EXIT_CODES = f"""\
exit codes: {DONE} done; {ANSWER_IS_NO} a file could not be read, or a gradient is wrong;
{REFUSED} wrong use or bad input, said in one line; {DIVERGED} the training diverged;
{INTERRUPTED} interrupted, or its output was no longer read; train saves what there is"""

NET = f"a file of mlcore.save, or a network of the package: {', '.join(models.names())}"

DESCRIPTIONS = {
    "train": """\
Train a network and save it.

A line for each finished epoch: J and the share read right, on the training
set as the updates met it and on the test set. Ctrl-C stops at once and saves
what there is.

  python -m mlcore train --data digits --hidden 128 --epochs 10 --out mine.npz
  python -m mlcore train --data mnist --folder mnist/ --hidden none -o soft.npz
  python -m mlcore train --data moons --hidden 4 --batch-size all --epochs 500
  python -m mlcore train --start mine.npz --epochs 5 --out better.npz
""",
    "evaluate": """\
How well a network reads a set: accuracy, loss, calibration, confusions.

The calibration error says how far, on average, the probability of an answer
is from how often such answers are right.

  python -m mlcore evaluate mlp
  python -m mlcore evaluate mine.npz --data mnist --folder mnist/ --confusion
  python -m mlcore evaluate mlp --strokes pen.json.gz --writers held-out

Strokes are a JSON list of {"label", "writer", "strokes": [[[x, y], …], …]}.
Each digit is drawn on a canvas of 280 × 280 with a pen of 12 to 30 pixels, a
quarter of the canvas to all of it large, anywhere on it, and read as every
drawing is.
""",
    "predict": """\
Read pictures of single digits: PNG, JPEG or WebP, dark on light or light on dark.

The digit stands upright, alone, anywhere in the picture. Each is prepared as MNIST prepared its digits. A line for each: the file, the
digit, and the three most probable digits with their probabilities. "-" is the
standard input.

  python -m mlcore predict photo.jpg drawing.png
  python -m mlcore predict --net mine.npz --json *.png
""",
    "check": """\
Check a network's gradients against central differences.

In float64, on some instances of a data set: the analytic gradient of sampled
entries beside the numeric one.

  python -m mlcore check mlp
  python -m mlcore check mine.npz --data digits --l2 0.01 --entries 1000
""",
    "export": """\
Write a network for other programs.

The ending of the file says what: .onnx an ONNX model; .npz the arrays of a
PyTorch state_dict; .py a script that needs NumPy alone. The first two take
pixels divided by 255; the script divides uint8 by itself.

  python -m mlcore export mlp digits.onnx
  python -m mlcore export mine.npz mine.py
""",
}


class Parser(argparse.ArgumentParser):
    """argparse whose refusal is one line."""

    def error(self, message):
        self.exit(REFUSED, f"{self.prog.removeprefix('python -m ')}: {short(message, 140)}; see {self.prog} --help\n")


def parser():
    raw = {"epilog": EXIT_CODES, "formatter_class": argparse.RawDescriptionHelpFormatter}
    top = Parser(prog="python -m mlcore", description="Train, judge and use the networks of the lecture.", **raw)
    top.add_argument("--version", action="version", version=f"mlcore {version()}")
    every = top.add_subparsers(dest="command", required=True, metavar=" | ".join(DESCRIPTIONS), parser_class=Parser)

    def command(name):
        text = DESCRIPTIONS[name]
        one = every.add_parser(name, help=text.splitlines()[0], description=text, **raw)
        one.set_defaults(run=getattr(commands, name))
        one.add_argument("--json", action="store_true", help="machine-readable: JSON on the standard output and nothing else there")
        return one

    one = command("train")
    data_options(one)
    one.add_argument("--hidden", type=hidden, metavar="UNITS", help='units of the hidden layers, "512,256", or "none" (default: 128)')
    one.add_argument("--activation", choices=list(activations.HIDDEN), help="of the hidden layers (default: relu)")
    one.add_argument("--output", choices=list(activations.OUTPUT), help="default: softmax; sigmoid with two classes has one output")
    one.add_argument("--dtype", choices=["float32", "float64"], help="of the weights (default: float32)")
    one.add_argument("--start", metavar="NET", help=f"go on from this network instead of a new one: {NET}")
    one.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd", help="default: %(default)s")
    one.add_argument("--learning-rate", type=float, metavar="α", help="step size (default: 0.1; of adam 0.001)")
    one.add_argument("--momentum", type=float, metavar="μ", help="of sgd, 0 to below 1 (default: 0.9; 0 is the lecture's descent)")
    one.add_argument("--batch-size", type=batch_size, default=64, metavar="N", help='instances an update, or "all" (default: %(default)s)')
    one.add_argument("--epochs", type=int, default=10, help="default: %(default)s")
    one.add_argument("--l2", type=float, default=0.0, metavar="λ", help="weight of (λ/2) ΣW² in J (default: 0)")
    one.add_argument("--seed", type=int, default=0, help="of the first weights and the order (default: 0)")
    one.add_argument("--no-shuffle", action="store_true", help="take the instances in the order of the set, as the lecture's loop does")
    one.add_argument("--out", "-o", metavar="FILE", help="save the network here (.npz)")
    one.add_argument("--force", action="store_true", help="replace FILE if it is there already")

    one = command("evaluate")
    one.add_argument("net", nargs="?", default="mlp", help=f"{NET} (default: mlp)")
    data_options(one)
    one.add_argument("--split", choices=["test", "train"], default="test", help="which part of the set (default: test)")
    one.add_argument("--strokes", metavar="FILE", help="draw pen strokes instead of reading a data set")
    one.add_argument("--writers", metavar="NAMES", help='only these, "tra25,tra26", or "held-out": those the shipped networks never saw')
    one.add_argument("--times", type=int, default=1, metavar="K", help="draw each digit K times (default: 1)")
    one.add_argument("--seed", type=int, default=0, help="of the drawings, or of a made set (default: 0)")
    one.add_argument("--confusion", action="store_true", help="print the whole confusion matrix")

    one = command("predict")
    one.add_argument("files", nargs="+", metavar="FILE", help='PNG, JPEG or WebP pictures; "-" for the standard input')
    one.add_argument("--net", default="mlp", help=f"{NET} (default: mlp)")

    one = command("check")
    one.add_argument("net", nargs="?", default="softmax", help=f"{NET} (default: softmax)")
    data_options(one)
    one.add_argument("--instances", type=int, default=8, metavar="N", help="the first N of the test set (default: 8)")
    one.add_argument("--entries", type=int, default=200, help="how many entries, as many of each array; 0: all (default: 200)")
    one.add_argument("--l2", type=float, default=0.0, metavar="λ", help="weight of (λ/2) ΣW² in J (default: 0)")
    one.add_argument("--seed", type=int, default=0, help="of the sample (default: 0)")

    one = command("export")
    one.add_argument("net", help=NET)
    one.add_argument("file", metavar="FILE", help="ends with .onnx, .npz or .py")
    one.add_argument("--force", action="store_true", help="replace FILE if it is there already")
    return top


def data_options(one):
    names = datasets.names()
    one.add_argument("--data", choices=names, default="digits", metavar="SET", help=f"{', '.join(names)} (default: digits)")
    one.add_argument("--folder", help="read the IDX files of mnist or fashion from here, gzipped or not, instead of fetching them")
    one.add_argument("--points", type=int, metavar="N", help="of a set in the plane (default: 400)")
    one.add_argument("--noise", type=float, help="of a set in the plane, a standard deviation (default: one that suits the set)")


def hidden(text):
    if text.strip().lower() in ("none", "0", ""):
        return ()
    try:
        return tuple(int(units) for units in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{short(text)}" is no list of units such as 512,256') from None


def batch_size(text):
    if text == "all":
        return None
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{short(text)}" is neither a number nor "all"') from None


def version():
    try:
        return importlib.metadata.version("backprop-lab")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def main(argv=None):
    """Run one command → its exit code. What is refused is said in one line on the standard error stream."""
    open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without λ or → gets a question mark, not a crash
    args = parser().parse_args(argv)
    try:
        code = args.run(args)
    except (BrokenPipeError, KeyboardInterrupt):
        code = INTERRUPTED
    except (ValueError, OSError, ImportError, MemoryError) as error:
        complain(args.command, sentence(error))
        code = REFUSED
    try:
        sys.stdout.flush()
    except OSError as error:
        if code == DONE and not isinstance(error, BrokenPipeError):
            complain(args.command, f"the output cannot be written ({error.strerror})")
            code = REFUSED
        sys.stdout = None  # else Python tries once more at its end, and says so
    return code


def sentence(error):
    """An error as one line that leaves room for the command's name in 200 characters."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror if error.filename is None else f"{short(error.filename)}: {error.strerror}"
    return short(" ".join(str(error).split()), 180)
