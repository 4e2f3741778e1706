"""Train the shipped networks, mlcore/models/softmax.npz and mlp.npz, from the data in ../shared/data; docs/models.md has the results.

    python scripts/train_models.py                 both, on everything but what is held out
    python scripts/train_models.py --validate      the same recipes judged on a part of the training data: how they were chosen
"""

import argparse
import gzip
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from threadpoolctl import threadpool_limits
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
import mlcore  # noqa: E402

SHARED = ROOT.parent / "shared" / "data"
HELD_OUT = {f"tra{k}" for k in range(25, 31)}
VALIDATION = {f"tra{k}" for k in range(21, 25)}
PEN = 24 / 336  # the pen of the app's canvas, as a share of its side
FILLED = 0.64  # the share of the canvas's side that a digit of usual size fills


def pen_strokes():
    """[{"label", "writer", "strokes"}, …]: digits as pen trajectories."""
    with gzip.open(SHARED / "strokes" / "30-writers.json.gz", "rt") as file:
        return json.load(file)


def render(strokes, pen=PEN, filled=FILLED, side=336, affine=None):
    """The picture that the app's canvas gives of these strokes: (side, side) uint8, black round pen on white, twice oversampled."""
    points = [np.asarray(stroke, float) for stroke in strokes]
    if affine is not None:
        points = [stroke @ affine for stroke in points]
    every = np.concatenate(points)
    low, high = every.min(axis=0), every.max(axis=0)
    scale = 2 * side * filled / max((high - low).max(), 1e-6)
    image = Image.new("L", (2 * side, 2 * side), 255)
    draw, r = ImageDraw.Draw(image), pen * side
    for stroke in points:
        line = [tuple(p) for p in (stroke - (low + high) / 2) * scale + side]
        if len(line) > 1:
            draw.line(line, fill=0, width=round(2 * r), joint="curve")
        for x, y in line:
            draw.ellipse((x - r, y - r, x + r, y + r), fill=0)
    return np.asarray(image.reduce(2))


def as_drawn(items):
    """Each digit as a student draws it on the canvas: usual size, the canvas's own pen. → (n, 784) float32, labels."""
    X = [mlcore.drawing.to_digit(render(item["strokes"])) for item in items]
    return np.stack(X), np.array([item["label"] for item in items])


def as_drawn_variously(items, times, rng):
    """Each digit several times: pens from thin to thick, small and large, slanted, stretched. → (n·times, 784) uint8, labels."""
    X, y = [], []
    for item in tqdm(items, "rendering", leave=False):
        for _ in range(times):
            turn, slant, stretch = rng.uniform(-0.2, 0.2), rng.uniform(-0.25, 0.25), np.exp(rng.uniform(-0.2, 0.2))
            turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
            affine = turned @ np.array([[stretch, 0], [slant, 1 / stretch]])
            # Only pen over digit matters after cropping, so a small canvas filled to the brim does for every size.
            pen = PEN / FILLED * np.exp(rng.uniform(np.log(0.5), np.log(2.2)))
            X.append(np.rint(255 * mlcore.drawing.to_digit(render(item["strokes"], pen * 0.7, 0.7, 140, affine))))
            y.append(item["label"])
    return np.stack(X).astype(np.uint8), np.array(y)


def moved(X, rng):
    """Each picture turned, slanted, scaled and shifted a little at random (bilinear). X (n, 784) uint8 → (n, 784) float32."""
    n = len(X)
    turn, slant = rng.uniform(-0.22, 0.22, n), rng.uniform(-0.2, 0.2, n)
    wide, tall = np.exp(rng.uniform(-0.14, 0.14, (2, n)))
    shift = rng.uniform(-1.6, 1.6, (2, n))
    cos, sin = np.cos(turn), np.sin(turn)
    a, b, c, d = cos * wide, (cos * slant - sin) * wide, sin * tall, (sin * slant + cos) * tall
    v, u = (np.mgrid[:28, :28].reshape(2, 1, 784) - 13.5).astype(np.float32)
    x = (a[:, None] * u + b[:, None] * v + 14.5 + shift[0][:, None]).astype(np.float32)
    y = (c[:, None] * u + d[:, None] * v + 14.5 + shift[1][:, None]).astype(np.float32)
    padded = np.pad(X.reshape(n, 28, 28), ((0, 0), (1, 2), (1, 2))).reshape(n, -1)
    np.clip(x, 0, 28.999, out=x), np.clip(y, 0, 28.999, out=y)
    column, row = x.astype(np.int32), y.astype(np.int32)
    x -= column
    y -= row
    at = row * 31 + column + (np.arange(n, dtype=np.int32) * 961)[:, None]
    flat = padded.ravel()
    top = flat[at] * (1 - x) + flat[at + 1] * x
    bottom = flat[at + 31] * (1 - x) + flat[at + 32] * x
    return (top * (1 - y) + bottom * y) / np.float32(255)


def fit(net, X, y, epochs, batch, learning_rate, l2, seed, augment):
    """Momentum with a cosine schedule; the weights are averaged over the last updates. Trains net in place."""
    rng = np.random.default_rng(seed)
    optimizer = mlcore.SGD(learning_rate, momentum=0.9)
    updates, done = epochs * (len(X) // batch), 0
    average = net.copy()
    for _ in tqdm(range(epochs), "epochs"):
        order = rng.permutation(len(X))
        for start in range(0, len(X) - batch * 32 + 1, batch * 32):
            rows = order[start : start + batch * 32]
            block = moved(X[rows], rng) if augment else X[rows]
            for k in range(0, len(block), batch):
                optimizer.learning_rate = learning_rate * (1 + np.cos(np.pi * done / updates)) / 2 + 1e-6
                optimizer.step(net, net.gradients(block[k : k + batch], y[rows[k : k + batch]], l2).D)
                done += 1
            # An average over about the last 3 % of the training so far: it follows quickly at first and settles at the end.
            keep = max(0.0, 1 - 32 / max(32, 0.03 * done))
            for mean, layer in zip(average.layers, net.layers):
                mean.theta[...] = keep * mean.theta + (1 - keep) * layer.theta
    for mean, layer in zip(average.layers, net.layers):
        layer.theta = mean.theta
    return net


def mnist_to_train_on():
    """MNIST's training digits without those that are held out with the embedded ones, told by their pixels. → X (59000, 784), y."""
    mnist = mlcore.datasets.load("mnist", folder=SHARED / "mnist")
    held_out = {row.tobytes() for row in mlcore.datasets.load("digits").X_test}
    mine = np.array([row.tobytes() not in held_out for row in mnist.X_train])
    return mnist.X_train[mine], mnist.y_train[mine]


def accuracy(net, X, y):
    return float((net.predict(X) == y).mean())


def confusions(net, X, y, most=6):
    """The most frequent wrong answers, as "4 read as 9: 5"."""
    wrong = np.zeros((10, 10), int)
    np.add.at(wrong, (y, net.predict(X)), 1)
    np.fill_diagonal(wrong, 0)
    pairs = sorted(np.ndindex(10, 10), key=lambda pair: -wrong[pair])[:most]
    return ", ".join(f"{i} read as {j}: {wrong[i, j]}" for i, j in pairs if wrong[i, j])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--validate", action="store_true", help="judge the recipes on writers tra21 … tra24 and 5,000 training digits")
    parser.add_argument("--only", choices=mlcore.models.names(), help="train this one alone")
    parser.add_argument("--epochs", type=int, default=60, help="of the multilayer network")
    args = parser.parse_args()

    mnist, embedded = mlcore.datasets.load("mnist", folder=SHARED / "mnist"), mlcore.datasets.load("digits")
    X, y = mnist_to_train_on()
    items = pen_strokes()
    writers = {item["writer"] for item in items} - HELD_OUT
    tests = {"test_accuracy": (mnist.X_test, mnist.y_test), "test_accuracy_strokes": HELD_OUT}
    if args.validate:
        order = np.random.default_rng(1).permutation(len(X))
        tests = {"test_accuracy": (X[order[:5000]], y[order[:5000]]), "test_accuracy_strokes": VALIDATION}
        X, y, writers = X[order[5000:]], y[order[5000:]], writers - VALIDATION
    judges = tests["test_accuracy_strokes"]
    tests["test_accuracy_strokes"] = as_drawn([item for item in items if item["writer"] in judges])

    recipes = {
        "softmax": "59,000 digits of MNIST; SGD with momentum 0.9, cosine schedule from 0.05, batches of 128, 30 epochs, λ = 0.00001",
        "mlp": f"59,000 digits of MNIST and pen strokes of {len(writers)} writers drawn as on the canvas, 8 times each; random affine "
        f"moves; SGD with momentum 0.9, cosine schedule from 0.05, batches of 128, {args.epochs} epochs, λ = 0.00001, averaged weights",
    }
    for name, recipe in recipes.items():
        if args.only not in (None, name):
            continue
        started = time.time()
        if name == "softmax":
            net = fit(mlcore.Network((784, 10), seed=0), X, y, 30, 128, 0.05, 1e-5, 0, augment=False)
            net.info = {"name": "softmax", "data": "MNIST", "what": "softmax regression"}
        else:
            drawn = as_drawn_variously([item for item in items if item["writer"] in writers], 8, np.random.default_rng(2))
            every, labels = np.concatenate([X, drawn[0]]), np.concatenate([y, drawn[1]])
            net = fit(mlcore.Network((784, 512, 256, 10), seed=0), every, labels, args.epochs, 128, 0.05, 1e-5, 0, augment=True)
            net.info = {"name": "mlp", "data": "MNIST and pen strokes", "what": "multilayer network"}
        net.info |= {key: accuracy(net, *test) for key, test in tests.items()}
        print(f"\n{name}: {time.time() - started:.0f} s, {net.info}")
        print(f"  embedded held-out digits: {accuracy(net, embedded.X_test, embedded.y_test):.4f}")
        for key, test in tests.items():
            print(f"  {key}: {confusions(net, *test)}")
        if not args.validate:
            net.info |= {"recipe": recipe, "trained": datetime.now(UTC).isoformat(timespec="seconds")}
            mlcore.save(net, ROOT / "mlcore" / "models" / f"{name}.npz")


if __name__ == "__main__":
    with threadpool_limits(1, "blas"):
        main()
