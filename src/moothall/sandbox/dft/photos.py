"""Badge photos: checked, made JPEG, and a smaller copy for screens."""

import base64
import binascii
import io
import struct

from PIL import Image, UnidentifiedImageError

from moothall.sandbox.dft.responses import Refused, bad_field

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
THUMBNAIL_HEIGHT = 300
FORMATS = ("JPEG", "PNG", "GIF")
# What the decoders raise for a damaged file, whichever way it is damaged.
UNREADABLE = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error)


def prepare(encoded: str) -> tuple[bytes, bytes]:
    """Return (photo, thumbnail), both JPEG, from a base64 photo.

    Raises `Refused` (400 `Invalid.badge.imageFile`) when it is no JPEG, PNG or GIF image under 10 MB. The key is the
    sandbox's own: the published material names none.
    """
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise _refused("The photo is not base64.") from fault
    if len(content) >= MOST_BYTES:
        raise _refused("The photo must be smaller than 10 MB.")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _refused("The photo has too many pixels.")
            picture = image.convert("RGB")
    except (*UNREADABLE, Image.DecompressionBombError) as fault:
        raise _refused("The photo must be a JPG, PNG or GIF image.") from fault
    photo = _jpeg(picture)
    picture.thumbnail((picture.width, THUMBNAIL_HEIGHT))
    return photo, _jpeg(picture)


def _refused(reason: str) -> Refused:
    return bad_field("imageFile", "Invalid.badge.imageFile", reason)


def _jpeg(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=85)
    return target.getvalue()
