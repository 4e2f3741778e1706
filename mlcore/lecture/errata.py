"""Part one with numbers: the cost and its parts, the slides' errata beside what is right, loops beside matrices, small runs of descent."""

from typing import NamedTuple

import numpy as np

from .. import activations, validate
from ..network import Network
from .cancellation import cancellation
from .film import film

STEP = 1e-5  # of a central difference: its error is of order STEP², that of rounding 1e-16 / STEP


class CostParts(NamedTuple):
    """J = data + penalty. data is the mean of cost(xᵢ), squares is Σ Θᵢⱼ² over j ≠ 0, penalty = (λ/2) squares."""

    data: float
    penalty: float
    squares: float


def cost_parts(net, X, y, l2):
    """The two parts of J(Θ) → CostParts. X (n, p), y (n,). Raises ValueError as Network.cost does."""
    l2 = validate.number(l2, "l2")
    squares = sum(float(np.vdot(layer.W, layer.W)) for layer in net.layers)
    return CostParts(net.cost(X, y), l2 / 2 * squares, squares)


class Convention(NamedTuple):
    """One way to write the λ term: what λ is multiplied with, that term, J, and D of every layer, each as Θ."""

    factor: float
    penalty: float
    J: float
    D: list


def conventions(net, X, y, l2):
    """The same λ under (λ/2) ΣΘ², as D = Δ/n + λΘ has it, and under (λ/2n) ΣΘ² → two Convention (erratum 6).

    The second is what scikit-learn and Nielsen write; there D = (Δ + λΘ)/n. Raises ValueError as Network.gradients does.
    """
    found = []
    for strength in (l2, validate.number(l2, "l2") / len(X)):
        parts = cost_parts(net, X, y, strength)
        factor = 1 / 2 if not found else 1 / (2 * len(X))
        found.append(Convention(factor, parts.penalty, parts.data + parts.penalty, net.gradients(X, y, strength).D))
    return tuple(found)


def _instance(net, x, y):
    """A float64 copy of net with one sigmoid output, x (1, p), y (1, 1), and its forward pass."""
    if net.output != "sigmoid" or net.sizes[-1] != 1:
        raise ValueError(f"the network is {net!r}, expected one with a single sigmoid output")
    net = net.copy("float64")
    x = validate.inputs(np.atleast_2d(validate.array(x, "x")), net.sizes[0], net.dtype)
    if len(x) != 1:
        raise ValueError(f"x has shape {x.shape}, expected ({net.sizes[0]},)")
    target = validate.targets(np.reshape(validate.array(y, "y"), -1), 1, 1, net.output, net.dtype)
    return net, x, target, net.forward_pass(x)


def central_difference(net, X, y, l, index, l2=0.0):
    """∂J/∂Θ at entry `index` of layers[l].theta by a step of 1e-5 to either side; a float. net is left as it was."""
    net = net.copy("float64")
    theta = net.layers[l].theta
    value, J = theta[index], []
    for moved in (value + STEP, value - STEP):
        theta[index] = moved
        J.append(net.cost(X, y, l2))
    return (J[0] - J[1]) / (2 * STEP)


class Printed(NamedTuple):
    """∂cost/∂Θ of the last layer, each (s + 1,): as the slide prints it, right, by central difference. a: the output, input: (s + 1,)."""

    printed: np.ndarray
    right: np.ndarray
    numeric: np.ndarray
    a: float
    input: np.ndarray


def as_printed(net, x, y):
    """The slide's ∂cost/∂Θ⁽²⁾ beside the right one, for one instance x (p,) with y 0 or 1 → Printed (erratum 1).

    Printed: (a − y)/(a(1 − a)) · a⁽²⁾ · (a − y), with a − y twice, so never negative where a⁽²⁾ is positive. Right: (a − y) a⁽²⁾. A
    saturated a makes the printed one infinite or NaN; no warning is raised. Raises ValueError unless there is one sigmoid output.
    """
    net, x, target, run = _instance(net, x, y)
    a, error = float(run.a[-1][0, 0]), float(run.a[-1][0, 0] - target[0, 0])
    last = len(net.layers) - 1
    before = _with_one(run, last)
    numeric = np.array([central_difference(net, x, target, last, (0, j)) for j in range(len(before))])
    with np.errstate(all="ignore"):
        printed = np.divide(error, a * (1 - a)) * before * error
    return Printed(printed, error * before, numeric, a, before)


def _with_one(run, l):
    """The input of layers[l] with a₀ = 1 in front, (in + 1,)."""
    return np.append(1.0, (run.a[l - 1] if l else run.x)[0])


class MatrixForm(NamedTuple):
    """∂cost/∂Θ of the layer before the last: W (1, s) is the last Θ without column 0, delta (1,), slope (s,) = g′, input (q + 1,).

    gradient (s, q + 1) = (Wᵀδ ∘ g′) inputᵀ, index: its entry of largest size.
    """

    W: np.ndarray
    delta: np.ndarray
    slope: np.ndarray
    input: np.ndarray
    gradient: np.ndarray
    index: tuple


def matrix_form(net, x, y):
    """The slide's ∂cost/∂Θ⁽¹⁾, right as scalars only, with matrices → MatrixForm (erratum 2). In deeper networks Θ⁽ᴸ⁻²⁾.

    Raises ValueError without a hidden layer, and unless there is one sigmoid output.
    """
    net, x, target, run = _instance(net, x, y)
    if len(net.layers) < 2:
        raise ValueError(f"the network is {net!r}, expected one with a hidden layer")
    W, delta = net.layers[-1].W, (run.a[-1] - target)[0]
    slope = activations.HIDDEN[net.hidden][1](run.a[-2][0])
    before = _with_one(run, len(net.layers) - 2)
    gradient = np.outer(W.T @ delta * slope, before)
    return MatrixForm(W, delta, slope, before, gradient, largest(gradient))


def largest(array):
    """The index of the entry of largest size, a tuple of int."""
    return tuple(map(int, np.unravel_index(np.nanargmax(np.abs(array)), array.shape)))


class OneAndMean(NamedTuple):
    """One entry (i, j) of layer l: a and delta whose product `one` is the instance's own derivative; mean is Δ/n over all n."""

    index: tuple
    a: float
    delta: float
    one: float
    mean: float


def one_and_mean(net, X, y, k, l):
    """aⱼδᵢ of instance k beside ∂J/∂Θᵢⱼ, their mean, at the instance's largest entry of layer l → OneAndMean (erratum 5)."""
    net, x, target, run = _instance(net, X[k], y[k])
    delta, before = net.gradients(x, target).delta[l][0], _with_one(run, l)
    i, j = largest(np.outer(delta, before))
    mean = net.gradients(X, y).D[l][i, j]
    return OneAndMean((i, j), float(before[j]), float(delta[i]), float(delta[i] * before[j]), float(mean))


class Pair(NamedTuple):
    """An output with a loss: ∂L/∂a, ∂a/∂z, ∂L/∂z by the chain rule, and a − y. They match where the last two agree."""

    output: str
    loss: str
    a: float
    dL_da: float
    da_dz: float
    dL_dz: float
    difference: float


def pairs(z, y):
    """δ = a − y needs the matching pair: four outputs with their losses at the logit z and the target y of 0 or 1 → Pairs (erratum 7).

    softmax has the two logits (0, z), so its second probability is sigmoid(z); of its ∂a/∂z and ∂L/∂a the label's are given.
    Where a saturates, the parts are infinite or NaN. Raises ValueError as cancellation does.
    """
    y = int(y)
    z = float(z)
    one, two = cancellation(z, y, "sigmoid"), cancellation([0.0, z], y)
    a, slope, two_a = float(one.a[0]), float(one.da_dz[0, 0]), float(two.a[1])
    return (
        Pair("sigmoid", "−y log a − (1 − y) log(1 − a)", a, float(one.dL_da[0]), slope, float(one.product[0]), a - y),
        Pair("softmax", "−log a_y", two_a, float(two.dL_da[y]), float(two.da_dz[y, 1]), float(two.product[1]), float(two.fused[1])),
        Pair("identity", "½(a − y)²", z, z - y, 1.0, z - y, z - y),
        Pair("sigmoid", "½(a − y)²", a, a - y, slope, (a - y) * slope, a - y),
    )


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
    net, x, _, run = _instance(net, x, 0)
    theta, before = net.layers[l].theta, _with_one(run, l)
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
    net, x, target, run = _instance(net, x, y)
    if not 0 <= l < len(net.layers) - 1:
        raise ValueError(f"l is {l}, expected a hidden layer, 0 … {len(net.layers) - 2}")
    theta, delta = net.layers[l + 1].theta, net.gradients(x, target).delta[l + 1][0]
    a = _with_one(run, l + 1)
    back, slope = theta.T @ delta, activations.HIDDEN[net.hidden][1](a)
    units = [0.0] * (len(a) - 1)
    for j in range(1, len(a)):
        for i in range(len(delta)):
            units[j - 1] += theta[i, j] * delta[i]
        units[j - 1] *= slope[j]
    return BackForms(theta, delta, a, back, slope, back[1:] * slope[1:], np.array(units))


class Descent(NamedTuple):
    """A run: net as it ended, losses: J after 0, 1, 2 … updates; stopped: whether the next one's numbers are no longer finite."""

    net: Network
    losses: np.ndarray
    stopped: bool


def descend(net, X, y, rate, l2, epochs):
    """Gradient descent over all of X (n, p), y (n,), an update an epoch: where `film` ends → Descent. Raises ValueError as film does."""
    run = film(net, X, y, rate, l2, epochs)
    return Descent(run.network(-1), run.J, run.stopped is not None)


def units_apart(net):
    """For each hidden layer the largest difference between two units in the same column of Θ: 0 where all units are the same."""
    return [float(np.ptp(layer.theta, axis=0).max()) for layer in net.layers[:-1]]


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
