"""What comes in: what is taken, as what, and the one sentence that refuses the rest."""

import numpy as np
import pytest

from mlcore import validate


def says(call, *arguments, **named):
    with pytest.raises(ValueError) as refusal:
        call(*arguments, **named)
    return str(refusal.value)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pixels_are_shares_of_255_and_other_numbers_stay(dtype):
    pixels = np.array([[0, 1], [51, 255]], np.uint8)
    found = validate.inputs(pixels, 2, dtype)
    assert found.dtype == dtype and np.array_equal(found, np.array([[0, 1], [51, 255]], dtype) / np.array(255, dtype))
    for kind in ("int16", "bool", "float16", "float64"):
        found = validate.inputs(pixels.astype(kind), 2, dtype)
        assert found.dtype == dtype and np.array_equal(found, pixels.astype(kind).astype(dtype))
    mine = np.ones((2, 2), dtype)
    assert validate.inputs(mine, 2, dtype) is mine and validate.inputs([[1, 2]], 2, dtype).tolist() == [[1, 2]]


@pytest.mark.parametrize("X, sentence", [
    (np.ones(2), "X has shape (2,), expected (n, 2); for one instance pass x[None, :]"),
    (np.ones((1, 3)), "X has shape (1, 3), expected (n, 2)"),
    (np.ones((1, 2, 1)), "X has shape (1, 2, 1), expected (n, 2)"),
    (np.ones((0, 2)), "X is empty, expected at least one instance of shape (2,)"),
    ([[1, np.nan]], "X has entries that are NaN or infinite, expected finite numbers"),
    ([["a", "b"]], "X has entries of type <U1, expected real numbers"),
    ([[1e39, 0]], "X has entries that are NaN or infinite, expected finite numbers"),
    ([[1j, 0]], "X has entries of type complex128, expected real numbers"),
    ([[1, 2], [3]], "X has rows of different lengths, expected a rectangular array of numbers"),
])  # fmt: skip
def test_no_inputs(X, sentence):
    assert says(validate.inputs, X, 2, "float32") == sentence


@pytest.mark.parametrize("a", [[1, 2], (1, 2), np.array([1, 2]), np.array([1, 2], np.uint8), [True, False]])
def test_floats_are_taken_as_they_are_and_whole_numbers_as_float64(a):
    found = validate.floats(a, "a")
    assert found.dtype == np.float64 and np.array_equal(found, np.asarray(a))
    half = np.array([1, 2], np.float16)
    assert validate.floats(half, "a") is half
    assert says(validate.floats, "a", "mine") == "mine has entries of type <U1, expected real numbers"


@pytest.mark.parametrize("y, n, c, output, expected", [
    ([2, 0], 2, 3, "softmax", [[0, 0, 1], [1, 0, 0]]), ([2.0, 0.0], 2, 3, "sigmoid", [[0, 0, 1], [1, 0, 0]]),
    ([1, 0], 2, 1, "sigmoid", [[1], [0]]),
    ([[1], [0]], 2, 1, "sigmoid", [[1], [0]]), ([[1, 1], [0, 0]], 2, 2, "sigmoid", [[1, 1], [0, 0]]),
    ([True, False], 2, 2, "softmax", [[0, 1], [1, 0]]),
    (np.array([1], np.uint64), 1, 2, "softmax", [[0, 1]]),
])  # fmt: skip
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_targets(y, n, c, output, expected, dtype):
    found = validate.targets(y, n, c, output, dtype)
    assert found.dtype == dtype and found.tolist() == expected


@pytest.mark.parametrize("y, n, c, output, sentence", [
    ([0, 1], 3, 2, "softmax", "y has shape (2,), expected (3,): one label for each instance"),
    ([0, 1], 3, 2, "sigmoid", "y has shape (2,), expected (3,): one label for each instance or (3, 2) of 0 and 1"),
    ([[0, 1]], 1, 2, "softmax", "y has shape (1, 2), expected (1,): one label for each instance"),
    ([[0, 0.5]], 1, 2, "sigmoid", "y of shape (1, 2) has the entry 0.5, expected only 0 and 1"),
    ([0, 2], 2, 2, "softmax", "y has the label 2, expected 0 … 1"), ([0, -1], 2, 2, "softmax", "y has the label -1, expected 0 … 1"),
    ([0, 2], 2, 1, "sigmoid", "y has the label 2, expected 0 … 1"), ([0.5], 1, 2, "softmax", "y has the label 0.5, expected whole numbers"),
    ([np.inf], 1, 2, "softmax", "y has the label inf, expected whole numbers"),
    ("a", 1, 2, "softmax", "y has entries of type <U1, expected real numbers"),
])  # fmt: skip
def test_no_targets(y, n, c, output, sentence):
    assert says(validate.targets, y, n, c, output, "float64") == sentence


def test_labels_without_a_number_of_classes_reach_to_the_largest():
    y = np.array([0, 2**31 - 1])
    assert validate.labels(y).tolist() == y.tolist() and validate.labels(y.astype("float64")).dtype == np.int64
    assert says(validate.labels, y + 1) == "y has the label 2.14748e+09, expected 0 … 2147483647"
    assert says(validate.labels, np.array([3]), 3) == "y has the label 3, expected 0 … 2" and validate.labels(np.array([2]), 3) == [2]
    assert says(validate.labels, np.array([np.nan, 1])) == "y has the label nan, expected whole numbers"


def test_a_number_within_its_bounds():
    assert validate.number(0, "a") == 0 and type(validate.number(np.float32(2), "a")) is float and validate.number(1e300, "a") == 1e300
    assert validate.number(3, "a", low=3) == 3 and validate.number(0.999, "a", high=1.0) == 0.999 and validate.number(-1, "a", low=-2) == -1
    sentence = "a is {}, expected a finite number at least 0"
    for value, given in ((-1, "-1"), (np.nan, "nan"), (np.inf, "inf"), ("0.1", "'0.1'"), (b"1", "b'1'"), (None, "None"),
    ([1, 2], "[1, 2]")):
        assert says(validate.number, value, "a") == sentence.format(given)
    assert says(validate.number, 0, "a", low_allowed=False) == "a is 0, expected a finite number above 0"
    assert says(validate.number, 1, "a", high=1.0) == "a is 1, expected a finite number at least 0 and below 1"
    assert says(validate.number, 2, "a", low=2, high=5, low_allowed=False) == "a is 2, expected a finite number above 2 and below 5"
    assert says(validate.number, 10**400, "a").startswith("a is 1000")


def test_a_whole_number_of_at_least():
    assert validate.whole(np.int8(3), "n", 3) == 3 and type(validate.whole(True, "n", 0)) in (int, bool)
    assert says(validate.whole, 2, "n", 3) == "n is 2, expected a whole number of at least 3"
    assert says(validate.whole, 3.0, "n", 3) == "n is 3.0, expected a whole number of at least 3"
    assert says(validate.whole, "3", "n", 3) == "n is '3', expected a whole number of at least 3"


def test_names():
    assert validate.one_of("b", "letter", ("a", "b")) == "b"
    for wrong in ("c", None, 3, ["a"]):
        assert says(validate.one_of, wrong, "letter", ("a", "b")) == f"letter is {wrong!r}, expected one of: a, b"
    for value in ("float32", np.float32, np.dtype("float32"), "float64", np.float64):
        assert validate.dtype(value) == np.dtype(value) and isinstance(validate.dtype(value), np.dtype)
    for wrong in ("float16", np.float16, None, 5, "x", np.int64, object()):
        assert says(validate.dtype, wrong).startswith("dtype is ") and "expected one of: float32, float64" in says(validate.dtype, wrong)
    error = validate.absent("this", "pack", "more")
    assert type(error) is ImportError
    assert str(error) == "this needs the package pack: pip install '.[more]' in the project's folder, or pip install pack"
