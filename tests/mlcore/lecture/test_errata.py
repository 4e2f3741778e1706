"""The cost in parts, and the errata of part one in numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlcore
from mlcore.lecture import errata
from tests.mlcore import reference
from tests.mlcore.cases import case, cases

pytestmark = pytest.mark.part1

SIGMOIDS = cases(outputs=("one sigmoid",), depths=(2, 4))
FEW = settings(max_examples=40, deadline=None)


def one(sizes=(3, 4, 1), hidden="sigmoid", **more):
    return case(sizes, hidden, "one sigmoid", **more)


@given(cases())
def test_the_parts_sum_to_the_cost_of_the_reference(found):
    parts = errata.cost_parts(found.net, found.X, found.y, found.l2)
    theta, how = reference.parameters(found.net), (found.net.hidden, found.net.output)
    assert parts.data == pytest.approx(reference.cost(theta, found.X, found.y, *how), rel=1e-10, abs=1e-14)
    assert parts.data + parts.penalty == pytest.approx(reference.cost(theta, found.X, found.y, *how, found.l2), rel=1e-10)
    assert parts.squares == pytest.approx(sum(np.square(W).sum() for W, _ in theta))


@given(SIGMOIDS)
def test_both_conventions_of_lambda_by_autograd(found):
    halves, means = errata.conventions(found.net, found.X, found.y, 0.7)
    n = len(found.X)
    for c, l2 in ((halves, 0.7), (means, 0.7 / n)):
        truth = reference.gradients(found.net, found.X, found.y, l2)
        for l, D in enumerate(c.D):
            assert reference.distance(D[:, 1:], truth["dW"][l]) <= 1e-10 and reference.distance(D[:, 0], truth["db"][l]) <= 1e-10
        squares = errata.cost_parts(found.net, found.X, found.y, 0).squares
        assert c.penalty == pytest.approx(c.factor * 0.7 * squares)
        assert c.penalty == pytest.approx(c.J - found.net.cost(found.X, found.y), abs=1e-12)
    assert (halves.factor, means.factor) == (0.5, 0.5 / n)
    assert n == 1 or halves.J > means.J


@FEW
@given(SIGMOIDS, st.sampled_from([0, 1]))
def test_right_is_autograds_and_printed_is_right_times_a_less_y_over_the_slope(found, y):
    p = errata.as_printed(found.net, found.X[0], y)
    truth = reference.gradients(found.net, found.X[:1], [y])
    whole = np.append(truth["db"][-1], truth["dW"][-1][0])
    assert reference.distance(p.right, whole) <= 1e-10
    assert p.numeric == pytest.approx(p.right, abs=1e-8 * (1 + np.abs(p.input).max()) ** 2)
    assert p.printed == pytest.approx(p.right * (p.a - y) / (p.a * (1 - p.a)), rel=1e-9)


@given(cases(hidden=("sigmoid",), outputs=("one sigmoid",), depths=(2, 4)))
def test_the_printed_derivative_is_never_negative_and_wrong_by_its_sign_for_y_1(found):
    sure, wrong = (errata.as_printed(found.net, found.X[0], y) for y in (0, 1))
    assert (sure.printed >= 0).all() and (wrong.printed >= 0).all()
    assert (sure.right > 0).all() and (wrong.right < 0).all()


def test_a_saturated_output_raises_no_warning():
    net = one().net
    net.layers[-1].b = [900.0]
    assert not np.isfinite(errata.as_printed(net, [1.0, 2, 3], 0).printed).any()
    assert np.isfinite(errata.as_printed(net, [1.0, 2, 3], 0).right).all()


@given(SIGMOIDS)
def test_the_matrix_form_is_autograds(found):
    form = errata.matrix_form(found.net, found.X[0], found.y[0])
    truth = reference.gradients(found.net, found.X[:1], found.y[:1])
    assert reference.distance(form.gradient, np.column_stack([truth["db"][-2], truth["dW"][-2]])) <= 1e-10
    i, j = form.index
    assert abs(form.gradient[i, j]) == np.abs(form.gradient).max()
    assert form.delta[0] * form.W[0, i] * form.slope[i] * form.input[j] == pytest.approx(form.gradient[i, j])


@given(SIGMOIDS, st.data())
def test_the_mean_of_one_is_the_derivative_of_j(found, data):
    k, l = data.draw(st.integers(0, len(found.X) - 1)), data.draw(st.integers(0, len(found.net.layers) - 1))
    seen = errata.one_and_mean(found.net, found.X, found.y, k, l)
    i, j = seen.index
    every = [found.net.gradients(found.X[r : r + 1], found.y[r : r + 1]).D[l][i, j] for r in range(len(found.X))]
    assert seen.one == pytest.approx(every[k]) and seen.one == seen.a * seen.delta
    assert seen.mean == pytest.approx(np.mean(every), abs=1e-14)


@given(st.floats(-12, 12), st.sampled_from([0, 1]))
def test_pairs_by_central_differences_of_their_losses(z, y):
    def half(a):
        return (a - y) ** 2 / 2

    def logistic(z):
        return 1 / (1 + np.exp(-z))

    losses = (
        lambda z: np.logaddexp(0, z) - y * z,
        lambda z: np.logaddexp(0, z) - (z if y else 0),
        half,
        lambda z: half(logistic(z)),
    )  # fmt: skip
    *matching, other = errata.pairs(z, y)
    names = [("sigmoid", "−y log a − (1 − y) log(1 − a)"), ("softmax", "−log a_y"), ("identity", "½(a − y)²"), ("sigmoid", "½(a − y)²")]
    assert [(pair.output, pair.loss) for pair in (*matching, other)] == names
    assert [pair.a for pair in (*matching, other)] == pytest.approx([logistic(z), logistic(z), z, logistic(z)])
    for pair in (matching[0], matching[2], other):
        assert pair.dL_da * pair.da_dz == pytest.approx(pair.dL_dz, rel=1e-9)
    of_label = logistic(z if y else -z)
    slope = logistic(z) * logistic(-z)
    assert (matching[1].dL_da, matching[1].da_dz) == (pytest.approx(-1 / of_label), pytest.approx(slope if y else -slope))
    for pair, loss in zip((*matching, other), losses, strict=True):
        assert pair.dL_dz == pytest.approx((loss(z + 1e-5) - loss(z - 1e-5)) / 2e-5, abs=1e-8)
    for pair in matching:
        assert pair.dL_dz == pytest.approx(pair.difference, rel=1e-6, abs=1e-12) and pair.difference == pytest.approx(pair.a - y, abs=1e-12)
    assert other.dL_dz == pytest.approx(other.difference * other.a * (1 - other.a)) and abs(other.dL_dz) < abs(other.difference)


@pytest.mark.parametrize(
    "call, message",
    (
        (lambda net: errata.as_printed(mlcore.Network((3, 2)), [1, 2, 3], 1), "expected one with a single sigmoid output"),
        (lambda net: errata.as_printed(net, [1, 2, 3], 2), "y has the label 2"),
        (lambda net: errata.as_printed(net, [1, 2], 1), "X has shape"),
        (lambda net: errata.matrix_form(mlcore.Network((3, 1), output="sigmoid"), [1, 2, 3], 1), "expected one with a hidden layer"),
        (lambda net: errata.cost_parts(net, np.ones((2, 3)), [0, 1], -1), "l2 is -1"),
    ),
)
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call(one().net)
