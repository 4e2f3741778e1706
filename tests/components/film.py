"""The film's component as a visitor uses it, in a static page; and scenes to mount."""

import functools

import mlcore
from mlcore.lecture.film import film
from tests.chromium import becomes
from ui.components import Sources
from ui.components.player import FRAME
from ui.theta import scenes
from ui.theta.film import frames

from . import charts, static

EPOCHS, L2 = 60, 0.01
COUNT = 40


@functools.cache
def scene(name="xor", units=(4,), rate=3.0, l2=L2, epochs=EPOCHS):
    """A Scene, what goes out of it to the browser, and the film by mlcore."""
    X, y = scenes.instances(name, COUNT, 0.1, 0, (3, 8))
    net = mlcore.Network((X.shape[1], *units, 1), "sigmoid", "sigmoid", 0, "float64")
    it = scenes.Scene(net, X, y, rate, l2, epochs, name != scenes.DIGITS)
    return it, frames(it), film(net, X, y, rate, l2, epochs)


class Player:
    """The component as a visitor uses it, and the messages between it and the app."""

    def __init__(self, mounted, data):
        self.mounted, self.page = mounted, mounted.page
        self.version = data["version"]
        self.messages = static.Mounted(self.page, Sources("", "", FRAME), {"version": self.version, "frame": 0})
        self.root = self.page.locator(".film")
        self.slider = self.page.get_by_role("slider", name="Epoch")
        self.button = self.page.locator(".film button")
        self.plane = self.page.locator(".plane")
        self.curve = self.page.locator("svg.curve")

    @property
    def frame(self):
        """The frame that is painted."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return int(self.root.get_attribute("data-frame"))

    def go(self, k):
        self.slider.fill(str(k))
        assert self.frame == k

    def told(self, k):
        """Wait until the app has been told of this frame, last."""
        becomes(lambda: (self.messages.sent or [None])[-1], ["trigger", "frame", k])

    def put(self, k, version=None):
        """The app puts the film on a frame."""
        self.messages.update({"version": version or self.version, "frame": k})

    def axes(self):
        return charts.Axis(charts.below(self.curve)), charts.Axis(charts.levels(self.curve))
