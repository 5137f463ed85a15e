"""What numbers on a command line may be, as types for argparse, which says the sentence and ends with status 2."""

from argparse import ArgumentTypeError

HIGHEST_PORT = 65_535


def port(text: str) -> int:
    """A port to listen on; 0 is any free one."""
    return _whole(text, least=0, most=HIGHEST_PORT)


def count(text: str) -> int:
    """How many, at least one."""
    return _whole(text, least=1, most=10**9)


def seconds(text: str) -> float:
    """A length of time above nothing."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 10**9:
        raise ArgumentTypeError(f"“{text}” is no number of seconds above 0.")
    return number


def _whole(text: str, *, least: int, most: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise ArgumentTypeError(f"“{text}” is no whole number from {least} to {most}.")
    return number
