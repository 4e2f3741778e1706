"""Network files that are not what they say: {name: bytes}, each to be refused."""

import base64
import io
import json
import lzma
import pickle
import struct
import zlib
from dataclasses import dataclass

import numpy as np

import mlcore
from tests.mlcore.archives import Payload, array, members, npy, packed, saved

SIZES = (4, 5, 3)
# 512 MB of zeros in 402 bytes.
BZIP2_BOMB = zlib.decompress(base64.b85decode(
    "c-nJ{%CIzaj8qGb<l}sFpE17Af#CoH1BU{GL4&WG(*o6%Tn*Dl<*6ahByoH<!<P>aK=LeL6=yhCWlnYU$PHSs#3uHn$U`S5{?kDg02aJ^bN"))


@dataclass
class Member:
    """A member of a zip file with what its two headers say of it; what is left out is the truth."""

    name: str
    content: bytes = b""
    body: bytes | None = None
    method: int = 8
    crc: int | None = None
    size: int | None = None
    packed: int | None = None
    flags: int = 0
    extra: bytes = b""
    attributes: int = 0
    at: int | None = None

    def headers(self, at):
        """(the local header with the body, the entry of the directory) at this place of the file."""
        body = deflated(self.content) if self.body is None else self.body
        crc = zlib.crc32(self.content) if self.crc is None else self.crc
        size = len(self.content) if self.size is None else self.size
        length = len(body) if self.packed is None else self.packed
        name = self.name.encode()
        said = struct.pack("<HHHHHIIIHH", 20, self.flags, self.method, 0, 0x21, crc, length, size, len(name), len(self.extra))
        where = struct.pack("<HHHII", 0, 0, 0, self.attributes, at if self.at is None else self.at)
        return b"PK\3\4" + said + name + self.extra + body, b"PK\1\2\x14\0" + said + where + name + self.extra


def deflated(content, zeros=0):
    """A deflate stream of this and so many MB of zeros."""
    packer = zlib.compressobj(9, wbits=-15)
    start = packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush it begins as if nothing were before it, and can be repeated.
    megabyte = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + megabyte * zeros + packer.flush()


def archive(parts, count=None, directory=None, start=None, before_end=b"", comment=b""):
    """A zip file of these members, whose end says so many entries and such a directory."""
    data, entries = bytearray(), bytearray()
    for part in parts:
        local, entry = part.headers(len(data))
        data += local
        entries += entry
    n = len(parts) if count is None else count
    said = struct.pack("<HHIIH", n & 0xFFFF, n & 0xFFFF, len(entries) if directory is None else directory,
                       len(data) if start is None else start, len(comment))  # fmt: skip
    return bytes(data + entries) + before_end + b"PK\5\6\0\0\0\0" + said + comment


def with_one(name, **said):
    """The archive of a small network, one of its members otherwise."""
    parts = members(saved(mlcore.Network(SIZES)))
    return archive([Member(other, content, **(said if other == name else {})) for other, content in parts.items()])


def with_content(name, content):
    return packed({**members(saved(mlcore.Network(SIZES))), name: content})


def described(**changes):
    """A small network whose header says something else."""
    parts = members(saved(mlcore.Network(SIZES)))
    header = {**json.loads(array(parts["header.npy"]).tobytes()), **changes}
    return with_content("header.npy", npy(np.frombuffer(json.dumps(header).encode(), np.uint8)))


def written(text):
    """A small network whose header is this text."""
    return with_content("header.npy", npy(np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)))


def introduced(text, version=b"\1\0", length=None):
    """A small network before whose first weights this stands."""
    text = text.encode("latin-1") + b"\n"
    size = (len(text) if length is None else length).to_bytes(2 if version == b"\1\0" else 4, "little")
    return with_content("theta_0.npy", b"\x93NUMPY" + version + size + text + bytes(100))


def valid(sizes, dtype="float16"):
    """A network of zeros, whole and true, of any size."""
    header = {"format": "backprop-lab network", "version": 1, "sizes": sizes, "hidden": "relu", "output": "softmax", "dtype": "float32",
              "stored": dtype, "info": {}}  # fmt: skip
    parts = [Member("header.npy", npy(np.frombuffer(json.dumps(header).encode(), np.uint8)))]
    for l, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        parts.append(Member(f"theta_{l}.npy", npy(np.zeros((outputs, inputs + 1), dtype))))
    return archive(parts)


def packings():
    for name in ("header.npy", "theta_0.npy"):
        yield f"bzip2 bomb in {name}", with_one(name, method=12, body=BZIP2_BOMB, size=512 * 2**20)
        yield f"bzip2 bomb of a small size in {name}", with_one(name, method=12, body=BZIP2_BOMB)
        bomb, content = deflated(b"", 400), members(saved(mlcore.Network(SIZES)))[name]
        yield f"deflate bomb in {name}", with_one(name, body=bomb, size=400 * 2**20)
        yield f"deflate bomb of a small size in {name}", with_one(name, body=bomb)
        yield f"deflate bomb after {name}", with_one(name, body=deflated(content, 400), size=len(content) + 400 * 2**20)
    body = lzma.compress(bytes(2**24), lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, "preset": 0}])
    yield "lzma bomb", with_one("theta_1.npy", method=14, body=b"\x09\x04\x05\x00\x5d\x00\x00\x04\x00" + body, size=2**24)
    for method in (1, 2, 6, 7, 9, 10, 12, 14, 18, 93, 95, 96, 98, 99, 65535):
        yield f"packed by method {method}", with_one("theta_0.npy", method=method)
    yield "stored that is deflated", with_one("theta_0.npy", method=0)
    yield "encrypted", with_one("theta_0.npy", flags=1)
    yield "strongly encrypted", with_one("theta_0.npy", flags=0x41)
    yield "patched data", with_one("theta_0.npy", flags=0x20)


def lies():
    for said in ({"size": 2**32 - 1}, {"size": 0}, {"size": 10}, {"packed": 2**32 - 1}, {"packed": 0}, {"packed": 7}, {"crc": 1}):
        yield f"a member says {said}", with_one("theta_0.npy", **said)
    for big in (2**32, 2**40, 2**63, 2**64 - 1):
        extra = struct.pack("<HHQQ", 1, 16, big, big)
        yield f"zip64 of {big} bytes", with_one("theta_0.npy", size=2**32 - 1, packed=2**32 - 1, extra=extra)
    yield "zip64 without its numbers", with_one("theta_0.npy", size=2**32 - 1, packed=2**32 - 1, extra=struct.pack("<HH", 1, 0))
    yield "an extra field longer than it is", with_one("theta_0.npy", extra=struct.pack("<HH", 1, 65535))
    parts = [Member(name, content) for name, content in members(saved(mlcore.Network(SIZES))).items()]
    for said in ({"count": 2**16 - 1}, {"directory": 2**32 - 1}, {"directory": 2**31}, {"directory": 3}, {"start": 2**32 - 1}):
        yield f"the directory says {said}", archive(parts, **said)
    end = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 2**63, 2**63, 2**62, 2**62)
    yield "zip64 directory of 2^62 bytes", archive(parts, 2**16 - 1, 2**32 - 1, 2**32 - 1, end + b"PK\6\7" + struct.pack("<IQI", 0, 0, 1))
    yield "zip64 locator to nowhere", archive(parts, 2**16 - 1, 2**32 - 1, 2**32 - 1, b"PK\6\7" + struct.pack("<IQI", 0, 2**63, 1))
    offset = sum(len(part.headers(0)[0]) for part in parts)
    locator = b"PK\6\7" + struct.pack("<IQI", 0, offset + sum(len(part.headers(0)[1]) for part in parts), 1)
    yield "zip64 directory that is found", archive(parts, 2**16 - 1, 2**32 - 1, 2**32 - 1, end + locator)
    yield "members in each other", archive([Member("header.npy", parts[0].content), *(Member(p.name, p.content, at=0) for p in parts[1:])])
    yield "one in the body of another", archive([Member("header.npy", parts[0].content, packed=10**4), *parts[1:]])
    yield "a comment of 64 KB", archive(parts[:-1], comment=b"c" * 65535)
    yield "comments that look like ends", archive(parts[:-1], comment=b"PK\5\6" * 16000)
    yield "50,000 members", archive([Member("a", body=b"", method=0)] * 50_000)
    yield "2,000 members", archive([Member(f"theta_{k}.npy", body=b"", method=0) for k in range(2000)])
    yield "a name of 60 KB", archive([*parts, Member("n" * 60_000)])
    for name in ("../../escape.npy", "/etc/passwd", "theta_0.npy/", "theta_0.npy", "C:\\x.npy", "theta_0.npy\0.txt", "", "\u202eypn"):
        yield f"a member more, {name!r}", archive([*parts, Member(name, b"x")])
    link = Member("theta_0.npy", b"/etc/passwd", attributes=0o120777 << 16)
    yield "a symbolic link as a member", archive([link, *(part for part in parts if part.name != "theta_0.npy")])
    yield "a zip in a zip", packed({"net.npz": saved(mlcore.Network(SIZES))})
    for name in ("header.npy", "theta_0.npy"):
        yield f"a zip as {name}", with_content(name, saved(mlcore.Network(SIZES)))
    nested = saved(mlcore.Network(SIZES))
    for _ in range(30):
        nested = packed({"header.npy": nested})
    yield "thirty zips in each other", nested
    whole = saved(mlcore.Network(SIZES))
    for length in (10, 40, 200, len(whole) - 30, len(whole) - 1):
        yield f"cut after {length} bytes", whole[:length]


def contents(canary):
    pickled = npy(np.array([Payload(canary)], object), allow_pickle=True)
    for name in ("header.npy", "theta_0.npy", "theta_1.npy"):
        yield f"pickled objects in {name}", with_content(name, pickled)
        yield f"a pickle as {name}", with_content(name, pickle.dumps(Payload(canary)))
    yield "a pickle", pickle.dumps(Payload(canary))
    yield "pickled objects", pickled
    yield "a pickle more", with_content("data.pkl", pickle.dumps(Payload(canary)))
    start = "{'descr': '<f4', 'fortran_order': False, 'shape': "
    for shape in ("(100000000, 1000)", "(-5, 5)", "(5,)", "()", "(" * 200 + ")" * 200, "(5, 5" + ", 1" * 300 + ")", "10**9", "(1e9, 5)",
                  "(99999999999999999999, 5)", "__import__('os').system('touch x')", "(5L, 5L)"):  # fmt: skip
        yield f"of shape {shape[:20]}", introduced(f"{start}{shape}, }}")
    for dtype in ("'|O'", "[('a', '|O')]", "'<f4,' * 9", "[" * 90 + "]" * 90, "'" + "<f4," * 150 + "'", "'>f4'", "'<U10'", "None",
                  "'<M8[s]'", "(('<f4', (1000, 1000, 1000)))", "[(" + "'x" + "y" * 500 + "', '<f4')]"):  # fmt: skip
        yield f"of type {dtype[:20]}", introduced(f"{{'descr': {dtype}, 'fortran_order': False, 'shape': (5, 5), }}")
    yield "a header of 64 KB", introduced(start + " " * 65000 + "(5, 5), }")
    yield "a header that is longer than its file", introduced(start, length=65535)
    for version in (b"\2\0", b"\3\0", b"\x09\x09"):
        yield f"npy of version {version[0]}", introduced(f"{start}(5, 5), }}", version)
    yield "a header of 4 GB", introduced(start, b"\2\0", 2**32 - 1)
    text = "x" * 28_000
    for key in ("version", "format", "hidden", "output", "dtype", "stored", "sizes"):
        yield f"{key} of 28,000 characters", described(**{key: text})
    lists = {"version": [[text] * 9] * 9, "hidden": {text: text}, "stored": [text], "dtype": [["f4", text]], "info": [text]}
    for key, value in lists.items():
        yield f"{key} of lists", described(**{key: value})
    for key, value in {"version": "\n\n\x1b[31m" * 99, "dtype": "O", "stored": "O", "output": "\u202e" * 999}.items():
        yield f"{key} is {value[:3]!r}", described(**{key: value})
    for sizes in ([4] * 50_000, [10**300, 5, 3], [784, 168_000, 10], [4, 0, 3], [-4, 5, 3], [4, 10**9, 3], [2**31] * 5, [True, 5, 3],
                  [4.0, 5, 3]):  # fmt: skip
        yield f"sizes {str(sizes)[:20]}", described(sizes=sizes)
    for info in ({text: [1]}, {"a": text * 9, "b": []}, {"a": {"b": 1}}, {str(k): [k] for k in range(9999)}, {"a": text * 10}):
        yield f"info of {len(info)}, {str(info)[:12]}", described(info=info)
    for text in ("[" * 200_000, '{"a":' * 50_000, "1" * 5000, '{"sizes": ' + "9" * 5000 + "}", "null", "\ud800", '{"format": NaN}',
                 '"' + "x" * 200_000):  # fmt: skip
        yield f"a header of {len(text)}, {text[:10]!r}", written(text)
    yield "one parameter more than may be kept", valid([3999, 999, 4, 100])
    yield "eleven layers", valid([2] * 12)
    yield "4,097 units", valid([2, 4097, 2])


def others():
    yield "nothing", b""
    yield "a page", b"<html></html>" * 100
    yield "gzip", zlib.compress(b"x", wbits=31)
    yield "tar", b"header.npy".ljust(257, b"\0") + b"ustar\0" + bytes(2000)
    yield "an array", npy(np.ones(3))
    yield "an end alone", b"PK\5\6" + bytes(18)
    yield "another npz", packed({"arr_0.npy": npy(np.ones(3))})
    file = io.BytesIO()
    np.savez(file, header=np.frombuffer(b"{}", np.uint8))
    yield "an npz with an empty header", file.getvalue()


def cases(canary):
    """Each file's name and its bytes."""
    for kind in (packings(), lies(), contents(canary), others()):
        yield from kind
