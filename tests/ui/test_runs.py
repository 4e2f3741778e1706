"""Training runs in processes of their own: the same numbers as in this one, and every way they can end."""

import os
import signal
import time

import numpy as np
import pytest

import mlcore
from ui.training import runs
from ui.training.spec import Spec

LONG = Spec(data="xor", layers=(8,), learning_rate=0.1, batch_size=16, epochs=1_000_000)


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


@pytest.fixture
def start():
    started = []

    def start(spec):
        started.append(runs.start(spec, "a token"))
        return started[-1]

    yield start
    for run in started:
        run.stop()


@pytest.mark.parametrize("change", [{}, {"optimizer": "adam", "learning_rate": 0.01}, {"batch_size": None}, {"batch_size": 1, "l2": 0.01}])
def test_paused_stepped_and_resumed_gives_the_bits_of_an_unbroken_training(start, change):
    spec = Spec(**{"data": "moons", "layers": (6, 5), "hidden": "tanh", "epochs": 30, "seed": 3} | change)
    run = start(spec)
    until(lambda: run.history)
    run.pause()
    if not run.over:
        epoch = run.last.epoch
        run.resume(one_epoch=True)
        until(lambda: run.status == "paused" and run.last.epoch > epoch)
        assert run.last.epoch == epoch + 1 and run.last.epoch_end
        run.resume()
    until(lambda: run.over)
    assert run.status == "finished" and run.last.epoch == 30

    data = spec.load_data()
    net = spec.network(data)
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
    for act, status in ((run.pause, "paused"), (run.resume, "running"), (run.stop, "stopped")):
        began = time.monotonic()
        act()
        until(lambda status=status: run.status == status)
        assert time.monotonic() - began < 0.5
    assert run.network().sizes == (2, 8, 2)


def test_more_runs_than_places_wait_and_say_where(start):
    first = [start(LONG) for _ in range(runs.AT_ONCE)]
    waiting = [start(LONG) for _ in range(2)]
    assert [run.place for run in waiting] == [1, 2] and all(run.status == "queued" for run in waiting)
    until(lambda: all(run.history for run in first))
    first[0].pause()
    assert waiting[0].status in runs.COMPUTING and waiting[1].place == 1
    first[0].resume()
    assert (first[0].status, first[0].place) == ("queued", 2)
    waiting[1].stop()
    assert waiting[1].status == "stopped" and first[0].place == 1
    waiting[0].stop()
    until(lambda: first[0].status == "running")


def test_a_full_queue_refuses_in_one_sentence(start, monkeypatch):
    monkeypatch.setattr(runs, "MOST_QUEUED", 1)
    for _ in range(runs.AT_ONCE + 1):
        start(LONG)
    with pytest.raises(ValueError, match="try again in a few minutes"):
        start(LONG)


def test_a_run_without_a_watcher_is_paused_and_kept(start, monkeypatch):
    run = start(LONG)
    until(lambda: run.history)
    run.touch()
    monkeypatch.setattr(runs, "UNWATCHED", 0.2)
    until(lambda: run.status == "paused")
    assert "ten minutes" in run.message and run.network() is not None
    monkeypatch.setattr(runs, "UNWATCHED", 600)
    points = len(run.history)
    run.resume()
    until(lambda: len(run.history) > points and run.status == "running")


def test_long_paused_runs_make_room(start, monkeypatch):
    monkeypatch.setattr(runs, "MOST_PAUSED", 1)
    paused = []
    for _ in range(2):
        paused.append(start(LONG))
        until(lambda: paused[-1].history)
        paused[-1].pause()
    start(LONG)
    assert [run.status for run in paused] == ["stopped", "paused"] and "network is kept" in paused[0].message


def test_a_killed_process_is_a_failed_run_that_says_so(start):
    run = start(LONG)
    until(lambda: run.history)
    run._process.kill()
    until(lambda: run.over)
    assert run.status == "failed" and "unexpectedly" in run.message and run.network() is not None


def test_the_process_ends_with_whoever_started_it(start):
    run = start(LONG)
    until(lambda: run.history)
    run._process.stdin.close()
    assert run._process.wait(5) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to one process")
def test_ctrl_c_in_the_terminal_is_left_to_whoever_started_it(start):
    run = start(LONG)
    until(lambda: run.history)
    run._process.send_signal(signal.SIGINT)
    points = len(run.history)
    until(lambda: len(run.history) > points)
    assert run.status == "running"


def test_one_epoch_from_the_start(start):
    run = runs.start(LONG, "a token", one_epoch=True)
    until(lambda: run.status == "paused")
    assert run.last.epoch == 1 and run.last.epoch_end
    run.stop()


def test_a_process_that_cannot_be_started_is_a_failed_run_that_says_so(start, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(runs.subprocess, "Popen", refuse)
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
        ({"layers": (8,) * 10}, "11 layers of weights are more than 10"),
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
    kept = runs.thinned(history)
    assert len(kept) <= runs.MOST_RECORDS and kept[0] == history[0] and kept[-1] == history[-1]
    assert all(p.epoch_end for p in kept[1:-1])
    assert runs.thinned(history[:100]) == history[:100]
