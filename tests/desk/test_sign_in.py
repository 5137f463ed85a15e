"""Signing in at the desk, staying, and being signed out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.conftest import MakeUser
from tests.desk.conftest import PASSWORD, OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Entry
from moothall.web.components.templatetags.components import clock

pytestmark = pytest.mark.django_db
SIGN_IN, HOME = "/desk/sign-in/", "/desk/"


def attempt(client: Client, email: str, password: str = PASSWORD, **given: str) -> Any:
    return client.post(SIGN_IN, {"email": email, "password": password, **given})


@pytest.fixture
def known(officer: User) -> User:
    officer.set_password(PASSWORD)
    officer.save(update_fields=["password"])
    return officer


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back_to_where_they_were(client: Client, known: User) -> None:
    sent = client.get("/desk/components/")
    assert sent.status_code == 302
    assert sent["Location"] == f"{SIGN_IN}?next=/desk/components/"

    page = Page.of(client.get(sent["Location"]))
    onward = page.all("input", name="next")[0]["value"]
    assert attempt(client, known.email, next=onward)["Location"] == "/desk/components/"


def test_the_bare_address_leads_to_the_desk(client: Client) -> None:
    assert client.get("/")["Location"] == HOME


def test_signing_in_and_out_is_on_record(client: Client, known: User) -> None:
    attempt(client, known.email.upper())
    client.post("/desk/sign-out/")

    assert list(Entry.objects.filter(by=known).order_by("pk").values_list("action", flat=True)) == [
        "user.signed_in",
        "user.signed_out",
    ]
    assert client.get(HOME).status_code == 302


def test_a_wrong_password_and_an_unknown_account_are_answered_alike(client: Client, known: User) -> None:
    wrong = attempt(client, known.email, "not it at all")
    unknown = attempt(client, "nobody@council.example.org", "not it at all")

    assert wrong.status_code == unknown.status_code == 401
    said = "The e-mail address or the password is not right."
    assert said in Page.of(wrong).text("div", class_="govuk-error-summary")
    assert Page.of(wrong).text("main") == Page.of(unknown).text("main")


def test_after_too_many_failures_even_the_right_password_waits(client: Client, known: User) -> None:
    for _ in range(10):
        attempt(client, known.email, "not it at all")
    stopped = attempt(client, known.email)

    assert stopped.status_code == 429
    assert int(stopped["Retry-After"]) > 0
    assert "too many failed tries" in Page.of(stopped).text("main")


def test_who_may_not_sign_in_is_told_so_only_with_the_right_password(client: Client, make_user: MakeUser) -> None:
    user = make_user("Nell Newcomer", "newcomers", permissions=[Permission.API])
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])

    assert attempt(client, user.email, "wrong").status_code == 401
    assert attempt(client, user.email).status_code == 403
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(client: Client, known: User, elsewhere: str) -> None:
    assert attempt(client, known.email, next=elsewhere)["Location"] == HOME


def test_signing_in_gives_the_session_another_key(client: Client, known: User) -> None:
    client.cookies["__Host-session"] = "a-key-somebody-else-chose-for-them"
    attempt(client, known.email)
    assert client.cookies["__Host-session"].value != "a-key-somebody-else-chose-for-them"


def test_the_session_cookie_is_kept_from_scripts_other_sites_and_plain_http(client: Client, known: User) -> None:
    cookie = attempt(client, known.email).cookies["__Host-session"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")


def test_a_password_alone_in_a_form_that_is_not_ours_changes_nothing(known: User) -> None:
    stranger = Client(enforce_csrf_checks=True)
    answer = attempt(stranger, known.email)

    assert answer.status_code == 403
    assert "Open the page again" in Page.of(answer).text("h1")


def test_who_is_deactivated_is_signed_out_at_once(at_desk: Client, officer: User) -> None:
    assert at_desk.get(HOME).status_code == 200
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert at_desk.get(HOME).status_code == 302


def test_who_loses_the_permission_to_sign_in_is_signed_out_at_once(at_desk: Client, officer: User) -> None:
    officer.groups.clear()
    assert at_desk.get(HOME).status_code == 302


def test_a_changed_password_ends_every_session(at_desk: Client, officer: User) -> None:
    officer.set_password("another long passphrase")
    officer.save(update_fields=["password"])
    assert at_desk.get(HOME).status_code == 302


def test_a_session_ends_half_an_hour_after_it_was_last_used(at_desk: Client) -> None:
    left = Session.objects.get().expire_date - timezone.now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert at_desk.get(HOME).status_code == 302


def test_using_a_session_lengthens_it_and_is_noted_once_a_minute(at_desk: Client) -> None:
    session = at_desk.session
    session["used"] -= 120
    session.save()
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=3))

    at_desk.get(HOME)
    assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=29)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        at_desk.get(HOME)
    assert not [one for one in asked if (one["sql"] or "").startswith("UPDATE")]


def test_nobody_stays_signed_in_for_more_than_twelve_hours(at_desk: Client) -> None:
    session = at_desk.session
    session["since"] -= 12 * 3600 + 1
    session.save()
    assert at_desk.get(HOME)["Location"].startswith(SIGN_IN)
    assert Page.of(at_desk.get(SIGN_IN)).text("h1") == "Sign in"


def test_every_page_says_when_twelve_hours_are_nearly_over(at_desk: Client) -> None:
    assert "You will be signed out soon" not in Page.of(at_desk.get(HOME)).text("main")
    session = at_desk.session
    session["since"] -= 12 * 3600 - 25 * 60
    session.save()
    page = Page.of(at_desk.get(HOME))
    ends = clock(datetime.fromtimestamp(session["since"], UTC) + timedelta(hours=12))
    assert f"at {ends}, 12 hours after you signed in" in page.text("main")
    assert 24 * 60 < int(page.all("form", class_="app-expiry")[0]["data-left"]) <= 25 * 60


def test_staying_signed_in_is_a_use_of_the_session(at_desk: Client, client: Client) -> None:
    assert at_desk.post("/desk/stay/").status_code == 204
    assert client.post("/desk/stay/").status_code == 302


def test_a_part_of_a_page_that_comes_too_late_leads_the_whole_page_to_sign_in(client: Client) -> None:
    answer = client.get(HOME, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/components/"})
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == f"{SIGN_IN}?next=/desk/components/"


def test_signing_out_forgets_the_recent_cases(sign_in_as: SignInAs, officer: User, make_case: OpenCase) -> None:
    case = make_case()
    first = sign_in_as(officer)
    first.get(f"/desk/cases/{case.reference}/")
    assert case.reference in Page.of(first.get(HOME)).text("aside")

    first.post("/desk/sign-out/")
    attempt(first, officer.email)
    assert case.reference not in Page.of(first.get(HOME)).text("aside")
