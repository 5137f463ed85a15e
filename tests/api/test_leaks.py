"""Nobody finds through one door what another keeps from them (BEST-20): list, search, count, export, timeline and the
rest agree for every role with what the role may see, said here once more and independently."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.utils import timezone
from tests.api.client import ApiClient
from tests.api.world import World, references, sign_in

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models import Case, CaseMessage, TimelineEntry, WorkItem
from moothall.domain.exchange.models import Attempt, Item
from moothall.domain.people import searching

SEES = {
    "officer": {"permits"},
    "other_officer": {"bins"},
    "assessor": {"permits"},
    "viewer": {"permits"},
    "manager": {"permits", "bins"},
}
LOCKED_OUT = {"stranger": 403, "inactive": 401, "expired": 401, "nobody": 401}
ASKED = {"kind": "document", "items": [{"key": "photo", "label": "A photograph"}], "answer_by": "2199-01-01"}
PARTS = [
    "",
    "/timeline",
    "/notes",
    "/payments",
    "/refunds",
    "/documents",
    "/requests",
    "/messages",
    "/similar",
    "/accesses",
    "/links",
    "/templates",
]


def visible(world: World, role: str) -> list[Case]:
    return [case for service in sorted(SEES[role]) for case in world.cases[service]]


def hidden(world: World, role: str) -> list[Case]:
    return [case for service in world.cases if service not in SEES[role] for case in world.cases[service]]


def all_pages(client: ApiClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """Every item of a list, two at a time, each once."""
    items: list[dict[str, Any]] = []
    for page in range(1, 50):
        answer = client.get(path, page=page, page_size=2, **query).json()
        items += answer["items"]
        if page * 2 >= answer["total"]:
            assert len(items) == answer["total"]
            return items
    raise AssertionError("The pages do not end.")


def test_list_search_count_and_export_show_exactly_the_cases_a_role_may_see(
    world: World, subtests: pytest.Subtests
) -> None:
    for role in SEES:
        with subtests.test(role):
            client, expected = world.clients[role], references(visible(world, role))

            assert {row["reference"] for row in all_pages(client, "/cases")} == expected
            found = client.post("/cases/search", {"name": "Exampleson"}).json()
            assert {row["reference"] for row in found["items"]} == expected
            assert client.get("/cases/count").json()["total"] == found["total"] == len(expected)
            exported = client.get("/cases/export").whole.decode("utf-8-sig")
            assert {row["Reference"] for row in csv.DictReader(StringIO(exported))} == expected


def test_filters_and_searches_that_name_a_hidden_case_find_nothing(world: World, subtests: pytest.Subtests) -> None:
    for role in SEES:
        with subtests.test(role):
            client = world.clients[role]
            for case in hidden(world, role):
                person = case.customer.person
                for body in ({"reference": case.reference}, {"nino": person.nino}, {"first_names": person.first_names}):
                    assert client.post("/cases/search", body).json()["total"] == 0
                assert client.post("/people/search", {"nino": person.nino}).json()["total"] == 0
                for query in ({"customer": case.customer_id}, {"service": case.service.key}):
                    assert client.get("/cases", **query).json()["total"] == 0
                    assert client.get("/cases/count", **query).json()["total"] == 0
                assert client.get("/queue", case=case.reference).json()["total"] == 0


def test_a_hidden_case_is_answered_exactly_like_one_that_is_not_there(world: World, subtests: pytest.Subtests) -> None:
    for role in SEES:
        with subtests.test(role):
            client = world.clients[role]
            nowhere = {part: client.get(f"/cases/PP-0000-0000{part}") for part in PARTS}
            for case in hidden(world, role):
                for part in PARTS:
                    answer = client.get(f"/cases/{case.reference}{part}")
                    assert answer.status_code == nowhere[part].status_code
                    assert answer.status_code in (403, 404)
                    assert {**answer.json(), "instance": ""} == {**nowhere[part].json(), "instance": ""}


def test_what_belongs_to_a_case_is_seen_with_the_case_and_not_otherwise(
    world: World, subtests: pytest.Subtests
) -> None:
    for role in SEES:
        with subtests.test(role):
            client, user = world.clients[role], world.users[role]
            for case in visible(world, role):
                path = f"/cases/{case.reference}"
                assert client.get(path).status_code == 200
                notes = client.get(f"{path}/notes")
                assert notes.status_code == (403 if role == "viewer" else 200)
                assert client.get(path).json()["important_notes"] == (None if role == "viewer" else 1)
                documents = {row["id"] for row in client.get(f"{path}/documents").json()["items"]}
                every = {document.pk: document for document in world.documents[case.service.key]}
                mine = {pk for pk, document in every.items() if document.case_link.case_id == case.pk}
                confined = {pk for pk in mine if "for_assessor" in every[pk].tags}
                assert documents == (confined if role == "assessor" else mine)
                for pk in mine:
                    status = 200 if pk in documents else 404
                    assert client.get(f"{path}/documents/{pk}").status_code == status
                    assert client.get(f"{path}/documents/{pk}/content").status_code == status
            assert user.is_active


def test_a_document_is_not_reached_through_another_case(world: World, subtests: pytest.Subtests) -> None:
    for role in SEES:
        with subtests.test(role):
            client = world.clients[role]
            path = f"/cases/{visible(world, role)[0].reference}"
            mine = {row["id"] for row in client.get(f"{path}/documents").json()["items"]}
            for documents in world.documents.values():
                for document in documents:
                    if document.pk not in mine:
                        for part in ("", "/content"):
                            assert client.get(f"{path}/documents/{document.pk}{part}").status_code == 404


def test_the_timeline_speaks_only_of_what_a_role_may_see(world: World, subtests: pytest.Subtests) -> None:
    for role in SEES:
        with subtests.test(role):
            client = world.clients[role]
            for case in visible(world, role):
                lines = all_pages(client, f"/cases/{case.reference}/timeline")
                kinds = {line["kind"] for line in lines}
                text = " ".join(line["text"] for line in lines)
                assert (TimelineEntry.Kind.NOTE in kinds) == (role != "viewer")
                assert ("plain-" in text) == (role != "assessor")
                assert "assess-" in text
                documents = {row["id"] for row in client.get(f"/cases/{case.reference}/documents").json()["items"]}
                assert {line["document"] for line in lines} - {None} == documents


def test_the_timeline_names_no_stage_a_role_may_not_see(world: World, subtests: pytest.Subtests) -> None:
    client, item = world.clients["officer"], world.item()
    assert client.post(f"/work-items/{item.pk}/take", {}).status_code == 200
    body = {"outcome": "complete", "version": item.version + 1, "answers": {"zone": "north"}}
    assert client.post(f"/work-items/{item.pk}/progress", body).status_code == 200
    assert client.post(f"/work-items/{world.item().pk}/take", {}).status_code == 200
    path = f"/cases/{world.case().reference}/timeline"
    for role, names in {"officer": {"Check", "Issue"}, "viewer": {"Check"}, "assessor": set()}.items():
        with subtests.test(role):
            text = " ".join(line["text"] for line in all_pages(world.clients[role], path))
            assert {name for name in ("Check", "Issue") if name in text} == names
            assert "Permit started." in text


def test_linked_cases_are_named_only_to_who_sees_both(world: World, subtests: pytest.Subtests) -> None:
    here, there = world.case("permits"), world.case("bins")
    body = {"case": there.reference, "why": "Neighbours"}
    assert world.clients["manager"].post(f"/cases/{here.reference}/links", body).status_code == 201
    for role in SEES:
        with subtests.test(role):
            client, both = world.clients[role], role == "manager"
            for case, other in ((here, there), (there, here)):
                if case.service.key in SEES[role]:
                    path = f"/cases/{case.reference}"
                    shown = client.get(f"{path}/links").json()["items"]
                    assert [row["case"]["reference"] for row in shown] == ([other.reference] if both else [])
                    text = " ".join(line["text"] for line in all_pages(client, f"{path}/timeline"))
                    assert (other.reference in text) == both


def test_a_message_is_seen_with_its_filed_copy(world: World, subtests: pytest.Subtests) -> None:
    for role in SEES:
        with subtests.test(role):
            client = world.clients[role]
            for case in visible(world, role):
                listed = client.get(f"/cases/{case.reference}/messages").json()["items"]
                assert len(listed) == (0 if role == "assessor" else 1)
                message = CaseMessage.objects.get(case=case).message_id
                status = 404 if role == "assessor" else 200
                assert client.get(f"/cases/{case.reference}/messages/{message}").status_code == status


def test_work_items_are_those_of_seen_stages_on_visible_cases(world: World, subtests: pytest.Subtests) -> None:
    for role in SEES:
        with subtests.test(role):
            client = world.clients[role]
            expected = (
                set() if role == "assessor" else references(visible(world, role))
            )  # the assessor's groups see no stage
            assert {row["case"] for row in all_pages(client, "/work-items")} == expected
            for item in WorkItem.objects.select_related("case"):
                status = 200 if item.case.reference in expected else 404
                assert client.get(f"/work-items/{item.pk}").status_code == status
                assert client.get(f"/work-items/{item.pk}/outcomes").status_code == status


def test_queue_items_are_those_of_visible_cases(world: World, subtests: pytest.Subtests) -> None:
    for role in SEES:
        with subtests.test(role):
            client, expected = world.clients[role], references(visible(world, role))
            assert {row["case"] for row in all_pages(client, "/queue")} == expected
            for item in Item.objects.select_related("case"):
                status = 200 if item.case.reference in expected else 404
                assert client.get(f"/queue/{item.pk}").status_code == status
                assert client.get(f"/queue/{item.pk}/request").status_code == status


def test_people_are_those_with_a_visible_case_and_show_only_visible_cases(
    world: World, subtests: pytest.Subtests
) -> None:
    for role in SEES:
        with subtests.test(role):
            client, expected = world.clients[role], {case.customer_id for case in visible(world, role)}
            shared = world.case("permits").customer_id
            Case.objects.filter(pk=world.case("bins").pk).update(customer=shared)  # one person known to both services
            for lost in {world.case("bins").customer_id} & expected:
                expected = (expected - {lost}) | {shared}
            if role == "other_officer":
                expected |= {shared}
            if role == "manager":
                expected |= {world.case("bins").customer_id}
            if role in ("officer", "assessor", "viewer"):
                expected |= {world.case("bins").customer_id}  # has no case now, so is nobody's secret
            if role == "other_officer":
                expected |= {world.case("bins").customer_id}

            found = client.post("/people/search", {"name": "Exampleson", "page_size": 200}).json()
            assert {row["id"] for row in found["items"]} == expected
            for case in Case.objects.select_related("customer"):
                answer = client.get(f"/people/{case.customer_id}")
                assert answer.status_code == (200 if case.customer_id in expected else 404)
                if answer.status_code == 200:
                    seen = {row["reference"] for row in answer.json()["cases"]}
                    assert seen <= references(Case.objects.filter(service__key__in=SEES[role]))
            assert client.get(f"/people/{shared}/accesses").status_code == 200


def test_a_search_counts_only_whom_somebody_may_see(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "LOOKED_AT", len(world.cases["permits"]))
    found = {
        role: world.clients[role].post("/people/search", {"name": "Exampleson"}).json()
        for role in ("officer", "manager")
    }
    assert {row["id"] for row in found["officer"]["items"]} == {case.customer_id for case in world.cases["permits"]}
    assert [found[role]["total_is_more"] for role in ("officer", "manager")] == [False, True]


def test_similar_cases_name_only_visible_ones(world: World, subtests: pytest.Subtests) -> None:
    for role in SEES:
        with subtests.test(role):
            client, expected = world.clients[role], references(visible(world, role))
            for case in visible(world, role):
                similar = client.get(f"/cases/{case.reference}/similar").json()
                assert {row["reference"] for row in similar} == expected - {case.reference}


def test_the_health_of_the_queue_tells_nothing_of_items_of_hidden_cases(
    world: World, subtests: pytest.Subtests
) -> None:
    for service, cases in world.cases.items():
        item = Item.objects.filter(case__in=cases).earliest("pk")
        problem, now = f"No licence for Pat of {service}.", timezone.now()
        Attempt.objects.create(item=item, number=1, started_at=now, finished_at=now, problem=problem)
        Item.objects.filter(pk=item.pk).update(status="error", problem=problem)
    for role in ("officer", "other_officer", "manager"):
        with subtests.test(role):
            health = world.clients[role].get("/queue/health")
            waiting = sum(sum(row["counts"].values()) for row in health.json())
            assert waiting == len(visible(world, role))
            for service in world.cases:
                assert (f"Pat of {service}" in str(health.json())) <= (service in SEES[role])
            assert any(row["last_problem"] for row in health.json())


def test_who_is_locked_out_gets_the_same_refusal_everywhere(world: World, subtests: pytest.Subtests) -> None:
    for role in LOCKED_OUT:
        with subtests.test(role):
            client, case = world.clients[role], world.case()
            paths = ["/cases", "/cases/count", "/cases/export", "/work-items", "/queue", "/queue/health", "/workflows"]
            paths += [f"/cases/{case.reference}{part}" for part in PARTS]
            paths += [f"/people/{case.customer_id}", f"/work-items/{world.item().pk}"]
            assert {client.get(path).status_code for path in paths} == {LOCKED_OUT[role]}
            for path in ("/cases/search", "/people/search"):
                assert client.post(path, {"name": "Exampleson"}).status_code == LOCKED_OUT[role]


def written(world: World, client: ApiClient) -> dict[str, Any]:
    """The answer to every kind of write to one case of permits, by its address."""
    case, item, document = world.case("permits"), world.item("permits"), world.documents["permits"][0]
    path, bins, queued = f"/cases/{case.reference}", world.case("bins").reference, Item.objects.get(case=case)
    address = {"line1": "1 Road", "town": "T", "postcode": "SW1A 1AA"}
    bodies: dict[str, dict[str, Any]] = {
        f"{path}/notes": {"text": "Hello"},
        f"{path}/tags": {"set": ["urgent"]},
        f"{path}/payments": {"amount": "10.00", "method": "card"},
        f"{path}/workflows": {"workflow": "permit"},
        f"{path}/messages": {"channel": "email", "subject": "Hello", "html": "<p>Hello</p>"},
        f"{path}/messages/preview": {"template": "zones_explained"},
        f"{path}/requests": ASKED | {"item": item.pk},
        f"{path}/assignment": {"owner": None, "team": None},
        f"{path}/links": {"case": bins, "why": "Neighbours"},
        f"/cases/{bins}/links": {"case": case.reference, "why": "Neighbours"},
        f"/people/{case.customer_id}/contacts": {"type": "email", "value": "a@example.org"},
        f"/people/{case.customer_id}/addresses": address,
        f"/people/{case.customer_id}/references": {"type": "badge", "number": "1"},
        "/workflows/permits.permit/prospects": {"old": 1, "new": 2},
        "/workflows/permits.permit/moves": {"old": 1, "new": 2},
        f"/work-items/{item.pk}/outcomes/write/messages": {},
        f"{path}/documents/{document.pk}/tags": {"set": []},
        f"{path}/documents/{document.pk}/turn": {"degrees": 90},
        f"{path}/documents/{document.pk}/deletion": {"reason": "Mistake"},
        f"{path}/queue/actions": {"action": "pause", "reason": "Wait"},
        f"/queue/{queued.pk}/actions": {"action": "pause", "reason": "Wait"},
        f"/work-items/{item.pk}/progress": {"outcome": "refuse", "version": 1, "note": "No"},
        f"/work-items/{item.pk}/take": {},
    }
    answers = {path: client.post(path, body) for path, body in bodies.items()}
    return answers | {f"{path}/documents": client.upload(f"{path}/documents")}


def test_writes_to_a_hidden_case_are_answered_404_and_change_nothing(world: World) -> None:
    before = TimelineEntry.objects.count()
    answers = written(world, world.clients["other_officer"])
    upload = answers.pop(f"/cases/{world.case('permits').reference}/documents")
    assert upload.status_code in {404, 415, 422}
    assert {answer.status_code for answer in answers.values()} == {404}
    assert TimelineEntry.objects.count() == before


def mixed(world: World, **groups: tuple[list[Permission], str, list[str]]) -> ApiClient:
    """Somebody in several groups: by key, the permissions, the service and the document tags of each."""
    user = User.objects.create_user("mixed@council.example.org", full_name="Mia Mixed")
    for key, (permissions, service, tags) in groups.items():
        user.groups.add(
            SecurityGroup.objects.create(
                key=key, name=key, permissions=permissions, services=[service], document_tags=tags
            )
        )
    return sign_in(user)


SEEING = [
    Permission.API, Permission.VIEW_CASES, Permission.VIEW_TIMELINE, Permission.VIEW_DOCUMENTS, Permission.VIEW_PEOPLE,
    Permission.VIEW_QUEUE,
]  # fmt: skip


def test_who_may_everything_in_another_service_may_write_nothing_in_one_they_only_see(world: World) -> None:
    client = mixed(world, seeing=(SEEING, "permits", []), all_of_bins=(list(Permission), "bins", []))
    before = TimelineEntry.objects.count()
    answers = written(world, client)
    assert answers.pop(f"/cases/{world.case('permits').reference}/documents").status_code in {403, 415, 422}
    for path, answer in answers.items():
        assert answer.status_code == (404 if path.startswith("/work-items") else 403), path
    assert TimelineEntry.objects.count() == before
    new = {"service": "permits", "type": "new", "source": "paper", "customer": world.case("permits").customer_id}
    assert client.post("/cases", new).json()["errors"][0]["field"] == "body.service"
    assert client.post("/cases", new | {"service": "bins"}).status_code == 201
    assert client.post(f"/cases/{world.case('bins').reference}/notes", {"text": "Hello"}).status_code == 201


def test_who_may_everything_in_another_service_sees_no_more_of_one_they_only_see(world: World) -> None:
    client = mixed(world, seeing=(SEEING, "permits", []), all_of_bins=(list(Permission), "bins", []))
    permits, bins = references(world.cases["permits"]), references(world.cases["bins"])
    assert {row["reference"] for row in all_pages(client, "/cases")} == permits | bins
    assert {row["case"] for row in all_pages(client, "/queue")} == permits | bins
    exported = client.get("/cases/export").whole.decode("utf-8-sig")
    assert {row["Reference"] for row in csv.DictReader(StringIO(exported))} == bins
    assert {row["service"] for row in client.get("/workflows").json()} == {"bins"}
    assert client.get("/workflows/permits.permit/versions").status_code == 403
    secret = {TimelineEntry.Kind.NOTE, TimelineEntry.Kind.PAYMENT}
    for service, open_to_them in (("permits", False), ("bins", True)):
        path = f"/cases/{world.case(service).reference}"
        for part in ("/notes", "/payments", "/refunds", "/accesses", "/templates"):
            assert client.get(path + part).status_code == (200 if open_to_them else 403)
        shown = client.get(path).json()
        assert (shown["submitted"] is not None, shown["important_notes"] is not None) == (open_to_them, open_to_them)
        kinds = {line["kind"] for line in all_pages(client, f"{path}/timeline")}
        assert kinds & secret == (secret if open_to_them else set())
        person = f"/people/{world.case(service).customer_id}"
        assert client.get(person).status_code == 200
        assert client.get(f"{person}/accesses").status_code == (200 if open_to_them else 403)


def test_no_other_group_lifts_an_assessors_confinement_to_tagged_documents(world: World) -> None:
    client = mixed(
        world,
        assessing=([*SEEING, Permission.VIEW_NOTES], "permits", ["for_assessor"]),
        noting=([Permission.VIEW_CASES, Permission.ADD_NOTES], "permits", []),
        all_of_bins=(list(Permission), "bins", []),
    )
    for service, confined in (("permits", True), ("bins", False)):
        for case in world.cases[service]:
            path = f"/cases/{case.reference}"
            mine = [one for one in world.documents[service] if one.case_link.case_id == case.pk]
            expected = {one.pk for one in mine if not confined or "for_assessor" in one.tags}
            assert {row["id"] for row in client.get(f"{path}/documents").json()["items"]} == expected
            for one in mine:
                status = 200 if one.pk in expected else 404
                assert client.get(f"{path}/documents/{one.pk}/content").status_code == status
            text = " ".join(line["text"] for line in all_pages(client, f"{path}/timeline"))
            assert "assess-" in text
            assert ("plain-" in text) != confined
            assert client.get(f"{path}/messages").json()["total"] == (0 if confined else 1)


@pytest.mark.parametrize(
    ("permission", "status"),
    [(Permission.VIEW_ACCESSES, 200), (Permission.VIEW_AUDIT, 403), (Permission.ADD_NOTES, 403)],
)
def test_who_read_a_case_is_told_to_those_who_may_see_it_and_needs_no_sight_of_the_whole_audit(
    world: World, permission: Permission, status: int
) -> None:
    client = mixed(world, reading=([Permission.API, Permission.VIEW_CASES, permission], "permits", []))
    assert client.get(f"/cases/{world.case().reference}/accesses").status_code == status
