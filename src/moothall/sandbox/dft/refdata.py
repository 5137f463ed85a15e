"""The service's reference data: code lists, issuing authorities and councils (see data/SOURCE.md)."""

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from moothall.sandbox.dft.responses import Refused, bad_field

DOMAINS = ("BADGE", "APP", "CITIZEN", "USER", "MESSAGE")


@dataclass(frozen=True, slots=True)
class Authority:
    """A council that issues badges. `nation` is ENG, SCO, WLS or NIR."""

    code: str
    name: str
    nation: str
    office_postcode: str
    contact_url: str
    signpost_url: str


@dataclass(frozen=True, slots=True)
class Item:
    """One code of a code list. `domains` says in which lists of the service it is published."""

    group: str
    group_name: str
    code: str
    name: str
    order: int
    subgroup: str | None
    subgroup_name: str | None
    domains: frozenset[str]


def _rows(name: str) -> list[dict[str, str]]:
    text = files("moothall.sandbox").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@cache
def authorities() -> dict[str, Authority]:
    """Every issuing authority by its short code."""
    return {
        row["code"]: Authority(
            code=row["code"],
            name=row["description"],
            nation=row["nation_in_data"] or row["nation_derived_from_gss"],
            office_postcode=row["office_postcode"],
            contact_url=row["contact_url"],
            signpost_url=row["different_service_signpost_url"],
        )
        for row in _rows("local_authorities.csv")
    }


@cache
def items() -> tuple[Item, ...]:
    """Every code of every code list."""
    return tuple(
        Item(
            group=row["group_code"],
            group_name=row["group_description"],
            code=row["code"],
            name=row["description"],
            order=int(row["display_order"]),
            subgroup=row["subgroup_code"] or None,
            subgroup_name=row["subgroup_description"] or None,
            domains=frozenset(row["domains"].split("|")),
        )
        for row in _rows("codes.csv")
    )


@cache
def codes(group: str) -> frozenset[str]:
    """The codes of one list, for example `codes("GENDER")`."""
    return frozenset(item.code for item in items() if item.group == group)


@cache
def automatic_eligibility() -> frozenset[str]:
    """Eligibility codes that need no further assessment."""
    return frozenset(item.code for item in items() if item.subgroup == "ELIG_AUTO")


@cache
def domain(name: str) -> list[dict[str, Any]]:
    """The full list published for one domain, any case.

    Raises `Refused` (400) for a domain the service does not have.
    """
    wanted = name.upper()
    if wanted not in DOMAINS:
        raise bad_field("domain", "typeMismatch.domain", f"{name} is not one of {', '.join(DOMAINS)}")
    lists = [_code_json(item) for item in items() if wanted in item.domains]
    lists += [_authority_json(authority) for authority in authorities().values()]
    if wanted in {"APP", "BADGE", "CITIZEN"}:
        lists += [_council_json(row) for row in _rows("local_councils.csv")]
    return lists


def authority_for_postcode(postcode: str) -> dict[str, Any]:
    """The issuing authority for a postcode.

    A stand-in for the service's look-up of administrative districts: the authority whose office shares the longest
    beginning of the postcode, at least its area letters; of several, the first by code. Raises `Refused` (404).
    """
    wanted = "".join(postcode.split()).upper()
    area = wanted[: next((index for index, char in enumerate(wanted) if not char.isalpha()), len(wanted))]
    best, shared = None, len(area)
    for authority in authorities().values():
        office = authority.office_postcode.replace(" ", "")
        if not area or not office.startswith(area) or office[len(area)].isalpha():
            continue
        length = _shared_beginning(office, wanted)
        if best is None or length > shared:
            best, shared = authority, length
    if best is None:
        raise Refused(404, "NotFound.Postcode", "No local authority is known for this postcode.")
    return _authority_json(best)


def _shared_beginning(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _entry(group: str, group_name: str, code: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "shortCode": code,
        "description": name,
        "metaData": None,
        "groupShortCode": group,
        "groupDescription": group_name,
        "subgroupShortCode": None,
        "subgroupDescription": None,
        "displayOrder": 0,
    } | more


def _code_json(item: Item) -> dict[str, Any]:
    return _entry(
        item.group,
        item.group_name,
        item.code,
        item.name,
        subgroupShortCode=item.subgroup,
        subgroupDescription=item.subgroup_name,
        displayOrder=item.order,
    )


def _authority_json(authority: Authority) -> dict[str, Any]:
    meta = {
        "nation": authority.nation,
        "postcode": authority.office_postcode,
        "contactUrl": authority.contact_url,
        "differentServiceSignpostUrl": authority.signpost_url,
    }
    present = {key: value for key, value in meta.items() if value} | {"paymentsEnabled": False}
    return _entry("LA", "Local Authority", authority.code, authority.name, metaData=present)


def _council_json(row: dict[str, str]) -> dict[str, Any]:
    meta = {"issuingAuthorityShortCode": row["issuing_la"], "adminDistrictCode": row["gss_admin_district_code"]}
    return _entry("LC", "Local Council", row["code"], row["description"], metaData=meta)
