"""Three ways for a network not to learn: zeros to start from, a step size too large, gradients that vanish with depth."""

import functools

import numpy as np

from .. import datasets
from ..network import Network
from .film import film

POINTS, NOISE, L2, EPOCHS = 40, 0.3, 0.01, 100  # of step_sizes: moons that overlap, so that no Θ reads all of them right
STEP_SIZES = (1, 15, 300)


def units_apart(net):
    """For each hidden layer the largest difference between two units in the same column of Θ: 0 where all units are the same."""
    return [float(np.ptp(layer.theta, axis=0).max()) for layer in net.layers[:-1]]


@functools.cache
def step_sizes():
    """The same start with a step size that fits, one too large, one far too large: {α: Film}, 100 updates with λ = 0.01 on 40 moons.

    With the first J falls at every step, with the second it goes up and down above its start, with the third it rises at every step: as
    αλ = 3, the λ part alone multiplies Θ by 1 − αλ = −2. None of them hangs on rounding.
    """
    data = datasets.load("moons", n=POINTS, noise=NOISE, seed=0, classes=2)
    X, y = np.concatenate([data.X_train, data.X_test]), np.concatenate([data.y_train, data.y_test])
    net = Network((2, 4, 1), "sigmoid", "sigmoid", 0, "float64")
    return {alpha: film(net, X, y, alpha, L2, EPOCHS) for alpha in STEP_SIZES}


def rises(J):
    """After how many of its updates J, (k + 1,), is higher than before."""
    return int((np.diff(J) > 0).sum())


def gradient_norms(net, X, y, l2=0.0):
    """‖D‖ of every layer, (layers,)."""
    return np.array([float(np.linalg.norm(D)) for D in net.gradients(X, y, l2).D])


def norms_by_depth(X, y, hidden, depths, width, seeds=10):
    """‖D‖ by layer before the first update, for networks of 1, 2 … hidden layers of `width` units: an array (depth + 1,) for each depth.

    Each norm is the mean over networks drawn with the seeds 0, 1 …, since in a narrow network one draw tells little.
    """
    found = []
    for depth in depths:
        sizes = (X.shape[1], *[width] * depth, 1)
        nets = (Network(sizes, hidden, "sigmoid", seed, "float64") for seed in range(seeds))
        found.append(np.mean([gradient_norms(net, X, y) for net in nets], axis=0))
    return found
