"""Training runs in processes of their own: the same numbers as in this one, and every way they can end."""

import os
import signal
import time

import numpy as np
import pytest

import mlcore
from tests.waiting import until
from ui.training import process, runs, turns
from ui.training.run import MOST_RECORDS, thinned
from ui.training.spec import Spec

ME = "a token"
LONG = Spec(data="xor", layers=(8,), learning_rate=0.1, batch_size=16, epochs=50_000)


@pytest.fixture
def start():
    started = []

    def start(spec, owner=ME):
        started.append(runs.start(spec, owner))
        return started[-1]

    yield start
    for run in started:
        runs.stop(run, "", instructor=True)


@pytest.mark.parametrize("change", [{}, {"optimizer": "adam", "learning_rate": 0.01}, {"batch_size": None}, {"batch_size": 1, "l2": 0.01}])
def test_paused_stepped_and_resumed_gives_the_bits_of_an_unbroken_training(start, change):
    spec = Spec(**{"data": "moons", "layers": (6, 5), "hidden": "tanh", "epochs": 30, "seed": 3} | change)
    run = start(spec)
    until(lambda: run.history)
    runs.pause(run, ME)
    if not run.over:
        epoch = run.last.epoch
        runs.resume(run, ME, one_epoch=True)
        until(lambda: run.status == "paused" and run.last.epoch > epoch)
        assert run.last.epoch == epoch + 1 and run.last.epoch_end
        runs.resume(run, ME)
    until(lambda: run.over)
    assert run.status == "finished" and run.last.epoch == 30

    data = spec.load_data()
    net = spec.network()
    *_, last = mlcore.train(
        net, data, spec.optimizer_object(), spec.batch_size, spec.epochs, spec.l2, seed=spec.seed, evaluate_training=True
    )
    assert run.last == last
    for layer, expected in zip(run.network().layers, net.layers):
        np.testing.assert_array_equal(layer.theta, expected.theta)
    assert run.network().info["test_accuracy"] == last.test_accuracy


@pytest.mark.alone
def test_pause_and_stop_answer_within_half_a_second(start):
    run = start(LONG)
    until(lambda: run.history)
    for act, status in ((runs.pause, "paused"), (runs.resume, "running"), (runs.stop, "stopped")):
        began = time.monotonic()
        act(run, ME)
        until(lambda status=status: run.status == status)
        assert time.monotonic() - began < 0.5
    assert run.network().sizes == (2, 8, 2)


def test_who_shares_a_core_pauses_by_itself_goes_on_by_itself_and_has_the_bits_of_an_unbroken_training(start, monkeypatch):
    monkeypatch.setattr(turns, "AT_ONCE", 1)
    monkeypatch.setattr(turns, "SLICE", 0.1)
    spec = Spec(data="moons", layers=(6, 5), hidden="tanh", batch_size=1, epochs=20, seed=3)
    first, second = start(spec), start(spec, "another's token")
    seen = set()
    until(lambda: seen.update((run, run.status, run.shared) for run in (first, second)) or (first.over and second.over), 40)
    assert {(run, "queued", True) for run in (first, second)} <= seen, "each waited for the other"
    assert first.status == second.status == "finished"
    monkeypatch.setattr(turns, "SLICE", 60)
    alone = start(spec)
    until(lambda: alone.over)
    for run in (first, second):
        assert run.last == alone.last
        for layer, expected in zip(run.network().layers, alone.network().layers):
            np.testing.assert_array_equal(layer.theta, expected.theta)


def test_one_epoch_is_one_epoch_also_in_turns(start, monkeypatch):
    monkeypatch.setattr(turns, "AT_ONCE", 1)
    monkeypatch.setattr(turns, "SLICE", 0.1)
    start(LONG, "another's token")
    run = start(Spec(data="digits", layers=(64,), batch_size=1, epochs=3))
    until(lambda: run.history)
    runs.pause(run, ME)
    epoch = run.last.epoch
    runs.resume(run, ME, one_epoch=True)
    until(lambda: run.status == "paused")
    assert run.last.epoch == epoch + 1 and run.last.epoch_end


def test_a_run_without_a_watcher_is_paused_and_kept(start, monkeypatch):
    run = start(LONG)
    until(lambda: run.history)
    runs.seen(ME)
    monkeypatch.setattr(turns, "UNWATCHED", 0.2)
    until(lambda: run.status == "paused")
    assert "ten minutes" in run.message and run.network() is not None
    monkeypatch.setattr(turns, "UNWATCHED", 600)
    runs.seen(ME)
    points = len(run.history)
    runs.resume(run, ME)
    until(lambda: len(run.history) > points and run.status == "running")


def test_a_run_that_is_left_alone_gives_its_process_back_and_its_network_is_kept(start, monkeypatch, tmp_path):
    run = runs.start(LONG, ME, checkpoint=tmp_path / "net.npz")
    until(lambda: run.fraction > 1)
    runs.pause(run, ME)
    until(lambda: run.status == "paused")
    monkeypatch.setattr(turns, "AWAY", 0.2)
    process = run.process
    until(lambda: run.over)
    monkeypatch.setattr(turns, "AWAY", 3600)
    assert run.status == "stopped" and "its network is kept" in run.message and run.network() is not None
    assert process.wait(5) == 0 and mlcore.load(tmp_path / "net.npz").info["ended"] == "stopped"


def test_a_killed_process_is_a_failed_run_that_says_so(start):
    run = start(LONG)
    until(lambda: run.history)
    run.process.kill()
    until(lambda: run.over)
    assert run.status == "failed" and "unexpectedly" in run.message and run.network() is not None


def test_the_process_ends_with_whoever_started_it(start):
    run = start(LONG)
    until(lambda: run.history)
    run.process.hang_up()
    assert run.process.wait(5) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to one process")
def test_ctrl_c_in_the_terminal_is_left_to_whoever_started_it(start):
    run = start(LONG)
    until(lambda: run.history)
    os.kill(run.process.pid, signal.SIGINT)
    points = len(run.history)
    until(lambda: len(run.history) > points)
    assert run.status == "running"


def test_one_epoch_from_the_start(start):
    run = runs.start(LONG, ME, one_epoch=True)
    until(lambda: run.status == "paused")
    assert run.last.epoch == 1 and run.last.epoch_end
    runs.stop(run, ME)


def test_a_process_that_cannot_be_started_is_a_failed_run_that_says_so(start, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(process.subprocess, "Popen", refuse)
    run = start(LONG)
    assert run.status == "failed" and "could not be started" in run.message


def test_a_diverged_run_says_so_and_keeps_finite_weights(start):
    run = start(Spec(data="blobs", layers=(8,), learning_rate=1e6))
    until(lambda: run.over)
    assert run.status == "diverged" and run.last.diverged
    assert all(np.isfinite(layer.theta).all() for layer in run.network().layers)


def test_dead_units_are_named(start):
    run = start(Spec(data="digits", layers=(8,), optimizer="sgd", learning_rate=10.0, epochs=2, seed=1))
    until(lambda: run.over)
    assert run.dead == [1]
    assert not run.network().forward(run.spec.load_data().X_train[:256]).a[0].any()
    healthy = start(Spec(data="digits", layers=(8,), epochs=1))
    until(lambda: healthy.over)
    assert healthy.dead == []


@pytest.mark.parametrize(
    "change, says",
    [
        ({"layers": (8,) * 10}, "here are 11 layers of weights, more than 10"),
        ({"layers": (5000,)}, "1 … 4096"),
        ({"layers": (0,)}, "1 … 4096"),
        ({"layers": (4000, 1000)}, "7,151,010 parameters, more than 4,000,000"),
        ({"learning_rate": 0}, "learning_rate is 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
    ],
)
def test_settings_out_of_range_are_refused_at_once(change, says):
    with pytest.raises(ValueError, match=says):
        Spec(**change)


def test_settings_that_the_data_refuse_end_in_a_sentence(start):
    run = start(Spec(data="blobs", n=3))
    until(lambda: run.over)
    assert run.status == "failed" and run.message.startswith("n is 3, expected") and run.network() is None


def test_long_histories_are_thinned_and_keep_their_ends():
    record = mlcore.training.Progress(0, 0, 0, False, 1.0, 0.5)
    history = [record._replace(updates=k, epoch=k // 10, epoch_end=k % 10 == 0) for k in range(40_000)]
    kept = thinned(history)
    assert len(kept) <= MOST_RECORDS and kept[0] == history[0] and kept[-1] == history[-1]
    assert all(p.epoch_end for p in kept[1:-1])
    assert thinned(history[:100]) == history[:100]
