"""A button that copies the link to the scene in view."""

from ui.components import registered

_mount = registered("link")


def link(key="link"):
    """Show the button. The link leaves out `run`: whoever opens it begins with the settings, not with another's training."""
    _mount(key=key)
