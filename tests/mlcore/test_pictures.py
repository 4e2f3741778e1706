"""open_picture(): any file of a digit as one upright array, its size judged by the header; the app, the canvas, the command line use it."""

import io
import re
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest

from mlcore import drawing, pictures

Image = pytest.importorskip("PIL.Image")
ImageOps = pytest.importorskip("PIL.ImageOps")

ROOT = Path(__file__).parents[2]
COLOURS = np.random.default_rng(0).integers(0, 255, (60, 40, 3), np.uint8)
FORMATS = ("PNG", "JPEG", "WEBP")


def encoded(image, form="PNG", **how):
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, form, **how)
    return file.getvalue()


def refused(content, words):
    with pytest.raises(ValueError, match=r"^this is not a picture that can be read: ") as refusal:
        drawing.open_picture(content)
    sentence = str(refusal.value)
    assert len(sentence) <= 200 and "\n" not in sentence and words in sentence, sentence


def test_a_path_bytes_and_a_file_give_the_same_wherever_the_file_stands(tmp_path):
    content = encoded(COLOURS)
    (tmp_path / "a.png").write_bytes(content)
    file = io.BytesIO(content)
    file.seek(0, 2)
    for given in (tmp_path / "a.png", str(tmp_path / "a.png"), content, bytearray(content), file):
        found = drawing.open_picture(given)
        assert found.dtype == np.uint8 and np.array_equal(found, COLOURS)
    with pytest.raises(FileNotFoundError):
        drawing.open_picture(tmp_path / "absent.png")


@pytest.mark.parametrize("mode, form, channels", [
    ("1", "PNG", ()), ("L", "PNG", ()), ("LA", "PNG", ()), ("P", "PNG", (3,)), ("RGB", "PNG", (3,)), ("RGBA", "PNG", (3,)),
    ("L", "JPEG", ()), ("RGB", "JPEG", (3,)), ("CMYK", "JPEG", (3,)), ("RGB", "WEBP", (3,)), ("RGBA", "WEBP", (3,)),
])
def test_the_pixels_are_those_that_pillow_reads(mode, form, channels):
    content = encoded(Image.fromarray(COLOURS).convert(mode), form)
    found = drawing.open_picture(content)
    assert found.shape == (60, 40, *channels)
    assert np.array_equal(found, np.asarray(Image.open(io.BytesIO(content)).convert("RGB" if channels else "L")))


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_what_is_transparent_keeps_its_alpha(form):
    alpha = np.dstack([COLOURS, np.full((60, 40), 255, np.uint8)])
    alpha[:20, :, 3] = 128
    found = drawing.open_picture(encoded(alpha, form, lossless=True))
    assert found.shape == (60, 40, 4) and np.array_equal(found[..., 3], alpha[..., 3])
    palette = Image.fromarray(COLOURS).convert("P")
    assert drawing.open_picture(encoded(palette, "PNG", transparency=int(palette.getpixel((0, 0))))).shape == (60, 40, 4)


def test_sixteen_bits_are_scaled_not_cut_off():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(drawing.open_picture(encoded(grey.astype(np.uint16) * 257)), grey)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("orientation", range(10))
def test_it_is_upright(form, orientation):
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "a camera", orientation
    content = encoded(COLOURS, form, exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    assert np.array_equal(drawing.open_picture(content), np.asarray(upright))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("size", [(3000, 2000), (1025, 3), (3000, 1)])
def test_a_large_one_is_scaled_down(form, size):
    height, width, *_ = drawing.open_picture(encoded(Image.new("RGB", size, "red"), form)).shape
    assert (width, height) == (1024, max(1, round(1024 * size[1] / size[0])))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("factor, words", [(0.99, "40 × 60 pixels, but at most 2,399 are read"), (1, None)])
def test_the_size_is_judged_by_the_header_before_anything_is_decoded(monkeypatch, form, factor, words):
    content = encoded(COLOURS, form)
    for most in ("MOST_PIXELS", "MOST_PIXELS_WEBP"):
        monkeypatch.setattr(pictures, most, 2399 if words else 2400)
    if words:
        monkeypatch.setattr(Image, "open", None)
        refused(content, words)
    else:
        assert drawing.open_picture(content).shape == (60, 40, 3)


def test_a_file_may_have_so_many_bytes(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_MB", 1)
    refused(bytes(2**20 + 1), "its file is larger than 1 MB")
    refused(io.BytesIO(bytes(2**20 + 1)), "its file is larger than 1 MB")
    refused(bytes(2**20), "it is not a PNG, JPEG or WebP file")


@pytest.mark.parametrize("form", FORMATS)
def test_cut_short_anywhere_it_is_refused(form):
    content = encoded(np.tile(COLOURS, (8, 8, 1)), form)
    for length in (20, 60, len(content) // 2, len(content) - (1 if form != "JPEG" else 40)):
        refused(content[:length], "damaged or cut short")


def chunk(kind, body):
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def test_a_png_of_many_chunks_of_all_kinds_is_read_for_its_pixels():
    content = encoded(COLOURS)
    at = content.index(b"IDAT") - 4
    length = int.from_bytes(content[at : at + 4], "big")
    body = content[at + 8 : at + 8 + length]
    pieces = b"".join(chunk(b"IDAT", body[k : k + 10]) for k in range(0, length, 10))
    bombs = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**7))) + chunk(b"acTL", bytes(8)) + chunk(b"fcTL", bytes(26)) * 100
    assert np.array_equal(drawing.open_picture(content[:at] + bombs + pieces + bombs + chunk(b"IEND", b"")), COLOURS)
    damaged = pieces[:-1] + bytes([pieces[-1] ^ 1])
    refused(content[:at] + damaged + chunk(b"IEND", b""), "damaged")
    refused(content[:at] + bombs * 200 + pieces + chunk(b"IEND", b""), "damaged")


def test_large_pictures_are_decoded_one_at_a_time(monkeypatch):
    monkeypatch.setattr(pictures, "LARGE", 2399)
    small, large, read = encoded(COLOURS[:20]), encoded(COLOURS), []
    with pictures.ALONE:
        reader = threading.Thread(target=lambda: read.append(drawing.open_picture(large)))
        reader.start()
        assert drawing.open_picture(small).shape == (20, 40, 3) and not read
    reader.join(10)
    assert read[0].shape == (60, 40, 3)


def test_pictures_are_opened_in_one_place():
    """Also not by the canvas's package, whose image_data opens what the browser sent."""
    openers = [path for folder in ("mlcore", "ui", "pages") for path in (ROOT / folder).rglob("*.py")
               if re.search(r"\bImage\.open\b|\bfrom PIL\.Image import|\.image_data\b|\bImageFile\b|imread", path.read_text("utf-8"))]
    assert openers == [ROOT / "mlcore" / "pictures.py"]
