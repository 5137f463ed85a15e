"""The documents, notes and payments of a case at the desk."""

import re
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.documents.conftest import document_folder, pdf, picture, word  # noqa: F401

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.domain.cases import actions
from moothall.domain.cases.models import Case, Note
from moothall.domain.documents.models import Deletion, Document
from moothall.domain.payments.models import Payment

pytestmark = pytest.mark.django_db


def at(case: Case, tab: str) -> str:
    return f"/desk/cases/{case.reference}/{tab}"


def put(case: Case, by: User, noon: datetime, *, name: str = "photo.png", content: bytes = b"") -> Document:
    given = content or picture("PNG")
    return actions.add_document(case, name=name, content=given, origin="officer", by=by, at=noon)


def test_several_files_are_added_at_once_with_their_tags(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    files = [SimpleUploadedFile("photo.png", picture("PNG")), SimpleUploadedFile("letter.pdf", pdf())]

    answer = at_desk.post(at(case, "documents/"), {"uploads": files, "tags": ["supporting"]}, follow=True)
    assert "2 files were added." in Page.of(answer).text("main")
    assert "letter.pdf" in Page.of(answer).text("table")
    assert [document.tags for document in Document.objects.all()] == [["supporting"]] * 2


def test_a_file_that_cannot_be_taken_is_named_with_the_reason_and_the_others_are_kept(
    at_desk: Client, make_case: OpenCase
) -> None:
    case = make_case()
    files = [SimpleUploadedFile("photo.png", picture("PNG")), SimpleUploadedFile("page.html", b"<script>x</script>")]

    answer = at_desk.post(at(case, "documents/"), {"uploads": files})
    assert answer.status_code == 422
    assert "page.html: This file is a web page" in Page.of(answer).text("main")
    assert [document.name for document in Document.objects.all()] == ["photo.png"]
    assert at_desk.post(at(case, "documents/"), {}).status_code == 422


def test_the_same_file_sent_twice_is_there_once(at_desk: Client, make_case: OpenCase) -> None:
    case, content = make_case(), picture("PNG")
    for _ in range(2):
        at_desk.post(at(case, "documents/"), {"uploads": [SimpleUploadedFile("photo.png", content)]})
    other = {"uploads": [SimpleUploadedFile("other.png", content)]}
    assert "moment ago as “photo.png”" in Page.of(at_desk.post(at(case, "documents/"), other, follow=True)).text("main")
    assert Document.objects.count() == 1
    tagged = {"uploads": [SimpleUploadedFile("photo.png", content)], "tags": ["photograph"]}
    answer = at_desk.post(at(case, "documents/"), tagged, follow=True)
    assert "Its tags stay as they are: change them beside it." in Page.of(answer).text("main")
    assert Document.objects.get().tags == []


@pytest.mark.parametrize(("name", "content"), [("photo.png", picture("PNG")), ("letter.pdf", pdf())])
def test_pictures_and_pdf_are_shown_sealed_off_within_our_own_pages_alone(
    name: str, content: bytes, at_desk: Client, officer: User, make_case: OpenCase, noon: datetime
) -> None:
    case = make_case()
    document = put(case, officer, noon, name=name, content=content)
    shown = at_desk.get(at(case, f"documents/{document.pk}/"))
    assert at(case, f"documents/{document.pk}/file/") in shown.content.decode()

    answer = at_desk.get(at(case, f"documents/{document.pk}/file/"))
    assert b"".join(answer) == content  # type: ignore[call-overload]
    assert answer["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "no-store")
    assert Access.objects.filter(subject_type="document", subject_id=document.pk).exists()


def test_other_files_are_only_downloaded(at_desk: Client, officer: User, make_case: OpenCase, noon: datetime) -> None:
    case = make_case()
    document = put(case, officer, noon, name="form.docx", content=word())
    answer = at_desk.get(at(case, f"documents/{document.pk}/file/"))
    assert b"".join(answer)  # type: ignore[call-overload]
    assert answer["Content-Disposition"].startswith("attachment")


def test_an_assessor_finds_only_the_documents_tagged_for_them(
    sign_in_as: SignInAs, make_user: MakeUser, officer: User, make_case: OpenCase, noon: datetime
) -> None:
    case = make_case()
    mine, other = put(case, officer, noon, name="mine.png"), put(case, officer, noon, name="other.png")
    actions.tag_document(case, mine, set=["assessment"], by=officer, at=noon)
    granted = [Permission.SIGN_IN, Permission.VIEW_CASES, Permission.VIEW_DOCUMENTS]
    desk = sign_in_as(make_user("Asa Expert", "experts", permissions=granted, document_tags=["assessment"]))

    listed = Page.of(desk.get(at(case, "documents/"))).text("table")
    assert "mine.png" in listed
    assert "other.png" not in listed
    assert desk.get(at(case, f"documents/{other.pk}/")).status_code == 404
    assert desk.get(at(case, f"documents/{other.pk}/file/")).status_code == 404


def test_a_document_is_tagged(at_desk: Client, officer: User, make_case: OpenCase, noon: datetime) -> None:
    case = make_case()
    document = put(case, officer, noon)
    at_desk.post(at(case, f"documents/{document.pk}/tags/"), {"before": "", "tags": ["photograph"]})
    document.refresh_from_db()
    assert document.tags == ["photograph"]


def test_a_document_is_deleted_for_good_with_a_reason_by_who_may(
    at_desk: Client, sign_in_as: SignInAs, manager: User, officer: User, make_case: OpenCase, noon: datetime
) -> None:
    case = make_case()
    document = put(case, officer, noon)
    address = at(case, f"documents/{document.pk}/delete/")
    assert at_desk.get(address).status_code == 403

    desk = sign_in_as(manager)
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"reason": " "}).status_code == 422
    assert Document.objects.exists()
    assert desk.post(address, {"reason": "Of somebody else"}).status_code == 302
    assert Deletion.objects.get().reason == "Of somebody else"
    assert desk.post(address, {"reason": "Again"}).status_code == 404


def test_a_note_is_written_once_however_often_it_is_sent(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    for _ in range(2):
        answer = at_desk.post(at(case, "notes/"), {"text": "Rang back.", "important": "on"}, follow=True)
    assert case.notes.get().important
    assert "Important Rang back. Olive Officer" in Page.of(answer).text("article")
    assert at_desk.post(at(case, "notes/"), {"text": ""}).status_code == 422


def test_many_notes_are_in_pages_and_a_link_to_one_leads_to_its_page(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    for number in range(103):
        Note.objects.create(case=case, text=f"Note {number}.", by=officer, at=noon + timedelta(minutes=number))
    address = f"/desk/cases/{case.reference}/notes/"

    def texts(query: str) -> list[str]:
        found = Page.of(at_desk.get(address + query)).text("main")
        return re.findall(r"Note \d+\.", found)

    assert texts("") == [f"Note {number}." for number in range(102, 52, -1)]
    assert texts("?page=3") == ["Note 2.", "Note 1.", "Note 0."]
    assert texts(f"?note={Note.objects.get(text='Note 30.').pk}") == texts("?page=2")
    assert "103 notes" in Page.of(at_desk.get(address)).text("main")
    assert [at_desk.get(f"{address}?page={wrong}").status_code for wrong in ("0", "4", "x")] == [404] * 3
    assert len(texts("?note=999999")) == 50


def test_who_only_reads_is_not_asked_for_a_note_and_may_not_send_one(
    sign_in_as: SignInAs, viewer: User, make_case: OpenCase
) -> None:
    case, desk = make_case(), sign_in_as(viewer)
    assert not Page.of(desk.get(at(case, "notes/"))).all("textarea")
    assert desk.post(at(case, "notes/"), {"text": "Sneaky"}).status_code == 403
    assert not case.notes.exists()


def test_a_payment_is_recorded_once_and_part_of_it_given_back(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    given = {"amount": "10.50", "method": "card", "purpose": "Badge", "reference": "EX-1"}
    for key, kept in (("1" * 32, 1), ("1" * 32, 1), ("2" * 32, 2)):  # pressed twice; then the same again, asked anew
        at_desk.post(at(case, "payments/record/"), {**given, "key": key})
        assert Payment.objects.count() == kept
    payment = Payment.objects.earliest("id")

    too_much = at_desk.post(at(case, f"payments/{payment.pk}/refund/"), {"amount": "11", "reason": "Paid twice"})
    assert too_much.status_code == 422
    assert "£10.50 is left" in Page.of(too_much).text("main")
    at_desk.post(at(case, f"payments/{payment.pk}/refund/"), {"amount": "5", "reason": "Paid twice"})
    assert "Badge EX-1 £10.50 £5.00 given back Received Card" in Page.of(at_desk.get(at(case, "payments/"))).text(
        "table"
    )


def test_a_payment_asked_for_comes_or_is_cancelled(at_desk: Client, make_case: OpenCase) -> None:
    case = make_case()
    for purpose in ("Badge", "Replacement"):
        at_desk.post(at(case, "payments/ask/"), {"amount": "10", "purpose": purpose})
    first, second = Payment.objects.order_by("id")

    at_desk.post(at(case, f"payments/{first.pk}/receive/"), {"method": "cash", "reference": ""})
    at_desk.post(at(case, f"payments/{second.pk}/cancel/"), {"reason": "Not needed"})
    assert [row.status for row in Payment.objects.order_by("id")] == ["received", "cancelled"]
    again = at_desk.post(at(case, f"payments/{second.pk}/cancel/"), {"reason": "Not needed"})
    assert again.status_code == 422


def test_who_may_not_record_payments_sees_them_without_buttons(
    sign_in_as: SignInAs, viewer: User, make_case: OpenCase, noon: datetime, officer: User
) -> None:
    case, desk = make_case(), sign_in_as(viewer)
    actions.request_payment(case, pence=1000, purpose="Badge", by=officer, at=noon)
    page = Page.of(desk.get(at(case, "payments/")))
    assert "Asked for" in page.text("table")
    assert "It came" not in page.text("main")
    assert desk.get(at(case, "payments/ask/")).status_code == 403
