"""Networks in files: .npz without pickles, versioned, checked entry by entry before anything is believed."""

from __future__ import annotations

import contextlib
import math
import os
import reprlib
import struct
import tokenize
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from .network import Network

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator, Sequence

    File = str | os.PathLike[str] | BinaryIO

FORMAT, VERSION = "backprop-lab network", 1
LARGEST = 2**30
# A header of this format is a few hundred bytes; its limit keeps a forged one from being read at all.
LARGEST_HEADER = 2**20

# What a damaged file makes the readers of zip, .npy and JSON raise, beside ValueError.
UNREADABLE = (
    zlib.error, struct.error, EOFError, KeyError, IndexError, TypeError, NotImplementedError, RuntimeError, MemoryError,
    OverflowError, OSError, SyntaxError, tokenize.TokenError,
)


def save(net: Network, file: File) -> None:
    """Write net to a path or a binary file object. On disk the old file stays until the new one is complete.

    Weights that float16 holds exactly are stored in it, in half the space; they come back in the net's own dtype. Raises ValueError for
    what could not be loaded again: weights that are not finite, layers of more than 1024 MB, anything but texts, numbers and None in
    net.info. OSError as the disk does.
    """
    check_size(net.sizes)
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


def check_size(sizes: Sequence[int]) -> None:
    """Raises ValueError for a network of more weights than load believes a file."""
    if 8 * sum(outputs * (inputs + 1) for inputs, outputs in zip(sizes, sizes[1:])) > LARGEST:
        raise ValueError(f"layers {list(sizes)} take more than {LARGEST // 2**20} MB in float64, the most that a network file may hold")


def _check_info(info: dict[str, Any]) -> None:
    for key, value in info.items():
        try:
            number = isinstance(value, (int, float)) and math.isfinite(value)
        except OverflowError:
            number = False
        if not isinstance(key, str) or not (value is None or isinstance(value, str) or number):
            raise ValueError(f"net.info has {key!r}: {reprlib.repr(value)}, expected texts, finite numbers or None")


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
    return np.frombuffer(json.dumps(header | {"info": net.info}).encode(), np.uint8)


def load(file: File) -> Network:
    """Read a network from a path or a binary file object → Network, equal bit for bit to the one saved.

    Raises ValueError, in one sentence, for a file that is damaged, of another kind or version, whose arrays are not what its header
    claims, or that holds pickled objects; nothing in it is executed. Raises FileNotFoundError for a path that is not there.
    """
    if not hasattr(file, "read"):
        with open(file, "rb") as f:
            return load(f)
    if not hasattr(file, "seek"):
        raise ValueError(f"file is of type {type(file).__name__} and cannot be searched, expected a path or a binary file with seek")
    import zipfile  # here, like json and tempfile: with what they bring along they take as long to import as all of mlcore

    try:
        with zipfile.ZipFile(file) as archive:
            return _read(archive)
    except ValueError as error:
        reason = str(error) if type(error) is ValueError else "its contents cannot be read"
    except zipfile.BadZipFile:
        reason = "it is damaged or not an .npz file"
    except UNREADABLE:
        reason = "its contents cannot be read"
    raise ValueError(f"this is not a network file that can be loaded: {reason}") from None


def _read(archive: zipfile.ZipFile) -> Network:
    import json

    header = json.loads(_array(archive, "header", np.uint8, None).tobytes())
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"it is not a {FORMAT} file")
    if header.get("version") != VERSION:
        raise ValueError(f"it has version {header.get('version')!r}, this program reads version {VERSION}")
    sizes, info = header["sizes"], header["info"]
    if not (isinstance(sizes, list) and all(type(s) is int and s > 0 for s in sizes) and len(sizes) > 1 and isinstance(info, dict)):
        raise ValueError("its header does not describe a network")
    _check_info(info)
    check_size(sizes)
    shapes = [(outputs, inputs + 1) for inputs, outputs in zip(sizes, sizes[1:])]
    names = {"header.npy"} | {f"theta_{l}.npy" for l in range(len(shapes))}
    if sorted(archive.namelist()) != sorted(names):
        raise ValueError("it holds other arrays than its header claims")
    stored = header.get("stored", header["dtype"])
    if stored not in (header["dtype"], "float16"):
        raise ValueError(f"its arrays are stored as {stored!r}, expected {header['dtype']!r} or 'float16'")
    thetas = [_array(archive, f"theta_{l}", np.dtype(stored), shape) for l, shape in enumerate(shapes)]
    net = Network(sizes, header["hidden"], header["output"], dtype=header["dtype"], init="zeros")
    for layer, theta in zip(net.layers, thetas):
        layer.theta = theta
    net.info = info
    return net


def _array(archive: zipfile.ZipFile, name: str, dtype: Any, shape: tuple[int, int] | None) -> np.ndarray:
    """One member of the archive, if it is an array of this dtype and shape (None: any vector). Its claims are checked before it is read."""
    member = archive.getinfo(name + ".npy")
    limit = LARGEST_HEADER if shape is None else math.prod(shape) * np.dtype(dtype).itemsize + 1024
    if member.file_size > limit:
        raise ValueError(f"its array {name} is larger than it should be")
    data = BytesIO(archive.read(member))
    if np.lib.format.read_magic(data) != (1, 0):
        raise ValueError(f"its array {name} is in an unknown form")
    found, fortran, found_dtype = np.lib.format.read_array_header_1_0(data)
    if found_dtype.hasobject:
        raise ValueError(f"its array {name} holds pickled objects, which are never loaded")
    if found_dtype != dtype or (shape is not None and found != shape) or len(found) != (1 if shape is None else 2):
        raise ValueError(f"its array {name} is {found_dtype} {found}, its header claims {np.dtype(dtype)} {shape or 'bytes'}")
    values = np.frombuffer(data.read(), dtype)
    if values.size != math.prod(found):
        raise ValueError(f"its array {name} is cut short")
    return values.reshape(found, order="F" if fortran else "C")
