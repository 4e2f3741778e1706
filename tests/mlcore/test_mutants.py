"""Slips that people make when they write backpropagation by hand. The checker that passes the right one must catch every one of them.

`Textbook` is the lecture's loop, one instance after another, in small steps; a slip changes one step and nothing else.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given

import mlcore
from tests.mlcore import reference
from tests.mlcore.cases import ACTIVATIONS, OUTPUTS, case, cases


class Textbook:
    """Δ and D as on the slides of part one, with the outputs of either part."""

    def slope(self, hidden, z, a):
        return {"sigmoid": a * (1 - a), "tanh": 1 - a ** 2, "relu": (z > 0) * 1.0, "identity": np.ones_like(z)}[hidden]

    def output_error(self, output, a, t):
        return a - t

    def back(self, theta, delta):
        return theta[:, 1:].T @ delta

    def hidden_error(self, hidden, back, z, a):
        return back * self.slope(hidden, z, a)

    def input_with_bias(self, a):
        return np.concatenate([[1.0], a])

    def start(self, thetas):
        return [np.zeros_like(theta) for theta in thetas]

    def mean(self, Delta, n):
        return Delta / n

    def penalty(self, theta, l2, n):
        return l2 * np.column_stack([np.zeros(len(theta)), theta[:, 1:]])

    def __call__(self, net, X, y, l2=0.0):
        """The object that net.gradients returns, from the weights of `net` alone."""
        thetas = [np.array(layer.theta, dtype="float64") for layer in net.layers]
        Delta, dX, n, last = self.start(thetas), np.zeros_like(X), len(X), len(thetas) - 1
        for i, (x, t) in enumerate(zip(X, reference.targets(y, len(thetas[-1])))):
            inputs, zs = [x], []
            for l, theta in enumerate(thetas):
                zs.append(theta @ np.concatenate([[1.0], inputs[-1]]))
                inputs.append(reference.HIDDEN[net.hidden](zs[-1]) if l < last else outputs(net.output, zs[-1]))
            delta = self.output_error(net.output, inputs[-1], t)
            for l in range(last, -1, -1):
                Delta[l] += np.outer(delta, self.input_with_bias(inputs[l]))
                if l:
                    delta = self.hidden_error(net.hidden, self.back(thetas[l], delta), zs[l - 1], inputs[l])
            dX[i] = thetas[0][:, 1:].T @ delta / n
        D = [self.mean(d, n) + self.penalty(theta, l2, n) for d, theta in zip(Delta, thetas)]
        return SimpleNamespace(D=D, dW=[d[:, 1:] for d in D], db=[d[:, 0] for d in D], dX=dX)


def outputs(name, z):
    return np.exp(z - z.max()) / np.exp(z - z.max()).sum() if name == "softmax" else reference.HIDDEN["sigmoid"](z)


class SlopeForgotten(Textbook):
    def slope(self, hidden, z, a):
        return np.ones_like(z)


class SlopeTwice(Textbook):
    def hidden_error(self, hidden, back, z, a):
        return back * self.slope(hidden, z, a) ** 2


class SlopeOfTheActivation(Textbook):
    """g′(z) = g(1 − g) with g taken of a, which has been through g already."""

    def slope(self, hidden, z, a):
        g = reference.HIDDEN[hidden](a)
        return super().slope(hidden, a, g)


class SlopeAtTheOutputToo(Textbook):
    """δ = (a − y) a (1 − a): the gradient of the squared error, not of the cross-entropy."""

    def output_error(self, output, a, t):
        return (a - t) * a * (1 - a)


class ErrorTwice(Textbook):
    """The slide's ∂cost/∂Θ⁽²⁾ as it is printed, with (a − y) twice."""

    def output_error(self, output, a, t):
        return (a - t) ** 2


class JacobianWithoutItsOffDiagonal(Textbook):
    """∂L/∂a times aᵢ(1 − aᵢ): only the label's class gets an error."""

    def output_error(self, output, a, t):
        return np.where(t == 1, -1 / a, 0) * a * (1 - a) if output == "softmax" else a - t


class WrongSign(Textbook):
    def output_error(self, output, a, t):
        return t - a


class LabelOffByOne(Textbook):
    def output_error(self, output, a, t):
        return a - np.roll(t, -1)


class MeanForgotten(Textbook):
    def mean(self, Delta, n):
        return Delta


class PenaltyOnTheBias(Textbook):
    def penalty(self, theta, l2, n):
        return l2 * theta


class PenaltyOverN(Textbook):
    def penalty(self, theta, l2, n):
        return super().penalty(theta, l2, n) / n


class PenaltyTwice(Textbook):
    """λ Σ Θ² differentiated without its ½."""

    def penalty(self, theta, l2, n):
        return 2 * super().penalty(theta, l2, n)


class PenaltyForgotten(Textbook):
    def penalty(self, theta, l2, n):
        return 0


class WeightsTransposed(Textbook):
    """W δ instead of Wᵀδ: with square matrices no shape complains."""

    def back(self, theta, delta):
        W = theta[:, 1:]
        return W @ delta if W.shape[0] == W.shape[1] else W.T @ delta


class MaskMissing(Textbook):
    def slope(self, hidden, z, a):
        return np.ones_like(z) if hidden == "relu" else super().slope(hidden, z, a)


class BiasRowKept(Textbook):
    """Θᵀδ is one row too long; cutting at the wrong end leaves the bias unit's row in."""

    def back(self, theta, delta):
        return (theta.T @ delta)[:-1]


class BiasUnitForgotten(Textbook):
    """a⁽¹⁾ = x as in the pseudo-code, which never adds a₀ = 1: the biases never move."""

    def input_with_bias(self, a):
        return np.concatenate([[0.0], a])


class AccumulatorNotReset(Textbook):
    """Δ = 0 stands before the loop over epochs instead of in it: the second epoch still has the first one's sum."""

    kept = None

    def start(self, thetas):
        if self.kept is None:
            self.kept = super().start(thetas)
        return self.kept

    def __call__(self, net, X, y, l2=0.0):
        super().__call__(net, X, y, l2)
        return super().__call__(net, X, y, l2)


# Each slip with a network where it shows (the second entry goes to `case`) and an array in which it does.
SQUARE = {"sizes": (4, 4, 4, 4)}
MUTANTS = [
    (SlopeForgotten, {"hidden": "sigmoid"}, "dW[0]"),
    (SlopeForgotten, {"hidden": "tanh"}, "dW[0]"),
    (SlopeTwice, {"hidden": "sigmoid"}, "dW[0]"),
    (SlopeTwice, {"hidden": "tanh"}, "dW[0]"),
    (SlopeOfTheActivation, {"hidden": "sigmoid"}, "dW[0]"),
    (SlopeAtTheOutputToo, {"output": "one sigmoid"}, "dW[1]"),
    (SlopeAtTheOutputToo, {"output": "softmax"}, "dW[1]"),
    (SlopeAtTheOutputToo, {"output": "sigmoids, 0/1"}, "dW[1]"),
    (ErrorTwice, {"output": "one sigmoid"}, "dW[1]"),
    (JacobianWithoutItsOffDiagonal, {"output": "softmax"}, "dW[1]"),
    (JacobianWithoutItsOffDiagonal, {"sizes": (4, 3), "output": "softmax"}, "dW[0]"),
    (WrongSign, {}, "dW[1]"),
    (LabelOffByOne, {}, "dW[1]"),
    (MeanForgotten, {}, "dW[1]"),
    (PenaltyOnTheBias, {"l2": 0.1}, "db[0]"),
    (PenaltyOverN, {"l2": 0.1}, "dW[0]"),
    (PenaltyTwice, {"l2": 0.1}, "dW[0]"),
    (PenaltyForgotten, {"l2": 0.1}, "dW[0]"),
    (WeightsTransposed, SQUARE, "dW[0]"),
    (MaskMissing, {"hidden": "relu"}, "dW[0]"),
    (BiasRowKept, {}, "dW[0]"),
    (BiasRowKept, SQUARE, "dW[0]"),
    (BiasUnitForgotten, {}, "db[0]"),
    (AccumulatorNotReset, {}, "dW[1]"),
]
TITLES = [f"{mutant.__name__}-{'-'.join(map(str, told.values())) or 'plain'}" for mutant, told, _ in MUTANTS]


def wrong_arrays(gradients, net, X, y, l2):
    """The checker of these tests: the arrays that differ from autograd's by more than 1e-10."""
    mine, truth = gradients(net, X, y, l2), reference.gradients(net, X, y, l2)
    pairs = [("dX", mine.dX, truth["dX"][0])]
    for l in range(len(net.layers)):
        pairs += [(f"dW[{l}]", mine.dW[l], truth["dW"][l]), (f"db[{l}]", mine.db[l], truth["db"][l])]
    return [name for name, g, h in pairs if reference.distance(g, h) > 1e-10]


def shown_to_check_gradients(monkeypatch, gradients, net, X, y, l2):
    """mlcore's own check on a network class whose gradients are the ones given."""
    monkeypatch.setattr(mlcore.Network, "gradients", lambda self, X, y, l2=0.0: gradients(self, np.asarray(X, "float64"), y, l2))
    return mlcore.check_gradients(net, X, y, l2, entries=None)


@given(cases())
def test_the_textbook_is_accepted(given_case):
    assert wrong_arrays(Textbook(), *given_case) == []


@given(cases())
def test_the_textbook_and_mlcore_agree(given_case):
    net, X, y, l2 = given_case
    for mine, theirs in zip(net.gradients(X, y, l2).D, Textbook()(net, X, y, l2).D):
        assert reference.distance(mine, theirs) <= 1e-10


@pytest.mark.parametrize("mutant, told, where", MUTANTS, ids=TITLES)
def test_a_slip_is_caught_and_the_truth_beside_it_is_not(mutant, told, where):
    given_case = case(**told)
    assert wrong_arrays(Textbook(), *given_case) == []
    assert wrong_arrays(type(given_case.net).gradients, *given_case) == []
    assert where in wrong_arrays(mutant(), *given_case)


@pytest.mark.parametrize("mutant, told, where", MUTANTS, ids=TITLES)
def test_check_gradients_catches_it_too(monkeypatch, mutant, told, where):
    given_case = case(**told)
    assert shown_to_check_gradients(monkeypatch, Textbook(), *given_case).ok
    check = shown_to_check_gradients(monkeypatch, mutant(), *given_case)
    assert not check.ok
    assert check.worst.error > 1e-6
    caught = {row.array for row in check.rows if row.error > 1e-6}
    assert where in caught
    assert caught <= set(wrong_arrays(mutant(), *given_case))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_check_gradients_points_at_the_one_wrong_entry(monkeypatch, hidden, output):
    def one_wrong(net, X, y, l2=0.0):
        grads = Textbook()(net, X, y, l2)
        grads.dW[0][2, 1] += 0.5
        return grads

    check = shown_to_check_gradients(monkeypatch, one_wrong, *case(hidden=hidden, output=output))
    assert not check.ok
    assert (check.worst.array, tuple(check.worst.index)) == ("dW[0]", (2, 1))
    assert check.worst.analytic - check.worst.numeric == pytest.approx(0.5, abs=1e-6)

