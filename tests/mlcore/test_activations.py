"""Activations and losses by themselves: exact where the obvious formula is not."""

import math

import numpy as np
import pytest

from mlcore import activations
from mlcore.activations import binary_cross_entropy, cross_entropy


@pytest.mark.parametrize("lead", [3.0, 20.0, 38.0, 300.0])
def test_the_loss_of_a_sure_and_right_answer_keeps_its_digits(lead):
    """log(1 + e⁻³⁸) is 0 in float64, where the loss is e⁻³⁸."""
    expected = math.log1p(math.exp(-lead))
    assert cross_entropy(np.array([[lead, 0.0]]), np.array([[1.0, 0.0]])) == pytest.approx([expected], rel=1e-12, abs=0)
    assert binary_cross_entropy(np.array([[lead]]), np.array([[1.0]])) == pytest.approx([expected], rel=1e-12, abs=0)
    assert binary_cross_entropy(np.array([[-lead]]), np.array([[0.0]])) == pytest.approx([expected], rel=1e-12, abs=0)


BY_HAND = {
    "sigmoid": (lambda z: 1 / (1 + math.exp(-z)), lambda a: a * (1 - a)), "tanh": (math.tanh, lambda a: 1 - a**2),
    "relu": (lambda z: max(z, 0), lambda a: float(a > 0)), "identity": (lambda z: z, lambda a: 1.0),
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", BY_HAND)
def test_each_activation_and_its_slope_by_hand_into_any_array(name, dtype):
    z = np.array([[-3.0, -0.5, 0.0], [0.25, 2.0, 40.0]], dtype)
    g, g_prime = activations.HIDDEN[name]
    by_hand, slope = BY_HAND[name]
    expected = np.array([[by_hand(float(v)) for v in row] for row in z])
    out, own = np.full_like(z, 7), z.copy()
    for a in (g(z), g(z, out=out), g(own, out=own)):
        assert a.dtype == dtype and a == pytest.approx(expected, rel=1e-6 if dtype == "float32" else 1e-14)
    assert np.array_equal(out, own) and np.array_equal(out, g(z))
    primes = g_prime(out)
    assert primes.dtype == dtype and primes == pytest.approx(np.vectorize(slope)(out.astype("float64")), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("z", [[1.0, 3.0, -2.0], [[1.0, 3.0, -2.0], [0.0, 0.0, 1000.0]], [[[-1.0, 0.5], [2.0, 2.0]]]])
def test_softmax_and_its_jacobian_by_hand_into_any_array(z):
    z = np.array(z)
    shifted = np.exp(z - z.max(axis=-1)[..., None])
    expected = shifted / shifted.sum(axis=-1)[..., None]
    out, own = np.empty_like(z), z.copy()
    for a in (activations.softmax(z), activations.softmax(z, out=out), activations.softmax(own, out=own)):
        assert a == pytest.approx(expected, rel=1e-14)
    assert np.array_equal(out, own)
    jacobian = np.empty((*z.shape, z.shape[-1]))
    found = activations.softmax_jacobian(out)
    assert activations.softmax_jacobian(out, out=jacobian) is jacobian and np.array_equal(found, jacobian)
    for place in np.ndindex(z.shape[:-1]):
        a = out[place]
        for i, j in np.ndindex(len(a), len(a)):
            assert found[(*place, i, j)] == pytest.approx(a[i] * (1 - a[i]) if i == j else -a[i] * a[j], rel=1e-14, abs=1e-16)


def test_losses_are_those_of_their_definition_for_each_instance():
    rng = np.random.default_rng(0)
    z, y = 3 * rng.normal(size=(6, 4)), np.array([0, 1, 2, 3, 1, 1])
    target, many = np.eye(4)[y], rng.integers(0, 2, (6, 4)).astype(float)
    assert cross_entropy(z, target) == pytest.approx([-math.log(activations.softmax(row)[k]) for row, k in zip(z, y)], rel=1e-12)
    h = activations.sigmoid(z)
    assert binary_cross_entropy(z, many) == pytest.approx(-(many * np.log(h) + (1 - many) * np.log(1 - h)).sum(axis=1), rel=1e-12)
    assert activations.LOSS["softmax"] is cross_entropy and activations.LOSS["sigmoid"] is binary_cross_entropy
    far = np.array([[1e4, -1e4, 0.0]])
    assert [cross_entropy(far, np.eye(3)[[k]])[0] for k in range(3)] == [0, 2e4, 1e4]
    assert binary_cross_entropy(far, np.array([[0.0, 1, 1]])) == pytest.approx([2e4 + math.log(2)])


@pytest.mark.parametrize("call, says", [
    (lambda: activations.softmax_steps([1.0], dtype="int8"), "dtype is 'int8', expected one of: float16, float32, float64"),
    (lambda: activations.softmax_steps([1.0], temperature=0), "temperature is 0, expected a finite number above 0"),
    (lambda: activations.softmax_steps([1.0], temperature=-1), "temperature is -1"),
    (lambda: activations.softmax_steps("a"), "z has entries of type"), (lambda: activations.softmax_steps([]), r"z has shape \(0,\)"),
    (lambda: activations.softmax_steps([[1.0]]), r"z has shape \(1, 1\)"),
    (lambda: activations.softmax_steps([np.nan]), "z has entries that"),
    (lambda: activations.exp_limit("float8"), "dtype is 'float8', expected one of: float16, float32, float64"),
])  # fmt: skip
def test_what_does_not_fit_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@pytest.mark.parametrize("dtype, limit", [("float16", 11.09), ("float32", 88.72), ("float64", 709.78)])
def test_up_to_the_limit_an_exponential_is_finite(dtype, limit):
    found = activations.exp_limit(dtype)
    assert found == pytest.approx(limit, abs=0.005)
    with np.errstate(over="ignore"):
        assert np.isfinite(np.exp(np.array(found * 0.999, dtype))) and np.isinf(np.exp(np.array(found * 1.001, dtype)))
