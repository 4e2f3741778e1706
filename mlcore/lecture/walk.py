"""What the lecture's programs have in common where they are walked as in a debugger: a position, strides, an end, live variables."""

from typing import NamedTuple

import numpy as np

from .. import validate


class Place(NamedTuple):
    """Where a position is: epoch from 1, instance from 0, line in LINES, the slides' layer of a tick; None where there is none."""

    epoch: int | None
    instance: int | None
    line: int
    layer: int | None = None


class Variable(NamedTuple):
    """One live variable: its name on the slides, its layer as they count there or None, its value, whether the current line has set it.

    value is an array or a number, or None where only its shape is told, which is `size` then. bias: its column or entry 0 belongs to the
    bias unit. dropped: the entry of the bias unit that is struck out of Θᵀδ, else None.
    """

    name: str
    layer: int | None
    value: np.ndarray | float | None
    new: bool
    bias: bool = False
    dropped: float | None = None
    size: tuple = ()

    @property
    def shape(self):
        """() of a number."""
        return self.size if self.value is None else np.shape(self.value)


class Walk:
    """A program that stands still after each tick. A position is the moment after one: 0 is the first line, len(walk) − 1 the last.

    A program has its `strides`, the smallest first, `place(position)`, `__len__`, and `_ends(position, stride)`: whether one ends there.
    Where numbers are no longer finite it sets `_end`, behind which nothing is reached, and `_reason`; `_reach(position)` is asked before
    a position is taken, for a program that only finds out on the way.
    """

    strides = ()

    def __init__(self):
        self.position, self._end, self._reason = 0, len(self) - 1, None

    def to(self, position):
        """Go to a position, held at the ends and where it stops. Returns where it is now."""
        position = min(max(validate.whole(position, "position", -(10**18)), 0), self._end)
        self._reach(position)
        self.position = min(position, self._end)
        return self.position

    def move(self, stride, back=False):
        """Go one stride on or back; returns where it is now. ValueError for another stride."""
        return self.to(self.step(self.position, stride, back))

    def step(self, position, stride, back=False):
        """The position at which the next stride ends, or the one before, held at the ends. ValueError for another stride."""
        validate.one_of(stride, "stride", self.strides)
        way, here = -1 if back else 1, position
        while 0 <= here + way < len(self):
            here += way
            if stride == self.strides[0] or self._ends(here, stride):
                break
        return here

    def start(self):
        """Back to the first line."""
        return self.to(0)

    def end(self):
        """To the last line, or where it stops."""
        return self.to(len(self) - 1)

    @property
    def line(self):
        """The current line, a place in LINES."""
        return self.place().line

    @property
    def stopped(self):
        """At the position where numbers are no longer finite, the sentence that says so; elsewhere None."""
        return self._reason if self.position == self._end else None

    def _reach(self, position):
        """Find out whether a position can be reached."""
