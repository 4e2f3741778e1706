"""How large a network may be that is kept: in a file, on a page, from the command line. One that lives in memory alone has no limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import validate

if TYPE_CHECKING:
    from collections.abc import Sequence

# 32 MB of weights in float64. With four hidden layers of 1,024 units each, a reader of MNIST has just fewer.
MOST_PARAMETERS = 4_000_000
MOST_UNITS = 4096  # of a layer; the inputs are one
MOST_LAYERS = 10  # of weights


def check_size(sizes: Sequence[int]) -> None:
    """Raises ValueError for units, from input to output, that make a larger network than may be kept."""
    if len(sizes) - 1 > MOST_LAYERS:
        raise ValueError(f"there are {len(sizes) - 1} layers of weights, more than {MOST_LAYERS}; leave some out")
    for units in sizes:
        if not 1 <= units <= MOST_UNITS:
            raise ValueError(f"a layer's size is {validate.shown(units)}, expected 1 … {MOST_UNITS} units")
    parameters = sum(outputs * (inputs + 1) for inputs, outputs in zip(sizes, sizes[1:]))
    if parameters > MOST_PARAMETERS:
        named = validate.shown(tuple(sizes))
        raise ValueError(f"layers of {named} units have {parameters:,} parameters, more than {MOST_PARAMETERS:,}; use fewer units")
