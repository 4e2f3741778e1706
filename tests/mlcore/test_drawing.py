"""Drawings become digits as MNIST's were prepared: whatever the paper, the place, the size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import mlcore
from mlcore import drawing

Image = pytest.importorskip("PIL.Image")


def paper(side=336):
    return np.full((side, side), 255, np.uint8)


def seven(side=336, left=0.3, top=0.2, size=0.5, pen=0.07):
    """A 7 of two straight strokes, black on white."""
    image = paper(side)
    l, t, s, p = (round(side * v) for v in (left, top, size, pen))
    image[t : t + p, l : l + s // 2 + p] = 0
    for k in range(s):
        x = l + s // 2 - round(0.4 * s * k / s)
        image[t + k, x : x + p] = 0
    return image


def test_a_blank_sheet_has_no_ink():
    for blank in (paper(), np.zeros((40, 60), np.uint8), np.full((9, 9, 4), 255, np.uint8), np.zeros((9, 9, 4), np.uint8)):
        assert drawing.stages(blank) == []
        x = drawing.to_digit(blank)
        assert x.shape == (784,) and x.dtype == np.float32 and not x.any()


def test_the_digit_fills_20_pixels_around_its_centre_of_mass():
    rng = np.random.default_rng(0)
    for _ in range(30):
        image = seven(left=rng.uniform(0, 0.6), top=rng.uniform(0, 0.5), size=rng.uniform(0.2, 0.45), pen=rng.uniform(0.02, 0.1))
        x = drawing.to_digit(image).reshape(28, 28)
        rows, columns = np.flatnonzero(x.any(axis=1)), np.flatnonzero(x.any(axis=0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
        centre = [(x.sum(axis=1 - axis) @ np.arange(28)) / x.sum() for axis in (0, 1)]
        np.testing.assert_allclose(centre, 14, atol=0.51)
        assert x.min() >= 0 and 0.9 < x.max() <= 1


def test_place_and_size_do_not_matter():
    x = drawing.to_digit(seven())
    np.testing.assert_array_equal(x, drawing.to_digit(seven(left=0.05, top=0.45)))
    np.testing.assert_array_equal(x, drawing.to_digit(np.pad(seven(), ((200, 0), (0, 77)), constant_values=255)))
    large = drawing.to_digit(seven(side=1344))
    assert np.abs(large - x).mean() < 0.02


def test_colours_and_kinds_of_image_do_not_matter():
    grey = seven()
    x = drawing.to_digit(grey)
    rgb = np.repeat(grey[:, :, None], 3, axis=2)
    opaque = np.dstack([rgb, np.full_like(grey, 255)])
    see_through = np.dstack([np.zeros_like(rgb), 255 - grey])
    for same in (255 - grey, rgb, opaque, see_through):
        np.testing.assert_array_equal(drawing.to_digit(same), x)
    pencil_on_grey = (200 - (255 - grey.astype(int)) * 100 // 255).astype(np.uint8)
    np.testing.assert_allclose(drawing.to_digit(pencil_on_grey), x, atol=0.01)


@pytest.mark.parametrize("turn", range(4))
def test_strokes_that_run_off_the_sheet_are_ink(turn):
    """Paper is what most of the border is, be it darker or lighter than the ink, on whichever side that comes in."""
    inside = np.pad(seven()[67:], ((20, 0), (0, 0)), constant_values=255)
    outside = inside[20:]
    assert outside[0].min() == 0
    x = drawing.to_digit(np.rot90(inside, turn))
    for image in (outside, 255 - outside):
        np.testing.assert_array_equal(drawing.to_digit(np.rot90(image, turn)), x)


def test_a_border_that_varies_is_paper_and_what_goes_beyond_is_ink():
    """Nine tenths of the border differ from its middle grey by at most 10: that much is taken off the ink, up to half of the contrast."""
    for darkest, ink in ((90, (100 - 10) / (100 - 10)), (150, 1.0)):
        image = np.full((100, 100), 190, np.uint8)
        image[:, 0], image[:, -1], image[0], image[-1] = 180, 200, 190, 190
        image[40:60, 40:60], image[45:55, 45:55] = (darkest + 190) // 2, darkest
        (_, found), *_ = drawing.stages(image)
        half, noise = 190 - (darkest + 190) // 2, 10
        assert found[50, 50] == ink and found[20, 20] == found[20, 0] == 0
        assert found[42, 42] == pytest.approx((half - noise) / (190 - darkest - noise), abs=1 / 255)


def test_the_noise_of_a_camera_is_paper():
    rng = np.random.default_rng(0)
    photo = np.clip(seven().astype(float) * 0.6 + 40 + rng.normal(0, 5, (336, 336)), 0, 255).astype(np.uint8)
    assert np.abs(drawing.to_digit(photo) - drawing.to_digit(seven())).mean() < 0.03


def test_one_dot_and_a_full_sheet_are_survived():
    dot = paper()
    dot[3, 5] = 0
    assert drawing.to_digit(dot).any()
    line = paper()
    line[:, 0:3] = 0
    x = drawing.to_digit(line).reshape(28, 28)
    assert np.flatnonzero(x.any(axis=1)).size == 20
    ring = paper()
    ring[100:-100, 100:-100] = 0
    assert drawing.to_digit(ring).any()


def test_faint_ink_is_ink_and_fainter_is_paper():
    image = np.zeros((40, 40, 4), np.uint8)
    image[10:30, 18:22, 3] = 60
    x = drawing.to_digit(image)
    assert x.max() > 0.9
    np.testing.assert_array_equal(x, drawing.to_digit(image * np.array([1, 1, 1, 4], np.uint8)))
    image[:, :, 3] //= 10
    assert drawing.stages(image) == []


@settings(max_examples=150)
@given(
    arrays(
        np.uint8,
        st.tuples(st.integers(1, 40), st.integers(1, 40)) | st.tuples(st.integers(1, 30), st.integers(1, 30), st.sampled_from([3, 4])),
    )
)
def test_no_picture_breaks_it(image):
    x = drawing.to_digit(image)
    assert x.shape == (784,) and x.dtype == np.float32 and x.min() >= 0 and x.max() <= 1
    assert x.any() == bool(drawing.stages(image))


def test_the_stages_end_in_the_digit():
    steps = drawing.stages(seven())
    assert [name for name, _ in steps] == ["Ink", "Crop", "Scale to 20 × 20", "Centre of mass in 28 × 28"]
    assert [a.shape for _, a in steps][::3] == [(336, 336), (28, 28)] and max(steps[2][1].shape) == 20
    assert all(a.dtype == np.float32 and a.min() >= 0 and a.max() <= 1 for _, a in steps)
    np.testing.assert_array_equal(steps[-1][1].ravel(), drawing.to_digit(seven()))


def test_enlarged_digits_of_mnist_come_back_as_they_were():
    data = mlcore.datasets.load("digits")
    differences = []
    for row in data.X_test[:200]:
        large = Image.fromarray(row.reshape(28, 28)).resize((280, 280), Image.Resampling.BICUBIC)
        differences.append(np.abs(drawing.to_digit(np.asarray(large)) - row / 255).mean())
    assert np.mean(differences) < 0.04


def blobs(*places, side=280):
    """Round dots (row, column, radius), black on white."""
    rows, columns = np.mgrid[:side, :side]
    image = np.full((side, side), 255, np.uint8)
    for row, column, radius in places:
        image[(rows - row) ** 2 + (columns - column) ** 2 <= radius**2] = 0
    return image


def whole(image):
    """to_digit of the picture cut to all of its ink: what comes out where nothing is taken for a speck."""
    ink = image < 128
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    steps = drawing.stages(image)
    assert steps[1][1].shape == (np.ptp(rows) + 1, np.ptp(columns) + 1)
    return steps[-1][1]


@given(st.integers(0, 3), st.floats(0, 1), st.floats(0.35, 1.2), st.floats(1, 10))
def test_a_stray_dot_far_from_the_digit_changes_nothing(edge, along, away, radius):
    """The 7 is 100 pixels high; the dot lies beyond one of its edges, anywhere along it."""
    digit = np.pad(seven(200, 0, 0, 0.5, 0.08)[:100, :66], ((180, 180), (180, 180)), constant_values=255)
    distance, place = 100 * away + 2 * radius, 180 + 60 * along
    row, column = [(180 - distance, place), (280 + distance, place), (place, 180 - distance), (place, 246 + distance)][edge]
    dotted = np.minimum(digit, blobs((row, column, radius), side=460)[: digit.shape[0], : digit.shape[1]])
    assert (dotted < digit).any()
    np.testing.assert_array_equal(drawing.to_digit(dotted), drawing.to_digit(digit))


def test_specks_on_several_sides_change_nothing():
    digit = seven(300, 0.35, 0.35, 0.3, 0.05)
    specks = blobs((10, 10, 3), (290, 280, 4), (150, 5, 2), side=300)
    np.testing.assert_array_equal(drawing.to_digit(np.minimum(digit, specks)), drawing.to_digit(digit))


@given(st.integers(20, 200), st.integers(0, 60), st.integers(8, 24))
def test_two_strokes_far_apart_are_one_digit(gap, aside, pen):
    """The bar and the bowl of a 5, the two strokes of a 4 or an 11: parts of a size belong together however far they lie apart."""
    for bar in (40, 100):
        image = np.full((360, 360), 255, np.uint8)
        image[10 : 10 + pen, 100 + aside : 100 + aside + bar] = 0
        image[10 + pen + gap : 110 + pen + gap, 100 : 100 + pen] = 0
        whole(image), whole(image.T)


@given(st.integers(2, 14), st.floats(0, 2 * np.pi), st.integers(4, 9), st.booleans())
def test_a_digit_of_dots_keeps_its_dots(dots, turn, radius, round_):
    """Evenly spaced on a line (a 1) or on a circle (a 0)."""
    at = np.linspace(-1, 1, dots) * 100
    circle = np.arange(dots) * 2 * np.pi / dots
    places = np.c_[100 * np.sin(circle), 70 * np.cos(circle)] if round_ else np.c_[at * np.sin(turn), at * np.cos(turn)]
    whole(blobs(*((140 + row, 140 + column, radius) for row, column in places)))


@pytest.mark.parametrize("pen", [1, 2, 3, 6])
def test_a_thin_pen_is_read_in_dark_ink(pen):
    image = seven(600, 0.1, 0.1, 0.8, pen / 600)
    x = drawing.to_digit(image).reshape(28, 28)
    assert np.sort(x, axis=None)[-20] >= 0.75
    thicker = drawing.to_digit(seven(600, 0.1, 0.1, 0.8, 0.06)).reshape(28, 28)
    assert (x > 0.3).sum() <= (thicker > 0.3).sum() and x[thicker == 0].sum() < 0.15 * x.sum()


def test_real_digits_anywhere_on_the_sheet_come_back_as_they_were():
    """Of any size, in any place, dark on light or light on dark, with or without a dot in the corner that is farthest away."""
    data, rng = mlcore.datasets.load("digits"), np.random.default_rng(0)
    differences = []
    for k, row in enumerate(data.X_test[::4]):
        side = int(rng.integers(40, 250))
        digit = np.asarray(Image.fromarray(row.reshape(28, 28)).resize((side, side), Image.Resampling.BICUBIC))
        top, left = rng.integers(0, 280 - side, 2)
        sheet = np.zeros((280, 280), np.uint8)
        sheet[top : top + side, left : left + side] = digit
        if k % 2 and side < 120:
            row_, column = (4 if top + side / 2 > 140 else 270), (4 if left + side / 2 > 140 else 270)
            sheet[row_ : row_ + 6, column : column + 6] = 255
        x = drawing.to_digit(sheet)
        np.testing.assert_array_equal(x, drawing.to_digit(255 - sheet))
        differences.append(np.abs(x - row / 255).mean())
    assert np.mean(differences) < 0.05 and np.max(differences) < 0.15


@pytest.mark.parametrize(
    "image, says",
    [
        (np.zeros((3, 4, 2), np.uint8), "shape"),
        (np.zeros((3, 4, 1), np.uint8), "shape"),
        (np.zeros(784, np.uint8), "shape"),
        (np.zeros((0, 5), np.uint8), "shape"),
        (np.zeros((28, 28)), "dtype float64"),
        ("a picture", "shape"),
        ([[1], [1, 2]], "rows of different lengths"),
    ],
)
def test_what_is_no_image_is_refused(image, says):
    with pytest.raises(ValueError, match=says):
        drawing.to_digit(image)


def test_the_faintest_ink_is_24_greys_from_its_paper():
    for contrast, steps in ((24, 4), (23, 0)):
        for paper_, ink in ((200, 200 - contrast), (100, 100 + contrast)):
            image = np.full((40, 40), paper_, np.uint8)
            image[10:30, 18:22] = ink
            assert len(drawing.stages(image)) == steps


@pytest.mark.parametrize("pen", [1, 2])
def test_as_many_pixels_as_the_digit_is_long_are_made_dark(pen):
    image = seven(600, 0.1, 0.1, 0.8, pen / 600)
    box = drawing.stages(image)[2][1]
    assert np.sort(box, axis=None)[-20] * 255 == pytest.approx(200, abs=1)
    assert len(np.unique(box[box > 0.5])) > 1, "the rest is raised by the same factor, not to the same grey"


def test_what_is_a_tenth_as_dark_as_ink_is_cut_off():
    """TRACE: a grey of more than 25.5 of 255 belongs to the digit, a fainter one does not."""
    for grey, height in ((26, 30), (25, 20)):
        image = np.zeros((60, 60), np.uint8)
        image[20:40, 28:32], image[40:50, 28:32] = 255, grey
        assert drawing.stages(image)[1][1].shape == (height, 4)


@pytest.mark.parametrize("height, width, box", [
    (100, 50, (20, 10)), (50, 100, (10, 20)), (300, 4, (20, 1)), (4, 300, (1, 20)), (10, 7, (20, 14)),
])  # fmt: skip
def test_the_longer_side_becomes_20_pixels(height, width, box):
    image = np.full((400, 400), 255, np.uint8)
    image[40 : 40 + height, 60 : 60 + width] = 0
    steps = dict(drawing.stages(image))
    assert steps["Crop"].shape == (height, width) and steps["Scale to 20 × 20"].shape == box
    digit = steps["Centre of mass in 28 × 28"]
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    for used, size in ((rows, box[0]), (columns, box[1])):
        assert len(used) == size and abs(used[0] + (size - 1) / 2 - 14) <= 0.5
