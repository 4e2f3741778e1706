"""Work on the disk that nobody waits for: one thread does it a moment later; of several changes of a thing one is written."""

import atexit
import threading


class Writer:
    """Jobs by owner and name. `soon` seconds pass between the first and the writing; what is of one owner is done in order."""

    def __init__(self, soon, after=lambda: None):
        self._soon, self._after = soon, after
        self._jobs, self._some = {}, threading.Condition()
        self._busy, self._thread = {}, None
        atexit.register(self.finish)

    def put(self, owner, name, made):
        """made(the job that waits under this name, or None) → the job to wait in its place: something to call."""
        with self._some:
            jobs = self._jobs.setdefault(owner, {})
            jobs[name] = made(jobs.get(name))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True, name="writer")
                self._thread.start()
            self._some.notify()

    def alone(self, owner):
        """A lock of this owner: while it is held nothing of the owner is written."""
        with self._some:
            if len(self._busy) > 10_000:
                self._busy = {one: lock for one, lock in self._busy.items() if lock.locked()}
            return self._busy.setdefault(owner, threading.RLock())

    def finish(self, owner=None):
        """Do now what waits of this owner, or of all."""
        for one in [owner] if owner else list(self._jobs):
            with self.alone(one):
                for job in self.discard(one).values():
                    job()

    def discard(self, owner):
        """Take away what waits of this owner → {name: job}."""
        with self._some:
            return self._jobs.pop(owner, {})

    def _work(self):
        while True:
            with self._some:
                self._some.wait_for(lambda: self._jobs)
            threading.Event().wait(self._soon)
            self.finish()
            self._after()
