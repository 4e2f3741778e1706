"""The bench: any two objects of a layer by any product, and what is said of the result."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlcore
from mlcore.lecture.products import ELEMENTWISE, MATRIX, OPERATIONS, OUTER, SIGNS, TRANSPOSE, bench_objects, combine, operand, sizes
from tests.mlcore.cases import case, cases

pytestmark = pytest.mark.part2


def objects_of(sizes=(5, 3), l=-1, output="softmax", seed=0, hidden="tanh"):
    found = case(sizes, hidden=hidden, output=output, seed=seed)
    return bench_objects(mlcore.explain(found.net, found.X[0], found.y[0]), l)


def expected_shape(a, operation, b):
    """By the rules alone: the shape, or None."""
    if operation == MATRIX:
        return (a[0], b[1]) if a[1] == b[0] else None
    if operation == OUTER:
        return (max(a), max(b)) if 1 in a and 1 in b else None
    for small, large in ((a, b), (b, a)):
        if small == large or small == (large[0], 1) or small == (1, large[1]):
            return large
    return None


def written(shape):
    return f"{shape[0]} × {shape[1]}"


def nearly(a, b):
    return a.shape == b.shape and np.abs(a - b).max() <= 1e-12 * np.abs(b).max()


@settings(max_examples=12)  # each tries every pair of objects
@given(cases(), st.data())
def test_each_pair_has_a_result_or_a_reason_with_both_shapes(found, data):
    l = data.draw(st.integers(0, len(found.net.layers) - 1))
    objects = bench_objects(mlcore.explain(found.net, found.X[0], found.y[0]), l)
    flat = [operand(name, objects) for name in objects]
    factors = flat + [combine(one, TRANSPOSE, objects=objects) for one in flat]
    for a, b, operation in itertools.product(factors, factors, (MATRIX, ELEMENTWISE, OUTER)):
        made, shape = combine(a, operation, b, objects), expected_shape(a.shape, operation, b.shape)
        assert made.shape == shape and (made.array is None) == (shape is None), (made.text, a.shape, b.shape)
        if shape is None:
            assert made.name is None and made.verdict.startswith("It does not fit: ")
            assert f"{a.text} is {written(a.shape)} and {b.text} is {written(b.shape)}." in made.verdict
        else:
            direct = {MATRIX: np.matmul, ELEMENTWISE: np.multiply, OUTER: np.outer}[operation](a.array, b.array)
            assert np.array_equal(made.array, direct) and made.verdict.startswith(f"{written(shape)}. ")


@given(cases(), st.data())
def test_a_name_is_given_to_the_object_and_to_nothing_else(found, data):
    l = data.draw(st.integers(0, len(found.net.layers) - 1))
    objects = bench_objects(mlcore.explain(found.net, found.X[0], found.y[0]), l)
    for a, b, operation in itertools.product(objects, objects, (MATRIX, ELEMENTWISE, OUTER)):
        made = combine(a, operation, b, objects)
        if made.array is None:
            continue
        equal = [name for name, array in objects.items() if array.any() and nearly(made.array, array)]
        if made.name is None:
            assert not equal, made.text
        elif made.name not in equal:  # zeros, or rounding of a sum: equal by the chain rule, and said to be so
            scale = np.abs(objects[made.name]).max() + np.abs(objects["∂L/∂z"]).max() + 1
            assert np.abs(made.array - objects[made.name]).max() <= 1e-12 * scale, made.text


@given(cases(hidden=("sigmoid", "tanh", "identity")), st.data())
def test_the_chain_rule_is_recognised_on_every_layer(found, data):
    l = data.draw(st.integers(0, len(found.net.layers) - 1))
    e = mlcore.explain(found.net, found.X[0], found.y[0])
    objects = bench_objects(e, l)
    x = "x" if l == 0 else "a"
    dL_dz = combine("∂L/∂a", MATRIX, "∂a/∂z", objects)
    turned = combine(dL_dz, TRANSPOSE, objects=objects)
    assert dL_dz.name == "∂L/∂z" and dL_dz.array == pytest.approx(np.atleast_2d(e.layers[l].dL_dz), rel=1e-9, abs=1e-12)
    ways = [combine(turned, ELEMENTWISE, "∂z/∂W", objects), combine("∂L/∂z", OUTER, x, objects), combine(turned, MATRIX, x, objects)]
    assert {way.name for way in ways} == {"∂L/∂W"}
    for way in ways:
        assert way.array == pytest.approx(e.layers[l].dL_dW, rel=1e-9, abs=1e-12)
    made = combine("∂L/∂z", MATRIX, "∂z/∂b", objects)
    assert made.name == "∂L/∂z" and made.verdict.endswith("and so is ∂L/∂b.")


@given(st.integers(2, 6), st.integers(1, 7), st.integers(0, 10**6))
def test_the_trap_is_a_row_of_rounding_errors_for_softmax(c, p, seed):
    objects = objects_of((p, c), seed=seed)
    first = combine("∂L/∂a", MATRIX, "∂a/∂z", objects)
    trap = combine(first, MATRIX, "∂z/∂W", objects)
    largest = np.abs(trap.array).max()
    assert trap.shape == (1, p) and trap.name is None and trap.letters == ("1", "p") and trap.text == "∂L/∂a × ∂a/∂z × ∂z/∂W"
    assert largest <= 1e-14 * max(1, np.abs(objects["x"]).max())
    assert "A row of zeros and not ∂L/∂W" in trap.verdict and "Σ(aᵢ − yᵢ) = 0" in trap.verdict
    assert (f"rounding errors of float64, {largest:.1e} at most".replace("-", "−") if largest else "0 to the last bit") in trap.verdict
    other = combine("∂L/∂a", MATRIX, combine("∂a/∂z", MATRIX, "∂z/∂W", objects), objects)
    assert "A row of zeros" in other.verdict and other.text == "∂L/∂a × (∂a/∂z × ∂z/∂W)"


@pytest.mark.parametrize(("sizes", "x"), [((5, 3), "x"), ((5, 4, 3), "a")])
def test_why_the_trap_is_0_is_said_with_the_layers_own_input(sizes, x):
    objects = objects_of(sizes)
    made = combine("∂L/∂z", MATRIX, "∂z/∂W", objects)
    assert f"each entry is Σᵢ ∂L/∂zᵢ · {x}ⱼ, Σ(aᵢ − yᵢ) = 0, and every row of the sheet ∂z/∂W is {x}." in made.verdict
    rows = combine("∂a/∂z", MATRIX, "∂z/∂W", objects)
    assert rows.name is None and "Zeros: each row of ∂a/∂z sums to 0" in rows.verdict


@pytest.mark.parametrize("sizes, l, output", (((5, 3), -1, "sigmoids, labels"), ((5, 4, 3), 0, "softmax")))
def test_without_softmax_the_trap_is_no_row_of_zeros(sizes, l, output):
    objects = objects_of(sizes, l, output, seed=2)
    trap = combine(combine("∂L/∂a", MATRIX, "∂a/∂z", objects), MATRIX, "∂z/∂W", objects)
    assert np.abs(trap.array).max() > 1e-3 and "zeros" not in trap.verdict and "adds the gradients of all units up" in trap.verdict
    assert nearly(trap.array, objects["∂L/∂W"].sum(axis=0, keepdims=True))


def test_the_paths_and_the_row_that_is_not_transposed():
    objects = objects_of((5, 3))
    paths = combine(combine("∂L/∂a", TRANSPOSE, objects=objects), ELEMENTWISE, "∂a/∂z", objects)
    assert "product along each path" in paths.verdict and paths.array.sum(axis=0) == pytest.approx(objects["∂L/∂z"][0])
    assert combine("∂L/∂z", ELEMENTWISE, "∂z/∂W", objects).array is None
    square = objects_of((3, 3))
    wrong = combine("∂L/∂z", ELEMENTWISE, "∂z/∂W", square)
    assert wrong.name is None and "scales columns" in wrong.verdict and "only by chance, because c = p here" in wrong.verdict
    assert "outer product" in combine(combine("∂L/∂z", TRANSPOSE, objects=objects), ELEMENTWISE, "x", objects).verdict


def test_what_fits_by_the_letters_is_not_called_chance():
    for objects in (objects_of((5, 3)), objects_of((3, 3))):
        turned = combine("∂L/∂z", TRANSPOSE, objects=objects)
        for made in (combine(turned, ELEMENTWISE, "∂z/∂W", objects), combine("∂L/∂a", MATRIX, "∂a/∂z", objects),
                     combine("∂L/∂a", ELEMENTWISE, "∂a/∂z", objects), combine("∂L/∂z", MATRIX, "W", objects)):  # fmt: skip
            assert "chance" not in made.verdict and made.letters is not None


def test_transposing_twice_is_the_object_again():
    objects = objects_of()
    once = combine("∂z/∂W", TRANSPOSE, objects=objects)
    twice = combine(once, TRANSPOSE, objects=objects)
    assert once.name == "(∂z/∂W)ᵀ" and once.shape == (5, 3) and once.letters == ("p", "c") and twice.name == "∂z/∂W"
    assert combine("∂a/∂z", TRANSPOSE, objects=objects).name == "∂a/∂z", "symmetric"
    products = combine(combine("∂L/∂a", MATRIX, "W", objects), TRANSPOSE, objects=objects)
    assert products.name is None and products.text == "(∂L/∂a × W)ᵀ"


def test_saturated_parts_are_named_without_a_warning():
    net = mlcore.Network((2, 2), dtype="float64", init="zeros")
    net.layers[0].b = [0.0, -800.0]
    objects = bench_objects(mlcore.explain(net, [1.0, 2.0], 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for operation, (a, b) in itertools.product(OPERATIONS[:3], itertools.product(objects, objects)):
            combine(a, operation, b, objects)
        made = combine("∂L/∂a", MATRIX, "∂a/∂z", objects)
    assert made.name is None and "infinite or NaN" in made.verdict and "stays finite" in made.verdict and made.shape == (1, 2)


def test_an_almost_certain_network_is_still_named_and_the_lost_digits_said():
    net = mlcore.Network((2, 2), dtype="float64", init="zeros")
    net.layers[0].b = [0.0, 20.0]
    objects = bench_objects(mlcore.explain(net, [1.0, 2.0], 1))
    made = combine("∂L/∂a", MATRIX, "∂a/∂z", objects)
    assert made.name == "∂L/∂z" and not nearly(made.array, objects["∂L/∂z"]) and "lost digits to cancellation" in made.verdict


def test_an_object_that_comes_out_by_chance_is_not_called_a_rule():
    net = mlcore.Network((3, 3), dtype="float64", seed=1)
    objects = bench_objects(mlcore.explain(net, [1.0, 2.0, -1.0], 0))
    for a, b in itertools.permutations(("∂L/∂a", "x")):
        assert "equals ∂L/∂a, but only because x is 1 wherever ∂L/∂a is not 0." in combine(a, ELEMENTWISE, b, objects).verdict
    assert "because" not in combine("∂L/∂a", MATRIX, "∂z/∂b", objects).verdict
    assert combine("∂z/∂b", ELEMENTWISE, "∂z/∂b", objects).verdict.endswith("It is ∂z/∂b.")
    net.layers[0].W[...] = 0
    net.layers[0].b = [0.5, 0.25, 0.25]
    objects = bench_objects(mlcore.explain(net, [1.0, 2.0, -1.0], 0))
    assert "equals x, but only because the entries of z sum to 1." in combine("z", MATRIX, "∂z/∂W", objects).verdict


def test_one_row_is_one_row():
    objects = objects_of((5, 3))
    assert "and 3 columns on the left are not 1 row on the right." in combine("∂L/∂a", MATRIX, "∂L/∂z", objects).verdict
    assert "and 1 column on the left is not 3 rows on the right." in combine(turn("∂L/∂a", objects), MATRIX, "∂a/∂z", objects).verdict


def turn(name, objects):
    return combine(name, TRANSPOSE, objects=objects)


def test_sizes_in_words():
    assert sizes(objects_of((5, 3))) == "c = 3 classes, p = 5 inputs."
    assert sizes(objects_of((5, 4, 3), 0)) == "c = 4 units, p = 5 inputs."


@pytest.mark.parametrize(
    "arguments, message",
    (
        (("∂L/∂a", "dot product", "x"), "operation is 'dot product', expected one of: matrix product"),
        (("dL_da", MATRIX, "x"), "the object is 'dL_da', expected one of: ∂L/∂a"),
        (("∂L/∂a", MATRIX), "matrix product takes a left and a right"),
        (("∂L/∂a", TRANSPOSE, "x"), "transpose takes the left alone"),
    ),
)
def test_bad_input_is_refused_in_one_sentence(arguments, message):
    objects = objects_of()
    with pytest.raises(ValueError, match=message):
        combine(*arguments, objects=objects)
    misfit = combine("∂L/∂a", MATRIX, "x", objects)
    with pytest.raises(ValueError, match="∂L/∂a × x does not fit, so nothing can be multiplied"):
        combine(misfit, MATRIX, "x", objects)


@pytest.mark.parametrize(("l", "name"), [(0, "∂L/∂x"), (1, "∂L/∂a before"), (-1, "∂L/∂a before")])
def test_the_error_times_w_goes_back_to_the_layer_before(l, name):
    objects = objects_of((5, 4, 3), l)
    made = combine("∂L/∂z", MATRIX, "W", objects)
    assert made.name == name and nearly(made.array, objects[name]) and made.letters == ("1", "p")
    assert f"It is {name}." in made.verdict


@pytest.mark.parametrize(("l", "x"), [(0, "x"), (1, "a")])
def test_w_times_the_input_lacks_the_bias(l, x):
    objects = objects_of((5, 4, 3), l)
    made = combine("W", MATRIX, combine(x, TRANSPOSE, objects=objects), objects)
    assert "z − b" in made.verdict and nearly(made.array.T + objects["b"], objects["z"])


def test_the_gradient_of_the_bias_is_on_the_bench():
    objects = objects_of()
    assert np.array_equal(objects["∂L/∂b"], objects["∂L/∂z"]) and objects["∂L/∂b"].shape == (1, 3)


CHAIN = {
    "∂L/∂z": ["∂L/∂a × ∂a/∂z"], "∂L/∂a": ["∂L/∂a × ∂z/∂b"], "∂a/∂z": ["∂a/∂z × ∂z/∂b", "∂z/∂b × ∂a/∂z"],
    "∂z/∂W": ["∂z/∂b × ∂z/∂W"], "W": ["∂z/∂b × W"],
    "∂L/∂W": ["(∂L/∂z)ᵀ ∘ ∂z/∂W", "∂z/∂W ∘ (∂L/∂z)ᵀ", "∂z/∂b × ∂L/∂W", "(∂L/∂z)ᵀ × {x}",
              "∂L/∂z ⊗ {x}", "(∂L/∂z)ᵀ ⊗ {x}", "∂L/∂z ⊗ ({x})ᵀ", "(∂L/∂z)ᵀ ⊗ ({x})ᵀ"],
}  # fmt: skip


@pytest.mark.parametrize(("l", "x"), [(0, "x"), (1, "a")])
def test_where_all_numbers_are_0_the_chain_rule_alone_gives_names(l, x):
    objects = objects_of((5, 4, 3), l)
    objects.update({name: np.zeros(array.shape) for name, array in objects.items()})
    by_rule = {text.format(x=x): name for name, texts in CHAIN.items() for text in texts}
    by_rule["∂L/∂z × ∂z/∂b"] = "∂L/∂z"
    factors = [operand(name, objects) for name in objects]
    factors += [turn(one, objects) for one in factors]
    found = {}
    for a, b, operation in itertools.product(factors, factors, (MATRIX, ELEMENTWISE, OUTER)):
        made = combine(a, operation, b, objects)
        if made.name is not None:
            found[made.text] = made.name
    assert found == by_rule


@pytest.mark.parametrize(("sizes", "l"), [((5, 3), 0), ((5, 4, 3), 0), ((5, 4, 3), 1)])
def test_letters_say_the_shape_where_no_size_is_another(sizes, l):
    objects = objects_of(sizes, l)
    c, p = objects["W"].shape
    factors = [operand(name, objects) for name in objects]
    factors += [turn(one, objects) for one in factors]
    for a, b, operation in itertools.product(factors, factors, (MATRIX, ELEMENTWISE, OUTER)):
        made = combine(a, operation, b, objects)
        if made.array is not None:
            assert tuple({"1": 1, "c": c, "p": p}[letter] for letter in made.letters) == made.shape, made.text
            assert "chance" not in made.verdict


REMARKS = {
    "It holds the product along each path": {"(∂L/∂a)ᵀ ∘ ∂a/∂z", "∂a/∂z ∘ (∂L/∂a)ᵀ"},
    "read as a matrix product it adds": {"∂L/∂z × ∂z/∂W"},
    "the row is stretched down and scales columns": {"∂L/∂z ∘ ∂z/∂W"},
    "It is ∂L/∂W transposed": {f"{x} ⊗ {d}" for x in ("x", "a", "(x)ᵀ", "(a)ᵀ") for d in ("∂L/∂z", "(∂L/∂z)ᵀ")},
    "It is z − b": {"W × (x)ᵀ", "W × (a)ᵀ", "x × (W)ᵀ", "a × (W)ᵀ"},
}


@pytest.mark.parametrize(
    ("sizes", "l", "output"), [((3, 3), 0, "sigmoids, labels"), ((5, 3), 0, "softmax"), ((2, 3, 4), 1, "sigmoids, labels")]
)
def test_a_remark_is_made_where_it_is_true_and_nowhere_else(sizes, l, output):
    objects = objects_of(sizes, l, output, seed=3)
    factors = [operand(name, objects) for name in objects]
    factors += [turn(one, objects) for one in factors]
    for a, b, operation in itertools.product(factors, factors, (MATRIX, ELEMENTWISE, OUTER)):
        made = combine(a, operation, b, objects)
        if made.array is None or made.name is not None or np.abs(made.array).max() < 1e-12:
            continue
        told = [remark for remark in REMARKS if remark in made.verdict]
        text = f"{a.name} {SIGNS[operation]} {b.name}"  # by their names: ∂a/∂z transposed is ∂a/∂z
        assert told == [remark for remark, texts in REMARKS.items() if text in texts], made.text
        assert ("It is none of the objects." in made.verdict) == (not told)
