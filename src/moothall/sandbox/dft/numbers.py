"""Badge numbers: a sequence that counts down, written in base 20."""

from collections.abc import Container

DIGITS = "0123456789ABCDEFGHJK"
FIRST = 63_999_999  # KKKKKK
LENGTH = 6
# The service skips numbers that contain a word from its own list, which is not public; these stand for it.
SKIPPED = ("FAG", "DEAD", "666")


def encode(value: int) -> str:
    """Write a sequence value as a badge number of six characters."""
    digits = []
    for _ in range(LENGTH):
        value, digit = divmod(value, len(DIGITS))
        digits.append(DIGITS[digit])
    if value:
        raise ValueError("A badge number has six characters.")
    return "".join(reversed(digits))


class Numbers:
    """Hands out badge numbers. `next_value` is the sequence value to try next."""

    def __init__(self, next_value: int = FIRST) -> None:
        self.next_value = next_value

    def take(self, taken: Container[str]) -> str:
        """The next number that is not taken and contains no skipped word."""
        while True:
            number = encode(self.next_value)
            self.next_value -= 1
            if number not in taken and not any(word in number for word in SKIPPED):
                return number
