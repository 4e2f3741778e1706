"""How well a network reads a set of instances: accuracy, cost, calibration, and what it takes for what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from . import validate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .network import Network

BLOCK = 1024


class Evaluation(NamedTuple):
    """What reading n instances gave: accuracy, the share read right; loss, the mean cost J without λ.

    calibration_error is the expected calibration error, 0 … 1. confusion (c, c) has at [i, j] how often label i was read as j.
    """

    n: int
    accuracy: float
    loss: float
    calibration_error: float
    confusion: np.ndarray

    def confused(self, most: int = 6) -> list[tuple[int, int, int]]:
        """The most frequent wrong answers as [(label, read, count), …], most frequent first."""
        wrong = self.confusion.copy()
        np.fill_diagonal(wrong, 0)
        pairs = sorted(zip(*np.nonzero(wrong)), key=lambda pair: -wrong[pair])[:most]
        return [(int(label), int(read), int(wrong[label, read])) for label, read in pairs]


def evaluate(net: Network, X: ArrayLike, y: ArrayLike, bins: int = 15) -> Evaluation:
    """Read X (n, p) and compare with the labels y (n,) → Evaluation. Works in blocks, so pixels (uint8) are never all floats at once.

    The calibration error sorts the instances into `bins` equal ranges of confidence, the probability of the answer given, and averages
    |confidence − accuracy| of the ranges, weighted by their instances. Raises ValueError as Network.losses does, and for labels
    that are not one for each instance.
    """
    X, y, bins = validate.array(X, "X"), validate.array(y, "y"), validate.whole(bins, "bins", 1)
    if y.shape != X.shape[:1]:
        raise ValueError(f"y has shape {validate.shown(y.shape)}, expected ({len(X) if X.ndim else 1},): one label for each instance")
    c = max(net.sizes[-1], 2)
    y = validate.labels(y, c)
    loss, read, confidence = 0.0, [], []
    for start in range(0, max(1, len(X)), BLOCK):
        rows = slice(start, start + BLOCK)
        run = net.forward(X[rows])
        target = validate.targets(y[rows], len(run.x), net.sizes[-1], net.output, net.dtype)
        loss += float(net.output_losses(run.z[-1], target).sum(dtype=np.float64))
        a = run.probabilities if net.sizes[-1] > 1 else np.hstack([1 - run.probabilities, run.probabilities])
        read.append(net.decide(run.probabilities))
        confidence.append(a.max(axis=1).astype(np.float64))
    answers, sure = np.concatenate(read), np.concatenate(confidence)
    confusion = np.zeros((c, c), np.int64)
    np.add.at(confusion, (y, answers), 1)
    error = _calibration_error(sure, answers == y, bins)
    return Evaluation(len(y), float((answers == y).mean()), loss / len(y), error, confusion)


def _calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int) -> float:
    """Σ over the bins of (instances in it / n) · |mean confidence − share right|, which is |Σ confidence − Σ right| / n."""
    place = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    return float(np.abs(np.bincount(place, confidence - right, bins)).sum() / len(right))
