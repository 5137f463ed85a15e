"""Pictures among the documents as they are looked at and sent on: upright, turned, or a part of one.

The file stays as it came. Whoever opens a file here is protected from pictures made to be too large to open.
"""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageOps, UnidentifiedImageError

from moothall.domain.documents.actions import FileMissing, open_file
from moothall.domain.documents.models import Document
from moothall.kit.framing import Frame
from moothall.kit.invalid import Invalid

FORMATS = ("JPEG", "PNG", "GIF")  # no other decoder is let near what people upload
MOST_PIXELS = 80_000_000  # more than any file that is taken may have (Documents.megapixels)
LONGEST_SHOWN, LONGEST_SENT = 2000, 1200  # pixels; the national badge service prints 300
MOST_PIXELS_SENT = 50_000_000
QUALITY = 88
ORIENTATION = 0x0112  # where a camera notes how it was held
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


class NoPicture(Invalid):
    """No picture can be made of this. Its sentence says what to do."""


def jpeg(raw: bytes, *, name: str, longest: int, frame: Frame | None = None, most: int = MOST_PIXELS) -> bytes:
    """A picture as an upright JPEG of at most `longest` pixels a side, without what cameras write beside it.

    With `frame` it is that part of the picture, turned. Raises NoPicture.
    """
    with _opened(raw, name, most) as opened:
        if frame is None or (frame.width == frame.height == 100):
            opened.draft("RGB", (longest, longest))  # read no larger than needed, where the kind of file can
        picture = ImageOps.exif_transpose(opened)
        if frame:
            picture = _turned(picture, frame.turned)
            picture = picture.crop(frame.box(picture.size))
        picture.thumbnail((longest, longest))
        made = io.BytesIO()
        _on_white(picture).save(made, "JPEG", quality=QUALITY, optimize=True)
        return made.getvalue()


def shown(document: Document, *, longest: int = LONGEST_SHOWN, turned: int | None = None) -> bytes:
    """A document as a JPEG to look at, turned as it was turned, or as said. Raises NoPicture."""
    frame = whole(document) if turned is None else Frame(turned=turned)
    return jpeg(content(document), name=document.name, longest=longest, frame=frame)


def sent(document: Document, frame: Frame | None = None) -> bytes:
    """The JPEG that another system is sent: the part chosen, or all of it as it was turned. Raises NoPicture."""
    return sendable(content(document), name=document.name, frame=frame or whole(document))


def sendable(raw: bytes, *, name: str, frame: Frame | None = None) -> bytes:
    """A picture as an upright JPEG no larger than another system needs. Raises NoPicture."""
    return jpeg(raw, name=name, longest=LONGEST_SENT, frame=frame, most=MOST_PIXELS_SENT)


def size(document: Document, *, turned: int) -> tuple[int, int]:
    """Width and height in pixels, once upright and turned. Raises NoPicture."""
    with _opened(content(document), document.name, MOST_PIXELS) as opened:
        wide, high = opened.size
        sideways = opened.getexif().get(ORIENTATION, 1) in (5, 6, 7, 8)
    return (high, wide) if sideways != (turned in (90, 270)) else (wide, high)


def whole(document: Document) -> Frame:
    """All of a picture, as its document was turned."""
    return Frame(turned=document.turned)


def content(document: Document) -> bytes:
    """The file of a document. Raises NoPicture."""
    try:
        with open_file(document) as file:
            return file.read()
    except FileMissing as missing:
        raise NoPicture(str(missing)) from missing


@contextmanager
def _opened(raw: bytes, name: str, most: int) -> Iterator[Image.Image]:
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
            if opened.width * opened.height > most:
                million = most // 10**6
                raise NoPicture(f"“{name}” has more than {million} million pixels: choose a smaller picture.")
            yield opened
    except NoPicture:
        raise
    except _UNREADABLE as fault:
        raise NoPicture(
            f"“{name}” is no picture that can be read: choose a JPEG, PNG or GIF as the photograph."
        ) from fault


def _turned(picture: Image.Image, degrees: int) -> Image.Image:
    ways = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
    return picture.transpose(ways[degrees]) if degrees in ways else picture


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency, which a JPEG does not have."""
    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    flat = Image.new("RGB", layered.size, "white")
    flat.paste(layered, mask=layered.getchannel("A"))
    return flat
