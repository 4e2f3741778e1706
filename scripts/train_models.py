"""Train the shipped networks, mlcore/models/softmax.npz and mlp.npz, from the data in ../shared/data; docs/models.md has the results.

    python scripts/train_models.py                 both, on everything but what is held out
    python scripts/train_models.py --validate      the same recipes judged on a part of the training data: how they were chosen

One process makes the pictures, the other learns from them. The same seed gives the same files, bit for bit, on the same machine.
"""

import argparse
import sys
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]
import augment  # noqa: E402

import mlcore  # noqa: E402

SHARED = ROOT.parent / "shared" / "data"
VALIDATION = {f"tra{k}" for k in range(21, 25)}
VALIDATION_DIGITS = 10_000
BLOCK = 32  # batches that are made at a time
TIMES = 10  # how often each stroke digit is drawn
SETTLED = "2026-11-23"  # the day of these recipes; the day of a run would make other files of the same weights


class Recipe(NamedTuple):
    """How one network is trained.

    sizes of the network; pictures it learns from in all; drawn: the share of them that are pen strokes; moved: none is seen twice.
    """

    sizes: tuple
    pictures: int
    batch: int
    learning_rate: float
    drawn: float
    moved: bool
    temperature: float  # the one that calibrates best on the validation split, found by --validate


class Shipped(NamedTuple):
    """A network of the package: one that was trained, or several side by side whose logits are averaged."""

    what: str
    members: tuple
    temperature: float = 1.0  # of the average


SHIPPED = {
    "softmax": Shipped("softmax regression", (Recipe((784, 10), 1_800_000, 128, 0.05, 0.0, False, 0.94),)),
    "mlp": Shipped(
        "multilayer network",
        (
            Recipe((784, 1024, 512, 10), 18_000_000, 256, 0.2, 0.3, True, 1.32),
            Recipe((784, 512, 256, 10), 14_000_000, 256, 0.2, 0.45, True, 1.2),
        ),
        0.9,
    ),
}
MOMENTUM, L2, AVERAGED = 0.9, 1e-5, 0.03
CALM, CALMED = 0.6, 0.4  # from this part of the training on, pictures are moved less and less, at the end by this share


class Pictures:
    """The pictures to learn from, in blocks of 32 batches, from sets of X (n, 784) uint8 and y; block k is the same whenever it is made."""

    def __init__(self, sets, shares, recipe, seed):
        self.sets, self.recipe, self.seed = sets, recipe, seed
        size = BLOCK * recipe.batch
        self.counts = [round(size * share) for share in shares]
        self.blocks = recipe.pictures // size

    def block(self, k):
        """X (BLOCK · batch, 784) uint8 and y of block k, in random order."""
        rng = np.random.default_rng((self.seed, k))
        picked = [dealt(len(y), k * count, (k + 1) * count, self.seed) for (_, y), count in zip(self.sets, self.counts)]
        X, y = (np.concatenate([arrays[i][rows] for arrays, rows in zip(self.sets, picked)]) for i in (0, 1))
        order = rng.permutation(len(y))
        if not self.recipe.moved:
            return X[order], y[order]
        # Moved less towards the end, so that the last steps are for pictures as they are.
        late = max(0, k / self.blocks - CALM) / (1 - CALM)
        return augment.moved(X[order], rng, 1 - late * (1 - CALMED)), y[order]


def dealt(n, start, stop, seed):
    """The cards start … stop − 1 when n cards are dealt to the last, shuffled, dealt again, without end."""
    rounds = range(start // n, (stop - 1) // n + 1) if stop > start else ()
    cards = [np.random.default_rng((seed, 1 << 32, i)).permutation(n) for i in rounds]
    return np.concatenate([*cards, np.empty(0, int)])[start % n :][: stop - start].astype(int)


def made_ahead(pictures):
    """The blocks in their order, made by another process while this one learns."""
    blocks = pictures.blocks
    with ProcessPoolExecutor(1, initializer=_work_on, initargs=(pictures,)) as pool:
        waiting = deque(pool.submit(_block, k) for k in range(min(4, blocks)))
        for k in range(blocks):
            ready = waiting.popleft().result()
            if k + 4 < blocks:
                waiting.append(pool.submit(_block, k + 4))
            yield ready


def _work_on(pictures):
    threadpool_limits(1, "blas")
    global _pictures
    _pictures = pictures


def _block(k):
    return _pictures.block(k)


def fit(recipe, sets, shares, seed=0):
    """A network trained by momentum, the step size falling along half a cosine; its weights are averages over the last updates."""
    net = mlcore.Network(recipe.sizes, seed=seed)
    thetas = [layer.theta for layer in net.layers]
    velocities, average = [np.zeros_like(theta) for theta in thetas], [theta.copy() for theta in thetas]
    pictures = Pictures(sets, shares, recipe, seed)
    blocks = pictures.blocks
    for k, (X, y) in enumerate(tqdm(made_ahead(pictures), "blocks", blocks, smoothing=0.02)):
        for i in range(BLOCK):
            rows = slice(i * recipe.batch, (i + 1) * recipe.batch)
            step = recipe.learning_rate * (1 + np.cos(np.pi * (k + i / BLOCK) / blocks)) / 2
            for theta, v, Delta in zip(thetas, velocities, gradients(thetas, X[rows], y[rows], step / recipe.batch)):
                v *= np.float32(MOMENTUM)
                v -= Delta
                theta += v
        for theta in thetas:
            theta[:, 1:] *= np.float32(1 - step * L2 * BLOCK)
        # An average over about the last 3 % of the training so far: it follows quickly at first and settles at the end.
        keep = np.float32(1 - 1 / max(1, AVERAGED * (k + 1)))
        for mean, theta in zip(average, thetas):
            mean *= keep
            mean += (1 - keep) * theta
    for theta, mean in zip(thetas, average):
        theta[...] = mean
    return net


def gradients(thetas, X, y, scale):
    """Δ = Σ δ [1; a]ᵀ of every layer, times scale, for a batch X (n, 784) uint8: mlcore.backprop in the fewest steps.

    The recipe has its own, so that its bits stay the same whatever mlcore's fast path becomes.
    """
    n = len(X)
    a = [np.ones((n, len(theta[0])), np.float32) for theta in thetas]
    np.multiply(X, np.float32(1 / 255), out=a[0][:, 1:])
    for theta, before, after in zip(thetas, a, a[1:]):
        np.maximum(before @ theta.T, 0, out=after[:, 1:])
    delta = a[-1] @ thetas[-1].T
    delta -= delta.max(axis=1, keepdims=True)
    np.exp(delta, out=delta)
    delta /= delta.sum(axis=1, keepdims=True)
    delta[np.arange(n), y] -= 1
    delta *= np.float32(scale)
    Deltas = []
    for l in reversed(range(len(thetas))):
        Deltas.insert(0, delta.T @ a[l])
        if l:
            delta = delta @ thetas[l][:, 1:]
            delta *= a[l][:, 1:] > 0
    return Deltas


def side_by_side(members):
    """One network that computes all the members, of as many layers each, and averages their logits; between them its weights are 0."""
    if len(members) == 1:
        return members[0]
    inside = zip(*(member.sizes[1:-1] for member in members))
    net = mlcore.Network((members[0].sizes[0], *map(sum, inside), members[0].sizes[-1]), init="zeros")
    for l, layer in enumerate(net.layers):
        row = column = 0
        for W, b in ((member.layers[l].W, member.layers[l].b) for member in members):
            first, last = l == 0, layer is net.layers[-1]
            share = np.float32(1 / len(members) if last else 1)
            layer.W[row : row + len(W), column : column + W.shape[1]] += share * W
            layer.b[row : row + len(W)] += share * b
            row, column = (0 if last else row + len(W)), (0 if first else column + W.shape[1])
    return net


def finished(net, temperature):
    """net with its logits over the temperature, so that it is as sure as it is right, and weights that float16 holds."""
    net = net.copy()
    net.layers[-1].theta = net.layers[-1].theta / np.float32(temperature)
    for layer in net.layers:
        layer.theta = layer.theta.astype(np.float16)
    return net


def best_temperature(net, sets):
    """The temperature with the smallest calibration error, averaged over the sets."""
    tried = np.arange(0.7, 1.5, 0.02).round(2)
    errors = {T: np.mean([mlcore.evaluate(finished(net, T), X, y).calibration_error for X, y in sets]) for T in tried}
    return float(min(errors, key=errors.get))


def mnist_to_train_on():
    """MNIST's training digits without those that are held out with the embedded ones, told by their pixels. → X (59000, 784), y."""
    mnist = mlcore.datasets.load("mnist", folder=SHARED / "mnist")
    held_out = {row.tobytes() for row in mlcore.datasets.load("digits").X_test}
    mine = np.array([row.tobytes() not in held_out for row in mnist.X_train])
    return mnist.X_train[mine], mnist.y_train[mine]


def by(writers):
    """The digits these writers drew."""
    return [item for item in mlcore.strokes.load(SHARED / "strokes" / "30-writers.json.gz") if item["writer"] in writers]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--validate", action="store_true", help="judge the recipes on writers tra21 … tra24 and 10,000 training digits")
    parser.add_argument("--only", choices=SHIPPED, help="train this one alone")
    parser.add_argument("--pictures", type=int, help="learn from so many pictures instead of the recipe's number")
    args = parser.parse_args()

    X, y = mnist_to_train_on()
    judges = set(mlcore.strokes.HELD_OUT)
    writers = {f"tra{k:02}" for k in range(1, 31)} - judges
    if args.validate:
        order = np.random.default_rng(1).permutation(len(X))
        out, kept = order[:VALIDATION_DIGITS], order[VALIDATION_DIGITS:]
        test, X, y = (X[out], y[out]), X[kept], y[kept]
        judges, writers = VALIDATION, writers - VALIDATION
    else:
        mnist = mlcore.datasets.load("mnist", folder=SHARED / "mnist")
        test = mnist.X_test, mnist.y_test
    tests = {"": test, "_strokes": mlcore.strokes.drawn(by(judges))}  # as the keys of net.info end

    for name, (what, recipes, temperature) in SHIPPED.items():
        if args.only not in (None, name):
            continue
        started, drawn, members, pictures = time.time(), None, [], 0
        for k, recipe in enumerate(recipes):
            recipe = recipe._replace(pictures=args.pictures or recipe.pictures)
            sets = [(X, y)]
            if recipe.drawn:
                drawn = drawn or augment.drawn_variously(by(writers), TIMES, np.random.default_rng(2))
                sets.append(drawn)
            raw = fit(recipe, sets, [1 - recipe.drawn, recipe.drawn], seed=k)
            if args.validate:
                print(f"\n{name}, member {k}: best temperature {best_temperature(raw, list(tests.values())[: len(sets)])}")
            members.append(finished(raw, recipe.temperature))
            pictures += recipe.pictures
        average = side_by_side(members)
        net = finished(average, temperature)
        net.info = {
            "name": name, "what": what, "data": "MNIST and pen strokes" if drawn else "MNIST",
            "trained": SETTLED, "recipe": f"scripts/train_models.py, {pictures:,} pictures",
        }  # fmt: skip
        print(f"\n{name}: {time.time() - started:.0f} s")
        for kind, (X_test, y_test) in tests.items():
            found = mlcore.evaluate(net, X_test, y_test)
            net.info |= {f"test_accuracy{kind}": found.accuracy, f"calibration_error{kind}": found.calibration_error}
            confused = ", ".join(f"{i} read as {j}: {count}" for i, j, count in found.confused())
            print(f"{kind.strip('_') or 'MNIST'}: {found.accuracy:.4f} of {found.n} read right")
            print(f"  cost {found.loss:.4f}, calibration error {found.calibration_error:.4f}; {confused}")
        if args.validate:
            print(f"  best temperature of the average: {best_temperature(average, list(tests.values())[: len(sets)])}")
        else:
            mlcore.save(net, ROOT / "mlcore" / "models" / f"{name}.npz")


if __name__ == "__main__":
    with threadpool_limits(1, "blas"):
        main()
