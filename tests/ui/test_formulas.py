"""Formulas with numbers in: whatever a line shows must hold as it stands."""

import itertools
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlcore
from tests.latex import assert_holds, evaluate, last_line
from ui import formulas, numbers

ACTIVATIONS = ("sigmoid", "tanh", "relu", "identity")


def network(sizes, hidden="tanh", output="softmax", seed=1):
    net = mlcore.Network(sizes, hidden=hidden, output=output, seed=seed, dtype="float64")
    rng = np.random.default_rng(seed)
    for layer in net.layers:
        layer.b = rng.normal(size=layer.b.shape)
    return net


@pytest.mark.part2
@pytest.mark.parametrize("output", ("softmax", "sigmoid"))
@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("sizes", ((4, 3), (4, 5, 3), (3, 4, 6, 2)))
def test_every_cell_of_every_array_ends_in_its_value(sizes, hidden, output):
    net, y = network(sizes, hidden, output), 1
    x = np.random.default_rng(3).normal(size=sizes[0])
    e = mlcore.explain(net, x, y)
    for l, name in itertools.product(range(len(net.layers)), formulas.ARRAYS):
        array, p = getattr(e.layers[l], name), formulas.Place.of(net, l)
        assert formulas.rule(p, name).count("{") == formulas.rule(p, name).count("}")
        for index in np.ndindex(array.shape):
            row, col = index if array.ndim == 2 else (0, index[0])
            ways = formulas.derivation(e, y, p, name, row, col)
            assert len(ways) == (2 if name == "dL_dz" and l == len(net.layers) - 1 else 1)
            for _, latex in ways:
                assert_holds(latex, array[index])


@pytest.mark.part2
def test_a_weight_of_softmax_regression_reads_as_on_the_slide():
    """x = (2, 0.5), W = 0, b = 0: a = (½, ½); y = 0: ∂L/∂z = (−½, ½), so ∂L/∂W₁₀ = ½ · 2 = 1 and ∂L/∂W₀₁ = −½ · ½ = −¼."""
    net = mlcore.Network((2, 2), init="zeros", dtype="float64")
    e, p = mlcore.explain(net, [2.0, 0.5], 0), formulas.Place.of(net, 0)
    [(_, latex)] = formulas.derivation(e, 0, p, "dL_dW", 0, 1)
    symbol = r"\frac{\partial L}{\partial W_{0,1}}"
    product = r"\frac{\partial L}{\partial z_{0}} \cdot x_{1}"
    assert latex == rf"\begin{{aligned}} {symbol} &= {product} \\ &= -0.5 \cdot 0.5 \\ &= -0.25 \end{{aligned}}"
    (_, chain), (_, fused) = formulas.derivation(e, 0, p, "dL_dz", 0, 0)
    assert r"-2 \cdot 0.25" in chain and r"0.5 - 1" in fused


def dL(symbol):
    return rf"\frac{{\partial L}}{{\partial {symbol}}}"


def da_dz(i, j):
    return rf"\frac{{\partial {i}}}{{\partial {j}}}"


@pytest.mark.part2
@pytest.mark.parametrize("hidden, output, l, name, row, col, expected", [
    ("tanh", "softmax", 0, "dL_dW", 2, 1, [[dL("W^{(1)}_{2,1}"), rf"{dL('z^{(1)}_{2}')} \cdot x_{{1}}"]]),
    ("tanh", "softmax", 1, "dL_dW", 2, 3, [[dL("W^{(2)}_{2,3}"), rf"{dL('z^{(2)}_{2}')} \cdot a^{{(1)}}_{{3}}"]]),
    ("tanh", "softmax", 1, "dL_db", 0, 2, [[dL("b^{(2)}_{2}"), rf"{dL('z^{(2)}_{2}')} \cdot {da_dz('z^{(2)}_{2}', 'b^{(2)}_{2}')}"]]),
    ("tanh", "softmax", 2, "da_dz", 0, 1, [[da_dz("a^{(3)}_{0}", "z^{(3)}_{1}"), r"-a^{(3)}_{0} \cdot a^{(3)}_{1}"]]),
    ("tanh", "softmax", 2, "da_dz", 1, 1, [[da_dz("a^{(3)}_{1}", "z^{(3)}_{1}"), "a^{(3)}_{1}(1 - a^{(3)}_{1})"]]),
    ("sigmoid", "softmax", 1, "da_dz", 3, 3, [[da_dz("a^{(2)}_{3}", "z^{(2)}_{3}"), "a^{(2)}_{3}(1 - a^{(2)}_{3})"]]),
    ("tanh", "softmax", 1, "da_dz", 3, 3, [[da_dz("a^{(2)}_{3}", "z^{(2)}_{3}"), "1 - (a^{(2)}_{3})^2"]]),
    ("tanh", "softmax", 1, "da_dz", 3, 2, [[da_dz("a^{(2)}_{3}", "z^{(2)}_{2}")]]),
    ("identity", "softmax", 1, "da_dz", 3, 3, [[da_dz("a^{(2)}_{3}", "z^{(2)}_{3}")]]),
    ("tanh", "softmax", 1, "dL_da", 0, 3, [[dL("a^{(2)}_{3}"), rf"\sum_k {dL('z^{(3)}_{k}')} \cdot W^{{(3)}}_{{k,3}}"]]),
    ("tanh", "softmax", 2, "dL_da", 0, 1, [[dL("a^{(3)}_{1}"), r"-\frac{1}{a^{(3)}_{1}}"]]),
    ("tanh", "softmax", 2, "dL_da", 0, 0, [[dL("a^{(3)}_{0}")]]),
    ("tanh", "sigmoid", 2, "dL_da", 0, 0, [[dL("a^{(3)}_{0}"), r"\frac{a^{(3)}_{0} - y_{0}}{a^{(3)}_{0}(1 - a^{(3)}_{0})}"]]),
    ("tanh", "softmax", 1, "dL_dz", 0, 3, [[dL("z^{(2)}_{3}"), rf"{dL('a^{(2)}_{3}')} \cdot {da_dz('a^{(2)}_{3}', 'z^{(2)}_{3}')}"]]),
    ("tanh", "softmax", 2, "dL_dz", 0, 0, [
        [dL("z^{(3)}_{0}"), rf"\sum_i {dL('a^{(3)}_{i}')} \cdot {da_dz('a^{(3)}_{i}', 'z^{(3)}_{0}')}",
         rf"{dL('a^{(3)}_{1}')} \cdot {da_dz('a^{(3)}_{1}', 'z^{(3)}_{0}')} + 0"],
        [dL("z^{(3)}_{0}"), r"a^{(3)}_{0} - [\,0 = y\,]"],
    ]),
    ("tanh", "sigmoid", 2, "dL_dz", 0, 1, [
        [dL("z^{(3)}_{1}"), rf"{dL('a^{(3)}_{1}')} \cdot {da_dz('a^{(3)}_{1}', 'z^{(3)}_{1}')}"],
        [dL("z^{(3)}_{1}"), "a^{(3)}_{1} - y_{1}"],
    ]),
])  # fmt: skip
def test_a_cell_is_written_in_the_symbols_of_the_slide(hidden, output, l, name, row, col, expected):
    net = network((3, 4, 6, 2), hidden, output)
    e, p = mlcore.explain(net, [0.5, -1.0, 2.0], 1), formulas.Place.of(net, l)
    ways = [latex.removeprefix(r"\begin{aligned} ").split("&=") for _, latex in formulas.derivation(e, 1, p, name, row, col)]
    found = [[line.strip().removesuffix(r"\\").strip() for line in way] for way in ways]
    assert [way[: len(symbols)] for way, symbols in zip(found, expected, strict=True)] == expected
    for way, symbols in zip(found, expected):
        assert not any("partial" in line or "_{" in line for line in way[len(symbols) :]), "numbers alone from here on"


@pytest.mark.part2
def test_of_more_than_two_classes_the_sum_has_more_zeros():
    net = network((3, 4))
    (_, chain), _ = formulas.derivation(mlcore.explain(net, [0.5, -1.0, 2.0], 2), 2, formulas.Place.of(net, 0), "dL_dz", 0, 1)
    assert rf"&= {dL('a_{2}')} \cdot {da_dz('a_{2}', 'z_{1}')} + 0 + \cdots + 0 \\" in chain


@pytest.mark.parametrize("z, number, slope", [(0.5, "0.5", "1"), (0.0, "0", "0"), (-0.5, "-0.5", "0")])
def test_relu_lets_through_what_is_above_0(z, number, slope):
    net = mlcore.Network((1, 1, 2), hidden="relu", dtype="float64", init="zeros")
    net.layers[0].b = [z]
    [(_, latex)] = formulas.derivation(mlcore.explain(net, [1.0], 0), 0, formulas.Place.of(net, 0), "da_dz", 0, 0)
    cell = da_dz("a^{(1)}_{0}", "z^{(1)}_{0}")
    assert latex == rf"\begin{{aligned}} {cell} &= [\,z^{{(1)}}_{{0}} > 0\,] \\ &= [\,{number} > 0\,] \\ &= {slope} \end{{aligned}}"


@pytest.mark.part1
def test_one_sigmoid_output_takes_y_itself():
    net = network((3, 2, 1), "sigmoid", "sigmoid")
    for y in (0, 1):
        e, p = mlcore.explain(net, [1.0, -1.0, 0.3], y), formulas.Place.of(net, 1)
        _, (_, fused) = formulas.derivation(e, y, p, "dL_dz", 0, 0)
        assert fused.split("&=")[2].strip().startswith(f"{numbers.tex(e.layers[1].a[0])[:4]}") and f"- {y}" in fused


def test_a_saturated_output_keeps_its_finite_fused_value():
    """z = (0, −800) with the second class as label: −1/a_y is infinite, a − y is (1, −1)."""
    net = mlcore.Network((1, 2), init="zeros", dtype="float64")
    net.layers[0].b = np.array([0.0, -800.0])
    e, p = mlcore.explain(net, [1.0], 1), formulas.Place.of(net, 0)
    (_, chain), (_, fused) = formulas.derivation(e, 1, p, "dL_dz", 0, 1)
    assert r"-\infty" in chain and r"\text{NaN}" in chain
    assert fused.endswith(r"&= 0 - 1 \\ &= -1 \end{aligned}")
    beyond = r"\quad \text{(beyond what a float can hold)} \end{aligned}"
    assert chain.endswith(rf"+ 0 \\ &= -\infty \cdot 0 \\ &= \text{{NaN}} {beyond}")
    [(_, latex)] = formulas.derivation(e, 1, p, "dL_da", 0, 1)
    assert latex.endswith(rf"&= -\frac{{1}}{{a_{{1}}}} \\ &= -\frac{{1}}{{0}} \\ &= -\infty {beyond}")
    list_ = formulas.listing([e, e], [1, 1], ["a", "b"], p, "dL_da", 0, 1)
    assert list_.rows[0][-1] == "−∞"
    assert list_.latex.endswith(r"&= -\infty \end{aligned}")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(("softmax", "sigmoid")), st.sampled_from(ACTIVATIONS), st.integers(1, 12))
def test_a_batch_lists_each_product_and_ends_in_the_mean_of_the_products(seed, output, hidden, n):
    net = network((4, 5, 3), hidden, output, seed=seed % 1000)
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, 4)), rng.integers(0, 3, n)
    es, grads = [mlcore.explain(net, *pair) for pair in zip(X, y)], net.gradients(X, y)
    for l, name in itertools.product((0, 1), formulas.ARRAYS):
        p, array = formulas.Place.of(net, l), getattr(es[0].layers[l], name)
        index = tuple(int(rng.integers(size)) for size in array.shape)
        row, col = index if len(index) == 2 else (0, index[0])
        table = formulas.listing(es, y, [str(i) for i in range(n)], p, name, row, col)
        assert len(table.rows) == n and all(len(line) == len(table.headings) for line in table.rows)
        own = {"dL_dW": grads.dW, "dL_db": grads.db}.get(name)
        mean = own[l][index] if own else np.mean([getattr(e.layers[l], name)[index] for e in es])
        left, _, right = last_line(table.latex)
        shown = evaluate(right)
        assert float(shown) == pytest.approx(mean, rel=6e-4, abs=1e-15)
        if shown != 0:
            assert abs(evaluate(left) / shown - 1) <= Decimal("5.1e-4")
        total = sum(Decimal(line[-1].replace("−", "-")) for line in table.rows)
        with localcontext(prec=60):
            assert total / n == pytest.approx(evaluate(left), abs=abs(shown) * Decimal("1e-20"))


def test_names_and_symbols_of_the_arrays():
    assert formulas.NAMES == {"dL_da": "∂L/∂a", "da_dz": "∂a/∂z", "dL_dz": "∂L/∂z", "dL_dW": "∂L/∂W", "dL_db": "∂L/∂b"}
    assert list(formulas.NAMES) == list(formulas.ARRAYS) and formulas.MATRICES == ("da_dz", "dL_dW")
    assert all(formulas.named(written) == name for name, written in formulas.NAMES.items())
    flat, deep = (formulas.Place.of(network(sizes), len(sizes) - 2) for sizes in ((3, 2), (3, 4, 2)))
    letters = {"dL_da": "a", "dL_dz": "z", "dL_dW": "W", "dL_db": "b"}
    for p, up in ((flat, ""), (deep, "^{(2)}")):
        for name, letter in letters.items():
            assert formulas.symbol(p, name) == rf"\frac{{\partial L}}{{\partial \mathbf{{{letter}}}{up}}}"
        assert formulas.symbol(p, "da_dz") == rf"\frac{{\partial \mathbf{{a}}{up}}}{{\partial \mathbf{{z}}{up}}}"
    assert (flat.last, deep.last, formulas.Place.of(network((3, 4, 2)), 0).last) == (True, True, False)


def batch(X, y, name, row, col):
    """The listing of a softmax regression with W = 0 and b = 0, whose a is (½, ½)."""
    net = mlcore.Network((2, 2), init="zeros", dtype="float64")
    es = [mlcore.explain(net, x, label) for x, label in zip(X, y)]
    return formulas.listing(es, y, [f"no. {k}" for k in range(len(X))], formulas.Place.of(net, 0), name, row, col)


def test_a_listing_by_hand():
    """−½ · ½, ½ · (−1), −½ · 1: the mean is −1.25 / 3."""
    table = batch([[2, 0.5], [1, -1], [4, 1]], [0, 1, 0], "dL_dW", 0, 1)
    cell = r"\frac{\partial L}{\partial W_{0,1}}"
    assert table.headings == ["instance", "y", r"\frac{\partial L}{\partial z_{0}}", "x_{1}", cell]
    rows = [["0", "−0.5", "0.5", "−0.2500"], ["1", "0.5", "−1", "−0.5000"], ["0", "−0.5", "1", "−0.5000"]]
    assert table.rows == [[f"no. {k}", *row] for k, row in enumerate(rows)]
    mean = r"\frac{1}{3} \cdot \left(-1.2500\right) \\ &= -0.4167"
    assert table.latex == rf"\begin{{aligned}} \frac{{1}}{{3}} \sum_{{i=1}}^{{3}} {cell.replace('L', 'L_i')} &= {mean} \end{{aligned}}"
    head, line, *rows = table.markdown.split("\n")
    assert head == rf"| instance | y | $\frac{{\partial L}}{{\partial z_{{0}}}}$ | $x_{{1}}$ | ${cell}$ |"
    assert line == "| :-- | --: | --: | --: | --: |" and rows == [f"| {' | '.join(row)} |" for row in table.rows]


def test_a_listing_of_what_has_no_factors():
    table = batch([[2, 0.5], [1, -1]], [0, 1], "dL_da", 0, 1)
    assert table.headings == ["instance", "y", r"\frac{\partial L}{\partial a_{1}}"]
    assert table.rows == [["no. 0", "0", "0"], ["no. 1", "1", "−2.000"]]
    fused = batch([[2, 0.5], [1, -1]], [0, 1], "dL_dz", 0, 1)
    assert fused.headings[2:-1] == ["a_{1}", r"[\,1 = y\,]"] and [row[2:4] for row in fused.rows] == [["0.5", "0"], ["0.5", "1"]]


@pytest.mark.parametrize("x, text", [(2e-4, "−0.0001000"), (2e-8, "−1.000e−8"), (2e-12, "−1.000e−12"), (2e5, "−100000")])
def test_small_numbers_of_a_listing_share_a_last_place_while_that_can_be_read(x, text):
    assert batch([[0, x], [0, x]], [0, 0], "dL_dW", 0, 1).rows[0][-1] == text


def test_of_a_long_sum_the_largest_terms_are_written_and_the_rest_added_up():
    net = network((3, 4, 6, 2))
    e, p = mlcore.explain(net, [0.5, -1.0, 2.0], 1), formulas.Place.of(net, 0)
    for j in range(4):
        products = e.layers[1].dL_dz * e.layers[1].W[:, j]
        first = np.argsort(-np.abs(products))[:3]
        [(sentence, latex)] = formulas.derivation(e, 1, p, "dL_da", 0, j)
        terms = latex.split("&= ")[2].split(r" \\ &\quad + ")
        terms[-1] = terms[-1].removesuffix(r" \\ ")
        assert terms[3].endswith(r" \;\text{(3 smaller terms)}")
        found = [float(evaluate(term)) for term in terms]
        assert found == pytest.approx([*products[first], products.sum() - products[first].sum()], rel=2e-3)
        assert sentence.endswith(f"the largest terms are k = {first[0]}, {first[1]}, {first[2]}.")
        [(nothing, short)] = formulas.derivation(e, 1, formulas.Place.of(net, 1), "dL_da", 0, j)
        assert nothing == "" and "smaller" not in short and short.count(r"\quad") == 1


def test_the_difference_says_why_it_is_one_step():
    net = mlcore.Network((3, 3), seed=0, dtype="float64")
    e = mlcore.explain(net, [1.0, 2.0, -1.0], 1)
    place = formulas.Place.of(net, 0)
    assert formulas.recipe(e, 1, place, "dL_dz", 0, 0, fused=True).sentence.endswith("the output's slope cancels against its loss.")
