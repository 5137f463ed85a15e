"""Whoever is shown a case or a person leaves a record of it, also when a change answers with what it changed (PPP-6)."""

from typing import Any

from django.utils import timezone
from tests.api.client import ApiClient
from tests.api.world import World, publish

from moothall.core.accounts.actions import system_user
from moothall.core.audit.models import Access
from moothall.core.lists import actions as lists
from moothall.domain.cases.models import Case, Pause
from moothall.domain.exchange.models import Item

SHOWING = {
    "CaseDetail",
    "WorkDetail",
    "MessageOut",
    "PersonOut",
    "QueueDetail",
    "LinkOut",
    "Page_LinkOut_",
    "Page_EarlierPerson_",
}
LETTER = {"channel": "letter", "subject": "About it", "html": "<p>Words</p>", "draft": True}
ADDRESS = {"line1": "1 Example Street", "town": "Exampleton", "postcode": "EX1 1AA"}


def showing() -> set[tuple[str, str]]:
    """The operations that answer with one case, somebody, or what belongs to them."""
    paths = ApiClient().get("/openapi.json").json()["paths"]
    return {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in paths.items()
        for method, operation in methods.items()
        for status in ("200", "201")
        if str(operation["responses"].get(status)).rpartition("/schemas/")[2].split("'")[0] in SHOWING
    }


class Officer:
    """Somebody who calls operation after operation and looks whether each left a record."""

    def __init__(self, world: World) -> None:
        self.world, self.client, self.called = world, world.clients["officer"], set[tuple[str, str]]()

    def does(self, method: str, path: str, body: Any = None, *, about: Case | int | None = None, **named: Any) -> Any:
        about = about or self.world.case()
        before = self._records(about)
        named = {"reference": self.world.case().reference, **named}
        address = path.format(**named)
        answer = self.client.get(address) if method == "GET" else self.client.send(method, address, body)
        assert answer.status_code in (200, 201), (path, answer.content)
        assert self._records(about) == before + 1, (method, path)
        self.called.add((method, path))
        return answer.json()

    def _records(self, about: Case | int) -> int:
        kind, pk = ("case", about.pk) if isinstance(about, Case) else ("customer", about)
        user = self.world.users["officer"]
        return Access.objects.filter(user=user, subject_type=kind, subject_id=pk).count()


def of_cases(officer: Officer, world: World) -> None:
    case, other = "/cases/{reference}", world.case("permits", 1)
    officer.does("GET", case)
    officer.does("POST", case + "/tags", {"set": ["urgent"]})
    officer.does("POST", case + "/assignment", {"owner": world.users["officer"].pk, "team": None})
    officer.does("GET", case + "/links")
    officer.does("POST", case + "/links", {"case": other.reference, "why": "Same house"}, about=other)
    publish("permits", at=timezone.now(), changes={"start: check": "start: check\nmanual: true"})
    done, item = world.case("permits", 2), world.item("permits", 2)
    refused = {"outcome": "refuse", "version": item.version, "note": "No"}
    assert officer.client.post(f"/work-items/{item.pk}/progress", refused).status_code == 200
    again = {"workflow": "permits.permit"}
    officer.does("POST", case + "/workflows", again, about=done, reference=done.reference)
    draft = officer.does("POST", case + "/messages", LETTER)["id"]
    one = case + "/messages/{message_id}"
    officer.does("GET", one, message_id=draft)
    officer.does("PATCH", one, {"subject": "Other", "html": "<p>Words</p>"}, message_id=draft)
    officer.does("POST", one + "/sending", message_id=draft)
    officer.does("POST", one + "/cancellation", message_id=draft)
    officer.does("POST", one + "/copies", {}, message_id=draft)
    officer.does("POST", one + "/printed", message_id=draft)


def of_work(officer: Officer, world: World) -> None:
    item, path = world.item().pk, "/work-items/{item_id}"
    officer.does("GET", path, item_id=item)
    officer.does("POST", path + "/take", {}, item_id=item)
    officer.does("POST", path + "/release", {}, item_id=item)
    officer.does("POST", path + "/checklist", {}, item_id=item)
    officer.does("POST", path + "/assignment", {"user": world.users["officer"].pk}, item_id=item)
    officer.does("POST", path + "/extensions", {"amount": 1, "reason": "Complex"}, item_id=item)
    paused = {"category": "awaiting_applicant", "reason": "Away"}
    assert officer.client.post(f"/work-items/{item}/pauses", paused).status_code == 201
    officer.does("POST", path + "/pauses/{pause_id}/end", item_id=item, pause_id=Pause.objects.get().pk)
    queued = Item.objects.get(case=world.case()).pk
    officer.does("GET", "/queue/{item_id}", item_id=queued)
    officer.does("POST", "/queue/{item_id}/actions", {"action": "pause", "reason": "Wait"}, item_id=queued)


def of_people(officer: Officer, world: World) -> None:
    customer, path = world.case().customer_id, "/people/{customer_id}"
    named = {"about": customer, "customer_id": customer}
    version = officer.does("GET", path, **named)["version"]
    officer.does("PATCH", path, {"version": version, "reason": "Deed poll", "known_as": "Patsy"}, **named)
    officer.does("GET", path + "/earlier", **named)
    officer.does("POST", path + "/tags", {}, **named)
    officer.does("POST", path + "/contacts", {"type": "email", "value": "new@example.org"}, **named)
    officer.does("POST", path + "/addresses", {**ADDRESS, "purpose": "home", "from_date": "2026-01-01"}, **named)
    kinds = [{"key": "example", "label": "Example"}]
    lists.ensure_list("reference_types", name="Numbers", values=kinds, by=system_user(), at=timezone.now())
    officer.does("POST", path + "/references", {"type": "example", "number": "E1"}, **named)
    shown = officer.does("GET", path, **named)
    way = next(one["id"] for one in shown["contacts"] if one["to_date"] is None)
    officer.does("POST", path + "/contacts/{row_id}/verified", {"how": "Rang"}, **named, row_id=way)
    mail = next(one["id"] for one in shown["contacts"] if one["value"] == "new@example.org")
    right = {"value": "newer@example.org", "reason": "Typed wrongly"}
    officer.does("POST", path + "/contacts/{row_id}/correction", right, **named, row_id=mail)
    officer.does("POST", path + "/contacts/{row_id}/first", **named, row_id=way)
    officer.does("POST", path + "/contacts/{row_id}/end", **named, row_id=way)
    officer.does("POST", path + "/references/{row_id}/end", **named, row_id=shown["references"][0]["id"])


def test_every_operation_that_shows_a_case_or_a_person_records_the_reading(world: World) -> None:
    officer = Officer(world)
    for part in (of_work, of_people, of_cases):
        part(officer, world)
    assert showing() - officer.called == {("POST", "/cases"), ("POST", "/people")}


def test_who_opens_a_case_or_records_a_person_is_recorded_as_having_read_the_answer(world: World) -> None:
    client, customer = world.clients["officer"], world.case().customer_id
    case = client.post("/cases", {"service": "permits", "type": "new", "source": "paper", "customer": customer}).json()
    person = client.post("/people", {"kind": "organisation", "name": "Example Day Centre"}).json()
    pk = Case.objects.get(reference=case["reference"]).pk
    read = Access.objects.filter(user=world.users["officer"]).values_list("subject_type", "subject_id", "via")
    assert {("case", pk, "api cases.open"), ("customer", person["id"], "api people.new")} <= set(read)
