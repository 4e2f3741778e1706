"""The Softmax page in a real Chromium."""

import re

from tests.chromium import becomes

from .conftest import THREE, fits, settle

SECTIONS = ("Outputs", "Steps", "Loss", "Cancellation", "Prediction")


def rows(page, name):
    """The cells of an HTML table, row by row, once it is there."""
    table = page.get_by_role("region", name=name)
    table.wait_for()
    return table.evaluate("t => [...t.querySelectorAll('tbody tr')].map(r => [...r.cells].map(c => c.innerText.trim()))")


def test_the_drawn_digit_goes_through_softmax(board):
    board.stroke(THREE)
    board.wait_for("3")
    page = board.page
    page.get_by_role("link", name="Softmax").click()
    page.get_by_text("10 sigmoids", exact=True).wait_for()
    assert "/softmax" in page.url
    settle(page)
    assert "your drawing" in page.locator('[data-testid="stMain"]').inner_text()
    charts = page.locator('[data-testid="stPlotlyChart"]:has(.main-svg)')
    charts.nth(3).wait_for()
    bars = page.locator('[data-testid="stPlotlyChart"][aria-label^="One softmax"]').get_attribute("aria-label")
    shown = [float(v.replace("−", "-")) for v in re.findall(r"class \d+ ([^,]+)", bars)]
    assert len(shown) == 10 and shown.index(max(shown)) == 3 and abs(sum(shown) - 1) < 1e-3
    page.get_by_role("radio", name="Steps").click()
    steps = rows(page, "Softmax step by step")
    page.wait_for_url("**section=Steps**")
    assert [abs(float(row[4].replace("−", "-")) - a) <= 1e-3 * a for row, a in zip(steps, shown)] == [True] * 10


def test_a_saturated_output_has_no_product_and_an_exact_difference(page, app_url):
    page.goto(f"{app_url}/softmax?source=Example&section=Cancellation&logits=%280%2C+%E2%88%92s%29%2C+y+%3D+1")
    settle(page)
    becomes(lambda: [row[1:] for row in rows(page, "The parts of")[4:]], [["0.5", "−0.5"]] * 2)
    page.get_by_role("slider", name="Sure and wrong").focus()
    page.keyboard.press("End")
    page.get_by_text("is not a number").wait_for()
    z, _, _, _, product, fused = rows(page, "The parts of")
    assert (z[1:], product[1:], fused[1:]) == (["0", "−800"], ["NaN", "NaN"], ["1", "−1"])
    main = page.locator('[data-testid="stMain"]').inner_text().replace("\n", " ")
    assert re.search(r"as written\s+∞\s*, by log-sum-exp\s+800\s*\.", main)
    page.wait_for_url(re.compile("sure=800"))


def test_nothing_runs_over_the_edge_of_a_phone(page, app_url):
    page.set_viewport_size({"width": 390, "height": 844})
    for section in SECTIONS:
        page.goto(f"{app_url}/softmax?source=Data&section={section}")
        page.get_by_role("radio", name=section).wait_for()
        settle(page)
        fits(page)
