"""Full MNIST and Fashion-MNIST from the net: several mirrors in turn, checked by SHA-256, kept in a cache, resumed where it was cut."""

import contextlib
import os

from . import validate

FILES = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
MIRRORS = {
    "mnist": (
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ),
    "fashion": (
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
}
SHA256 = {
    "mnist": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
    "fashion": (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
}
CACHE = "BACKPROP_LAB_CACHE"
TIMEOUT = 15.0  # seconds without an answer, or with less than SLOWEST bytes a second, until the next mirror is tried
SLOWEST = 1000
LARGEST = 64 * 2**20  # bytes of a file; the largest one has half as many
TRIES = 3  # of one mirror that cuts the connection
BLOCK = 1 << 16


def cache() -> str:
    """The user's cache folder for the app, or the one that the environment variable BACKPROP_LAB_CACHE names. ImportError without pooch."""
    try:
        import pooch
    except ImportError:
        raise validate.absent("fetching a data set", "pooch", "data") from None
    return os.path.expanduser(os.environ.get(CACHE) or pooch.os_cache("backprop-lab"))


def fetch(name):
    """The paths of the four gzipped IDX files of "mnist" or "fashion", fetched where they are not in the cache.

    They are kept in the `cache`. Progress is shown where the error stream is a terminal. Raises ImportError without pooch, OSError where a
    file can be had from no mirror or the cache cannot be written.
    """
    folder = os.path.join(cache(), name)
    import pooch  # which cache has found

    mirrors, paths = list(MIRRORS[name]), []
    for file, sha256 in zip(FILES, SHA256[name]):
        path = os.path.join(folder, file)
        if not (os.path.isfile(path) and pooch.file_hash(path) == sha256):
            with _alone_with(path):
                _from_any(mirrors, name, file, sha256, folder)
        paths.append(path)
    return paths


@contextlib.contextmanager
def _alone_with(path):
    """While no other process is; one that is killed lets go. Raises OSError where the folder cannot be written."""
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, exist_ok=True)
        lock = os.open(path + ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise OSError(f"{validate.short(folder, 100)} cannot be written ({error.strerror}); set {CACHE} to another folder") from None
    try:
        _wait_for(lock)
        yield
    finally:
        os.close(lock)


def _wait_for(lock):
    try:
        import fcntl
    except ImportError:  # Windows, which gives up after ten seconds
        import msvcrt

        while True:
            with contextlib.suppress(OSError):
                return msvcrt.locking(lock, msvcrt.LK_LOCK, 1)
    with contextlib.suppress(OSError):  # a file system without locks: the checksum still guards the file
        fcntl.flock(lock, fcntl.LOCK_EX)


def _from_any(mirrors, name, file, sha256, folder):
    """Put file into folder from the first mirror that has it; mirrors that fail go to the end of the list."""
    from http.client import HTTPException

    import pooch

    part = os.path.join(folder, file + ".part")

    def download(url, output_file, _):
        _download_in_parts(url, part)
        os.replace(part, output_file)

    for mirror in tuple(mirrors):
        again = True
        while again:
            again = os.path.exists(part)
            try:
                with _less_talk(pooch.get_logger()):
                    return pooch.retrieve(mirror + file, f"sha256:{sha256}", file, folder, downloader=download)
            except (OSError, HTTPException) as error:
                reason, again = getattr(error, "reason", None) or error, False
                reason = getattr(reason, "strerror", None) or reason
            except ValueError:  # the checksum; the bytes that were there before may be to blame, so once more without them
                reason = "other bytes than expected"
        mirrors.append(mirrors.pop(mirrors.index(mirror)))
    raise OSError(
        f"no mirror of {name} gave {file} ({validate.short(reason, 30)}); connect to the internet, "
        'use "digits", or name a folder of the files (folder=…)'
    )


@contextlib.contextmanager
def _less_talk(logger):
    """The bar says what pooch would announce with three lines a file."""
    level = logger.level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(level)


def _download_in_parts(url, part):
    """Download url into part; after a cut connection go on where it stands."""
    for left in reversed(range(TRIES)):
        try:
            return _download(url, part)
        except ConnectionError:
            if not left:
                raise


def _download(url, part):
    """Add to the file part what is missing of url: only the rest where the server can give a range, else all of it.

    Raises ConnectionError when the connection was cut after some bytes, other OSErrors or HTTPException when there is nothing to hope for.
    """
    import time
    from http.client import IncompleteRead
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    have = os.path.getsize(part) if os.path.exists(part) else 0
    request = Request(url, headers={"User-Agent": "backprop-lab"} | ({"Range": f"bytes={have}-"} if have else {}))
    try:
        answer = urlopen(request, timeout=TIMEOUT, context=_certificates(url))
    except HTTPError as error:
        error.close()
        if have and error.code == 416:  # nothing is missing
            return
        raise
    with answer:
        rest = answer.status == 206
        if rest and not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            raise OSError("the server sent another range than asked")
        have = have if rest else 0
        total = None if answer.length is None else have + answer.length
        if total is not None and total > LARGEST:
            raise OSError("more bytes than expected")
        with open(part, "ab" if rest else "wb") as file, _bar(url, have, total) as bar:
            since, at = time.monotonic(), have
            while block := _read(answer, IncompleteRead):
                file.write(block)
                bar.update(len(block))
                have += len(block)
                if have > LARGEST:
                    raise OSError("more bytes than expected")
                if (seconds := time.monotonic() - since) > TIMEOUT:
                    if have - at < SLOWEST * seconds:
                        raise TimeoutError("too slow")
                    since, at = time.monotonic(), have
    if total is not None and have < total:
        raise ConnectionError("the connection was cut")


def _read(answer, IncompleteRead):
    try:
        return answer.read1(BLOCK)
    except IncompleteRead:
        raise ConnectionError("the connection was cut") from None


def _certificates(url):
    """The machine's certificates and certifi's, which comes with pooch: some Pythons know none."""
    if not url.startswith("https:"):
        return None
    import ssl

    context = ssl.create_default_context()
    with contextlib.suppress(ImportError):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


class _NoBar(contextlib.nullcontext):
    def __enter__(self):
        return self

    def update(self, n):
        pass


def _bar(url, have, total):
    import sys

    try:
        import tqdm
    except ImportError:
        return _NoBar()
    hidden = not (sys.stderr and sys.stderr.isatty())
    return tqdm.tqdm(desc=url.rpartition("/")[2], initial=have, total=total, unit="B", unit_scale=True, disable=hidden)
