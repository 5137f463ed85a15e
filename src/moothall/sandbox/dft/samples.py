"""Small made-up files: a photo nobody is on, and a one-page PDF."""

import io
from functools import cache

from PIL import Image, ImageDraw

PHOTO_VARIANTS = 12


@cache
def photo_png(variant: int) -> bytes:
    """A drawn face, plainly nobody's; `variant` changes its colours."""
    shade = 40 + (variant % PHOTO_VARIANTS) * 15
    image = Image.new("RGB", (105, 135), (200, 215, 255 - shade // 2))
    draw = ImageDraw.Draw(image)
    draw.ellipse((25, 20, 80, 90), fill=(225, 190 - shade // 3, 150))
    draw.ellipse((38, 45, 46, 53), fill="black")
    draw.ellipse((59, 45, 67, 53), fill="black")
    draw.arc((40, 58, 66, 76), 20, 160, fill="black", width=2)
    draw.rectangle((15, 95, 90, 135), fill=(shade, 90, 120))
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def proof_pdf(text: str) -> bytes:
    """A one-page PDF that shows a line of plain ASCII text."""
    shown = text.encode("ascii", "replace").replace(b"\\", b"").replace(b"(", b"[").replace(b")", b"]")
    stream = b"BT /F1 18 Tf 72 760 Td (" + shown + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    content = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return content + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
