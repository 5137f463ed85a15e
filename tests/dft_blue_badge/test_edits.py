"""What an officer may change in a waiting request, and what comes from the case whatever they write."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case, Note
from moothall.domain.exchange import actions as exchange
from moothall.domain.exchange import operations, payloads
from moothall.domain.exchange.models import Item
from moothall.domain.exchange.operations import SendError
from moothall.domain.people import actions as people
from moothall.domain.people.matching import BADGE_NUMBER
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.usefixtures("connector")
TODAY = timezone.localdate()


def tell(case: Case, operation: str, **arguments: Any) -> Item:
    user = case.opened_by
    return exchange.queue(case, f"dft_blue_badge.{operation}", by=user, at=timezone.now(), arguments=arguments)


def hold(case: Case, number: str, by: User) -> None:
    people.set_reference(
        case.customer, type=BADGE_NUMBER, number=number, status="issued", from_date=TODAY, to_date=None, by=by,
        at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def edit(officer: User) -> Callable[..., Item]:
    """`edit(item, startDate="2030-01-01")`: the officer sends back what they were shown, with that changed."""

    def change(item: Item, **changes: Any) -> Item:
        shown = payloads.preview(item).payload or {}
        return exchange.edit_and_requeue(item, {**shown, **changes}, by=officer, at=timezone.now())

    return change


class _Elsewhere(BaseHTTPRequestHandler):
    """Gives a token and has nothing else."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, {"access_token": "t", "expires_in": 60})

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(404, {"error": {"code": 404, "message": "NotFound", "reason": "There is nothing at this path."}})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a server that is not the national service."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("status", ["INPROGRESS", "COMPLETED"])
def test_a_status_is_told_of_the_cases_own_application_whatever_an_edit_leaves_out(
    sandbox: Running, arrive: Any, officer: User, send: Any, status: str
) -> None:
    case, other = arrive(), arrive("DLA")
    item = tell(case, "set_status", status="TODO")
    exchange.edit_and_requeue(item, {"applicationStatus": status}, by=officer, at=timezone.now())

    send()

    item.refresh_from_db()
    stands = {one["record"]["applicationId"]: one["record"] for one in sandbox.control("GET", "/applications")}
    assert item.status == "done", item.problem
    assert stands[case.submission.external_id]["applicationStatus"] == status
    assert stands[other.submission.external_id]["applicationStatus"] != status


def test_another_application_cannot_be_named_in_an_edit(arrive: Any, edit: Any) -> None:
    case, other = arrive(), arrive("DLA")
    item = tell(case, "set_status", status="INPROGRESS")

    for wrong in (other.submission.external_id, "../badges/KKKKK1", None, 7):
        with pytest.raises(exchange.QueueRefusal, match=r"applicationId cannot be changed here"):
            edit(item, applicationId=wrong)


def test_only_the_services_word_that_an_application_is_gone_counts_as_deleted(
    arrive: Any, send: Any, connect: Any, elsewhere: str
) -> None:
    case = arrive()
    item = tell(case, "set_status", status="INPROGRESS")
    connect(base_url=elsewhere)

    send()

    item.refresh_from_db()
    assert (item.status, "nothing at this path" in item.problem) == ("error", True)
    assert not Note.objects.filter(case=case, text__contains="was deleted").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"localAuthorityShortCode": "BIRM"},
        {"localAuthorityRef": "BB-OTHER-1"},
        {"localAuthorityRef": None},
        {"imageFile": "file:///etc/passwd"},
        {"surprise": True},
        {"party": {"typeCode": "PERSON", "person": {"badgeHolderName": "Somebody Else"}}},
        {"applicationDate": "2020-01-01"},
    ],
)
def test_an_edit_of_an_order_that_changes_what_the_record_says_is_refused_by_name(
    arrive: Any, decide: Any, edit: Any, changes: dict[str, Any]
) -> None:
    item = decide(arrive())

    with pytest.raises(exchange.QueueRefusal) as refused:
        edit(item, **changes)

    assert next(iter(changes)) in str(refused.value)
    assert "start date" in str(refused.value)


def test_what_an_edit_changed_is_said_on_the_case_and_what_the_record_says_meanwhile_is_sent(
    sandbox: Running, arrive: Any, decide: Any, edit: Any, send: Any
) -> None:
    case = arrive()
    item = decide(case)
    wanted = (TODAY + timedelta(days=3)).isoformat()
    edit(item, startDate=wanted, deliverToCode="COUNCIL")
    case.customer.person.last_name = "Corrected"
    case.customer.person.save()

    send()

    [badge] = sandbox.control("GET", "/badges")
    assert (badge["start"], badge["party"]["person"]["badgeHolderName"]) == (wanted, "Alex Corrected")
    said = case.timeline.get(detail__action="edited").text
    assert f"start date from {TODAY.isoformat()} to {wanted}" in said
    assert "deliver to from HOME to COUNCIL" in said


@pytest.mark.parametrize(("operation", "reason"), [("cancel", "nolong"), ("replace", "lost")])
def test_a_badge_named_in_an_edit_must_be_the_customers(
    arrive: Any, officer: User, edit: Any, operation: str, reason: str
) -> None:
    case, other = arrive(), arrive("ORG")
    hold(case, "AAAAA1", officer)
    hold(case, "AAAAA2", officer)
    hold(other, "BBBBB1", officer)
    item = tell(case, operation, reason=reason)
    assert "several badges" in payloads.preview(item).problems[0]

    for wrong in ("BBBBB1", "CCCCC1", "..", "AAAAA1/../BBBBB1", ""):
        with pytest.raises(exchange.QueueRefusal):
            edit(item, badgeNumber=wrong)
    edited = edit(item, badgeNumber="AAAAA2")

    assert payloads.preview(edited).problems == ()
    assert "badge number changed" in case.timeline.get(detail__action="edited").text


def test_a_badge_that_became_somebody_elses_after_the_edit_is_not_touched(
    sandbox: Running, arrive: Any, officer: User, edit: Any, send: Any
) -> None:
    case, other = arrive(), arrive("ORG")
    hold(case, "AAAAA1", officer)
    hold(case, "AAAAA2", officer)
    item = tell(case, "cancel", reason="nolong")
    edit(item, badgeNumber="AAAAA1")
    case.customer.references.update(customer=other.customer)
    sandbox.control("DELETE", "/calls")

    send()

    item.refresh_from_db()
    assert (item.status, "somebody else" in item.problem) == ("error", True)
    assert not [call for call in sandbox.control("GET", "/calls") if "cancellations" in call["path"]]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
likely = st.sampled_from(
    [
        "2026-12-01", "9999-12-31", "9998-01-01", "20270101", "COUNCIL", "FAST", "HOME", "PIP", "WALKD", "COMPLETED",
        "TODO", "AAAAA1", "aaaaa 2", "BBBBB1", "..", "../badges/BBBBB1", "LOST", "STOLE", "NOLONG", 1, 0, True, "\x00",
        "\ud800",
    ]
)  # fmt: skip
KINDS = ("order", "organisation", "replace", "cancel", "set_status")


@pytest.fixture
def waiting(arrive: Any, decide: Any, officer: User) -> dict[str, Item]:
    """An item of each operation, on cases of their own."""
    held = arrive("DLA")
    hold(held, "AAAAA1", officer)
    hold(held, "AAAAA2", officer)
    organisation = arrive("ORG")
    hold(organisation, "BBBBB1", officer)
    return {
        "order": decide(arrive()),
        "organisation": decide(organisation),
        "replace": tell(held, "replace", reason="lost", badge_number="AAAAA1"),
        "cancel": tell(held, "cancel", reason="nolong"),
        "set_status": tell(held, "set_status", status="INPROGRESS"),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_that_is_taken_can_be_sent_and_names_nobody_elses_record(
    waiting: dict[str, Item], officer: User, kind: str
) -> None:
    item = waiting[kind]
    operation = operations.get(item.operation)
    locked = {"applicationId", "localAuthorityRef", "localAuthorityShortCode", "party", "imageFile", "badgeNumber"}
    names = sorted({*operation.editable, *locked})
    edits = st.dictionaries(st.sampled_from(names) | st.text(max_size=5), likely | json_values, max_size=4)
    built = operation.build(item)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(edits)
    def holds(changes: dict[str, Any]) -> None:
        try:
            edited = exchange.edit_and_requeue(item, changes, by=officer, at=timezone.now())
        except exchange.QueueRefusal:
            return
        edited.refresh_from_db()
        payload = payloads.whole(edited, operation)
        assert operation.validate(payload, item=edited) == []
        assert operation.request(payload, item=edited)["url"].startswith("http")
        for name in locked - {"badgeNumber"}:
            assert payload.get(name) == built.get(name)
        assert payload.get("badgeNumber", "AAAAA1") in ("AAAAA1", "AAAAA2")
        assert set(payload) <= {*built, *operation.editable}

    holds()


def test_an_edit_of_something_no_request_can_be_made_of_is_refused(arrive: Any, edit: Any) -> None:
    case = arrive()
    Case.objects.filter(pk=case.pk).update(reference="BB-NEW-1")
    case.submission.delete()
    item = tell(case, "set_status", status="INPROGRESS")

    with pytest.raises(exchange.QueueRefusal, match="did not come from the national service"):
        edit(item, applicationStatus="COMPLETED")
    with pytest.raises(SendError):
        payloads.whole(item, operations.get(item.operation))
