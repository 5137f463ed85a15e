"""What somebody typed is not lost when their session ends, and nobody else sees it."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.desk.conftest import PASSWORD, OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case, Note
from moothall.web.desk import typed
from moothall.web.desk.models import Typed

pytestmark = pytest.mark.django_db
WORDS = "She rang about her badge. I promised to write on Friday."


@pytest.fixture
def case(make_case: OpenCase) -> Case:
    return make_case()


def over(client: Client) -> None:
    """The session is over, as after a while without use; the browser keeps its cookies."""
    Session.objects.all().delete()
    assert "Location" in client.get("/desk/")


def noted(client: Client, case: Case, **given: Any) -> Any:
    return client.post(f"/desk/cases/{case.reference}/notes/", {"text": WORDS, **given})


def again(client: Client, user: User, onward: str = "") -> str:
    answer = client.post("/desk/sign-in/", {"email": user.email, "password": PASSWORD, "next": onward})
    return str(answer["Location"])


def test_somebody_else_who_signs_in_there_comes_to_the_first_page(
    at_desk: Client, officer: User, manager: User, case: Case
) -> None:
    over(at_desk)
    asked = noted(at_desk, case)
    onward = parse_qs(urlsplit(asked["Location"]).query)["next"][0]
    manager.set_password(PASSWORD)
    manager.save(update_fields=["password"])
    assert again(at_desk, manager, onward) == "/desk/"


def test_a_note_sent_after_the_session_ended_is_kept_shown_and_sent_again(
    at_desk: Client, officer: User, case: Case
) -> None:
    over(at_desk)
    asked = noted(at_desk, case, important="on")
    assert not Note.objects.exists()
    shown = again(at_desk, officer, asked["Location"])
    page = Page.of(at_desk.get(shown))
    assert WORDS in page.text("main")

    fields = {
        one["name"]: one["value"] for one in page.all("input", type="hidden") if one["name"] != "csrfmiddlewaretoken"
    }
    assert fields == {"text": WORDS, "important": "on", "kept_typed": str(Typed.objects.get().pk)}
    assert at_desk.post(f"/desk/cases/{case.reference}/notes/", fields).status_code == 302
    assert Note.objects.get().text == WORDS
    assert not Typed.objects.exists()


def test_what_is_refused_when_it_is_sent_again_is_still_kept(at_desk: Client, officer: User, case: Case) -> None:
    over(at_desk)
    noted(at_desk, case)
    again(at_desk, officer)
    kept = Typed.objects.get()
    assert noted(at_desk, case, text="", kept_typed=kept.pk).status_code == 422
    assert Typed.objects.filter(pk=kept.pk).exists()


def test_what_leads_on_only_to_be_told_that_it_was_refused_is_still_kept(
    at_desk: Client, officer: User, case: Case
) -> None:
    kept = typed.keep(officer, path="/desk/", page="/desk/", given=[("to", "")], pressed=True, at=timezone.now())
    assert kept is not None
    refused = at_desk.post(f"/desk/cases/{case.reference}/tags/", {"tags": "no_such_tag", "kept_typed": kept.pk})
    assert refused.status_code == 302
    assert Typed.objects.filter(pk=kept.pk).exists()


def test_a_colleague_who_signs_in_at_the_same_browser_sees_nothing_of_it(
    at_desk: Client, officer: User, second_officer: User, sign_in_as: SignInAs, case: Case
) -> None:
    sign_in_as(second_officer)
    over(at_desk)
    noted(at_desk, case)
    kept = Typed.objects.get()
    assert kept.user == officer
    assert "typed" not in again(at_desk, second_officer)
    assert at_desk.get(f"/desk/typed/{kept.pk}/").status_code == 404
    assert at_desk.get(f"/desk/typed/{kept.pk}/fields/").json() == {"forms": []}
    at_desk.post(f"/desk/typed/{kept.pk}/drop/")
    assert Typed.objects.filter(pk=kept.pk).exists()


def test_after_signing_out_nothing_is_kept_of_what_is_sent(at_desk: Client, case: Case) -> None:
    at_desk.post("/desk/sign-out/")
    noted(at_desk, case)
    assert not Typed.objects.exists()


def test_a_forged_cookie_says_nothing_of_who_it_is(case: Case, officer: User) -> None:
    browser = Client()
    browser.cookies[typed.cookie()] = str(officer.pk)
    noted(browser, case)
    assert not Typed.objects.exists()


def test_passwords_and_pressed_buttons_without_words_are_not_kept(at_desk: Client, officer: User, case: Case) -> None:
    over(at_desk)
    at_desk.post(reverse("desk:work_take", args=[1]), {"back": "tab=mine"})
    at_desk.post("/desk/search/", {"q": "Madeup"})
    assert not Typed.objects.exists()
    noted(at_desk, case, password="secret")
    assert Typed.objects.get().fields == [["text", WORDS]]


def test_the_script_keeps_what_was_not_sent_and_puts_it_back_on_its_page(
    at_desk: Client, officer: User, case: Case
) -> None:
    over(at_desk)
    page = f"/desk/cases/{case.reference}/notes/"
    kept = at_desk.post(f"/desk/typed/keep/?path={page}&page={page}", {"text": WORDS}).json()["kept"]
    assert again(at_desk, officer) == kept
    shown = Page.of(at_desk.get(kept))
    assert shown.links()["Open the page it was typed on"] == f"{page}#typed-{Typed.objects.get().pk}"
    assert "Send it now" not in shown.text("main")
    form = {"id": Typed.objects.get().pk, "path": page, "fields": [["text", WORDS]]}
    assert at_desk.get(f"{kept}fields/").json() == {"forms": [form]}

    at_desk.post(page, {"text": WORDS, "kept_typed": form["id"]})
    assert at_desk.get(f"{kept}fields/").json() == {"forms": []}  # the page that follows asks again


def test_every_form_of_the_page_is_kept_also_of_one_address_and_put_back_together(
    at_desk: Client, officer: User, case: Case
) -> None:
    over(at_desk)
    page, elsewhere = (f"/desk/cases/{case.reference}/{tab}/" for tab in ("notes", "documents"))
    for path, seen, words in ((page, page, WORDS), (f"{page}%231", page, "Another"), (elsewhere, elsewhere, "Third")):
        at_desk.post(f"/desk/typed/keep/?path={path}&page={seen}", {"text": words})
    first = Typed.objects.get(path=page)
    again(at_desk, officer)

    shown = Page.of(at_desk.get(f"/desk/typed/{first.pk}/")).text("main")
    assert WORDS in shown
    assert "Another" in shown
    assert "Third" not in shown
    forms = at_desk.get(f"/desk/typed/{first.pk}/fields/").json()["forms"]
    assert [(one["path"], one["fields"]) for one in forms] == [
        (page, [["text", WORDS]]),
        (f"{page}#1", [["text", "Another"]]),
    ]


def test_forms_of_one_address_that_are_sent_too_late_do_not_take_each_others_place(at_desk: Client) -> None:
    columns = reverse("desk:work_columns")
    add, up = {"q": "", "add": "tags"}, {"q": "", "up": "opened"}
    over(at_desk)
    for given in (add, up, {**add, "back": "tab=mine"}, {**up, "kept_form": "7"}):
        at_desk.post(columns, given)

    assert {(one.path, *(name for name, _ in one.fields)) for one in Typed.objects.all()} == {
        (columns, "q", "add", "back"),
        (f"{columns}#1", "q", "up"),
        (f"{columns}#7", "q", "up"),
    }
    assert {one.address for one in Typed.objects.all()} == {columns}


def test_a_form_of_boxes_only_that_is_sent_too_late_twice_is_kept_once(at_desk: Client) -> None:
    over(at_desk)
    for ticked in ({"note_email": "on"}, {"queue_email": "on", "reply_email": "on"}):
        at_desk.post("/desk/notifications/by-email/", ticked)
    kept = [["queue_email", "on"], ["reply_email", "on"]]
    assert Typed.objects.get().fields == kept

    at_desk.post("/desk/notifications/by-email/", {"text": WORDS})  # another form of that address
    assert sorted(one.fields for one in Typed.objects.all()) == [kept, [["text", WORDS]]]


@pytest.mark.parametrize("path", ["https://elsewhere.example/", "//elsewhere.example/", "/api/v1/me", "/nothing/", ""])
def test_nothing_is_kept_for_an_address_that_is_not_of_the_desk(at_desk: Client, path: str) -> None:
    assert at_desk.post(f"/desk/typed/keep/?path={path}&page=/desk/", {"text": WORDS}).json() == {"kept": ""}
    assert not Typed.objects.exists()


def test_of_one_form_the_newest_is_kept_and_nothing_longer_than_a_day(officer: User) -> None:
    now = timezone.now()
    for text in ("first", "second"):
        typed.keep(officer, path="/desk/", page="/desk/", given=[("text", text)], pressed=True, at=now)
    assert Typed.objects.get().fields == [["text", "second"]]
    assert typed.forget(before=now - typed.KEPT) == 0
    assert typed.forget(before=now + timedelta(seconds=1)) == 1
