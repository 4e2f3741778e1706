"""Small pictures of digits and of per-pixel numbers, as PNG data URIs: a few hundred bytes each."""

import base64
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
