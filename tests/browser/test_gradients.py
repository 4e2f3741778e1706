"""The Gradients page in a real Chromium."""

import re

import pytest

from tests.chromium import becomes

from .conftest import THREE, fits, settle

READ = "The 28 by 28 pixels that the network reads"


@pytest.fixture
def gradients(board):
    """The Gradients page for a drawn 3; and the picture of it that Draw showed."""
    board.stroke(THREE)
    board.wait_for("3")
    drawn = board.page.get_by_alt_text(READ).get_attribute("src")
    board.page.get_by_role("link", name="Gradients").click()
    board.page.get_by_text("Cell of", exact=True).wait_for()
    settle(board.page)
    return board.page, drawn


def formula(page):
    """The LaTeX of the chosen cell."""
    return page.locator('[data-testid="stMain"] .katex-display annotation').all_text_contents()


def charts(page):
    """The five heatmaps and the norms, once all are drawn."""
    found = page.locator('[data-testid="stPlotlyChart"]:has(.main-svg)')
    found.nth(5).wait_for()
    return found


def test_the_drawn_digit_has_its_gradients(gradients):
    page, drawn = gradients
    assert page.get_by_alt_text("digit, 28 by 28 pixels").get_attribute("src") == drawn
    assert "your drawing" in page.locator('[data-testid="stMain"]').inner_text()
    described = " ".join(charts(page).nth(k).get_attribute("aria-label") or "" for k in range(6))
    for name in ("∂L/∂a", "∂a/∂z", "∂L/∂z", "∂L/∂W", "∂L/∂b"):
        assert f"Heatmap of {name}" in described


def test_check_gradients_gives_a_result(gradients):
    page, _ = gradients
    page.get_by_role("button", name="Check gradients").click()
    page.get_by_text(re.compile(r"\d+ entries agree\. The worst is ∂J/∂")).wait_for()
    page.get_by_text("central difference").wait_for()


def test_a_click_on_a_heatmap_chooses_its_cell(gradients):
    page, _ = gradients
    area = charts(page).nth(1).locator(".nsewdrag").bounding_box()
    page.mouse.move(area["x"] + area["width"] * 0.25, area["y"] + area["height"] * 0.75)
    page.wait_for_timeout(300)
    page.mouse.click(area["x"] + area["width"] * 0.25, area["y"] + area["height"] * 0.75)
    page.wait_for_url(re.compile("row=7"))
    page.wait_for_url(re.compile("col=2"))
    page.wait_for_function("[...document.querySelectorAll('.katex-display annotation')].some(a => a.textContent.includes('z^{(3)}_{2}'))")
    becomes(lambda: r"\partial a^{(3)}_{7}" in formula(page)[0], True)


def test_a_link_opens_the_same_cell(page, app_url):
    page.goto(f"{app_url}/gradients?source=Batch&instance=21&size=3&layer=1&array=%E2%88%82L%2F%E2%88%82b&col=5")
    page.get_by_text("instance 23", exact=True).wait_for()
    becomes(lambda: r"\partial b^{(1)}_{5}" in "".join(formula(page)), True)
    page.locator('img[alt*="28 × 28 pixels each"]').wait_for()


def test_nothing_runs_over_the_edge_of_a_phone(page, app_url):
    page.set_viewport_size({"width": 390, "height": 844})
    for query in ("", "?layer=2&array=%E2%88%82L%2F%E2%88%82a", "?source=Batch&size=32&layer=1"):
        page.goto(f"{app_url}/gradients{query}")
        page.get_by_role("button", name="Check gradients").wait_for()
        settle(page)
        fits(page)
