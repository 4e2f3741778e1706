"""Softmax step by step in the precision asked for: what overflows does so, and the shift prevents it."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.activations import DTYPES, exp_limit, negative_log, softmax, softmax_steps

logits = st.lists(st.floats(-50, 50), min_size=1, max_size=12).map(np.array)
pytestmark = pytest.mark.part2


@given(logits)
def test_the_steps_end_in_softmax_to_the_bit(z):
    for dtype in ("float32", "float64"):
        assert np.array_equal(softmax_steps(z, dtype).a, softmax(z.astype(dtype)))


@given(logits, st.sampled_from(DTYPES), st.booleans(), st.sampled_from([0.1, 1.0, 3.0]))
def test_each_step_follows_from_the_one_before(z, dtype, shift, temperature):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        s = softmax_steps(z, dtype, shift, temperature)
    assert {array.dtype for array in s} == {np.dtype(dtype)}
    with np.errstate(all="ignore"):
        assert np.array_equal(s.z, (z / temperature).astype(dtype))
        assert np.array_equal(s.shifted, s.z - s.z.max() if shift else s.z)
        assert np.array_equal(s.exp, np.exp(s.shifted))
        assert np.array_equal(s.a, s.exp / s.sum, equal_nan=True)
    if shift:
        assert np.isfinite(s.a).all() and float(s.a.astype(float).sum()) == pytest.approx(1, abs=len(z) * float(np.finfo(dtype).eps))


@given(logits, st.floats(-300, 300))
def test_adding_a_number_to_all_logits_changes_nothing(z, k):
    assert softmax_steps(z + k).a == pytest.approx(softmax_steps(z).a, rel=1e-11)


@pytest.mark.parametrize("dtype, limit", (("float16", 11.09), ("float32", 88.72), ("float64", 709.8)))
def test_what_overflows_without_the_shift_does_not_with_it(dtype, limit):
    assert exp_limit(dtype) == pytest.approx(limit, abs=0.02)
    below, above = np.array([1.0, limit - 0.5]), np.array([1.0, limit + 0.5])
    assert np.isfinite(softmax_steps(below, dtype, shift=False).a).all()
    failed, saved = softmax_steps(above, dtype, shift=False), softmax_steps(above, dtype)
    assert np.isinf(failed.exp[1]) and np.isinf(failed.sum) and failed.a[0] == 0 and np.isnan(failed.a[1])
    assert np.isfinite(saved.a).all() and saved.a[1] == pytest.approx(1, abs=1e-3)


def test_a_sum_may_overflow_where_no_term_does():
    s = softmax_steps([11.0] * 3, "float16", shift=False)
    assert np.isfinite(s.exp).all() and np.isinf(s.sum) and not s.a.any()


def test_temperature_sharpens_and_flattens():
    cold, plain, hot = (softmax_steps([1.0, 2.0, 4.0], temperature=t).a for t in (0.1, 1.0, 100.0))
    assert cold.max() > 0.999999 > plain.max() > 0.8 and hot == pytest.approx(np.full(3, 1 / 3), abs=0.01)


def test_minus_log_of_the_slides_example():
    assert negative_log(np.array([0.1, 0.4, 1.0, 0.0])).tolist() == [pytest.approx(2.302585), pytest.approx(0.916291), 0, np.inf]
    assert not np.signbit(negative_log(np.float64(1)))


@pytest.mark.parametrize(
    "arguments, message",
    (
        (([[1.0, 2.0]],), r"z has shape \(1, 2\), expected \(c,\) with at least one entry"),
        (([],), "at least one entry"),
        (([1.0, np.nan],), "NaN or infinite"),
        ((["a"],), "expected real numbers"),
        (([1.0], "float8"), "dtype is 'float8', expected one of: float16, float32, float64"),
        (([1.0], "float32", True, 0.0), "temperature is 0, expected a finite number above 0"),
        (([1.0], "float32", True, np.nan), "temperature is nan"),
    ),
)
def test_bad_input_is_refused_in_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        softmax_steps(*arguments)
    with pytest.raises(ValueError, match="float8"):
        exp_limit("float8")
