"""The running app in a real Chromium."""

import re
from pathlib import Path

import pytest

from tests.chromium import becomes, no_errors, still
from tests.served import served


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def app_url(chromium, tmp_path_factory):
    """The address of the app, started for this session and ended with it."""
    with served(tmp_path_factory.mktemp("app") / "log.txt") as url:
        yield url


@pytest.fixture(scope="session")
def visitors(browser):
    """The browser that the visitors share: each page is another visitor's, but the app's scripts are fetched once."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, permissions=["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def page(visitors):
    """A fresh visitor who has opened nothing yet. No exception and no console error may have shown up by the end of the test."""
    visitors.clear_cookies()
    page = visitors.new_page()
    page.set_default_timeout(40_000)
    with no_errors(page):
        yield page
        shown = page.locator('[data-testid="stException"]').all_inner_texts()
        page.close()
    assert not shown, shown


@pytest.fixture
def phone(browser):
    """A fresh visitor with a finger on a phone, who has opened nothing yet."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2)
    page = context.new_page()
    page.set_default_timeout(40_000)
    yield page
    context.close()


def settle(page):
    """Wait until the app has answered."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def fits(page):
    """Nothing runs over the right edge."""
    becomes(lambda: page.locator('[data-testid="stMain"]').evaluate("m => Math.max(0, m.scrollWidth - m.clientWidth)"), 0)


def copied(page):
    """The link that "Copy link" copies."""
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("The link is copied.").wait_for(state="attached")
    return page.evaluate("() => navigator.clipboard.readText()")


class Board:
    """The Draw page as a visitor uses it."""

    def __init__(self, page):
        self.page = page
        self.page.wait_for_selector("canvas.upper-canvas")

    @property
    def prediction(self):
        return self.page.locator('[data-testid="stMetricValue"]').inner_text().strip()

    @property
    def network(self):
        return self.page.get_by_role("combobox", name="Network").input_value()

    def wait_for_note(self, pattern):
        """Wait until the line above the bars has this text."""
        self.page.locator('.st-key-answer [role="status"]', has_text=re.compile(pattern)).wait_for()

    def lies(self):
        """Wait until one sheet lies there: for a moment a new one stands beside the one it replaces."""
        settle(self.page)
        becomes(self.page.locator("canvas.upper-canvas").count, 1)

    def stroke(self, points):
        """One stroke of the pen through points in canvas pixels."""
        self.lies()
        box = still(self.page.locator("canvas.upper-canvas").bounding_box, 0.3)
        points = [(box["x"] + x, box["y"] + y) for x, y in points]
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for x, y in points[1:]:
            self.page.mouse.move(x, y, steps=5)
        self.page.mouse.up()

    def wait_for(self, text):
        """Wait until the prediction starts with this text."""
        self.page.wait_for_function(
            "text => document.querySelector('[data-testid=stMetricValue]')?.innerText.trim().startsWith(text)", arg=text
        )

    def ink(self):
        """How many pixels of the canvas are dark."""
        self.lies()
        return self.page.locator("canvas.dc-canvas.lower-canvas").evaluate(
            "c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            " let n = 0; for (let i = 0; i < d.length; i += 4) n += d[i + 3] > 128 && d[i] < 128; return n }"
        )


ONE = [(170, 60), (170, 270)]
THREE = [(100, 70), (150, 50), (210, 70), (215, 120), (160, 160), (215, 190), (225, 250), (160, 285), (95, 260)]


@pytest.fixture
def board(page, app_url):
    """The start page."""
    page.goto(app_url)
    settle(page)
    return Board(page)
