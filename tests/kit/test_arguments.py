"""Numbers on a command line are checked where they are read."""

from argparse import ArgumentTypeError
from collections.abc import Callable

import pytest

from moothall.kit import arguments


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        (arguments.port, "0", 0),
        (arguments.port, "65535", 65_535),
        (arguments.count, "1", 1),
        (arguments.seconds, "0.5", 0.5),
    ],
)
def test_what_makes_sense_is_read(kind: Callable[[str], float], text: str, number: float) -> None:
    assert kind(text) == number


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *((arguments.port, text) for text in ("65536", "-1", "http", "")),
        *((arguments.count, text) for text in ("0", "-3", "many", "1.5")),
        *((arguments.seconds, text) for text in ("0", "-1", "nan", "inf", "soon")),
    ],
)
def test_what_does_not_is_refused_with_a_sentence_that_repeats_it(kind: Callable[[str], float], text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=rf"^“{text}” is no .*\.$"):
        kind(text)
