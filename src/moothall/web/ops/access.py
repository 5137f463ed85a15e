"""How a view outside the API says who may call it. A test refuses one that does not."""

from collections.abc import Callable
from typing import TypeVar

View = TypeVar("View", bound=Callable[..., object])
MARK = "who_may_call"


def who_may_call(sentence: str) -> Callable[[View], View]:
    """Say who may call a view. The view itself sees to it."""

    def mark(view: View) -> View:
        setattr(view, MARK, sentence)
        return view

    return mark


public = who_may_call("Anybody: it holds no data of the council or of a person")
