"""Files called pictures that are not what they say: {name: bytes}, each to be refused or read as the picture that it also is."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

PICTURE = np.random.default_rng(0).integers(0, 255, (24, 16, 3), np.uint8)


def encoded(form, image=PICTURE, **how):
    file = io.BytesIO()
    Image.fromarray(image).save(file, form, **how)
    return file.getvalue()


def zeros(megabytes):
    """A zlib stream of so many MB of zeros."""
    packer = zlib.compressobj(9)
    start = packer.flush(zlib.Z_FULL_FLUSH)
    megabyte = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + megabyte * megabytes + packer.flush()


def chunk(kind, body, crc=None):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body) if crc is None else crc)


def png(width, height, depth=8, colour=2, pixels=b"", before=b"", after=b"", crc=None):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"".join([b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header, crc), before, chunk(b"IDAT", pixels), after, chunk(b"IEND", b"")])


def with_chunks(*chunks):
    """The small picture with these between its header and its pixels, and once more behind them."""
    data, more = encoded("PNG"), b"".join(chunks)
    return data[:33] + more + data[33:-12] + more + data[-12:]


def directory(length, entries=65000):
    """A TIFF directory whose every tag is all but the end of it."""
    tags = b"".join(struct.pack("<HHII", tag, 7, length - 9, 0) for tag in range(1, 1 + min(entries, (length - 14) // 12)))
    return (b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags) // 12) + tags).ljust(length, b"\0")


def pngs():
    most = 2**31 - 1
    for width, height in ((13_300, 13_300), (most, most), (most, 1), (1, most), (25_000_001, 1), (5001, 5000), (0, 0), (0, 9)):
        yield f"png of {width} × {height}", png(width, height, pixels=zlib.compress(bytes(99)))
    yield "png of 13,300² in one bit, whole", png(13_300, 13_300, 1, 0, zeros(22))
    yield "png of 16 bits and 13,300²", png(13_300, 13_300, 16, 6, zeros(4))
    yield "png of few pixels and many bytes", png(10, 10, pixels=zeros(500))
    for depth, colour in ((3, 0), (16, 3), (1, 2), (8, 5), (255, 255), (0, 0)):
        yield f"png of depth {depth} and colour {colour}", png(9, 9, depth, colour, zlib.compress(bytes(999)))
    yield "png without a palette", png(9, 9, 8, 3, zlib.compress(bytes(999)))
    yield "png of pixels that are none", png(99, 99, pixels=b"not zlib at all")
    yield "png of a wrong checksum", png(9, 9, pixels=zlib.compress(bytes(999)), crc=1)
    yield "png without pixels", png(9, 9)[:33] + chunk(b"IEND", b"")
    yield "png that begins with its pixels", b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")
    yield "png of a chunk of 4 GB", encoded("PNG")[:33] + b"\xff\xff\xff\xffIDAT" + bytes(99)
    yield "png of a palette of 64 KB", png(9, 9, 8, 3, zlib.compress(bytes(999)), chunk(b"PLTE", bytes(65535)))
    yield "png cut short", encoded("PNG")[:-30]
    second = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    yield "png of two headers", with_chunks(second)
    yield "png of a profile of 400 MB", with_chunks(chunk(b"iCCP", b"a\0\0" + zeros(400)))
    yield "png of 2,000 profiles", with_chunks(*[chunk(b"iCCP", b"a\0\0" + zeros(1))] * 2000)
    yield "png of texts of 400 MB", with_chunks(chunk(b"zTXt", b"a\0\0" + zeros(400)), chunk(b"iTXt", b"a\0\1\0\0\0" + zeros(400)))
    yield "png of 4,000 texts", with_chunks(*[chunk(b"zTXt", b"a\0\0" + zeros(1))] * 4000)
    yield "png of 200,000 chunks", with_chunks(chunk(b"tEXt", b"a\0b") * 100_000)
    yield "png of 200,000 empty pixels", with_chunks(chunk(b"IDAT", b"") * 100_000)
    yield "png of a directory of itself", with_chunks(chunk(b"eXIf", directory(2**20)))
    control = struct.pack(">IIIIIHHBB", 0, 60_000, 60_000, 0, 0, 1, 1, 0, 0)
    frames = chunk(b"acTL", struct.pack(">II", most, 0)) + chunk(b"fcTL", control)
    yield "apng of 2^31 frames", with_chunks(frames)
    yield "apng of 4,000 frames", with_chunks(frames, *[frames[20:] + chunk(b"fdAT", b"\0\0\0\1" + zeros(1))] * 2000)
    transparent = chunk(b"PLTE", bytes(range(9))) + chunk(b"tRNS", b"\0")
    yield "png of all the pixels that may be", png(5000, 5000, 8, 3, zlib.compress((b"\0" + b"\1\0" * 2500) * 5000, 1), transparent)


def segment(code, body):
    return bytes([0xFF, code]) + struct.pack(">H", len(body) + 2) + body


def with_segments(*segments, **how):
    """The small picture with these behind its first two bytes."""
    data = encoded("JPEG", **how)
    return data[:2] + b"".join(segments) + data[2:]


def frame(width, height, code=0xC0, parts=3):
    return segment(code, struct.pack(">BHHB", 8, height, width, parts) + b"".join(bytes([k, 0x11, 0]) for k in range(1, parts + 1)))


def resized(width, height, **how):
    """The small JPEG whose header says another size."""
    data = encoded("JPEG", **how)
    code = b"\xff\xc2" if how.get("progressive") else b"\xff\xc0"
    at = data.index(code) + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def jpegs():
    for width, height in ((65_500, 65_500), (65_535, 400), (5001, 5000), (0, 0), (0, 9), (9, 0)):
        yield f"jpeg of {width} × {height}", resized(width, height)
        yield f"progressive jpeg of {width} × {height}", resized(width, height, progressive=True)
    yield "progressive jpeg of the pixels that may be", resized(5000, 5000, progressive=True)
    yield "jpeg of two sizes", with_segments(frame(65_500, 65_500, 0xC2))
    yield "jpeg of a hierarchy", with_segments(frame(65_500, 65_500, 0xDE))
    exif = segment(0xE1, b"Exif\0\0" + directory(65_000))
    yield "jpeg of a directory of itself", with_segments(exif)
    yield "jpeg of a directory in many segments", with_segments(segment(0xE1, b"Exif\0\0" + directory(2**20)[:65_000]),
                                                                *[segment(0xE1, b"Exif\0\0" + bytes(65_000))] * 90)  # fmt: skip
    yield "jpeg of a directory of pictures", with_segments(segment(0xE2, b"MPF\0" + directory(65_000)))
    yield "jpeg of 200,000 comments", with_segments(segment(0xFE, b"") * 200_000)
    yield "jpeg of 9,000 tables", with_segments(segment(0xDB, bytes(65) * 900) * 99)
    yield "jpeg of 255 profiles", with_segments(*[segment(0xE2, b"ICC_PROFILE\0" + bytes([k, 255]) + bytes(60_000)) for k in range(1, 256)])
    yield "jpeg of 8 MB of padding", with_segments(b"\xff" * 2**23 + b"\0")
    passes = encoded("JPEG", progressive=True)
    at = passes.rindex(b"\xff\xda")
    yield "jpeg of 5,000 passes", resized(4000, 4000, progressive=True)[:at] + passes[at:-2] * 5000
    for parts in (2, 5, 255):
        yield f"jpeg of {parts} parts", b"\xff\xd8" + frame(9, 9, parts=parts) + b"\xff\xda\0\x08\1\1\0\0\x3f\0" + bytes(99)
    for code in (0xC3, 0xC5, 0xC9, 0xCB):
        yield f"jpeg of frame {code:x}", encoded("JPEG").replace(b"\xff\xc0", bytes([0xFF, code]))
    yield "jpeg cut short", encoded("JPEG")[:-200]
    yield "jpeg that is all header", encoded("JPEG")[:300]


def webps():
    def riff(kind, body):
        body = kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
        return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body

    canvas = bytes([0x10, 0, 0, 0]) + b"\xff" * 6
    yield "webp of 16,777,216²", riff(b"VP8X", canvas) + bytes(99)
    yield "webp of 16,384², lossless", riff(b"VP8L", b"\x2f" + b"\xff\xff\xff\x0f" + bytes(99))
    yield "webp of 16,383²", riff(b"VP8 ", b"\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f" + bytes(99))
    yield "webp of nothing", riff(b"VP8 ", b"")
    yield "webp of another chunk", riff(b"ANMF", bytes(99))
    yield "webp cut short", encoded("WEBP")[:-30]
    yield "webp that says more", encoded("WEBP").replace(b"RIFF", b"RIFF")[:4] + b"\xff\xff\xff\x7f" + encoded("WEBP")[8:]
    yield "webp of a directory of itself", encoded("WEBP", exif=b"Exif\0\0" + directory(2**20))
    file = io.BytesIO()
    one, other = Image.fromarray(PICTURE), Image.fromarray(PICTURE[::-1])
    one.save(file, "WEBP", save_all=True, append_images=[other, one] * 50, duration=10)
    yield "webp of 100 frames", file.getvalue()


def others(canary):
    """What another reader would open by its first bytes, whatever its name."""
    run = f"(%pipe%touch {canary}) (w) file\n({canary}) (w) file\nshowpage\n%%EOF\n"
    run = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n" + run.encode()
    yield "eps", run
    yield "eps of windows", b"\xc5\xd0\xd3\xc6" + struct.pack("<IIIIII", 30, len(run), 0, 0, 0, 0) + b"\xff\xff" + run
    yield "pdf", b"%PDF-1.7\n1 0 obj<</S/Launch/F(touch)>>endobj"
    yield "svg", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    yield "tiff of a directory of itself", directory(2**20)
    yield "tiff of directories in a ring", b"II*\0\x08\0\0\0\1\0" + struct.pack("<HHIII", 256, 4, 1, 10**9, 8)
    for form in ("GIF", "BMP", "TIFF", "PPM", "ICO", "TGA", "PCX", "JPEG2000", "DDS", "SGI", "AVIF"):
        try:
            yield form.lower(), encoded(form)
        except (OSError, KeyError, ValueError):  # this Pillow does not write it
            continue
    yield "ppm of 10^18", b"P6\n1000000000 1000000000\n255\n"
    yield "blp", b"BLP2" + struct.pack("<IBBBB", 1, 1, 8, 1, 0) + struct.pack("<II", 60_000, 60_000) + bytes(2000)
    yield "avif in its first bytes", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(500)
    yield "psd", b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 30_000, 30_000, 8, 3) + bytes(99)
    yield "fli", bytes(4) + b"\x11\xaf" + b"\xff" * 122
    yield "icns", b"icns" + struct.pack(">I", 99) + b"ic10" + struct.pack(">I", 2**31)
    yield "wmf", b"\xd7\xcd\xc6\x9a" + bytes(99)
    yield "fits", b"SIMPLE  =                    T".ljust(2880)
    yield "xbm", b"#define x_width 60000\n#define x_height 60000\nstatic char x_bits[] = {"
    yield "html", b"<img src=x onerror=alert(1)>"
    yield "nothing", b""
    yield "zip", b"PK\3\4" + bytes(99)
    yield "a signature alone", b"\x89PNG\r\n\x1a\n"
    yield "two bytes", b"\xff\xd8"


def cases(canary):
    """Each file's name and its bytes."""
    for kind in (pngs(), jpegs(), webps(), others(canary)):
        yield from kind
