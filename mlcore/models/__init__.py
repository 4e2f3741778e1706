"""The shipped networks; how they were made and how well they read is in docs/models.md."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .. import files, validate

if TYPE_CHECKING:
    from ..network import Network

_FOLDER = os.path.dirname(__file__)


def names() -> tuple[str, ...]:
    """The names that load takes; "mlp" is the best reader of drawn digits, "softmax" the lecture's softmax regression."""
    return ("mlp", "softmax")


def load(name: str) -> Network:
    """A fresh copy of a shipped network → Network. Raises ValueError for an unknown name."""
    return files.load(os.path.join(_FOLDER, validate.one_of(name, "name", names()) + ".npz"))
