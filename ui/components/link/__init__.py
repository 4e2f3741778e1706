"""A button that copies the link to the scene in view."""

from ui.components import registered

_mount = registered("link")


def link(key="link"):
    """Show the button. The link leaves out `run`: whoever opens it must not get hold of a training that moves."""
    _mount(key=key)
