"""The answer: whose bar is how long, whose percentage stands beside it, which digit is marked, and what a pick tells."""

import numpy as np
import pytest

import mlcore
from tests.chromium import becomes
from ui.components import sources
from ui.components.answer import shown
from ui.figures import digits

from .charts import numbers
from .static import rgb, variables

P = np.array([0.05, 0.0001, 0.11, 0.4, 0.02, 0.17, 0.001, 0.2, 0.03, 0.0189])


@pytest.fixture
def answer(mount):
    """answer(what `shown` takes) → the component, mounted, without the moment that its bars take to grow."""

    def made(*content):
        mounted = mount(sources("answer"), shown(*content))
        mounted.page.emulate_media(reduced_motion="reduce")
        return mounted

    return made


def rows(mounted):
    """Of each row: its digit, how much of the bar's cell the bar fills, the text beside it."""
    return mounted.page.locator("tbody tr").evaluate_all(
        "all => all.map((row) => { const bar = row.querySelector('i').getBoundingClientRect(), cell = row.querySelector('.bar');"
        " const left = cell.getBoundingClientRect().left + cell.clientLeft;"
        " return [row.querySelector('button').innerText, (bar.right - left) / cell.clientWidth, row.querySelector('.value').innerText]; })"
    )


def style(mounted, part, name):
    """A computed style of this part of each row."""
    return mounted.page.locator(f"tbody tr {part}").evaluate_all("(all, name) => all.map((e) => getComputedStyle(e)[name])", name)


def test_each_bar_and_percentage_is_that_of_its_digit(answer):
    for p in (P, P[::-1], np.eye(10)[7]):
        mounted = answer(p, "", "")
        found = rows(mounted)
        assert [digit for digit, *_ in found] == [str(k) for k in range(10)]
        np.testing.assert_allclose([bar for _, bar, _ in found], p, atol=0.004)
        for (*_, text), share in zip(found, p):
            [percent] = numbers(text)
            if text.startswith("<"):
                assert share < percent / 100
            elif text.startswith(">"):
                assert share > percent / 100
            else:
                assert percent == pytest.approx(100 * share, abs=0.051)


def test_bars_are_seen_from_the_left_in_the_accent(answer):
    mounted = answer(P, "", "")
    bar = mounted.page.locator("tbody tr").nth(3).locator(".bar")
    screen = mounted.screen(bar)
    row = screen[len(screen) // 2].astype(int)
    accent = rgb(variables("light")["--st-primary-color"])
    seen = np.abs(row - accent).max(axis=1) < 12
    assert seen[4 : int(0.38 * len(row))].all() and not seen[int(0.42 * len(row)) :].any()


def test_the_largest_alone_stands_out(answer):
    mounted = answer(P, "", "")
    assert [k for k, weight in enumerate(style(mounted, "button", "fontWeight")) if int(weight) >= 600] == [3]
    assert [k for k, opacity in enumerate(style(mounted, "i", "opacity")) if float(opacity) == 1] == [3]
    mounted.update(shown(P[::-1], "", ""))
    assert [k for k, weight in enumerate(style(mounted, ".value", "fontWeight")) if int(weight) >= 600] == [6]
    assert [k for k, opacity in enumerate(style(mounted, "i", "opacity")) if float(opacity) == 1] == [6]


def test_the_digit_that_is_looked_at_is_marked(answer):
    mounted = answer(P, "", "", 5)
    assert [k for k, shadow in enumerate(style(mounted, "button", "boxShadow")) if shadow != "none"] == [5]
    mounted.update(shown(P, "", "", None))
    assert set(style(mounted, "button", "boxShadow")) == {"none"}


def test_without_ink_there_are_no_numbers_but_what_to_do(answer):
    mounted = answer(None, "", "Draw one digit.")
    np.testing.assert_allclose([bar for _, bar, _ in rows(mounted)], 0, atol=0.004)
    assert set(style(mounted, ".value", "visibility")) == {"hidden"}
    status = mounted.page.get_by_role("status")
    assert status.inner_text() == "Draw one digit." and mounted.page.locator("img").get_attribute("alt") == "Nothing yet"
    assert mounted.page.locator(".best").count() == 0


def test_the_picture_and_the_line_are_those_given_and_the_ear_hears_the_answer(answer):
    x = mlcore.datasets.load("digits").X_test[5] / 255
    mounted = answer(P, digits.picture(x), "A 3, or a 7.")
    image = mounted.page.get_by_role("img", name="The 28 by 28 pixels that the network reads")
    becomes(lambda: image.evaluate("e => [e.complete, e.naturalWidth]")[0], True)
    screen = mounted.screen(image)[:, :, 0].astype(float)
    np.testing.assert_allclose(screen[3::6, 3::6], 255 - 255 * x.reshape(28, 28), atol=12)
    assert mounted.page.get_by_role("status").text_content() == "The network reads 3, 40.0 %. A 3, or a 7."


def test_a_click_on_a_row_picks_its_digit(answer):
    mounted = answer(P, "", "")
    mounted.page.locator("tbody tr").nth(8).locator(".bar").click()
    mounted.page.get_by_role("button", name="2", exact=True).click()
    assert mounted.sent == [["trigger", "picked", 8], ["trigger", "picked", 2]]


def test_keys_walk_from_the_digit_that_was_read_around_all_ten(answer):
    mounted = answer(P, "", "")
    page = mounted.page
    page.keyboard.press("Tab")
    focused = lambda: mounted.handle.evaluate("m => m.root.activeElement.innerText")  # noqa: E731
    for key, digit in (
        (None, "3"), ("ArrowDown", "4"), ("ArrowUp", "3"), ("End", "9"), ("ArrowDown", "0"), ("ArrowUp", "9"), ("Home", "0"),
    ):  # fmt: skip
        if key:
            page.keyboard.press(key)
        assert focused() == digit, key
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert mounted.sent == [["trigger", "picked", 1]]
    mounted.update(shown(P[::-1], "", ""))
    assert focused() == "1", "a new answer leaves the focus where it is"
