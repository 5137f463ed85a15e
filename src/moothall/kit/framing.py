"""A part of a picture, chosen by a person: where it lies, in per cent, and how far the picture was turned before."""

import re
from dataclasses import dataclass

from moothall.kit.invalid import Invalid

TURNS = (0, 90, 180, 270)  # degrees clockwise
SMALLEST = 5.0  # per cent of either side
CLOSE = 0.03  # what rounding may do to a shape
_NUMBER = re.compile(r"\d{1,3}(\.\d{1,4})?")


class InvalidFrame(Invalid):
    """This is no part of a picture. Its sentence may be shown."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of a picture in per cent of its width and height, once it was turned (degrees clockwise)."""

    left: float = 0
    top: float = 0
    width: float = 100
    height: float = 100
    turned: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the picture."""
        return self.width == self.height == 100

    def fits(self, size: tuple[int, int], shape: tuple[int, int]) -> bool:
        """Whether, of a turned picture of this size in pixels, it has this shape (width to height), within three per cent."""
        wide, high = size[0] * self.width, size[1] * self.height
        return abs(wide * shape[1] / (high * shape[0]) - 1) < CLOSE

    def __str__(self) -> str:
        """As it is kept: five numbers, the last of them the turn."""
        return " ".join(f"{number:g}" for number in (self.left, self.top, self.width, self.height, self.turned))

    def box(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in pixels, of a turned picture of this size; at least one pixel each way."""
        wide, high = size
        left, top = round(wide * self.left / 100), round(high * self.top / 100)
        right, bottom = round(wide * (self.left + self.width) / 100), round(high * (self.top + self.height) / 100)
        left, top = min(left, wide - 1), min(top, high - 1)
        return left, top, min(wide, max(right, left + 1)), min(high, max(bottom, top + 1))


def parse(text: str) -> Frame:
    """The frame written as `str(frame)` writes it. Raises InvalidFrame."""
    parts = text.split()
    if len(parts) != 5 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise InvalidFrame(
            "A part of a picture is five numbers: left, top, width and height in per cent, and the turn."
        )
    left, top, width, height, turned = (float(part) for part in parts)
    if width < SMALLEST or height < SMALLEST:
        raise InvalidFrame(f"The part must be at least {SMALLEST:g} per cent of the picture wide and high.")
    if left + width > 100.01 or top + height > 100.01:
        raise InvalidFrame(
            "The part must lie within the picture: left and width, and top and height, come to 100 at most."
        )
    if turned not in TURNS:
        raise InvalidFrame("A picture is turned by 0, 90, 180 or 270 degrees.")
    return Frame(left, top, width, height, int(turned))


def largest(size: tuple[int, int], shape: tuple[int, int], *, turned: int = 0) -> Frame:
    """The largest part of this shape (width to height) in the middle of a turned picture of this size in pixels."""
    wide, high = size
    width = min(wide, high * shape[0] / shape[1])
    across, down = round(100 * width / wide, 2), round(100 * width * shape[1] / shape[0] / high, 2)
    return Frame(round((100 - across) / 2, 2), round((100 - down) / 2, 2), across, down, turned)
