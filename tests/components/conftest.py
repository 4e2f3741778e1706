"""Components of the app in static pages of a real Chromium."""

import contextlib

import pytest

from tests.chromium import no_errors

from . import static


@pytest.fixture(scope="session")
def stage(browser):
    """The browser that static pages share."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def mount(stage):
    """mount(sources, data, theme="light", path="", size=None) → a `static.Mounted` in a page of its own. No error may show up in it."""
    with contextlib.ExitStack() as stack:

        def mounted(sources, data, theme="light", path="", size=None):
            page = static.blank(stage, path)
            stack.enter_context(no_errors(page))
            stack.callback(page.close)
            if size:
                page.set_viewport_size({"width": size[0], "height": size[1]})
            return static.Mounted(page, sources, data, theme)

        yield mounted
