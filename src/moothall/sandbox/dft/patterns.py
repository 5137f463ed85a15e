"""The contract's own patterns. They are the service's, not the platform's: the two may differ."""

import re

NINO = re.compile(
    r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:\s*\d\s*){6}[A-D]?\s*", re.IGNORECASE | re.ASCII
)
POSTCODE_ON_BADGE = re.compile(r"[A-Za-z]{1,2}[0-9][0-9A-Za-z]?\s?[0-9][A-Za-z]{2}")
POSTCODE_ON_APPLICATION = re.compile(
    r"[Gg][Ii][Rr] 0[Aa]{2}"
    r"|(?:[A-Za-z][0-9]{1,2}|[A-Za-z][A-Ha-hJ-Yj-y][0-9]{1,2}|[AZa-z][0-9][A-Za-z]|[A-Za-z][A-Ha-hJ-Yj-y][0-9]?[A-Za-z])"
    r"\s*[0-9][A-Za-z]{2}"
)
EMAIL = re.compile(r"\S+@\S+")
AUTHORITY_ON_BADGE = re.compile(r"[A-Z]+")


def squeezed(text: str | None) -> str | None:
    """Without any white space, as the service keeps telephone numbers."""
    return "".join(text.split()) if text else text


def squeezed_upper(text: str | None) -> str | None:
    """Without white space and in capitals, as the service keeps postcodes and National Insurance numbers."""
    return "".join(text.split()).upper() if text else text
