"""The slides' errata of part one in numbers, beside what is right: the cost and its parts, ∂cost/∂Θ as printed, the mean, the pairs."""

from typing import NamedTuple

import numpy as np

from .. import activations, validate
from .cancellation import cancellation
from .vectorised import one_instance, with_one

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
    net, x, target, run = one_instance(net, x, y)
    a, error = float(run.a[-1][0, 0]), float(run.a[-1][0, 0] - target[0, 0])
    last = len(net.layers) - 1
    before = with_one(run, last)
    numeric = np.array([central_difference(net, x, target, last, (0, j)) for j in range(len(before))])
    with np.errstate(all="ignore"):
        printed = np.divide(error, a * (1 - a)) * before * error
    return Printed(printed, error * before, numeric, a, before)


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
    net, x, target, run = one_instance(net, x, y)
    if len(net.layers) < 2:
        raise ValueError(f"the network is {validate.short(net, 100)}, expected one with a hidden layer")
    W, delta = net.layers[-1].W, (run.a[-1] - target)[0]
    slope = activations.HIDDEN[net.hidden][1](run.a[-2][0])
    before = with_one(run, len(net.layers) - 2)
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
    net, x, target, run = one_instance(net, X[k], y[k])
    delta, before = net.gradients(x, target).delta[l][0], with_one(run, l)
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
