import csv
from io import StringIO
from urllib.parse import unquote

import pytest
from tests.api.world import World, picture

from moothall.core.accounts.models import SecurityGroup
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access, Entry
from moothall.core.lists import actions as lists
from moothall.core.lists.models import Tag
from moothall.domain.cases.models import Case, Note, TimelineEntry, WorkItem
from moothall.domain.documents.models import Deletion, Document
from moothall.domain.people.models import Customer


def test_a_case_opened_by_hand_starts_its_workflow_and_shows_on_the_work_list(world: World) -> None:
    client = world.clients["officer"]
    body = {
        "service": "permits", "type": "new", "source": "paper",
        "customer": world.case().customer_id, "tags": ["urgent"],
    }  # fmt: skip
    answer = client.post("/cases", body)

    assert answer.status_code == 201
    case = answer.json()
    assert (case["tags"], case["runs"][0]["workflow"]) == (["urgent"], "permits.permit")
    assert case["reference"] in {row["case"] for row in client.get("/work-items").json()["items"]}
    assert Entry.objects.get(action="case.opened", by=world.users["officer"]).detail["source"] == "paper"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"service": "bins"}, "body.service"),
        ({"service": "nothing"}, "body.service"),
        ({"customer": 999_999}, "body.customer"),
        ({"type": "nothing"}, None),
        ({"source": "pigeon"}, None),
        ({"tags": ["payment"]}, None),
        ({"surprise": 1}, "body.surprise"),
    ],
)
def test_a_case_that_cannot_be_opened_is_refused_with_a_sentence_and_leaves_nothing(
    world: World, change: dict[str, object], field: str | None
) -> None:
    before = Case.objects.count()
    body = {"service": "permits", "type": "new", "source": "paper", "customer": world.case().customer_id}
    answer = world.clients["officer"].post("/cases", {**body, **change})

    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert field is None or [error["field"] for error in answer.json()["errors"]] == [field]
    assert Case.objects.count() == before


def test_filters_combine(world: World) -> None:
    client = world.clients["manager"]
    Case.objects.filter(pk=world.case("permits", 1).pk).update(tags=["urgent"])
    Case.objects.filter(pk=world.case("bins", 1).pk).update(tags=["urgent"])

    def found(**query: object) -> set[str]:
        return {row["reference"] for row in client.get("/cases", **query).json()["items"]}

    urgent_permit = {world.case("permits", 1).reference}
    assert found(tag="urgent", service="permits") == urgent_permit
    assert found(tag="urgent", without_tag="urgent") == set()
    assert found(service="permits", source="paper", without_tag="urgent") == {world.case("permits", 2).reference}
    assert found(state="closed") == set()
    assert found(tag=["urgent", "payment"]) == set()
    assert len(found(state="open", opened_from="2020-01-01", opened_to="2199-12-31")) == 6
    assert found(opened_from="2199-01-01") == set()


def test_cases_sort_both_ways_and_pages_join_without_gap(world: World) -> None:
    client = world.clients["manager"]
    up = [row["reference"] for row in client.get("/cases", sort="reference").json()["items"]]
    down = [row["reference"] for row in client.get("/cases", sort="-reference").json()["items"]]
    paged = [
        row["reference"]
        for page in (1, 2, 3, 4)
        for row in client.get("/cases", sort="reference", page=page, page_size=2).json()["items"]
    ]
    assert up == sorted(up) == down[::-1] == paged


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0}, {"page": 10_001}, {"page_size": 201}, {"sort": "customer"}, {"state": "lost"},
        {"opened_from": "yesterday"}, {"opened_to": "9999-12-31"}, {"customer": 2**63},
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused(world: World, query: dict[str, object]) -> None:
    assert world.clients["officer"].get("/cases", **query).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"name": "exampleson"}, {"name": "EXAMPLE"}, {"name": "Pat P0 Exampleson"}, {"first_names": "pat p0"},
        {"nino": "ab 12 34 00 c"}, {"date_of_birth": "1950-01-01"}, {"postcode": "sw1a1aa"},
        {"name": "Exampleson", "postcode": "SW1A 1AA", "date_of_birth": "1950-01-01"},
    ],
)  # fmt: skip
def test_a_case_is_found_by_what_is_known_of_it_however_it_is_written(world: World, body: dict[str, str]) -> None:
    found = world.clients["officer"].post("/cases/search", body).json()["items"]
    assert world.case().reference in {row["reference"] for row in found}


def test_a_case_is_found_by_its_reference_typed_carelessly(world: World) -> None:
    typed = world.case().reference.lower().replace("-", " ")
    found = world.clients["officer"].post("/cases/search", {"reference": typed}).json()["items"]
    assert [row["reference"] for row in found] == [world.case().reference]


def test_who_may_not_see_people_finds_no_case_by_a_number_birthday_or_postcode(world: World) -> None:
    group = SecurityGroup.objects.get(key="viewers")
    group.permissions = [one for one in group.permissions if one != Permission.VIEW_PEOPLE]
    group.save()
    viewer = world.clients["viewer"]
    for body in ({"nino": "AB123400C"}, {"date_of_birth": "1950-01-01"}, {"postcode": "SW1A 1AA"}):
        assert viewer.post("/cases/search", body).json()["total"] == 0
    assert viewer.post("/cases/search", {"name": "Exampleson"}).json()["total"]


@pytest.mark.parametrize("body", [{"nino": "12"}, {"postcode": "nowhere"}, {"reference": "PP"}, {}, {"name": ""}])
def test_a_search_that_makes_no_sense_is_refused_with_a_sentence(world: World, body: dict[str, str]) -> None:
    answer = world.clients["officer"].post("/cases/search", body)
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith(".")


def test_a_search_for_signs_alone_finds_nobody(world: World) -> None:
    assert world.clients["officer"].post("/cases/search", {"name": "%"}).json()["total"] == 0
    assert world.clients["officer"].post("/people/search", {"name": "..."}).status_code == 422


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_an_exported_cell_that_looks_like_a_formula_is_text(world: World, name: str) -> None:
    Customer.objects.filter(pk=world.case().customer_id).update(name=name)
    exported = world.clients["officer"].get("/cases/export").whole.decode("utf-8-sig")
    cells = {row["Customer"] for row in csv.DictReader(StringIO(exported))}
    assert f"'{name}" in cells


def test_reading_a_case_is_recorded_with_who_when_and_how_and_shown_on_it(world: World) -> None:
    client, case = world.clients["officer"], world.case()
    for part in ("", "/timeline", "/notes", "/payments", "/documents", "/requests", "/messages", "/similar"):
        client.get(f"/cases/{case.reference}{part}")

    shown = client.get(f"/cases/{case.reference}/accesses").json()
    assert shown["total"] == 8
    assert {row["user"]["name"] for row in shown["items"]} == {"Officer"}
    assert shown["items"][-1]["via"] == "api cases.detail"


def test_reading_a_person_is_recorded(world: World) -> None:
    client, customer = world.clients["officer"], world.case().customer_id
    client.get(f"/people/{customer}")
    assert [row["via"] for row in client.get(f"/people/{customer}/accesses").json()["items"]] == ["api people.detail"]


def test_a_search_is_recorded_with_what_was_asked_but_never_the_values(world: World) -> None:
    world.clients["officer"].post("/people/search", {"name": "Exampleson", "nino": "AB123400C"})
    record = Access.objects.get(subject_type="customer", subject_id=None)
    assert record.detail == {"found": 1, "asked": ["name", "nino"]}


def test_a_note_is_added_and_listed_newest_first(world: World) -> None:
    client, path = world.clients["officer"], f"/cases/{world.case().reference}/notes"
    answer = client.post(path, {"text": "  Rang back.  ", "important": True})
    assert (answer.status_code, answer.json()["text"]) == (201, "Rang back.")
    assert client.get(path).json()["items"][0] == answer.json()
    assert client.post(path, {"text": " "}).status_code == 422
    assert Note.objects.filter(case=world.case()).count() == 2


def test_tags_are_put_on_and_taken_off_but_system_tags_not_by_hand(world: World) -> None:
    client, path = world.clients["officer"], f"/cases/{world.case().reference}/tags"
    assert client.post(path, {"set": ["urgent"]}).json()["tags"] == ["urgent"]
    assert client.post(path, {"remove": ["urgent"]}).json()["tags"] == []
    refused = client.post(path, {"set": ["payment"]})
    assert refused.status_code == 422
    assert Tag.objects.get(key="payment").label in refused.json()["detail"]


def test_tags_of_other_services_are_refused_on_cases_documents_customers_and_many_at_once(world: World) -> None:
    client, case = world.clients["officer"], world.case()
    for kind in ("case", "customer", "document"):
        Tag.objects.create(key="bins", applies_to=kind, label="Bin was missed", services=["missed_bin"])
    document, item = case.document_links.earliest("pk").document_id, WorkItem.objects.get(case=case)
    for path in (
        f"/cases/{case.reference}",
        f"/cases/{case.reference}/documents/{document}",
        f"/people/{case.customer_id}",
    ):
        refused = client.post(f"{path}/tags", {"set": ["bins"]})
        assert (refused.status_code, refused.json()["detail"]) == (
            422,
            "The tag “Bin was missed” is of another service.",
        )
    refused = client.post("/work-batches/tags", {"items": [{"id": item.pk}], "set": ["bins"]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.set")


def test_a_payment_is_recorded_in_pounds_and_kept_in_pence(world: World) -> None:
    client, path = world.clients["officer"], f"/cases/{world.case().reference}/payments"
    answer = client.post(path, {"amount": "12.50", "method": "cash", "reference": "R1"})
    assert (answer.status_code, answer.json()["amount"]) == (201, "12.50")
    assert world.case().payment_links.get(payment__pence=1250).payment.status == "received"
    for wrong in ("0", "-1", "1.234", "NaN", "1e400", "ten"):
        assert client.post(path, {"amount": wrong, "method": "cash"}).status_code == 422
    assert client.post(path, {"amount": "1", "method": "shells"}).status_code == 422


def test_a_document_goes_up_and_comes_down_the_same_and_only_as_a_download(world: World) -> None:
    client, path = world.clients["officer"], f"/cases/{world.case().reference}/documents"
    content = picture(200)
    answer = client.upload(path, file=("photo é.png", content), tags=["for_assessor"])
    assert answer.status_code == 201
    document = answer.json()
    assert (document["media_type"], document["tags"]) == ("image/png", ["for_assessor"])

    down = client.get(f"{path}/{document['id']}/content")
    assert down.whole == content
    assert down["Content-Disposition"].startswith("attachment")
    assert "photo é.png" in unquote(down["Content-Disposition"])
    assert (down["X-Content-Type-Options"], down["Cache-Control"]) == ("nosniff", "no-store")
    assert "sandbox" in down["Content-Security-Policy"]
    assert Access.objects.filter(subject_type="document", subject_id=document["id"]).exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.png", b""), ("page.png", b"<html><script>"), ("photo.pdf", picture(3)), ("run.exe", b"MZ" + bytes(99))],
)
def test_a_file_that_is_empty_disguised_or_not_taken_is_refused_with_a_sentence(
    world: World, name: str, content: bytes
) -> None:
    before = Document.objects.count()
    answer = world.clients["officer"].upload(f"/cases/{world.case().reference}/documents", file=(name, content))
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith(".")
    assert Document.objects.count() == before


def test_a_file_over_the_limit_is_answered_413(world: World, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10  # type: ignore[attr-defined]
    answer = world.clients["officer"].upload(
        f"/cases/{world.case().reference}/documents", file=("photo.png", picture(3))
    )
    assert answer.status_code == 413


def test_an_upload_without_a_file_is_422_and_as_json_415(world: World) -> None:
    client, path = world.clients["officer"], f"/cases/{world.case().reference}/documents"
    assert client.upload(path, tags=["x"]).status_code == 422
    assert client.post(path, {"file": "x"}).status_code == 415


def test_deleting_a_document_is_final_and_leaves_a_record(world: World) -> None:
    client, document = world.clients["officer"], world.documents["permits"][0]
    path = f"/cases/{world.case().reference}/documents/{document.pk}"
    assert client.post(f"{path}/deletion", {"reason": " "}).status_code == 422
    assert client.post(f"{path}/deletion", {"reason": "Wrong person"}).status_code == 204
    assert client.get(path).status_code == 404
    assert Deletion.objects.get(document_id=document.pk).reason == "Wrong person"
    assert TimelineEntry.objects.filter(case=world.case(), detail__document=document.pk).count() == 2


def test_a_person_is_recorded_found_and_shown_with_address_and_contacts(world: World) -> None:
    client = world.clients["officer"]
    body = {
        "kind": "person", "first_names": "Nia", "last_name": "O'Sample", "nino": "qq 12 34 56 c".replace("qq", "ce"),
        "address": {"line1": "9 Test Road", "town": "Testham", "postcode": "ab12cd"},
        "contacts": [{"type": "email", "value": "Nia@Example.org", "preferred": True}],
    }  # fmt: skip
    answer = client.post("/people", body)
    assert answer.status_code == 201, answer.content
    person = answer.json()
    assert person["addresses"][0]["lines"][-1] == "AB1 2CD"
    assert person["person"]["nino"] == "CE123456C"
    found = client.post("/people/search", {"name": "osample", "postcode": "AB1 2CD"}).json()["items"]
    assert [row["id"] for row in found] == [person["id"]]
    again = client.post("/people", body)
    assert again.status_code == 409
    assert "Nia" not in again.content.decode()


def test_an_organisation_is_recorded(world: World) -> None:
    answer = world.clients["officer"].post("/people", {"kind": "organisation", "name": "Example Day Centre"})
    assert answer.status_code == 201
    assert answer.json()["organisation"] == {"charity_number": "", "contact_name": ""}
    assert world.clients["officer"].post("/people", {"kind": "person"}).status_code == 422


def test_no_address_of_the_api_takes_a_name_a_number_or_a_postcode() -> None:
    from moothall.web.api.api import api

    personal = {"name", "nino", "postcode", "first_names", "last_name", "date_of_birth", "email", "badge_number", "q"}
    for path, methods in api.get_openapi_schema()["paths"].items():
        for operation in methods.values():
            named = {parameter["name"] for parameter in operation.get("parameters", [])}
            assert not named & personal, path


def test_a_case_says_what_the_applicant_reads_of_where_it_is(world: World) -> None:
    run = world.clients["viewer"].get(f"/cases/{world.case().reference}").json()["runs"][0]
    assert run["public"] == {"status": "We are checking your application", "next": None, "within": "4 working days"}
    item = world.item()
    done = {"outcome": "refuse", "version": item.version, "note": "No"}
    assert world.clients["officer"].post(f"/work-items/{item.pk}/progress", done).status_code == 200
    assert world.clients["viewer"].get(f"/cases/{world.case().reference}").json()["runs"][0]["public"] is None


def test_two_cases_are_linked_once_with_a_reason_and_show_on_both(world: World) -> None:
    client, first, second = world.clients["officer"], world.case(), world.case("permits", 1)
    body = {"case": second.reference.lower(), "why": "The same household"}
    for _ in range(2):
        assert client.post(f"/cases/{first.reference}/links", body).json()["case"]["reference"] == second.reference
    shown = client.get(f"/cases/{second.reference}/links").json()
    assert [(row["case"]["reference"], row["why"]) for row in shown["items"]] == [(first.reference, body["why"])]
    assert client.post(f"/cases/{first.reference}/links", {**body, "why": " "}).status_code == 422
    assert client.post(f"/cases/{first.reference}/links", {**body, "case": first.reference}).status_code == 422
    assert client.post(f"/cases/{first.reference}/links", {**body, "case": "PP-0000-0000"}).status_code == 404


def test_a_case_is_given_to_a_colleague_and_a_team_that_may_see_it_or_to_nobody(world: World) -> None:
    client, path = world.clients["officer"], f"/cases/{world.case().reference}/assignment"
    given = client.post(path, {"owner": world.users["viewer"].pk, "team": "permits_officers"}).json()
    assert (given["owner"]["name"], given["team"]) == ("Viewer", {"key": "permits_officers", "name": "Officers"})
    for body in (
        {"owner": world.users["other_officer"].pk, "team": None},
        {"owner": world.users["inactive"].pk, "team": None},
        {"owner": None, "team": "bins_officers"},
        {"owner": None, "team": "nobodies"},
    ):
        assert client.post(path, body).status_code == 422
    assert client.get(f"/cases/{world.case().reference}").json()["team"]["key"] == "permits_officers"
    assert client.post(path, {"owner": None, "team": None}).json()["owner"] is None


def test_how_somebody_is_reached_and_known_is_recorded_and_what_it_replaces_is_kept(world: World) -> None:
    client, customer = world.clients["officer"], world.case().customer
    lists.ensure_list(
        "reference_types", name="References", values=[{"key": "badge", "label": "Badge"}],
        by=world.users["manager"], at=customer.created_at,
    )  # fmt: skip
    path = f"/people/{customer.pk}"
    reached = client.post(f"{path}/contacts", {"type": "email", "value": "New@example.org", "verified": True})
    assert reached.status_code == 201, reached.content
    assert "New@example.org" in {row["value"] for row in reached.json()["contacts"] if row["to_date"] is None}
    home = {"line1": "9 New Road", "town": "Exampleton", "postcode": "sw1a1aa", "from_date": "2020-02-01"}
    moved = client.post(f"{path}/addresses", home).json()
    assert {row["to_date"] is None for row in moved["addresses"]} == {True, False}
    numbered = {"type": "badge", "number": "ab 12", "status": "issued", "from_date": "2026-01-01"}
    assert client.post(f"{path}/references", numbered).json()["references"][0]["status"] == "issued"
    assert client.post(f"{path}/references", {**numbered, "status": "expired"}).json()["references"][0]["status"] == (
        "expired"
    )
    other = world.case("permits", 1).customer_id
    assert client.post(f"/people/{other}/references", numbered).status_code == 409


@pytest.mark.parametrize(
    ("part", "body"),
    [
        ("contacts", {"type": "email", "value": "not an address"}),
        ("contacts", {"type": "pigeon", "value": "x"}),
        ("addresses", {"line1": "1 Road", "town": "T", "postcode": "nowhere"}),
        ("addresses", {"line1": "1", "town": "T", "postcode": "SW1A 1AA", "from_date": "2026-01-02", "to_date": "2026-01-01"}),
        ("references", {"type": "badge", "number": "1", "from_date": "2026-01-02", "to_date": "2026-01-01"}),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded_of_somebody_is_refused_with_a_sentence(
    world: World, part: str, body: dict[str, str]
) -> None:
    answer = world.clients["officer"].post(f"/people/{world.case().customer_id}/{part}", body)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert world.clients["viewer"].post(f"/people/{world.case().customer_id}/{part}", body).status_code == 403


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/cases/export", {"stat": "open"}), ("/cases", {"State": "open"}), ("/cases/count", {"nino": "x"}),
        ("/work-items", {"stage": "check", "assigned": "me"}), ("/me", {"as": "manager"}), ("/queue", {"state": "x"}),
    ],
)  # fmt: skip
def test_a_parameter_nobody_knows_is_refused_by_its_name(world: World, path: str, query: dict[str, str]) -> None:
    wrong = list(query)[-1]
    answer = world.clients["manager"].get(path, **query)
    assert answer.status_code == 422
    assert f"“{wrong}”" in answer.json()["detail"]
    assert [error["field"] for error in answer.json()["errors"]] == [f"query.{wrong}"]


def test_a_parameter_that_takes_one_value_is_refused_when_given_twice(world: World) -> None:
    answer = world.clients["manager"].get("/cases", state=["open", "any"], tag=["urgent", "payment"])
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "query.state", "sentence": "Give “state” once."}]


def test_a_change_is_refused_when_its_address_gives_a_parameter_and_nothing_is_changed(world: World) -> None:
    before = Note.objects.count()
    answer = world.clients["officer"].post(f"/cases/{world.case().reference}/notes?quiet=1", {"text": "Called"})
    assert (answer.status_code, Note.objects.count()) == (422, before)
