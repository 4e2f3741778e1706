"""The trace: each reading of the chain rule gives the same number, and a walk to the end and back meets the same bits."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import mlcore
from mlcore.lecture.chain import Trace
from tests.mlcore import reference
from tests.mlcore.lecture.stepping import Stepping

STRIDES = ("object", "node", "term")


@st.composite
def traces(draw, most=5):
    """The trace of a random instance, softmax or sigmoid output, 0 to 2 hidden layers; logits at most 30 apart."""
    sizes = draw(st.lists(st.integers(1, most), min_size=1, max_size=3))
    output = draw(st.sampled_from(["softmax", "sigmoid"]))
    c = draw(st.integers(2 if output == "softmax" else 1, most))
    hidden, seed = draw(st.sampled_from(["sigmoid", "tanh", "relu", "identity"])), draw(st.integers(0, 10**6))
    net = mlcore.Network((*sizes, c), hidden, output, seed, "float64")
    rng = np.random.default_rng(seed)
    for layer in net.layers:
        layer.theta = draw(st.sampled_from([0.3, 1.0, 2.0])) * rng.standard_normal(layer.theta.shape)
    x, y = rng.standard_normal(sizes[0]), draw(st.integers(0, max(c - 1, 1)))
    e = mlcore.explain(net, x, y)
    assume(np.ptp(e.layers[-1].z) < 30 and np.abs(e.layers[-1].z).max() < 30)
    return net, Stepping(e, theta=draw(st.booleans()))


def named(trace, name):
    return [k for k, o in enumerate(trace.objects) if o.name == name]


@settings(max_examples=80, deadline=None)
@given(traces())
def test_matrix_path_and_fused_reading_agree_with_autograd(case):
    net, trace = case
    e = trace.e
    truth = reference.gradients(net, e.x[None], [e.y])
    for l in range(len(e.layers)):
        places = {o.name: k for k, o in enumerate(trace.objects) if o.layer == l}
        # Near certainty a − 1 has lost its first digits: what is left is small, and right to its last place only.
        gradient = trace.array(places["dL_dTheta"])[:, 1:] if trace.theta else trace.array(places["dL_dW"])
        np.testing.assert_allclose(gradient, truth["dW"][l], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(trace.readings(places["dL_dz"]).product, truth["db"][l], rtol=1e-9, atol=1e-12)
    for name in ("dL_dz", "dL_da", "dL_db"):
        for k in named(trace, name):
            if trace.objects[k].rule != "product":
                continue
            product, path_sum, fused, paths = trace.readings(k)
            size = 1e-12 * max(1, np.abs(paths).max())
            np.testing.assert_allclose(product, fused, rtol=1e-10, atol=size)
            np.testing.assert_allclose(path_sum, fused, rtol=1e-10, atol=size)


@settings(max_examples=60, deadline=None)
@given(traces(most=4))
def test_the_terms_of_a_cell_make_the_cell(case):
    _, trace = case
    for k, o in enumerate(trace.objects):
        values = trace.array(k)
        for row, col in np.ndindex(o.shape):
            factors, terms, sums = trace.terms(k, row, col)
            assert len(factors) == len(terms) == len(sums) == trace.terms_of(k)
            assert sums[-1] == values[row, col]
            if o.rule in ("affine", "product", "outer", "losses"):
                size = 1e-12 * max(1, np.abs(terms).max())
                assert abs(np.sum(terms) - values[row, col]) <= size
            if o.rule in ("affine", "product", "outer"):
                np.testing.assert_array_equal(np.prod(factors, axis=1), terms)


@pytest.mark.parametrize("output, loss, slope", [("softmax", "log", "jacobian"), ("sigmoid", "losses", "diagonal")])
@pytest.mark.parametrize("theta", [False, True])
def test_each_object_says_its_layer_its_shape_and_what_it_is_made_of(output, loss, slope, theta):
    trace = Trace(mlcore.explain(mlcore.Network((3, 4, 2), "tanh", output, 1), np.ones(3), 1), theta)
    W, b = ("Theta", []) if theta else ("W", ["b"])
    one = int(theta)
    top = "softmax" if output == "softmax" else "g"

    def back(l, out, inputs, before):
        yield "da_dz", l, (out, out), slope if l else "diagonal", [("a", l)]
        yield "dL_dz", l, (1, out), "product", [("dL_da", l), ("da_dz", l)]
        yield f"dz_d{W}", l, (out, inputs + one), "sheet", [before]
        yield from [("dz_db", l, (out, out), "identity", [])] * (not theta)
        yield f"dL_d{W}", l, (out, inputs + one), "outer", [("dL_dz", l), (f"dz_d{W}", l)]
        yield from [("dL_db", l, (1, out), "product", [("dL_dz", l), ("dz_db", l)])] * (not theta)

    expected = [
        ("x", 0, (3 + one, 1), "given", []), (W, 0, (4, 3 + one), "given", []), *[(name, 0, (4, 1), "given", []) for name in b],
        ("z", 0, (4, 1), "affine", [(W, 0), ("x", 0), *[(name, 0) for name in b]]), ("a", 0, (4 + one, 1), "g", [("z", 0)]),
        (W, 1, (2, 4 + one), "given", []), *[(name, 1, (2, 1), "given", []) for name in b],
        ("z", 1, (2, 1), "affine", [(W, 1), ("a", 0), *[(name, 1) for name in b]]), ("a", 1, (2, 1), top, [("z", 1)]),
        ("L", 1, (1, 1), loss, [("a", 1)]), ("dL_da", 1, (1, 2), "slope", [("a", 1)]), *back(1, 2, 4, ("a", 0)),
        ("dz_da", 1, (2, 4), "weight", [(W, 1)]), ("dL_da", 0, (1, 4), "product", [("dL_dz", 1), ("dz_da", 1)]),
        *back(0, 4, 3, ("x", 0)),
    ]  # fmt: skip
    names = [(o.name, o.layer) for o in trace.objects]
    assert [(o.name, o.layer, o.shape, o.rule, [names[s] for s in o.sources]) for o in trace.objects] == expected


@given(traces())
@settings(max_examples=40, deadline=None)
def test_theta_has_the_numbers_of_w_and_b_to_the_bit(case):
    """Θ = [b ∣ W], z = Θa with a₀ = 1 in front, ∂L/∂Θ = [∂L/∂b ∣ ∂L/∂W] = δ aᵀ."""
    e = case[1].e
    ours, theirs = Trace(e), Trace(e, theta=True)
    w, t = ({(o.name, o.layer): trace.array(k) for k, o in enumerate(trace.objects)} for trace in (ours, theirs))
    last = len(e.layers) - 1
    for (name, l), array in t.items():
        if name.endswith("Theta"):
            start = name.removesuffix("Theta")
            columns = {"": ("b", "W"), "dL_d": ("dL_db", "dL_dW"), "dz_d": (None, "dz_dW")}[start]
            np.testing.assert_array_equal(array[:, 1:], w[columns[1], l])
            np.testing.assert_array_equal(array[:, 0], np.ravel(w[columns[0], l]) if columns[0] else 1)
        elif name == "x" or (name == "a" and l < last):
            assert array[0, 0] == 1
            np.testing.assert_array_equal(array[1:], w[name, l])
        else:
            np.testing.assert_array_equal(array, w[name, l])
    for l in range(last + 1):
        before = t["a", l - 1] if l else t["x", 0]
        np.testing.assert_allclose(t["Theta", l] @ before, t["z", l], rtol=1e-12, atol=1e-12 * (1 + np.abs(t["z", l]).max()))
        np.testing.assert_array_equal(t["dL_dz", l].T * before.T, t["dL_dTheta", l])


@settings(max_examples=40, deadline=None)
@given(traces(most=4), st.sampled_from(STRIDES))
def test_to_the_end_and_back_are_the_same_bits(case, stride):
    _, trace = case
    forward, back = [0], []
    while (p := trace.step(forward[-1], stride)) != forward[-1]:
        assert p > forward[-1]
        forward.append(p)
    there = [trace.at(p) for p in forward]
    last = trace.at(forward[-1])
    whole = {"object": ("object",), "node": ("object", "row", "col"), "term": ("object", "row", "col", "term")}[stride]
    assert [getattr(last, name) for name in whole] == [getattr(trace.at(len(trace) - 1), name) for name in whole]
    back.append(forward[-1])
    while (p := trace.step(back[-1], stride, back=True)) != back[-1]:
        back.append(p)
    assert back == forward[::-1]
    assert repr([trace.at(p) for p in back]) == repr(there[::-1])


@given(traces(most=4), st.integers(1, 5))
def test_the_largest_terms_and_the_rest_are_the_sum(case, count):
    _, trace = case
    for k, o in enumerate(trace.objects):
        if o.rule != "affine":
            with pytest.raises(ValueError, match="no sum of inputs"):
                trace.largest(k, count)
            continue
        inputs, rest = trace.largest(k, count)
        for row, picked in enumerate(inputs):
            values = trace.terms(k, row, 0)[1][: None if trace.theta else -1]  # Θ has the bias as its column 0
            assert len(picked) == min(count, len(values)) == len(set(picked))
            others = np.delete(values, picked)
            assert not others.size or np.abs(values[picked]).min() >= np.abs(others).max()
            assert rest[row] == pytest.approx(others.sum(), rel=1e-12, abs=1e-12 * np.abs(values).sum())


@given(traces(most=3))
@settings(max_examples=30, deadline=None)
def test_every_position_is_found_again(case):
    _, trace = case
    for p in range(len(trace)):
        assert trace.position(*trace.at(p)[:4]) == p


def by_hand():
    """z = (1, 2) · W + b with W = 3 × 2; the label is class 2, counted from 0."""
    net = mlcore.Network((2, 3), dtype="float64")
    net.layers[0].theta = [[0.5, 1.0, -1.0], [0.0, 0.5, 0.5], [-0.5, 2.0, 0.0]]
    return Stepping(mlcore.explain(net, np.array([1.0, 2.0]), 2))


def test_one_logit_term_by_term():
    trace = by_hand()
    (z,) = named(trace, "z")
    factors, terms, sums = trace.terms(z, 0, 0)
    assert factors.tolist() == [[1, 1], [-1, 2], [0.5, 1]]
    assert terms.tolist() == [1, -2, 0.5] and sums.tolist() == [1, -1, -0.5]


def test_the_objects_stand_in_the_order_of_the_slides():
    trace = by_hand()
    assert [o.name for o in trace.objects] == [
        "x", "W", "b", "z", "a", "L", "dL_da", "da_dz", "dL_dz", "dz_dW", "dz_db", "dL_dW", "dL_db",
    ]  # fmt: skip
    assert all(source < k for k, o in enumerate(trace.objects) for source in o.sources)


def test_the_paths_of_the_slide_sum_to_the_derivative_and_are_not_it():
    trace = by_hand()
    (k,) = named(trace, "dL_dz")
    readings = trace.readings(k)
    column = trace.e.layers[0].dL_da * trace.e.layers[0].da_dz[:, 0]
    np.testing.assert_array_equal(readings.paths[:, 0], column)
    assert column.sum() == pytest.approx(trace.e.layers[0].dL_dz[0]) and (column == 0).sum() == 2


def test_saturated_parts_stay_as_they_are_and_the_cell_is_finite():
    net = mlcore.Network((2, 2), init="zeros")
    net.layers[0].b = [0.0, -800.0]
    trace = Stepping(mlcore.explain(net, np.zeros(2), 1))
    (k,) = named(trace, "dL_dz")
    assert np.isnan(trace.readings(k).product).any() and trace.readings(k).fused.tolist() == [1, -1]
    assert np.isnan(trace.terms(k, 0, 0)[2][-1]) and trace.array(k)[0, 0] == 1


def test_one_saturated_sigmoid_leaves_its_neighbours_alone():
    net = mlcore.Network((1, 2), output="sigmoid", init="zeros")
    net.layers[0].b = [800.0, 0.0]
    trace = Stepping(mlcore.explain(net, np.zeros(1), [0, 1]))
    (k,) = named(trace, "dL_dz")
    readings = trace.readings(k)
    assert np.isnan(readings.product[0]) and readings.product[1] == readings.path_sum[1] == -0.5
    assert trace.terms(k, 0, 1)[2].tolist() == [0, -0.5]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda t: t.at(len(t)), IndexError),
        (lambda t: t.at(-1), IndexError),
        (lambda t: t.terms(0, 2, 0), IndexError),
        (lambda t: t.step(0, "line"), ValueError),
        (lambda t: t.readings(0), ValueError),
    ],
)
def test_refusals_are_sentences(call, error):
    with pytest.raises(error, match=r"expected|has no cell"):
        call(by_hand())
