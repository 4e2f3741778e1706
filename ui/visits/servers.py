"""Which server processes live: each holds a lock on a file of its name, and the system lets go of it however the process ends."""

import contextlib
import os
import re
import secrets

try:
    import fcntl
except ImportError:  # Windows, where every other server counts as ended
    fcntl = None

_NAME = re.compile(r"[0-9a-f]{16}")
_mine = secrets.token_hex(8)
_held = {}


def own(folder):
    """The name of this process; its lock is in this folder from now on."""
    if fcntl is not None and folder not in _held:
        with contextlib.suppress(OSError):
            handle = _held[folder] = os.open(_path(folder, _mine), os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return _mine


def alive(folder, name):
    """Whether the process of this name still runs; the file of one that does not is deleted."""
    if name == _mine:
        return True
    if fcntl is None or not _NAME.fullmatch(str(name)):
        return False
    try:
        handle = os.open(_path(folder, name), os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(_path(folder, name))
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def bury(folder):
    """Delete the files of processes that have ended."""
    with contextlib.suppress(OSError):
        for path in list(folder.glob("*.lock")):
            alive(folder, path.stem)


def _path(folder, name):
    return folder / f"{name}.lock"
