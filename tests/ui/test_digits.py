"""Pictures of digits and of signed values."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from ui import colors
from ui.figures import digits


def pixels(uri):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",", 1)[1]))).convert("RGB"))


def test_ink_is_black_on_white():
    x = np.zeros(784, np.float32)
    x[:28] = 1, *[0.5] * 27
    picture = pixels(digits.picture(x))
    assert picture.shape == (28, 28, 3)
    picture = picture[..., 0]
    assert picture[0, 0] == 0 and picture[0, 1] in (127, 128) and picture[1, 0] == 255


def test_zero_is_in_the_middle_of_the_diverging_scale():
    values = np.zeros((2, 3))
    values[0] = -2, 0, 2
    picture = pixels(digits.diverging(values)).astype(int)
    assert tuple(picture[0, 1]) == tuple(colors.rgb(colors.ZERO))
    assert picture[0, 0, 2] > picture[0, 0, 0] and picture[0, 2, 0] > picture[0, 2, 2]
    assert np.array_equal(pixels(digits.diverging(np.zeros((1, 1))))[0, 0], tuple(colors.rgb(colors.ZERO)))


@pytest.mark.parametrize("shape", [(28, 28), (336, 336), (500, 20)])
def test_thinned_pictures_stay_small(shape):
    assert max(digits.thin(np.zeros(shape)).shape) <= 168


def test_texts_are_escaped():
    assert "<script>" not in digits.row([("", "<script>", "<script>")])


def test_a_change_of_nothing_has_no_sign():
    table = digits.before_after(np.array([0.5, 0.5]), np.array([0.499999, 0.500001]), 1)
    assert "+0.00" not in table and "−0.00" not in table
