"""A visitor who comes back in Chromium, after a reload and in another tab."""

import re

from tests.browser.conftest import ONE, THREE, settle
from tests.chromium import becomes


def test_strokes_outlive_a_reload_and_can_be_taken_back(board):
    board.stroke(ONE)
    board.wait_for("1")
    one = board.ink()
    board.stroke(THREE)
    board.wait_for("3")
    both = board.ink()
    board.page.reload()
    settle(board.page)
    becomes(board.ink, both, 40)  # a page that is opened has as long elsewhere
    board.page.get_by_test_id("stButton").filter(has_text="Undo").click()
    becomes(board.ink, one)
    board.wait_for("1")


def test_settings_are_there_in_another_tab_and_in_its_address(page, visitors, app_url):
    page.goto(f"{app_url}/train?epochs=77")
    settle(page)
    page.get_by_role("spinbutton", name="Seed").fill("3")
    page.get_by_role("spinbutton", name="Seed").press("Enter")
    page.wait_for_url(re.compile("seed=3"))
    settle(page)
    tab = visitors.new_page()
    tab.goto(f"{app_url}/train")
    tab.wait_for_url(re.compile("epochs=77"))  # else a link to what is shown would show something else
    assert "seed=3" in tab.url
    becomes(tab.get_by_role("spinbutton", name="Seed").input_value, "3")
    tab.close()
