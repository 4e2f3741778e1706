"""Training runs of all visitors: each a process of its own, so that a page never waits for a training; as many compute as there are cores.

Where more want to, they take turns: after a slice of computing a run waits again, its visitor last of all. A visitor has one run that
computes and two that wait. Nobody's run is ended for another's sake; who has been away for long gives its process back.

It knows nothing of Streamlit: a page asks for a run by its id, which is a name and may stand in a link, and reads. What changes a run
takes the visitor's token, and raises PermissionError for a run of another's.
"""

import atexit
import hashlib
import threading
import time

from ui.training import needs, turns
from ui.training.process import LAST_WORDS
from ui.training.run import COMPUTING, Run, lock

MOST_OWN, MOST_OVER = 3, 8  # of a visitor: runs that are not over, and such as are
MOST_MB = 2500  # of all processes that there are or will be
MOST_KEPT = 300  # of all visitors' runs that are over
TICK = 0.1

_numbers, _clockwork = {}, None  # of the visitors; the thread that watches the time


def start(spec, owner, one_epoch=False, checkpoint=None, instructor=False):
    """Queue a training of spec, of its first epoch only or to the end → Run. ValueError, in one sentence, where that is too much.

    owner: the visitor's token. checkpoint: the path of a file for its network, see `Checkpoint`, or None.
    """
    if complaint := needs.too_long(spec, instructor):
        raise ValueError(complaint)
    with lock:
        own, alive = of(owner), [run for run in turns.runs.values() if not run.over]
        if sum(not run.over for run in own) >= MOST_OWN:
            raise ValueError(f"You already have {MOST_OWN} trainings under way; stop one of them first.")
        if sum(needs.megabytes(run.spec) for run in alive) + needs.megabytes(spec) > MOST_MB:
            raise ValueError("The trainings under way fill all the memory there is for them; try again in a few minutes.")
        _forget([run for run in own if run.over], MOST_OVER - 1)
        _forget(sorted((run for run in turns.runs.values() if run.over), key=lambda run: run.seen), MOST_KEPT - 1)
        who = _fingerprint(owner)
        number = _numbers.setdefault(who, len(_numbers) + 1)
        run = Run(spec, who, number, checkpoint, "one_epoch" if one_epoch else "resume", needs.longest(instructor))
        turns.runs[run.id] = run
        seen(owner)
        turns.enqueue(run)
    _keep_time()
    return run


def get(id):
    """The run with this id, or None."""
    return turns.runs.get(id)


def of(token):
    """The runs of the visitor with this token, the oldest first."""
    who = _fingerprint(token)
    with lock:
        return [run for run in turns.runs.values() if run.owner == who]


def everyones():
    """All runs, the oldest first."""
    with lock:
        return list(turns.runs.values())


def belongs(run, token):
    """Whether the visitor with this token started it."""
    return run.owner == _fingerprint(token)


def seen(token):
    """This visitor is here, and what they started goes on."""
    for run in of(token):
        run.seen = turns.clock()


def pause(run, token):
    """Hold the training where it is; what waits takes its turn. Nothing is lost."""
    with lock:
        _check(run, token)
        turns.pause(run)
        turns.changed.wait_for(lambda: run.status not in COMPUTING, turns.STOP_WITHIN)


def resume(run, token, one_epoch=False):
    """Go on, for one epoch or to the end, as soon as there is a turn."""
    with lock:
        _check(run, token)
        if run.status == "paused":
            run.wish, run.message = "one_epoch" if one_epoch else "resume", ""
            turns.enqueue(run)


def stop(run, token, instructor=False):
    """End the training; its network stays as it is. The instructor may end anybody's."""
    with lock:
        _check(run, token, instructor)
        turns.stop(run, "" if belongs(run, token) else "The instructor stopped it.")
        if not turns.changed.wait_for(lambda: run.over, turns.STOP_WITHIN):
            turns.cut(run)


def leave(run, token):
    """End the training for good: once this returns nobody finds it, and its process writes nothing any more."""
    want(run, token, False)
    stop(run, token)
    if run.process:
        run.process.hang_up()
        run.process.wait(LAST_WORDS)
    with lock:
        turns.runs.pop(run.id, None)


def want(run, token, wanted):
    """Whether the owner wants the network of this run kept; what others want of it changes nothing."""
    if belongs(run, token):
        run.unwanted = not wanted


def _forget(ended, most):
    """Of runs that are over, keep the last ones."""
    for run in ended[: max(0, len(ended) - most)]:
        del turns.runs[run.id]


def _fingerprint(token):
    """What tells a visitor's runs from others' and gives no right to them."""
    return hashlib.sha256(token.encode()).hexdigest()


def _check(run, token, instructor=False):
    if not (instructor or belongs(run, token)):
        raise PermissionError("This is another visitor's training; press Start for one of your own.")


def _tick_on():
    while True:
        time.sleep(TICK)
        turns.tick()


def _keep_time():
    global _clockwork
    with lock:
        if _clockwork is None or not _clockwork.is_alive():
            _clockwork = threading.Thread(target=_tick_on, daemon=True, name="turns of the trainings")
            _clockwork.start()


@atexit.register
def _end_all():
    left, until = [run.process for run in list(turns.runs.values()) if run.process], time.monotonic() + LAST_WORDS
    for process in left:
        process.hang_up()
    for process in left:
        process.wait(until - time.monotonic())
