"""Copy link: what is copied, and what is said."""

from tests.chromium import becomes
from ui.components import sources

from .static import ADDRESS

PATH = "train?alpha=0.5&run=a1b2-c3&data=xor&section=%CE%98"


def copying(mount, path=PATH):
    mounted = mount(sources("link"), None, path=path)
    return mounted, mounted.page.get_by_role("button")


def test_the_copied_address_has_all_settings_but_not_the_training(mount):
    mounted, button = copying(mount)
    assert button.inner_text() == "Copy link"
    button.click()
    becomes(button.inner_text, "Copied")
    assert mounted.page.evaluate("() => navigator.clipboard.readText()") == ADDRESS + "train?alpha=0.5&data=xor&section=%CE%98"
    assert mounted.page.get_by_role("status").text_content() == "The link is copied."
    becomes(button.inner_text, "Copy link")
    assert mounted.page.get_by_role("status").text_content() == ""


def test_it_is_the_address_as_it_is_when_the_button_is_pressed(mount):
    mounted, button = copying(mount, "")
    mounted.page.evaluate("() => history.replaceState(null, '', '/gradients?net=softmax')")
    button.click()
    becomes(button.inner_text, "Copied")
    assert mounted.page.evaluate("() => navigator.clipboard.readText()") == ADDRESS + "gradients?net=softmax"


def test_where_the_browser_lends_no_clipboard_the_link_is_shown(mount):
    mounted, button = copying(mount)
    shown = []
    mounted.page.on("dialog", lambda dialog: (shown.append((dialog.type, dialog.default_value)), dialog.dismiss()))
    mounted.page.evaluate("() => Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    button.click()
    becomes(lambda: shown, [("prompt", ADDRESS + "train?alpha=0.5&data=xor&section=%CE%98")])
    assert button.inner_text() == "Copy link"
