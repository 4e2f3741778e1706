"""The Gradients page, run without a browser on small networks."""

import functools

import numpy as np
import pytest

import mlcore
from tests.latex import assert_holds, evaluate, last_line
from tests.pages.visit import of_page, run, text
from ui import formulas, subject


def saturated():
    net = mlcore.Network((2, 2), init="zeros")
    net.layers[0].b = np.array([0.0, -800.0])
    return net


NETWORKS = {
    "mlp": mlcore.Network((784, 12, 11, 10), seed=1),
    "softmax": mlcore.Network((784, 10), seed=2),
    "moons": mlcore.Network((2, 5, 2), "tanh", seed=3),
    "one": mlcore.Network((2, 4, 3, 1), "sigmoid", "sigmoid", seed=4),
    "saturated": saturated(),
    "strange": mlcore.Network((7, 3), seed=5),
}
NETWORKS["moons"].info["data"] = "moons"


@pytest.fixture
def page(shipped):
    """Opens the page for a network of NETWORKS and an instance."""
    shipped(NETWORKS)
    return functools.partial(of_page, "gradients.py")


def derivations(at):
    return [block.value.removeprefix("$$").removesuffix("$$").strip() for block in at.latex]


@pytest.fixture(scope="module")
def digit():
    data = mlcore.datasets.load("digits")
    return data.X_test[5] / 255, int(data.y_test[5])


@pytest.mark.parametrize("network", ("mlp", "softmax", "moons", "one", "saturated"))
@pytest.mark.parametrize("source", ("Data", "Batch"))
@pytest.mark.parametrize("name", formulas.NAMES.values())
def test_every_array_of_every_network_opens_at_its_most_telling_cell(page, network, source, name):
    at = page(network, source=source, instance=4, layer=1, array=name)
    assert len(derivations(at)) >= 1
    for latex in derivations(at):
        assert r"\begin{aligned}" in latex


def test_a_weight_with_its_numbers_in(page):
    net = NETWORKS["mlp"]
    at = page("mlp", source="Data", instance=8, layer=1, array="∂L/∂W", row=4, col=406)
    data = mlcore.datasets.load("digits")
    value = mlcore.explain(net, data.X_test[7], data.y_test[7]).layers[0].dL_dW[4, 406]
    [latex] = derivations(at)
    assert latex.startswith(r"\begin{aligned} \frac{\partial L}{\partial W^{(1)}_{4,406}}")
    assert_holds(latex, value)


def test_a_drawing_without_a_label_takes_the_networks_answer_and_says_so(page, digit):
    x, y = digit
    answer = int(NETWORKS["softmax"].predict(x[None])[0])
    at = page("softmax", x)
    [ask] = [box for box in at.selectbox if box.label == "Which digit is it?"]
    assert ask.value == answer
    assert "the network's own answer: say it is another digit" in text(at)
    at = run(ask.set_value((answer + 1) % 10))
    assert "own answer" not in text(at) and f"y = {(answer + 1) % 10}" in text(at)
    known = page("softmax", x, y)
    assert [box.value for box in known.selectbox] == [y] and "own answer" not in text(known)


@pytest.mark.parametrize("l, name, row, col", ((0, "∂L/∂W", 3, 406), (0, "∂L/∂b", None, 3), (1, "∂L/∂W", 0, 2), (2, "∂L/∂b", None, 9)))
def test_a_batch_ends_in_the_mean_of_the_products(page, l, name, row, col):
    net, data = NETWORKS["mlp"].copy("float64"), mlcore.datasets.load("digits")
    where = {"col": col} | ({} if row is None else {"row": row})
    at = page("mlp", source="Batch", instance=21, size=5, layer=l + 1, array=name, **where)
    grads = net.gradients(data.X_test[20:25], data.y_test[20:25])
    mean = grads.dW[l][row, col] if name == "∂L/∂W" else grads.db[l][col]
    [latex] = derivations(at)
    _, _, right = last_line(latex)
    assert float(evaluate(right)) == pytest.approx(mean, rel=6e-4, abs=1e-12)
    [table] = [m.value for m in at.markdown if m.value.startswith("| instance")]
    assert [line.split(" | ")[0] for line in table.splitlines()[2:]] == [f"| instance {i}" for i in range(21, 26)]


def test_another_array_starts_at_its_largest_entry(page):
    at = page("mlp", source="Data", instance=4, layer=1, array="∂L/∂W", row=11, col=783)
    assert (at.number_input(key="row").value, at.number_input(key="col").value) == (11, 783)
    at.session_state["layer"] = 3
    run(at)
    data = mlcore.datasets.load("digits")
    largest = subject.telling(mlcore.explain(NETWORKS["mlp"], data.X_test[3], data.y_test[3]).layers[2].dL_dW)
    assert (at.number_input(key="row").value, at.number_input(key="col").value) == largest
    at = run(at.number_input(key="row").set_value(1))
    assert (at.number_input(key="row").value, at.number_input(key="col").value) == (1, largest[1])
    [button] = [b for b in at.button if b.label == "Largest"]
    at = run(button.click())
    assert at.number_input(key="row").value == largest[0]


def test_check_gradients_names_the_worst_entry(page):
    at = page("one", source="Batch")
    [button] = [b for b in at.button if b.label == "Check gradients"]
    at = run(button.click())
    assert "entries agree. The worst is ∂J/∂" in text(at)
    assert list(at.table[0].value.columns) == ["entry", "backpropagation", "central difference", "error"]


def test_a_saturated_output_is_said_kindly(page):
    data = mlcore.datasets.load("moons")
    at = page("saturated", source="Data", instance=1 + int(np.argmax(data.y_test == 1)), array="∂L/∂z")
    assert "∂L/∂a is infinite" in text(at) and "stays finite" in text(at)
    chain, fused = derivations(at)
    assert r"-\infty" in chain and r"\text{NaN}" in chain and "infty" not in fused


def test_a_certain_and_right_network_has_nothing_to_learn(page):
    data = mlcore.datasets.load("moons")
    at = page("saturated", source="Data", instance=1 + int(np.argmax(data.y_test == 0)))
    assert "nothing left to learn" in text(at)


def test_a_network_without_data_at_hand_says_so(page):
    assert "**Strange** takes 7 numbers" in text(page("strange"))


@pytest.mark.parametrize("network", NETWORKS)
def test_the_pool_fits_the_network(network):
    pool = subject.pool(NETWORKS[network])
    if network == "strange":
        assert pool is None
        return
    assert pool.X.shape[1] == NETWORKS[network].sizes[0] and pool.X.max() <= 3 and pool.y.max() < max(2, NETWORKS[network].sizes[-1])
    losses = NETWORKS[network].losses(pool.X[:100], pool.y[:100])
    assert losses[pool.hardest(NETWORKS[network])] == losses.max()


def test_the_source_is_that_of_mlcore():
    deep, flat = NETWORKS["one"], NETWORKS["softmax"]
    assert "def softmax_jacobian" in subject.code("da_dz", 0, flat)
    assert "def sigmoid_prime" in subject.code("da_dz", 0, deep)
    assert "outer" in subject.code("dL_dW", 0, deep) and "def accumulate" in subject.code("dL_dW", 0, deep, True)
    assert "cross_entropy" in subject.code("L", 0, flat) and "layer.W.T" in subject.code("z", 0, flat)
    assert all(subject.code(name, 0, net, batch) for name in formulas.ARRAYS for net in (deep, flat) for batch in (False, True))


def test_the_arrays_of_the_widest_layers_are_there_for_one_visit_at_a_time(page, monkeypatch):
    monkeypatch.setattr(subject, "WIDE", 4)
    turn, array, held = subject.in_turn(5), subject.Derivatives.array, []
    monkeypatch.setattr(subject.Derivatives, "array", lambda *which: held.append(turn.locked()) or array(*which))
    page("moons", source="Data", layer=1)
    assert held and all(held) and not turn.locked()
    held.clear()
    page("moons", source="Data", layer=2)
    assert held and not any(held)
