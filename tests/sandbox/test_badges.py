"""What an authority does with badges in the sandboxed national service, and how a badge moves on."""

import base64
import csv
import io
import zipfile
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sandbox.bodies import TODAY, order, with_change
from tests.sandbox.callers import Caller, keys_of

from moothall.sandbox.dft.numbers import FIRST, SKIPPED, Numbers, encode
from moothall.sandbox.dft.samples import photo_png
from moothall.sandbox.testing import Running

ZIP = "application/vnd.bluebadge-api.v1+json, application/zip"


def ordered(council: Caller, body: dict[str, Any] | None = None) -> str:
    number: str = council.post("/badges", body or order()).raise_for_status().json()["data"][0]
    return number


def cancel(council: Caller, number: str, reason: str = "LOST", *, within: str = "") -> httpx.Response:
    body = {"badgeNumber": within or number, "cancelReasonCode": reason}
    return council.post(f"/badges/{number}/cancellations", body)


def replace(council: Caller, number: str, **changes: str) -> httpx.Response:
    body = {
        "badgeNumber": number,
        "replaceReasonCode": "STOLE",
        "deliverToCode": "HOME",
        "deliveryOptionCode": "STAND",
    }
    return council.post(f"/badges/{number}/replacements", body | changes)


def issue(sandbox: Running, number: str) -> None:
    sandbox.advance(number, "PROCESSED")
    sandbox.advance(number, "ISSUED")


def status(council: Caller, number: str) -> str:
    code: str = council.get(f"/badges/{number}").json()["data"]["statusCode"]
    return code


def test_the_first_numbers_count_down_from_the_highest(council: Caller) -> None:
    assert council.post("/badges", order("ORG")).json()["data"] == ["KKKKKK", "KKKKKJ"]


@given(st.integers(min_value=0, max_value=FIRST))
@settings(max_examples=50)
def test_a_number_has_six_of_twenty_characters_and_keeps_its_order(value: int) -> None:
    number = encode(value)

    assert len(number) == 6
    assert set(number) <= set("0123456789ABCDEFGHJK")
    assert value == 0 or encode(value - 1) < number


def test_numbers_that_are_taken_or_contain_a_skipped_word_are_left_out() -> None:
    offensive = int("DEAD00".translate(str.maketrans("ABCDEFGHJK", "abcdefghij")), 20)
    numbers = Numbers(offensive + 400)

    handed_out = [numbers.take({"DEAE00"}) for _ in range(20)]

    assert not any(word in number for number in handed_out for word in SKIPPED)
    assert "DEAE00" not in handed_out


def test_a_badge_is_shown_whole(council: Caller) -> None:
    number = ordered(council, order("WALKD"))

    shown = council.get(f"/badges/{number}").json()["data"]

    party = shown.pop("party")
    assert party["person"] == {
        "badgeHolderName": "Alex Example",
        "nino": "NS123456A",
        "dob": "1950-02-28",
        "genderCode": "MALE",
    }
    assert (party["contact"]["postCode"], party["organisation"]) == ("M41FS", None)
    assert shown == {
        "badgeNumber": number,
        "localAuthorityShortCode": "ABERD",
        "localAuthorityRef": "BB-EXAMPLE",
        "applicationDate": TODAY.isoformat(),
        "applicationChannelCode": "ONLINE",
        "orderDate": TODAY.isoformat(),
        "startDate": TODAY.isoformat(),
        "expiryDate": order()["expiryDate"],
        "eligibilityCode": "WALKD",
        "notForReassessment": False,
        "imageLink": None,
        "statusCode": "ORDERED",
        "cancelReasonCode": None,
        "replaceReasonCode": None,
        "printRequestDateTime": None,
        "issuedDate": None,
        "rejectedReason": None,
    }


def test_an_organisations_badge_shows_no_eligibility(council: Caller) -> None:
    number = ordered(council, order("ORG") | {"eligibilityCode": "CHILDBULK"})

    shown = council.get(f"/badges/{number}").json()["data"]

    assert (shown["eligibilityCode"], shown["notForReassessment"]) == (None, None)


def test_the_same_order_again_is_refused_until_the_first_badge_is_gone(sandbox: Running, council: Caller) -> None:
    first = ordered(council)

    again = council.post("/badges", order() | {"localAuthorityRef": "another"})
    assert (again.status_code, keys_of(again)) == (400, {"AlreadyExists.badge"})
    assert again.json()["error"]["errors"] is None

    assert cancel(council, first).status_code == 200
    second = ordered(council)
    assert council.call("DELETE", f"/badges/{second}").status_code == 200
    third = ordered(council)
    sandbox.advance(third, "PROCESSED")
    sandbox.advance(third, "REJECT", reason="Photograph not found")
    assert ordered(council) not in {first, second, third}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("party.person.badgeHolderName", "Alex Other"),
        ("party.person.dob", "1950-03-01"),
        ("party.person.nino", "NS654321A"),
        ("party.contact.postCode", "M4 2FS"),
        ("expiryDate", TODAY.isoformat()),
    ],
)
def test_an_order_that_differs_in_who_or_when_is_another_badge(path: str, value: str, council: Caller) -> None:
    ordered(council)

    assert council.post("/badges", with_change(order(), path, value)).status_code == 200


def test_a_badge_is_found_by_part_of_a_name_or_by_postcode_all_over_the_country(authority: Any) -> None:
    number = ordered(authority("MANC"), order(la="MANC"))
    council = authority("ABERD")

    by_name = council.get("/badges", params={"name": "aLEX ex"}).json()
    by_postcode = council.get("/badges", params={"postCode": "m4 1fs"}).json()

    assert by_name["data"] == by_postcode["data"]
    assert by_name["data"] == [
        {
            "badgeNumber": number,
            "partyTypeCode": "PERSON",
            "name": "Alex Example",
            "nino": "NS123456A",
            "localAuthorityShortCode": "MANC",
            "postCode": "M41FS",
            "expiryDate": order()["expiryDate"],
            "statusCode": "ORDERED",
        }
    ]
    assert by_name["pagingInfo"] == {"total": 1, "count": 1, "pageSize": 50, "pageNum": 1, "pages": 1}


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ({}, "NotNull.params.badge.find"),
        ({"name": "a", "postCode": "b"}, "TooMany.params.badge.find"),
        ({"name": "x" * 101}, "Size.findBadgeParams.name"),
        ({"postCode": "x" * 21}, "Size.findBadgeParams.postCode"),
        ({"name": "a", "pageSize": 201}, "Max.pagingParams.pageSize"),
    ],
)
def test_a_search_for_badges_needs_exactly_one_term(query: Any, key: str, council: Caller) -> None:
    response = council.get("/badges", params=query)

    assert (response.status_code, keys_of(response)) == (400, {key})


@pytest.mark.parametrize("reason", ["DAMAGED", "DECEASE", "LOST", "NOLONG", "REVOKE", "STOLE", "UNDELIVER"])
def test_an_ordered_badge_is_cancelled_for_any_reason_of_the_list(reason: str, council: Caller) -> None:
    number = ordered(council)

    answered = cancel(council, number.lower(), reason)

    assert (answered.status_code, answered.content) == (200, b"")
    shown = council.get(f"/badges/{number}").json()["data"]
    assert (shown["statusCode"], shown["cancelReasonCode"]) == ("CANCELLED", reason)


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("BBBBBD", "Invalid.badge.cancel.status"),
        ("CCCCCC", "Invalid.badge.cancel.status"),
        ("CCCCCD", "Invalid.badge.cancel.status"),
        ("DDDDDD", "Invalid.badge.cancel.expiryDate"),
        ("AAAAAA", "NotFound.badge"),
    ],
)
def test_a_badge_that_cannot_be_cancelled_says_why(number: str, key: str, council: Caller) -> None:
    assert keys_of(cancel(council, number)) == {key}


def test_the_number_in_a_cancellation_or_replacement_must_be_the_badges(council: Caller) -> None:
    cancelled = cancel(council, "BBBBBC", within="BBBBBE").json()["error"]
    replaced = replace(council, "EEEEEF", badgeNumber="EEEEEA").json()["error"]

    assert (cancelled["message"], cancelled["errors"][0]["message"]) == (None, "Invalid.badgeNumber")
    assert (replaced["message"], replaced["errors"]) == ("Invalid.badgeNumber", None)
    assert keys_of(council.post("/badges/BBBBBC/cancellations", {})) == {
        "NotNull.badgeCancelRequest.badgeNumber",
        "NotNull.badgeCancelRequest.cancelReasonCode",
    }


def test_a_replacement_is_a_new_order_with_the_same_details_dates_and_photo(sandbox: Running, council: Caller) -> None:
    body = with_change(order(), "imageFile", base64.b64encode(photo_png(1)).decode())
    old = ordered(council, body)
    issue(sandbox, old)

    new = replace(council, old).json()["data"]

    before, after = (council.get(f"/badges/{number}").json()["data"] for number in (old, new))
    assert (before["statusCode"], before["replaceReasonCode"]) == ("REPLACED", "STOLE")
    assert (after["statusCode"], after["issuedDate"], after["replaceReasonCode"]) == ("ORDERED", None, None)
    for field in ("party", "startDate", "expiryDate", "eligibilityCode", "localAuthorityRef"):
        assert after[field] == before[field]
    assert httpx.get(after["imageLink"]).content == httpx.get(before["imageLink"]).content


@pytest.mark.parametrize(
    ("number", "changes", "key"),
    [
        ("BBBBBD", {}, "Invalid.badge.replace.badgeStatus"),
        ("CCCCCC", {}, "Invalid.badge.replace.badgeStatus"),
        ("DDDDDD", {}, "Invalid.badge.replace.expiryDate"),
        ("AAAAAA", {}, "NotFound.badge"),
        ("EEEEEF", {"deliverToCode": "COUNCIL", "deliveryOptionCode": "FAST"}, "Invalid.badge.deliverOptionCode"),
        ("CCCCCC", {"deliverToCode": "COUNCIL", "deliveryOptionCode": "FAST"}, "Invalid.badge.deliverOptionCode"),
        ("EEEEEF", {"replaceReasonCode": "REVOKE"}, "InvalidFormat.replaceReasonCode"),
    ],
)
def test_a_badge_that_cannot_be_replaced_says_why(
    number: str, changes: dict[str, str], key: str, council: Caller
) -> None:
    assert keys_of(replace(council, number, **changes)) == {key}


def test_an_ordered_badge_cannot_be_replaced(council: Caller) -> None:
    assert keys_of(replace(council, ordered(council))) == {"Invalid.badge.replace.badgeStatus"}


def test_a_deleted_badge_is_gone_but_for_the_export(sandbox: Running, council: Caller) -> None:
    number = ordered(council)
    issue(sandbox, number)

    assert council.call("DELETE", f"/badges/{number}").status_code == 200

    assert keys_of(council.get(f"/badges/{number}")) == {"NotFound.badge"}
    assert council.get("/badges", params={"name": "Alex Example"}).json()["data"] == []
    assert council.call("DELETE", f"/badges/{number}").status_code == 404
    (kept,) = [badge for badge in sandbox.control("GET", "/badges") if badge["number"] == number]
    assert (kept["status"], kept["party"]["person"]) == ("DELETED", {"badgeHolderName": "DELETED"})


def exported(response: httpx.Response) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        (name,) = archive.namelist()
        return list(csv.DictReader(io.StringIO(archive.read(name).decode())))


def test_the_export_has_every_badge_of_the_authority_and_no_personal_data(sandbox: Running, authority: Any) -> None:
    council = authority("YORK")
    number = ordered(council, order("WALKD", la="YORK"))
    council.call("DELETE", f"/badges/{ordered(council, order(la='YORK') | {'expiryDate': TODAY.isoformat()})}")
    sandbox.advance(number, "PROCESSED")
    sandbox.advance(number, "REJECT", reason="Photograph not found")

    response = council.get("/badges", params={"laShortCode": "YORK"}, headers={"Accept": ZIP})

    assert response.headers["content-type"] == "application/zip"
    assert f"{TODAY.isoformat()}_YORK.zip" in response.headers["content-disposition"]
    rows = exported(response)
    assert list(rows[0])[:4] == ["badge_no", "badge_status", "party_code", "local_authority_short_code"]
    assert [row["badge_status"] for row in rows] == ["REJECT", "DELETED"]
    assert rows[0]["rejected_reason"] == "Photograph not found"
    assert rows[0]["not_for_reassessment"] == "false"
    assert "Example" not in str(rows).replace("BB-EXAMPLE", "")


def test_the_export_is_for_the_authoritys_own_badges(council: Caller) -> None:
    assert council.get("/badges", params={"laShortCode": "MANC"}, headers={"Accept": ZIP}).status_code == 403
    assert council.get("/badges", headers={"Accept": ZIP}).status_code == 400
    versionless = council.get("/badges", params={"laShortCode": "ABERD"}, headers={"Accept": "application/zip"})
    assert versionless.status_code == 406


def test_a_badge_is_printed_and_issued_after_the_set_seconds(sandbox: Running, council: Caller) -> None:
    number = ordered(council)
    assert status(council, number) == "ORDERED"

    sandbox.control("PUT", "/settings", {"processed_after": 0})
    assert status(council, number) == "PROCESSED"
    sandbox.control("PUT", "/settings", {"issued_after": 0})

    shown = council.get(f"/badges/{number}").json()["data"]
    assert shown["statusCode"] == "ISSUED"
    assert "T" in shown["issuedDate"]
    assert "Z" not in shown["issuedDate"] + shown["printRequestDateTime"]
    sandbox.control("PUT", "/settings", {"processed_after": None, "issued_after": None})


def test_a_rejected_badge_says_why_and_cannot_move_on(sandbox: Running, council: Caller) -> None:
    number = ordered(council)
    sandbox.advance(number, "PROCESSED")
    sandbox.advance(number, "REJECT", reason="Photograph not found")

    shown = council.get(f"/badges/{number}").json()["data"]

    assert (shown["statusCode"], shown["rejectedReason"]) == ("REJECT", "Photograph not found")
    with pytest.raises(OSError, match="400"):
        sandbox.advance(number, "ISSUED")


def test_badges_can_be_put_in_any_state_for_a_test(sandbox: Running, council: Caller) -> None:
    sandbox.control("POST", "/seed", {"badges": [{"number": "ABC123", "la": "ABERD", "status": "AWAITCOLL"}]})

    assert status(council, "abc123") == "AWAITCOLL"
