"""The chain rule in Θ: Θ = [b ∣ W] is one matrix, a₀ = 1 stands on top of a, and a cell keeps its place when the notation changes."""

import numpy as np
import pytest

from mlcore.lecture.chain import Trace
from ui import colors

from .grid import colored
from .strip import SOURCES, THETA, W_B, Strip, scene, strip

MERGED = {"W": "Theta", "b": "Theta", "dz_dW": "dz_dTheta", "dz_db": "dz_dTheta", "dL_dW": "dL_dTheta", "dL_db": "dL_dTheta"}


def in_theta(name, l, i, j, last):
    """Where a cell of the trace in W and b stands in Θ."""
    if name in ("b", "dz_db", "dL_db"):
        i, j = (j, 0) if name == "dL_db" else (i, 0)
    elif name in MERGED:
        j += 1
    elif name == "x" or (name == "a" and l < last):
        i += 1
    return [f"{MERGED.get(name, name)}{l}", i, j]


def test_what_is_drawn_is_theta_times_a(mount):
    of = scene(3, 2, 3)
    mounted, shown = strip(mount, of, notation=THETA)
    mounted.page.get_by_role("button", name="Layer 2").click()
    drawn, arrays = shown.painted(), of.arrays_in(THETA)
    assert not {"W1", "b1", "dz_db1", "dL_dW1", "dL_db1"} & set(drawn)
    assert {name: drawn[name][0] for name in ("Theta1", "a0", "z1", "dz_dTheta1", "dL_dTheta1")} == {
        "Theta1": "3 × 3", "a0": "3 × 1", "z1": "3 × 1", "dz_dTheta1": "3 × 3", "dL_dTheta1": "3 × 3",
    }  # fmt: skip
    frame = np.array(colors.rgb(colors.BIAS))
    for name in ("Theta1", "a0", "dz_dTheta1", "dL_dTheta1"):
        _, pixels, _ = drawn[name]
        rows, columns = arrays[name].shape
        high, wide = pixels.shape[0] // rows, pixels.shape[1] // columns
        np.testing.assert_allclose(pixels[0, 3, :3], frame, atol=1)
        np.testing.assert_allclose(pixels[-1 if columns > 1 else high - 1, 3, :3], frame, atol=1)
        inner = colored(arrays[name])
        for i, j in np.ndindex(rows, columns):
            np.testing.assert_allclose(pixels[i * high + 4, j * wide + 4, :3].astype(int), inner[i, j], atol=1, err_msg=name)
    assert arrays["a0"][0, 0] == 1 and np.allclose(arrays["Theta1"] @ arrays["a0"], arrays["z1"])


@pytest.mark.parametrize("sizes", [(3, 3), (3, 2, 3)])
def test_a_cell_keeps_its_number_when_the_notation_changes(mount, sizes):
    of = scene(*sizes)
    trace, last = Trace(of.explained), len(sizes) - 2
    mounted, shown = strip(mount, of)
    for k, o in enumerate(trace.objects):
        for i, j in {(0, 0), (o.shape[0] - 1, o.shape[1] - 1)}:
            position = shown.root.evaluate("(root, [k, i, j]) => root.chain.trace.position(root.chain.trace.objects[k], i, j)", [k, i, j])
            shown.root.evaluate("(root, position) => root.chain.place(position)", position)
            mounted.update(of.data(notation=THETA))
            assert shown.at == in_theta(o.name, o.layer, i, j, last)
            if o.name != "dz_db" or i == j:
                assert shown.value == trace.array(k)[i, j]
            mounted.update(of.data(notation=W_B))
            assert shown.at == [f"{o.name}{o.layer}", i, j]


def test_a_link_opens_the_same_cell_in_either_notation(mount):
    of = scene(4, 3)
    trace = Trace(of.explained)
    k = next(k for k, o in enumerate(trace.objects) if o.name == "dL_dW")
    _, shown = strip(mount, of)
    position = shown.root.evaluate("(root, k) => root.chain.trace.position(root.chain.trace.objects[k], 2, 1)", k)
    mounted = mount(SOURCES, of.data(notation=THETA, position=position))
    shown = Strip(mounted.page)
    assert shown.at == ["dL_dTheta0", 2, 2] and shown.value == of.explained.layers[0].dL_dW[2, 1]


def test_pixels_have_a_0_above_them(mount):
    of = scene(784, 10, y=3)
    _, shown = strip(mount, of, notation=THETA)
    caption, pixels, written = shown.painted()["x0"]
    assert caption.startswith("785 × 1") and written[0].text.startswith("1")
    ink = 255 * (1 - of.x.reshape(28, 28))
    np.testing.assert_allclose(pixels[16 + 2 :: 4, 2::4, 0].astype(int), ink, atol=1)
    Theta = of.arrays_in(THETA)["Theta0"]
    _, pixels, _ = shown.painted()["Theta0"]
    tile = pixels[8 + 1 : 8 + 56 : 2, 1:56:2, :3].astype(int)
    np.testing.assert_allclose(tile, colored(Theta)[0, 1:].reshape(28, 28, 3), atol=1)
    for cell in ((0, 0), (1, 0), (784, 0)):
        shown.point_at("x0", *cell)
        assert shown.value == (1 if cell[0] == 0 else of.x[cell[0] - 1])
    for cell in ((3, 0), (3, 1), (9, 784)):
        shown.point_at("Theta0", *cell)
        assert shown.value == Theta[cell]
