"""The film in a real Chromium: what scrubbing, keys, links and clicks do, and whether it keeps its frames."""

import itertools
import json

import numpy as np
import pytest

import mlcore
from mlcore.lecture import film
from tests.chromium import becomes, frames
from ui.theta import scenes

from .conftest import ROOT, fits, served, settle

SCRIPT = """
import sys
sys.path.insert(0, {root!r})
import mlcore
import streamlit as st
from ui import film, theta

def clicked(x, y):
    st.session_state["clicked"] = [x, y]

X, y = theta.instances("xor", 40, 0.1, 0, (0, 1))
net = mlcore.Network((2, 4, 1), "sigmoid", "sigmoid", 0, "float64")
rate = st.number_input("rate", value={rate})
point = film.show(theta.Scene(net, X, y, rate, {l2}, 500, True), clicked)
if point:
    st.code([[point["x"], point["y"]], st.session_state["clicked"]])
"""
RATE, L2 = 2.0, 0.001


@pytest.fixture(scope="module")
def film_url(chromium, tmp_path_factory):
    """The address of an app that shows a film and nothing else."""
    folder = tmp_path_factory.mktemp("film")
    script = folder / "app.py"
    script.write_text(SCRIPT.format(root=str(ROOT), rate=RATE, l2=L2))
    with served(folder / "log.txt", script) as url:
        yield url


@pytest.fixture(scope="module")
def made():
    X, y = scenes.instances("xor", 40, 0.1, 0, (0, 1))
    return film.film(mlcore.Network((2, 4, 1), "sigmoid", "sigmoid", 0, "float64"), X, y, RATE, L2, 500)


class Player:
    """The component as a visitor uses it."""

    def __init__(self, page):
        self.page = page
        self.root = page.locator(".film")
        self.root.wait_for()
        settle(page)
        self.slider = page.get_by_role("slider", name="Epoch")
        self.typed = page.get_by_role("spinbutton", name="Epoch")

    @property
    def frame(self):
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return int(self.root.get_attribute("data-frame"))

    @property
    def numbers(self):
        return [float(self.root.get_attribute(f"data-{name}")) for name in ("cost", "data", "penalty", "accuracy")]

    def wait_for(self, frame):
        self.page.wait_for_function("([e, k]) => e.dataset.frame === String(k)", arg=[self.root.element_handle(), frame])

    def wait_for_address(self, frame):
        self.page.wait_for_function("k => new URLSearchParams(location.search).get('epoch') === k", arg=str(frame))
        settle(self.page)

    def field(self):
        """The field's pixels, (side, side, 3)."""
        return np.array(self.root.locator(".plane canvas").evaluate(
            "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        )).reshape(40, 40, 4)[:, :, :3]  # fmt: skip


@pytest.fixture
def player(page, film_url):
    page.goto(f"{film_url}/?epoch=100")
    player = Player(page)
    player.wait_for(100)
    return player


def test_the_numbers_of_a_frame_are_those_of_mlcore(player, made):
    for k in (100, 0, 1, 257, 500):
        player.slider.fill(str(k))
        player.wait_for(k)
        assert player.numbers == [made.J[k], *made.costs[k], made.accuracy[k]]
        shown = player.page.locator(".readout").inner_text()
        assert f"Epoch {k} of 500" in shown and f"J = {made.J[k]:.4g}"[:8] in shown and f"accuracy {100 * made.accuracy[k]:.1f} %" in shown


def test_the_field_is_painted_for_the_frame(player, made):
    left, right, bottom, top = player.root.evaluate("root => root.film.data.box")
    for k in (0, 500):
        player.slider.fill(str(k))
        player.wait_for(k)
        seen = player.field()
        for row, col in itertools.product((2, 19, 37), (3, 20, 36)):
            place = [[left + (col + 0.5) / 40 * (right - left), top - (row + 0.5) / 40 * (top - bottom)]]
            p = made.network(k).predict_proba(np.array(place))[0, 0]
            red, _, blue = seen[row, col].tolist()
            assert abs(p - 0.5) < 0.01 or (red > blue) == (p > 0.5), (k, row, col, p)
    assert (player.field().max(axis=(0, 1)) - player.field().min(axis=(0, 1))).min() > 60


def test_keys(player):
    slider = player.slider
    slider.focus()
    for key, frame in [
        ("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1), ("ArrowUp", 2), ("PageUp", 27), ("PageDown", 2), ("ArrowDown", 1),
        ("End", 500), ("ArrowRight", 500), ("ArrowLeft", 499),
    ]:  # fmt: skip
        slider.press(key)
        player.wait_for(frame)
    player.wait_for_address(499)
    becomes(player.typed.input_value, "499")
    outline = slider.evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline == "solid"


def test_space_plays_and_pauses(player):
    player.slider.focus()
    player.slider.press("Home")
    player.slider.press(" ")
    button = player.page.locator(".film button")
    becomes(button.inner_text, "Pause")
    player.page.wait_for_function("e => +e.dataset.frame > 20", arg=player.root.element_handle())
    player.slider.press(" ")
    becomes(button.inner_text, "Play")
    frame = player.frame
    assert 20 < frame < 500
    button.focus()
    button.press(" ")
    becomes(button.inner_text, "Pause")
    player.page.wait_for_function("([e, k]) => +e.dataset.frame > k", arg=[player.root.element_handle(), frame])
    button.press(" ")
    becomes(button.inner_text, "Play")


def test_a_typed_frame_and_a_link_lead_to_it(player, page, film_url, made):
    player.typed.fill("42")
    player.typed.press("Enter")
    player.wait_for(42)
    player.wait_for_address(42)
    assert player.numbers[0] == made.J[42]
    player.slider.focus()
    player.slider.press("End")
    player.wait_for_address(500)
    player.typed.fill("42")
    player.typed.press("Enter")
    player.wait_for(42)
    player.slider.focus()
    player.slider.press("End")
    player.wait_for_address(500)
    page.goto(f"{film_url}/?epoch=317")
    again = Player(page)
    again.wait_for(317)
    assert again.numbers[0] == made.J[317]


def test_dragging_along_the_loss_scrubs(player):
    page, box = player.page, player.root.locator(".curve").bounding_box()
    first, last = (player.root.evaluate("(root, k) => root.film.x(k)", k) for k in (0, 500))
    page.mouse.move(box["x"] + first, box["y"] + 50)
    page.mouse.down()
    becomes(lambda: player.frame, 0)
    for share, frame in ((0.25, 125), (0.5, 250), (1.5, 500)):
        page.mouse.move(box["x"] + first + share * (last - first), box["y"] + 60)
        becomes(lambda: player.frame, frame)
    page.mouse.up()
    page.mouse.move(box["x"] + first, box["y"] + 60)
    assert player.frame == 500
    player.wait_for_address(500)


def test_a_click_tells_the_point_once(player):
    page, plane = player.page, player.root.locator(".plane")
    left, right, bottom, top = player.root.evaluate("root => root.film.data.box")
    box = plane.bounding_box()
    plane.click(position={"x": box["width"] / 4, "y": box["height"] / 4})
    page.locator('[data-testid="stCode"]').wait_for()
    point, called = json.loads(page.locator('[data-testid="stCode"] code').inner_text())
    assert point == called
    np.testing.assert_allclose(point, [left + (right - left) / 4, top - (top - bottom) / 4], atol=0.01 * (right - left))
    player.slider.focus()
    player.slider.press("Home")
    page.get_by_role("spinbutton", name="rate").fill("3")
    page.get_by_role("spinbutton", name="rate").press("Enter")
    page.locator('[data-testid="stCode"]').wait_for(state="detached")


def test_another_scene_is_another_film_in_the_same_place(player, made):
    before = made.J[100]
    rate = player.page.get_by_role("spinbutton", name="rate")
    rate.fill("4")
    rate.press("Enter")
    player.page.wait_for_function("([e, v]) => +e.dataset.cost !== v", arg=[player.root.element_handle(), before])
    again = film.film(made.net, *scenes.instances("xor", 40, 0.1, 0, (0, 1)), 4.0, L2, 500)
    becomes(lambda: (player.frame, player.numbers[0]), (100, again.J[100]))


def test_a_shorter_film_ends_at_its_own_last_frame(player):
    player.slider.focus()
    player.slider.press("End")
    player.wait_for_address(500)
    rate = player.page.get_by_role("spinbutton", name="rate")
    rate.fill("1e200")
    rate.press("Enter")
    player.page.wait_for_function("e => +e.dataset.frame < 500", arg=player.root.element_handle())
    last = int(player.slider.get_attribute("max"))
    becomes(lambda: player.frame, last)
    assert f"Epoch {last} of {last}" in player.page.locator(".readout").inner_text()
    player.page.locator(".film button").click()
    player.wait_for(last)


def test_the_parts_of_j_are_called_equal_to_it_where_the_shown_numbers_are(player, made):
    signs = {}
    for k in range(60):
        player.slider.fill(str(k))
        player.wait_for(k)
        said = player.page.locator(".readout .J").inner_text()
        parts = [f"{v:#.4g}" for v in made.costs[k]]
        signs[k] = "=" in said.split("J = ")[1]
        assert signs[k] == (f"{float(parts[0]) + float(parts[1]):#.4g}" == f"{made.J[k]:#.4g}"), said
    assert set(signs.values()) == {True, False}


def test_scrubbing_500_epochs_keeps_its_frames(player):
    page, box = player.page, player.slider.bounding_box()
    root = page.evaluate_handle("[...document.querySelectorAll('*')].map((e) => e.shadowRoot?.querySelector('.film')).find(Boolean)")
    seen = set()

    def move(k):
        page.mouse.move(box["x"] + box["width"] * (0.5 + 0.49 * np.sin(k / 40)), box["y"] + box["height"] / 2)
        if k % 3 == 0:
            seen.add(root.evaluate("root => root.dataset.frame"))

    page.mouse.move(box["x"] + box["width"] / 5, box["y"] + box["height"] / 2)
    page.mouse.down()
    found = frames(page, move)
    page.mouse.up()
    assert found.kept and len(seen) > 12, (sorted(found.gaps)[-20:], found.long, len(seen))


def test_on_a_phone_the_slider_stays_in_sight(phone, film_url):
    phone.goto(f"{film_url}/?epoch=100")
    player = Player(phone)
    player.wait_for(100)
    hand = player.root.locator(".hand").bounding_box()
    assert hand["x"] >= 0 and hand["x"] + hand["width"] <= 390 and hand["y"] + hand["height"] <= 845
    phone.touchscreen.tap(hand["x"] + hand["width"] * 0.7, player.slider.bounding_box()["y"] + 14)
    phone.wait_for_function("e => +e.dataset.frame > 150", arg=player.root.element_handle())
    fits(phone)
