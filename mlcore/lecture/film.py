"""A training of part one as a film: Θ, J and accuracy before each epoch and at the end, and what each frame makes of the plane."""

from typing import NamedTuple

import numpy as np

from .. import activations, validate
from ..datasets import Dataset
from ..engine import targets
from ..network import Network
from ..optimizers import SGD
from ..threads import OneThread
from ..training import DIVERGED, Seen, epoch_updates, train

BLOCK = 2**17  # activations of a layer that are computed at once: as many frames as stay in the cache


class Film(NamedTuple):
    """One frame before each epoch and one at the end; epochs + 1 of them, or fewer where the numbers stop being finite.

    net is the network at the start. thetas[l] (frames, out, in + 1). costs (frames, 2): the two parts of J, the mean of cost(xᵢ) and
    (λ/2) Σ Θ² over j ≠ 0. accuracy (frames,). stopped: why there are fewer frames, in a sentence, else None.
    """

    net: Network
    thetas: list
    costs: np.ndarray
    accuracy: np.ndarray
    stopped: str | None

    @property
    def J(self):
        """J(Θ) of each frame, (frames,)."""
        return self.costs.sum(axis=1)

    @property
    def too_far(self):
        """The first frame whose J is above 10 × max(first J, ln 2), by which `mlcore.train` tells divergence; None without one."""
        costs = self.J
        above = np.flatnonzero(costs > DIVERGED * max(costs[0], np.log(2)))
        return int(above[0]) if len(above) else None

    def __len__(self):
        return len(self.costs)

    def network(self, k):
        """The network of frame k. IndexError where there is none."""
        net = self.net.copy()
        for layer, thetas in zip(net.layers, self.thetas):
            layer.theta[...] = thetas[k]
        return net


def film(net, X, y, learning_rate, l2, epochs):
    """The lecture's loop, one update Θ ← Θ − αD an epoch: the weights `mlcore.train` has with batch_size=None, shuffle=False → Film.

    net has one sigmoid output and stays as it is; X (n, p), y (n,) of 0 and 1; computed in float64. Unlike `train` it goes on however
    large J gets: the last frame is that after all epochs, or the last whose Θ and J are finite. Raises ValueError for another network,
    data that do not fit it, numbers out of range, and a J that is not finite to begin with.
    """
    if net.output != "sigmoid" or net.sizes[-1] != 1:
        raise ValueError(f"the network has {net.sizes[-1]} {net.output} outputs, expected one sigmoid output")
    start, epochs = net.copy("float64"), validate.whole(epochs, "epochs", 0)
    data, optimizer = Dataset(validate.scaled(validate.array(X, "X"), np.float64), y), SGD(learning_rate)
    train(start, data, optimizer, None, epochs, l2)  # says what does not fit, and makes no step
    moving, order = start.copy(), np.arange(len(data.X_train))
    thetas = [np.empty((epochs + 1, *layer.theta.shape)) for layer in start.layers]
    costs, accuracy, frames = np.empty((epochs + 1, 2)), np.empty(epochs + 1), 0
    with OneThread(), np.errstate(all="ignore"):
        for k in range(epochs + 1):
            if k:
                list(epoch_updates(moving, data, optimizer, len(order), l2, order, Seen(moving, l2, data.y_train)))
            costs[k], accuracy[k] = _measured(moving, data, l2)
            if not (np.isfinite(costs[k].sum()) and all(np.isfinite(layer.theta).all() for layer in moving.layers)):
                break
            for kept, layer in zip(thetas, moving.layers):
                kept[k] = layer.theta
            frames += 1
    if not frames:
        raise ValueError("J of the network is not finite; scale its weights or the data")
    stopped = None
    if frames <= epochs:
        stopped = f"The run stopped after epoch {frames - 1}: at α = {learning_rate:g} the next step leads to numbers that are not finite."
    return Film(start, [kept[:frames] for kept in thetas], costs[:frames], accuracy[:frames], stopped)


class Rounding(NamedTuple):
    """From which epoch on rounding decides a run; and the epoch, with both its J, where the two differ most."""

    epoch: int
    most: int
    J: float
    other: float


def rounding(run, X, y, learning_rate, l2, apart=0.01):
    """Whether the last bits decide what becomes of a film → Rounding, or None.

    The same run is made with its instances in the opposite order, so that every sum over them is rounded otherwise; where steps are too
    large the difference can grow from 1e-16 to 1 within some dozens of them. It decides from the epoch on after which both J, for the
    first time, are apart by more than this share of the larger. Arguments as for film.
    """
    other = film(run.net, np.asarray(X)[::-1], np.asarray(y)[::-1], learning_rate, l2, len(run) - 1).J
    J = run.J[: len(other)]
    share = np.abs(J - other) / np.maximum(np.maximum(J, other), np.finfo(float).tiny)
    if not (share > apart).any():
        return None
    most = int(share.argmax())
    return Rounding(int((share > apart).argmax()), most, float(J[most]), float(other[most]))


def _measured(net, data, l2):
    """The two parts of J as `net.cost` has them, and the accuracy."""
    run = net.forward_pass(data.X_train)
    losses = net.output_losses(run.z[-1], targets(net, data.y_train).T)
    return (losses.mean(), net.penalty(l2)), (net.decide(run.a[-1]) == data.y_train).mean()


def _passes(net, thetas, X):
    """The forward pass of X (n, p) through the networks of all frames, some frames at a time: (which, a of each layer, logits (…, n)).

    Part one's z = Θa with a₀ = 1, an instance in every column: one product with Θ of all these frames at once. a[l] (…, units, n).
    """
    g, _ = activations.HIDDEN[net.hidden]
    x = np.vstack([np.ones(len(X)), np.asarray(X, np.float64).T])
    most = max(1, BLOCK // (len(X) * max(net.sizes[1:])))
    for start in range(0, len(thetas[0]), most):
        rows = slice(start, start + most)
        a, hidden = x, []
        for theta in thetas:
            z = theta[rows] @ a
            if theta is not thetas[-1]:
                a = np.empty((len(z), z.shape[1] + 1, len(X)))
                a[:, 0] = 1
                hidden.append(g(z, out=a[:, 1:]))
        yield rows, hidden, z[:, 0]


def fields(film, points):
    """P(y = 1) at the points (m, p) in every frame → (frames, m)."""
    made = np.empty((len(film), len(points)))
    for rows, _, z in _passes(film.net, film.thetas, points):
        made[rows] = activations.sigmoid(z)
    return made


def unit_fields(film, points, most=12):
    """The activations of the hidden units at the points (m, p) in every frame, the first `most` units in all → (frames, units, m)."""
    count = min(most, sum(film.net.sizes[1:-1]))
    made = np.empty((len(film), count, len(points)))
    for rows, hidden, _ in _passes(film.net, film.thetas, points):
        first = 0
        for a in hidden:
            made[rows, first : first + a.shape[1]] = a[:, : count - first]
            first = min(count, first + a.shape[1])
    return made


def levels(values, middle, reach):
    """Values as uint8 for a picture: 128 at the middle, 1 and 255 at middle ± reach and beyond. reach, above 0, may be an array."""
    places = np.clip((np.asarray(values) - middle) / reach, -1, 1) * 127
    return (np.rint(places) + 128).astype(np.uint8)
