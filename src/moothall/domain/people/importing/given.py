"""What one row says: who, where, and how they are reached, checked as everything that is typed is."""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from moothall.core.lists.models import Tag
from moothall.domain.people import lists as people_lists
from moothall.domain.people.actions import OrganisationDetails, PersonDetails, identity_of, tidied
from moothall.domain.people.details import AddressLines, check_birth
from moothall.domain.people.importing.carried import Account, Carried, Dealing
from moothall.domain.people.importing.fields import CONTACT, REFERENCE
from moothall.domain.people.importing.options import Options
from moothall.domain.people.importing.refusal import RowRefused
from moothall.domain.people.models import NINO_STEM, ContactDetail, Customer, ExternalReference, Organisation
from moothall.domain.people.names import fold, split_full_name
from moothall.domain.people.numbers import fold_number, normalise_contact
from moothall.domain.places.actions import check_lengths
from moothall.kit import nino as ninos
from moothall.kit import postcode as postcodes
from moothall.kit import text
from moothall.kit import uprn as uprns
from moothall.kit.invalid import Invalid

_NUMBERS = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]00:00(?::00)?)?")
_TIME = re.compile(r"(?:T| +)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?(?:Z|[+-]\d{2}:?\d{2})?$")
_GENDERS = {
    **dict.fromkeys(("f", "female", "woman", "girl"), "female"),
    **dict.fromkeys(("m", "male", "man", "boy"), "male"),
    **dict.fromkeys(("u", "x", "unspecified", "other", "indeterminate"), "unspecified"),
    **dict.fromkeys(("unknown", "not known"), ""),
}
_LANGUAGES = {"en": "en", "english": "en", "eng": "en", "cy": "cy", "welsh": "cy", "cymraeg": "cy", "cym": "cy"}


@dataclass(frozen=True)
class Way:
    """A way to reach them, as it is kept."""

    type: str
    value: str
    normalised: str


@dataclass(frozen=True, kw_only=True)
class Given:
    """A row in our words. `lines` is an address in parts, `whole` one still to be found; at most one of them is there."""

    person: PersonDetails | None = None
    organisation: OrganisationDetails | None = None
    ways: tuple[Way, ...] = ()
    lines: AddressLines | None = None
    whole: str = ""
    uprn: str = ""  # alone, without lines
    references: tuple[tuple[str, str], ...] = ()  # type and number
    tags: tuple[str, ...] = ()
    account: Account | None = None
    dealing: Dealing | None = None
    digest: str = ""

    @property
    def kind(self) -> Customer.Kind:
        return Customer.Kind.PERSON if self.person else Customer.Kind.ORGANISATION

    @property
    def postcode(self) -> str:
        """The postcode of its address, or empty."""
        return self.lines.postcode if self.lines else ""

    @property
    def stem(self) -> str:
        """What tells the National Insurance number from others, or empty."""
        return self.person.nino[:NINO_STEM] if self.person else ""

    @property
    def identity(self) -> list[str]:
        """The keys to lock while they are looked for and recorded, as every other action takes them."""
        named = [f"organisation:{fold(self.organisation.name)}"] if self.organisation else []
        keys = identity_of(self.person) if self.person else named
        keys += [f"account:{self.account.email}"] if self.account else []
        return [*keys, *(f"reference:{type}:{number}" for type, number in self.references)]


class Reader:
    """Reads rows by the columns of one import. What the lists say is read once; tags are those of these services, None: all."""

    def __init__(
        self,
        headings: Iterable[str],
        columns: Mapping[str, str],
        options: Options,
        *,
        today: date,
        services: Collection[str] | None,
    ) -> None:
        self._headings = list(headings)
        self._columns = [(place, columns.get(heading, "")) for place, heading in enumerate(self._headings)]
        self._by_field = {field: heading for heading, field in columns.items()}
        self._options, self._today = options, today
        self._forms = people_lists.forms()
        self._carried = Carried(self._by_field, today=today, day=self._a_day, tried=self._try, service=options.service)
        self.once = {
            field.removeprefix(REFERENCE): people_lists.belongs_to_one(field.removeprefix(REFERENCE))
            for field in columns.values()
            if field.startswith(REFERENCE)
        }
        self._tags: dict[str, str] = {}
        for tag in Tag.objects.of(services).filter(applies_to=Tag.Applies.CUSTOMER, retired_on=None, system=False):
            self._tags |= {tag.key.casefold(): tag.key, tag.label.casefold(): tag.key}

    def read(self, cells: list[str]) -> Given:
        """What a row says. Raises RowRefused naming the column."""
        if len(cells) > len(self._headings):
            raise RowRefused("", f"This row has {len(cells)} values, and there are {len(self._headings)} columns.")
        said: dict[str, str] = {}
        for place, field in self._columns:
            if field and place < len(cells):
                tidy = _lines if field == "dealing_text" else _tidy
                said[field] = self._try(field, partial(tidy, cells[place]))
        said = {field: value for field, value in said.items() if value}
        given = Given(
            ways=tuple(self._ways(said)),
            references=tuple(self._references(said)),
            tags=tuple(self._tagged(said)),
            account=self._carried.account(said),
            dealing=self._carried.dealing(said),
            digest=_digest(said),
            **self._address(said),
        )
        if "organisation" in said and not {"last_name", "full_name"} & said.keys():
            return replace(given, organisation=self._organisation(said))
        if "organisation" in said:
            raise RowRefused(
                self._by_field["organisation"], "A row is a person or an organisation: this one names both."
            )
        return replace(given, person=self._person(said))

    def _try(self, field: str, read: Callable[[], str]) -> str:
        try:
            return read()
        except Invalid as invalid:
            raise RowRefused(self._by_field.get(field, ""), str(invalid)) from invalid

    def _person(self, said: Mapping[str, str]) -> PersonDetails:
        names = {name: said.get(name, "") for name in ("title", "first_names", "last_name")}
        if whole := said.get("full_name"):
            apart = split_full_name(whole)
            names = {
                "title": names["title"] or apart.title,
                "first_names": names["first_names"] or apart.first_names,
                "last_name": apart.last_name,
            }
        if not names["last_name"]:
            column = self._by_field.get("last_name") or self._by_field.get("full_name") or ""
            raise RowRefused(column, "There is no last name.")
        if said.get("nino"):
            self._check("nino", lambda: ninos.normalise(said["nino"]))
        details = PersonDetails(
            **names,
            known_as=said.get("known_as", ""),
            name_at_birth=said.get("name_at_birth", ""),
            date_of_birth=self._born(said.get("date_of_birth", "")),
            gender=self._one_of("gender", said, _GENDERS, "female, male or unspecified"),
            nino=said.get("nino", ""),
            language=self._one_of("language", said, _LANGUAGES, "English or Welsh") or "en",
        )
        try:
            return tidied(details, strict=True)
        except Invalid as invalid:
            raise RowRefused(self._by_field.get("last_name", ""), str(invalid)) from invalid

    def _organisation(self, said: Mapping[str, str]) -> OrganisationDetails:
        details = OrganisationDetails(
            name=said["organisation"],
            charity_number=said.get("charity_number", ""),
            contact_name=said.get("contact_name", ""),
        )
        self._check("organisation", lambda: check_lengths(Customer, name=details.name))
        self._check("charity_number", lambda: check_lengths(Organisation, charity_number=details.charity_number))
        self._check("contact_name", lambda: check_lengths(Organisation, contact_name=details.contact_name))
        return details

    def _check(self, field: str, check: Callable[[], object]) -> None:
        self._try(field, lambda: str(check()))

    def _born(self, given: str) -> date | None:
        born = self._a_day("date_of_birth", given)
        try:
            check_birth(born, today=self._today)
        except Invalid as invalid:
            raise RowRefused(self._by_field["date_of_birth"], str(invalid)) from invalid
        return born

    def _a_day(self, field: str, given: str) -> date | None:
        """A day, of which a time of day is left out where it is no birth. Raises RowRefused."""
        if not given:
            return None
        column = self._by_field[field]
        given = given if field == "date_of_birth" else _TIME.sub("", given)
        if found := _YEAR_FIRST.fullmatch(given):
            year, month, day = (int(part) for part in found.groups())
        elif found := _NUMBERS.fullmatch(given):
            first, second, year = (int(part) for part in found.groups())
            day, month = (first, second) if self._options.dates == "dmy" else (second, first)
        else:
            day, month, year = _in_words(given, column)
        try:
            return date(year, month, day)
        except ValueError:
            raise RowRefused(column, "This is no day. Look at how the days of the file are written.") from None

    def _one_of(self, field: str, said: Mapping[str, str], words: Mapping[str, str], known: str) -> str:
        given = said.get(field, "").casefold()
        if given and given not in words:
            raise RowRefused(self._by_field[field], f"This is not one of {known}.")
        return str(words[given]) if given else ""

    def _ways(self, said: Mapping[str, str]) -> Iterable[Way]:
        for field, value in said.items():
            if field.startswith(CONTACT):
                type = field.removeprefix(CONTACT)
                self._check(field, partial(check_lengths, ContactDetail, value=value))
                normalised = self._try(field, partial(normalise_contact, type, value, forms=self._forms))
                yield Way(type, value, normalised)
        if (address := said.get("account_email")) and f"{CONTACT}email" not in said:  # they are reached there as well
            normalised = self._try("account_email", partial(normalise_contact, "email", address, forms=self._forms))
            yield Way("email", address, normalised)

    def _references(self, said: Mapping[str, str]) -> Iterable[tuple[str, str]]:
        for field, value in said.items():
            if field.startswith(REFERENCE) and (number := fold_number(value)):
                self._check(field, partial(check_lengths, ExternalReference, number=number))
                yield field.removeprefix(REFERENCE), number

    def _tagged(self, said: Mapping[str, str]) -> Iterable[str]:
        for word in re.split("[,;]", said.get("tags", "")):
            if wanted := word.strip().casefold():
                if wanted not in self._tags:
                    raise RowRefused(
                        self._by_field["tags"], f"“{word.strip()[:60]}” is not a tag that can be put on by hand."
                    )
                yield self._tags[wanted]

    def _address(self, said: Mapping[str, str]) -> dict[str, Any]:
        if said.get("uprn"):
            self._check("uprn", lambda: uprns.normalise(said["uprn"]))
        uprn = uprns.normalise(said["uprn"]) if said.get("uprn") else ""
        if whole := said.get("address"):
            code = said.get("postcode", "")
            there = "".join(code.split()).upper() in "".join(whole.split()).upper()
            return {"whole": whole if there else f"{whole}, {code}", "uprn": uprn}
        if not any(said.get(part) for part in ("line1", "line2", "town", "postcode")):
            return {"uprn": uprn}
        parts = {name: said.get(name, "") for name in ("line1", "line2", "town", "postcode")}
        if not parts["line1"]:
            parts["line1"], parts["line2"] = parts["line2"], ""
        for name, words in (("line1", "first line"), ("town", "town or city"), ("postcode", "postcode")):
            if not parts[name] and not uprn:
                raise RowRefused(self._by_field.get(name, ""), f"The address has no {words}.")
        if uprn and not all(parts[name] for name in ("line1", "town", "postcode")):
            return {"uprn": uprn}
        self._check("postcode", lambda: postcodes.normalise(parts["postcode"]))
        parts["postcode"] = postcodes.normalise(parts["postcode"])
        return {"lines": AddressLines(**parts, uprn=uprn)}


def _tidy(value: str) -> str:
    return " ".join(text.clean(value).split())


def _lines(value: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.clean(value).strip().splitlines())


def _in_words(given: str, column: str) -> tuple[int, int, int]:
    for form in ("%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%d-%B-%Y"):
        try:
            found = datetime.strptime(given, form)  # noqa: DTZ007 - a day, of no time zone
        except ValueError:
            continue
        return found.day, found.month, found.year
    raise RowRefused(column, "This is no day as 27/3/1958, 1958-03-27 or 27 March 1958. Years have four figures.")


def _digest(said: Mapping[str, str]) -> str:
    """The same for every row that says the same."""
    return hashlib.sha256("\x1f".join(f"{field}\x1e{said[field]}" for field in sorted(said)).encode()).hexdigest()
