"""Photographs for badges: whatever picture the case has, made a JPEG of sensible size."""

import base64
import io

from PIL import Image, ImageOps, UnidentifiedImageError

from moothall.domain.documents.actions import FileMissing, open_file
from moothall.domain.documents.models import Document
from moothall.kit.invalid import Invalid

LONGEST_SIDE = 1200  # pixels; the service prints 300
MOST_BYTES = 10 * 2**20
QUALITY = 88


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
    """Any picture as an upright JPEG no larger than needed, without what cameras write beside it."""
    try:
        with Image.open(io.BytesIO(content)) as opened:
            picture = ImageOps.exif_transpose(opened)
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            flat = _on_white(picture)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as fault:
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
