"""Council settings: typed sections kept in the council's own database, read through `read` and nowhere else.

A field of type `SecretStr` is kept encrypted. What a section holds is declared by whoever needs it::

    class Letterhead(Section):
        section = "letterhead"
        address: list[str] = []
"""

import base64
import time
from datetime import datetime
from typing import ClassVar, Literal, TypeVar

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import connection
from pydantic import BaseModel, ConfigDict, SecretStr

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council.models import Setting

KEPT_SECONDS = 10.0


class Section(BaseModel):
    """A group of settings stored under `<section>.<field>`."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    section: ClassVar[str]


class Council(Section):
    """Who the council is."""

    section = "council"
    name: str = "Example Council"
    nation: Literal["england", "wales", "scotland", "northern_ireland"] = "england"
    address: list[str] = ["1 Example Square", "Exampleton", "EX1 1AA"]
    phone: str = "0300 000 0000"
    email: str = "contact@example.org"
    email_from: str = "Example Council <noreply@example.org>"
    website: str = "https://www.example.org"
    colour: str = "#1d4f5c"
    public_url: str = "http://localhost:8000"


S = TypeVar("S", bound=Section)
_kept: dict[tuple[str, str], tuple[float, Section]] = {}


def read(kind: type[S]) -> S:
    """The settings of one section; at most ten seconds old."""
    key = (str(connection.settings_dict["NAME"]), kind.section)
    kept = _kept.get(key)
    if kept and kept[0] > time.monotonic() and isinstance(kept[1], kind):
        return kept[1]
    values = {
        row.key.partition(".")[2]: _box().decrypt(bytes(row.secret)).decode() if row.secret is not None else row.value
        for row in Setting.objects.filter(key__startswith=f"{kind.section}.")
    }
    section = kind.model_validate(values)
    _kept[key] = (time.monotonic() + KEPT_SECONDS, section)
    return section


def write(section: Section, *, by: User, at: datetime) -> None:
    """Keep every field of `section`."""
    with recording.because(action="settings.changed", by=by, at=at):
        for name in type(section).model_fields:
            value = getattr(section, name)
            secret = isinstance(value, SecretStr)
            row, _ = Setting.objects.update_or_create(
                key=f"{section.section}.{name}",
                defaults={
                    "value": None if secret else section.model_dump(mode="json")[name],
                    "secret": _box().encrypt(value.get_secret_value().encode()) if secret else None,
                },
            )
            recording.record("settings.changed", row, by=by, at=at, key=row.key)
    forget()


def forget() -> None:
    """Drop what was read, so that the next `read` asks the database."""
    _kept.clear()


def _box() -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"moothall.council.settings")
    return Fernet(base64.urlsafe_b64encode(key.derive(settings.SECRET_KEY.encode())))
