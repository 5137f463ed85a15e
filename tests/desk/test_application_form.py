"""An application that is a document: which one it is, and the document itself where the answers would stand (CT-5)."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.conftest import VIEWING, MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.documents.conftest import document_folder, pdf, picture  # noqa: F401

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import actions, prefilling
from moothall.domain.cases.models import Case
from moothall.domain.documents.models import Document

pytestmark = pytest.mark.django_db
FORM = "application_form"


@pytest.fixture
def case(make_case: OpenCase) -> Case:
    """Opened by hand: nothing was sent in online."""
    case = make_case()
    Case.objects.filter(pk=case.pk).update(submitted={})
    case.refresh_from_db()
    return case


@pytest.fixture
def put(case: Case, officer: User, noon: datetime) -> Any:
    """`put("form.pdf", tags=[…])`: a document of the case."""

    def add(
        name: str, *, tags: tuple[str, ...] = (), content: bytes | None = None, origin: str = "officer"
    ) -> Document:
        given = {"name": name, "content": content or pdf(pages=2), "origin": origin, "tags": tags}
        return actions.add_document(case, **given, by=officer, at=noon)

    return add


def address(case: Case, rest: str = "") -> str:
    return f"/desk/cases/{case.reference}/application/{rest}"


def main(client: Client, case: Case) -> str:
    return Page.of(client.get(address(case))).text("main")


def test_the_scanned_form_is_shown_page_by_page_where_the_answers_would_stand(
    at_desk: Client, case: Case, put: Any
) -> None:
    assert "Nothing was sent in online" in main(at_desk, case)
    form = put("form.pdf", tags=(FORM,))

    page = Page.of(at_desk.get(address(case)))
    assert "Application form" in page.text("main")
    assert "Nothing was sent in online" not in page.text("main")
    assert page.links()["form.pdf"] == f"/desk/cases/{case.reference}/documents/{form.pk}/"
    assert f"documents/{form.pk}/" in str(at_desk.get(address(case)).content)


def test_an_officer_says_which_documents_are_the_form_and_may_think_again(
    at_desk: Client, case: Case, put: Any
) -> None:
    first, second, other = put("page 1.png", content=picture("PNG")), put("page 2.pdf"), put("proof.pdf")
    at_desk.post(address(case, "papers/"), {"papers": [first.pk, second.pk]})
    page = Page.of(at_desk.get(address(case)))
    assert page.links()["page 2.pdf"] == f"?paper={second.pk}"
    assert "proof.pdf" not in page.links()
    assert f"documents/{second.pk}/" in str(at_desk.get(f"{address(case)}?paper={second.pk}").content)

    for _ in range(2):
        at_desk.post(address(case, "papers/"), {"papers": [other.pk]})
    assert set(Document.objects.filter(tags__contains=[FORM])) == {other}
    assert case.timeline.filter(kind="tag").count() == 5


def test_what_is_made_here_or_on_no_such_case_cannot_be_the_form(
    at_desk: Client, make_case: OpenCase, case: Case, put: Any, officer: User, noon: datetime
) -> None:
    letter, proof = put("letter.pdf", origin="generated"), put("proof.pdf")
    elsewhere = actions.add_document(
        make_case(last_name="Elsewhere"), name="other.pdf", content=pdf(), origin="officer", by=officer, at=noon
    )
    for wrong in (letter.pk, elsewhere.pk, "x"):
        answer = at_desk.post(address(case, "papers/"), {"papers": [proof.pk, wrong]}, follow=True)
        assert "no longer there" in Page.of(answer).text("div", class_="govuk-notification-banner") + str(
            answer.content
        )
    assert not Document.objects.filter(tags__contains=[FORM]).exists()


def test_who_may_not_see_documents_sees_no_form_and_who_may_not_add_any_chooses_none(
    sign_in_as: SignInAs, make_user: MakeUser, viewer: User, case: Case, put: Any
) -> None:
    put("form.pdf", tags=(FORM,))
    blind = [one for one in VIEWING if one is not Permission.VIEW_DOCUMENTS]
    other = sign_in_as(make_user("Una Unseeing", "blind", permissions=blind, services=["blue_badge"]))
    assert "Nothing was sent in online" in main(other, case)
    looking = sign_in_as(viewer)
    shown = main(looking, case)
    assert "Application form" in shown
    assert "Other documents are the application form" not in shown
    for client in (other, looking):
        assert client.post(address(case, "papers/"), {"papers": []}).status_code == 403


def test_the_form_of_one_case_is_not_that_of_another_filled_in_from_it(
    case: Case, make_case: OpenCase, put: Any, officer: User, noon: datetime
) -> None:
    form = put("form.pdf", tags=(FORM, "supporting"))
    later = make_case(last_name="Later")
    Case.objects.filter(pk=later.pk).update(customer=case.customer)
    later.refresh_from_db()

    prefilling.take(later, case, answers=[], papers=[form.pk], by=officer, at=noon)
    assert Document.objects.get(case_link__case=later).tags == ["supporting"]


def test_the_page_takes_as_many_statements_for_many_documents_as_for_few(at_desk: Client, case: Case, put: Any) -> None:
    put("form.pdf", tags=(FORM,))
    at_desk.get(address(case))
    with CaptureQueriesContext(connection) as few:
        at_desk.get(address(case))
    for number in range(5):
        put(f"more {number}.pdf", tags=(FORM,))
    with CaptureQueriesContext(connection) as many:
        at_desk.get(address(case))
    assert len(many) == len(few) <= 25
