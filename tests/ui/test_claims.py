"""Sentences of the pages that compare, each on the scenes that it stands on."""

import numpy as np
import pytest

import mlcore
from mlcore.lecture.loop import Loop
from ui import state, subject
from ui.chain_rule import loop, step
from ui.softmax import saturation

DIGITS = mlcore.datasets.load("digits")
ALPHAS = (0.0001, 0.1, 1.0, 50.0, 1000.0)


def example(hidden, y):
    net, x = state.new_example(hidden)
    return subject.Subject(net, x[None], [y], ["the example"])


def losses(seen, rates):
    """The loss before the last of these steps, and after it."""
    return [state.read(net, seen.X, int(seen.y[0])).loss for net in step.walked(seen, rates)]


@pytest.mark.parametrize("y", range(3))
@pytest.mark.parametrize("hidden", [False, True])
def test_one_step_of_the_usual_size_lowers_the_loss_of_its_instance(hidden, y):
    before, after = losses(example(hidden, y), [0.1])
    assert after < before


@pytest.mark.parametrize("y", range(3))
@pytest.mark.parametrize("alpha", ALPHAS)
def test_in_one_layer_no_step_is_too_long(alpha, y):
    before, after = losses(example(False, y), [alpha])
    assert after < before
    x = DIGITS.X_test[y] / 255
    digit = subject.Subject(mlcore.models.load("softmax"), x[None], [y], ["it"])
    before, after = losses(digit, [alpha])
    assert after <= before


@pytest.mark.parametrize("name", mlcore.models.names())
def test_the_errors_grow_when_the_digit_is_said_to_be_another(name):
    net = mlcore.models.load(name)
    for k in (0, 5, 17):
        x = DIGITS.X_test[k : k + 1] / 255
        own = int(net.predict(x)[0])
        sizes = [subject.Derivatives(subject.Subject(net, x, [y], ["it"])).norms()[1] for y in range(10)]
        for y in set(range(10)) - {own}:
            assert all(there > here for there, here in zip(sizes[y], sizes[own])), (k, y)


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "identity"])
def test_from_zeros_the_hidden_units_stay_alike(hidden):
    """With sigmoid they move together, with the others only the last b moves."""
    _, x = state.new_example(True)
    more, y = loop.around(x, 3)
    run = Loop(mlcore.Network((3, 2, 3), hidden, "softmax", dtype="float64", init="zeros"), np.vstack([x, more]), np.append(0, y), 0.5, 3)
    run.end()
    first, last = run.net.layers
    np.testing.assert_allclose(first.theta[0], first.theta[1], rtol=1e-12)
    np.testing.assert_allclose(last.W[:, 0], last.W[:, 1], rtol=1e-12)
    assert last.b.all()
    assert bool(first.theta.any() or last.W.any()) == (hidden == "sigmoid")


@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_over_s_one_part_grows_and_the_other_shrinks(output):
    """Of the sweep to saturation: |∂L/∂a| up, |∂a/∂z| down, their product a − y goes to 1 in size and has no upper end at infinity."""
    z = state.new_example(False).net.forward(state.new_example(False).x[None]).z[-1][0]
    for y in range(3):
        parts = {name: np.abs(values) for name, values in saturation.sweep(z, y, output)}
        end = np.argmax(~np.isfinite(parts["|∂L/∂a|"])) or None
        later = np.flatnonzero(parts["|∂a/∂z|"][:end] > 0)[3:]
        assert (np.diff(parts["|∂L/∂a|"][:end]) >= 0).all() and (np.diff(parts["|∂a/∂z|"][later]) <= 0).all()
        fused = parts["|a − y|"]
        assert (np.diff(fused) >= 0).all() and fused[-1] == 1
