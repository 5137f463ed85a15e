"""How somebody gets an account, gets in, and keeps it; what a stranger learns of it: nothing."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone
from tests.portal.conftest import EMAIL, PASSWORD, Register, link_in, sent

from moothall.core.accounts.actions import system_user
from moothall.core.audit.models import Entry
from moothall.core.council import settings as council_settings
from moothall.domain.citizens import factors
from moothall.domain.citizens.models import Account, RecoveryCode, Session, Ticket
from moothall.domain.citizens.rules import Portal

ANOTHER = "seven paper lanterns"


@pytest.mark.django_db
def test_without_an_open_portal_the_bare_address_leads_to_the_desk_and_no_page_is_there(client: Client) -> None:
    assert client.get("/")["Location"] == "/desk/"
    assert [client.get(path).status_code for path in ("/account/sign-in/", "/cases/", "/privacy/")] == [404] * 3


def test_registering_makes_an_account_only_for_who_has_both_the_mailbox_and_the_password(portal: Portal) -> None:
    browser = Client()
    weak = browser.post("/account/register/", {"email": EMAIL, "password": "short"})
    assert (weak.status_code, outbox.outbox) == (422, [])
    asked = browser.post("/account/register/", {"email": EMAIL.upper(), "password": PASSWORD})
    assert asked["Location"] == "/account/register/sent/"
    assert not Account.objects.exists()

    path = link_in(sent()[-1])
    shown = browser.get(path)
    assert (shown.status_code, shown["Referrer-Policy"]) == (200, "strict-origin")
    assert PASSWORD not in shown.content.decode()
    assert browser.post(path, {"password": "not the password"}).status_code == 422
    assert not Account.objects.exists()
    inside = browser.post(path, {"password": PASSWORD})
    assert inside["Location"] == "/cases/"
    assert browser.get("/cases/").status_code == 200
    assert Account.objects.get().email == EMAIL
    assert not Ticket.objects.exclude(password="").exists()
    assert Client().post(path, {"password": PASSWORD}).status_code == 404, "a link is good once"


def test_a_link_is_dead_when_its_time_is_over(portal: Portal) -> None:
    Client().post("/account/register/", {"email": EMAIL, "password": PASSWORD})
    path = link_in(sent()[-1])
    Ticket.objects.update(expires_at=timezone.now())
    assert Client().get(path).status_code == 404
    assert Client().post(path, {"password": PASSWORD}).status_code == 404


def test_a_stranger_learns_of_no_account_by_registering_signing_in_or_forgetting(register: Register) -> None:
    register()
    outbox.outbox.clear()
    pages = []
    for email in (EMAIL, "nobody@example.org"):
        stranger = Client()
        registering = stranger.post("/account/register/", {"email": email, "password": ANOTHER})
        forgetting = stranger.post("/account/forgotten/", {"email": email})
        signing = stranger.post("/account/sign-in/", {"email": email, "password": ANOTHER})
        said = re.sub(r'(value|content)="[^"]*"', "", signing.content.decode())
        pages.append([registering["Location"], forgetting["Location"], signing.status_code, said])
    assert pages[0] == pages[1]
    mine = [email for email in sent() if EMAIL in email.to[0]]
    assert [email.subject for email in mine] == ["You already have an account", "Choose a new password"]
    assert "/account/confirm/" not in mine[0].body, "nobody gets a second account with an address"
    assert Account.objects.count() == 1


def test_too_many_wrong_passwords_are_not_looked_at_any_more(register: Register) -> None:
    register()
    council_settings.write(Portal(open=True, failures=3), by=system_user(), at=timezone.now())
    guesser = Client()
    said = [guesser.post("/account/sign-in/", {"email": EMAIL, "password": f"{n} wrong"}) for n in range(4)]
    assert [answer.status_code for answer in said] == [422, 422, 422, 429]
    assert int(said[-1]["Retry-After"]) > 0
    assert guesser.post("/account/sign-in/", {"email": EMAIL, "password": PASSWORD}).status_code == 429


def test_only_so_many_links_go_to_one_address_in_an_hour(portal: Portal) -> None:
    council_settings.write(Portal(open=True, letters_an_hour=2), by=system_user(), at=timezone.now())
    for _ in range(4):
        assert Client().post("/account/forgotten/", {"email": EMAIL}).status_code == 302
    assert Ticket.objects.count() == 2


def test_a_forgotten_password_is_replaced_by_a_link_which_ends_every_session(alma: Client) -> None:
    browser = Client()
    browser.post("/account/forgotten/", {"email": EMAIL})
    path = link_in(sent()[-1])
    assert browser.post(path, {"password": ANOTHER})["Location"] == "/account/sign-in/"
    assert alma.get("/cases/").status_code == 302
    assert browser.post(path, {"password": PASSWORD}).status_code == 404
    assert browser.post("/account/sign-in/", {"email": EMAIL, "password": PASSWORD}).status_code == 422
    assert browser.post("/account/sign-in/", {"email": EMAIL, "password": ANOTHER})["Location"] == "/cases/"


def test_a_session_ends_unused_after_hours_by_its_owner_and_by_another_browser(alma: Client, account: Account) -> None:
    other = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"})
    other.post("/account/sign-in/", {"email": EMAIL, "password": PASSWORD})
    assert "Firefox on Windows" in alma.get("/account/").content.decode()
    theirs = Session.objects.get(browser="Firefox on Windows")
    assert alma.post(f"/account/sessions/{theirs.pk}/end/").status_code == 302
    assert other.get("/account/").status_code == 302

    assert alma.post("/account/stay/").status_code == 204
    Session.objects.update(used_at=timezone.now() - timedelta(minutes=31))
    late = alma.get("/account/")
    assert late["Location"].startswith("/account/sign-in/?next=%2Faccount%2F&late=1")
    assert alma.post("/account/stay/").status_code == 403
    alma.post("/account/sign-in/", {"email": EMAIL, "password": PASSWORD})
    Session.objects.update(began_at=timezone.now() - timedelta(hours=13))
    assert alma.get("/account/").status_code == 302
    alma.post("/account/sign-in/", {"email": EMAIL, "password": PASSWORD})
    kept = alma.cookies["citizen" if "citizen" in alma.cookies else "__Host-citizen"].value
    assert alma.post("/account/sign-out/")["Location"] == "/account/signed-out/"
    stolen = Client()
    for name in ("citizen", "__Host-citizen"):
        stolen.cookies[name] = kept
    assert stolen.get("/account/").status_code == 302, "a cookie from before is worth nothing"


def test_signing_in_leads_back_to_a_page_of_the_portal_and_nowhere_else(alma: Client) -> None:
    for given, onto in [
        ("/details/", "/details/"),
        ("https://evil.example.org/", "/cases/"),
        ("//evil.example.org/", "/cases/"),
        ("/desk/", "/cases/"),
    ]:
        answer = Client().post("/account/sign-in/", {"email": EMAIL, "password": PASSWORD, "next": given})
        assert answer["Location"] == onto


def test_a_code_is_asked_for_beside_the_password_once_and_a_recovery_code_once(alma: Client, account: Account) -> None:
    page = alma.get("/account/code/")
    secret, signed = page.context["typed"].replace(" ", ""), page.context["form"].initial["secret"]
    assert "<svg" in page.content.decode()
    assert "style=" not in page.context["picture"]
    assert alma.post("/account/code/", {"secret": signed, "code": "000000"}).status_code == 422
    shown = alma.post("/account/code/", {"secret": signed, "code": pyotp.TOTP(secret).now()})
    codes = shown.context["codes"]
    assert len(codes) == 10
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()

    browser = Client()
    asked = browser.post("/account/sign-in/", {"email": EMAIL, "password": PASSWORD, "next": "/details/"})
    step = asked.context["form"].initial["step"]
    assert (asked.status_code, browser.get("/cases/").status_code) == (200, 302)
    used = browser.post("/account/sign-in/code/", {"step": step, "code": pyotp.TOTP(secret).now()})
    assert used.status_code == 422, "the code that turned it on was used"
    let_in = browser.post("/account/sign-in/code/", {"step": step, "code": codes[0], "next": "/details/"})
    assert let_in["Location"] == "/details/"
    assert Client().post("/account/sign-in/code/", {"step": step, "code": codes[0]}).status_code == 422
    account.refresh_from_db()
    later = timezone.now() + timedelta(minutes=5)
    assert factors.accept(account, pyotp.TOTP(secret).at(later), at=later)
    account.refresh_from_db()
    assert not factors.accept(account, pyotp.TOTP(secret).at(later), at=later)
    assert alma.post("/account/code/off/", {"current": PASSWORD}).status_code == 302
    step_before = browser.post("/account/sign-in/code/", {"step": step, "code": codes[1]})
    assert step_before.status_code == 422, "a step begun before the change is worth nothing"


def test_password_and_address_change_for_who_knows_the_password(alma: Client, account: Account) -> None:
    assert alma.post("/account/password/", {"current": "wrong", "password": ANOTHER}).status_code == 422
    assert alma.post("/account/password/", {"current": PASSWORD, "password": ANOTHER}).status_code == 302
    assert alma.get("/account/?done=password").status_code == 200

    assert alma.post("/account/email/", {"current": ANOTHER, "email": "new@example.org"}).status_code == 302
    path = link_in(sent()[-1])
    assert "/account/new-email/" in path
    assert "<new@example.org>" in sent()[-1].to[0]
    account.refresh_from_db()
    assert account.email == EMAIL
    assert Client().post(path).status_code == 302, "who is not signed in cannot use it"
    assert alma.post(path)["Location"] == "/account/?done=email"
    account.refresh_from_db()
    assert account.email == "new@example.org"


def test_deleting_the_account_leaves_what_the_council_must_keep(alma: Client, account: Account) -> None:
    assert "Kept are your requests" in alma.get("/account/delete/").content.decode()
    assert alma.post("/account/delete/", {"current": PASSWORD}).status_code == 422
    assert alma.post("/account/delete/", {"current": PASSWORD, "sure": "on"})["Location"] == "/account/signed-out/"
    assert not Account.objects.exists()
    assert not Session.objects.exists()
    assert Entry.objects.filter(action="citizen.deleted", subject_id=account.pk).exists()
    assert alma.get("/cases/").status_code == 302


def test_pages_set_no_cookie_until_a_form_is_opened_and_speak_welsh(portal: Portal) -> None:
    reader = Client()
    for path in ("/", "/accessibility/", "/privacy/", "/cookies/", "/cy/", "/cy/privacy/"):
        page = reader.get(path)
        assert (page.status_code, list(reader.cookies)) == (200, []), path
        assert "script-src 'self'" in page["Content-Security-Policy"]
    english, welsh = reader.get("/privacy/").content.decode(), reader.get("/cy/privacy/").content.decode()
    assert '<html lang="en"' in english
    assert 'href="/cy/privacy/"' in english
    assert '<html lang="cy"' in welsh
    assert 'href="/privacy/"' in welsh
    assert "Hysbysiad preifatrwydd" in welsh
    Client().post("/cy/account/register/", {"email": EMAIL, "password": PASSWORD})
    email = sent()[-1]
    assert email.subject == "Cadarnhewch eich cyfeiriad e-bost"
    assert "/cy/account/confirm/" in email.body
