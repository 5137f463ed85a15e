"""Photographs are made of JPEG, PNG and GIF pictures of sensible size, and of nothing else."""

import importlib
import io
import struct
import zlib

import pytest
from PIL import Image

from moothall.domain.documents import pictures
from moothall.domain.documents.pictures import NoPicture


def picture(format: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (30, 20), "teal").save(made, format)
    return made.getvalue()


@pytest.fixture
def letters_are_produced() -> None:
    """In the process that makes letters: its libraries take pictures more lightly than a badge may."""
    importlib.import_module("moothall.domain.messages.pdf")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF"])
def test_the_kinds_of_picture_the_service_takes_become_a_jpeg(format: str) -> None:
    with Image.open(io.BytesIO(pictures.sendable(picture(format), name="me"))) as made:
        assert (made.format, made.size) == ("JPEG", (30, 20))


@pytest.mark.parametrize("format", ["BMP", "TIFF", "PPM", "TGA", "PCX", "WEBP"])
def test_another_kind_of_picture_is_not_even_tried(format: str) -> None:
    with pytest.raises(NoPicture, match="choose a JPEG, PNG or GIF"):
        pictures.sendable(picture(format), name="me")


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_a_small_file_that_unfolds_into_very_many_pixels_is_refused_unread(side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(header)) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    end = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))

    with pytest.raises(NoPicture, match="choose a smaller picture|no picture that can be read") as refusal:
        pictures.sendable(b"\x89PNG\r\n\x1a\n" + chunk + end, name="me")

    assert side > 8_000 or "50 million pixels" in str(refusal.value)


@pytest.mark.parametrize("cut", [10, 30, 50])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF"])
@pytest.mark.usefixtures("letters_are_produced")
def test_a_damaged_picture_is_a_sentence(format: str, cut: int) -> None:
    content = picture(format)[:-1]

    with pytest.raises(NoPicture, match="no picture that can be read"):
        pictures.sendable(content[: len(content) * cut // 100], name="me")
