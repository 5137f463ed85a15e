"""Letters that were produced wait to be printed, until somebody says that they are (CT-61)."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.api.world import sign_in as api_client
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.documents.conftest import document_folder  # noqa: F401 - fixture

from moothall.config.demo.council import EXAMPLE
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Entry
from moothall.core.council import settings as council
from moothall.domain.cases import communications, delivery
from moothall.domain.cases.models import Case
from moothall.domain.messages.models import Message, ToPrint

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("document_folder")]
LETTERS = "/desk/letters/"
Produce = Callable[..., Message]


@pytest.fixture
def produce(officer: User, noon: datetime) -> Produce:
    """`produce(case, subject)`: a letter, written and produced."""
    council.write(EXAMPLE, by=system_user(), at=noon)

    def produced(case: Case, subject: str = "Your application", *, minutes: int = 1) -> Message:
        words = {"subject": subject, "html": "<p>Hello.</p>"}
        letter = communications.send_by_hand(case, channel="letter", by=officer, at=noon, **words)
        delivery.deliver(letter.pk, at=noon + timedelta(minutes=minutes))
        return Message.objects.get(pk=letter.pk)

    return produced


def test_a_letter_produced_is_listed_opened_with_others_and_gone_once_it_is_printed(
    at_desk: Client,
    make_case: OpenCase,
    produce: Produce,
    officer: User,
) -> None:
    case = make_case()
    second, first = produce(case, "Second", minutes=9), produce(case, "First", minutes=2)
    email = communications.send_by_hand(
        case, channel="email", subject="Not this", html="<p>x</p>", by=officer, at=second.created_at
    )

    page = Page.of(at_desk.get(LETTERS))
    assert "2 letters wait" in page.text("main")
    assert page.text("tbody").index("First") < page.text("tbody").index("Second")
    assert "Not this" not in page.text("tbody")
    both = {"letter": [first.pk, second.pk, email.pk]}
    whole = at_desk.post(f"{LETTERS}together/", both)
    assert whole["Content-Type"] == "application/pdf"
    texts = [one.extract_text() for one in pypdf.PdfReader(io.BytesIO(whole.content)).pages]
    assert ["First" in texts[0], texts[1], "Second" in texts[2]] == [True, "", True], "each on a sheet of its own"

    for _ in range(2):
        done = at_desk.post(f"{LETTERS}printed/", {"letter": [first.pk]}, follow=True)
    assert "Choose at least one letter" in Page.of(done).text("main")
    assert list(ToPrint.objects.values_list("message", flat=True)) == [second.pk]
    assert case.timeline.get(text__endswith="printed.").detail["message"] == first.pk
    assert (entry := Entry.objects.get(action="message.printed")).by == officer
    assert entry.subject_id == first.pk


def test_letters_are_printed_by_whoever_may_send_them_and_see_the_case(
    sign_in_as: SignInAs,
    make_case: OpenCase,
    produce: Produce,
    viewer: User,
    make_user: MakeUser,
) -> None:
    letter = produce(make_case())
    assert sign_in_as(viewer).get(LETTERS).status_code == 403
    elsewhere = sign_in_as(make_user("Tim Taxes", "taxes", permissions=list(Permission), services=["council_tax"]))
    assert "No letter waits" in Page.of(elsewhere.get(LETTERS)).text("main")
    for act in ("together", "printed"):
        assert elsewhere.post(f"{LETTERS}{act}/", {"letter": [letter.pk]}).status_code == 302
        assert elsewhere.post(f"{LETTERS}{act}/", {"letter": ["x", "9" * 30]}).status_code == 302
    assert ToPrint.objects.get().message == letter


def test_the_list_takes_as_many_statements_for_many_letters_as_for_one(
    at_desk: Client,
    make_case: OpenCase,
    produce: Produce,
) -> None:
    case = make_case()
    produce(case)
    at_desk.get(LETTERS)
    with CaptureQueriesContext(connection) as one:
        at_desk.get(LETTERS)
    for _ in range(3):
        produce(case)
    with CaptureQueriesContext(connection) as many:
        at_desk.get(LETTERS)
    assert len(one) == len(many) <= 12


def test_through_the_api_letters_are_listed_and_said_to_be_printed_once(
    make_case: OpenCase,
    produce: Produce,
    officer: User,
    viewer: User,
) -> None:
    letter, machine = produce(case := make_case()), api_client(officer)
    [row] = machine.get("/letters/to-print").json()["items"]
    assert (row["id"], row["case"], row["document"]) == (letter.pk, case.reference, letter.document_id)
    path = f"/cases/{case.reference}/messages/{letter.pk}/printed"
    assert api_client(viewer).post(path).status_code == 403
    for _ in range(2):
        assert machine.post(path).status_code == 200
    assert machine.get("/letters/to-print").json()["items"] == []
    assert Entry.objects.filter(action="message.printed").count() == 1


def test_the_menu_leads_to_letters_to_print_only_who_may_open_that_page(
    sign_in_as: SignInAs, make_user: MakeUser
) -> None:
    both = {Permission.SIGN_IN, Permission.VIEW_CASES, Permission.SEND_MESSAGES, Permission.VIEW_DOCUMENTS}
    for held, status in ((both, 200), (both - {Permission.VIEW_DOCUMENTS}, 403)):
        client = sign_in_as(make_user(f"Printer {status}", f"printers_{status}", permissions=sorted(held)))
        shown = Page.of(client.get("/desk/search/")).all("a", href=LETTERS)
        assert bool(shown) == (status == 200)
        assert client.get(LETTERS).status_code == status
