"""What a council sets about its portal, and why something of a citizen's is refused."""

from datetime import date, timedelta

from pydantic import Field

from moothall.core.council.settings import Council, Section, read


class Portal(Section):
    """The citizens' pages: whether they are open, where they are, what they say about themselves, and their limits."""

    section = "portal"
    open: bool = False
    url: str = ""  # where citizens reach it, e.g. https://my.example.gov.uk; empty: council.public_url
    accounts: bool = True  # somebody can register with an e-mail address and a password
    session_minutes: int = Field(default=30, ge=10, le=120)  # unused for so long, a session ends
    session_hours: int = Field(default=12, ge=1, le=24)  # however much it is used
    failures: int = Field(default=10, ge=3, le=100)  # wrong passwords, codes or cases in 15 minutes, of one account
    failures_of_source: int = Field(default=50, ge=5, le=1000)  # and of one network address
    forms_of_source: int = Field(default=200, ge=10, le=10_000)  # forms begun in 15 minutes from one network address
    letters_an_hour: int = Field(default=5, ge=1, le=20)  # e-mails with a link, to one address
    accessibility_issues: list[str] = []  # what is known not to be accessible, a sentence each
    accessibility_tested: date | None = None
    accessibility_email: str = ""
    privacy_officer: str = ""  # how to reach the data protection officer
    privacy_notice: list[str] = []  # paragraphs, after those that say what the product does


WINDOW_MINUTES = 15


class CitizenRefused(Exception):
    """Its message may be shown to whoever asked. `field` is what of the form it is about."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def idle() -> timedelta:
    """How long a session lasts unused."""
    return timedelta(minutes=read(Portal).session_minutes)


def longest() -> timedelta:
    """How long a session lasts at most."""
    return timedelta(hours=read(Portal).session_hours)


def address(path: str) -> str:
    """The whole address of a page of the portal; empty where the council has not said where it is."""
    start = (read(Portal).url or read(Council).public_url).rstrip("/")
    return f"{start}{path}" if start else ""
