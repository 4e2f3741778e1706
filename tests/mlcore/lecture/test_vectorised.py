"""One layer forward and one error back, as matrices and as sums: the same numbers, and those of the network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.lecture.vectorised import backward_forms, forward_forms
from tests.mlcore import reference
from tests.mlcore.cases import case, cases

pytestmark = pytest.mark.part1


@given(cases(outputs=("one sigmoid",)), st.data())
def test_looped_and_vectorised_forward_agree_with_the_network(found, data):
    l = data.draw(st.integers(0, len(found.net.layers) - 1))
    forms, run = forward_forms(found.net, found.X[0], l), found.net.forward(found.X[:1])
    for z, a in ((forms.z, forms.a), (forms.z_loop, forms.a_loop)):
        assert z == pytest.approx(run.z[l][0], abs=1e-12) and a == pytest.approx(run.a[l][0], abs=1e-12)
    assert forms.input[0] == 1 and forms.apart <= 1e-12
    assert forms._replace(a_loop=forms.a_loop + 0.5).apart == pytest.approx(0.5)


@given(cases(outputs=("one sigmoid",), depths=(2, 4)), st.data())
def test_looped_and_vectorised_errors_agree_with_autograd(found, data):
    l = data.draw(st.integers(0, len(found.net.layers) - 2))
    forms = backward_forms(found.net, found.X[0], found.y[0], l)
    truth = reference.gradients(found.net, found.X[:1], found.y[:1])["db"][l]  # ∂cost/∂b is δ
    for errors in (forms.errors, forms.errors_loop):
        assert reference.distance(errors, truth) <= 1e-10
    s = found.net.sizes[l + 1]
    assert forms.back.shape == forms.slope.shape == (s + 1,) and forms.errors.shape == (s,)
    assert forms.slope[0] == (0 if found.net.hidden in ("sigmoid", "tanh") else 1), "a(1 − a) and 1 − a² of a₀ = 1 are exactly 0"


@pytest.mark.parametrize(
    "call, message",
    (
        (lambda net: forward_forms(net, np.ones((2, 3)), 0), r"x has shape \(2, 3\), expected \(3,\)"),
        (lambda net: backward_forms(net, [1, 2, 3], 1, 1), "l is 1, expected a hidden layer, 0 … 0"),
    ),
)
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call(case((3, 4, 1), "sigmoid", "one sigmoid").net)
