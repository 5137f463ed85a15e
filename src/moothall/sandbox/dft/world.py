"""Everything the stand-in for the national service knows. One thread changes it, so each operation is whole."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from moothall.sandbox.dft import refdata
from moothall.sandbox.dft.auth import Clients
from moothall.sandbox.dft.beans import Record
from moothall.sandbox.dft.documents import Documents
from moothall.sandbox.dft.numbers import FIRST, Numbers
from moothall.sandbox.dft.store import Store


@dataclass(slots=True)
class Settings:
    """What may be changed while it runs. All in seconds; a lifecycle step of None never happens by itself."""

    processed_after: float | None = 60.0
    issued_after: float | None = 120.0
    link_seconds: int = 1800
    token_seconds: int = 3600


@dataclass(slots=True)
class Application:
    """An application as the service keeps it. `record` is what it shows, without links; `files` keeps their keys."""

    record: Record
    files: list[str] = field(default_factory=list)
    deleted: bool = False

    @property
    def id(self) -> str:
        return str(self.record["applicationId"])

    @property
    def la(self) -> str:
        return str(self.record["localAuthorityCode"])


@dataclass(slots=True)
class Badge:
    """A badge. Days and moments are ISO text; moments have no zone, as the service shows them."""

    number: str
    party: Record
    la: str
    la_reference: str | None
    application_date: str
    channel: str
    ordered_on: str
    ordered_at: float
    start: str
    expiry: str
    eligibility: str | None
    not_for_reassessment: bool | None
    deliver_to: str
    delivery_option: str
    fingerprint: str
    status: str = "ORDERED"
    by_itself: bool = True  # whether it moves on through the lifecycle without being told
    photo: str | None = None
    thumbnail: str | None = None
    cancel_reason: str | None = None
    replace_reason: str | None = None
    print_requested: str | None = None
    issued: str | None = None
    rejected: str | None = None
    rejected_reason: str | None = None

    @property
    def holder(self) -> str:
        part = self.party["person"] or self.party["organisation"]
        return str(part["badgeHolderName"])


class World:
    """The state, kept in a file when one is given."""

    def __init__(
        self,
        *,
        path: Path | None = None,
        credentials_seed: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.clock = clock
        self.base_url = ""
        self.store = Store(path)
        self.clients = Clients(self.store, authorities=refdata.authorities(), seed=credentials_seed, now=clock())
        self.documents = Documents(self.store, secret=self.clients.citizen_app().client_secret.encode())
        self.settings = Settings(**self._kept("settings"))
        self.applications: dict[str, Application] = {}
        self.by_authority: dict[str, list[Application]] = {}
        for _, value, _ in self.store.all("application"):
            self._index(Application(**value))
        for listed in self.by_authority.values():
            listed.sort(key=lambda application: str(application.record["submissionDate"]))
        self.badges: dict[str, Badge] = {}
        self.by_fingerprint: dict[str, list[Badge]] = {}
        for _, value, _ in self.store.all("badge"):
            self._index_badge(Badge(**value))
        self.numbers = Numbers(self._kept("numbers").get("next_value", FIRST))

    def _kept(self, name: str) -> dict[str, Any]:
        return next((dict(value) for key, value, _ in self.store.all("single") if key == name), {})

    def now(self) -> float:
        """Seconds since 1970."""
        return self.clock().timestamp()

    def today(self) -> date:
        """The day where the server stands."""
        return self.clock().astimezone().date()

    def link(self, key: str) -> str:
        """A link to a stored file that stops working after `settings.link_seconds`."""
        expires = int(self.now()) + self.settings.link_seconds
        return self.documents.link(key, base_url=self.base_url, expires=expires)

    def change_settings(self, changes: dict[str, Any]) -> None:
        """Change settings. Raises TypeError for a name that is none."""
        self.settings = Settings(**(asdict(self.settings) | changes))
        self.store.put("single", "settings", asdict(self.settings))

    def add_application(self, application: Application) -> None:
        """Take in a new application."""
        self._index(application)
        self.keep_application(application)

    def _index(self, application: Application) -> None:
        self.applications[application.id] = application
        self.by_authority.setdefault(application.la, []).append(application)

    def move_application(self, application: Application, *, to: str) -> None:
        """Hand an application to another authority, in the order of submission."""
        self.by_authority[application.la].remove(application)
        application.record["localAuthorityCode"] = to
        listed = self.by_authority.setdefault(to, [])
        listed.append(application)
        listed.sort(key=lambda one: str(one.record["submissionDate"]))
        self.keep_application(application)

    def keep_application(self, application: Application) -> None:
        """Write a changed application to the file."""
        self.store.put("application", application.id, asdict(application))

    def keep_badge(self, badge: Badge) -> None:
        """Take in a new badge, or write a changed one to the file."""
        if badge.number not in self.badges:
            self._index_badge(badge)
        self.store.put("badge", badge.number, asdict(badge))

    def _index_badge(self, badge: Badge) -> None:
        self.badges[badge.number] = badge
        self.by_fingerprint.setdefault(badge.fingerprint, []).append(badge)

    def take_number(self) -> str:
        """The next free badge number."""
        number = self.numbers.take(self.badges)
        self.store.put("single", "numbers", {"next_value": self.numbers.next_value})
        return number

    def clear(self) -> None:
        """Forget applications, badges and documents. Credentials, settings and tokens stay."""
        for application in self.applications:
            self.store.remove("application", application)
        for badge in self.badges:
            self.store.remove("badge", badge)
        for document in self.documents.all_keys():
            self.documents.remove(document)
        self.applications.clear()
        self.by_authority.clear()
        self.badges.clear()
        self.by_fingerprint.clear()
        self.numbers = Numbers()
        self.store.put("single", "numbers", {"next_value": FIRST})
