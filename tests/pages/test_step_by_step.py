"""The walk through part one's three loops, run without a browser on small scenes."""

import re
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest

import mlcore
from mlcore.lecture import errata
from mlcore.lecture.descent import ADD, ERRORS, FORWARD, INPUT, LINES, MEAN, OUTPUT, PENALTY, START, UPDATE, ZERO, Descent
from mlcore.lecture.vectorised import backward_forms
from tests.pages.visit import of_script, press, run
from ui import colors
from ui.numbers import plain
from ui.theta import step_by_step

pytestmark = pytest.mark.part1


def made(sizes, n, hidden, rate, l2, epochs):
    """The scene that the script shows."""
    import numpy as np

    import mlcore
    from ui.theta.scenes import Scene

    rng = np.random.default_rng(2)
    net = mlcore.Network(sizes, hidden, "sigmoid", 1, "float64")
    for layer in net.layers:
        layer.b = rng.normal(size=len(layer.b))
    return Scene(net, rng.normal(size=(n, sizes[0])), np.arange(n) % 2, rate, l2, epochs, sizes[0] == 2)


def script(**settings):
    import streamlit as st

    from tests.pages.test_step_by_step import made
    from ui.theta import step_by_step

    step_by_step.show(made(**settings | st.session_state.get("changed", {})))


def settings(sizes=(2, 4, 1), n=3, hidden="sigmoid", rate=0.5, l2=0.1, epochs=4):
    return {"sizes": sizes, "n": n, "hidden": hidden, "rate": rate, "l2": l2, "epochs": epochs}


def page(tick=None, **changed):
    return of_script(script, settings(**changed), **({} if tick is None else {"at": tick}))


def walked(tick=0, **changed):
    """The walk that the page should show, at a position."""
    scene = made(**settings(**changed))
    found = Descent(scene.net, scene.X, scene.y, scene.rate, scene.l2, scene.epochs)
    found.to(tick)
    return found


def first(line, **changed):
    """The last position of a line's first run: with layers, where all of them have been."""
    found = walked(**changed)
    k = next(k for k in range(len(found)) if found.place(k)[2] == line)
    while k + 1 < len(found) and found.place(k + 1)[2] == line:
        k += 1
    return k


def position(at):
    return at.number_input(key="at").value


def marked(at):
    [line] = re.findall(r"aria-current=step>([^<]*)<", at.get("html")[0].proto.body)
    return line


def rows(at):
    """The live variables as (name, layer) → the row's HTML."""
    found = {}
    for row in at.get("html")[1].proto.body.split('<th scope="row"')[1:]:
        [title] = re.match(r"[^>]*>(.*?)<div", row).groups()
        layers = re.findall(r"<sup>\((\d+)\)</sup>", title)
        name = re.sub(r"<sup>.*?</sup>", "", title)
        found["Θᵀδ" if name == "(Θ)ᵀ δ" else name, int(layers[0]) if layers else None] = row
    return found


def cells(row):
    """(text, is the bias unit's, is struck out) of each number of a row."""
    found = re.findall(r'<td style="([^"]*text-align:right[^"]*)"[^>]*>([^<]*)</td>', row)
    return [(text, f"color:{colors.text(colors.BIAS)}" in style, "line-through" in style) for style, text in found]


def set_here(at):
    return [name for name, row in rows(at).items() if "set by this line" in row]


def back(l):
    """What the error of a hidden layer sets."""
    return [("Θᵀδ", l), ("g′(z)", l), ("δ", l)]


def text(at):
    return " ".join(block.value for block in [*at.markdown, *at.caption])


def test_line_by_line_the_marks_follow_the_program():
    at, seen = page(n=1, sizes=(2, 3, 3, 1)), []
    for _ in range(11):
        seen.append((marked(at), set_here(at)))
        at = press(at, "line ▶")
    each = [1, 2, 3]
    expected = [
        (START, [("Θ", l) for l in each]), (ZERO, [("Δ", l) for l in each]), (INPUT, [("y", None), ("a", 1)]),
        (FORWARD, [("z", 4), ("a", 4)]), (OUTPUT, [("δ", 4)]), (ERRORS, back(2)), (ADD, [("Δ", l) for l in each]),
        (MEAN, [("D", l) for l in each]), (PENALTY, [(name, l) for l in each for name in ("λΘ", "D")]), (UPDATE, [("Θ", l) for l in each]),
        (ZERO, [("Δ", l) for l in each]),
    ]  # fmt: skip
    assert seen == [(LINES[line].strip(), names) for line, names in expected]


def test_forward_and_errors_go_layer_by_layer():
    at, seen = page(first(INPUT, sizes=(2, 3, 3, 1)), sizes=(2, 3, 3, 1)), []
    for _ in range(6):
        at = press(at, "layer ▶")
        seen.append((marked(at), set_here(at)))
    forward, errors = LINES[FORWARD].strip(), LINES[ERRORS].strip()
    assert seen == [
        *[(forward, [("z", l), ("a", l)]) for l in (2, 3, 4)],
        (LINES[OUTPUT].strip(), [("δ", 4)]), (errors, back(3)), (errors, back(2)),
    ]  # fmt: skip
    assert not {("δ", 1), ("z", 1)} & set(rows(at)), "the input has neither"


def test_an_epoch_by_instances_and_back_shows_the_same():
    at = page()
    start = [block.proto.body for block in at.get("html")]
    for i in range(1, 4):
        at = press(at, "instance ▶")
        assert marked(at) == LINES[ADD].strip() and f"instance {i} of 3" in text(at)
    at = press(at, "instance ▶")
    assert marked(at) == LINES[UPDATE].strip() and position(at) == walked().ticks_of_epoch
    moved = at.get("html")[1].proto.body
    at = press(at, *["◀ instance"] * 4)
    assert position(at) == 0 and [block.proto.body for block in at.get("html")] == start != [start[0], moved]
    assert press(at, "epoch ▶|").get("html")[1].proto.body == moved
    assert position(press(at, "|◀ epoch")) == 0
    assert position(press(at, "End")) == len(walked()) - 1 and position(press(at, "Start over")) == 0


@pytest.mark.parametrize("line", (INPUT, FORWARD, ERRORS, ADD, MEAN, PENALTY, UPDATE))
@pytest.mark.parametrize("hidden", ("sigmoid", "relu"))
def test_the_address_opens_a_position_with_the_numbers_of_the_walk(line, hidden):
    tick = first(line, hidden=hidden) + walked().ticks_of_epoch
    at, found = page(tick, hidden=hidden), walked(tick, hidden=hidden)
    assert position(at) == tick and marked(at) == LINES[line].strip() and "epoch 2 of 4" in text(at)
    assert [*rows(at)] == [(v.name, v.layer) for v in found.variables]
    for v in found.variables:
        row = rows(at)[v.name, v.layer]
        if v.layer is None:
            assert f">{plain(v.value)}<" in row
            continue
        assert [number for number, _, struck in cells(row) if not struck] == [plain(one) for one in np.ravel(v.value)], v.name
        size = " × ".join(map(str, v.value.shape)) if v.dropped is None else f"{len(v.value) + 1}, one struck out"
        assert f">{size}</div>" in row, v.name


def test_the_bias_units_column_has_its_own_colour_and_nothing_else_has():
    found = rows(page(first(PENALTY)))
    for name in ("Θ", "Δ", "λΘ", "D"):
        for l, (out, columns) in enumerate(((4, 3), (1, 5)), 1):
            assert [own for _, own, _ in cells(found[name, l])] == ([True] + [False] * (columns - 1)) * out, name
    found = rows(page(first(ERRORS)))
    assert cells(found["a", 1])[0][:2] == ("1", True)
    for name, l, own in (("a", 1, 1), ("a", 2, 1), ("a", 3, 0), ("z", 2, 0), ("z", 3, 0), ("δ", 3, 0)):
        assert [mine for _, mine, _ in cells(found[name, l])].count(True) == own, (name, l)
    [said] = [block.proto.body for block in page().get("html") if "bias unit" in block.proto.body]
    assert colors.text(colors.BIAS) in said


def test_the_part_of_lambda_stands_apart():
    assert not any(name == "λΘ" for name, _ in rows(page(first(MEAN))))
    found, net = rows(page(first(PENALTY))), walked().net
    for l, layer in enumerate(net.layers, 1):
        penalty = 0.1 * np.column_stack([np.zeros(len(layer.b)), layer.W])
        assert [number for number, *_ in cells(found["λΘ", l])] == [plain(one) for one in penalty.ravel()]


def test_the_row_of_the_bias_unit_is_shown_struck_out():
    at, scene = page(first(ERRORS)), made(**settings())
    delta = mlcore.explain(scene.net, scene.X[0], scene.y[0]).layers[-1].delta
    crossed = [number for number, _, struck in cells(rows(at)["Θᵀδ", 2]) if struck]
    assert crossed == [plain((scene.net.layers[1].theta.T @ delta)[0])]
    assert not any(struck for key, row in rows(at).items() if key != ("Θᵀδ", 2) for *_, struck in cells(row))


def test_the_factors_of_an_error_are_named_with_their_own_layers():
    found = rows(page(first(ERRORS, sizes=(2, 3, 3, 1)), sizes=(2, 3, 3, 1)))
    assert ">(Θ<sup>(3)</sup>)ᵀ δ<sup>(4)</sup><" in found["Θᵀδ", 3] and ">4, one struck out<" in found["Θᵀδ", 3]
    assert len(cells(found["Θᵀδ", 3])) == 4 and ">g′(z<sup>(2)</sup>)<" in found["g′(z)", 2]


def test_a_short_axis_has_whole_epochs_only():
    assert all(step_by_step.curve(np.ones((count, 2))).layout.xaxis.dtick == 1 for count in (1, 2, 4, 10))


@pytest.mark.parametrize("number, said", ((3, "struck out"), (4, "a₀ = 1"), (5, "mean"), (6, "λ/(2n)"), (17, "One update an epoch")))
def test_what_the_slide_prints_otherwise_is_said(number, said):
    [caption] = [block.value for block in page().caption if f"erratum {number})" in block.value]
    assert said in caption


def test_each_erratum_stands_with_the_numbers_that_show_it():
    tick = first(ADD)
    said, found = text(page(tick)), walked(tick)
    k, net = found.place()[1], found.net
    back = backward_forms(net, found.X[k], found.y[k], 0).back
    one = errata.one_and_mean(net, found.X, found.y, k, 1)
    x = ", ".join(map(plain, found.X[k]))
    assert f"Instance {k + 1}: ({x}) becomes (1, {x})" in said
    assert f"{plain(back[0])} goes, ({', '.join(map(plain, back[1:]))}) stays" in said
    assert f"instance {k + 1} has aⱼδᵢ = {plain(one.one)}; Δ/n of all is {plain(one.mean)}" in said
    costs = [plain(net.cost(found.X, found.y, l2)) for l2 in (0.1, 0.1 / 3)]
    assert f"For λ = 0.1 J is {costs[0]}; with λ/(2n) it would be {costs[1]}" in said


def test_J_is_printed_in_its_two_parts():
    scene = made(**settings())
    for tick in (0, walked().ticks_of_epoch):
        net = walked(tick).net
        data, whole = net.cost(scene.X, scene.y), net.cost(scene.X, scene.y, 0.1)
        *parts, J = re.search(r"J = (\S+) \+ (\S+) \(λ\) = \*\*(\S+)\*\*", text(page(tick))).groups()
        for part, value in zip(parts, (data, whole - data)):
            assert Decimal(value).quantize(Decimal(part), ROUND_HALF_UP) == Decimal(part) and len(part) >= len(plain(value))
        assert plain(whole) == J


def test_the_curve_counts_epochs_and_has_the_parts_apart():
    history = np.array([[0.75, 0.25], [0.5, 0.125], [0.25, 0.0625]])
    figure = step_by_step.curve(history)
    assert "one update each" in figure.layout.xaxis.title.text
    drawn = {line.name: [*line.y] for line in figure.data}
    assert drawn["J"] == [1, 0.625, 0.3125] and drawn["data part"] == [0.75, 0.5, 0.25]
    assert drawn["λ part"] == [0.25, 0.125, 0.0625] and len(step_by_step.curve(history * [1, 0]).data) == 2
    assert all([*line.x] == [0, 1, 2] for line in figure.data)
    assert step_by_step.spoken_curve(history) == "J over 2 epochs, from 1 to 0.3125"


def test_another_scene_starts_another_walk_and_a_shorter_one_takes_the_position_back():
    tick = 2 * walked().ticks_of_epoch
    at = page(tick)
    for changed in ({"rate": 0.25}, {}, {"l2": 0.3}, {}, {"hidden": "tanh"}):
        at.session_state["changed"] = changed
        at = run(at)
        row = rows(at)["Θ", 1]
        assert [number for number, *_ in cells(row)] == [plain(v) for v in walked(tick, **changed).net.layers[0].theta.ravel()]
    at.session_state["changed"] = {"epochs": 1}
    assert position(run(at)) <= walked().ticks_of_epoch


def test_what_explodes_is_said_and_can_be_walked_back():
    at = press(page(hidden="identity", rate=1e200), "End")
    stopped = position(at)
    assert len(at.error) == 1 and "not finite" in at.error[0].value and "smaller α" in at.error[0].value
    at = press(at, "line ▶")
    assert position(at) == stopped and len(at.error) == 1
    at = press(at, "◀ line")
    assert position(at) == stopped - 1 and not at.error


def test_what_is_too_wide_is_told_by_its_length():
    found, net = rows(page(first(ERRORS, sizes=(784, 4, 1)), sizes=(784, 4, 1))), made(**settings(sizes=(784, 4, 1))).net
    assert f"length {plain(np.linalg.norm(net.layers[0].theta))}" in found["Θ", 1] and "4 × 785" in found["Θ", 1]
    assert "785" in found["a", 1] and "length" in found["a", 1] and len(cells(found["Θ", 2])) == 5
