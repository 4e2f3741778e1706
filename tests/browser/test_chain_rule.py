"""The Chain rule page in a real Chromium: what lights up, where the cursor goes, and whether it keeps its frames."""

import numpy as np
import pytest

import mlcore
from tests.chromium import becomes, frames
from tests.mlcore.lecture.stepping import Stepping
from ui import state

from .conftest import fits, settle
from .strip import Strip, open_example


def test_a_cell_of_the_gradient_lights_its_pixel_and_its_logit(drawn):
    x = drawn.array("x0")[:, 0]
    net, pixel, unit = mlcore.models.load("softmax"), int(x.argmax()), 3
    label = drawn.root.evaluate("root => root.chain.trace.label")
    e = mlcore.explain(net, x, label).layers[0]
    drawn.point_at("dL_dW0", unit, pixel)
    assert [pixel, 0] in drawn.lit("x0") and [unit, 0] in drawn.lit("z0")
    assert drawn.lit("dL_dz0") == [[0, unit]] and drawn.lit("dz_dW0") == [[unit, pixel]]
    factors = drawn.numbers("factor")
    assert factors == [e.dL_dz[unit], e.dz_dW[unit, pixel]]
    assert factors[0] * factors[1] == drawn.value == e.dL_dW[unit, pixel] != 0
    np.testing.assert_array_equal(drawn.array("dL_dW0"), e.dL_dW)


def test_the_same_by_keyboard(drawn):
    x = drawn.array("x0")[:, 0]
    e = mlcore.explain(mlcore.models.load("softmax"), x, drawn.root.evaluate("root => root.chain.trace.label")).layers[0]
    face = drawn.face("dL_dW0")
    face.focus()
    face.press("Home")
    pixel = int(x.argmax())
    for key, times in (("ArrowDown", pixel // 28), ("ArrowRight", pixel % 28)):
        for _ in range(times):
            face.press(key)
    drawn.wait_for("dL_dW0", 0, pixel)
    factors = drawn.numbers("factor")
    assert factors[0] * factors[1] == drawn.value == e.dL_dW[0, pixel]
    assert [pixel, 0] in drawn.lit("x0") and [0, 0] in drawn.lit("z0")


@pytest.mark.parametrize("hidden", [False, True])
def test_the_cursor_walks_the_trace_of_mlcore_there_and_back(page, app_url, hidden):
    strip = open_example(page, app_url, "&deep=true" if hidden else "")
    example = state.new_example(hidden)
    trace = Stepping(mlcore.explain(example.net, example.x, 0))
    assert strip.root.evaluate("root => root.chain.trace.length") == len(trace)
    walk = strip.root.evaluate(
        "root => { const chain = root.chain, seen = []; chain.stride.value = 'term'; chain.place(0, false);"
        " for (const back of [false, true]) { let before = null; while (before !== chain.position) { before = chain.position;"
        "   const {object, row, col, term, value} = root.dataset, said = (c) => root.querySelector(`.sentence .${c}`)?.value;"
        "   seen.push([before, object, +row, +col, +term, value, said('term') ?? null, said('so-far') ?? null]);"
        "   chain.place(chain.trace.step(before, 'term', back), false); } } return seen; }"
    )
    there, back = walk[: len(trace)], walk[len(trace) :]
    assert [step[0] for step in there] == list(range(len(trace))) and back == there[::-1]
    for position, name, row, col, term, value, said, so_far in there:
        step = trace.at(position)
        o = trace.objects[step.object]
        assert (name, row, col, term) == (f"{o.name}{o.layer}", step.row, step.col, step.term)
        assert float(value) == trace.array(step.object)[row, col]
        if said is not None:
            assert float(said) == step.value and float(so_far) == pytest.approx(step.so_far, rel=1e-12, abs=1e-15)


def test_the_keys_of_the_cursor(page, app_url):
    strip = open_example(page, app_url)
    bar = page.locator('.cursor button[data-go="on"]')
    bar.focus()
    at = lambda: int(strip.root.evaluate("root => root.dataset.position"))  # noqa: E731
    where = lambda: (at(), strip.root.evaluate("root => root.dataset.object"))  # noqa: E731
    bar.press("Home")
    becomes(at, 0)
    bar.press("ArrowRight")
    becomes(where, (1, "x0"))
    bar.press("ArrowUp")
    bar.press("ArrowRight")
    becomes(lambda: where()[1], "W0")
    bar.press("ArrowLeft")
    becomes(at, 0)
    bar.press("ArrowDown")
    bar.press("End")
    spot = lambda: strip.root.evaluate("root => [root.dataset.object, +root.dataset.row, +root.dataset.col]")  # noqa: E731
    becomes(spot, ["dL_db0", 0, 2])
    bar.press("ArrowLeft")
    becomes(spot, ["dL_db0", 0, 1])
    bar.press("ArrowUp")
    bar.press("Home")
    bar.press(" ")
    page.wait_for_function("root => root.dataset.object === 'b0'", arg=strip.root)
    bar.press(" ")
    becomes(page.locator('.cursor [data-go="play"]').inner_text, "Play")


def test_the_cursor_is_where_it_was_after_a_visit_to_another_page(page, app_url):
    strip = open_example(page, app_url)
    strip.point_at("da_dz0", 1, 2)
    page.mouse.click(*strip.cell_box("da_dz0", 1, 2))
    position = strip.root.evaluate("root => root.dataset.position")
    page.wait_for_timeout(1000)  # the component tells its place a moment after the click
    settle(page)
    page.get_by_role("link", name="Gradients").click()
    page.get_by_role("button", name="Check gradients").wait_for()
    page.get_by_role("link", name="Chain rule").click()
    again = Strip(page)
    becomes(lambda: again.root.evaluate("root => root.dataset.position"), position)
    page.wait_for_url(f"**cell={position}*")
    page.reload()
    again = Strip(page)
    becomes(lambda: again.root.evaluate("root => root.dataset.position"), position)


def test_a_walk_adds_no_step_to_the_way_back(page, app_url):
    page.goto(f"{app_url}/softmax?source=Example")
    settle(page)
    page.get_by_role("link", name="Chain rule").click()
    strip = Strip(page)
    for _ in range(3):
        page.locator('.cursor [data-go="on"]').click()
        page.wait_for_url(f"**cell={strip.root.evaluate('root => root.dataset.position')}*")
        settle(page)
    page.go_back()
    page.wait_for_url("**/softmax*")
    page.get_by_role("heading", name="Softmax", level=1).wait_for(state="attached")


def test_a_link_to_a_drawing_says_that_there_is_none_here(drawn, browser):
    drawn.page.get_by_role("radio", name="Θ").click()  # what this page was given shows in the address once it is touched
    drawn.page.wait_for_url("**source=Drawing*")
    context = browser.new_context()
    try:
        other = context.new_page()
        other.goto(drawn.page.url)
        other.get_by_text("Nothing is drawn yet").wait_for()
    finally:
        context.close()


def test_a_cell_that_this_network_lacks_is_not_gone_to(page, app_url):
    strip = open_example(page, app_url, "&cell=2505699")
    assert strip.root.evaluate("root => root.dataset.object") == "L0"


@pytest.mark.alone
def test_hovering_over_the_large_matrices_keeps_its_frames(drawn):
    page = drawn.page
    drawn.cell_box("dL_dW0", 0, 0)
    box = drawn.face("dL_dW0").bounding_box()

    def move(k):
        across, down = (0.5 + 0.48 * np.sin(k / slow) for slow in (9, 5))
        page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)

    found = frames(page, move)
    assert found.kept, (sorted(found.gaps)[-20:], found.long)


def test_a_finger_on_a_phone(phone, app_url):
    phone.goto(f"{app_url}/chain-rule?net=softmax&source=Data&instance=6")
    strip = Strip(phone)
    x, y = strip.cell_box("dL_dW0", 4, 28 * 14 + 14)
    phone.touchscreen.tap(x, y)
    becomes(lambda: strip.root.evaluate("root => root.dataset.object"), "dL_dW0")
    becomes(lambda: np.prod(strip.numbers("factor")) == strip.value, True)
    said = phone.locator(".said").bounding_box()
    assert said["y"] + said["height"] <= 845 and said["x"] >= 0
    fits(phone)


def test_space_presses_the_buttons_that_are_no_steps_and_plays_elsewhere(page, app_url):
    strip = open_example(page, app_url, "&deep=true")
    play = page.locator('.cursor [data-go="play"]')
    page.locator('.cursor [data-go="start"]').press(" ")
    becomes(lambda: strip.root.evaluate("root => root.dataset.position"), "0")
    page.get_by_role("button", name="Layer 2").press(" ")
    becomes(lambda: strip.root.evaluate("root => root.dataset.object"), "W1")
    assert play.inner_text() == "Play"


def test_the_cursor_stays_in_sight(drawn):
    bar = drawn.page.locator('.cursor button[data-go="on"]')
    bar.press("End")
    drawn.page.wait_for_function("root => root.dataset.object === 'dL_db0'", arg=drawn.root)

    def seen():
        face, said = drawn.face("dL_db0").bounding_box(), drawn.page.locator(".said").bounding_box()
        return face["y"] >= 0 and face["y"] + face["height"] <= said["y"]

    becomes(seen, True)


def test_every_cell_is_found_where_it_is_drawn(page, app_url):
    page.goto(f"{app_url}/chain-rule?source=Data&instance=6")
    strip = Strip(page)
    for layer in (1, 2, 3):
        page.get_by_role("button", name=f"Layer {layer}").click()
        page.locator(f'.line h3:has-text("layer {layer}")').wait_for()
        lost = strip.root.evaluate(
            "root => [...root.chain.shapes.values()].filter((s) => s.figure.isConnected && !s.matrix.diagonal).flatMap(({matrix}) => {"
            " const {rows, cols, name} = matrix.o, lost = [];"
            " for (let i = 0; i < rows; i += 1 + (rows >> 4)) for (let j = 0; j < cols; j += 1 + (cols >> 8)) {"
            "   const [x, y, w, h] = matrix.rects(i, j)[0], found = matrix.cellAt(x + w / 2, y + h / 2);"
            "   if (found?.join() !== `${i},${j}` || x + w > matrix.width || y + h > matrix.height) lost.push([name, i, j, found]); }"
            " return lost; })"
        )
        assert lost == []


def test_arrow_keys_walk_over_the_edge_of_a_row_that_is_folded(page, app_url):
    page.goto(f"{app_url}/chain-rule?source=Data&instance=6")
    strip = Strip(page)
    face = strip.face("W2")
    face.focus()
    face.press("Home")
    strip.wait_for("W2", 0, 0)
    walk = {"ArrowDown": (0, 40), "ArrowRight": (0, 41), "ArrowUp": (0, 1), "End": (9, 767), "ArrowLeft": (9, 766)}
    for key, cell in walk.items():
        face.press(key)
        strip.wait_for("W2", *cell)
