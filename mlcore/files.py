"""Networks in files: .npz without pickles, versioned, checked entry by entry before anything is believed."""

from __future__ import annotations

import contextlib
import math
import os
import stat
import struct
import tokenize
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from . import limits, validate
from .network import Network

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    File = str | os.PathLike[str] | BinaryIO

FORMAT, VERSION = "backprop-lab network", 1
# The header of a network is a few hundred bytes and what its info holds; what NumPy writes before an array is 118.
LARGEST_HEADER, LARGEST_DESCRIPTION = 2**18, 1024
# Read at a time; the directory of a network's archive, with the longest comment that a zip file may have, fits.
BLOCK = 2**17
# Of a zip file: stored and deflated, the bit of an encrypted member, the bytes before a member's name.
PACKINGS, ENCRYPTED, LOCAL_HEADER = (0, 8), 1, 30

# What a damaged file makes the readers of zip, .npy and JSON raise, beside ValueError.
UNREADABLE = (
    zlib.error, struct.error, EOFError, KeyError, IndexError, TypeError, NotImplementedError, RuntimeError, OverflowError,
    OSError, SyntaxError, tokenize.TokenError,
)


def save(net: Network, file: File) -> None:
    """Write net to a path or a binary file object. On disk the old file stays until the new one is complete.

    Weights that float16 holds exactly are stored in it, in half the space; they come back in the net's own dtype. Raises ValueError for
    what could not be loaded again: weights that are not finite, a network larger than `limits` allow, anything but texts, numbers and
    None in net.info, or more than 256 KB of them. OSError as the disk does.
    """
    limits.check_size(net.sizes)
    if not all(np.isfinite(layer.theta).all() for layer in net.layers):
        raise ValueError("the network has weights that are NaN or infinite, and could not be loaded again; nothing was saved")
    stored = narrowest(net)
    arrays: dict[str, Any] = {"header": _header(net, stored)}
    arrays |= {f"theta_{l}": layer.theta.astype(stored, copy=False) for l, layer in enumerate(net.layers)}
    with writing(file) as f:
        np.savez_compressed(f, **arrays)


@contextlib.contextmanager
def writing(file: File) -> Iterator[Any]:
    """A binary file object to write to: file itself if it is one, else for its path; there the old file stays until the new is complete."""
    if hasattr(file, "write") and hasattr(file, "read"):
        yield file
        return
    if hasattr(file, "write"):  # NumPy would not take it for a file
        whole = BytesIO()
        yield whole
        file.write(whole.getvalue())
        return
    import tempfile

    path = os.path.realpath(file)  # through a link, which stays one
    if os.path.exists(path) and not os.path.isfile(path):  # a device or a pipe, not to be replaced by a file
        with open(path, "wb") as f:
            yield f
        return
    folder, name = os.path.split(path)
    handle, part = tempfile.mkstemp(prefix=name, suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "wb") as f:
            yield f
            f.flush()
            os.fsync(f.fileno())
        os.chmod(part, 0o644)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)
        raise


def _check_info(info: dict[str, Any]) -> None:
    for key, value in info.items():
        try:
            number = isinstance(value, (int, float)) and math.isfinite(value)
        except OverflowError:
            number = False
        if not isinstance(key, str) or not (value is None or isinstance(value, str) or number):
            raise ValueError(f"net.info has {validate.shown(key)}: {validate.shown(value)}, expected texts, finite numbers or None")


def narrowest(net: Network) -> str:
    """The name of the dtype to store net's weights in: float16 if that loses no bit of any, else net's own."""
    with np.errstate(over="ignore"):
        exact = all((layer.theta.astype(np.float16) == layer.theta).all() for layer in net.layers)
    return "float16" if exact else net.dtype.name


def _header(net: Network, stored: str) -> np.ndarray:
    import json

    _check_info(net.info)
    header = {"format": FORMAT, "version": VERSION, "sizes": net.sizes, "hidden": net.hidden, "output": net.output, "dtype": net.dtype.name}
    if stored != header["dtype"]:
        header["stored"] = stored
    text = json.dumps(header | {"info": net.info}).encode()
    if len(text) > LARGEST_HEADER:
        raise ValueError(f"net.info takes {len(text):,} bytes, more than {LARGEST_HEADER:,}; leave some of it out")
    return np.frombuffer(text, np.uint8)


def load(file: File) -> Network:
    """Read a network from a path or a binary file object → Network, equal bit for bit to the one saved.

    Raises ValueError, in one sentence of at most 200 characters, for a file that is damaged, of another kind or version, larger than
    `limits` allow, whose arrays are not what its header claims, or that holds pickled objects, and for what is no file: a folder, a
    pipe, a device. Nothing in it is executed, and no memory taken before the sizes are checked. FileNotFoundError for a path that is
    not there.
    """
    try:
        with reading(file) as f:
            return _read(f)
    except ValueError as error:
        raise ValueError(f"this is not a network file that can be loaded: {error}") from None


@contextlib.contextmanager
def reading(file: File) -> Iterator[BinaryIO]:
    """A binary file object to read from: file itself if it is one, else for its path. Raises ValueError for a folder, a pipe, a device."""
    if hasattr(file, "read"):
        yield cast("BinaryIO", file)
        return
    if not stat.S_ISREG(os.stat(file).st_mode):
        raise ValueError("it is a folder, a pipe or a device, expected a file")
    # Should a pipe have come into its place since, it is not waited for.
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as f:
        yield f


class Unpacked:
    """What is in a file, unpacked if it is gzipped, as much of it as is asked for; of several gzipped members the first."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.block = file, file.read(BLOCK)
        self.gzip = zlib.decompressobj(wbits=31) if self.block[:2] == b"\x1f\x8b" else None

    def read(self, n: int) -> bytes:
        """Up to n bytes, none at the end. Raises zlib.error for a damaged gzip file."""
        while self.block or self.gzip:
            if self.gzip is None:
                part, self.block = self.block[:n], self.block[n:] or self.file.read(BLOCK)
                return part
            if self.gzip.eof:
                break
            part = self.gzip.decompress(self.block, n)
            ended = not self.block
            self.block = self.gzip.unconsumed_tail or self.file.read(BLOCK)
            if part:
                return part
            if ended and not self.gzip.eof:
                raise zlib.error("cut short")
        return b""

    def whole(self, most: int) -> bytes:
        """All of it. Raises ValueError where that is more than so many bytes, and as read does."""
        parts, left = [], most
        while part := self.read(BLOCK):
            parts.append(part)
            left -= len(part)
            if left < 0:
                raise ValueError(f"it holds more than {most / 2**20:g} MB")
        return b"".join(parts)


class _InBlocks:
    """A file of which at most BLOCK bytes are read at a time, whatever size its directory claims to have."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def read(self, n: int = -1) -> bytes:
        return self.file.read(n if 0 <= n <= BLOCK else BLOCK)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


@contextlib.contextmanager
def _readable(what: str, *too: type[Exception]) -> Iterator[None]:
    """What the readers of zip, .npy and JSON say of a damaged file, as one sentence of ours."""
    import zipfile  # here, like json and tempfile: with what they bring along they take as long to import as all of mlcore

    said: tuple[type[Exception], ...] = (ValueError, zipfile.BadZipFile, *UNREADABLE, *too)
    try:
        yield
    except said:
        raise ValueError(f"{what} cannot be read") from None


def _read(file: BinaryIO) -> Network:
    import json
    import zipfile

    if not hasattr(file, "seek") or not getattr(file, "seekable", lambda: True)():
        raise ValueError(f"file is of type {type(file).__name__[:60]} and cannot be searched, expected one with seek")
    with _readable("its archive"):
        archive = zipfile.ZipFile(cast("BinaryIO", _InBlocks(file)))
    _check_members(archive)
    text = _array(archive, "header", np.dtype(np.uint8)).tobytes()
    with _readable("its header"):
        header: Any = json.loads(text)
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"it is not a {FORMAT} file")
    if header.get("version") != VERSION:
        raise ValueError(f"it has version {validate.shown(header.get('version'))}, this program reads version {VERSION}")
    if not {"sizes", "hidden", "output", "dtype", "info"} <= set(header):
        raise ValueError("its header does not describe a network")
    sizes, info = header["sizes"], header["info"]
    if not (isinstance(sizes, list) and all(type(s) is int for s in sizes) and len(sizes) > 1 and isinstance(info, dict)):
        raise ValueError("its header does not describe a network")
    _check_info(info)
    limits.check_size(sizes)
    net = Network(sizes, header["hidden"], header["output"], dtype=header["dtype"], init="zeros")
    net.info = info
    if sorted(archive.namelist()) != sorted(["header.npy", *(f"theta_{l}.npy" for l in range(len(net.layers)))]):
        raise ValueError("it holds other arrays than its header claims")
    stored = header.get("stored", net.dtype.name)
    if stored not in (net.dtype.name, "float16"):
        raise ValueError(f"its arrays are stored as {validate.shown(stored)}, expected {net.dtype.name!r} or 'float16'")
    for l, layer in enumerate(net.layers):
        layer.theta = _array(archive, f"theta_{l}", np.dtype(stored), layer.theta.shape)
    return net


def _check_members(archive: zipfile.ZipFile) -> None:
    """Raises ValueError for a member of the archive that is encrypted, otherwise packed than .npz files are, or in another member."""
    members = sorted(archive.infolist(), key=lambda member: member.header_offset)
    for member, next_start in zip(members, [*(member.header_offset for member in members[1:]), archive.start_dir]):
        if member.compress_type not in PACKINGS or member.flag_bits & ENCRYPTED:
            raise ValueError("it is encrypted or packed in another way than .npz files are")
        if member.header_offset + LOCAL_HEADER + member.compress_size > next_start:
            raise ValueError("the parts of its archive overlap")


def _array(archive: zipfile.ZipFile, name: str, dtype: np.dtype[Any], shape: tuple[int, ...] | None = None) -> np.ndarray:
    """One member of the archive, if it is an array of this dtype and shape (None: a vector). Its claims are checked before it is read."""
    with _readable(f"its array {name}"):
        stream = archive.open(name + ".npy")
        start = stream.read(10)
        described = stream.read(min(int.from_bytes(start[8:], "little"), LARGEST_DESCRIPTION))
    with _readable(f"its array {name}", MemoryError):  # which Python's parser raises for brackets in brackets
        if np.lib.format.read_magic(BytesIO(start)) != (1, 0) or b"L" in described:  # a number as Python 2 wrote it, of which NumPy warns
            raise ValueError
        found, fortran, found_dtype = np.lib.format.read_array_header_1_0(BytesIO(start[8:] + described))
    if found_dtype.hasobject:
        raise ValueError(f"its array {name} holds pickled objects, which are never loaded")
    if found_dtype != dtype or (len(found) != 1 or not 0 <= found[0] <= LARGEST_HEADER if shape is None else found != shape):
        expected = f"up to {LARGEST_HEADER:,} bytes" if shape is None else f"{dtype} {shape}"
        raise ValueError(f"its array {name} is {validate.shown(str(found_dtype), 30)} {validate.shown(found, 30)}, expected {expected}")
    data = np.empty(math.prod(found) * dtype.itemsize, np.uint8)
    at = 0
    with _readable(f"its array {name}"):
        while block := stream.read(BLOCK):
            data[at : at + len(block)] = np.frombuffer(block, np.uint8)
            at += len(block)
    if at != len(data):
        raise ValueError(f"its array {name} is cut short")
    return data.view(dtype).reshape(found, order="F" if fortran else "C")
