"""Photographs for badges: whatever picture the case has, made a JPEG of sensible size."""

import base64
import io
import struct

from PIL import Image, ImageOps, UnidentifiedImageError

from moothall.domain.documents.actions import FileMissing, open_file
from moothall.domain.documents.models import Document
from moothall.kit.invalid import Invalid

LONGEST_SIDE = 1200  # pixels; the service prints 300
MOST_PIXELS = 50_000_000
QUALITY = 88
FORMATS = ("JPEG", "PNG", "GIF")  # as the service takes them; no other decoder is let near what people upload
_UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    struct.error,
)  # what the decoders raise for a damaged file, whichever way it is damaged


class NoPhotograph(Invalid):
    """No badge can be made of this document. Its sentence says what to do."""


def encoded(document: Document) -> str:
    """The picture as the service takes it: JPEG, upright, in base64. Raises NoPhotograph."""
    try:
        with open_file(document) as file:
            content = file.read()
    except FileMissing as missing:
        raise NoPhotograph(str(missing)) from missing
    return base64.b64encode(jpeg(content, name=document.name)).decode()


def jpeg(content: bytes, *, name: str) -> bytes:
    """A picture as an upright JPEG no larger than needed, without what cameras write beside it. Raises NoPhotograph."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                million = MOST_PIXELS // 10**6
                raise NoPhotograph(f"“{name}” has more than {million} million pixels: choose a smaller picture.")
            picture = ImageOps.exif_transpose(opened)
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            flat = _on_white(picture)
    except NoPhotograph:
        raise
    except _UNREADABLE as fault:
        raise NoPhotograph(
            f"“{name}” is no picture that can be read: choose a JPEG, PNG or GIF as the photograph."
        ) from fault
    made = io.BytesIO()
    flat.save(made, "JPEG", quality=QUALITY, optimize=True)
    return made.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency, which a JPEG does not have."""
    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    flat = Image.new("RGB", layered.size, "white")
    flat.paste(layered, mask=layered.getchannel("A"))
    return flat
