"""The chain rule's component within the app."""

from tests.components.strip import Strip

from .conftest import settle


def shown(page):
    """The Strip of the page, once the app has answered."""
    page.locator(".chain :is(figure, .node)").first.wait_for()
    settle(page)
    return Strip(page)
