"""The chain rule's matrices as they are painted: colours, numbers and outlines against mlcore's arrays and the palette."""

import numpy as np
import pytest

from ui import colors

from .grid import Grid, assert_reads, colored
from .static import contrast, rgb
from .strip import THETA, Scene, scene, strip

SMALL = {
    "softmax regression": scene(3, 3),
    "hidden, softmax": scene(4, 5, 3, y=2),
    "hidden, sigmoid": scene(3, 4, 2, 1, hidden="sigmoid", output="sigmoid", y=0),
    "several sigmoids": scene(3, 4, 3, hidden="relu", output="sigmoid", y=1),
}
PICTURES = {
    "pixels": scene(784, 10, y=3),
    "wide": scene(784, 60, 30, 10, hidden="relu", y=3),
}


def layers(mounted, of):
    """Each layer, once it is shown."""
    for l in range(len(of.net.layers)):
        button = mounted.page.get_by_role("button", name=f"Layer {l + 1}")
        if len(of.net.layers) > 1:
            button.click()
            assert button.get_attribute("aria-pressed") == "true"
        yield l


def expected(l, last):
    """The objects that a layer shows, as the slides have them."""
    here = ["W", "b", "z", "a", "dL_da", "da_dz", "dL_dz", "dz_dW", "dL_dW", "dz_db", "dL_db"] + ["L"] * (l == last)
    names = [f"{name}{l}" for name in here] + (["x0"] if l == 0 else [f"a{l - 1}"])
    if l < last:
        names += [f"dL_dz{l + 1}", f"dz_da{l + 1}"]
    if l > 0:
        names += [f"dz_da{l}", f"dL_da{l - 1}"]
    return sorted(names)


@pytest.mark.parametrize("name", SMALL)
def test_small_matrices_have_the_colours_and_the_numbers_of_their_cells(mount, name):
    of, seen = SMALL[name], 0
    arrays = of.arrays
    mounted, shown = strip(mount, of)
    for l in layers(mounted, of):
        painted = shown.painted()
        assert sorted(painted) == expected(l, len(of.net.layers) - 1)
        for figure, (caption, pixels, written) in painted.items():
            array = arrays[figure]
            assert caption == ("a number" if figure[0] == "L" else "{} × {}".format(*array.shape))
            cells = Grid.on(pixels, array, caption)
            x, y = cells.corners()
            np.testing.assert_allclose(pixels[y, x, :3].astype(int), colored(array), atol=1, err_msg=figure)
            wide, high = cells.rect(0, 0)[2:]
            texts = {(round(t.y / high - 0.5), round(t.x / wide - 0.5)): t for t in written}
            assert sorted(texts) == [*np.ndindex(array.shape)], figure
            for (i, j), text in texts.items():
                assert_reads(text.text, array[i, j], np.abs(array).max())
                assert text.width <= wide - 3
                assert contrast(rgb(text.color), pixels[y[i, j], x[i, j], :3]) >= 3.5
                seen += 1
    assert seen > 50


def test_the_numbers_of_ten_columns_stay_in_their_cells_on_a_phone(mount):
    _, shown = strip(mount, scene(4, 10), size=(390, 844))
    _, pixels, written = shown.painted()["da_dz0"]
    assert len(written) > 90 and max(text.width for text in written) <= pixels.shape[1] / 10 - 3


def test_the_two_ends_of_the_scale_and_its_middle():
    """What the pictures are compared with is blue below 0, white at 0 and red above."""
    blue, white, red = colored(np.array([-2.0, 0.0, 2.0]))
    assert blue[2] > blue[0] + 90 and red[0] > red[2] + 90 and min(white) > 240 and np.ptp(white) < 5


@pytest.mark.parametrize("name", PICTURES)
def test_large_matrices_are_pictures_of_their_cells(mount, name):
    of, kinds = PICTURES[name], set()
    arrays, e = of.arrays, of.explained
    mounted, shown = strip(mount, of)
    for _ in layers(mounted, of):
        for figure, (caption, pixels, written) in shown.painted().items():
            array = arrays[figure]
            units = shown.root.evaluate(
                "(root, name) => root.chain.trace.objects.find((o) => `${o.name}${o.layer}` === name).units ?? null", figure
            )
            if units:
                assert f"({len(units)} of {len(array)} units)" in caption
                errors = np.abs(e.layers[int(figure[-1])].dL_dz)
                assert np.sort(errors)[-len(units)] == errors[units].min() and units == sorted(units)
                array = array[units]
            cells = Grid.on(pixels, array, caption)
            kinds.add("diagonal" if cells.diagonal else "pictures" if cells.pictures else "folded" if cells.folded else "plain")
            x, y = cells.corners()
            if figure == "x0":
                assert caption == "784 × 1, drawn as 28 × 28"
                ink = np.floor(255 * (1 - np.clip(array, 0, 1)) + 0.5)
                np.testing.assert_allclose(pixels[y, x, :3], np.repeat(ink[..., None], 3, axis=2), atol=1)
                picture = pixels[2::4, 2::4, 0]  # on paper as the digit was drawn, row by row
                np.testing.assert_allclose(picture, ink.reshape(28, 28), atol=1)
            elif cells.diagonal:
                np.testing.assert_allclose(pixels[y.diagonal(), x.diagonal(), :3].astype(int), colored(array.diagonal()), atol=1)
                assert not (array - np.diag(array.diagonal())).any()
            else:
                np.testing.assert_allclose(pixels[y, x, :3].astype(int), colored(array), atol=1, err_msg=figure)
            if not (array.shape[0] <= 12 and array.shape[1] <= 12):
                assert written == []
    assert {"pictures", "folded"} <= kinds and (name == "pixels" or kinds == {"pictures", "folded", "plain", "diagonal"})


def test_what_is_not_a_number_is_grey_and_says_so(mount):
    net = scene(2, 2).net
    net.layers[0].W, net.layers[0].b = [[0, 0], [0, 0]], [0, -800]
    of = Scene(net, np.array([1.0, 2.0]), 1)
    _, shown = strip(mount, of)
    painted = shown.painted()
    assert [text.text for text in painted["L0"][2]] == ["800"]
    _, pixels, (zero, infinite) = painted["dL_da0"]
    assert (zero.text, infinite.text) == ("0", "−∞")
    np.testing.assert_array_equal(pixels[2, 2, :3], colors.rgb(colors.ZERO))
    np.testing.assert_array_equal(pixels[2, -5, :3], colors.rgb(colors.NEGATIVE))


@pytest.mark.parametrize("notation", ["W, b", THETA])
def test_slices_of_the_tensor_show_one_row_each(mount, notation):
    of = scene(4, 3)
    mounted, shown = strip(mount, of, notation=notation)
    button = mounted.page.locator(".slices button")
    first = int(notation == THETA)  # of the columns that stand for inputs: before them, in its frame, that of the bias
    whole, name = f"3 × 3 × {4 + first}: slices", "dz_dTheta0" if first else "dz_dW0"
    assert button.inner_text() == whole
    sheet = of.arrays_in(notation)[name]
    for k in (0, 1, 2, None):
        button.click()
        assert button.inner_text() == (whole if k is None else f"slice {k + first}: only its row")
        slice_ = sheet if k is None else np.where(np.arange(3)[:, None] == k, sheet, 0)
        _, pixels, written = shown.painted()[name]
        x, y = Grid.on(pixels, sheet, "").corners()
        np.testing.assert_allclose(pixels[y, x, :3].astype(int)[:, first:], colored(slice_)[:, first:], atol=1)
        for text, value in zip(written, slice_.flat):
            assert_reads(text.text, value)
        for row in range(3):
            shown.point_at(name, row, 1)
            assert shown.value == slice_[row, 1] and shown.lit("x0") == ([[1, 0]] if k in (None, row) else [])
            away = f"Slice {(k or 0) + first} is the derivative of z of unit {(k or 0) + first} alone, and row {row + first} of"
            assert (away in mounted.page.locator(".sentence").inner_text()) == (k not in (None, row))


def sources(of, name, i, j):
    """What cell (i, j) of an object is computed from, by the chain rule itself: {object: [(row, column), …]}, None for all."""
    object_, l, y = name[:-1], int(name[-1]), of.y
    before = f"a{l - 1}" if l else "x0"
    softmax = of.net.output == "softmax" and l == len(of.net.layers) - 1
    last = l == len(of.net.layers) - 1
    match object_:
        case "z":
            return {f"W{l}": [(i, None)], before: [(None, None)], f"b{l}": [(i, 0)]}
        case "a":
            return {f"z{l}": [(None, None) if softmax else (i, 0)]}
        case "L":
            return {f"a{l}": [(y, 0)] if of.net.output == "softmax" else [(k, 0) for k in range(of.net.sizes[-1])]}
        case "dL_da" if last:
            return {f"a{l}": [(j, 0)]} if not softmax or j == y else {}
        case "dL_da":
            return {f"dL_dz{l + 1}": [(None, None)], f"dz_da{l + 1}": [(None, j)]}
        case "da_dz":
            return {f"a{l}": sorted({(i, 0), (j, 0)})} if softmax or i == j else {}
        case "dL_dz":
            return {f"dL_da{l}": [(None, None)], f"da_dz{l}": [(None, j)]}
        case "dL_db":
            return {f"dL_dz{l}": [(None, None)], f"dz_db{l}": [(None, j)]}
        case "dL_dW":
            return {f"dL_dz{l}": [(0, i)], f"dz_dW{l}": [(i, j)], before: [(j, 0)], f"z{l}": [(i, 0)]}
        case "dz_dW":
            return {before: [(j, 0)]}
        case "dz_da":
            return {f"W{l}": [(i, j)]}
    return {}


def outlined(cells, lit, here=None):
    """Outlines as they should be: of what is lit, and of the cell itself; small ones grown to 8 × 8 so that they can be seen."""
    rects = [(rect, colors.LIT) for cell in lit for rect in cells.line(*cell)] + ([(cells.rect(*here), colors.ACCENT)] if here else [])
    found = []
    for (x, y, w, h), color in rects:
        grown = max(0, (8 - min(w, h)) / 2)
        found.append((x - grown, y - grown, w + 2 * grown, h + 2 * grown, color))
    return sorted(found)


def strokes(lights):
    """The outlines of one object that have a colour, each above a wider white one; the pixels have that colour."""
    under, above = lights["outlines"][::2], lights["outlines"][1::2]
    assert len(under) == len(above) and {one["color"] for one in under} <= {"rgba(255, 255, 255, 0.9)"}
    assert all(one["line"] > other["line"] for one, other in zip(under, above))
    for one, (red, green, _, alpha) in zip(above, lights["spots"][1::2]):
        assert alpha > 200 and (red > green) == (one["color"] == colors.LIT)
    return sorted((one["x"], one["y"], one["width"], one["height"], one["color"]) for one in above)


@pytest.mark.parametrize("name", SMALL)
def test_a_cell_lights_what_it_was_computed_from_and_nothing_else(mount, name):
    of, seen = SMALL[name], 0
    arrays = of.arrays
    mounted, shown = strip(mount, of)
    rng = np.random.default_rng(0)
    for _ in layers(mounted, of):
        sizes = {figure: (one["width"], one["height"]) for figure, one in shown.lights().items()}
        grids = {figure: Grid(*arrays[figure].shape, *size, "") for figure, size in sizes.items()}
        cells = [(figure, *(int(rng.integers(n)) for n in arrays[figure].shape)) for figure in grids for _ in range(2)]
        rects = [grids[figure].rect(i, j) for figure, i, j in cells]
        points = [[figure, x + w / 2, y + h / 2] for (figure, *_), (x, y, w, h) in zip(cells, rects)]
        for (figure, i, j), found in zip(cells, shown.hovered(points)):
            assert found["at"] == [figure, i, j] and found["value"] == arrays[figure][i, j]
            wanted = sources(of, figure, i, j)
            for other, lights in found["lights"].items():
                expected_ = outlined(grids[other], wanted.get(other, ()), (i, j) if other == figure else None)
                assert strokes(lights) == expected_, (figure, i, j, other)
                seen += bool(expected_)
    assert seen > 40


def test_a_weight_of_784_lights_its_pixel_where_it_can_be_seen(mount):
    of = PICTURES["pixels"]
    _, shown = strip(mount, of)
    pixel, unit = int(of.x.argmax()), 3
    shown.point_at("dL_dW0", unit, pixel)
    captions, lights = {name: caption for name, (caption, *_) in shown.painted().items()}, shown.lights()
    wanted = sources(of, "dL_dW0", unit, pixel)
    assert wanted["x0"] == [(pixel, 0)]
    for other, one in lights.items():
        cells = Grid(*of.arrays[other].shape, one["width"], one["height"], captions[other])
        assert strokes(one) == outlined(cells, wanted.get(other, ()), (unit, pixel) if other == "dL_dW0" else None), other
    e = of.explained.layers[0]
    assert shown.numbers("factor") == [e.dL_dz[unit], e.dz_dW[unit, pixel]]
    assert np.prod(shown.numbers("factor")) == shown.value == e.dL_dW[unit, pixel] != 0


def test_a_unit_of_a_large_layer_lights_its_picture_and_its_column_through_all_pictures(mount):
    of = PICTURES["wide"]
    mounted, shown = strip(mount, of)
    mounted.page.get_by_role("button", name="Layer 1").click()
    captions = {name: caption for name, (caption, *_) in shown.painted().items()}
    units = shown.root.evaluate("root => root.chain.trace.objects.find((o) => o.name === 'W').units")
    shown.point_at("z0", units[4], 0)
    lights = shown.lights()
    cells = Grid(len(units), 784, lights["W0"]["width"], lights["W0"]["height"], captions["W0"])
    assert strokes(lights["W0"]) == outlined(cells, [(4, None)])
    shown.point_at("dL_da0", 0, 7)
    lights = shown.lights()
    cells = Grid(*of.arrays["dz_da1"].shape, lights["dz_da1"]["width"], lights["dz_da1"]["height"], captions["dz_da1"])
    assert strokes(lights["dz_da1"]) == outlined(cells, [(None, 7)])


def test_no_cell_is_lit_once_the_pointer_has_left_but_the_cursors(mount):
    of = SMALL["softmax regression"]
    mounted, shown = strip(mount, of)
    shown.point_at("z0", 1, 0)
    assert strokes(shown.lights()["W0"])
    mounted.page.mouse.move(1, 1)
    shown.wait_for("L0", 0, 0)
    lights = shown.lights()
    assert {name for name, one in lights.items() if one["outlines"]} == {"L0", "a0"}
