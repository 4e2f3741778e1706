"""What the commands of the command line do. Each takes the parsed arguments, prints its answer and returns the exit code."""

import json
import os
import sys
import tempfile
import time

import numpy as np

from .. import datasets, drawing, evaluation, fetching, files, gradient_check, limits, models, strokes, training, validate
from ..export import onnx, script, state_dict
from ..network import Network
from ..optimizers import SGD, Adam
from .console import bar, complain, epoch_line, interruptible, plain, record, say

DONE, ANSWER_IS_NO, DIVERGED, INTERRUPTED = 0, 1, 3, 130
ENDINGS = {".onnx": onnx, ".npz": state_dict, ".py": script}
SIDE = 28


def train(args):
    data = dataset(args)
    net = started(args, data)
    if args.optimizer == "adam":
        if args.momentum is not None:
            raise ValueError("--momentum belongs to sgd; leave it out with adam")
        optimizer = Adam(0.001 if args.learning_rate is None else args.learning_rate)
    else:
        optimizer = SGD(0.1 if args.learning_rate is None else args.learning_rate, 0.9 if args.momentum is None else args.momentum)
    if args.out is not None:
        check_place(args.out, args.force)
    steps = training.train(net, data, optimizer, args.batch_size, args.epochs, args.l2, not args.no_shuffle, args.seed)
    n, began = len(data.X_train), time.monotonic()
    with interruptible() as interrupted:  # to the end: a signal while the network is being written must not cost it
        with bar(args.epochs * n) as shown:
            last, status = followed(args, steps, f"{net} on {data}, {optimizer}", n, shown, interrupted)
        for figure in ("test_accuracy", "test_accuracy_strokes", "test_loss"):  # of the network that it was before
            net.info.pop(figure, None)
        if last is not None and status == "finished":
            net.info |= {"test_accuracy": last.test_accuracy, "test_loss": last.test_loss}
        net.info |= {"data": data.name, "what": "trained on the command line"}
        file = None if args.out is None else saved(net, args.out)
        farewell(args, status, file, round(time.monotonic() - began, 3))
    return {"finished": DONE, "interrupted": INTERRUPTED, "diverged": DIVERGED}[status]


def followed(args, steps, heading, n, shown, interrupted):
    """Show a training while it goes → its last finished epoch, and how it ended: also "interrupted" when nobody can be told any more."""
    last = None
    try:
        if not args.json:
            shown.write(heading)
        for progress in steps:
            if progress.updates and not progress.diverged:
                shown.set_description_str(f"epoch {min(progress.epoch + 1, args.epochs)}/{args.epochs}", refresh=False)
                shown.set_postfix_str(f"J {progress.loss:.4f}, {progress.accuracy:.1%} right", refresh=False)
                shown.update(max(0, progress.epoch * n + progress.instances - shown.n))
            if progress.epoch_end and not progress.diverged:
                last = progress
                say(args, record(progress), epoch_line(progress), shown.write)
            if progress.diverged or interrupted():
                return last, "diverged" if progress.diverged else "interrupted"
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # a reader, such as head, who has had enough
            complain("train", f"the output cannot be written ({error.strerror})")
        return last, "interrupted"
    return last, "finished"


def farewell(args, status, file, seconds):
    """How the training ended and where the network is; on the error stream where the output cannot take it."""
    kept = "not saved: --out FILE would have" if file is None else f"saved as {file}"
    ended = "diverged, went back to the last finite epoch; take a smaller --learning-rate" if status == "diverged" else status
    try:
        say(args, {"status": status, "file": file, "seconds": seconds}, f"{ended}; {kept}")
    except OSError:
        if file is not None:
            complain("train", f"{ended}; {kept}")


def evaluate(args):
    net = loaded(args.net)
    if args.strokes is not None:
        if any(given is not None for given in (args.folder, args.points, args.noise)):
            raise ValueError("--folder, --points and --noise belong to a data set; leave them out with --strokes")
        X, y = drawn(args)
        name = args.strokes
    else:
        if args.writers is not None or args.times != 1:
            raise ValueError("--writers and --times belong to --strokes FILE")
        data = dataset(args)
        X, y = (data.X_train, data.y_train) if args.split == "train" else (data.X_test, data.y_test)
        name = f"{data.name}, {args.split} set"
    result = evaluation.evaluate(net, X, y)
    if args.json:
        answer = {"network": args.net, "data": name} | result._asdict()
        print(json.dumps(answer | {"confused": result.confused(), "confusion": result.confusion.tolist()}))
        return DONE
    print(f"{args.net} on {result.n} instances of {name}")
    print(f"  read right         {result.accuracy:.2%}   ({round(result.n * (1 - result.accuracy))} wrong)")
    print(f"  loss               {result.loss:.4f}")
    print(f"  calibration error  {result.calibration_error:.2%}")
    if result.confused():
        print("  most often wrong   " + ", ".join(f"{label} read as {read}: {count}" for label, read, count in result.confused()))
    if args.confusion:
        width = max(4, len(str(result.confusion.max())) + 1)
        print("\n  rows: label, columns: read as\n" + " " * 6 + "".join(f"{read:>{width}}" for read in range(len(result.confusion))))
        for label, row in enumerate(result.confusion):
            print(f"{label:>6}" + "".join(f"{count:>{width}}" for count in row))
    return DONE


def predict(args):
    net = loaded(args.net)
    if net.sizes[0] != SIDE * SIDE:
        raise ValueError(f"{validate.short(args.net)} takes {net.sizes[0]} inputs, expected {SIDE * SIDE} for pictures of digits")
    code = DONE
    with bar(len(args.files), "reading") as shown:
        for file in args.files:
            try:
                say(args, *answer(net, file), shown.write)
            except ValueError as error:
                complain("predict", validate.short(error, 180), shown.write)
                code = ANSWER_IS_NO
            shown.update()
    return code


def answer(net, file):
    """What net reads in a picture, for machines and for people."""
    digit = drawing.to_digit(picture(file))
    if not digit.any():
        return {"file": file, "digit": None, "reason": "there is no ink in it"}, f"{file}: there is no ink in it"
    a = net.predict_proba(digit[None])[0]
    read = int(net.predict(digit[None])[0])
    a = a if len(a) > 1 else np.array([1 - a[0], a[0]])
    likeliest = ", ".join(f"{k}: {a[k]:.2%}" for k in np.argsort(-a, kind="stable")[:3])
    return {"file": file, "digit": read, "probabilities": [round(float(p), 6) for p in a]}, f"{file}: {read}   ({likeliest})"


def check(args):
    net = loaded(args.net)
    data = dataset(args)
    X, y = (data.X_train, data.y_train) if data.X_test is None else (data.X_test, data.y_test)
    if args.instances < 1 or args.entries < 0:
        raise ValueError("--instances must be at least 1, --entries at least 0")
    found = gradient_check.check_gradients(net, X[: args.instances], y[: args.instances], args.l2, args.entries or None, args.seed)
    worst = found.worst
    if args.json:
        print(json.dumps({"ok": bool(found.ok), "entries": len(found.rows), "skipped": found.skipped, "worst": worst and plain(worst)}))
    elif worst is None:
        print("every sampled entry stands at a kink of a ReLU, where there is no derivative to compare with")
    else:
        print(f"{len(found.rows)} entries {'agree' if found.ok else 'do NOT agree'}; {found.skipped} at a kink of a ReLU were left out")
        print(f"  worst: {worst.array}[{', '.join(map(str, worst.index))}], relative error {worst.error:.1e}")
        print(f"  backpropagation {worst.analytic:.9g}, central difference {worst.numeric:.9g}")
    return DONE if found.ok else ANSWER_IS_NO


def export(args):
    ending = os.path.splitext(args.file)[1].lower()
    if ending not in ENDINGS:
        found = f"ends with {validate.shown(ending)}" if ending else "has no ending"
        raise ValueError(f"{validate.short(args.file)} {found}, expected {', '.join(ENDINGS)}")
    net = loaded(args.net)
    check_place(args.file, args.force)
    ENDINGS[ending](net, args.file)
    size = os.path.getsize(args.file)
    words = f"{net} written to {args.file}, {size / 2**20:.2f} MB"
    if ending != ".py":
        words += "\nit takes numbers as the network learned them: pixels (uint8) divided by 255"
    say(args, {"network": args.net, "file": args.file, "kind": ending[1:], "bytes": size}, words)
    return DONE


def dataset(args):
    """The data set asked for. Raises ValueError for options that belong to another: what is not heeded would be taken for done."""
    if args.data not in datasets.MADE and (args.points is not None or args.noise is not None):
        raise ValueError(f"--points and --noise belong to {', '.join(datasets.MADE)}; leave them out with {args.data}")
    if args.data not in fetching.MIRRORS and args.folder is not None:
        raise ValueError(f"--folder belongs to {' and '.join(fetching.MIRRORS)}; leave it out with {args.data}")
    points = 400 if args.points is None else args.points
    return datasets.load(args.data, n=points, noise=args.noise, seed=args.seed, folder=args.folder)


def started(args, data):
    """The network to train: a new one for the data, or the saved one to go on from."""
    if args.start is not None:
        if any(given is not None for given in (args.hidden, args.activation, args.output, args.dtype)):
            raise ValueError("--start brings the network with it; leave --hidden, --activation, --output and --dtype out")
        return loaded(args.start)
    output = args.output or "softmax"
    outputs = 1 if output == "sigmoid" and data.classes == 2 else data.classes
    sizes = (data.X_train.shape[1], *((128,) if args.hidden is None else args.hidden), outputs)
    limits.check_size(sizes)
    return Network(sizes, args.activation or "relu", output, args.seed, args.dtype or "float32")


def loaded(name):
    """A network of the package by its name, else from a file."""
    if name in models.names():
        return models.load(name)
    try:
        return files.load(name)
    except FileNotFoundError:
        raise ValueError(f"there is no file {validate.short(name)}, and the package's networks are {', '.join(models.names())}") from None
    except ValueError as error:
        raise ValueError(f"{validate.short(name)}: {error}") from None


def drawn(args):
    """The pen strokes of a file as a network's inputs, each drawn `times` times."""
    try:
        items = strokes.load(args.strokes)
    except ValueError as error:
        raise ValueError(f"{validate.short(args.strokes)}: {error}") from None
    if args.writers is not None:
        names = strokes.HELD_OUT if args.writers == "held-out" else args.writers.split(",")
        missing = set(names) - {item["writer"] for item in items}
        if missing:
            raise ValueError(f"{validate.short(args.strokes)} has no writer {validate.short(', '.join(sorted(missing)))}")
        items = [item for item in items if item["writer"] in names]
    if args.times < 1:
        raise ValueError(f"--times is {validate.shown(args.times)}, expected at least 1")
    with bar(args.times * len(items), "drawing") as shown:
        parts = [strokes.drawn(items, args.seed + k, done=shown.update) for k in range(args.times)]
    return np.concatenate([X for X, _ in parts]), np.concatenate([y for _, y in parts])


def picture(file):
    """A picture's file, or the standard input for "-", as an array. Raises ValueError, in one sentence, for what cannot be read as one."""
    try:
        return drawing.open_picture(sys.stdin.buffer if file == "-" else file)
    except FileNotFoundError:
        raise ValueError(f"{validate.short(file)}: there is no such file") from None
    except OSError as error:
        raise ValueError(f"{validate.short(file)}: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{validate.short(file)}: {error}") from None


def check_place(file, force):
    """Refuse a file that could not be written, before the work and not after it."""
    folder = os.path.dirname(file) or "."
    if os.path.exists(file) and not os.path.isfile(file):
        raise ValueError(f"{validate.short(file)} is a folder or a device, expected the name of a file")
    if os.path.exists(file) and not force:
        raise ValueError(f"{validate.short(file)} is there already; take another name, or --force to replace it")
    if not os.path.isdir(folder):
        raise ValueError(f"there is no folder {validate.short(folder)}; make it first")
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ValueError(f"the folder {validate.short(folder)} cannot be written to ({error.strerror}); take another one") from None


def saved(net, file):
    """Save net, and where that fails by now, in the folder for temporary files → the file's name. Work is not lost to a full disk."""
    try:
        files.save(net, file)
    except OSError as error:
        handle, elsewhere = tempfile.mkstemp(prefix="mlcore-", suffix=".npz")
        os.close(handle)
        files.save(net, elsewhere)
        complain("train", f"{validate.short(file)} could not be written ({error.strerror})")
        return elsewhere
    return file
