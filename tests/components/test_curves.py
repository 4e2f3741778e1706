"""The curves of a training: each line has the heights of what its legend says, on axes that fill the chart; the pointer reads them."""

import math

import numpy as np
import pytest

from tests.chromium import becomes
from ui.components import sources
from ui.figures.curves import chart

from . import charts

GUESS = (math.log(10), "guessing: ln 10")
TITLE = "epochs; one epoch = 40 updates of 100 digits each"
HEIGHT = 430
TRAINING = [(0, 2.3, 0.1), (0.5, 1.9, 0.33), (1, 1.5, 0.52), (2, 1.1, 0.64), (4, 0.6, 0.81), (8, 0.3, 0.93)]
HELD_OUT = [(0, 2.4, 0.12), (1, 1.7, 0.47), (2, 1.4, 0.55), (4, 1.0, 0.7), (8, 0.9, 0.75)]
BEFORE = [(1, 2.0, 0.2), (4, 1.2, 0.6), (6, 0.8, 0.72)]
NAMES = {"training": TRAINING, "held out": HELD_OUT, "the one before": BEFORE}
LOSS, ACCURACY = 1, 2


@pytest.fixture
def curves(mount):
    """curves(what `chart` takes) → the component, mounted."""
    return lambda *content, **options: mount(sources("curves"), chart(*content, **options))


@pytest.fixture
def three(curves):
    return curves(TRAINING, HELD_OUT, GUESS, TITLE, BEFORE)


def axes(mounted):
    """x, and y of loss and of accuracy, by the numbers at the axes."""
    svg = mounted.page.locator("svg")
    levels = charts.levels(svg)
    percent = mounted.page.locator(".grid + text").evaluate_all("all => all.map((e) => e.textContent.includes('%'))")
    assert percent == sorted(percent), "first those of the loss, then those of the accuracy"
    loss, accuracy = ([level for level, one in zip(levels, percent) if one == which] for which in (False, True))
    return charts.Axis(charts.below(svg)), {LOSS: charts.Axis(loss), ACCURACY: charts.Axis(accuracy)}


def legend(mounted):
    """[(text, colour of its line, whether that is dashed or dotted)]."""
    return mounted.page.locator(".key").evaluate_all(
        "all => all.map((e) => { const style = getComputedStyle(e.querySelector('i'));"
        " return [e.innerText.trim(), style.borderTopColor, style.borderTopStyle !== 'solid']; })"
    )


def lines(mounted):
    """{(colour, dashed): [the line of the loss, that of the accuracy]}."""
    found = {}
    for stroke, dashed, line in charts.lines(mounted.page.locator("svg")):
        found.setdefault((stroke, dashed), []).append(line)
    return found


def cursor(mounted):
    """Where its two ends are, from left to right; None where it is not seen."""
    return mounted.page.locator(".cursor").evaluate(
        "e => getComputedStyle(e).visibility === 'visible' ? [+e.getAttribute('x1'), +e.getAttribute('x2')] : null"
    )


def test_each_line_has_the_heights_of_what_the_legend_calls_by_its_colour(three):
    x, y = axes(three)
    found, named = lines(three), legend(three)
    assert len(found) == 3 and [dotted for *_, dotted in named] == [False, True, True]
    assert [next(name for name in NAMES if text.startswith(name)) for text, *_ in named] == list(NAMES)
    for (text, color, dotted), (name, points) in zip(named, NAMES.items()):
        assert text.startswith(name)
        for column, line in zip((LOSS, ACCURACY), found[color, dotted]):
            charts.drawn(line, [(point[0], point[column]) for point in points], x, y[column])


def test_loss_stands_above_accuracy_and_both_fill_their_half(three):
    x, y = axes(three)
    svg, top = three.page.locator("svg"), three.handle.evaluate("m => m.root.querySelector('.curves').data.top")
    box = svg.bounding_box()
    assert box["height"] == HEIGHT and max(loss for points in (TRAINING, HELD_OUT) for _, loss, _ in points) <= top
    ends = [y[LOSS].at(top), y[LOSS].at(0), y[ACCURACY].at(1), y[ACCURACY].at(0)]
    assert ends == sorted(ends) and 0 <= ends[0] < 0.03 * HEIGHT and 0.85 * HEIGHT < ends[3] < HEIGHT
    assert ends[1] - ends[0] > 0.4 * HEIGHT and ends[3] - ends[2] > 0.4 * HEIGHT
    assert x.at(0) < 0.1 * box["width"] and x.at(8) > 0.9 * box["width"]
    for name, column in (("loss", LOSS), ("accuracy", ACCURACY)):
        middle = svg.get_by_text(name, exact=True).bounding_box()
        place = middle["y"] + middle["height"] / 2 - box["y"]
        assert y[column].at(0) > place > y[column].at(top if column == LOSS else 1)
    assert svg.get_by_text(TITLE).is_visible() and "training loss 0.3" in svg.get_attribute("aria-label")


def test_the_line_of_guessing_is_at_its_loss_and_named(three):
    _, y = axes(three)
    guess = three.page.locator("svg .guess")
    ends = guess.evaluate("e => [+e.getAttribute('y1'), +e.getAttribute('y2'), getComputedStyle(e).strokeDasharray]")
    np.testing.assert_allclose(ends[:2], y[LOSS].at(GUESS[0]), atol=0.06)
    assert ends[2] != "none"
    named = three.page.locator("svg").get_by_text(GUESS[1]).bounding_box()
    assert abs(named["y"] + named["height"] - guess.bounding_box()["y"]) < 12


def test_without_a_pointer_the_last_numbers_are_read(three):
    assert three.page.locator(".where").inner_text() == "epoch 8"
    assert [charts.numbers(text) for text, *_ in legend(three)] == [[0.3, 93.0], [0.9, 75.0], [0.8, 72.0]]
    assert cursor(three) is None


def test_the_pointer_reads_the_numbers_of_the_nearest_epoch(three):
    page, box = three.page, three.page.locator("svg").bounding_box()
    x, _ = axes(three)
    for place, epoch, read in (
        (4.1, 4, [[0.6, 81.0], [1.0, 70.0], [1.2, 60.0]]),
        (0.55, 0.5, [[1.9, 33.0], [2.4, 12.0], [2.0, 20.0]]),
        (1.2, 1, [[1.5, 52.0], [1.7, 47.0], [2.0, 20.0]]),
    ):
        page.mouse.move(box["x"] + x.at(place), box["y"] + 100)
        assert page.locator(".where").inner_text() == f"epoch {epoch}"
        assert [charts.numbers(text) for text, *_ in legend(three)] == read
        np.testing.assert_allclose(cursor(three), x.at(epoch), atol=0.06)
    page.mouse.move(box["x"] + 10, box["y"] + HEIGHT + 50)
    assert page.locator(".where").inner_text() == "epoch 8" and cursor(three) is None


def test_new_numbers_come_into_the_same_chart_and_the_pointer_stays(three):
    page, box = three.page, three.page.locator("svg").bounding_box()
    x, _ = axes(three)
    page.mouse.move(box["x"] + x.at(4), box["y"] + 100)
    page.evaluate("kept => (window.kept = kept)", page.locator("svg").element_handle())
    three.update(chart([*TRAINING, (16, 0.2, 0.97)], [*HELD_OUT, (16, 0.8, 0.8)], GUESS, TITLE))
    assert page.evaluate("() => window.kept.isConnected")
    x, y = axes(three)
    assert [dotted for *_, dotted in legend(three)] == [False, True]
    assert page.locator(".where").inner_text() == "epoch 8"
    (_, training, _), _ = legend(three)
    for line, column, value in zip(lines(three)[training, False], (LOSS, ACCURACY), (0.2, 0.97)):
        np.testing.assert_allclose(line[-1], [x.at(16), y[column].at(value)], atol=0.06)


def test_a_loss_that_is_not_finite_breaks_the_line_and_is_read_as_infinite(curves):
    mounted = curves([(0, 2.3, 0.1), (1, 1e30, 0.1), (2, math.inf, 0.1), (3, 2.0, 0.2), (4, 1.0, 0.3)], [], GUESS, TITLE)
    x, y = axes(mounted)
    loss, accuracy = lines(mounted)[legend(mounted)[0][1], False]
    assert np.isnan(loss[2]).all() and len(loss) == 5 and loss[1, 1] < -1000
    np.testing.assert_allclose(loss[3:], [[x.at(3), y[LOSS].at(2)], [x.at(4), y[LOSS].at(1)]], atol=0.06)
    charts.drawn(accuracy, [(k, a) for k, a in enumerate((0.1, 0.1, 0.1, 0.2, 0.3))], x, y[ACCURACY])
    assert mounted.page.locator("svg").bounding_box()["height"] == HEIGHT, "nothing is seen outside of it"
    box = mounted.page.locator("svg").bounding_box()
    mounted.page.mouse.move(box["x"] + x.at(2), box["y"] + 100)
    becomes(lambda: "∞" in legend(mounted)[0][0], True)


def test_one_measurement_is_a_dot_at_its_place(curves):
    mounted = curves([(1, 1.5, 0.4)], [(1, 2.0, 0.3)], GUESS, TITLE)
    x, y = axes(mounted)
    dots = mounted.page.locator("svg circle").evaluate_all(
        "all => all.map((e) => [getComputedStyle(e).fill, +e.getAttribute('cx'), +e.getAttribute('cy')])"
    )
    (_, training, _), (_, held_out, _) = legend(mounted)
    expected = [(color, x.at(1), y[column].at(v)) for column, one in ((LOSS, (1.5, 2.0)), (ACCURACY, (0.4, 0.3)))
                for color, v in zip((training, held_out), one)]  # fmt: skip
    assert [color for color, *_ in dots] == [color for color, *_ in expected]
    np.testing.assert_allclose([place for _, *place in dots], [place for _, *place in expected], atol=0.06)


def test_before_the_first_measurement_the_legend_is_there_without_numbers(curves):
    mounted = curves([], [], GUESS, TITLE)
    assert [text for text, *_ in legend(mounted)] == ["training", "held out"] and mounted.page.locator(".where").inner_text() == ""


def test_the_mean_over_the_epoch_is_a_faint_line_of_its_own_with_its_name(curves):
    running = [(0.5, 1.9, 0.3), (1, 1.2, 0.6), (1.5, 0.8, 0.7)]
    mounted = curves(TRAINING, HELD_OUT, GUESS, TITLE, (), running)
    line, training = mounted.page.locator("path.running"), mounted.page.locator("path.training")
    assert line.count() == training.count() == 2
    faint, full = (float(one.first.evaluate("p => getComputedStyle(p).opacity")) for one in (line, training))
    assert faint < 0.5 and full == 1
    assert line.first.get_attribute("d").count("L") == len(running) - 1
    assert "mean over the epoch 0.8 · 70.0 %" in mounted.page.locator(".readout").inner_text()
    without = curves(TRAINING, HELD_OUT, GUESS, TITLE)
    assert "mean over" not in without.page.locator(".readout").inner_text()
