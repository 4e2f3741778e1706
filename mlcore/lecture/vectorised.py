"""One layer forward and one error back, as matrices and as the slide's sums: the same numbers in both."""

from typing import NamedTuple

import numpy as np

from .. import activations, validate


def one_instance(net, x, y):
    """A float64 copy of net, x as (1, p), y as (1, 1), and the forward pass. ValueError unless there is one sigmoid output."""
    if net.output != "sigmoid" or net.sizes[-1] != 1:
        raise ValueError(f"the network is {validate.short(net, 100)}, expected one with a single sigmoid output")
    net = net.copy("float64")
    x = validate.inputs(np.atleast_2d(validate.array(x, "x")), net.sizes[0], net.dtype)
    if len(x) != 1:
        raise ValueError(f"x has shape {validate.shown(x.shape)}, expected ({net.sizes[0]},)")
    target = validate.targets(np.reshape(validate.array(y, "y"), -1), 1, 1, net.output, net.dtype)
    return net, x, target, net.forward_pass(x)


def with_one(run, l):
    """The input of layers[l] with a₀ = 1 in front, (in + 1,)."""
    return np.append(1.0, (run.a[l - 1] if l else run.x)[0])


class Forms(NamedTuple):
    """A layer's step forward twice: theta (s, q + 1), input (q + 1,) with a₀ = 1; z, a (s,) by matrices, z_loop, a_loop by sums."""

    theta: np.ndarray
    input: np.ndarray
    z: np.ndarray
    a: np.ndarray
    z_loop: np.ndarray
    a_loop: np.ndarray

    @property
    def apart(self):
        """The largest difference between the two forms."""
        return float(max(np.abs(self.z - self.z_loop).max(), np.abs(self.a - self.a_loop).max()))


def forward_forms(net, x, l):
    """z = Θ[1; a], a = g(z) of layers[l] as matrices, and as the slide's equations, one sum after the other → Forms."""
    net, x, _, run = one_instance(net, x, 0)
    theta, before = net.layers[l].theta, with_one(run, l)
    g = activations.OUTPUT[net.output] if l == len(net.layers) - 1 else activations.HIDDEN[net.hidden][0]
    z = theta @ before
    sums = [0.0] * len(theta)
    for i, row in enumerate(theta):
        for weight, a in zip(row, before):
            sums[i] += weight * a
    return Forms(theta, before, z, g(z), np.array(sums), np.array([float(g(np.array([s]))[0]) for s in sums]))


class BackForms(NamedTuple):
    """δ of a hidden layer of s units twice. theta (t, s + 1) and delta (t,) of the next layer, a (s + 1,) with a₀ = 1.

    back (s + 1,) = Θᵀδ with the bias unit's row first; slope (s + 1,) is g′ written with a, so that row too has one; errors (s,) by
    matrices, errors_loop (s,) by sums.
    """

    theta: np.ndarray
    delta: np.ndarray
    a: np.ndarray
    back: np.ndarray
    slope: np.ndarray
    errors: np.ndarray
    errors_loop: np.ndarray

    @property
    def apart(self):
        """The largest difference between the two forms."""
        return float(np.abs(self.errors - self.errors_loop).max())


def backward_forms(net, x, y, l):
    """δ = (Θᵀδ without its bias row) ∘ g′ of the hidden layer layers[l] as matrices, and unit by unit → BackForms (erratum 3).

    Raises ValueError for the output layer, whose δ is a − y.
    """
    net, x, target, run = one_instance(net, x, y)
    if not 0 <= l < len(net.layers) - 1:
        raise ValueError(f"l is {l}, expected a hidden layer, 0 … {len(net.layers) - 2}")
    theta, delta = net.layers[l + 1].theta, net.gradients(x, target).delta[l + 1][0]
    a = with_one(run, l + 1)
    back, slope = theta.T @ delta, activations.HIDDEN[net.hidden][1](a)
    units = [0.0] * (len(a) - 1)
    for j in range(1, len(a)):
        for i in range(len(delta)):
            units[j - 1] += theta[i, j] * delta[i]
        units[j - 1] *= slope[j]
    return BackForms(theta, delta, a, back, slope, back[1:] * slope[1:], np.array(units))
