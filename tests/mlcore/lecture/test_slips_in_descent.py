"""Slips in the epoch of part one: each is told apart from what is right."""

import numpy as np
import pytest

from mlcore import backprop
from mlcore.lecture import descent
from mlcore.lecture.descent import PENALTY, Descent
from tests.mlcore import reference
from tests.mlcore.lecture.test_descent import made, named, to_line

pytestmark = pytest.mark.part1

right_errors, right_average = backprop.errors, backprop.average


def slope_at_the_output(net, run, target):
    delta = right_errors(net, run, target)
    delta[-1] *= run.a[-1] * (1 - run.a[-1])
    return delta


def bias_row_kept(net, run, target):
    """Θᵀδ with its first row in, the last one left out instead."""
    delta = right_errors(net, run, target)
    for l in range(len(net.layers) - 1, 0, -1):
        delta[l - 1] = (delta[l] @ net.layers[l].theta)[:, :-1] * run.a[l - 1] * (1 - run.a[l - 1])
    return delta


def penalty_on_the_bias(layer, Delta, n, l2):
    return Delta / n + l2 * layer.theta


def without_the_mean(layer, Delta, n, l2):
    return right_average(layer, Delta * n, n, l2)


MUTANTS = {
    "σ′ at the output": ("errors", slope_at_the_output), "bias row kept": ("errors", bias_row_kept),
    "λ on column 0": ("average", penalty_on_the_bias), "1/n missing": ("average", without_the_mean),
}  # fmt: skip


class DeltaKept(Descent):
    """Δ is not set to 0 when an epoch begins."""

    def _computed(self, k):
        if self._epoch[0] != k:
            left = [Delta[-1] for Delta in self._computed(k - 1).Delta] if k else 0
            now = super()._computed(k)
            if k:
                self._epoch = k, now._replace(Delta=[Delta + rest for Delta, rest in zip(now.Delta, left)])
        return self._epoch[1]


def farthest(walked):
    """By epoch, how far D is from autograd's gradient of J at that epoch's Θ."""
    found = []
    for epoch in range(1, walked.epochs + 1):
        to_line(walked, PENALTY, epoch)
        D, truth = named(walked, "D"), reference.gradients(walked.net, walked.X, walked.y, walked.l2)
        right = [np.hstack([b[:, None], W]) for W, b in zip(truth["dW"], truth["db"])]
        found.append(max(reference.distance(one, D[l + 1].value) for l, one in enumerate(right)))
    return found


@pytest.mark.parametrize("slip", MUTANTS)
def test_slips_are_caught(slip, monkeypatch):
    assert max(farthest(made())) < 1e-10
    where, mutant = MUTANTS[slip]
    monkeypatch.setattr(descent.backprop, where, mutant)
    assert min(farthest(made())) > 1e-3


def test_Delta_that_is_not_set_to_zero_is_caught():
    first, *later = farthest(made(cls=DeltaKept))
    assert first < 1e-10 and min(later) > 1e-3, "the first epoch has nothing left over"
