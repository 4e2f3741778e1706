"""One BLAS thread while anything trains, and as many as before when nothing does: also with several trainings at once."""

import threading

import pytest

import mlcore
from mlcore.threads import OneThread
from tests.mlcore.cases import blobs

threadpoolctl = pytest.importorskip("threadpoolctl")


def blas_threads():
    return {library["num_threads"] for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture
def two():
    """BLAS has two threads, and not by the word of this thread alone."""
    with threadpoolctl.threadpool_limits(2, "blas"):
        if blas_threads() != {2}:
            pytest.skip("this BLAS cannot be told how many threads to take")
        yield


class Held:
    """An optimizer that stops in its step until it is let go, and says how many threads BLAS had before and after."""

    learning_rate = 0.1

    def __init__(self):
        self.inside, self.go, self.seen = threading.Event(), threading.Event(), []

    def step(self, net, D):
        self.seen.append(blas_threads())
        self.inside.set()
        assert self.go.wait(20)
        self.seen.append(blas_threads())


def started():
    """A training of one update in a thread of its own, within its step."""
    held, data = Held(), blobs()
    thread = threading.Thread(target=lambda: list(mlcore.train(mlcore.Network((5, 3)), data, held, batch_size=None, epochs=1)))
    thread.start()
    assert held.inside.wait(20)
    return held, thread


def ended(held, thread):
    held.go.set()
    thread.join(20)


@pytest.mark.parametrize("first_out", [0, 1])
def test_two_trainings_leave_each_other_and_the_process_as_they_were(two, first_out):
    trainings = [started(), started()]
    ended(*trainings[first_out])
    assert blas_threads() == {1}
    ended(*trainings[1 - first_out])
    assert blas_threads() == {2}
    assert [held.seen for held, _ in trainings] == [[{1}, {1}]] * 2


def test_the_caller_has_all_threads_while_it_has_the_turn(two):
    for _ in mlcore.train(mlcore.Network((5, 3)), blobs(), epochs=2):
        assert blas_threads() == {2}


def test_a_training_in_a_thread_has_one_too_where_another_thread_set_the_number_before(two):
    held, thread = started()
    ended(held, thread)
    assert held.seen == [{1}, {1}]
    assert blas_threads() == {2}


def test_a_training_that_fails_gives_them_back(two):
    class Broken(Held):
        def step(self, net, D):
            raise MemoryError

    with pytest.raises(MemoryError):
        list(mlcore.train(mlcore.Network((5, 3)), blobs(), Broken()))
    assert blas_threads() == {2}


class Library:
    """A BLAS as threadpoolctl shows it, which notes what it is told."""

    def __init__(self, internal_api="openblas", threading_layer="pthreads", threads=4):
        self.internal_api, self.threading_layer, self.num_threads, self.told = internal_api, threading_layer, threads, []

    def set_num_threads(self, threads):
        self.told.append(threads)
        self.num_threads = threads


class Controlled(Library):
    """One that obeys a single thread until that lets go, as threadpoolctl from 3.7 on."""

    held = True

    def clear_controlling_thread(self, force):
        assert force
        self.told.append("let go")
        self.held = False

    def set_num_threads(self, threads):
        assert not self.held
        super().set_num_threads(threads)
        self.held = True


@pytest.mark.parametrize("library", [Library(), Library("openblas", "openmp"), Library("mkl", "openmp"), Library("blis", "pthreads", 1)])
def test_within_one_another_the_first_in_sets_one_and_the_last_out_gives_back(monkeypatch, library):
    monkeypatch.setattr("mlcore.threads._libraries", lambda: (library,))
    before = library.num_threads
    with OneThread():
        assert library.told == [1]
        with OneThread(), OneThread():
            assert library.num_threads == 1
        assert library.told == [1]
    assert library.told == [1, before] == [1, library.num_threads]
    with OneThread():
        assert library.told == [1, before, 1]
    assert library.told == [1, before, 1, before]


@pytest.mark.parametrize("internal_api, threading_layer, own", [
    ("openblas", "openmp", True), ("openblas", "pthreads", False), ("mkl", "openmp", False),
])
def test_only_openblas_on_openmp_has_a_number_for_each_thread(monkeypatch, internal_api, threading_layer, own):
    library = Library(internal_api, threading_layer)
    monkeypatch.setattr("mlcore.threads._libraries", lambda: (library,))

    def other():
        with OneThread():
            pass

    with OneThread():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)
        # What one number is for all stays at 1 until this thread is out; a number of its own was set and given back.
        assert library.told == ([1, 1, 1] if own else [1])


def test_a_library_that_obeys_another_thread_is_let_go_before_and_after(monkeypatch):
    library = Controlled()
    monkeypatch.setattr("mlcore.threads._libraries", lambda: (library,))
    with OneThread():
        assert library.told == ["let go", 1, "let go"]
    assert library.told == ["let go", 1, "let go", "let go", 4, "let go"] and not library.held
