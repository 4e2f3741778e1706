"""Loss above accuracy over epochs, drawn in place: a chart that is sent anew twice a second must neither flicker nor lose the pointer."""

from ui.components import registered

_mount = registered("curves")


def live_curves(data, key="curves"):
    """Show what `ui.figures.curves.chart` made."""
    _mount(key=key, data=data)
