"""Files of every kind, made here; and a store that is emptied after each test."""

import io
import zipfile
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from pytest_django import Settings
from tests.documents.scanner import scanner, scanner_running  # noqa: F401


@pytest.fixture(autouse=True)
def document_folder(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "documents"
    return tmp_path / "documents"


def picture(format: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    made = io.BytesIO()
    Image.effect_noise(size, 50).convert("P" if format == "GIF" else "RGB").save(made, format)
    return made.getvalue()


def pdf(*, password: str = "", pages: int = 1) -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as new:
        for _ in range(pages):
            new.add_blank_page()
        lock = pikepdf.Encryption(owner=password, user=password) if password else False
        new.save(made, encryption=lock)
    return made.getvalue()


def packed(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def word(**more: bytes) -> bytes:
    return packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>", **more})
