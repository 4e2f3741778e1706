"""Which specks beside a digit are left out of it."""

import numpy as np
import pytest

from mlcore import drawing


def bar_and(*specks):
    """A bar of 100 × 20 pixels of full ink in the middle of 400 × 400, and specks (row, column, height, width)."""
    image = np.zeros((400, 400), np.uint8)
    image[150:250, 190:210] = 255
    for row, column, height, width in specks:
        image[row : row + height, column : column + width] = 255
    return image


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("speck, taken", [
    ((284, 200, 4, 4), (138, 20)), ((285, 200, 4, 4), (100, 20)), ((112, 200, 4, 4), (138, 20)), ((111, 200, 4, 4), (100, 20)),
    ((200, 244, 4, 4), (100, 58)), ((200, 245, 4, 4), (100, 20)), ((300, 200, 22, 1), (100, 20)), ((300, 200, 23, 1), (173, 20)),
    ((300, 190, 1, 22), (100, 20)), ((300, 190, 1, 23), (151, 23)),
])  # fmt: skip
def test_a_speck_is_far_and_light(turn, speck, taken):
    """35 of the bar's 100 pixels away it belongs to the digit, farther it does not; 22² is less than a quarter of its 2,000 pixels."""
    crop = drawing.stages(np.rot90(bar_and(speck), turn))[1][1]
    assert crop.shape == (taken if turn % 2 == 0 else taken[::-1])


def test_all_specks_together_are_light():
    large, small = [(10, 195, 16, 16), (374, 195, 16, 16)], [(10, 195, 15, 15), (374, 195, 15, 15)]
    assert drawing.stages(bar_and(*small))[1][1].shape == (100, 20), "450 pixels of 2,000"
    assert drawing.stages(bar_and(*large))[1][1].shape[0] > 200, "512 pixels of 2,000: one of them stays"
