"""Figures are functions of arrays: tested as such, without a browser."""

import base64
import io

import numpy as np
import pytest

from ui import colors
from ui.figures import matrices
from ui.numbers import plain

RNG = np.random.default_rng(0)


def pixels(png):
    from PIL import Image

    return np.array(Image.open(io.BytesIO(png)).convert("RGBA"))


def rgb(code):
    return [int(code[i : i + 2], 16) for i in (1, 3, 5)]


SHAPES = [(1,), (10,), (784,), (3000,), (10, 10), (10, 260), (10, 784), (128, 784), (512, 784), (512, 512), (1, 2000), (2000, 2)]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_heatmap_of_any_size_stays_small_transparent_and_symmetric(shape):
    values = RNG.normal(size=shape)
    figure = matrices.heatmap(values, marked=(0, 0), clickable=True)
    assert len(figure.to_json()) < 100_000
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    trace = figure.data[0]
    if trace.type == "heatmap":
        assert trace.zmin == -trace.zmax == -np.abs(values).max()
        assert [c for _, c in trace.colorscale] == [c for _, c in colors.DIVERGING]


def test_few_cells_carry_their_numbers_in_a_common_unit():
    figure = matrices.heatmap([[0.0, -0.5], [2e-3, 12.5]])
    assert [list(line) for line in figure.data[0].text] == [["0", "−.50"], [".0020", "12.5"]]
    figure = matrices.heatmap([[3.1e-5, -1e-6], [0.0, 9e-6]])
    assert [list(line) for line in figure.data[0].text] == [["3.10", "−.10"], ["0", ".90"]]


def test_there_is_no_common_unit_where_cells_would_still_need_one_of_their_own():
    spread = np.array([[1.1e-13, -5e-23], [0.0, 3e-14]])
    assert [list(line) for line in matrices.heatmap(spread).data[0].text] == [["1e−13", "−5e−23"], ["0", "3e−14"]]
    assert "cells" not in matrices.about(spread)
    assert list(matrices.heatmap([3e5, 1e-3, 4000.0]).data[0].text[0]) == ["3e5", ".0010", "4000"]
    assert list(matrices.heatmap([5e-324, 0.0]).data[0].text[0]) == ["5e−324", "0"]


def test_the_line_above_a_heatmap_says_shape_range_and_unit():
    assert matrices.about(np.array([3.1e-5, -1e-6])) == "1 × 2 · ± 3.1e−5 · cells in 10⁻⁵"
    assert matrices.about(np.full((20, 20), -0.25)) == "20 × 20 · ± 0.25"
    assert matrices.key().count("%") == len(colors.DIVERGING)


def test_cells_that_can_be_clicked_have_a_point_each():
    values = RNG.normal(size=(3, 4))
    heat, points = matrices.heatmap(values, clickable=True).data
    assert list(zip(points.y, points.x)) == list(np.ndindex(3, 4))
    assert points.customdata[6] == plain(values[1, 2]) and heat.hoverinfo == "skip"
    assert len(matrices.heatmap(np.zeros((10, 300)), clickable=True).data) == 1


def test_what_is_not_finite_is_shown_as_what_it_is():
    figure = matrices.heatmap([0.0, -np.inf, np.nan, 2.0])
    assert list(figure.data[0].text[0]) == ["0", "−∞", "NaN", "2.00"]
    assert np.array_equal(figure.data[0].z[0], [0.0, -2.0, np.nan, 2.0], equal_nan=True)
    assert matrices.limit(np.zeros(3)) == 1 and matrices.limit(np.array([np.nan, np.inf])) == 1


def test_a_large_matrix_becomes_a_picture_that_loses_no_large_entry():
    values = np.zeros((400, 784))
    values[123, 456] = -3.0
    trace = matrices.heatmap(values).data[0]
    image = pixels(base64.b64decode(trace.source.split(",")[1]))
    row, col = int(123 // trace.dy), int(456 // trace.dx)
    assert image[row, col, :3].tolist() == rgb(colors.NEGATIVE)
    image[row, col] = image[0, 0]
    assert (image[..., :3] == rgb(colors.ZERO)).all()
    assert trace.x0 - trace.dx / 2 == -0.5 and trace.y0 - trace.dy / 2 == -0.5


def test_unit_pictures_are_laid_out_in_reading_order():
    W = np.zeros((12, 784))
    W[9, 0], W[9, 29] = 1.0, -1.0
    sheet = pixels(matrices.unit_pictures(W, columns=8, zoom=1))
    assert sheet.shape == (2 * 29 - 1, 8 * 29 - 1, 4)
    assert sheet[29, 29, :3].tolist() == rgb(colors.POSITIVE)
    assert sheet[30, 30, :3].tolist() == rgb(colors.NEGATIVE)
    assert sheet[0, 0].tolist() == [*rgb(colors.ZERO), 255]
    assert sheet[28, :, 3].max() == 0 and sheet[:, 28, 3].max() == 0
    assert sheet[40, 150, 3] == 0  # after the last unit there is nothing
    assert pixels(matrices.unit_pictures(RNG.normal(size=(400, 784)), most=32, zoom=2)).shape == (2 * (4 * 29 - 1), 2 * (8 * 29 - 1), 4)
    with pytest.raises(ValueError, match=r"expected \(units, 784\)"):
        matrices.unit_pictures(np.zeros((3, 10)))


def test_norms_are_written_beside_their_bars():
    figure = matrices.norms(["layer 1", "layer 2"], [0.0, 0.03125])
    assert list(figure.data[0].text) == ["0", "0.03125"]
    assert figure.data[0].x[0] is None
