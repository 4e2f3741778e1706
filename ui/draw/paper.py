"""The sheet of paper on the Draw page: what was put on it, and which instance it holds now."""

import base64
import io
from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image, ImageFilter, ImageOps

import mlcore
from ui import colors, state
from ui.figures import digits

SIZE, PEN = 336, 24
MOST_STROKES, FARTHEST = 1000, 1e5  # on a sheet, and a stroke's place and size
PNG = "data:image/png;base64,"
GRAIN = 0.92  # on a photo, what is brighter than this share of the paper is paper


@dataclass
class Sheet:
    """One life of the canvas: `key` names it to Streamlit, `given` lay on it at first, `initial` is what the canvas was last told to
    show (sent with every answer, so None while someone just draws), `seen` the picture last read."""

    key: str
    given: state.Instance | None = None
    initial: dict | None = None
    seen: bytes | None = None
    undone: int = 0


def sheet():
    """The sheet that lies on the page. Coming back to the page finds a new one with the chosen instance on it."""
    now = st.session_state.get("sheet")
    if now is None or now.key not in st.session_state:
        now = put(state.instance())
    return now


def put(inst):
    """Lay a new sheet with this instance on it (None: a clean one) and make it the instance of every page."""
    number = st.session_state.get("sheets", 0) + 1
    st.session_state["sheets"] = number
    if inst is not None and inst.json is None:
        inst.json = _as_drawing(digits.picture(inst.x), 28, 28)
    state.set_instance(inst)
    st.session_state["sheet"] = Sheet(f"paper{number}", inst, inst and inst.json)
    return st.session_state["sheet"]


def forget_what_is_no_drawing(now):
    """Before the canvas is made: what was sent under its name stays only as strokes and a picture; Undo and other pages take them up."""
    sent = st.session_state.get(now.key)
    if sent and not _is_drawing(sent):
        del st.session_state[now.key]


def _is_drawing(sent):
    drawing = sent.get("drawing") or {"raw": {}, "data": None}
    raw, data = (drawing.get("raw"), drawing.get("data")) if isinstance(drawing, dict) else (None, None)
    objects = raw.get("objects", []) if isinstance(raw, dict) else None
    strokes = isinstance(objects, list) and len(objects) <= MOST_STROKES and all(map(_is_stroke, objects))
    picture = data is None or (isinstance(data, str) and data.startswith(PNG))
    return strokes and picture and sent.get("backgroundFit") is None


def _is_stroke(sent):
    return isinstance(sent, dict) and isinstance(sent.get("type"), str) and all(
        type(sent.get(name, usual)) in (int, float) and abs(sent.get(name, usual)) <= FARTHEST for name, usual in _PLACE
    )  # fmt: skip


def read(now, canvas):
    """The instance on the sheet after what the canvas sent; also kept for the other pages."""
    try:
        picture = canvas.image_bytes
    except ValueError:  # no base64
        picture = None
    if picture is None or picture == now.seen:  # nothing drawn since: the instance is what it was
        return state.instance()
    now.seen = picture
    objects = canvas.json_data.get("objects", [])
    untouched = now.given and _places(objects) == _places(now.given.json["objects"])
    inst = now.given if untouched else _drawn(objects, picture)
    state.set_instance(inst)
    return inst


def reading(net, inst):
    """The probabilities (10,) of the instance; None without one, and where the network's outputs are not finite."""
    if inst is None:
        return None
    with np.errstate(all="ignore"):
        p = net.predict_proba(inst.x[None])[0]
    return p if np.isfinite(p).all() else None


def _drawn(objects, picture):
    if not objects:
        return None
    try:
        image = np.asarray(_grey(mlcore.drawing.open_picture(picture)))
    except ValueError:  # not from our canvas
        return None
    x = mlcore.drawing.to_digit(image)
    return state.Instance(x, None, "drawing", {"objects": objects}, image, "your drawing") if x.any() else None


def _places(objects):
    """Type and place of each object, rounded as the canvas rounds; enough to see whether anything was added, moved or taken away."""
    return [(o.get("type"), *(round(float(o.get(k, d)), 2) for k, d in _PLACE)) for o in objects]


_PLACE = (("left", 0), ("top", 0), ("scaleX", 1), ("scaleY", 1), ("angle", 0))


def undo():
    """Take the last stroke off the sheet. The canvas draws what is left and sends its picture."""
    now, inst = st.session_state["sheet"], state.instance()
    left = inst.json["objects"][:-1] if inst else []
    if not left:
        put(None)
    elif now.given and _places(left) == _places(now.given.json["objects"]):
        put(now.given)
    else:
        now.undone += 1
        now.initial = {"objects": left, "undone": now.undone}  # the number makes the canvas draw also what it was once told before


def _as_drawing(uri, width, height):
    """The canvas's form of one picture, as large as fits."""
    scale = SIZE / max(width, height)
    place = {"originX": "center", "originY": "center", "left": SIZE / 2, "top": SIZE / 2, "scaleX": scale, "scaleY": scale}
    image = {"type": "Image", "version": "7.4.0", "width": width, "height": height, "src": uri, "imageSmoothing": False}
    return {"objects": [image | place]}


def photo(file, name):
    """The digit on a photo or PNG, as an Instance. ValueError with one sentence where there is no picture or no digit to be found."""
    try:
        pixels = mlcore.drawing.open_picture(file)
    except ValueError as error:
        raise ValueError(f"{name}: {error}.") from None
    pixels = pixels if pixels.shape[2:] == (4,) else _even(_grey(pixels))
    steps = mlcore.drawing.stages(pixels)
    x = mlcore.drawing.to_digit(pixels)
    if not steps or not x.any():
        raise ValueError(f"No digit stands out on {name}; use dark ink on plain paper, one digit, filling most of the picture.")
    return state.Instance(x, None, "photo", _ink_drawing(steps[0][1]), pixels, f"the picture {name}")


def _grey(pixels):
    return Image.fromarray(pixels).convert("L")


def _even(grey):
    """A grey photo with specks and uneven light taken out: every pixel over the paper's brightness around it, dark ink, (H, W) uint8."""
    grey = grey.filter(ImageFilter.MedianFilter(3)) if min(grey.size) >= 200 else grey
    pixels = np.asarray(grey, np.float32)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    if np.median(border) < 128:  # light ink on dark paper
        grey, pixels = ImageOps.invert(grey), 255 - pixels
    paper = grey.resize((64, 64), Image.Resampling.BOX).filter(ImageFilter.MaxFilter(21)).filter(ImageFilter.GaussianBlur(6))
    paper = np.asarray(paper.resize(grey.size, Image.Resampling.BICUBIC), np.float32)
    return np.rint(255 * np.minimum(pixels / np.maximum(GRAIN * paper, 1), 1)).astype(np.uint8)


def _ink_drawing(ink):
    small = Image.fromarray(np.rint(255 * (1 - np.clip(ink, 0, 1))).astype(np.uint8))
    small.thumbnail((SIZE // 2, SIZE // 2))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    return _as_drawing("data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode(), *small.size)


def real_digit(rng):
    """A random digit of the held-out data, as an Instance with its label."""
    data = mlcore.datasets.load("digits")
    i = int(rng.integers(len(data.X_test)))
    x = np.asarray(data.X_test[i])
    x = x.astype(np.float32) / 255 if x.dtype == np.uint8 else x.astype(np.float32)
    label = int(data.y_test[i])
    return state.Instance(x, label, "data", None, None, f"instance {i + 1} of the held-out data, a {label}")


PEN_SETTINGS = {
    "width": SIZE,
    "height": SIZE,
    "stroke_width": PEN,
    "stroke_color": colors.INK,
    "background_color": colors.PAPER,
    "return_image_data": True,
}
