"""What travels between pages: networks, the choice, the instance, and the steps of Teach it."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
import streamlit as st

import mlcore
from mlcore import files, limits
from ui import networks, state


@pytest.fixture(autouse=True)
def visitor(monkeypatch):
    """A fresh session without a running app."""
    monkeypatch.setattr(st, "session_state", {})


@pytest.fixture
def x():
    return np.random.default_rng(0).random(784, dtype=np.float32)


def small():
    return mlcore.Network((784, 8, 10), seed=1)


def test_the_shipped_networks_come_first_and_the_best_reader_is_chosen():
    assert tuple(state.networks()) == mlcore.models.names()
    assert state.network().id == "mlp" and state.network().reads_digits
    assert state.instance() is None


def test_networks_of_ones_own_are_added_chosen_renamed_and_deleted():
    first, second = (state.add_network(small(), "run", "trained") for _ in range(2))
    assert [state.networks()[i].name for i in (first, second)] == ["run", "run (2)"]
    state.choose_network(second)
    assert state.network().id == second
    state.rename_network(second, "run")
    assert state.network().name == "run (2)"
    state.rename_network(second, "  my   net ")
    assert state.network().name == "my net"
    state.delete_network(second)
    assert state.network().id == "mlp" and second not in state.networks()
    assert state.add_network(small(), "", "loaded") not in (first, second)


@pytest.mark.parametrize("wrong", [lambda: state.choose_network("nobody"), lambda: state.delete_network("mlp")])
def test_what_cannot_be_done_is_refused(wrong):
    with pytest.raises(ValueError, match="\\."):
        wrong()
    assert state.network().id == "mlp"


def test_the_shelf_has_an_end():
    for _ in range(state.MOST_OWN):
        state.add_network(small(), "run", "trained")
    with pytest.raises(ValueError, match="delete one"):
        state.add_network(small(), "run", "trained")


def test_the_shelf_is_full_by_the_bytes_of_its_weights_too(monkeypatch, x):
    size = sum(layer.theta.nbytes for layer in small().layers)
    monkeypatch.setattr(state, "MOST_OWN_MB", 3.5 * size / 2**20)
    first = state.add_network(small(), "run", "trained")
    state.teach(state.networks()[first], x, 3, 0.01)  # a second copy, from which the step can be undone
    state.add_network(small(), "run", "loaded")
    with pytest.raises(ValueError, match=r"more than [\d.]+ MB; delete one first\.$"):
        state.add_network(small(), "run", "trained")
    state.undo_all(state.networks()[first])
    state.add_network(small(), "run", "trained")


def test_any_network_that_may_be_kept_can_be_uploaded():
    largest = 8 * limits.MOST_PARAMETERS * 1.001 + files.LARGEST_HEADER + 10_000  # in float64, of noise, which deflate makes longer
    settings = tomllib.loads((Path(__file__).parents[2] / ".streamlit/config.toml").read_text("utf-8"))
    assert largest < networks.LARGEST_MB * 2**20 and settings["server"]["maxUploadSize"] >= networks.LARGEST_MB
    assert largest < state.MOST_OWN_MB * 2**20


def test_a_step_changes_a_copy_by_the_gradient_and_is_undone_to_the_bit(x):
    entry = state.network()
    shipped = entry.network
    kept = [layer.theta.copy() for layer in shipped.layers]
    grads = shipped.gradients(x[None], [3])
    before, after = state.teach(entry, x, 3, 0.01)
    assert entry.changed and "(changed)" in entry.label and "changed by 1 step" in entry.summary
    assert after.loss < before.loss and after.probabilities[3] > before.probabilities[3]
    for layer, old, d in zip(entry.network.layers, kept, grads.D):
        np.testing.assert_allclose(layer.theta, old - np.float32(0.01) * d, atol=1e-6)
    once = [layer.theta.copy() for layer in entry.network.layers]
    state.teach(entry, x, 5, 0.1)
    state.undo_step(entry)
    assert all(np.array_equal(layer.theta, t) for layer, t in zip(entry.network.layers, once))
    state.undo_step(entry)
    assert entry.network is shipped and not entry.changed
    for _ in range(3):
        state.teach(entry, x, 1, 0.01)
    state.undo_all(entry)
    assert entry.network is shipped and all(np.array_equal(layer.theta, t) for layer, t in zip(shipped.layers, kept))


def test_another_visitor_does_not_see_the_step(x, monkeypatch):
    state.teach(state.network(), x, 3, 0.1)
    monkeypatch.setattr(st, "session_state", {})
    assert not state.network().changed


def test_an_instance_is_kept(x):
    inst = state.Instance(x, 4, "data", text="instance 38 of the held-out data, a 4")
    state.set_instance(inst)
    assert state.instance() is inst
    state.set_instance(None)
    assert state.instance() is None
