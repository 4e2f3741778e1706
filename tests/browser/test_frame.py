"""The frame around the pages."""

import pytest

from tests.chromium import becomes

from .conftest import served, settle


@pytest.mark.parametrize("path", ["gradients", "train?alpha=0.5", "chain-rule?deep=true"])
def test_a_freshly_started_app_opens_a_page_by_its_own_address(browser, tmp_path, path):
    with served(tmp_path / "log.txt") as url:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{url}/{path}")
        page.get_by_role("combobox", name="Network").wait_for()
        settle(page)
        links = page.locator('[data-testid="stTopNavLink"]').all_inner_texts()
        assert [link.strip() for link in links] == ["Draw", "Train", "Gradients", "Softmax", "Chain rule", "Backpropagation (Θ)"]
        assert page.url.startswith(f"{url}/{path}")
        page.close()


def test_each_page_has_a_title_and_a_heading_of_its_own(page, app_url):
    page.goto(app_url)
    for name in ("Train", "Chain rule", "Backpropagation (Θ)", "Draw"):
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", name=name, level=1).wait_for(state="attached")
        becomes(page.title, f"{name} · Backprop Lab")


def test_the_examples_numbers_go_along_to_the_next_page(page, app_url):
    page.goto(f"{app_url}/softmax")
    for name in ("Chain rule", "Softmax", "Chain rule"):
        settle(page)
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", name=name, level=1).wait_for(state="attached")
        settle(page)
        page.get_by_text("the example, a 3-3 network of its own, x = (1, 2, −1)").wait_for()
        page.get_by_role("button", name="Its numbers").click()
        becomes(page.get_by_role("spinbutton", name="x1", exact=True).input_value, "2")
        page.keyboard.press("Escape")
        assert page.locator('[data-testid="stAlert"]').count() == 0


def test_a_linked_scene_goes_along_to_the_next_page(page, app_url):
    page.goto(f"{app_url}/softmax?source=Data&instance=6&digits=6&notation=%CE%98&section=Prediction")
    page.get_by_text("instance 6, y =").wait_for()
    for name in ("Chain rule", "Softmax"):
        settle(page)
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", name=name, level=1).wait_for(state="attached")
        page.get_by_text("instance 6, y =").wait_for()
        becomes(page.get_by_role("combobox", name="Digits").input_value, "6")
    page.get_by_role("radio", name="Prediction", checked=True).wait_for()
