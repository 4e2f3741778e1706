"""Fixtures of the pages' tests."""

import functools

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner

import mlcore
from mlcore import fetching
from tests.pages.returning import TOKEN
from ui import state, visitor


@pytest.fixture(scope="session", autouse=True)
def scanned_once():
    """Streamlit looks through all that is installed for components, anew for each page of a test: longer than the page itself takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", functools.cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def returning(tmp_path, monkeypatch):
    """One browser, whose cookie comes with every visit."""
    monkeypatch.setenv(fetching.CACHE, str(tmp_path))
    monkeypatch.setattr(visitor, "token", lambda: TOKEN)
    monkeypatch.setattr(visitor, "comes_back", lambda: True)
    monkeypatch.setattr(st, "page_link", lambda *args, **settings: None)  # there is no navigation around these pages


@pytest.fixture
def shipped(monkeypatch):
    """Puts these networks (name → network) in the place of the shipped ones."""

    def put(networks):
        monkeypatch.setattr(mlcore.models, "names", lambda: tuple(networks))
        monkeypatch.setattr(mlcore.models, "load", networks.get)
        state._shipped.cache_clear()

    yield put
    state._shipped.cache_clear()
