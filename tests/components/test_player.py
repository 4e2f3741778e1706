"""The film: what is painted of each frame, its curves and their legend, and what keys, pointer and messages do."""

import re

import numpy as np
import pytest

from mlcore.lecture.film import fields, levels
from tests.chromium import becomes
from ui.components import sources
from ui.theta import scenes
from ui.theta.filming import SIDE, UNIT_SIDE, cells, palette

from . import charts
from .film import EPOCHS, Player, scene
from .static import rgb


@pytest.fixture
def play(mount):
    """play(what goes out) → a Player."""
    return lambda data, **options: Player(mount(sources("player"), data, **options), data)


@pytest.fixture
def player(play):
    return play(scene()[1])


def expected(values, middle, reach, side):
    """The colours (side, side, 3) of values at `cells`, as the palette says."""
    return palette()[levels(values, middle, reach)].reshape(side, side, 3)


def test_the_field_is_that_of_the_frame_the_right_way_up(player):
    _, data, made = scene()
    painted = player.plane.locator("canvas")
    for k in (0, EPOCHS, 17):
        player.go(k)
        field = fields(made, cells(data["box"], SIDE))[k]
        seen = player.mounted.pixels(painted)
        np.testing.assert_array_equal(seen[:, :, :3], expected(field, 0.5, 0.5, SIDE))
        assert (seen[:, :, 3] == 255).all()


def test_on_the_screen_points_lie_at_their_places_over_the_colours_of_the_network(player):
    """Read from a picture of the screen: whatever flips, covers or fades the canvas shows here."""
    it, data, made = scene()
    player.go(EPOCHS)
    left, right, bottom, top = data["box"]
    screen = player.mounted.screen(player.plane)
    height, width, _ = screen.shape
    assert width / height == pytest.approx((right - left) / (top - bottom), rel=0.01)
    at = lambda x, y: (round((top - y) / (top - bottom) * height - 0.5), round((x - left) / (right - left) * width - 0.5))  # noqa: E731
    classes = [rgb(color) for color in data["colors"]["classes"]]
    lonely = [k for k, x in enumerate(it.X) if np.sort(np.abs(it.X - x).max(axis=1))[1] * width / (right - left) > 6]
    assert len(lonely) > 10 and {it.y[k] for k in lonely} == {0, 1}
    for k in lonely:
        np.testing.assert_allclose(screen[at(*it.X[k])], classes[it.y[k]], atol=12)
    net, sure = made.network(EPOCHS), 0
    for x in np.random.default_rng(0).uniform((left, bottom), (right, top), (200, 2)):
        p = net.predict_proba(x[None])[0, 0]
        if abs(p - 0.5) < 0.2 or np.abs(it.X - x).max(axis=1).min() * width / (right - left) < 8:
            continue
        sure += 1
        red, _, blue = screen[at(*x)].astype(int)
        assert (red > blue) == (p > 0.5), (x, p, red, blue)
    assert sure > 40


def test_the_key_below_the_plane_has_the_colours_of_the_points(player):
    _, data, _ = scene()
    key = player.page.locator(".key")
    named = key.locator("span").evaluate_all("all => all.map((e) => [e.nextSibling.textContent.trim(), getComputedStyle(e).color])")
    assert [(name.split("\u2002")[0].strip(), tuple(rgb(color))) for name, color in named] == [
        (f"class {k}", tuple(rgb(color))) for k, color in enumerate(data["colors"]["classes"])
    ]
    assert "white: P(y = 1) = 0.5" in key.inner_text()
    assert player.plane.locator("canvas").get_attribute("aria-label") == data["about"]


def test_each_picture_of_a_unit_is_that_unit(player):
    _, data, made = scene()
    places = cells(data["box"], UNIT_SIDE)
    runs = np.stack([made.network(k).forward(places).a[0].T for k in range(EPOCHS + 1)])
    reach = np.abs(runs - 0.5).max(axis=(0, 2))
    figures = player.page.locator(".units figure")
    assert [text.replace("\n", "") for text in figures.locator("figcaption").all_inner_texts()] == [f"a{j}(2)" for j in range(1, 5)]
    for k in (EPOCHS, 5):
        player.go(k)
        for j in range(4):
            canvas = player.page.get_by_role("img", name=f"a {j + 1} of layer 2", exact=True)
            np.testing.assert_array_equal(
                player.mounted.pixels(canvas)[:, :, :3], expected(runs[k, j], 0.5, reach[j], UNIT_SIDE), err_msg=f"frame {k}, unit {j}"
            )


def test_a_layer_that_sees_a_digit_has_its_weights_as_pictures(play):
    _, data, made = scene(scenes.DIGITS, (3,), 0.3, 0.001, 5)
    player = play(data)
    assert player.page.locator(".field").is_hidden()
    W = made.thetas[0][:, :, 1:]
    for k in (5, 0):
        player.go(k)
        for j in range(3):
            canvas = player.page.get_by_role("img", name=f"Θ {j + 1} of layer 1", exact=True)
            np.testing.assert_array_equal(player.mounted.pixels(canvas)[:, :, :3], expected(W[k, j], 0, np.abs(W).max(), 28))
    assert "blue below zero, red above" in player.page.locator(".hint").inner_text()


def test_each_curve_has_the_heights_of_the_part_that_the_legend_gives_its_name(player):
    _, _, made = scene()
    x, y = player.axes()
    legend = player.page.locator(".legend span").evaluate_all(
        "all => all.map((e) => { const style = getComputedStyle(e.querySelector('i'));"
        " return [e.textContent, style.borderTopColor, style.borderTopStyle !== 'solid', parseFloat(style.borderTopWidth)]; })"
    )
    parts = {"mean of cost(xᵢ)": made.costs[:, 0], "λ/2 Σ Θ²": made.costs[:, 1], "J, their sum": made.J}
    assert [name for name, *_ in legend] == list(parts) and all(width >= 1 for *_, width in legend)
    lines = {(stroke, dashed): line for stroke, dashed, line in charts.lines(player.curve)}
    assert len(lines) == 3
    for name, color, dashed, _ in legend:
        charts.drawn(lines[color, dashed], list(enumerate(parts[name])), x, y)


def test_the_axes_of_the_curves_fill_the_chart(player):
    _, data, made = scene()
    x, y = player.axes()
    width, height = player.curve.bounding_box()["width"], player.curve.bounding_box()["height"]
    assert y.at(0) - y.at(data["top"]) > 0.7 * height and y.at(data["top"]) < 0.1 * height
    assert x.at(EPOCHS) - x.at(0) > 0.75 * width
    assert data["top"] >= made.J.max()
    assert player.page.get_by_text(data["title"]).is_visible() and player.curve.get_attribute("aria-label") == data["alt"]


def test_without_a_penalty_there_is_one_curve_and_it_is_j(play):
    _, data, made = scene(l2=0.0)
    player = play(data)
    [(_, dashed, line)] = charts.lines(player.curve)
    assert not dashed and player.page.locator(".legend").inner_text() == "mean of cost(xᵢ)"
    charts.drawn(line, list(enumerate(made.J)), *player.axes())


def test_the_cursor_stands_at_the_frame(player):
    x, _ = player.axes()
    for k in (0, 23, EPOCHS):
        player.go(k)
        cursor = player.curve.locator(".cursor")
        ends = cursor.evaluate("e => ['x1', 'x2', 'y1', 'y2'].map((name) => +e.getAttribute(name))")
        np.testing.assert_allclose(ends[:2], x.at(k), atol=0.06)
        assert ends[3] - ends[2] > 0.7 * player.curve.bounding_box()["height"]
        assert cursor.evaluate("e => getComputedStyle(e).visibility") == "visible"


def test_the_readout_says_the_numbers_of_the_frame_and_equal_only_where_they_are(player):
    _, _, made = scene()
    said = player.root.evaluate(
        """async (root, last) => {
            const slider = root.querySelector("input"), found = [];
            for (let k = 0; k <= last; k++) {
                slider.value = k;
                slider.dispatchEvent(new Event("input"));
                for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
                const texts = ["where", "J", "accuracy"].map((name) => root.querySelector(`.readout .${name}`).textContent);
                found.push([...texts, slider.getAttribute("aria-valuetext")]);
            }
            return found;
        }""",
        EPOCHS,
    )
    signs = set()
    for k, (where, J, accuracy, spoken) in enumerate(said):
        assert where == f"Epoch {k} of {EPOCHS}" and spoken.startswith(f"{k}, J ")
        found = re.fullmatch(r"J = (\S+) ([=≈]) (\S+) \(data\) \+ (\S+) \(λ\)", J)
        shown = [charts.numbers(found[group])[0] for group in (1, 3, 4)]
        assert shown == [float(f"{v:.4g}") for v in (made.J[k], *made.costs[k])]
        assert (found[2] == "=") == (f"{shown[1] + shown[2]:.4g}" == f"{shown[0]:.4g}"), J
        signs.add(found[2])
        assert charts.numbers(accuracy) == [pytest.approx(100 * made.accuracy[k], abs=0.051)]
    assert len(said) == EPOCHS + 1 and signs == {"=", "≈"}


def test_keys_go_by_one_by_a_twentieth_and_to_the_ends(player):
    slider = player.slider
    slider.focus()
    for key, frame in [
        ("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1), ("ArrowUp", 2), ("PageUp", 5), ("PageDown", 2), ("ArrowDown", 1),
        ("End", EPOCHS), ("ArrowRight", EPOCHS), ("ArrowLeft", EPOCHS - 1),
    ]:  # fmt: skip
        slider.press(key)
        assert player.frame == frame, key
    player.told(EPOCHS - 1)
    assert slider.input_value() == str(EPOCHS - 1)
    assert slider.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_space_plays_and_pauses(player):
    button, page = player.button, player.page
    page.evaluate("() => document.body.onkeydown = (event) => (window.leaked = event.key)")
    for presses in (player.slider, button):
        before = player.frame
        presses.focus()
        presses.press(" ")
        assert button.inner_text() == "Pause"
        page.wait_for_function("([e, k]) => +e.dataset.frame > k", arg=[player.root.element_handle(), before])
        presses.press(" ")
        assert button.inner_text() == "Play"
        frame = player.frame
        page.wait_for_timeout(100)
        assert before < frame == player.frame <= EPOCHS
        assert page.evaluate("() => window.leaked ?? null") is None
    player.go(EPOCHS)
    button.click()
    page.wait_for_function("([e, k]) => +e.dataset.frame < k", arg=[player.root.element_handle(), EPOCHS])
    becomes(lambda: (player.frame, button.inner_text()), (EPOCHS, "Play"))


def test_the_app_is_told_where_it_rests_and_can_put_it_elsewhere(player):
    player.go(30)
    player.go(31)
    player.told(31)
    assert player.messages.sent == [["trigger", "frame", 31]]
    player.put(42)
    becomes(lambda: player.frame, 42)
    player.slider.press("End")
    player.told(EPOCHS)
    player.put(EPOCHS)
    player.slider.press("Home")
    player.put(EPOCHS)  # an answer to what was told before the visitor moved on
    assert player.frame == 0
    player.told(0)
    player.put(42)
    becomes(lambda: player.frame, 42)


def test_dragging_along_the_curve_scrubs(player):
    page, box = player.page, player.curve.bounding_box()
    x, _ = player.axes()
    page.mouse.move(box["x"] + x.at(0), box["y"] + 50)
    page.mouse.down()
    assert player.frame == 0
    for place, frame in ((15, 15), (30.4, 30), (1.5 * EPOCHS, EPOCHS)):
        page.mouse.move(box["x"] + x.at(place), box["y"] + 60)
        assert player.frame == frame
    page.mouse.up()
    page.mouse.move(box["x"] + x.at(0), box["y"] + 60)
    assert player.frame == EPOCHS
    player.told(EPOCHS)


def test_a_click_into_the_plane_tells_its_point(player):
    left, right, bottom, top = scene()[1]["box"]
    box = player.plane.bounding_box()
    for across, down in ((0.25, 0.25), (0.9, 0.6)):
        player.plane.click(position={"x": across * box["width"], "y": down * box["height"]})
        kind, name, point = player.mounted.sent[-1]
        assert (kind, name, set(point)) == ("trigger", "point", {"x", "y"})
        np.testing.assert_allclose(
            [point["x"], point["y"]], [left + across * (right - left), top - down * (top - bottom)], atol=0.01 * (right - left)
        )
    assert len(player.mounted.sent) == 2


def test_another_scene_is_another_film_in_the_same_place(player):
    player.go(40)
    _, data, made = scene(rate=6.0)
    player.mounted.update(data)
    assert player.frame == 40
    said = player.page.locator(".readout .J").inner_text()
    assert charts.numbers(said)[0] == float(f"{made.J[40]:.4g}")
    field = fields(made, cells(data["box"], SIDE))[40]
    np.testing.assert_array_equal(player.mounted.pixels(player.plane.locator("canvas"))[:, :, :3], expected(field, 0.5, 0.5, SIDE))
    x, y = player.axes()
    charts.drawn(charts.lines(player.curve)[0][2], list(enumerate(made.costs[:, 0])), x, y)


def test_a_shorter_film_ends_at_its_own_last_frame(player):
    player.go(EPOCHS)
    _, data, made = scene(epochs=12)
    player.mounted.update(data)
    assert player.frame == 12 and player.slider.get_attribute("max") == "12"
    assert player.page.locator(".where").inner_text() == "Epoch 12 of 12"
    player.slider.press("End")
    assert player.frame == 12
    np.testing.assert_allclose(float(player.root.get_attribute("data-cost")), made.J[12])


def test_on_a_phone_the_slider_stays_in_sight(play):
    player = play(scene()[1], size=(390, 844))
    hand, slider = player.page.locator(".hand").bounding_box(), player.slider.bounding_box()
    assert hand["x"] >= 0 and hand["x"] + hand["width"] <= 390 and hand["y"] + hand["height"] <= 845
    player.page.mouse.click(slider["x"] + 0.7 * slider["width"], slider["y"] + slider["height"] / 2)
    assert 0.6 * EPOCHS < player.frame < 0.8 * EPOCHS
    assert player.page.evaluate("() => document.documentElement.scrollWidth") <= 390
