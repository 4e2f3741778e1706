"""The rules and steps in symbols, evaluated: what they say of each entry is what mlcore has."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

import mlcore
from tests.latex import Symbols
from ui import formulas

HIDDEN = ("sigmoid", "tanh", "relu", "identity")
SIZES = ((4, 3), (4, 2), (4, 5, 3), (3, 4, 6, 2), (4, 1), (3, 4, 1))
FREE = {"da_dz": "ij", "dL_dW": "jk"}  # the indices of a rule; those of the others are "j"
pytestmark = pytest.mark.part2


def explained(sizes, hidden, output, seed=1):
    """A network with biases, one instance of it explained, and its label."""
    net = mlcore.Network(sizes, hidden=hidden, output=output, seed=seed, dtype="float64")
    rng = np.random.default_rng(seed)
    for layer in net.layers:
        layer.b = rng.normal(size=layer.b.shape)
    y = sizes[-1] // 2 if sizes[-1] > 1 else 1
    return net, mlcore.explain(net, rng.normal(size=sizes[0]), y), y


def symbols(e, y):
    """What the symbols stand for: the arrays of an explanation."""
    outputs = len(e.layers[-1].a)

    def entry(array, indices):
        assert len(indices) == np.ndim(array) and min(indices) >= 0
        return float(array[indices])

    def values(letter, layer, indices):
        if letter == "y":  # of an output: 1 at the label; a single one is y itself
            [j] = indices
            if j >= outputs:
                raise IndexError
            return float(y if outputs == 1 else j == y)
        if letter == "x":
            assert layer is None
            return entry(e.layers[0].input, indices)
        assert letter in "azWb" and (layer is None) == (len(e.layers) == 1) and (layer is None or layer >= 1)
        return entry(getattr(e.layers[(layer or 1) - 1], letter), indices)

    def derivatives(top, bottom):
        (letter, layer, above), (name, other, below) = top, bottom
        assert (other is None) == (len(e.layers) == 1)
        at = e.layers[(other or 1) - 1]
        if letter == "L":
            assert layer is None and not above
            return entry(getattr(at, f"dL_d{name}"), below)
        assert layer == other and letter + name in ("az", "zb")
        return entry(at.da_dz if name == "z" else at.dz_db, above + below)

    return Symbols(values, derivatives)


def every(e, net):
    for l, name in itertools.product(range(len(net.layers)), formulas.ARRAYS):
        yield l, name, formulas.Place.of(net, l), np.asarray(getattr(e.layers[l], name))


@pytest.mark.parametrize("output", ("softmax", "sigmoid"))
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("sizes", SIZES)
def test_each_rule_gives_each_entry_of_its_array(sizes, hidden, output):
    if sizes[-1] == 1 and output == "softmax":
        return
    net, e, y = explained(sizes, hidden, output)
    read = symbols(e, y)
    for _, name, p, array in every(e, net):
        for index in np.ndindex(array.shape):
            sides = read.value(formulas.rule(p, name), **dict(zip(FREE.get(name, "j"), index, strict=True)), y=y)
            assert len(sides) == (3 if name == "dL_dz" and p.last else 2)
            assert sides[0] == array[index], (name, p)
            np.testing.assert_allclose(sides[1:], array[index], rtol=1e-10, atol=1e-15, err_msg=formulas.rule(p, name))


@pytest.mark.parametrize("sizes", ((4, 3), (4, 5, 3), (3, 4, 6, 2)))
def test_the_products_hold_for_any_matrices_so_that_no_index_may_be_turned_round(sizes):
    """A Jacobian is symmetric, and does not tell ∂aᵢ/∂zⱼ from ∂aⱼ/∂zᵢ; any other matrix does."""
    rng, layers = np.random.default_rng(0), []
    net = mlcore.Network(sizes, "tanh", "softmax", seed=0, dtype="float64")
    for p, c in zip(sizes, sizes[1:]):
        layers.append(SimpleNamespace(W=rng.normal(size=(c, p)), input=rng.normal(size=p), a=rng.normal(size=c), dL_da=rng.normal(size=c)))
    for l, layer in reversed(list(enumerate(layers))):
        if l + 1 < len(layers):
            layer.dL_da = layers[l + 1].dL_dz @ layers[l + 1].W
            layers[l + 1].input = layer.a
        layer.da_dz = rng.normal(size=(len(layer.a), len(layer.a)))
        layer.dL_dz = layer.dL_da @ layer.da_dz
    for layer in layers:
        layer.dL_db, layer.dL_dW = layer.dL_dz, np.outer(layer.dL_dz, layer.input)
    e = SimpleNamespace(layers=layers)
    read = symbols(e, 1)
    for _, name, p, array in every(e, net):
        by_softmax = p._replace(activation="softmax")
        if name == "da_dz" or (name == "dL_da" and p.last):
            continue
        for index in np.ndindex(array.shape):
            _, right, *_ = read.value(formulas.rule(by_softmax, name), **dict(zip(FREE.get(name, "j"), index, strict=True)), y=1)
            assert right == pytest.approx(array[index], rel=1e-10), formulas.rule(by_softmax, name)


@pytest.mark.parametrize("output", ("softmax", "sigmoid"))
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("sizes", SIZES)
def test_each_step_of_a_cell_is_the_cell_and_each_symbol_its_number(sizes, hidden, output):
    if sizes[-1] == 1 and output == "softmax":
        return
    net, e, y = explained(sizes, hidden, output, seed=2)
    read = symbols(e, y)
    for _, name, p, array in every(e, net):
        for index in np.ndindex(array.shape):
            row, col = index if array.ndim == 2 else (0, index[0])
            assert read.value(p.cell(name, row, col)) == array[index]
            for fused in (False, True):
                way = formulas.recipe(e, y, p, name, row, col, fused)
                for step in way.steps:
                    found = read.value(step, y=y)
                    assert found == pytest.approx(array[index], rel=1e-10, abs=1e-15), (name, p, step)
                assert [read.value(symbol, y=y) for symbol in way.symbols] == [float(v) for v in way.values][: len(way.symbols)]
                assert float(way.expression(*way.values)) == pytest.approx(array[index], rel=1e-10, abs=1e-15)


def test_the_symbol_of_a_whole_array_names_it_and_its_layer():
    one, two = (formulas.Place.of(mlcore.Network(sizes), 0) for sizes in ((4, 3), (4, 5, 3)))
    assert formulas.symbol(one, "dL_dW") == r"\frac{\partial L}{\partial \mathbf{W}}"
    assert formulas.symbol(two, "dL_da") == r"\frac{\partial L}{\partial \mathbf{a}^{(1)}}"
    assert formulas.symbol(two, "da_dz") == r"\frac{\partial \mathbf{a}^{(1)}}{\partial \mathbf{z}^{(1)}}"
