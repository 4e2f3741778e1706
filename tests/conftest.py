"""Fixtures of all tests."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data():
    """The folder of full MNIST, Fashion-MNIST's test set and the pen strokes; the test is skipped where it is not at hand."""
    if not SHARED.is_dir():
        pytest.skip("full MNIST and the pen strokes (../shared/data) are not on this machine")
    return SHARED
