"""What an authority does with applications in the sandboxed national service."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.sandbox.bodies import application, with_change
from tests.sandbox.callers import Caller, keys_of

from moothall.sandbox.testing import Running


def create(citizen: Caller, body: dict[str, Any]) -> str:
    made: str = citizen.post("/applications", body).raise_for_status().json()["data"]
    return made


def names(council: Caller, **query: Any) -> list[str]:
    found = council.get("/applications", params={"pageSize": 200} | query).raise_for_status()
    return [row["name"] for row in found.json()["data"]]


def test_an_application_is_shown_tidied_and_with_every_field(citizen: Caller, council: Caller) -> None:
    body = with_change(application("CHILDBULK"), "party.contact.line2", "  Flat 2 ")
    made = create(citizen, body | {"unknownField": 1, "submissionDate": "2001-01-01T00:00:00Z"})

    shown = council.get(f"/applications/{made}").json()["data"]

    assert shown["party"]["contact"] == {
        "fullName": "Robin Example",
        "buildingStreet": "1 Example Row",
        "line2": "Flat 2",
        "townCity": "Exampleton",
        "postCode": "M41FS",
        "primaryPhoneNumber": "01632960001",
        "secondaryPhoneNumber": None,
        "emailAddress": None,
    }
    assert shown["party"]["person"]["nino"] == "NS123456A"
    assert shown["eligibility"]["childUnder3"]["bulkyMedicalEquipmentTypeCode"] == "VENT"
    assert (shown["applicationStatus"], shown["applicationId"]) == ("TODO", made)
    assert datetime.now(UTC) - datetime.fromisoformat(shown["submissionDate"]) < timedelta(minutes=1)
    assert "unknownField" not in shown


def test_an_authority_sees_only_its_own_applications(citizen: Caller, authority: Any) -> None:
    made = create(citizen, application(la="MANC"))

    assert names(authority("MANC")) == ["Alex Example"]
    assert "Alex Example" not in names(authority("ABERD"))
    assert authority("ABERD").get(f"/applications/{made}").status_code == 403


def test_an_unknown_application_and_one_whose_id_is_no_uuid(council: Caller) -> None:
    unknown = council.get("/applications/a305706c-99ca-4e2a-ba0e-96d198deffff")

    assert (unknown.status_code, keys_of(unknown)) == (404, {"NotFound.application"})
    assert council.get("/applications/ABC").status_code == 400


def test_applications_are_found_by_name_postcode_type_and_time_newest_first(citizen: Caller, authority: Any) -> None:
    council = authority("MANC")
    for name, postcode, renewal in (("Ada Early", "M1 1AA", False), ("Bo Later", "M2 2BB", True)):
        body = with_change(application(la="MANC", renewal=renewal), "party.person.badgeHolderName", name)
        create(citizen, with_change(body, "party.contact.postCode", postcode))
        time.sleep(0.005)
    later, earlier = council.get("/applications").json()["data"]

    assert names(council) == ["Bo Later", "Ada Early"]
    assert names(council, name="EARL") == ["Ada Early"]
    assert names(council, postcode="m22bb") == ["Bo Later"]
    assert names(council, postcode="M2") == []
    assert names(council, applicationTypeCode="RENEW") == ["Bo Later"]
    assert names(council, **{"from": later["submissionDate"]}) == ["Bo Later"]
    assert names(council, to=earlier["submissionDate"]) == ["Ada Early"]
    assert set(later) == {
        "applicationId",
        "partyTypeCode",
        "applicationTypeCode",
        "nino",
        "dob",
        "name",
        "submissionDate",
        "eligibilityCode",
        "applicationStatus",
    }


def test_pages_cover_every_application_once(sandbox: Running, authority: Any) -> None:
    made = sandbox.load_applications(7, la="YORK")
    council = authority("YORK")

    pages = [council.get("/applications", params={"pageSize": 3, "pageNum": number}).json() for number in (1, 2, 3, 4)]

    seen = [row["applicationId"] for page in pages for row in page["data"]]
    assert sorted(seen) == sorted(made)
    assert pages[2]["pagingInfo"] == {"total": 7, "count": 1, "pageSize": 3, "pageNum": 3, "pages": 3}
    assert pages[3]["data"] == []


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ({"pageNum": 0}, "Min.pagingParams.pageNum"),
        ({"pageSize": 0}, "Min.pagingParams.pageSize"),
        ({"pageSize": 201}, "Max.pagingParams.pageSize"),
        ({"pageSize": "many"}, "typeMismatch.pagingParams.pageSize"),
        ({"from": "yesterday"}, "typeMismatch.findApplicationParams.from"),
        ({"to": "2020-01-01"}, "typeMismatch.findApplicationParams.to"),
        ({"applicationTypeCode": "REVOKE"}, "typeMismatch.findApplicationParams.applicationTypeCode"),
    ],
)
@pytest.mark.parametrize("path", ["/applications"])
def test_a_query_that_cannot_be_understood_is_refused(path: str, query: Any, key: str, council: Caller) -> None:
    response = council.get(path, params=query)

    assert (response.status_code, keys_of(response)) == (400, {key})


def test_the_status_of_an_application_is_set(citizen: Caller, council: Caller) -> None:
    made = create(citizen, application())

    answered = council.call("PUT", f"/applications/{made}", json={"applicationStatus": "INPROGRESS"})

    assert (answered.status_code, answered.content) == (200, b"")
    assert council.get(f"/applications/{made}").json()["data"]["applicationStatus"] == "INPROGRESS"


@pytest.mark.parametrize(
    ("status", "key"),
    [("DONE", "InvalidFormat.applicationStatus"), (None, "NotNull.applicationUpdate.applicationStatus")],
)
def test_a_status_that_does_not_exist_is_refused(status: Any, key: str, citizen: Caller, council: Caller) -> None:
    made = create(citizen, application())

    assert keys_of(council.call("PUT", f"/applications/{made}", json={"applicationStatus": status})) == {key}


def test_a_transferred_application_starts_again_with_the_other_authority(citizen: Caller, authority: Any) -> None:
    sender, receiver = authority("ABERD"), authority("ANGL")
    made = create(citizen, application())
    sender.call("PUT", f"/applications/{made}", json={"applicationStatus": "COMPLETED"})

    assert sender.post(f"/applications/{made}/transfers", {"transferToLaShortCode": "ANGL"}).status_code == 200

    shown = receiver.get(f"/applications/{made}").json()["data"]
    assert (shown["transferredLaFromCode"], shown["applicationStatus"]) == ("ABERD", "TODO")
    assert datetime.fromisoformat(shown["transferredFromLaDate"]).tzinfo is not None
    assert "Alex Example" in names(receiver)
    assert sender.get(f"/applications/{made}").status_code == 403
    assert "Alex Example" not in names(sender)


@pytest.mark.parametrize("to", ["ABERD", "NOWHERE", None])
def test_an_application_is_transferred_to_another_known_authority_only(
    to: Any, citizen: Caller, council: Caller
) -> None:
    made = create(citizen, application())

    assert council.post(f"/applications/{made}/transfers", {"transferToLaShortCode": to}).status_code == 400
    assert council.get(f"/applications/{made}").status_code == 200


def test_a_transfer_of_an_unknown_application_says_so_in_its_own_words(council: Caller) -> None:
    path = "/applications/a305706c-99ca-4e2a-ba0e-96d198deffff/transfers"

    assert keys_of(council.post(path, {"transferToLaShortCode": "ANGL"})) == {"NotFound.Application"}


def test_a_deleted_application_is_gone_with_its_documents_and_its_personal_data(
    sandbox: Running, council: Caller
) -> None:
    (made,) = sandbox.load_applications(1, la="ABERD", documents=True)
    link = council.get(f"/applications/{made}").json()["data"]["artifacts"][0]["link"]
    assert httpx.get(link).status_code == 200

    assert council.call("DELETE", f"/applications/{made}").status_code == 200

    assert council.get(f"/applications/{made}").status_code == 404
    assert httpx.get(link).status_code == 404
    (kept,) = [one for one in sandbox.control("GET", "/applications") if one["deleted"]]
    assert kept["record"]["party"]["person"] == {"badgeHolderName": "DELETED"}


def test_documents_are_posted_by_their_links_and_shown_with_fresh_ones(
    sandbox: Running, citizen: Caller, council: Caller
) -> None:
    given = {"name": "me.png", "media_type": "image/png", "content": "aGVsbG8="}
    stored = sandbox.control("POST", "/documents", given)["link"].partition("?")[0]
    sample = f"{sandbox.base_url}/documents/sample/proof.pdf"
    artifacts = [{"type": "PHOTO", "link": stored}, {"type": "PROOF_ADD", "link": sample}]

    made = create(citizen, application() | {"artifacts": artifacts})

    photo, proof = council.get(f"/applications/{made}").json()["data"]["artifacts"]
    assert httpx.get(photo["link"]).content == b"hello"
    assert httpx.get(proof["link"]).headers["content-type"] == "application/pdf"
    assert httpx.get(stored).status_code == 403


def test_a_link_to_a_document_dies_after_a_while(sandbox: Running, council: Caller) -> None:
    (made,) = sandbox.load_applications(1, la="ABERD", documents=True)
    sandbox.control("PUT", "/settings", {"link_seconds": 0})
    dead = council.get(f"/applications/{made}").json()["data"]["artifacts"][0]["link"]
    sandbox.control("PUT", "/settings", {"link_seconds": 1800})
    alive = council.get(f"/applications/{made}").json()["data"]["artifacts"][0]["link"]

    assert httpx.get(dead).status_code == 403
    assert "Request has expired" in httpx.get(dead).text
    assert httpx.get(alive).status_code == 200
    assert httpx.get(alive.replace("X-Expires=1", "X-Expires=9")).status_code == 403


def test_generated_applications_take_every_route_and_differ(sandbox: Running) -> None:
    sandbox.load_applications(60, la="YORK", documents=True)

    records = [one["record"] for one in sandbox.control("GET", "/applications")]
    mine = [record for record in records if record["localAuthorityCode"] == "YORK"]
    kinds = {(record["eligibility"] or {}).get("typeCode") for record in mine}
    assert kinds == {"PIP", "DLA", "AFRFCS", "WPMS", "BLIND", "WALKD", "ARMS", "CHILDBULK", "CHILDVEHIC", None}
    ninos = [record["party"]["person"]["nino"] for record in mine if record["party"]["person"]]
    given = [nino for nino in ninos if nino]
    assert len(given) == len(set(given)) > 0
    assert all("example.org" in record["party"]["contact"]["emailAddress"] for record in mine)
