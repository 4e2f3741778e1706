"""Small pictures of digits and of per-pixel numbers, as PNG data URIs: a few hundred bytes each."""

import base64
import html
import struct
import zlib

import numpy as np

from ui import colors


def _png(pixels):
    """An (H, W) or (H, W, 3) uint8 array as PNG bytes."""
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    raw = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()  # filter type 0 before each row

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2 if pixels.ndim == 3 else 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 6)) + chunk(b"IEND", b"")


def _uri(pixels):
    return "data:image/png;base64," + base64.b64encode(_png(np.ascontiguousarray(pixels))).decode()


def _rgb(color):
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], float)


def picture(values):
    """Ink values in [0, 1], (H, W) or (784,), as black ink on white paper."""
    values = np.asarray(values)
    values = values.reshape(28, 28) if values.ndim == 1 else values
    return _uri(np.rint(255 * (1 - np.clip(values, 0, 1))).astype(np.uint8))


def diverging(values, limit=None):
    """Signed values, (H, W) or (784,), on the diverging scale from −limit to limit with zero in the middle."""
    values = np.asarray(values, float)
    values = values.reshape(28, 28) if values.ndim == 1 else values
    limit = limit or max(float(np.abs(values).max()), 1e-12)
    stops = np.array([s for s, _ in colors.DIVERGING])
    rgb = np.array([_rgb(c) for _, c in colors.DIVERGING])
    at = (np.clip(values / limit, -1, 1) + 1) / 2
    return _uri(np.rint(np.stack([np.interp(at, stops, rgb[:, i]) for i in range(3)], axis=-1)).astype(np.uint8))


def thin(values, most=168):
    """Every second, third … row and column, so that no side is longer than `most`."""
    step = -(-max(np.shape(values)) // most)
    return np.asarray(values)[::step, ::step]


def row(pictures, size=140):
    """Pictures side by side, (data URI, title, caption) each, as HTML."""
    cells = "".join(
        f'<figure style="margin:0;width:{size}px"><img src="{uri}" alt="{html.escape(title)}" style="display:block;width:{size}px;'
        f'height:{size}px;object-fit:contain;background:{colors.PAPER};border:1px solid {colors.MUTED};image-rendering:pixelated">'
        f'<figcaption style="font-size:.8rem;margin-top:.35rem"><b>{html.escape(title)}</b><br>{html.escape(caption)}</figcaption></figure>'
        for uri, title, caption in pictures
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:1rem 1.25rem">{cells}</div>'


def scale(limit, width=356):
    """The legend of the diverging scale, from −limit to limit, as HTML."""
    stops = ",".join(f"{c} {100 * s:.0f}%" for s, c in colors.DIVERGING)
    marks = "".join(f"<span>{text}</span>" for text in (f"−{limit:.3g}", "0", f"+{limit:.3g}"))
    return (
        f'<div style="max-width:{width}px;margin-top:.75rem;font-size:.8rem;font-variant-numeric:tabular-nums">'
        f'<div style="height:.6rem;background:linear-gradient(to right,{stops})"></div>'
        f'<div style="display:flex;justify-content:space-between">{marks}</div></div>'
    )


def _change(v):
    text = f"{abs(v):.2f}"
    return text if text == "0.00" else f"{'−' if v < 0 else '+'}{text}"


def _percent(p):
    return "&gt; 99.99 %" if 0.99995 <= p < 1 else "&lt; 0.01 %" if 0 < p < 0.00005 else f"{100 * p:.2f} %"


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
