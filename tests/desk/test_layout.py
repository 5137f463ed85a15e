"""What every page shows: the menu, recent cases, the council's brand, and what is said when something is wrong."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.core.council import settings as council
from moothall.web.desk import brand

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 12
IN_ONE_LINE = 10  # entries of the menu, with their counts, at 1280 pixels


def test_the_menu_holds_what_one_may_use_and_nothing_else(
    sign_in_as: SignInAs, officer: User, make_user: MakeUser
) -> None:
    clerk = make_user("Cleo Clerk", "clerks", permissions=[Permission.SIGN_IN, Permission.VIEW_CASES])

    assert (
        Page.of(sign_in_as(officer).get("/desk/"))
        .text("ul", id="navigation")
        .startswith("Work Dashboards Things to do Cases")
    )
    assert 'role="search"' in sign_in_as(officer).get("/desk/lists/", follow=True).content.decode()
    assert Page.of(sign_in_as(clerk).get("/desk/")).text("ul", id="navigation") == "Things to do Cases"


def test_what_is_needed_seldom_stands_on_one_page_for_whoever_may_use_any_of_it(
    sign_in_as: SignInAs, officer: User, make_user: MakeUser
) -> None:
    keeper = make_user("Kim Keeper", "keepers", permissions=[Permission.SIGN_IN, Permission.MANAGE_LISTS])
    desk = sign_in_as(keeper)

    assert 'role="search"' not in desk.get("/desk/lists/").content.decode(), "it would lead nowhere for them"
    assert "Administration" in Page.of(desk.get("/desk/lists/")).text("ul", id="navigation")
    assert "Lists" in (page := Page.of(desk.get("/desk/administration/")).text("main"))
    assert "Templates" not in page
    assert "Customers’ records" not in page
    clerk = make_user("Cleo Clerk", "clerks", permissions=[Permission.SIGN_IN, Permission.VIEW_CASES])
    assert sign_in_as(clerk).get("/desk/administration/").status_code == 404

    every = make_user("Ada Administrator", "administrators", permissions=list(Permission))
    page = sign_in_as(every).get("/desk/administration/")
    assert len(Page.of(page).all("li", class_="govuk-service-navigation__item")) <= IN_ONE_LINE
    assert "Administration Customers’ records Recorded twice?" in Page.of(page).text("main")


def test_the_case_opened_last_is_the_first_of_the_recent_ones(at_desk: Client, make_case: OpenCase) -> None:
    one, other = make_case(), make_case(last_name="Notreal")
    for case in (one, other, one):
        at_desk.get(f"/desk/cases/{case.reference}/")

    recent = Page.of(at_desk.get("/desk/")).text("ul", class_="app-recent")
    assert recent == f"{one.reference} Alma Madeup {other.reference} Alma Notreal"


def test_a_recent_case_one_may_no_longer_see_is_left_out(at_desk: Client, officer: User, make_case: OpenCase) -> None:
    case = make_case()
    at_desk.get(f"/desk/cases/{case.reference}/")
    officer.groups.update(permissions=[Permission.SIGN_IN])

    assert case.reference not in Page.of(at_desk.get("/desk/")).text("body")


def test_my_work_is_what_i_have_taken_with_its_target(
    at_desk: Client, officer: User, second_officer: User, make_case: OpenCase
) -> None:
    mine, theirs = make_case(by=officer), make_case(by=second_officer, last_name="Notreal")

    work = Page.of(at_desk.get("/desk/")).text("table")
    assert mine.reference in work
    assert "Alma Madeup" in work
    assert "working days over" in work
    assert theirs.reference not in work


def test_a_page_takes_a_bounded_number_of_statements_however_much_work_there_is(
    at_desk: Client, officer: User, make_case: OpenCase
) -> None:
    for number in range(6):
        case = make_case(by=officer, last_name=f"Madeup{number}")
        at_desk.get(f"/desk/cases/{case.reference}/")

    with CaptureQueriesContext(connection) as asked:
        assert at_desk.get("/desk/components/").status_code == 200
    assert len(asked) <= MOST_STATEMENTS


def test_a_reference_leads_to_its_case_and_a_name_to_the_cases_one_may_see(
    at_desk: Client, sign_in_as: SignInAs, stranger: User, make_case: OpenCase
) -> None:
    case = make_case()
    typed = case.reference.lower().replace("-", " ")

    assert at_desk.post("/desk/search/", {"q": typed})["Location"] == f"/desk/cases/{case.reference}/"
    assert case.reference in Page.of(at_desk.post("/desk/search/", {"q": "made"}, follow=True)).text("table")
    assert "Nothing was found" in Page.of(at_desk.post("/desk/search/", {"q": "Nobody"}, follow=True)).text("main")
    assert at_desk.post("/desk/search/", {"q": ""}).status_code == 422
    assert sign_in_as(stranger).post("/desk/search/", {"q": typed}).status_code == 403


def test_opening_a_case_is_on_record(at_desk: Client, officer: User, make_case: OpenCase) -> None:
    case = make_case()
    at_desk.get(f"/desk/cases/{case.reference}/")
    assert Access.objects.get(subject_type="case", subject_id=case.pk).via == "desk case"


@pytest.mark.parametrize("reference", ["BB-2222-2222", "nonsense"])
def test_a_case_that_is_not_there_is_a_page_of_the_desk(at_desk: Client, reference: str) -> None:
    answer = at_desk.get(f"/desk/cases/{reference}/")
    assert answer.status_code == 404
    assert Page.of(answer).text("h1") == "Page not found"
    assert "Olive Officer" in Page.of(answer).text("header")


def test_a_fault_is_a_page_with_a_number_to_quote(
    sign_in_as: SignInAs, officer: User, make_case: OpenCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_desk = sign_in_as(officer)
    at_desk.raise_request_exception = False
    monkeypatch.setattr("moothall.web.desk.views.gallery.COLOURS", 7)
    answer = at_desk.get("/desk/components/")

    assert answer.status_code == 500
    assert answer["X-Request-ID"] in Page.of(answer).text("main")


def test_nothing_in_a_page_may_run_or_style_but_our_own_files(at_desk: Client) -> None:
    for address in ("/desk/", "/desk/components/", "/desk/nowhere/"):
        answer = at_desk.get(address)
        policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
        assert policy["script-src"] == policy["style-src"] == "'self'"
        page = Page.of(answer)
        assert [one for one in page.all("script") if "src" not in one] == []
        assert not page.all("style")
        assert [given for _, given in page.tags if "style" in given or any(n.startswith("on") for n in given)] == []


def test_the_councils_colour_and_font_are_a_style_sheet_kept_until_they_change(client: Client, officer: User) -> None:
    here = council.Council(colour="#fedc00", font="Verdana")
    council.write(here, by=officer, at=timezone.now(), only=["colour", "font"])
    link = next(one["href"] for one in Page.of(client.get("/desk/sign-in/")).all("link") if "brand" in one["href"])
    answer = client.get(link)

    assert answer.content.decode() == (
        ':root{--govuk-brand-colour:#fedc00;--moothall-on-brand:#0b0c0c;--moothall-font:"Verdana"}\n'
    )
    assert "immutable" in answer["Cache-Control"]
    assert client.get("/desk/brand-old.css")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(("colour", "words"), [("#1d4f5c", "#ffffff"), ("#ffdd00", "#0b0c0c"), ("#808080", "#0b0c0c")])
def test_words_on_the_councils_colour_can_be_read(colour: str, words: str) -> None:
    assert brand.on(colour) == words


def test_collected_files_are_named_by_their_content_and_kept_for_ever(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    settings.WHITENOISE_USE_FINDERS = False
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["ninja"])
    client = Client()
    page = Page.of(client.get("/desk/sign-in/"))
    sheet = next(one["href"] for one in page.all("link") if "moothall" in one["href"] and "brand" not in one["href"])
    answer = client.get(sheet, headers={"Accept-Encoding": "gzip"})

    assert sheet.count(".") == 2
    assert "immutable" in answer["Cache-Control"]
    assert answer["Content-Encoding"] == "gzip"
    assert len(b"".join(answer)) < 60_000  # type: ignore[call-overload]
    assert staticfiles_storage.url("moothall/came-later.js") == "/static/moothall/came-later.js"
    script = next(one["src"] for one in page.all("script") if "moothall" in one["src"])
    assert "govuk-frontend.min." in b"".join(client.get(script)).decode()  # type: ignore[call-overload]
