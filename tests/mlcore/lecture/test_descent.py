"""Part one's training as a debugger: its D is the gradient of J, its Δ the definition's, and a walk back meets the same bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neural_network import MLPClassifier

import mlcore
from mlcore.lecture import descent
from mlcore.lecture.descent import ADD, ERRORS, LINES, PENALTY, STRIDES, UPDATE, ZERO, Descent
from tests.mlcore import reference
from tests.mlcore.cases import same

pytestmark = pytest.mark.part1


def made(sizes=(2, 3, 3, 1), hidden="sigmoid", n=5, l2=0.1, rate=0.7, epochs=3, seed=0, cls=Descent):
    rng = np.random.default_rng(seed)
    net = mlcore.Network(sizes, hidden, "sigmoid", seed, "float64")
    for layer in net.layers:
        layer.b = rng.normal(size=len(layer.b))
    return cls(net, rng.normal(size=(n, sizes[0])), np.arange(n) % 2, rate, l2, epochs)


@st.composite
def descents(draw):
    sizes = (*draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)), 1)
    hidden = draw(st.sampled_from(["sigmoid", "tanh", "relu", "identity"]))
    return made(sizes, hidden, draw(st.integers(2, 6)), draw(st.sampled_from([0.0, 0.01, 0.3])), 0.3, 2, draw(st.integers(0, 10**6)))


def named(walked, name):
    return {v.layer: v for v in walked.variables if v.name == name}


def to_line(walked, line, epoch=1, instance=None):
    """Go to the last position of a line in an epoch."""
    [*_, last] = [k for k in range(len(walked)) if walked.place(k)[0] == epoch and walked.place(k)[2] == line
                  and (instance is None or walked.place(k)[1] == instance)]  # fmt: skip
    walked.to(last)


def all_numbers(walked):
    return [(v.name, v.layer, np.asarray(v.value).tobytes(), v.new, v.dropped) for v in walked.variables]


@settings(max_examples=40, deadline=None)
@given(descents())
def test_D_is_autograds_and_that_of_central_differences(walked):
    for epoch in range(1, walked.epochs + 1):
        to_line(walked, PENALTY, epoch)
        net, D = walked.net, named(walked, "D")
        truth = reference.gradients(net, walked.X, walked.y, walked.l2)
        for l in range(walked.depth):
            assert reference.distance(D[l + 1].value[:, 1:], truth["dW"][l]) < 1e-10
            assert reference.distance(D[l + 1].value[:, 0], truth["db"][l]) < 1e-10


def test_D_is_the_slope_of_J_with_its_lambda():
    walked = made(l2=0.2)
    to_line(walked, PENALTY)
    D, net = named(walked, "D"), walked.net
    for l, layer in enumerate(net.layers):
        numeric = np.empty_like(layer.theta)
        for place in np.ndindex(layer.theta.shape):
            costs = []
            for h in (1e-5, -1e-5):
                other = net.copy()
                other.layers[l].theta[place] += h
                costs.append(other.cost(walked.X, walked.y, 0.2))
            numeric[place] = (costs[0] - costs[1]) / 2e-5
        assert reference.distance(D[l + 1].value, numeric) < 1e-7


@settings(max_examples=30, deadline=None)
@given(descents())
def test_Delta_after_each_instance_is_the_definition(walked):
    sums = [np.zeros_like(layer.theta) for layer in walked.net.layers]
    to_line(walked, ZERO)
    assert not any(v.value.any() for v in named(walked, "Δ").values())
    for i in range(len(walked.X)):
        to_line(walked, ADD, 1, i)
        a, delta = named(walked, "a"), named(walked, "δ")
        assert a[1].value[0] == 1 and a[1].value[1:].tolist() == walked.X[i].tolist()
        for l in range(walked.depth):
            for k, d in enumerate(delta[l + 2].value):
                for j, one in enumerate(a[l + 1].value):
                    sums[l][k, j] += d * one
            np.testing.assert_allclose(named(walked, "Δ")[l + 1].value, sums[l], rtol=1e-13, atol=1e-15)


def test_at_the_line_of_the_mean_D_is_that_of_all_instances():
    walked = made(n=5)
    to_line(walked, descent.MEAN)
    sums = named(walked, "Δ")
    for l, D in named(walked, "D").items():
        np.testing.assert_array_equal(D.value, sums[l].value / 5)


@settings(max_examples=30, deadline=None)
@given(descents())
def test_looped_and_vectorised_are_the_same_numbers(walked):
    to_line(walked, ERRORS if walked.depth > 1 else ADD, 1, 1)
    a, z, delta, net = named(walked, "a"), named(walked, "z"), named(walked, "δ"), walked.net
    products, slopes = named(walked, "Θᵀδ"), named(walked, "g′(z)")
    for l, layer in enumerate(net.layers):
        for k, row in enumerate(layer.theta):
            assert z[l + 2].value[k] == pytest.approx(sum(w * one for w, one in zip(row, a[l + 1].value)), rel=1e-12, abs=1e-13)
    prime = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a * a, "relu": lambda a: float(a > 0), "identity": lambda a: 1.0}
    for l in range(2, walked.depth + 1):
        theta, after = net.layers[l - 1].theta, delta[l + 1].value
        back = [sum(theta[k, j] * after[k] for k in range(len(after))) for j in range(theta.shape[1])]
        assert products[l].dropped == pytest.approx(back[0], rel=1e-12, abs=1e-13)
        assert products[l].value == pytest.approx(back[1:], rel=1e-12, abs=1e-13)
        assert delta[l].value.tobytes() == (products[l].value * slopes[l].value).tobytes()
        for j, found in enumerate(delta[l].value):
            assert found == pytest.approx(back[j + 1] * prime[net.hidden](a[l].value[j + 1]), rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("stride", STRIDES)
def test_two_hundred_steps_forward_and_back_are_the_same_bits(stride):
    walked = made(epochs=210 if stride == "epoch" else 60, n=4)
    seen = [all_numbers(walked)]
    for _ in range(200):
        walked.move(stride)
        seen.append(all_numbers(walked))
    for expected in seen[-2::-1]:
        walked.move(stride, back=True)
        assert all_numbers(walked) == expected
    assert walked.position == 0


def test_a_jump_is_the_walk():
    far, near = made(epochs=30), made(epochs=30)
    far.end()
    while near.position < len(near) - 1:
        near.move("layer")
    assert all_numbers(far) == all_numbers(near)
    np.testing.assert_array_equal(far.history, near.history)


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "identity"])
def test_theta_and_J_are_those_of_train_to_the_bit(hidden):
    walked = made(hidden=hidden, epochs=20, rate=0.3)
    net = walked.net.copy()
    data = mlcore.Dataset(walked.X, walked.y, classes=2)
    for k, progress in enumerate(p for p in mlcore.train(net, data, mlcore.SGD(0.3), None, 20, 0.1, shuffle=False) if p.epoch_end):
        to_line(walked, UPDATE, k + 1)
        assert progress.epoch == k + 1 and same(walked.net, net)
        assert walked.history[-1].sum() == pytest.approx(net.cost(walked.X, walked.y, 0.1), rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(descents())
def test_the_line_of_the_update_leads_to_the_films_theta_but_for_the_last_digits(walked):
    for epoch in range(1, walked.epochs + 1):
        to_line(walked, PENALTY, epoch)
        before, D = walked.net, named(walked, "D")
        assert walked.steps == [] and same(before, walked.film.network(epoch - 1))
        to_line(walked, UPDATE, epoch)
        assert same(walked.net, walked.film.network(epoch))
        for step, old, new in zip(walked.steps, before.layers, walked.net.layers, strict=True):
            by_hand, i = old.theta - walked.learning_rate * D[step.layer].value, step.index
            np.testing.assert_allclose(by_hand, new.theta, rtol=1e-12, atol=1e-14)
            assert named(walked, "Θ")[step.layer].value.tobytes() == new.theta.tobytes()
            assert step[2:] == (old.theta[i], D[step.layer].value[i], new.theta[i], by_hand.tobytes() == new.theta.tobytes())
            assert abs(step.D) == np.abs(D[step.layer].value).max()


def test_a_film_that_is_there_is_taken_and_one_that_is_not_is_made():
    walked = made()
    again = Descent(walked.film.net, walked.X, walked.y, 0.7, 0.1, 3, walked.film)
    assert again.film is walked.film and again.end() == walked.end() and all_numbers(again) == all_numbers(walked)


def test_scikit_learn_takes_the_same_step():
    walked = made((2, 4, 1), n=12, l2=0.05, rate=0.5, epochs=1)
    n, net = len(walked.X), walked.net
    other = MLPClassifier((4,), activation="logistic", solver="sgd", alpha=n * 0.05, batch_size=n, learning_rate_init=0.5, momentum=0.0,
                          max_iter=1, shuffle=False, tol=0.0, random_state=0)  # fmt: skip
    other.partial_fit(walked.X, walked.y, classes=[0, 1])
    start = [(layer.W.T.copy(), layer.b.copy()) for layer in net.layers]
    other.coefs_, other.intercepts_ = [W for W, _ in start], [b for _, b in start]
    other.partial_fit(walked.X, walked.y)
    walked.end()
    for layer, W, b in zip(walked.net.layers, other.coefs_, other.intercepts_):
        np.testing.assert_allclose(layer.W, W.T, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(layer.b, b, rtol=1e-10, atol=1e-12)


def test_the_bias_unit_is_marked_and_lambda_leaves_its_column_out():
    walked = made()
    to_line(walked, PENALTY)
    for l, v in named(walked, "λΘ").items():
        assert v.bias and not v.value[:, 0].any() and v.value[:, 1:].any()
        assert (named(walked, "D")[l].value[:, 0] == named(walked, "Δ")[l].value[:, 0] / len(walked.X)).all()


EXPLODING = [("identity", 1e200), ("relu", 1e200), ("identity", 1e150), ("tanh", 1e308), ("sigmoid", 1e307)]


@pytest.mark.parametrize(("hidden", "rate"), EXPLODING)
def test_what_explodes_stops_it_and_leaves_the_way_back(hidden, rate):
    walked = made(hidden=hidden, rate=rate, epochs=6)
    seen = []
    while not walked.stopped:
        seen.append(all_numbers(walked))
        assert all(np.isfinite(v.value).all() for v in walked.variables)
        assert np.isfinite(walked.history).all()
        walked.move("layer")
    end = walked.position
    assert end < len(walked) - 1 and walked.stopped == walked.film.stopped and walked.place()[2] == PENALTY
    assert walked.place().epoch == len(walked.film) and f"stopped after epoch {len(walked.film) - 1}: " in walked.stopped
    assert walked.move("line") == walked.end() == made(hidden=hidden, rate=rate, epochs=6).end() == end
    for expected in seen[::-1]:
        walked.move("layer", back=True)
        assert walked.stopped is None and all_numbers(walked) == expected


def test_each_line_sets_its_own_variables_and_keeps_what_the_instance_has_set():
    walked = made((2, 3, 1), n=2, epochs=2)
    once = [
        (descent.INPUT, 1, ["y", "a1"]), (descent.FORWARD, 2, ["z2", "a2"]), (descent.FORWARD, 3, ["z3", "a3"]),
        (descent.OUTPUT, 3, ["δ3"]), (ERRORS, 2, ["Θᵀδ2", "g′(z)2", "δ2"]), (ADD, None, ["Δ1", "Δ2"]),
    ]  # fmt: skip
    expected = [((None, None, descent.START, None), ["Θ1", "Θ2"])]
    for epoch in (1, 2):
        expected.append(((epoch, None, ZERO, None), ["Δ1", "Δ2"]))
        expected += [((epoch, i, line, layer), new) for i in (0, 1) for line, layer, new in once]
        ends = (descent.MEAN, ["D1", "D2"]), (PENALTY, ["λΘ1", "D1", "λΘ2", "D2"]), (UPDATE, ["Θ1", "Θ2"])
        expected += [((epoch, None, line, None), new) for line, new in ends]
    assert len(walked) == len(expected)
    always, live, costs = {"Θ1", "Θ2", "Δ1", "Δ2"}, {"Θ1", "Θ2"}, walked.film.costs
    for position, (place, new) in enumerate(expected):
        assert walked.position == position and walked.place() == place and walked.line == place[2]
        found = {f"{v.name}{v.layer or ''}": v for v in walked.variables}
        assert sorted(name for name, v in found.items() if v.new) == sorted(new), place
        # An instance begins, or all of them are done, or an epoch begins: what the one before has set is no longer live.
        live = (live & always if place[2] in (ZERO, descent.INPUT, descent.MEAN) else live) | set(new)
        assert set(found) == live, place
        assert {name for name, v in found.items() if v.bias} == {name for name in live if name[:-1] in ("a", "Δ", "D", "λΘ", "Θ")} - {"a3"}
        assert walked.done == (place[0] or 1) - 1 + (place[2] == UPDATE)
        np.testing.assert_array_equal(walked.history, costs[: walked.done + 1])
        assert "y" not in found or found["y"].value == walked.y[place[1]]
        walked.move("layer")


def test_strides_end_where_something_has_ended():
    walked = made((2, 3, 1), n=2, epochs=2)
    ends = {stride: [0] for stride in STRIDES}
    for stride, seen in ends.items():
        while seen[-1] < len(walked) - 1:
            seen.append(walked.step(seen[-1], stride))
            assert walked.step(seen[-1], stride, back=True) == seen[-2]
    assert ends["layer"] == list(range(33)) and ends["epoch"] == [0, 16, 32]
    assert ends["instance"] == [0, 7, 13, 16, 23, 29, 32]
    assert ends["line"] == [k for k in range(33) if walked.place(k)[2:] != (descent.FORWARD, 2)]
    assert [walked.step(32, stride) for stride in STRIDES] == [32] * 4 and [walked.step(0, stride, True) for stride in STRIDES] == [0] * 4


def test_every_line_of_the_program_runs_but_its_two_headings():
    walked = made()
    assert {walked.place(k)[2] for k in range(len(walked))} == set(range(len(LINES))) - {descent.EPOCH, descent.INSTANCE}
    assert walked.place(len(walked) - 1)[2] == UPDATE


@pytest.mark.parametrize(
    ("change", "message"),
    [({"rate": 0}, "learning_rate"), ({"l2": -1}, "l2"), ({"epochs": 0}, "epochs")],
)
def test_refusals(change, message):
    with pytest.raises(ValueError, match=message):
        made(**change)


def test_an_unknown_stride_is_refused():
    with pytest.raises(ValueError, match="stride"):
        made().move("word")
