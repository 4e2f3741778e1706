"""The network of a digit: its pixels and their edges are pictures."""

import numpy as np

import mlcore
from ui.theta import scenes

from .grid import colored
from .mathml import sides
from .test_network import EDGES, L2, choose, network


def digits_of():
    X, y = scenes.instances("digits", 0, None, 0, (0, 1))
    return mlcore.Network((784, 3, 1), "sigmoid", "sigmoid", 0, "float64"), X, y


def test_pixels_and_their_edges_are_pictures(mount):
    of, each, mounted, _ = network(mount, made=digits_of)
    gradients = of.net.gradients(np.array([one.x for one in each]), [one.y for one in each], L2)
    pictures = mounted.page.locator(".net canvas")
    assert pictures.count() == 4
    ink = 255 * (1 - of.x.reshape(28, 28))
    np.testing.assert_allclose(mounted.pixels(pictures.first)[2::4, 2::4, 0], ink, atol=1)
    for which in EDGES:
        choose(mounted, "Edges", which)
        rows = {"Θ": of.explained.layers[0].W, "∂cost/∂Θ": of.explained.layers[0].dL_dW, "Δ": gradients.Delta[0][:, 1:],
                "D": gradients.D[0][:, 1:]}[which]  # fmt: skip
        for i, row in enumerate(rows):
            painted = mounted.pixels(pictures.nth(i + 1))[2::4, 2::4, :3]
            np.testing.assert_allclose(painted.astype(int), colored(row.reshape(28, 28)), atol=1, err_msg=which)


def test_a_pixel_says_its_edge(mount):
    of, each, mounted, shown = network(mount, made=digits_of)
    D = of.net.gradients(np.array([one.x for one in each]), [one.y for one in each], L2).D[0]
    choose(mounted, "Edges", "D")
    picture = mounted.page.get_by_label("the edges from the pixels to unit 2 of layer 2")
    box = picture.bounding_box()
    side = box["width"] / 28
    for row, column in ((15, 10), (3, 22), (0, 0), (27, 27)):
        picture.hover(position={"x": (column + 0.5) * side, "y": (row + 0.5) * side})
        shown.frame()
        assert shown.value == D[1, 1 + 28 * row + column]
    picture.focus()
    picture.press("ArrowUp")
    picture.press("ArrowLeft")
    shown.frame()
    assert shown.value == D[1, 1 + 28 * 26 + 26]
    parts, _ = sides(mounted.page.locator(".formula").inner_html())
    assert parts[0] == [("symbol", ("D", 1, (2, 1 + 28 * 26 + 26)))]
    digit = mounted.page.get_by_label("the digit, pixel by pixel")
    box = digit.bounding_box()
    digit.hover(position={"x": box["width"] * 14.5 / 28, "y": box["height"] * 9.5 / 28})
    shown.frame()
    assert shown.at == ["x0", 1 + 9 * 28 + 14, 0] and shown.value == of.x[9 * 28 + 14]
