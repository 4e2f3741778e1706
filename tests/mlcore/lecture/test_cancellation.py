"""The parts of the output error, their product, and a − y in one step (errata 7 and 15)."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlcore
from mlcore.lecture.cancellation import cancellation

pytestmark = pytest.mark.part2


@st.composite
def softmaxes(draw, reach=15.0):
    z = np.array(draw(st.lists(st.floats(-reach, reach), min_size=2, max_size=10)))
    return z, draw(st.integers(0, len(z) - 1))


def quiet(*arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return cancellation(*arguments)


@given(softmaxes())
def test_the_product_is_the_fused_form(pair):
    z, y = pair
    c = quiet(z, y)
    onehot = np.eye(len(z))[y]
    assert np.array_equal(c.fused, c.a - onehot)
    # 1 − a loses digits where a is near 1: what is lost is of size eps / a_y at most.
    assert np.abs(c.product - c.fused).max() <= 1e-14 * max(1, 1 / c.a[y])
    assert c.loss == pytest.approx(c.naive_loss, rel=1e-9, abs=1e-14)
    assert c.dL_da[y] == -1 / c.a[y] and not np.delete(c.dL_da, y).any()


@given(softmaxes(reach=800.0))
def test_the_fused_form_and_the_loss_are_finite_however_far_out(pair):
    c = quiet(*pair)
    assert np.isfinite(c.fused).all() and 0 <= c.loss <= 1602 + np.log(10)


@given(softmaxes())
def test_the_same_as_explain(pair):
    z, y = pair
    net = mlcore.Network((1, len(z)), dtype="float64", init="zeros")
    net.layers[0].b = z
    e, c = mlcore.explain(net, [0.0], y), quiet(z, y)
    layer = e.layers[0]
    for name, other in (("a", layer.a), ("dL_da", layer.dL_da), ("da_dz", layer.da_dz), ("fused", layer.dL_dz)):
        assert np.array_equal(getattr(c, name), other), name
    assert c.loss == e.loss


def test_the_erratum():
    c = quiet([0, -800], 1)
    assert np.isnan(c.product).all() and c.naive_loss == np.inf
    assert c.fused.tolist() == [1, -1] and c.loss == 800


@pytest.mark.parametrize("z, y, fused", ((-800, 1, -1), (800, 0, 1)))
def test_the_erratum_of_one_sigmoid(z, y, fused):
    c = quiet(z, y, "sigmoid")
    assert np.isnan(c.product).all() and c.naive_loss == np.inf
    assert c.fused.tolist() == [fused] and c.loss == 800


def test_a_sigmoid_by_hand():
    c = quiet(np.log(3), 0, "sigmoid")  # a = 3/4
    assert c.a == pytest.approx([0.75]) and c.dL_da == pytest.approx([4]) and c.da_dz == pytest.approx(np.array([[3 / 16]]))
    assert c.product == pytest.approx([0.75]) and c.loss == pytest.approx(np.log(4)) and c.naive_loss == pytest.approx(np.log(4))


def test_several_sigmoids_do_not_spoil_each_other():
    c = quiet([0, -800, 1], [1, 1, 0], "sigmoid")
    assert np.isnan(c.product).tolist() == [False, True, False]
    assert c.product[0] == -0.5 and c.fused[1] == -1 and c.da_dz.shape == (3, 3)
    by_label, by_array = quiet([0.5, 1, 2], 1, "sigmoid"), quiet([0.5, 1, 2], [0, 1, 0], "sigmoid")
    assert np.array_equal(by_label.product, by_array.product) and by_label.loss == by_array.loss


def test_the_parts_grow_and_shrink():
    parts = [quiet([0, -s], 1) for s in (1, 10, 100, 700)]
    grows, shrinks = zip(*((abs(c.dL_da[1]), c.da_dz[1, 1]) for c in parts))
    assert list(grows) == sorted(grows) and grows[-1] > 1e300
    assert list(shrinks) == sorted(shrinks, reverse=True) and shrinks[-1] < 1e-300
    for c in parts:
        assert c.product == pytest.approx(c.fused, rel=1e-12)


@pytest.mark.parametrize(
    "arguments, message",
    (
        (([1.0], 0), "z has one entry, expected at least two"),
        (([[1.0, 2.0]], 0), r"z has shape \(1, 2\)"),
        (([1.0, np.inf], 0), "NaN or infinite"),
        (([1.0, 2.0], 2), "y has the label 2, expected 0 … 1"),
        (([1.0, 2.0], [0, 1]), r"y has shape \(2,\)"),
        ((1.0, 2, "sigmoid"), "y has the label 2, expected 0 … 1"),
        (([1.0, 2.0], [0, 3], "sigmoid"), "expected only 0 and 1"),
        (([1.0, 2.0], 0, "tanh"), "output is 'tanh', expected one of: softmax, sigmoid"),
    ),
)
def test_bad_input_is_refused_in_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        cancellation(*arguments)
