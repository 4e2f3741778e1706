"""What a page leaves behind in a visit, until the next run: at most 8 MB, whatever is looked at."""

import gc
import tracemalloc

import pytest

import mlcore
from tests.pages.visit import of_page, press

MOST = 8 * 2**20
DIGIT = mlcore.datasets.load("digits").X_test[5] / 255


CASES = {
    "gradients, a digit": ("gradients.py", {"layer": 2}),
    "gradients, a batch": ("gradients.py", {"source": "Batch", "size": 32, "layer": 2}),
    "softmax": ("softmax.py", {"source": "Data", "section": "Prediction"}),
    "chain rule": ("chain-rule.py", {"source": "Data"}),
    "chain rule, a step": ("chain-rule.py", {"source": "Data", "section": "One step"}, "Take the step"),
    "chain rule, the loop": ("chain-rule.py", {"source": "Data", "section": "The loop"}, "End"),
    "the loop from zeros": ("chain-rule.py", {"source": "Data", "section": "The loop", "start": "to zeros"}, "instance ▶"),
    "draw": ("draw.py", {"section": "why"}),
    "train": ("train.py", {}),
    "backpropagation, a walk": ("backpropagation.py", {"data": "digits", "units": "12", "section": "Step by step"}, "End"),
}


def opened(file, params, *pressed):
    return press(of_page(file, "mlp", DIGIT, 3, **params), *pressed)


@pytest.mark.parametrize("case", CASES)
def test_a_visit_holds_little(case):
    """The second visit, because the first also makes what all share. A page's elements are sent and gone, but a test keeps them."""
    first = opened(*CASES[case])
    gc.collect()
    tracemalloc.start()
    try:
        second = opened(*CASES[case])
        second._tree = None
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held <= MOST, f"{held / 2**20:.1f} MB"
    assert first is not second
