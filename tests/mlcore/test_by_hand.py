"""Two networks small enough for paper. The numbers in the comments come from the slides' formulas and a pocket calculator."""

import numpy as np
import pytest

import mlcore


@pytest.mark.part1
def test_part_one_2_2_1_sigmoid():
    r"""Two features, two hidden units, one sigmoid; two instances; λ = 0.1. Weights are chosen so that z are logarithms.

    Θ⁽¹⁾ = [[0, ln 3, 0], [ln 4, 0, −ln 4]], Θ⁽²⁾ = [[ln 2, 0, 0]] + [[0, 4 ln 2, −5 ln 2]] = [[ln 2, 4 ln 2, −5 ln 2]]

    x₁ = (1, 1), y₁ = 1:  z⁽²⁾ = (ln 3, 0),  a⁽²⁾ = (3/4, 1/2)
        z⁽³⁾ = ln 2 (1 + 4 · 3/4 − 5 · 1/2) = 1.5 ln 2,  a⁽³⁾ = 2√2 / (1 + 2√2) = 0.73879612503625…
        cost = −ln a⁽³⁾ = 0.30273328
        δ⁽³⁾ = a⁽³⁾ − 1 = −0.26120387
        δ⁽²⁾ = (4 ln 2 · 3/4 · 1/4, −5 ln 2 · 1/2 · 1/2) δ⁽³⁾ = (0.75 ln 2, −1.25 ln 2) δ⁽³⁾ = (−0.13578955, 0.22631591)

    x₂ = (0, 1), y₂ = 0:  z⁽²⁾ = (0, 0),  a⁽²⁾ = (1/2, 1/2)
        z⁽³⁾ = ln 2 (1 + 2 − 2.5) = 0.5 ln 2,  a⁽³⁾ = √2 / (1 + √2) = 2 − √2 = 0.58578643762690…
        cost = −ln(1 − a⁽³⁾) = −ln(√2 − 1) = 0.88137359
        δ⁽³⁾ = a⁽³⁾ = 0.58578644
        δ⁽²⁾ = (4 ln 2 · 1/4, −5 ln 2 · 1/4) δ⁽³⁾ = (ln 2, −1.25 ln 2) δ⁽³⁾ = (0.40603622, −0.50754527)

    Δ⁽¹⁾ = δ⁽²⁾ [1, x]ᵀ summed = [[−0.13578955 + 0.40603622, −0.13578955, −0.13578955 + 0.40603622],
                                 [ 0.22631591 − 0.50754527,  0.22631591,  0.22631591 − 0.50754527]]
    Δ⁽²⁾ = δ⁽³⁾ [1, a⁽²⁾]ᵀ summed = [[−0.26120387 + 0.58578644, −0.26120387 · 3/4 + 0.58578644 / 2, (−0.26120387 + 0.58578644) / 2]]
    D = Δ / 2 + 0.1 Θ, the latter not in column 0.
    J = (0.30273328 + 0.88137359) / 2 + 0.05 ((ln 3)² + (ln 4)² + 16 (ln 2)² + 25 (ln 2)²)
      = 0.59205343 + 0.05 (1.20694896 + 1.92181206 + 19.69857357) = 0.59205343 + 1.14136673 = 1.73342016
    """
    ln2, ln3, ln4 = np.log([2, 3, 4])
    net = mlcore.Network((2, 2, 1), hidden="sigmoid", output="sigmoid", dtype="float64")
    net.layers[0].theta = [[0, ln3, 0], [ln4, 0, -ln4]]
    net.layers[1].theta = [[ln2, 4 * ln2, -5 * ln2]]
    X, y = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([1, 0])

    run, grads = net.forward(X), net.gradients(X, y, l2=0.1)
    near = {"abs": 5e-9, "rel": 0}
    assert run.z[0] == pytest.approx(np.array([[ln3, 0], [0, 0]]), abs=1e-15)
    assert run.a[0] == pytest.approx(np.array([[3 / 4, 1 / 2], [1 / 2, 1 / 2]]), abs=1e-15)
    assert run.z[1] == pytest.approx(np.array([[1.5 * ln2], [0.5 * ln2]]), abs=1e-14)
    assert run.a[1] == pytest.approx(np.array([[0.73879612503626], [0.58578643762690]]), abs=1e-13)
    assert net.cost(X, y, l2=0.1) == pytest.approx(1.73342016, **near)
    assert net.cost(X[:1], y[:1]) == pytest.approx(0.30273328, **near)
    assert net.cost(X[1:], y[1:]) == pytest.approx(0.88137359, **near)
    assert grads.delta[1] == pytest.approx(np.array([[-0.26120387], [0.58578644]]), **near)
    assert grads.delta[0] == pytest.approx(np.array([[-0.13578955, 0.22631591], [0.40603622, -0.50754527]]), **near)
    assert grads.Delta[0] == pytest.approx(np.array([
        [0.27024667, -0.13578955, 0.27024667],
        [-0.28122936, 0.22631591, -0.28122936]]), abs=2e-8)
    assert grads.Delta[1] == pytest.approx(np.array([[0.32458256, 0.09699031, 0.16229128]]), abs=2e-8)
    assert grads.D[0] == pytest.approx(np.array([
        [0.13512334, -0.06789477 + 0.10986123, 0.13512334],
        [-0.14061468, 0.11315796, -0.14061468 - 0.13862944]]), abs=2e-8)
    assert grads.D[1] == pytest.approx(np.array([[0.16229128, 0.04849516 + 0.27725887, 0.08114564 - 0.34657359]]), abs=2e-8)
    assert net.predict_proba(X) == pytest.approx(run.a[1], abs=1e-15)
    assert net.predict(X).tolist() == [1, 1]


@pytest.mark.part2
def test_part_two_softmax_regression_with_two_features_and_three_classes():
    """One instance, x = (2, −1), y = 2 (the third class).

    W = [[0, 0], [1/2 ln 2, 0], [0, −ln 5]], b = (0, 0, 0)  →  z = (0, ln 2, ln 5), eᶻ = (1, 2, 5), Σ = 8
    a = (1/8, 2/8, 5/8),  L = −ln(5/8) = 0.47000363
    ∂L/∂a = (0, 0, −8/5)
    ∂a/∂z = 1/64 [[ 7, −2,  −5],
                  [−2, 12, −10],
                  [−5, −10, 15]]
    ∂L/∂z = −8/5 · (−5, −10, 15)/64 = (1/8, 2/8, −3/8) = a − onehot(y)
    ∂z/∂b = identity, so ∂L/∂b = ∂L/∂z;  ∂z/∂W: every row is (2, −1)
    ∂L/∂W = [[2/8, −1/8], [4/8, −2/8], [−6/8, 3/8]]
    ∂L/∂x = ∂L/∂z W = (1/4 · 1/2 ln 2, −3/8 · (−ln 5)) = (ln 2 / 8, 3 ln 5 / 8)
    The update with step 1: W₃ ← (0, −ln 5) − (−6/8, 3/8) = (3/4, −ln 5 − 3/8)
    """
    ln2, ln5 = np.log([2, 5])
    net = mlcore.Network((2, 3), output="softmax", dtype="float64")
    net.layers[0].W = [[0, 0], [ln2 / 2, 0], [0, -ln5]]
    net.layers[0].b = [0, 0, 0]
    x, y = np.array([2.0, -1.0]), 2

    e = mlcore.explain(net, x, y)
    layer = e.layers[0]
    exactly = {"abs": 1e-15, "rel": 1e-14}
    assert layer.z == pytest.approx(np.array([0, ln2, ln5]), **exactly)
    assert layer.a == pytest.approx(np.array([1, 2, 5]) / 8, **exactly)
    assert e.loss == pytest.approx(0.47000363, abs=5e-9)
    assert layer.dL_da == pytest.approx(np.array([0, 0, -8 / 5]), **exactly)
    assert layer.da_dz == pytest.approx(np.array([[7, -2, -5], [-2, 12, -10], [-5, -10, 15]]) / 64, **exactly)
    assert layer.dL_dz == pytest.approx(np.array([1, 2, -3]) / 8, **exactly)
    assert np.array_equal(layer.dz_db, np.eye(3))
    assert np.array_equal(layer.dz_dW, [[2, -1]] * 3)
    assert layer.dL_dW == pytest.approx(np.array([[2, -1], [4, -2], [-6, 3]]) / 8, **exactly)
    assert layer.dL_db == pytest.approx(np.array([1, 2, -3]) / 8, **exactly)
    assert e.dL_dx == pytest.approx(np.array([ln2 / 8, 3 * ln5 / 8]), **exactly)

    data = mlcore.Dataset(x[None], np.array([y]), classes=3)
    for _ in mlcore.train(net, data, optimizer=mlcore.SGD(1.0), batch_size=1, epochs=1, shuffle=False):
        pass
    assert net.layers[0].W[2] == pytest.approx(np.array([3 / 4, -ln5 - 3 / 8]), **exactly)
    assert net.layers[0].b == pytest.approx(np.array([-1, -2, 3]) / 8, **exactly)


@pytest.mark.part2
def test_the_slides_example_of_the_loss():
    """a = (.4, .2, .1, …, .1): label "1" of the slide, index 0 here, costs −ln 0.4 = 0.916; label "3", index 2, costs −ln 0.1 = 2.303."""
    a = np.array([0.4, 0.2, 0.1, 0.1, 0.1, 0.1])
    net = mlcore.Network((1, 6), output="softmax", dtype="float64", init="zeros")
    net.layers[0].b = np.log(a)
    assert net.cost([[0.0]], [0]) == pytest.approx(0.916, abs=5e-4)
    assert net.cost([[0.0]], [2]) == pytest.approx(2.303, abs=5e-4)
