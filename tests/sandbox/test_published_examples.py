"""Every published request gives the status and the error keys its index says."""

import csv
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.sandbox.callers import Caller, keys_of

FOLDER = Path(__file__).parents[1] / "fixtures" / "dft_blue_badge"
INDEX = list(csv.DictReader((FOLDER / "index.csv").read_text(encoding="utf-8").splitlines()))
# Short-hand keys of the index that name a field and a constraint, in the service's own words.
CONSTRAINTS = {
    "NotValid": "NotValid",
    "NotValid(past)": "NotValid",
    "NotNull": "NotNull",
    "type": "InvalidFormat",
    "enum": "InvalidFormat",
}


# The index gives this file the keys of three requests, of which only the one with a long town was recorded.
RECORDED_IN_PART = {
    "09-create-400-when-address-field-character-limits-are-exceeded.json": [
        "Size.badgeOrderRequest.party.contact.townCity"
    ]
}


def later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def days() -> dict[str, date]:
    today = date.today()  # noqa: DTZ011 - the sandbox's day is the machine's
    soon = today + timedelta(days=31)
    return {
        "TODAY": today,
        "TODAY_MINUS_1D": today - timedelta(days=1),
        "TODAY_PLUS_1D": today + timedelta(days=1),
        "TODAY_PLUS_31D": soon,
        "TODAY_PLUS_31D_PLUS_1Y": later(soon, 1),
        "TODAY_PLUS_1Y": later(today, 1),
        "TODAY_PLUS_3Y": later(today, 3),
        "TODAY_PLUS_3Y_1D": later(today, 3) + timedelta(days=1),
        "TODAY_MINUS_2Y": later(today, -2),
    }


def body_of(folder: str, name: str) -> Any:
    known = days()
    text = (FOLDER / folder / name).read_text(encoding="utf-8")
    return json.loads(re.sub(r"\$\{(\w+)\}", lambda found: known[found[1]].isoformat(), text))


def expected_keys(row: dict[str, str]) -> list[str]:
    listed = [key.strip() for key in row["expected_error_keys"].split(";") if key.strip()]
    return RECORDED_IN_PART.get(row["file"], listed)


def says(key: str, said: set[str]) -> bool:
    """Whether an expected key, spelled out or in short-hand, was said."""
    if ":" not in key:
        return key in said
    path, _, constraint = key.partition(":")
    if constraint == "required":
        return any(one.startswith("NotNull.application.party.person.") for one in said)
    ending = path.replace("/", ".")
    return any(one.startswith(f"{CONSTRAINTS[constraint]}.") and one.endswith(f".{ending}") for one in said)


def rows(*folders: str) -> list[Any]:
    chosen = [row for row in INDEX if row["folder"] in folders]
    return [pytest.param(row, id=f"{row['folder']}/{row['file'][:40]}") for row in chosen]


@pytest.mark.parametrize("row", rows("applications_valid", "applications_invalid"))
def test_a_published_application_is_answered_as_its_index_says(row: dict[str, str], citizen: Caller) -> None:
    response = citizen.post("/applications", body_of(row["folder"], row["file"]))

    assert response.status_code == int(row["expected_http_status"])
    said = keys_of(response)
    assert [key for key in expected_keys(row) if not says(key, said)] == []


@pytest.mark.parametrize("row", rows("badge_orders_valid", "badge_orders_invalid"))
def test_a_published_badge_order_is_answered_as_its_index_says(row: dict[str, str], authority: Any) -> None:
    body = body_of(row["folder"], row["file"])
    la = body["localAuthorityShortCode"]
    caller: Caller = authority("MANC" if la in {"NOWHERE", "GLAM"} else la)
    if "sent twice" in row["note"]:
        caller.post("/badges", body).raise_for_status()

    response = caller.post("/badges", body)

    if la == "NOWHERE":
        assert response.status_code == 403
    else:
        assert response.status_code == int(row["expected_http_status"])
        said = keys_of(response)
        assert [key for key in expected_keys(row) if not says(key, said)] == []


@pytest.mark.parametrize("row", rows("other_requests"))
def test_another_published_request_is_answered_as_its_index_says(
    row: dict[str, str], council: Caller, citizen: Caller
) -> None:
    request = body_of(row["folder"], row["file"])
    if "method" not in request:
        headers = {"Authorization": ""} if row["expected_http_status"] == "401" else {}
        response = council.post("/applications", request, headers=headers)
    else:
        numbers = council.post("/badges", body_of("badge_orders_valid", "10-valid-create-mixed-case-postcode.json"))
        made = citizen.post("/applications", body_of("applications_valid", "01-valid-create-organisation.json"))
        names = {"badgeNo": numbers.json()["data"][0], "createdAppNo": made.json()["data"]}
        names["badgeNoPerson"] = names["badgeNo"]
        path = "".join(
            part.strip("'") if part.startswith("'") else names[part]
            for part in (piece.strip() for piece in request["path"].split("+"))
        )
        body = json.loads(re.sub(r"#\((\w+)\)", lambda found: names[found[1]], json.dumps(request["body"])))
        response = council.call(request["method"], f"/{path}", json=body)

    assert response.status_code == int(row["expected_http_status"])
    if expected := expected_keys(row):
        assert set(expected) <= keys_of(response)
