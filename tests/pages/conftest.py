"""Fixtures of the pages' tests."""

import pytest

import mlcore
from ui import state


@pytest.fixture
def shipped(monkeypatch):
    """Puts these networks (name → network) in the place of the shipped ones."""

    def put(networks):
        monkeypatch.setattr(mlcore.models, "names", lambda: tuple(networks))
        monkeypatch.setattr(mlcore.models, "load", networks.get)
        state._shipped.cache_clear()

    yield put
    state._shipped.cache_clear()
