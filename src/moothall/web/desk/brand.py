"""The council's colour and font as a style sheet of a few custom properties."""

import hashlib

from moothall.core.council.settings import Council

_DARK, _LIGHT = "#0b0c0c", "#ffffff"
_READABLE = 4.5  # contrast of WCAG 2.2 AA


def style(council: Council) -> str:
    """The style sheet."""
    return (
        f":root{{--govuk-brand-colour:{council.colour};--moothall-on-brand:{on(council.colour)};"
        f'--moothall-font:"{council.font}"}}\n'
    )


def digest(council: Council) -> str:
    """Names the style sheet by what is in it, so that browsers keep it until it changes."""
    return hashlib.sha256(style(council).encode()).hexdigest()[:12]


def on(colour: str) -> str:
    """White, or black where white would not be readable on this colour."""
    return _LIGHT if 1.05 / (_luminance(colour) + 0.05) >= _READABLE else _DARK


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
