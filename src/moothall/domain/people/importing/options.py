"""What is said of an import besides its columns, and whether columns and options make sense together."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moothall.domain.people.importing import fields, services
from moothall.domain.people.importing.carried import DEALING
from moothall.domain.people.importing.refusal import ImportRefused

_PARTS = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
DATES = {"dmy": "day, month, year: 27/3/1958", "mdy": "month, day, year: 3/27/1958"}


class Options(BaseModel):
    """`dates`: how days are written, where they are not 1958-03-27. `known`: what is done with who is known already.

    `likely`: whether somebody is made who is likely recorded. `match`: whether addresses in parts are looked for in the
    gazetteer as well; whole ones always are. `source`: the name of the system whose contacts and cases these are, and
    `service` the key of the service they belong to where a row does not say another.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    dates: Literal["dmy", "mdy"] = "dmy"
    known: Literal["fill", "update", "leave"] = "fill"
    likely: Literal["hold", "make"] = "hold"
    match: bool = False
    source: str = Field(default="", max_length=60)
    service: str = Field(default="", max_length=60)


def of(given: Mapping[str, Any]) -> Options:
    """The options as given. Raises ImportRefused."""
    try:
        return Options.model_validate(given)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ImportRefused(f"The option “{where}” cannot be that: {first['msg'].rstrip('.')}.") from None


def dates_of(values: Iterable[str]) -> Literal["dmy", "mdy"]:
    """How days seem to be written: the month first only where one has a second part that no month has."""
    found = [match for value in values if (match := _PARTS.fullmatch(value.strip()))]
    month_first = any(int(one[2]) > 12 for one in found) and not any(int(one[1]) > 12 for one in found)
    return "mdy" if month_first else "dmy"


def check(columns: Mapping[str, str], headings: Iterable[str], chosen_options: Options) -> None:
    """Refuse columns of which no customer can be made, or no earlier contact or case. Raises ImportRefused."""
    known, there = fields.labels(), set(headings)
    for heading, field in columns.items():
        if heading not in there:
            raise ImportRefused(f"The file has no column “{heading}”.")
        if field not in known:
            raise ImportRefused(f"“{field}” is no field of a customer.")
    chosen = list(columns.values())
    for field in chosen:
        if chosen.count(field) > 1:
            raise ImportRefused(f"Two columns are chosen as “{known[field]}”. Choose one.")
    if not {"last_name", "full_name", "organisation"} & set(chosen):
        raise ImportRefused("Say which column is the last name, the whole name or the name of the organisation.")
    if {"last_name", "full_name"} <= set(chosen):
        raise ImportRefused("Choose the last name or the whole name, not both.")
    if "address" in chosen and {"line1", "line2", "town"} & set(chosen):
        raise ImportRefused("Choose the whole address or its parts, not both.")
    if "account_since" in chosen and "account_email" not in chosen:
        raise ImportRefused("Say which column is the e-mail address they sign in with.")
    if DEALING.keys() & set(chosen):
        if not {"dealing_number", "dealing_on"} <= set(chosen):
            raise ImportRefused("Say which column is the number of each contact or case, and which its day.")
        if not {"dealing_subject", "dealing_text"} & set(chosen):
            raise ImportRefused("Say which column tells what a contact or case was about.")
        if not chosen_options.source.strip():
            raise ImportRefused("Name the system that the contacts and cases come from.")
    if chosen_options.service and chosen_options.service not in services.known():
        raise ImportRefused(f"“{chosen_options.service}” is no service of this council.")
