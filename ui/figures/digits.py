"""Small pictures of digits and of per-pixel numbers, as PNG data URIs: a few hundred bytes each."""

import html

import numpy as np

from ui import colors
from ui.figures.png import levels, png, signed, uri
from ui.numbers import at, percent, plain
from ui.text import verbatim_html


def picture(values):
    """Ink values in [0, 1], (H, W) or (784,), as black ink on white paper."""
    values = np.asarray(values)
    values = values.reshape(28, 28) if values.ndim == 1 else values
    return uri(png(np.rint(255 * (1 - np.clip(values, 0, 1))).astype(np.uint8)))


def diverging(values, limit=None):
    """Signed values, (H, W) or (784,), on the diverging scale from −limit to limit with zero in the middle."""
    values = np.asarray(values, float)
    values = values.reshape(28, 28) if values.ndim == 1 else values
    limit = limit or max(float(np.abs(values).max()), 1e-12)
    return uri(signed(levels(values, limit)))


def thin(values, most=168):
    """Every second, third … row and column, so that no side is longer than `most`."""
    step = -(-max(np.shape(values)) // most)
    return np.asarray(values)[::step, ::step]


def row(pictures, size=140):
    """Pictures side by side, (data URI, title, caption) each, as HTML."""
    written = [(source, verbatim_html(title), verbatim_html(caption)) for source, title, caption in pictures]
    cells = "".join(
        f'<figure style="margin:0;width:{size}px"><img src="{source}" alt="{title}" style="display:block;width:{size}px;'
        f'height:{size}px;object-fit:contain;background:{colors.PAPER};border:1px solid {colors.MUTED};image-rendering:pixelated">'
        f'<figcaption style="font-size:.8rem;margin-top:.35rem"><b>{title}</b><br>{caption}</figcaption></figure>'
        for source, title, caption in written
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:1rem 1.25rem">{cells}</div>'


def scale(limit, width=356):
    """The legend of the diverging scale, from −limit to limit, as HTML."""
    marks = "".join(f"<span>{text}</span>" for text in (f"−{plain(limit)}", "0", f"+{plain(limit)}"))
    return (
        f'<div style="max-width:{width}px;margin-top:.75rem;font-size:.8rem;font-variant-numeric:tabular-nums">'
        f'<div style="height:.6rem;background:{colors.gradient()}"></div>'
        f'<div style="display:flex;justify-content:space-between">{marks}</div></div>'
    )


def _change(v):
    text = f"{at(abs(v), -2):f}"
    return text if text == "0.00" else f"{'−' if v < 0 else '+'}{text}"


def _percent(p):
    return html.escape(percent(p, 2))


def before_after(before, after, label, noun="Digit"):
    """A table of the probabilities before and after a step, the label's column marked, as HTML; a noun for the classes."""
    weights = [700 if k == label else 400 for k in range(len(before))]
    heads = "".join(f'<th scope="col" style="padding:.1rem .6rem;font-weight:{w}">{k}</th>' for k, w in enumerate(weights))

    def line(name, values, text):
        cell = '<td style="padding:.1rem .6rem;text-align:right;font-weight:{}">{}</td>'
        cells = "".join(cell.format(w, text(v)) for w, v in zip(weights, values))
        return f'<tr><th scope="row" style="padding:.1rem .6rem .1rem 0;text-align:left;font-weight:400">{name}</th>{cells}</tr>'

    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums">'
        f'<tr><th scope="row" style="text-align:left;font-weight:400">{noun}</th>{heads}</tr>'
        + line("Before", before, _percent)
        + line("After", after, _percent)
        + line("Change", np.round(100 * np.asarray(after), 2) - np.round(100 * np.asarray(before), 2), _change)
        + "</table></div>"
    )
