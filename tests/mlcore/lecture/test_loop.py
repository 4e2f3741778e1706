"""The lecture's loop as a debugger: the same steps as mlcore.train, and the same bits whichever way a position was reached."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlcore
from mlcore.lecture.loop import EPOCH, FORWARD, GLOBAL, INSTANCE, KEPT, LINES, LOCAL, START, STEPS, STRIDES, UPDATE_B, UPDATE_W, Loop
from tests.mlcore.cases import case, cases, same

pytestmark = pytest.mark.part2


def loop_of(sizes=(4, 5, 3), n=6, epochs=6, rate=0.2, seed=0, cls=Loop, **kind):
    found = case(sizes, n=n, seed=seed, **kind)
    return cls(found.net, found.X, found.y, rate, epochs)


def trained(loop, net, epochs):
    net = net.copy("float64")
    data = mlcore.Dataset(loop.X, loop.y, classes=max(2, net.sizes[-1]))
    for _ in mlcore.train(net, data, mlcore.SGD(loop.learning_rate), batch_size=1, shuffle=False, epochs=epochs):
        pass
    return net


def apart(net, other):
    return max(np.abs(a.theta - b.theta).max() / np.abs(b.theta).max() for a, b in zip(net.layers, other.layers))


def state(loop):
    """Everything that can be seen at a position, as bytes."""
    seen = [(v.name, v.layer, v.new, v.shape, np.asarray(v.value).tobytes()) for v in loop.variables if v.value is not None]
    return loop.place(), seen, np.asarray(loop.history).tobytes(), [layer.theta.tobytes() for layer in loop.net.layers]


@given(cases(outputs=("softmax", "one sigmoid", "sigmoids, labels"), l2=False), st.integers(1, 4))
def test_the_walk_is_the_lectures_training(found, epochs):
    loop = Loop(found.net, found.X, found.y, 0.1, epochs)
    loop.end()
    assert loop.line == UPDATE_B and len(loop.history) == epochs * len(found.X)
    assert apart(loop.net, trained(loop, found.net, epochs)) <= 1e-12


@pytest.mark.parametrize("sizes", ((4, 3), (4, 5, 3)))
def test_losses_are_met_before_each_update(sizes):
    loop = loop_of(sizes, epochs=2)
    loop.end()
    net = loop_of(sizes).net.copy()
    for k, loss in enumerate(loop.history):
        i = k % 6
        assert loss == pytest.approx(net.losses(loop.X[i : i + 1], loop.y[i : i + 1])[0], rel=1e-12)
        mlcore.SGD(0.2).step(net, net.gradients(loop.X[i : i + 1], loop.y[i : i + 1]).D)


def test_a_loss_is_there_from_the_line_that_computes_it_on():
    loop = loop_of(n=2, epochs=2)
    loop.end()
    losses = loop.history
    for position in range(len(loop)):
        loop.to(position)
        epoch, i, line, _ = loop.place()
        met = 0 if epoch is None else 2 * (epoch - 1) + (i or 0) + (line >= FORWARD)
        assert loop.history == losses[:met], loop.place()
    assert len(losses) == 4


@pytest.mark.parametrize("sizes, theta, X, rate, line, what", [
    ((1, 2), [[[0, 0], [0, 0]]], [[1.0], [1e10]], 1e300, FORWARD, "The loss is no longer finite at epoch 1, instance 2"),
    ((1, 1, 3), [[[0, 0]], [[0, 1.7e308], [0, -1.7e308], [0, -1.7e308]]], [[0.0], [0.0]], 1, GLOBAL, "A gradient is no longer"),
    ((1, 2), [[[0, 0], [0, 0]]], [[1e10], [1.0]], 1e300, UPDATE_W, "W is no longer finite at epoch 1, instance 1"),
    ((1, 2), [[[1e308, 0], [1e308, 0]]], [[1e-3], [1e-3]], 1.7e308, UPDATE_B, "b is no longer finite at epoch 1, instance 1"),
])  # fmt: skip
def test_where_the_loop_stops_it_names_what_is_no_longer_finite(sizes, theta, X, rate, line, what):
    net = mlcore.Network(sizes, hidden="identity", dtype="float64", init="zeros")
    for layer, values in zip(net.layers, theta, strict=True):
        layer.theta = values
    loop = Loop(net, X, [0, 1], rate, 3)
    loop.end()
    assert loop.line == line and loop.stopped.startswith(what), loop.stopped


@pytest.mark.parametrize("kept", (KEPT, 0))
def test_two_hundred_lines_forward_and_back_are_the_same_bits(kept, monkeypatch):
    monkeypatch.setattr("mlcore.lecture.loop.KEPT", kept)
    loop, seen = loop_of(), []
    assert (loop._every == 1) == (kept > 0), "with few snapshots the way back is replayed"
    for k in range(200):
        assert loop.position == k
        seen.append(state(loop))
        loop.move("line")
    for k in range(199, -1, -1):
        loop.move("line", back=True)
        assert loop.position == k and state(loop) == seen[k], k


@given(st.lists(st.one_of(st.integers(0, 222), st.tuples(st.sampled_from(STRIDES), st.booleans())), min_size=1, max_size=12))
def test_a_jump_is_the_walk(moves):
    wild = loop_of()
    for move in moves:
        wild.to(move) if isinstance(move, int) else wild.move(*move)
    walked = loop_of()
    for _ in range(wild.position):
        walked.move("line")
    assert state(wild) == state(walked)


def test_strides_end_where_something_has_ended():
    loop = loop_of(n=3, epochs=2)
    assert len(loop) == 1 + 2 * (1 + 3 * 6)
    places = []
    for stride, back in [("instance", False)] * 7 + [("epoch", True), ("epoch", True), ("epoch", True), ("epoch", False)]:
        loop.move(stride, back)
        places.append(loop.place())
    once = [(epoch, i, UPDATE_B, None) for epoch in (1, 2) for i in range(3)]
    assert places == [*once, once[-1], once[2], (None, None, START, None), (None, None, START, None), once[2]]
    loop.to(loop.position + 4)
    loop.move("instance", back=True)
    assert loop.place() == once[2], "from the middle of an instance back to its beginning"
    assert loop.end() == len(loop) - 1 and loop.move("line") == len(loop) - 1 and loop.start() == 0 and loop.move("line", True) == 0


@given(st.integers(1, 5), st.integers(1, 5), st.data())
def test_a_stride_back_undoes_a_stride_from_where_one_ended(n, epochs, data):
    loop = loop_of((2, 2), n=n, epochs=epochs)
    stride = data.draw(st.sampled_from(STRIDES))
    position = loop.step(data.draw(st.integers(0, len(loop) - 1)), stride)
    before = loop.step(position, stride, back=True)
    assert before < position and loop.step(before, stride) == position


def test_live_is_what_the_lines_so_far_have_set():
    loop, sets = loop_of((4, 3)), {}
    always = ["W", "b"]
    for _ in range(1, 9):
        names = [v.name for v in loop.variables]
        assert names[-2:] == always
        sets[loop.line] = [v.name for v in loop.variables if v.new]
        loop.move("line")
    assert sets == {
        START: always, EPOCH: ["epoch"], INSTANCE: ["i", "x", "y"], FORWARD: ["z", "a", "L"],
        LOCAL: ["∂L/∂a", "∂a/∂z", "∂z/∂b", "∂z/∂W"], GLOBAL: ["∂L/∂z", "∂L/∂W", "∂L/∂b"], UPDATE_W: ["W"], UPDATE_B: ["b"],
    }  # fmt: skip
    assert [v.name for v in loop.variables] == ["epoch", "i", "x", "y", *always], "of the next instance nothing is computed yet"
    assert all(line < len(LINES) for line in STEPS)


def test_the_variables_are_explains_and_the_two_updates_come_one_by_one():
    loop = loop_of((4, 5, 3))
    loop.to(loop.step(0, "instance") + 4)
    e, old = mlcore.explain(loop.net, loop.X[1], loop.y[1]), loop.net.copy()
    found = {(v.name, v.layer): v for v in loop.variables}
    assert loop.line == GLOBAL and found["i", None].value == 2, "instances count from 1"
    pairs = [("z", "z"), ("a", "a"), ("∂L/∂a", "dL_da"), ("∂a/∂z", "da_dz"), ("∂z/∂b", "dz_db"), ("∂z/∂W", "dz_dW"), ("∂L/∂W", "dL_dW")]
    for name, own in [*pairs, ("∂L/∂z", "dL_dz"), ("∂L/∂b", "dL_db"), ("W", "W"), ("b", "b")]:
        for l, layer in enumerate(e.layers, 1):
            assert found[name, l].value.tobytes() == getattr(layer, own).tobytes(), name
            assert found[name, l].shape == getattr(layer, own).shape
    assert found["L", None].value == e.loss and found["L", None].shape == ()
    loop.move("line")
    for layer, before, own in zip(loop.net.layers, old.layers, e.layers):
        assert np.array_equal(layer.W, before.W - 0.2 * own.dL_dW) and np.array_equal(layer.b, before.b)
    loop.move("line")
    for layer, before, own in zip(loop.net.layers, old.layers, e.layers):
        assert np.array_equal(layer.W, before.W - 0.2 * own.dL_dW) and np.array_equal(layer.b, before.b - 0.2 * own.dL_db)


def test_many_units_have_their_jacobian_named_only():
    loop = loop_of((3, 70, 2))
    loop.move("instance")
    found = {(v.name, v.layer): v for v in loop.variables}
    for name in ("∂a/∂z", "∂z/∂b"):
        assert found[name, 1].value is None and found[name, 1].shape == (70, 70)
        assert found[name, 2].value.shape == found[name, 2].shape == (2, 2)


def test_weights_between_the_snapshots_are_not_kept(monkeypatch):
    monkeypatch.setattr("mlcore.lecture.loop.KEPT", 10_000)
    loop = loop_of((30, 20), epochs=20)
    loop.end()
    assert len(loop._kept) <= 5 and len(loop._recent) <= 2


class NoBias(Loop):
    """The bias is never updated."""

    def _descended(self, net, e):
        after = super()._descended(net, e)
        for layer, old in zip(after.layers, net.layers):
            layer.b[...] = old.b
        return after


class FreshW(Loop):
    """The gradients of b are taken again, after W was updated."""

    def _descended(self, net, e):
        after = super()._descended(net, e)
        moved = after.copy()
        for layer, old in zip(moved.layers, net.layers):
            layer.b[...] = old.b
        again = mlcore.explain(moved, e.x, e.y)
        for layer, old, own in zip(after.layers, net.layers, again.layers):
            layer.b[...] = old.b - self.learning_rate * own.dL_db
        return after


class Uphill(Loop):
    """The gradient is added."""

    def _descended(self, net, e):
        after = super()._descended(net, e)
        for layer, old in zip(after.layers, net.layers):
            layer.theta[...] = 2 * old.theta - layer.theta
        return after


class Batched(Loop):
    """All instances of an epoch meet the same weights."""

    def _explanation(self, update, net=None):
        return super()._explanation(update, self._kept[update - update % len(self.X)])


@pytest.mark.parametrize("mutant", (NoBias, FreshW, Uphill, Batched))
@pytest.mark.parametrize("sizes", ((4, 3), (4, 5, 3)))
def test_slips_in_the_loop_are_told_apart(mutant, sizes):
    right, wrong = loop_of(sizes, epochs=2), loop_of(sizes, epochs=2, cls=mutant)
    start = right.net.copy()
    right.end(), wrong.end()
    other = trained(right, start, 2)
    assert apart(right.net, other) <= 1e-12 < 1e-6 < apart(wrong.net, other)


@pytest.mark.parametrize("sizes", ((3, 2), (3, 4, 2)))
def test_what_is_not_finite_stops_the_loop_and_leaves_the_way_back(sizes):
    found = case(sizes, n=5, hidden="relu")
    walked, jumped = (Loop(found.net, 100 * found.X, found.y, 1e307, 4) for _ in range(2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seen = [state(walked)]
        while not walked.stopped and walked.position < len(walked) - 1:
            walked.move("line")
            seen.append(state(walked))
        end = jumped.end()
    assert 0 < end == walked.position < len(walked) - 1 and jumped.stopped == walked.stopped
    epoch, i, *_ = walked.place()
    assert f"no longer finite at epoch {epoch}, instance {i + 1}: with α = 1e+307" in walked.stopped
    assert walked.move("line") == end and walked.to(10**6) == end and walked.move("epoch") == end and walked.stopped
    for k in range(end - 1, -1, -1):
        walked.move("line", back=True)
        assert walked.stopped is None and walked.position == k and state(walked) == seen[k]
    assert all(np.isfinite(layer.theta).all() for layer in walked.net.layers)


def test_a_saturated_output_does_not_stop_it():
    net = mlcore.Network((1, 2), dtype="float64", init="zeros")
    net.layers[0].b = [0.0, -800.0]
    loop = Loop(net, [[1.0]], [1], 0.5, 2)
    assert loop.end() == len(loop) - 1 and loop.stopped is None and loop.history[0] == 800


def test_the_network_given_stays_as_it_is():
    found = case((4, 3), dtype="float32")
    before = found.net.copy()
    loop = Loop(found.net, found.X, found.y, 0.5, 2)
    loop.end()
    assert same(found.net, before) and loop.net.dtype == np.float64


@pytest.mark.parametrize(
    "arguments, message",
    (
        (([[1.0, 2.0]], [0], 0.1, 1), r"X has shape \(1, 2\), expected \(n, 3\)"),
        (([[1.0, 2.0, 3.0]], [3], 0.1, 1), "label 3"),
        (([[1.0, 2.0, 3.0]], [0, 1], 0.1, 1), r"y has shape \(2,\)"),
        (([[1.0, 2.0, 3.0]], [0], 0.0, 1), "learning_rate is 0, expected a finite number above 0"),
        (([[1.0, 2.0, 3.0]], [0], 0.1, 0), "epochs is 0, expected a whole number of at least 1"),
    ),
)
def test_bad_input_is_refused_in_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        Loop(mlcore.Network((3, 3)), *arguments)
    with pytest.raises(ValueError, match="stride is 'step', expected one of: line, instance, epoch"):
        loop_of().move("step")
