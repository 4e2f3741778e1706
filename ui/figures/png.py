"""The one way from numbers and pixels to PNG."""

import base64
import io

import numpy as np

from ui import colors

GAP = 0  # among levels: transparent


def levels(values, top):
    """Values in [−top, top] as levels 1 … 255 of the diverging scale, zero is 128, uint8; NaN is a gap."""
    places = np.clip(np.nan_to_num(values / top, nan=0.0, posinf=1.0, neginf=-1.0), -1, 1) * 127 + 128
    return np.where(np.isnan(values), GAP, places.round()).astype(np.uint8)


def png(pixels, palette=None, transparent=None, zoom=1):
    """PNG bytes of uint8 pixels: grey (H, W), colours (H, W, 3), or places (H, W) of a palette (k, 3), one of them transparent.

    zoom repeats each pixel so many times in both directions.
    """
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(pixels))
    if palette is not None:
        image.putpalette(palette.tobytes())  # which makes it a picture of places
    if zoom > 1:
        image = image.resize((image.width * zoom, image.height * zoom), Image.Resampling.NEAREST)
    file = io.BytesIO()
    image.save(file, "PNG", **({} if transparent is None else {"transparency": transparent}))
    return file.getvalue()


def signed(levels, zoom=1):
    """PNG bytes of `levels` on the diverging scale."""
    return png(levels, colors.palette(), GAP, zoom)


def uri(png):
    """PNG bytes as a data URI."""
    return "data:image/png;base64," + base64.b64encode(png).decode()
