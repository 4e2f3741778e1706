"""A component in a page of its own, without the app: its HTML, CSS and script mounted as Streamlit mounts them, with data as JSON.

What the component sends is recorded; what it paints is read back from its canvases.
"""

import base64
import io
import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[2]
MOUNT = (Path(__file__).parent / "mount.js").read_text("utf-8")
SIZE = {"width": 1280, "height": 900}
ADDRESS = "http://localhost/"  # nothing answers there but the blank page
THEMES = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))["theme"]


def variables(theme):
    """Streamlit's CSS variables of the theme "light" or "dark"."""
    named = ("primaryColor", "backgroundColor", "secondaryBackgroundColor", "textColor", "borderColor", "linkColor")
    dashed = {name: re.sub("[A-Z]", lambda letter: "-" + letter.group().lower(), name) for name in named}
    made = {f"--st-{dashed[name]}": THEMES[theme][name] for name in named}
    return made | {"--st-font": THEMES["font"], "--st-base-radius": THEMES["baseRadius"]}


def blank(context, path=""):
    """A page of the context without anything in it, at `path` of an address of its own."""
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.route(ADDRESS + "**", lambda route: route.fulfill(content_type="text/html", body="<!doctype html><html lang=en><body></body>"))
    page.add_init_script(MOUNT)
    page.goto(ADDRESS + path)
    return page


class Text(NamedTuple):
    """A text on a canvas: where its middle is and how wide it is, CSS pixels; its colour as the canvas writes it, #rrggbb."""

    text: str
    x: float
    y: float
    width: float
    color: str

    @classmethod
    def of(cls, recorded):
        return cls(*(recorded[field] for field in cls._fields))


class Outline(NamedTuple):
    """A rectangle that is stroked on a canvas, CSS pixels."""

    x: float
    y: float
    width: float
    height: float
    color: str
    line: float


class Mounted:
    """A component of these `ui.components.Sources` in a page, with data as the app's Python gives it to Streamlit."""

    def __init__(self, page, sources, data, theme="light"):
        self.page = page
        colors = variables(theme)
        page.evaluate("([back, text]) => Object.assign(document.body.style, {margin: 0, background: back, color: text})",
                      [colors["--st-background-color"], colors["--st-text-color"]])  # fmt: skip
        self.handle = page.evaluate_handle(
            "([sources, data, theme]) => mountComponent(sources, data, theme)",
            [{"name": "component", **sources._asdict()}, data, colors],
        )

    def update(self, data):
        """The app has answered: the same component is called again, with other data."""
        self.handle.evaluate("(mounted, data) => mounted.update(data)", data)

    def unmount(self):
        """The page without it."""
        self.handle.evaluate("mounted => mounted.unmount()")

    def leave(self):
        """The page as it was before: empty, of its usual size, with the pointer in its corner."""
        if self.handle.evaluate("mounted => mounted.there"):
            self.unmount()
        self.page.mouse.up()
        self.page.mouse.move(0, 0)
        self.page.emulate_media(reduced_motion="null")
        self.page.set_viewport_size(SIZE)

    @property
    def sent(self):
        """What the component has told the app, in order: ["state" or "trigger", name, value]."""
        return self.handle.evaluate("mounted => mounted.sent")

    def pixels(self, canvas):
        """What is painted on a canvas (a Playwright locator) → (height, width, 4) uint8."""
        width, height, text = canvas.evaluate(
            "c => { const {data} = c.getContext('2d').getImageData(0, 0, c.width, c.height); let text = '';"
            " for (let k = 0; k < data.length; k += 8192) text += String.fromCharCode(...data.subarray(k, k + 8192));"
            " return [c.width, c.height, btoa(text)]; }"
        )
        return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)

    def screen(self, part):
        """What is on the screen where an element (a Playwright locator) is → (height, width, 3) uint8."""
        return np.asarray(Image.open(io.BytesIO(part.screenshot())).convert("RGB"))

    def texts(self, canvas):
        """The Texts on a canvas in the order in which they were written."""
        return [Text.of(one) for one in canvas.evaluate("c => shownOn(c).texts")]

    def outlines(self, canvas):
        """The Outlines on a canvas in the order in which they were stroked."""
        return [Outline(**one) for one in canvas.evaluate("c => shownOn(c).outlines")]


def rgb(color):
    """#rrggbb or rgb(r, g, b) → (3,) whole numbers."""
    if color.startswith("#"):
        return np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)])
    return np.array([int(part) for part in color[color.index("(") + 1 : color.index(")")].split(",")[:3]])


def contrast(one, other):
    """The contrast of two colours (3,) as WCAG 2 defines it, 1 … 21."""

    def luminance(color):
        c = np.asarray(color) / 255
        return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
