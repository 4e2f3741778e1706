"""What a visitor comes back to, on disk: small records in JSON and networks in .npz, a folder a visitor in the user's cache folder.

A folder is named by a hash of the visitor's token, and each record is signed with the token: what the app did not write itself is left out.
One thread writes. Nothing of Streamlit here.
"""

import contextlib
import hashlib
import hmac
import io
import json
import os
import re
import stat
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import mlcore
from mlcore import fetching
from ui.text import NAME, one_line
from ui.visitor import DAYS
from ui.visits import servers
from ui.visits.writer import Writer

VERSION = 1
MOST_VISITS = 1000
LARGEST_MB, ALL_MB = 64, 2000  # on disk: of one visit, and of all
LARGEST_RECORD = 2 * 2**20  # bytes
SOON = 0.5  # seconds that a change waits for the next, which often takes its place
SWEEP = 600.0  # seconds between two looks at what is too old or too much

_VISIT = re.compile(r"[0-9a-f]{32}")
_OURS = re.compile(r"[a-z]+(-[0-9a-f]{16})?\.(json|npz)(\w*\.part)?")
_forgotten, _swept = {}, [float("-inf")]


def root():
    """The folder of all visits."""
    return Path(fetching.cache()) / "visits"


class Visit:
    """The things of one visitor. Names are a word, or a word and the `tag` of something: "drawing", "network-0123456789abcdef".

    said: what there is to tell the visitor, each sentence once. gone: whether the folder went away since it was last written.
    """

    def __init__(self, token):
        self.name, self._key = hashlib.sha256(f"visit {token}".encode()).hexdigest()[:32], token.encode()
        self.folder = root() / self.name
        self.said, self.gone, self._written = [], False, False
        self.forgotten = _forgotten.get(self.name, 0)

    @property
    def out_of_date(self):
        """Whether the visitor was forgotten since this object was made, here or in another tab."""
        return _forgotten.get(self.name, 0) != self.forgotten

    def exists(self):
        """Whether there is anything; from now on it counts as new. What waits to be written is written first."""
        _writer.finish(self.name)
        with contextlib.suppress(OSError):
            os.utime(self.folder)
            self._written = True
        return self._written

    def names(self, word):
        """The names of the records that begin with this word."""
        with contextlib.suppress(OSError):
            return sorted(path.stem for path in self.folder.glob(f"{word}-*.json") if _OURS.fullmatch(path.name))
        return []

    def read(self, name):
        """The record of this name; {} where there is none that the app has written for this visitor."""
        try:
            found = json.loads(_bytes(self.folder / f"{name}.json", LARGEST_RECORD))
            body, signature = found["record"], self._signature(name, json.dumps(found["record"], sort_keys=True))
            signed = found["version"] == VERSION and hmac.compare_digest(found["signature"], signature)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return {}
        return body if signed and isinstance(body, dict) else {}

    def load(self, name, digest=None):
        """The network of this name, if its file has this SHA-256 (None: any). ValueError or OSError where it cannot be had."""
        data = _bytes(self.folder / f"{name}.npz", LARGEST_MB * 2**20)
        if digest is not None and hashlib.sha256(data).hexdigest() != digest:
            raise ValueError("the file of this network was changed")
        return mlcore.load(io.BytesIO(data))

    def file(self, name):
        """The path of the file of a network, for somebody else to write or read."""
        return self.folder / f"{name}.npz"

    def size(self, name):
        """The bytes of the file of a network; None where there is none."""
        with contextlib.suppress(OSError):
            found = os.lstat(self.file(name))
            return found.st_size if stat.S_ISREG(found.st_mode) else None

    def change(self, name, change, network=None, replaces=False):
        """Soon the record of this name will be what change(the record) gives, with its network beside it if there is one.

        replaces: change does not look at what was there, so that one that still waits need not be made.
        """

        def made(waiting):
            before = waiting or _Job(self, name)
            changes = [change] if replaces else [*(before.changes or [_nothing] * (waiting is not None)), change]
            return _Job(self, name, changes, network or before.network)

        _writer.put(self.name, name, made)

    def remove(self, name):
        """Soon there will be nothing of this name."""
        _writer.put(self.name, name, lambda waiting: _Job(self, name))

    def make(self):
        """Make the folder. OSError where that cannot be."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            self.folder.parent.chmod(0o700)
        with contextlib.suppress(FileExistsError):
            self.folder.mkdir(0o700)

    def forget(self):
        """Delete everything, on disk and in what waits to be written; other objects of this visit become out of date."""
        with _writer.alone(self.name):
            _writer.discard(self.name)
            self.forgotten = _forgotten[self.name] = _forgotten.get(self.name, 0) + 1
            _delete(self.folder)
        self._written = False

    def _signature(self, name, text):
        return hmac.new(self._key, f"{VERSION} {name} {text}".encode(), hashlib.sha256).hexdigest()

    def write(self, name, changes, network=None):
        """Make these changes to a record now, one after the other, or delete it (None). OSError as the disk does, or ValueError."""
        if self._written and not self.folder.is_dir():
            self.gone = True
        if changes is None:
            for kind in ("json", "npz"):
                (self.folder / f"{name}.{kind}").unlink(missing_ok=True)
            return
        self.make()
        body = self.read(name)
        for change in changes:
            body = change(body)
        if network is not None:
            data = io.BytesIO()
            mlcore.save(network, data)
            data = data.getvalue()
            body = body | {"digest": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            self._make_room(len(data), name)
            _put(self.file(name), data)
        text = json.dumps(body, sort_keys=True)
        record = f'{{"version": {VERSION}, "signature": "{self._signature(name, text)}", "record": {text}}}'.encode()
        if len(record) > LARGEST_RECORD:
            raise ValueError(f"{name} takes {len(record)} bytes")
        _put(self.folder / f"{name}.json", record)
        self._written = True

    def _make_room(self, more, name):
        """The oldest networks go where there would be too much. OSError for one that is too much alone."""
        if more > LARGEST_MB * 2**20 // 2:
            raise OSError(0, "it is too large")
        files = sorted((path for path in self.folder.iterdir() if _OURS.fullmatch(path.name)), key=_changed)
        sizes = {path: _size(path) for path in files}
        for path in files:
            if more + sum(sizes.values()) <= LARGEST_MB * 2**20:
                return
            if path.suffix == ".npz" and path.stem != name:
                called = self.read(path.stem).get("name")
                path.unlink(missing_ok=True)
                path.with_suffix(".json").unlink(missing_ok=True)
                sizes.pop(path)
                if called:
                    self.said.append(f"Only {LARGEST_MB} MB are kept: “{called}” will be gone after this visit unless you download it.")


def _nothing(record):
    return {}


class _Job(NamedTuple):
    """Something to be written, or with changes None to be deleted."""

    visit: Visit
    name: str
    changes: list | None = None
    network: mlcore.Network | None = None

    def __call__(self):
        try:
            if not self.visit.out_of_date:
                self.visit.write(self.name, self.changes, self.network)
        except (OSError, ValueError, TypeError, MemoryError) as error:
            why = one_line(getattr(error, "strerror", None) or error, NAME)
            said = f"Your work cannot be kept after this visit ({why}): download what you want to keep."
            if said not in self.visit.said:
                self.visit.said.append(said)


def tag(id):
    """A name's second part, for something with this id."""
    return hashlib.sha256(str(id).encode()).hexdigest()[:16]


def _bytes(path, most):
    """The contents of a regular file of at most so many bytes. OSError for anything else, ValueError where it is larger."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, f"{path.name} is not a file")
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{path.name} is larger than it should be")
    return data


def _put(path, data):
    """The old file stays until the new one is complete."""
    handle, part = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _changed(path):
    with contextlib.suppress(OSError):
        return path.lstat().st_mtime
    return 0.0


def _size(path):
    with contextlib.suppress(OSError):
        return path.lstat().st_size
    return 0


def _delete(folder):
    """Delete a visit's folder with what is ours in it; anything else stays."""
    for path in [] if folder.is_symlink() else _files(folder):
        if _OURS.fullmatch(path.name):
            with contextlib.suppress(OSError):
                path.unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()


def sweep():
    """Delete the visits that are too old, then the oldest of what is too many or too much."""
    try:
        folders = [path for path in root().iterdir() if _VISIT.fullmatch(path.name) and path.is_dir() and not path.is_symlink()]
    except OSError:
        return
    folders.sort(key=_changed, reverse=True)
    room = ALL_MB * 2**20
    for count, folder in enumerate(folders):
        room -= sum(map(_size, _files(folder)))
        if count >= MOST_VISITS or room < 0 or time.time() - _changed(folder) > 86_400 * DAYS:
            with _writer.alone(folder.name):
                _delete(folder)
    servers.bury(root())


def _files(folder):
    with contextlib.suppress(OSError):
        return list(folder.iterdir())
    return []


def _sometimes():
    if time.monotonic() - _swept[0] >= SWEEP:
        _swept[0] = time.monotonic()
        sweep()


_writer = Writer(SOON, _sometimes)
