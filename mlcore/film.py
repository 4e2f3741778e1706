"""A training of part one as a film: Θ, J and accuracy before each epoch and at the end, and what each frame makes of the plane."""

from typing import NamedTuple

import numpy as np

from . import activations, checks
from .dataset import Dataset
from .network import Network
from .optimizers import SGD
from .training import train

BLOCK = 2**17  # activations of a layer that are computed at once: as many frames as stay in the cache


class Film(NamedTuple):
    """One frame before each epoch and one at the end; epochs + 1 of them, or fewer where the training did not last.

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

    net has one sigmoid output and stays as it is; X (n, p), y (n,) of 0 and 1; computed in float64. The film ends where `train` says it
    diverged, and with the last frame whose J is finite. Raises ValueError for another network, data that do not fit it, and numbers out
    of range.
    """
    if net.output != "sigmoid" or net.sizes[-1] != 1:
        raise ValueError(f"the network has {net.sizes[-1]} {net.output} outputs, expected one sigmoid output")
    start, epochs = net.copy("float64"), checks.whole(epochs, "epochs", 0)
    data = Dataset(np.asarray(X, np.float64), y)
    moving = start.copy()
    thetas = [np.empty((epochs + 1, *layer.theta.shape)) for layer in start.layers]
    frames, diverged = 0, False
    for progress in train(moving, data, SGD(learning_rate), None, epochs, l2, shuffle=False):
        diverged = progress.diverged
        if not diverged and not progress.instances and progress.epoch == frames:
            for kept, layer in zip(thetas, moving.layers):
                kept[frames] = layer.theta
            frames += 1
    thetas = [kept[:frames] for kept in thetas]
    costs, accuracy = _measured(start, thetas, data.X_train, data.y_train, l2)
    sound = np.isfinite(costs).all(axis=1)
    last = frames if sound.all() else int(sound.argmin())
    stopped = None
    if diverged or last < frames:
        stopped = f"The training diverged after epoch {last - 1}: at α = {learning_rate:g} each step goes too far."
    return Film(start, [kept[:last] for kept in thetas], costs[:last], accuracy[:last], stopped)


def _measured(net, thetas, X, y, l2):
    """costs (frames, 2) and accuracy (frames,)."""
    costs, accuracy = np.zeros((len(thetas[0]), 2)), np.empty(len(thetas[0]))
    with np.errstate(all="ignore"):
        for rows, _, z in _passes(net, thetas, X):
            target = np.broadcast_to(y, z.shape)
            costs[rows, 0] = activations.binary_cross_entropy(z.reshape(-1, 1), target.reshape(-1, 1)).reshape(z.shape).mean(axis=1)
            accuracy[rows] = ((activations.sigmoid(z) >= 0.5) == target).mean(axis=1)
        if l2:
            costs[:, 1] = l2 / 2 * sum(np.square(theta[:, :, 1:]).sum(axis=(1, 2)) for theta in thetas)
    return costs, accuracy


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
