"""An instance as a record on disk: its pixels, its strokes, the picture it was made from; and back, believing nothing."""

import base64
import io
import math
import re

import numpy as np
from PIL import Image

import mlcore
from ui.state import Instance

MOST_OBJECTS, LARGEST_PICTURE = 400, 2**20  # strokes on a sheet, bytes of a picture
ORIGINS = ("drawing", "data", "photo")
_PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/]*={0,2}")


def record(inst):
    """The Instance as what JSON can hold. A picture of more than LARGEST_PICTURE bytes is left out."""
    return {
        "x": base64.b64encode(np.asarray(inst.x, "<f4").tobytes()).decode(), "label": inst.label, "origin": inst.origin, "text": inst.text,
        "objects": inst.json and inst.json["objects"], "image": _packed(inst.image),
    }  # fmt: skip


def instance(record):
    """The Instance of a record. ValueError for one that cannot be."""
    try:
        x = np.frombuffer(base64.b64decode(record["x"]), "<f4").astype(np.float32)
        label, origin, text, objects = (record[key] for key in ("label", "origin", "text", "objects"))
        image = _unpacked(record["image"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no instance: {error}") from None
    if x.shape != (784,) or not ((x >= 0) & (x <= 1)).all() or not (label is None or (type(label) is int and 0 <= label <= 9)):
        raise ValueError("its pixels or its label cannot be")
    if origin not in ORIGINS or not isinstance(text, str) or not (objects is None or _is_drawing(objects)):
        raise ValueError("its strokes cannot be")
    return Instance(x, label, origin, objects and {"objects": objects}, image, text[:200])


def steps(taken):
    """The steps of teach as what JSON can hold: each instance once."""
    seen = {}
    rows = [[seen.setdefault(x.tobytes(), len(seen)), y, rate] for x, y, rate in taken]
    kinds = {x.tobytes(): x.dtype.str for x, _, _ in taken}
    return {"instances": [[kinds[data], base64.b64encode(data).decode()] for data in seen], "rows": rows}


def steps_of(record):
    """The steps (x, y, learning rate) of a record. ValueError, KeyError or TypeError for one that cannot be."""
    instances = [np.frombuffer(base64.b64decode(data), kind) for kind, data in record["instances"]]
    if not all(x.dtype.kind == "f" and x.ndim == 1 and np.isfinite(x).all() for x in instances):
        raise ValueError("an instance of its steps cannot be")
    return [(instances[i], int(y), float(rate)) for i, y, rate in record["rows"]]


def _packed(image):
    if image is None:
        return None
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG", compress_level=3)
    return base64.b64encode(file.getvalue()).decode() if file.tell() <= LARGEST_PICTURE else None


def _unpacked(text):
    return None if text is None else mlcore.drawing.open_picture(base64.b64decode(text))


def _is_drawing(objects):
    """Whether the canvas may be given this: strokes and pictures of flat values, which load nothing from anywhere."""
    return isinstance(objects, list) and len(objects) <= MOST_OBJECTS and all(isinstance(one, dict) and _is_flat(one) for one in objects)


def _is_flat(one):
    return one.get("type") in ("Path", "Image") and all(_may_be(key, value) for key, value in one.items())


def _may_be(key, value):
    if key == "src":
        return isinstance(value, str) and bool(_PICTURE.fullmatch(value))
    if key == "path":
        return isinstance(value, list) and all(isinstance(step, list) and all(map(_is_plain, step)) for step in value)
    return _is_plain(value) or value == []


def _is_plain(value):
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, (bool, int)) or (isinstance(value, str) and len(value) <= 60)
