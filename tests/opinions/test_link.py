"""An opinion given by a link: what is shown, what is taken, and every way a link leads nowhere."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.opinions.conftest import Ask, address, pdf_bytes

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit.models import Access
from moothall.core.council import settings as council_settings
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.documents.models import Document
from moothall.domain.notifications.models import Notification
from moothall.domain.opinions import asking, codes, copies, links
from moothall.domain.opinions.models import Opinion, OpinionCode
from moothall.domain.opinions.rules import Opinions
from moothall.web.public import limits

pytestmark = pytest.mark.django_db
SAID = {"answer": "She walks 20 metres with a stick."}


@pytest.fixture
def opinion(ask: Ask) -> Opinion:
    """Asked now, for the pages read the clock."""
    return ask(at=timezone.now())


def send(client: Client, opinion: Opinion, **more: Any) -> None:
    assert client.post(address(opinion), {**SAID, **more}).status_code == 302
    assert client.post(address(opinion, "review/")).status_code == 302


def test_the_page_shows_the_question_and_the_chosen_document_and_nothing_else_of_the_case(
    client: Client, opinion: Opinion, private_letter: Document
) -> None:
    response = client.get(address(opinion))
    html = response.content.decode()

    assert "How does the applicant walk?" in html
    assert "report.pdf" in html
    assert "Olive Officer" in html
    for hidden in ("Madeup", "private.pdf", "4 Sample Street", "Sign out", "/desk/cases/", "Initial"):
        assert hidden not in html
    assert Access.objects.filter(via=f"link of opinion {opinion.pk}", subject_type="case").exists()


def test_a_page_tells_no_other_site_its_address_and_is_neither_kept_nor_found(client: Client, opinion: Opinion) -> None:
    response = client.get(address(opinion))

    assert response["Referrer-Policy"] == "strict-origin"
    assert response["Cache-Control"] == "no-store"
    assert "noindex" in response["X-Robots-Tag"]
    assert client.get("/opinion/none/")["Referrer-Policy"] == "no-referrer"


def test_the_secret_is_in_no_log(client: Client, opinion: Opinion, logged: Any) -> None:
    client.get(address(opinion))
    client.post(address(opinion), SAID)
    client.get(address(opinion, "nowhere/"))

    assert "/opinion/" not in str(logged()).replace("opinion/<str:secret>", "")
    assert links.token(opinion.seed) not in str(logged())


def test_every_link_that_leads_nowhere_is_answered_alike(
    client: Client, ask: Ask, officer: User, opinion: Opinion
) -> None:
    long_ago = timezone.now() - timedelta(days=40)
    expired, withdrawn = ask(at=long_ago, days=2), ask(at=timezone.now())
    ended = ask(at=long_ago, days=2)
    asking.expire_due(at=timezone.now())
    asking.withdraw(withdrawn, reason="Not needed.", by=officer, at=timezone.now())
    tried = ["/opinion/none/", "/opinion/%00/", *(address(one) for one in (expired, withdrawn, ended))]
    tried.append(address(opinion, "documents/999999/"))

    answers = [client.get(one) for one in tried]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert client.post(address(withdrawn), SAID).status_code == 404


def test_who_tries_many_links_is_stopped_for_a_while(client: Client, opinion: Opinion) -> None:
    for number in range(limits.MOST):
        assert client.get(f"/opinion/guess{number}/").status_code == 404

    answer = client.get(address(opinion))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert client.get(address(opinion), REMOTE_ADDR="192.0.2.7").status_code == 200


def test_only_the_documents_that_were_chosen_can_be_read(
    client: Client, opinion: Opinion, report: Document, private_letter: Document, ask: Ask
) -> None:
    other = ask(at=timezone.now(), documents=[])

    answer = client.get(address(opinion, f"documents/{report.pk}/"))

    assert b"".join(answer.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert Access.objects.filter(subject_type="document", subject_id=report.pk, via__contains="link of").exists()
    assert client.get(address(opinion, f"documents/{private_letter.pk}/")).status_code == 404
    assert client.get(address(other, f"documents/{report.pk}/")).status_code == 404


def test_an_answer_is_looked_at_and_then_sent_once_and_comes_into_the_case(
    client: Client, opinion: Opinion, case: Case, officer: User
) -> None:
    upload = SimpleUploadedFile("findings.pdf", pdf_bytes())
    assert client.post(address(opinion), {**SAID, "uploads": upload}).status_code == 302
    review = client.get(address(opinion, "review/")).content.decode()
    assert "20 metres" in review
    assert "findings.pdf" in review
    assert not case.document_links.filter(document__name="findings.pdf").exists(), "not before it is sent"

    for _ in range(2):
        assert client.post(address(opinion, "review/")).status_code == 302

    opinion.refresh_from_db()
    assert (opinion.state, opinion.answer) == ("answered", SAID["answer"])
    assert case.document_links.filter(document__name="findings.pdf", document__origin="consulted").count() == 1
    assert TimelineEntry.objects.filter(case=case, kind="opinion", text__contains="answered by Tara").count() == 1
    assert Notification.objects.filter(user=officer, kind="opinion").count() == 1
    done = client.get(address(opinion)).content.decode()
    assert "Your answer was sent" in done
    assert "20 metres" not in done
    assert "How does the applicant walk" not in done


def test_the_answer_is_filed_as_a_document_once(client: Client, opinion: Opinion, case: Case) -> None:
    send(client, opinion)

    for _ in range(2):
        copies.file(opinion.pk, at=timezone.now())

    assert case.document_links.filter(document__name__startswith="Opinion 1 Tara").count() == 1


def test_an_answer_is_shown_as_it_was_written_and_runs_nothing(
    client: Client, opinion: Opinion, case: Case, officer: User, sign_in_as: Any
) -> None:
    send(client, opinion, answer="<script>alert(1)</script><b>bold</b>")

    html = sign_in_as(officer).get(f"/desk/cases/{case.reference}/opinions/1/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html
    copies.file(opinion.pk, at=timezone.now())


@pytest.mark.parametrize(
    ("name", "content"),
    [("virus.exe", b"MZ\x90\x00"), ("page.pdf", b"<html><script>x</script></html>"), ("a.pdf", b"")],
)
def test_a_file_that_cannot_be_taken_is_refused_and_what_was_written_is_still_there(
    client: Client, opinion: Opinion, name: str, content: bytes
) -> None:
    answer = client.post(address(opinion), {**SAID, "uploads": SimpleUploadedFile(name, content)})

    assert answer.status_code == 422
    assert SAID["answer"] in answer.content.decode()
    assert not Document.objects.filter(origin="consulted").exists()


def test_a_file_can_be_taken_out_again_before_the_answer_is_sent(client: Client, opinion: Opinion) -> None:
    client.post(address(opinion), {**SAID, "uploads": SimpleUploadedFile("findings.pdf", pdf_bytes())})
    found = Document.objects.get(origin="consulted")

    client.post(address(opinion, "review/"), {"remove": found.pk})

    assert not Document.objects.filter(pk=found.pk).exists()
    assert Opinion.objects.get().state == "open"


def test_nothing_but_ones_own_unsent_files_can_be_taken_out(client: Client, opinion: Opinion, report: Document) -> None:
    client.post(address(opinion), SAID)

    client.post(address(opinion, "review/"), {"remove": report.pk})

    assert Document.objects.filter(pk=report.pk).exists()


def test_withdrawn_what_was_written_and_put_to_it_is_gone(client: Client, opinion: Opinion, officer: User) -> None:
    client.post(address(opinion), {**SAID, "uploads": SimpleUploadedFile("findings.pdf", pdf_bytes())})

    asking.withdraw(opinion, reason="Not needed.", by=officer, at=timezone.now())

    opinion.refresh_from_db()
    assert opinion.draft == {}
    assert not Document.objects.filter(origin="consulted").exists()


def test_who_cannot_answer_says_why(client: Client, opinion: Opinion) -> None:
    assert client.post(address(opinion, "cannot/"), {"reason": " "}).status_code == 422
    assert client.post(address(opinion, "cannot/"), {"reason": "I know her."}).status_code == 302

    opinion.refresh_from_db()
    assert (opinion.state, opinion.reason) == ("declined", "I know her.")
    assert "told us that you cannot" in client.get(address(opinion)).content.decode()


def test_the_questions_of_the_service_are_asked_and_answered_in_words(client: Client, ask: Ask) -> None:
    opinion = ask(at=timezone.now(), kind="mobility")
    assert client.post(address(opinion), SAID).status_code == 422
    assert client.post(address(opinion), {**SAID, "recommendation": "hacked"}).status_code == 422

    send(client, opinion, recommendation="eligible", q_seen="yes", q_lasting="permanent", q_distance="20")

    opinion.refresh_from_db()
    assert opinion.recommendation == "They meet the conditions"
    assert [one["text"] for one in opinion.answers] == ["Yes", "20", "For good"]


def test_a_form_of_another_site_is_refused(opinion: Opinion) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(address(opinion), SAID).status_code == 403
    page = strict.get(address(opinion)).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    assert strict.post(address(opinion), {**SAID, "csrfmiddlewaretoken": token[1]}).status_code == 302


@pytest.fixture
def codes_asked(council: None, noon: datetime) -> None:
    council_settings.write(Opinions(url="https://cases.council.example.org"), by=system_user(), at=noon)


def test_a_new_browser_reads_nothing_before_it_has_shown_the_code(
    client: Client, codes_asked: None, opinion: Opinion, report: Document
) -> None:
    for rest in ("", "review/", "cannot/", f"documents/{report.pk}/"):
        assert client.get(address(opinion, rest))["Location"] == address(opinion, "code/")
    asked = client.get(address(opinion, "code/")).content.decode()
    assert "t•••@therapy.example.org" in asked
    assert "How does the applicant walk" not in asked

    client.post(address(opinion, "code/"))
    digits = links.code(OpinionCode.objects.get().seed)
    assert client.post(address(opinion, "code/"), {"code": digits}).status_code == 302

    assert client.get(address(opinion)).status_code == 200
    assert Client().post(address(opinion, "code/"), {"code": digits}).status_code == 422, "a code is good once"


def test_a_code_is_good_for_five_tries_and_ten_minutes(codes_asked: None, opinion: Opinion, noon: datetime) -> None:
    codes.send(opinion, at=noon)
    digits = links.code(OpinionCode.objects.get().seed)
    assert not codes.check(opinion, digits, at=noon + codes.LASTS)
    wrong = f"{(int(digits) + 1) % 1_000_000:06}"
    for _ in range(codes.MOST_TRIES):
        assert not codes.check(opinion, wrong, at=noon)

    assert not codes.check(opinion, digits, at=noon)


def test_only_so_many_codes_are_sent(codes_asked: None, opinion: Opinion, noon: datetime) -> None:
    for _ in range(codes.MOST_IN_AN_HOUR):
        codes.send(opinion, at=noon)

    with pytest.raises(codes.TooManyCodes):
        codes.send(opinion, at=noon)


def test_the_code_goes_to_the_address_the_link_went_to(
    codes_asked: None, opinion: Opinion, noon: datetime, mailoutbox: list[Any]
) -> None:
    codes.send(opinion, at=noon)
    for _ in range(2):
        codes.deliver(OpinionCode.objects.get().pk, at=noon)

    assert len(mailoutbox) == 1
    assert mailoutbox[0].recipients() == ["Tara Therapist <tara@therapy.example.org>"]
    assert links.code(OpinionCode.objects.get().seed) in mailoutbox[0].body
