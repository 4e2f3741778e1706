"""Activations and losses by themselves: exact where the obvious formula is not."""

import math

import numpy as np
import pytest

from mlcore.activations import binary_cross_entropy, cross_entropy


@pytest.mark.parametrize("lead", [3.0, 20.0, 38.0, 300.0])
def test_the_loss_of_a_sure_and_right_answer_keeps_its_digits(lead):
    """log(1 + e⁻³⁸) is 0 in float64, where the loss is e⁻³⁸."""
    expected = math.log1p(math.exp(-lead))
    assert cross_entropy(np.array([[lead, 0.0]]), np.array([[1.0, 0.0]])) == pytest.approx([expected], rel=1e-12, abs=0)
    assert binary_cross_entropy(np.array([[lead]]), np.array([[1.0]])) == pytest.approx([expected], rel=1e-12, abs=0)
    assert binary_cross_entropy(np.array([[-lead]]), np.array([[0.0]])) == pytest.approx([expected], rel=1e-12, abs=0)
