"""Each rule of a published badge order, broken once."""

import base64
import contextlib
import io
import random
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from tests.sandbox.bodies import GONE, TODAY, order, with_change
from tests.sandbox.callers import Caller, keys_of

from moothall.sandbox.dft import photos
from moothall.sandbox.dft.responses import Refused

C = "party.contact"
TOMORROW = (TODAY + timedelta(days=1)).isoformat()
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()
FAR = (TODAY + timedelta(days=3 * 366 + 1)).isoformat()
BEAN = "badgeOrderRequest"

BROKEN: list[tuple[str, str, Any, str]] = [
    ("PIP", "party", GONE, f"NotNull.{BEAN}.party"),
    ("PIP", "party.typeCode", GONE, f"NotNull.{BEAN}.party.typeCode"),
    ("PIP", "party.typeCode", "DOG", "Invalid.badge.partyCode"),
    ("PIP", C, GONE, f"NotNull.{BEAN}.{C}"),
    ("ORG", f"{C}.fullName", GONE, "NotNull.badge.party.contact.fullName"),
    ("PIP", f"{C}.fullName", "x" * 101, f"Size.{BEAN}.{C}.fullName"),
    ("PIP", f"{C}.buildingStreet", GONE, f"NotNull.{BEAN}.{C}.buildingStreet"),
    ("PIP", f"{C}.buildingStreet", "x" * 51, f"Size.{BEAN}.{C}.buildingStreet"),
    ("PIP", f"{C}.line2", "x" * 41, f"Size.{BEAN}.{C}.line2"),
    ("PIP", f"{C}.townCity", GONE, f"NotNull.{BEAN}.{C}.townCity"),
    ("PIP", f"{C}.townCity", "x" * 41, f"Size.{BEAN}.{C}.townCity"),
    ("PIP", f"{C}.postCode", GONE, f"NotNull.{BEAN}.{C}.postCode"),
    ("PIP", f"{C}.postCode", "S", f"Pattern.{BEAN}.{C}.postCode"),
    ("PIP", f"{C}.primaryPhoneNumber", " ", f"NotNull.{BEAN}.{C}.primaryPhoneNumber"),
    ("PIP", f"{C}.primaryPhoneNumber", "1" * 21, f"Size.{BEAN}.{C}.primaryPhoneNumber"),
    ("PIP", f"{C}.secondaryPhoneNumber", "1" * 21, f"Size.{BEAN}.{C}.secondaryPhoneNumber"),
    ("PIP", f"{C}.emailAddress", "nobody", f"Pattern.{BEAN}.{C}.emailAddress"),
    ("PIP", f"{C}.emailAddress", "x" * 100 + "@y", f"Size.{BEAN}.{C}.emailAddress"),
    ("PIP", "party.person", GONE, "NotNull.badge.person"),
    ("PIP", "party.person.badgeHolderName", GONE, f"NotNull.{BEAN}.party.person.badgeHolderName"),
    ("PIP", "party.person.badgeHolderName", "x" * 101, f"Size.{BEAN}.party.person.badgeHolderName"),
    ("PIP", "party.person.nino", "ZZ123456A", f"Pattern.{BEAN}.party.person.nino"),
    ("PIP", "party.person.dob", GONE, "NotNull.badge.party.person.dob"),
    ("PIP", "party.person.dob", TOMORROW, "DateInPast.badge.dob"),
    ("PIP", "party.person.dob", "soon", "InvalidFormat.party.person.dob"),
    ("PIP", "party.person.genderCode", GONE, f"NotNull.{BEAN}.party.person.genderCode"),
    ("PIP", "party.person.genderCode", "UNKNOWN", "Invalid.badge.genderCode"),
    ("ORG", "party.organisation", GONE, "NotNull.badge.organisation"),
    ("ORG", "party.organisation.badgeHolderName", GONE, f"NotNull.{BEAN}.party.organisation.badgeHolderName"),
    ("PIP", "localAuthorityShortCode", "aberd", f"Pattern.{BEAN}.localAuthorityShortCode"),
    ("PIP", "localAuthorityRef", "x" * 101, f"Size.{BEAN}.localAuthorityRef"),
    ("PIP", "applicationDate", GONE, f"NotNull.{BEAN}.applicationDate"),
    ("PIP", "applicationDate", TOMORROW, "DateInPast.badge.applicationDate"),
    ("PIP", "applicationChannelCode", GONE, f"NotNull.{BEAN}.applicationChannelCode"),
    ("PIP", "applicationChannelCode", "PIGEON", "Invalid.badge.channelCode"),
    ("PIP", "startDate", GONE, f"NotNull.{BEAN}.startDate"),
    ("PIP", "startDate", YESTERDAY, "DateInPast.badge.startDate"),
    ("PIP", "expiryDate", GONE, f"NotNull.{BEAN}.expiryDate"),
    ("PIP", "expiryDate", YESTERDAY, "Invalid.badge.expiryDate"),
    ("PIP", "expiryDate", YESTERDAY, "DateRange.badge.expiryDate"),
    ("PIP", "expiryDate", FAR, "DateRange.badge.expiryDate"),
    ("PIP", "eligibilityCode", GONE, "NotNull.badge.eligibilityCode"),
    ("PIP", "eligibilityCode", "TERMILL", "InvalidFormat.eligibilityCode"),
    ("PIP", "eligibilityCode", "COGNITIVE", "InvalidNation.badge.eligibilityCode"),
    ("PIP", "notForReassessment", False, "Person.invalid.badge.notForReassessment"),
    ("ORG", "notForReassessment", False, "Organisation.invalid.badge.notForReassessment"),
    ("PIP", "notForReassessment", "perhaps", "InvalidFormat.notForReassessment"),
    ("PIP", "imageFile", "YWZpbGU=", "Invalid.badge.imageFile"),
    ("PIP", "imageFile", "no base64!", "Invalid.badge.imageFile"),
    ("PIP", "deliverToCode", GONE, f"NotNull.{BEAN}.deliverToCode"),
    ("PIP", "deliverToCode", "MOON", "Invalid.badge.deliverToCode"),
    ("PIP", "deliveryOptionCode", GONE, f"NotNull.{BEAN}.deliveryOptionCode"),
    ("PIP", "deliveryOptionCode", "SLOW", "Invalid.badge.deliverOptionCode"),
    ("PIP", "numberOfBadges", 2, "Invalid.badge.numberOfBadges"),
    ("PIP", "numberOfBadges", 0, f"Min.{BEAN}.numberOfBadges"),
    ("ORG", "numberOfBadges", 1000, f"Max.{BEAN}.numberOfBadges"),
    ("ORG", "numberOfBadges", "many", "InvalidFormat.numberOfBadges"),
]


@pytest.mark.parametrize(("kind", "path", "value", "expected"), BROKEN)
def test_an_order_that_breaks_one_rule_is_refused_with_that_rules_key(
    kind: str, path: str, value: Any, expected: str, council: Caller
) -> None:
    response = council.post("/badges", with_change(order(kind), path, value))

    assert response.status_code == 400
    assert expected in keys_of(response)


@pytest.mark.parametrize("kind", ["PIP", "DLA", "AFRFCS", "WPMS", "BLIND", "WALKD", "ARMS", "CHILDBULK", "CHILDVEHIC"])
def test_a_person_with_any_common_eligibility_gets_a_badge(kind: str, council: Caller) -> None:
    assert council.post("/badges", order(kind)).status_code == 200


@pytest.mark.parametrize(
    ("kind", "la", "accepted"),
    [
        ("COGNITIVE", "ANGL", True),
        ("COGNITIVE", "ABERD", False),
        ("COGNITIVE", "NIRE", False),
        ("TRAF_RISK", "ABERD", True),
        ("TRAF_RISK", "MANC", False),
        ("TRAF_RISK", "ANGL", False),
        ("TRAF_RISK", "NIRE", False),
    ],
)
def test_some_eligibility_is_for_one_nation(kind: str, la: str, accepted: bool, authority: Any) -> None:
    response = authority(la).post("/badges", order(kind, la=la))

    assert (response.status_code == 200) is accepted
    assert ("InvalidNation.badge.eligibilityCode" in keys_of(response)) is not accepted


def test_limits_are_told_before_any_rule(council: Caller) -> None:
    body = with_change(order(), "startDate", YESTERDAY)

    said = keys_of(council.post("/badges", with_change(body, "party.contact.line2", "x" * 41)))

    assert said == {f"Size.{BEAN}.party.contact.line2"}


def test_limits_are_told_before_the_authority_is_looked_at(council: Caller) -> None:
    body = order(la="MANC")

    assert council.post("/badges", with_change(body, "party.contact.line2", "x" * 41)).status_code == 400
    assert council.post("/badges", body).status_code == 403
    assert council.post("/badges", with_change(body, "localAuthorityShortCode", GONE)).status_code == 403


def test_several_broken_rules_are_told_together(council: Caller) -> None:
    body = with_change(with_change(order(), "startDate", YESTERDAY), "numberOfBadges", 3)

    said = keys_of(council.post("/badges", body))

    assert said == {"DateInPast.badge.startDate", "Invalid.badge.numberOfBadges"}


def test_a_badge_for_the_council_cannot_be_sent_fast(council: Caller) -> None:
    body = with_change(with_change(order(), "deliverToCode", "COUNCIL"), "deliveryOptionCode", "FAST")

    response = council.post("/badges", body)

    (error,) = response.json()["error"]["errors"]
    assert (error["message"], error["field"]) == ("Invalid.badge.deliverOptionCode", "deliverToCode")


def test_a_badge_may_last_three_years_to_the_day_or_one_day(council: Caller) -> None:
    start = TODAY.replace(day=28)
    start = start if start >= TODAY else (start + timedelta(days=31)).replace(day=28)
    body = with_change(order(), "startDate", start.isoformat())

    longest = start.replace(year=start.year + 3)
    too_long = with_change(body, "expiryDate", (longest + timedelta(days=1)).isoformat())

    assert keys_of(council.post("/badges", too_long)) == {"DateRange.badge.expiryDate"}
    assert council.post("/badges", with_change(body, "expiryDate", longest.isoformat())).status_code == 200
    assert council.post("/badges", with_change(body, "expiryDate", start.isoformat())).status_code == 200


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
def test_a_photo_becomes_a_jpeg_at_most_300_pixels_high(form: str, council: Caller) -> None:
    target = io.BytesIO()
    Image.new("RGB", (400, 600), "grey").save(target, form)
    body = with_change(order(), "imageFile", base64.b64encode(target.getvalue()).decode())

    (number,) = council.post("/badges", body).json()["data"]

    link = council.get(f"/badges/{number}").json()["data"]["imageLink"]
    with Image.open(io.BytesIO(council.http.get(link).content)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (200, 300))


def test_a_photo_in_another_format_is_refused(council: Caller) -> None:
    target = io.BytesIO()
    Image.new("RGB", (4, 4)).save(target, "BMP")
    body = with_change(order(), "imageFile", base64.b64encode(target.getvalue()).decode())

    assert keys_of(council.post("/badges", body)) == {"Invalid.badge.imageFile"}
    assert council.get("/badges", params={"name": "Alex Example"}).json()["data"] == []


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
def test_a_damaged_photo_is_refused_however_it_is_damaged(form: str) -> None:
    target = io.BytesIO()
    Image.effect_noise((40, 40), 60).save(target, form)
    whole = target.getvalue()
    chance = random.Random(form)
    for _ in range(150):
        damaged = bytearray(whole[: chance.randrange(1, len(whole))])
        for _ in range(chance.randrange(4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with contextlib.suppress(Refused):
            photos.prepare(base64.b64encode(damaged).decode())


def test_an_organisations_photo_is_not_looked_at(council: Caller) -> None:
    (first, second) = council.post("/badges", with_change(order("ORG"), "imageFile", "YWZpbGU=")).json()["data"]

    assert first != second
    assert council.get(f"/badges/{first}").json()["data"]["imageLink"] is None
