"""The chain rule's component as a visitor uses it, in the app or in a static page; and scenes to mount."""

import base64
import json
from typing import NamedTuple

import numpy as np

import mlcore
from mlcore.lecture.chain import Trace
from tests.chromium import becomes
from ui import chain, subject
from ui.components import sources
from ui.components.chain import PARTS

from .static import Text

SOURCES = sources("chain", *PARTS)
THETA, W_B = "Θ", "W, b"


class Scene(NamedTuple):
    """A network, float64, and one instance x (p,) with its label."""

    net: mlcore.Network
    x: np.ndarray
    y: int

    @property
    def explained(self):
        return mlcore.explain(self.net, self.x, self.y)

    @property
    def seen(self):
        return subject.Subject(self.net, self.x[None], [self.y], ["it"])

    def data(self, digits=4, notation=W_B, position=None):
        """What the page gives to the component."""
        return chain.data(self.seen, digits, notation) | {"position": position}

    @property
    def arrays(self):
        """{"z0": (3, 1), …}: every object of the trace, 2-D, by its name and layer from 0."""
        return self.arrays_in(W_B)

    def arrays_in(self, notation):
        """The same in W and b or in Θ."""
        trace = Trace(self.explained, theta=notation == THETA)
        return {f"{o.name}{o.layer}": trace.array(k) for k, o in enumerate(trace.objects)}


def scene(*sizes, hidden="tanh", output="softmax", y=1, seed=0):
    """A Scene of numbers of either sign, with biases; pixels between 0 and 1 where there are 784 inputs."""
    net = mlcore.Network(sizes, hidden, output, seed, "float64")
    rng = np.random.default_rng(seed)
    for layer in net.layers:
        layer.b = rng.normal(size=layer.b.shape)
    x = rng.uniform(0.05, 1, 784) * (rng.uniform(size=784) < 0.3) if sizes[0] == 784 else rng.normal(size=sizes[0])
    return Scene(net, x, y)


class Strip:
    """The component in a page: it is waited for."""

    def __init__(self, page):
        self.page = page
        self.root = page.locator(".chain")
        page.locator(".chain :is(figure, .node)").first.wait_for()
        self.root = self.root.element_handle()

    def face(self, name):
        return self.page.locator(f'figure[data-object="{name}"] .face')

    def cells(self, name):
        """The canvas of an object's cells."""
        return self.face(name).locator("canvas").first

    def painted(self):
        """Each object that is drawn → {name: (its caption, the pixels of its cells (height, width, 4) uint8, the Texts on them)}."""
        found = self.root.evaluate(
            """root => [...root.querySelectorAll("figure")].map((figure) => {
                const c = figure.querySelector("canvas"), {data} = c.getContext("2d").getImageData(0, 0, c.width, c.height);
                let bytes = "";
                for (let k = 0; k < data.length; k += 8192) bytes += String.fromCharCode(...data.subarray(k, k + 8192));
                const caption = figure.querySelector("figcaption").innerText;
                return [figure.dataset.object, caption, c.height, c.width, btoa(bytes), shownOn(c).texts];
            })"""
        )
        return {
            name: (caption, np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4), [Text.of(one) for one in texts])
            for name, caption, height, width, data, texts in found
        }

    def lights(self):
        """What is lit above the cells of each object that is drawn, see `hovered`."""
        return self.hovered([None])[0]["lights"]

    def hovered(self, points):
        """Move the pointer to points [object, x, y] on canvases, one after the other → what each shows: {"at", "value", "lights"}.

        at is [object, row, column]; lights {object: {"width", "height", "outlines", "spots"}}: the outlines as in
        `static.Outline`, spots the colour [r, g, b, a] in the middle of each one's left side.
        """
        return self.root.evaluate(
            """async (root, points) => {
                const frame = () => new Promise(requestAnimationFrame), seen = [];
                const spot = (c, {x, y, height: h}) =>
                    [...c.getContext("2d").getImageData(Math.max(x, 0), Math.min(Math.floor(y + h / 2), c.height - 1), 1, 1).data];
                for (const point of points) {
                    if (point) {
                        const face = root.querySelector(`figure[data-object="${point[0]}"] .face`), box = face.getBoundingClientRect();
                        const [clientX, clientY] = [box.left + point[1] - face.scrollLeft, box.top + point[2]];
                        face.dispatchEvent(new PointerEvent("pointermove", {clientX, clientY, bubbles: true}));
                        await frame();
                    }
                    const {object, row, col, value} = root.dataset;
                    const lights = [...root.querySelectorAll("figure")].map((figure) => {
                        const c = figure.querySelector(".lights"), {width, height} = c, {outlines} = shownOn(c);
                        return [figure.dataset.object, {width, height, outlines, spots: outlines.map((o) => spot(c, o))}];
                    });
                    seen.push({at: [object, +row, +col], value: +value, lights: Object.fromEntries(lights)});
                }
                return seen;
            }""",
            points,
        )  # fmt: skip

    def cell_box(self, name, row, col):
        """Where a cell is on the screen: x, y of its middle."""
        self.face(name).evaluate("face => face.scrollIntoView({block: 'center', behavior: 'instant'})")
        x, y, w, h = self.root.evaluate(
            "(root, [name, row, col]) => { const o = root.chain.trace.objects.find((o) => `${o.name}${o.layer}` === name);"
            " return root.chain.shapes.get(o.index).matrix.rects(row, col)[0]; }",
            [name, row, col],
        )
        box = self.face(name).bounding_box()
        return box["x"] + x + w / 2, box["y"] + y + h / 2

    def point_at(self, name, row, col):
        """Move the pointer to a cell, again where the page has moved it away meanwhile."""

        def pointed():
            x, y = self.cell_box(name, row, col)
            self.page.mouse.move(x, y - 1)
            self.page.mouse.move(x, y)
            self.frame()
            return self.at

        becomes(pointed, [name, row, col])

    def frame(self):
        """Wait until what was asked for is shown."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    @property
    def at(self):
        """[object, row, column] of the cell that is shown."""
        return self.root.evaluate("root => [root.dataset.object, +root.dataset.row, +root.dataset.col]")

    def wait_for(self, name, row, col):
        becomes(lambda: self.at, [name, row, col])

    def lit(self, name):
        """Cells of an object that are lit as sources: [[row, column], …]."""
        text = self.page.locator(f'figure[data-object="{name}"]').get_attribute("data-lit")
        return json.loads(text)["spots"] if text else []

    def numbers(self, role):
        """The full values of the numbers in the sentence that have this role."""
        return [float(v) for v in self.page.locator(f".sentence .{role}").evaluate_all("all => all.map((e) => e.value)")]

    def array(self, name):
        """An object's values as the browser has them."""
        return np.array(self.root.evaluate(
            "(root, name) => { const o = root.chain.trace.objects.find((o) => `${o.name}${o.layer}` === name);"
            " return Array.from({length: o.rows}, (_, i) => Array.from({length: o.cols}, (_, j) => o.value(i, j))); }", name,
        ))  # fmt: skip

    def walk(self, stride="node", most=5000):
        """Press "Start" and then "→" until it goes no further → what is shown at each stop."""
        return self.root.evaluate(
            """(root, [stride, most]) => {
                const $ = (selector) => root.querySelector(selector), seen = [];
                $(".stride").value = stride;
                $('[data-go="start"]').click();
                for (let before = null; before !== root.dataset.position && seen.length < most; $('[data-go="on"]').click()) {
                    const { position, object, row, col, term, value } = root.dataset;
                    seen.push({ position: +position, object, row: +row, col: +col, term: +term, value,
                                formula: $(".formula").innerHTML, sentence: $(".sentence").innerHTML, said: $(".sentence").textContent,
                                where: $(".where").textContent, code: $(".code code").textContent, hidden: $(".code").hidden });
                    before = position;
                }
                return seen;
            }""",
            [stride, most],
        )  # fmt: skip

    @property
    def value(self):
        """The value of the cell that is shown."""
        return float(self.root.evaluate("root => root.dataset.value"))


def strip(mount, of, digits=4, notation=W_B, **options):
    """The component for a Scene in a page of its own → (the Mounted, its Strip)."""
    mounted = mount(SOURCES, of.data(digits, notation), **options)
    return mounted, Strip(mounted.page)
