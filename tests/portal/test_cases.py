"""A citizen's own requests: linked, followed, answered, written about; and nobody else's."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail as outbox
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.desk.council import open_case
from tests.opinions.conftest import pdf_bytes
from tests.portal.conftest import EMAIL, Register

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council_settings
from moothall.domain.cases import requests
from moothall.domain.cases.models import Case, Request, TimelineEntry, WorkItem
from moothall.domain.citizens import details, sending, talking, telling
from moothall.domain.citizens.models import Account, DetailChange, OnlineMessage
from moothall.domain.citizens.rules import CitizenRefused, Portal
from moothall.domain.notifications.models import Notification
from moothall.domain.people.golden.pointing import moved

FACTS = {"last_name": "madeup", "year": "1958"}


@pytest.fixture
def linked(alma: Client, case: Case) -> Case:
    answer = alma.post("/cases/add/", {"reference": case.reference.lower(), **FACTS})
    assert answer["Location"] == f"/cases/{case.reference}/?done=linked"
    return case


@pytest.fixture
def asked(linked: Case, officer: User) -> Request:
    """Alma is asked for proof of her address."""
    item = WorkItem.objects.get(case=linked)
    return requests.ask(
        item,
        kind="document",
        items=[{"key": "address", "label": "Proof of address"}],
        answer_by=timezone.localdate() + timedelta(days=10),
        by=officer,
        at=timezone.now(),
    )


def test_a_case_is_linked_by_three_facts_and_every_wrong_one_is_answered_alike(alma: Client, case: Case) -> None:
    given = {"reference": case.reference, **FACTS}
    wrong = [{**given, "reference": "BB-999999"}, {**given, "last_name": "Other"}, {**given, "year": "1959"}]
    said = {str(alma.post("/cases/add/", one).context["form"].errors) for one in wrong}
    assert len(said) == 1
    assert "cannot find" in said.pop()
    assert alma.get(f"/cases/{case.reference}/").status_code == 404
    assert alma.post("/cases/add/", given).status_code == 302
    account = Account.objects.get()
    assert account.customer == case.customer, "her confirmed address is the one recorded for the customer"
    assert case.reference in alma.get("/cases/").content.decode()


def test_guessing_at_one_case_stops_whoever_guesses(register: Register, case: Case) -> None:
    council_settings.write(
        Portal(open=True, url="https://my.council.example.org", failures=3), by=system_user(), at=timezone.now()
    )
    first, second = register("one@example.org"), register("two@example.org")
    guesses = [{"reference": case.reference, "last_name": "Madeup", "year": str(year)} for year in range(1950, 1954)]
    assert [first.post("/cases/add/", one).status_code for one in guesses] == [422, 422, 422, 429]
    right = {"reference": case.reference, **FACTS}
    assert second.post("/cases/add/", right).status_code == 429, "from another account as well"


def test_an_address_that_is_not_the_customers_links_one_case_and_no_record(register: Register, case: Case) -> None:
    neighbour = register("neighbour@example.org")
    neighbour.post("/cases/add/", {"reference": case.reference, **FACTS})
    assert Account.objects.get().customer is None
    assert neighbour.get(f"/cases/{case.reference}/").status_code == 200
    assert "which of our records is yours" in neighbour.get("/details/").content.decode()
    assert neighbour.get("/details/name/").status_code == 404
    assert neighbour.post(f"/cases/{case.reference}/remove/").status_code == 302
    assert neighbour.get(f"/cases/{case.reference}/").status_code == 404


def test_the_case_says_in_plain_words_where_it_is_and_what_is_asked(alma: Client, asked: Request) -> None:
    for path in ("/cases/", f"/cases/{asked.case.reference}/"):
        page = alma.get(path).content.decode()
        assert "Proof of address" in page
        assert f"{asked.answer_by:%-d %B %Y}" in page
        assert "We have your application and are checking it" in page
    story = alma.get(f"/cases/{asked.case.reference}/").content.decode()
    assert "Olive" not in story, "officers are not named"
    assert "We asked you for something" in story


def test_what_is_asked_for_is_sent_once_and_the_officer_is_told(alma: Client, asked: Request, officer: User) -> None:
    path = f"/cases/{asked.case.reference}/asked/{asked.number}/"
    assert alma.post(path, {}).status_code == 422
    virus = SimpleUploadedFile("proof.pdf", b"MZ this is a program")
    assert alma.post(path, {"uploads": virus}).status_code == 422
    assert not asked.case.document_links.exists()
    proof = SimpleUploadedFile("proof.pdf", pdf_bytes(), content_type="application/pdf")
    sent = alma.post(path, {"uploads": proof, "words": "From <b>my</b> bank"})
    assert sent["Location"] == f"/cases/{asked.case.reference}/?done=sent"
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("answered", "1 file sent online. From <b>my</b> bank")
    document = asked.case.document_links.get().document
    assert (document.origin, document.name) == ("applicant", "proof.pdf")
    assert Notification.objects.filter(user=officer, text__contains="answered request 1").exists()
    assert asked.case.timeline.filter(kind=TimelineEntry.Kind.DOCUMENT).exists()
    again = alma.post(path, {"uploads": SimpleUploadedFile("proof.pdf", pdf_bytes())})
    assert again.status_code == 200
    assert asked.case.document_links.count() == 1
    file = alma.get(f"/cases/{asked.case.reference}/files/{document.pk}/")
    assert file["Content-Disposition"].startswith("attachment")
    assert asked.case.runs.filter(version__workflow__key__endswith=sending.UPLOADS).count() == 1
    assert b"".join(file.streaming_content).startswith(b"%PDF")  # type: ignore[arg-type]


def test_citizen_and_officer_write_to_one_another_within_the_case(
    alma: Client, linked: Case, officer: User, at_desk: Client
) -> None:
    path, once = f"/cases/{linked.reference}/messages/", str(uuid4())
    for _ in range(2):
        assert alma.post(path, {"once": once, "words": "<script>alert(1)</script>"}).status_code == 302
    assert OnlineMessage.objects.count() == 1
    assert "&lt;script&gt;" in alma.get(path).content.decode()
    assert Notification.objects.filter(user=officer, text__contains="wrote a message").exists()

    desk = at_desk.get(f"/desk/cases/{linked.reference}/online/")
    assert "&lt;script&gt;alert(1)" in desk.content.decode()
    assert "<script>alert" not in desk.content.decode()
    answer = at_desk.post(
        f"/desk/cases/{linked.reference}/online/", {"once": str(uuid4()), "words": "The secret answer"}
    )
    assert answer.status_code == 302
    outbox.outbox.clear()
    message = OnlineMessage.objects.get(by=officer)
    telling.deliver(message.pk, at=timezone.now())
    assert f"<{EMAIL}>" in outbox.outbox[0].to[0]
    assert "secret" not in outbox.outbox[0].body + outbox.outbox[0].subject
    assert "1 new message" in alma.get("/cases/").content.decode()
    assert "The secret answer" in alma.get(path).content.decode()
    alma.post(f"{path}read/")
    assert "new message" not in alma.get("/cases/").content.decode()
    texts = " ".join(linked.timeline.values_list("text", flat=True))
    assert "wrote a message online" in texts
    assert "secret" not in texts


def test_an_officer_cannot_write_where_nobody_follows_and_who_may_not_write_cannot(
    case: Case, officer: User, viewer: User
) -> None:
    for by, sentence in ((officer, "Nobody follows"), (viewer, "may not write")):
        with pytest.raises(CitizenRefused, match=sentence):
            talking.answer(case, words="Hello", once=uuid4(), by=by, at=timezone.now())


def test_another_citizen_sees_and_does_nothing_of_it(register: Register, asked: Request) -> None:
    other, reference = register("other@example.org"), asked.case.reference
    for rest in ("", "asked/1/", "send/", "messages/", "letters/1/", "files/1/"):
        assert other.get(f"/cases/{reference}/{rest}").status_code == 404, rest
    for rest in ("asked/1/", "send/", "messages/", "messages/read/", "remove/"):
        assert other.post(f"/cases/{reference}/{rest}", {"words": "x", "once": str(uuid4())}).status_code == 404, rest


def test_a_merge_takes_the_account_along(linked: Case) -> None:
    account = Account.objects.get()
    assert account.customer_id == linked.customer_id
    assert any(one.label == "citizens.Account.customer" for one in moved())


def test_how_one_is_reached_changes_at_once_and_what_the_council_goes_by_when_confirmed(
    alma: Client, linked: Case, officer: User, noon: datetime
) -> None:
    shown = alma.get("/details/").content.decode()
    assert "Alma" in shown
    assert "4 Sample Street" in shown
    assert "17 May 1958" in shown
    assert alma.post("/details/phone/", {"number": "not a number"}).status_code == 422
    assert alma.post("/details/phone/", {"number": "020 7946 0001"}).status_code == 302
    assert linked.customer.contact_details.filter(type="phone", to_date=None).count() == 1
    assert alma.post("/details/language/", {"language": "cy"}).status_code == 302
    alma.post("/details/address/", {"line1": "9 Other Road", "town": "Exampleton", "postcode": "EX1 2AC"})
    alma.post("/details/name/", {"first_names": "Alma", "last_name": "Newname"})
    linked.customer.refresh_from_db()
    assert linked.customer.name == "Alma Madeup"
    home, name = DetailChange.objects.order_by("pk")
    details.confirm(home, evidence="council tax", by=officer, at=timezone.now())
    details.refuse(name, reason="Please send your marriage certificate.", by=officer, at=timezone.now())
    address = linked.customer.address_on(timezone.localdate())
    assert address
    assert address.line1 == "9 Other Road"
    assert "marriage" in alma.get("/details/").content.decode()
    with pytest.raises(CitizenRefused):
        details.confirm(home, evidence="", by=officer, at=timezone.now())


def test_the_list_asks_the_database_as_often_however_many_cases_there_are(
    alma: Client, linked: Case, noon: datetime, django_assert_max_num_queries: object
) -> None:
    for _ in range(3):
        case = open_case(linked.service, at=noon, last_name=f"Other{_}")
        Case.objects.filter(pk=case.pk).update(customer=linked.customer)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        assert alma.get("/cases/").status_code == 200
