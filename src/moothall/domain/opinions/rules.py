"""What a council sets about opinions, and why one is refused."""

from pydantic import Field

from moothall.core.council.settings import Council, Section, read


class Opinions(Section):
    """Where links lead, and how outsiders prove that a link was meant for them."""

    section = "opinions"
    url: str = (
        ""  # where people outside reach this product, e.g. https://cases.example.gov.uk; empty: council.public_url
    )
    codes: bool = True  # a browser not seen before is asked for a code that goes to the same address as the link
    days: int = Field(default=14, ge=1, le=90)


class OpinionRefused(Exception):
    """Its message may be shown to whoever asked. `field` is what of `ask` it is about."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class NotOpen(OpinionRefused):
    """The opinion was answered, declined or withdrawn, or its time is over."""


def address(path: str) -> str:
    """The whole address of a page of ours for somebody outside; empty where the council has not said."""
    start = (read(Opinions).url or read(Council).public_url).rstrip("/")
    return f"{start}{path}" if start else ""
