"""The app around its pages, in a real Chromium: the first visitor, the way from page to page, and a phone."""

import pytest

from tests.chromium import becomes
from tests.served import served

from .conftest import THREE, Board, fits, settle

PAGES = ["Draw", "Train", "Gradients", "Softmax", "Chain rule", "Backpropagation (Θ)"]


def chosen(page, name):
    """Press one of a row of choices."""
    page.get_by_role("radio", name=name, exact=True).or_(page.get_by_role("button", name=name, exact=True)).first.click()
    settle(page)


def test_a_freshly_started_app_opens_a_page_by_its_own_address_as_it_was_called_before(browser, tmp_path):
    with served(tmp_path / "log.txt") as url:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(60_000)
        page.goto(f"{url}/train?rate=0.5")
        page.get_by_role("combobox", name="Network").wait_for()
        settle(page)
        links = page.locator('[data-testid="stTopNavLink"]').all_inner_texts()
        assert [link.strip() for link in links] == PAGES
        becomes(page.get_by_label("Learning rate α").input_value, "0.5")
        becomes(lambda: page.url, f"{url}/train?alpha=0.5")
        page.close()


def test_a_linked_scene_goes_along_to_the_next_pages_each_with_its_title(page, app_url):
    page.goto(f"{app_url}/softmax?source=Data&instance=6&digits=6&notation=%CE%98&section=Prediction")
    page.get_by_text("instance 6, y =").wait_for()
    for name in (*PAGES[1:3], *PAGES[4:], "Softmax", "Draw"):
        settle(page)
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", name=name, level=1).wait_for(state="attached")
        becomes(page.title, f"{name} · Backprop Lab")
        if name in ("Chain rule", "Softmax"):
            page.get_by_text("instance 6, y =").wait_for()
            becomes(page.get_by_role("combobox", name="Digits").input_value, "6")
        if name == "Softmax":
            page.get_by_role("radio", name="Prediction", checked=True).wait_for()


SECTIONS = {
    "": ("What the network sees", "Why this answer", "Teach it"),
    "gradients": (),
    "gradients?source=Batch&size=32": (),
    "softmax?source=Data": ("Outputs", "Steps", "Loss", "Cancellation", "Prediction"),
    "backpropagation?data=moons&points=30&units=3%2C+3": ("Step by step", "Film", "Cost", "Vectorised", "NOT to 0", "Network"),
    "train?data=blobs&points=200&epochs=2": (),
}


@pytest.mark.parametrize("path", SECTIONS)
def test_nothing_runs_over_the_edge_of_a_phone(page, app_url, path):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}/{path}")
    settle(page)
    if not path:
        board = Board(page)
        board.stroke(THREE)
        board.wait_for("3")
    if path.startswith("train"):
        page.locator(".st-key-controls").get_by_role("button", name="Start", exact=True).click()
        page.locator(".st-key-curves path.training").first.wait_for()
        page.get_by_role("button", name="Use it", exact=True).wait_for()
    page.locator('[data-testid="stMain"] h1').first.wait_for(state="attached")
    settle(page)
    fits(page)
    for name in SECTIONS[path]:
        chosen(page, name)
        fits(page)
