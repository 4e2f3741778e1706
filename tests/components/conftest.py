"""Components of the app in static pages of a real Chromium."""

import contextlib

import pytest

from tests.chromium import no_errors

from . import static


@pytest.fixture(scope="session")
def stage(browser):
    """The browser that static pages share."""
    context = browser.new_context(viewport=static.SIZE, permissions=["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture(scope="session")
def shared_page(stage):
    """A blank page for one component after the other: a page of its own takes each test longer than all that it looks at."""
    page = static.blank(stage)
    yield page
    page.close()


@pytest.fixture
def mount(stage, shared_page):
    """mount(sources, data, theme="light", path="", size=None) → a `static.Mounted`. No error may show up in its page.

    The first of a test stands in the page that tests share, unless an address or a size is asked for; the others have their own.
    """
    free = [shared_page]
    with contextlib.ExitStack() as stack:

        def mounted(sources, data, theme="light", path="", size=None):
            reused = bool(free) and not path and not size
            page = free.pop() if reused else static.blank(stage, path)
            stack.enter_context(no_errors(page))
            if size:
                page.set_viewport_size({"width": size[0], "height": size[1]})
            made = static.Mounted(page, sources, data, theme)
            stack.callback(made.leave if reused else page.close)
            return made

        yield mounted
