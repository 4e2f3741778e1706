"""The frame around the pages."""

import pytest

from .conftest import becomes, served, settle


@pytest.mark.parametrize("path", ["gradients", "train?rate=0.5", "chain-rule?deep=true"])
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
