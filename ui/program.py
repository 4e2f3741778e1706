"""Pseudo-code beside variables: the listing with its current line marked, and how a variable's numbers and its place are written."""

import html

import numpy as np

from ui import colors
from ui.numbers import plain

QUIET = {"displayModeBar": False}  # of the chart below the listing
QUIETER = "opacity:.75;font-size:.75rem"
BIAS = f"color:{colors.text(colors.BIAS)};border-bottom:1px dotted {colors.BIAS}"
STRUCK = "text-decoration:line-through;opacity:.6"
BROKEN = f"font-weight:700;color:{colors.text(colors.NOT_FINITE)}"  # of what is not finite
CELL = "padding:.05rem .45rem;text-align:right;white-space:nowrap"


def listing(line, lines, heading=None):
    """The pseudo-code as HTML, the line that has just run marked; the heading, a line that does not run itself, is paler."""
    rows = ""
    for k, text in enumerate(lines):
        here = k == line
        shade = f"background:color-mix(in srgb, {colors.ACCENT} 18%, transparent);box-shadow:inset 4px 0 {colors.ACCENT}" if here else ""
        indent = (len(text) - len(text.lstrip())) // 4
        own = f"padding:.18rem .5rem .18rem {0.6 + 1.3 * indent:.1f}rem;{shade}{';opacity:.75' * (k == heading)}"
        rows += f'<li style="{own}"{" aria-current=step" * here}>{html.escape(text.strip())}</li>'
    style = "list-style:none;margin:0;padding:0;font-family:monospace;font-size:.88rem;line-height:1.45"
    return f'<ol style="{style}" aria-label="The training loop; the marked line has just run">{rows}</ol>'


def matrix(values, bias=False, dropped=None):
    """An array as a table of numbers: what is not finite stands out, the bias unit's column has its colour, its row is struck out."""
    rows = ""
    for row in np.atleast_2d(values).tolist():
        struck = "" if dropped is None else f'<td style="{CELL};{STRUCK};{BIAS}" title="the bias unit has no z">{plain(dropped)}</td>'
        rows += f"<tr>{struck}"
        for j, value in enumerate(row):
            own = f";{BIAS}" if bias and j == 0 else "" if np.isfinite(value) else f";{BROKEN}"
            rows += f'<td style="{CELL}{own}">{plain(value)}</td>'
        rows += "</tr>"
    return f'<table style="border-collapse:collapse">{rows}</table>'


def where(walked, more=()):
    """Where a walk is, in words; more: what else its place has to say."""
    epoch, i, *_ = walked.place()
    parts = [f"Step {walked.position} of {len(walked) - 1}"]
    parts += [] if epoch is None else [f"epoch {epoch} of {walked.epochs}"]
    parts += [] if i is None else [f"instance {i + 1} of {len(walked.y)}"]
    return " · ".join([*parts, *more])
