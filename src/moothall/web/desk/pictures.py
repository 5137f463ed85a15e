"""Small pictures of images among the documents, made when asked for."""

from io import BytesIO

from PIL import Image, ImageOps

from moothall.domain.documents import actions as files
from moothall.domain.documents.models import Document

SIZE = (192, 240)  # pixels; shown at half of it, sharp on any screen


def small(document: Document) -> bytes:
    """A JPEG of at most SIZE, the right way up and without what the camera wrote. Raises OSError, FileMissing."""
    with files.open_file(document) as opened, Image.open(opened) as image:
        image.draft("RGB", SIZE)
        picture = ImageOps.exif_transpose(image).convert("RGB")
        picture.thumbnail(SIZE)
        content = BytesIO()
        picture.save(content, "JPEG", quality=80)
        return content.getvalue()
