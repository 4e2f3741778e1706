"""IDX files and pen strokes that are not what they say, {name: bytes}, and paths that lead to no file."""

import gzip
import json
import os
import socket
import struct
import zlib


def gzipped(start, megabytes):
    """start and so many MB of zeros, gzipped."""
    packer = zlib.compressobj(9, wbits=31)
    data = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    more = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH) if megabytes else b""
    return data + more * megabytes + packer.flush()


def idx(*shape, kind=8, dimensions=None):
    header = bytes([0, 0, kind, len(shape) if dimensions is None else dimensions])
    return header + b"".join(struct.pack(">I", n) for n in shape)


def idx_files():
    full = 2**32 - 1
    for shape in ((full, full, full), (full,), (2**28 + 1,), (60_000, 2**16, 2**16), (3, 4), (0, full), (full, 0)):
        yield f"idx of {shape}", idx(*shape) + bytes(9)
        yield f"idx of {shape}, gzipped", gzip.compress(idx(*shape) + bytes(9), mtime=0)
    for dimensions in (0, 4, 5, 65, 255):
        yield f"idx of {dimensions} dimensions", idx(*[1] * dimensions, dimensions=dimensions) + b"xx"
    for kind in (9, 11, 12, 13, 14, 0, 255):
        yield f"idx of kind {kind}", idx(2, kind=kind) + bytes(16)
    yield "idx and 400 MB more", gzipped(idx(10, 28, 28) + bytes(7840), 400)
    yield "400 MB of zeros", gzipped(b"", 400)
    yield "idx in many parts", gzip.compress(idx(9), mtime=0) + gzip.compress(b"", mtime=0) * 50_000
    sound = gzip.compress(idx(9) + bytes(9), mtime=0)
    yield "idx of a wrong checksum", sound[:-8] + bytes(8)
    yield "idx cut short", sound[:-9]
    yield "idx with a name without an end", sound[:3] + b"\x08" + sound[4:10] + b"n" * 300_000
    yield "idx in bzip2", b"BZh91AY&SY" + bytes(99)


def pen_files():
    yield "pens in pens", b"[" * 500_000
    yield "400 MB of spaces", gzipped(b"[" + b" " * 99, 400)
    yield "9 MB of digits", b"[" + b"1," * (9 * 2**19) + b"1]"
    for label in (10**4000, -1, "7" * 28_000, [[7] * 99] * 99, None, {"a" * 999: 1}):
        yield f"a label {str(label)[:9]}", json.dumps([{"label": label, "strokes": [[[0, 0]]]}]).encode()
    yield "a number of 5,000 digits", b"[" + b"9" * 5000 + b"]"
    for strokes in ([[["x" * 9999, 1]]], [[[1e999, 1]]], [[[[1]] * 9]], "x" * 28_000, [[[1, 2], [3]]], [[]]):
        yield f"strokes {str(strokes)[:12]}", json.dumps([{"label": 1, "strokes": strokes}]).encode()
    yield "no json", b"\xff\xfe\0"
    yield "a pen of nothing", b""


def paths(folder):
    """Paths that are to be refused at once, each made in the folder or there on every system of this kind."""
    os.mkfifo(folder / "pipe")
    (folder / "a folder").mkdir()
    (folder / "to the pipe").symlink_to(folder / "pipe")
    (folder / "in a ring").symlink_to(folder / "in a ring")
    (folder / "to nowhere").symlink_to(folder / "nothing here")
    (folder / "to the passwords").symlink_to("/etc/passwd")
    with open(folder / "3 GB of nothing", "wb") as file:
        file.truncate(3 * 2**30)
    home = os.getcwd()
    os.chdir(folder)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    os.chdir(home)
    names = ("pipe", "a folder", "to the pipe", "in a ring", "to nowhere", "to the passwords", "3 GB of nothing", "socket", "n" * 300)
    everywhere = ("/dev/zero", "/dev/null", "/dev/random", "/dev/stdin", "/proc/self/mem")
    return [*(folder / name for name in names), *map(type(folder), everywhere)]
