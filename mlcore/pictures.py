"""Pictures from anywhere as upright arrays: PNG, JPEG and WebP files, judged by their headers before anything is decoded.

Pillow decodes them. Of a PNG or a JPEG it gets only what makes the pixels: profiles, texts, frames and directories of tags may be of any
size and number, and it would read them all.
"""

from __future__ import annotations

import re
import threading
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import files, validate

if TYPE_CHECKING:
    from .files import File

MOST_MB = 16  # of a file
# A phone's photo has 12 or 24 million. WebP is decoded in twice the memory of the others.
MOST_PIXELS, MOST_PIXELS_WEBP = 25_000_000, 12_500_000
WIDEST = 1024  # the longer side of what is given back
MOST_PARTS, MOST_TABLES, MOST_SCANS = 10_000, 2**17, 32  # chunks or segments; bytes of a JPEG's tables; its passes over the picture
# Of pictures of more pixels one is decoded at a time, so that a class that sends its photos at once takes the memory of one.
LARGE = 1_000_000

ALONE = threading.Lock()
MARKER = re.compile(rb"\xff[\x01-\xfe]")
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
TABLES = {0xC4, 0xCC, 0xDB, 0xDD}
ORIENTATION = 0x0112


class _Picture(NamedTuple):
    """What is decoded of a file: its format, as Pillow names it, width and height by its header, the bytes, the orientation by EXIF."""

    format: str
    size: tuple[int, int]
    data: bytes
    orientation: int


def open_picture(file: File | bytes) -> np.ndarray:
    """A PNG, JPEG or WebP picture, a path, its bytes or a binary file object → an upright array for to_digit, uint8.

    (H, W) for a grey picture, (H, W, 3) for a coloured one, (H, W, 4) where something of it is transparent; the longer side is at most
    1024, larger ones are scaled down. Of several frames it is the first. Raises ValueError, in one sentence, for a file that is none of
    these, is damaged, or has more pixels than are read, which is checked before anything is decoded; FileNotFoundError for a path that
    is not there; ImportError without Pillow.
    """
    pillow()
    try:
        picture = _parsed(_content(file))
        width, height = picture.size
        most = MOST_PIXELS_WEBP if picture.format == "WEBP" else MOST_PIXELS
        if width * height > most:
            raise ValueError(f"it has {width:,} × {height:,} pixels, but at most {most:,} are read; make it smaller")
        if width * height <= LARGE:
            return _decoded(picture)
        with ALONE:
            return _decoded(picture)
    except ValueError as error:
        raise ValueError(f"this is not a picture that can be read: {error}") from None


def pillow() -> None:
    """Raises ImportError, saying what to install, where Pillow is not at hand."""
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        raise validate.absent("reading pictures", "pillow", "cli") from None


def _content(file: File | bytes) -> bytes:
    """The bytes of a file, as many as one may have."""
    if isinstance(file, (bytes, bytearray, memoryview)):
        content = bytes(file)
    else:
        with files.reading(file) as f:
            if getattr(f, "seekable", lambda: False)():
                f.seek(0)
            content = f.read(MOST_MB * 2**20 + 1)
    if len(content) > MOST_MB * 2**20:
        raise ValueError(f"its file is larger than {MOST_MB} MB; make it smaller")
    return content


def _parsed(data: bytes) -> _Picture:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(data)
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data)
    raise ValueError("it is not a PNG, JPEG or WebP file")


def _damaged() -> ValueError:
    return ValueError("it is damaged or cut short")


def _png(data: bytes) -> _Picture:
    found: dict[bytes, bytes] = {}
    pixels, at = [], 8
    for _ in range(MOST_PARTS):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body, end = data[at + 8 : at + 8 + length], at + 12 + length
        if end > len(data):
            raise _damaged()
        if kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT") and zlib.crc32(kind + body) != int.from_bytes(data[end - 4 : end], "big"):
            raise _damaged()
        if kind == b"IDAT":
            pixels.append(body)
        elif kind in (b"IHDR", b"PLTE", b"tRNS", b"eXIf"):
            found.setdefault(kind, body)
        elif kind == b"IEND":
            break
        at = end
    else:
        raise _damaged()
    header = found.get(b"IHDR", b"")
    size = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    parts = {kind: found[kind] for kind in (b"IHDR", b"PLTE", b"tRNS") if kind in found} | {b"IDAT": b"".join(pixels), b"IEND": b""}
    chunks = [len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big") for kind, body in parts.items()]
    return _Picture("PNG", size, data[:8] + b"".join(chunks), _orientation(found.get(b"eXIf", b"")))


def _jpeg(data: bytes) -> _Picture:
    kept, frames, orientation, at = [b"\xff\xd8"], [], 1, 2
    for _ in range(MOST_PARTS):
        marker = MARKER.search(data, at)
        if not marker:
            raise _damaged()
        code, at = data[marker.start() + 1], marker.end()
        if code == 0xDA:
            break
        if code == 0x01 or 0xD0 <= code <= 0xD8:
            continue
        segment = data[at : at + max(2, int.from_bytes(data[at : at + 2], "big"))]
        at += len(segment)
        body = segment[2:]
        if code in FRAMES:
            frames.append(body)
        if code in FRAMES | TABLES or (code, body[:5]) in ((0xE0, b"JFIF\0"), (0xEE, b"Adobe")):
            kept.append(bytes([0xFF, code]) + segment)
        if code == 0xE1 and body.startswith(b"Exif\0\0") and orientation == 1:
            orientation = _orientation(body)
    else:
        raise _damaged()
    # A second frame, of another size, might be the one that is decoded.
    if len(frames) != 1 or sum(map(len, kept)) > MOST_TABLES or data.count(b"\xff\xda", at) >= MOST_SCANS:
        raise _damaged()
    size = int.from_bytes(frames[0][3:5], "big"), int.from_bytes(frames[0][1:3], "big")
    return _Picture("JPEG", size, b"".join([*kept, data[at - 2 :]]), orientation)


def _webp(data: bytes) -> _Picture:
    def number(at: int, length: int) -> int:
        return int.from_bytes(data[at : at + length], "little")

    kind = data[12:16]
    if kind == b"VP8X":
        size = number(24, 3) + 1, number(27, 3) + 1
    elif kind == b"VP8L":
        size = (number(21, 4) & 0x3FFF) + 1, (number(21, 4) >> 14 & 0x3FFF) + 1
    else:
        size = number(26, 2) & 0x3FFF, number(28, 2) & 0x3FFF
    return _Picture("WEBP", size, data, 1)


def _orientation(exif: bytes) -> int:
    """The tag of this name in the first directory of EXIF, 1 where there is none that counts."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order: Any = {b"II": "little", b"MM": "big"}.get(tiff[:2], "big")
    first = int.from_bytes(tiff[4:8], order)
    for at in range(first + 2, min(first + 2 + 12 * int.from_bytes(tiff[first : first + 2], order), len(tiff)), 12):
        if int.from_bytes(tiff[at : at + 2], order) == ORIENTATION:
            return int.from_bytes(tiff[at + 8 : at + 10], order)
    return 1


def _decoded(picture: _Picture) -> np.ndarray:
    from PIL import Image

    turn = Image.Transpose
    turns = {2: turn.FLIP_LEFT_RIGHT, 3: turn.ROTATE_180, 4: turn.FLIP_TOP_BOTTOM, 5: turn.TRANSPOSE, 6: turn.ROTATE_270,
             7: turn.TRANSVERSE, 8: turn.ROTATE_90}  # fmt: skip
    try:
        image: Any
        with Image.open(BytesIO(picture.data), formats=(picture.format,)) as image:
            if image.size != picture.size:
                raise _damaged()
            orientation = _orientation(image.info.get("exif") or b"") if picture.format == "WEBP" else picture.orientation
            if image.mode.startswith("I"):  # 16 bits, which Pillow would cut off at 255
                image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
            opaque = "L" if image.mode in ("1", "L", "LA") else "RGB"
            mode = "RGBA" if image.has_transparency_data else opaque
            if image.mode in ("1", "P", "PA"):  # which would be scaled without their neighbours
                image = image.convert(mode)
            image.thumbnail((WIDEST, WIDEST))
            image.load()
        image = image if image.mode == mode else image.convert(mode)
        if mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
            image = image.convert(opaque)
        return np.asarray(image.transpose(turns[orientation]) if orientation in turns else image)
    except MemoryError:
        raise
    except Exception:  # whatever a decoder says of what it was not made for
        raise _damaged() from None
