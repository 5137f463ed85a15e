"""How a view outside the API says who may call it. A test refuses one that does not."""

from collections.abc import Callable
from typing import TypeVar

View = TypeVar("View", bound=Callable[..., object])
MARK = "who_may_call"


def who_may_call(sentence: str) -> Callable[[View], View]:
    """Say who may call a view. The view itself sees to it; nobody need be signed in at the desk."""

    def mark(view: View) -> View:
        setattr(view, MARK, sentence)
        setattr(view, "login_required", False)  # noqa: B010 - a function has no such attribute to a type checker
        return view

    return mark


public = who_may_call("Anybody: it holds no data of the council or of a person")
