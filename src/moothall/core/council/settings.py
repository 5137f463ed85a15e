"""Council settings: typed sections kept in the council's own database, read through `read` and nowhere else.

A field of type `SecretStr` is kept encrypted. What a section holds is declared by whoever needs it::

    class Letterhead(Section):
        section = "letterhead"
        address: list[str] = []
"""

import time
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from moothall.core import database, sealed
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council.models import Setting

KEPT_SECONDS = 10.0
_PURPOSE = "moothall.council.settings"


class Section(BaseModel):
    """A group of settings stored under `<section>.<field>`."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    section: ClassVar[str]


class SettingRefused(Exception):
    """There is no such setting, or it cannot have this value. Its message may be shown to whoever asked."""


class Council(Section):
    """Who the council is. What is not set is left out of letters; without `email_from` no e-mail goes out."""

    section = "council"
    name: str = ""
    nation: Literal["england", "wales", "scotland", "northern_ireland"] = "england"
    address: list[str] = []
    phone: str = ""
    email: str = ""
    email_from: str = ""
    website: str = ""
    colour: str = Field(default="#1d4f5c", pattern=r"^#[0-9a-fA-F]{6}$")
    font: str = Field(default="Arial", pattern=r"^[A-Za-z0-9 -]{1,60}$")  # a family that browsers have
    public_url: str = ""  # where the public follow their cases; empty: nowhere, and no message promises it

    @property
    def missing(self) -> list[str]:
        """The settings that letters and e-mails need and that are not set."""
        needed = ("name", "address", "phone", "email", "email_from", "website")
        return [f"{self.section}.{name}" for name in needed if not getattr(self, name)]

    @property
    def contact_lines(self) -> list[str]:
        """How to reach the council: telephone, e-mail and web address, those that are set."""
        return [line for line in (self.phone, self.email, self.website) if line]


S = TypeVar("S", bound=Section)
_kept: dict[tuple[str, str], tuple[float, Section]] = {}


def read(kind: type[S]) -> S:
    """The settings of one section; at most ten seconds old."""
    key = (database.where(), kind.section)
    kept = _kept.get(key)
    if kept and kept[0] > time.monotonic() and isinstance(kept[1], kind):
        return kept[1]
    section = kind.model_validate(_stored(kind))
    _kept[key] = (time.monotonic() + KEPT_SECONDS, section)
    return section


def write(section: Section, *, by: User, at: datetime, only: Collection[str] | None = None) -> None:
    """Keep every field of `section`, or `only` those named. Raises SettingRefused for a value it cannot have.

    It is looked at again here: a copy made with other values was looked at by nobody.
    """
    try:
        section = type(section).model_validate(dict(section))
    except ValidationError as invalid:
        raise SettingRefused(f"Nothing was set. {_faults(section.section, invalid)}.") from None
    with recording.because(action="settings.changed", by=by, at=at):
        for name in type(section).model_fields if only is None else only:
            value = getattr(section, name)
            secret = isinstance(value, SecretStr)
            row, _ = Setting.objects.update_or_create(
                key=f"{section.section}.{name}",
                defaults={
                    "value": None if secret else section.model_dump(mode="json")[name],
                    "secret": sealed.box(_PURPOSE).encrypt(value.get_secret_value().encode()) if secret else None,
                },
            )
            recording.record("settings.changed", row, by=by, at=at, key=row.key)
    forget()


def sections() -> dict[str, type[Section]]:
    """Every section declared in a module that is imported, by its name."""
    found = {kind.section: kind for kind in Section.__subclasses__()}
    return dict(sorted(found.items()))


def is_secret(kind: type[Section], name: str) -> bool:
    """Whether a field is kept encrypted and never shown. Raises SettingRefused when there is no such field."""
    if name not in kind.model_fields:
        raise SettingRefused(f"{kind.section} has no setting “{name}”: it has {', '.join(kind.model_fields)}.")
    return kind.model_fields[name].annotation is SecretStr


def change(kind: type[Section], name: str, words: Sequence[str], *, by: User, at: datetime) -> Section:
    """Give one field the value written in `words`: one for each entry of a list, otherwise a single one.

    A single empty word gives a field that is not text its value of a new installation back. Nothing else is kept anew.
    Raises SettingRefused with a sentence, in which no secret stands.
    """
    secret = is_secret(kind, name)
    field = kind.model_fields[name]
    value: Any = list(words)
    if list(words) == [""] and field.annotation not in (str, SecretStr):
        value = field.get_default(call_default_factory=True)
    elif get_origin(field.annotation) is not list:
        if len(words) != 1:
            raise SettingRefused(f"{kind.section}.{name} takes one value; put it in quotes when it has spaces.")
        value = words[0]
    try:
        section = kind.model_validate({**_stored(kind), name: value})
    except ValidationError as invalid:
        told = _faults(kind.section, invalid)
        given = "" if secret else f" to “{' '.join(words)}”"
        raise SettingRefused(f"{kind.section}.{name} was not set{given}. {told}.") from None
    write(section, by=by, at=at, only=[name])
    return section


def forget() -> None:
    """Drop what was read, so that the next `read` asks the database."""
    _kept.clear()


def _faults(section: str, invalid: ValidationError) -> str:
    """What is wrong with which setting, without what was given, which may be a secret."""
    faults = invalid.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{section}.{fault['loc'][0]}: {fault['msg'].rstrip('.')}" for fault in faults)


def _stored(kind: type[Section]) -> dict[str, Any]:
    return {
        row.key.partition(".")[2]: sealed.box(_PURPOSE).decrypt(bytes(row.secret)).decode()
        if row.secret is not None
        else row.value
        for row in Setting.objects.filter(key__startswith=f"{kind.section}.")
    }
