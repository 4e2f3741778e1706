"""The chain rule of one instance: every object a matrix, or all of it a network; linked backwards under the pointer, walked by a cursor.

All of it answers in the browser. `ui.chain` makes the data.
"""

from ui.components import registered, whole

PARTS = (
    "mathml", "matrices", "trace", "places", "forward", "backward", "sentences", "readings", "figures", "totals", "picture", "graph",
)  # fmt: skip
FARTHEST = 10**12  # position in a trace
_mount = registered("chain", *PARTS)


def strip(data, position=None, key="chain"):
    """Show the data of `ui.chain.data`, the cursor at a position of the trace. Returns the position it was last put to, or None."""
    return whole(_mount(key=key, data=data | {"position": position}, on_position_change=lambda: None).position, 0, FARTHEST)
