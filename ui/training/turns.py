"""Who computes and who waits: the runs of all visitors take turns on the cores.

Only `runs` changes anything through this module, which asks nobody for a token.
"""

import heapq
import math
import threading
import time

from ui.training import needs
from ui.training.cores import cores
from ui.training.process import Process
from ui.training.run import COMPUTING, lock

AT_ONCE = cores()
SLICE, LOADING = 3.0, 15.0  # seconds of a turn, where others wait, and at most of loading the data before it
UNWATCHED, AWAY = 600.0, 3600.0  # seconds without their visitor, until a run pauses, and until its process is given back
STOP_WITHIN = 0.4
MARGIN = 2  # how wrong the estimate may be of a training that was let in

clock = time.monotonic
changed = threading.Condition(lock)
runs, _waiting = {}, []  # all, by id; those who wait, in the order of their turns


def place(run):
    """The place in the queue, counted from 1; 0 where it waits for another of its visitor's, or not at all."""
    with lock:
        line = _line()
        return line.index(run) + 1 if run in line else 0


def wait(run):
    """Seconds until the turn of a run that has a place in the queue, about."""
    with lock:
        now, line = clock(), _line()
        free = [min(max(0.0, SLICE - (now - other.turn)), _left(other)) for other in _computing()]
        free += [0.0] * (AT_ONCE - len(free))
        heapq.heapify(free)
        for other in line[: line.index(run)] if run in line else ():
            heapq.heapreplace(free, free[0] + min(SLICE, _left(other)) + (0.0 if other.process else needs.speed.beginning))
        return free[0]


def crowd(more=0):
    """How many times longer than it computes a training takes, for those and so many more who want to compute now: 1 where none waits."""
    with lock:
        return max(1.0, (len(_computing()) + len(_line()) + more) / AT_ONCE)


def _left(run):
    left = needs.seconds(run.spec) if run.time_left is None else run.time_left
    return math.inf if left is None else left


def _computing():
    return [run for run in runs.values() if run.status in COMPUTING]


def _line():
    """Those who wait for a core: of each visitor the first, and none beside one that computes."""
    line, owners = [], {run.owner for run in _computing()}
    for run in _waiting:
        if run.owner not in owners:
            owners.add(run.owner)
            line.append(run)
    return line


def enqueue(run):
    """Let a run wait for its turn, behind all others."""
    run.status = "queued"
    _waiting.append(run)
    _next()


def _next():
    """Give free cores to those who wait."""
    while (line := _line()) and len(_computing()) < AT_ONCE:
        run = line[0]
        _waiting.remove(run)
        run.turn, run.yields, run.shared = clock(), False, False
        if run.process:
            run.status = "running" if run.instances else "starting"
            _tell(run, run.wish)
            continue
        run.status = "starting"
        try:
            run.process = Process(run.spec, run.checkpoint, lambda *frame, run=run: _hear(run, *frame), lambda run=run: _gone(run))
        except OSError as error:
            run.message = f"Its process could not be started ({error.strerror}); try again in a minute."
            _end(run, "failed")
            continue
        if run.wish == "one_epoch":
            _tell(run, run.wish)
    changed.notify_all()


def _tell(run, command):
    run.commands += 1
    run.process.tell(run.commands, command)


def _end_turn(run, again=False):
    """Its core is free; what else its visitor has waits behind the others, the run itself, if it is to go on, before that."""
    run.turn = None
    own = [run] * again + [other for other in _waiting if other.owner == run.owner]
    _waiting[:] = [other for other in _waiting if other.owner != run.owner] + own
    run.shared = again
    if again:
        run.status = "queued"
    _next()


def _yield(run):
    """Others wait: it pauses, and goes on at its next turn."""
    _tell(run, "yield")
    if run.status == "starting":  # it answers when its data are loaded, perhaps fetched: the others do not wait for that
        _end_turn(run, again=True)
    else:
        run.yields = True


def pause(run, message=""):
    """Hold a run where it is."""
    if run in _waiting:
        _waiting.remove(run)
        run.status, run.message = "paused", message
    elif run.status in COMPUTING:
        run.yields, run.message = False, message
        _tell(run, "pause")
        if run.status == "starting":
            run.status = "paused"
            _end_turn(run)


def stop(run, message):
    """Ask a run to end; `cut` it where it takes too long."""
    if run.over:
        return
    run.message = message
    if run in _waiting:
        _waiting.remove(run)
    if run.process:
        run.stop_by = clock() + STOP_WITHIN
        _tell(run, "stop")
    else:
        _end(run, "stopped")


def cut(run):
    """End a run that does not answer."""
    run.process.hang_up()
    _end(run, "stopped")


def _end(run, status):
    if run.effort:
        needs.speed.learn(run.spec, run.effort)
    run.end(status)
    _end_turn(run)


def _hear(run, kind, value):
    """A frame from the process of a run."""
    with lock:
        if run.over:
            return
        if kind != "status":
            return run.hear(kind, value)
        status, message, number = value
        run.message = message or run.message
        if status not in ("running", "paused", "yielded"):
            _end(run, status)
        elif run.status in COMPUTING and number == run.commands:  # else it answers what is no longer asked
            if status != "running":
                run.status = "paused"
                _end_turn(run, again=status == "yielded")
            else:
                if run.status == "starting":
                    needs.speed.began(clock() - run.turn)
                    run.turn = clock()
                run.status = "running"
        changed.notify_all()


def _gone(run):
    """Its process has ended."""
    with lock:
        if not run.over:
            run.message = "Its process ended unexpectedly. Start it again; fewer or smaller layers take less memory."
            _end(run, "failed")


def tick():
    """What time brings: the ends of turns, and of patience with those who are away."""
    with lock:
        now = clock()
        for run in list(runs.values()):
            away = now - run.seen
            if run.over:
                if away > AWAY:
                    del runs[run.id]
            elif run.stop_by is not None:
                if now > run.stop_by:
                    cut(run)
            elif run.status == "paused":
                if away > AWAY:
                    stop(run, "It was stopped because you were away for an hour while it was paused; its network is kept.")
            elif away > UNWATCHED:
                pause(run, "It was paused because nobody had watched it for ten minutes. Resume goes on where it stands.")
            elif run.spent > MARGIN * run.longest:
                stop(run, f"It was stopped after {needs.duration(run.spent)} of computing, the most allowed; its network is kept.")
        most = {"running": SLICE, "starting": LOADING}
        turns = sorted((run for run in _computing() if not run.yields and now - run.turn >= most[run.status]), key=lambda run: run.turn)
        for run in turns[: max(0, len(_line()) - sum(run.yields for run in _computing()))]:
            _yield(run)
