"""The chain rule's strip of matrices as a visitor uses it."""

import json

import numpy as np

from tests.chromium import becomes

from .conftest import settle

FIND = "() => [...document.querySelectorAll('*')].map((e) => e.shadowRoot?.querySelector('.chain')).find(Boolean)"


class Strip:
    """The component as a visitor uses it."""

    def __init__(self, page):
        self.page = page
        page.locator(".chain figure").first.wait_for()
        settle(page)
        self.root = page.evaluate_handle(FIND)

    def face(self, name):
        return self.page.locator(f'figure[data-object="{name}"] .face')

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
            self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            return self.root.evaluate("root => [root.dataset.object, +root.dataset.row, +root.dataset.col]")

        becomes(pointed, [name, row, col])

    def wait_for(self, name, row, col):
        self.page.wait_for_function(
            "([root, name, row, col]) => root.dataset.object === name && +root.dataset.row === row && +root.dataset.col === col",
            arg=[self.root, name, row, col],
        )

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

    @property
    def value(self):
        return float(self.root.evaluate("root => root.dataset.value"))


def open_example(page, app_url, query=""):
    page.goto(f"{app_url}/chain-rule?source=Example{query}")
    return Strip(page)
