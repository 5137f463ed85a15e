"""Every page of the citizens' portal, taken from its addresses: axe finds nothing on it, at a desk and on the narrowest phone."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from tests.desk.council import open_case
from tests.journeys.conftest import Faults, OpenPage
from tests.portal.test_separation import path_of

from moothall.config.demo.council import EXAMPLE
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.domain.cases import paying, requests
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.catalogue.models import Service
from moothall.domain.citizens import linking, owed, secrets, sessions
from moothall.domain.citizens.models import Account, LinkedCase, OnlineMessage, Ticket
from moothall.domain.citizens.rules import Portal
from moothall.domain.forms import actions as forms
from moothall.domain.people.models import WebAccount
from moothall.web.portal import session, urls

pytestmark = pytest.mark.django_db(transaction=True)
# What is no page of its own, and what leads elsewhere.
NO_PAGE = {
    "services": "leads to the first page",
    "sign_in": "who is signed in is led on; looked at before that",
    "code": "answers POST alone",
    "sign_out": "answers POST alone",
    "stay": "answers POST alone",
    "end_session": "answers POST alone",
    "unlink": "answers POST alone",
    "messages_read": "answers POST alone",
    "letter": "a file",
    "file": "a file",
    "one_login": "leads to the provider",
    "one_login_back": "leads on from the provider",
    "form_carry_on": "leads to a page of the form",
    "form_check": "leads to what is to be answered; looked at in test_forms.py",
    "form_done": "there is none before it was sent; looked at in test_forms.py",
    "form_copy": "a file",
    "wards": "GeoJSON, for a map",
    "form_keep": "answers POST alone",
    "form_return": "leads to a page of the form",
}
PUBLIC = ("/", "/account/register/", "/account/sign-in/", "/account/forgotten/", "/privacy/", "/cy/")


def test_every_page_is_sound_at_a_desk_and_cuts_nothing_on_the_narrowest_phone(
    open_page: OpenPage, desk: str, faults: Faults, service: Service, officer: User, noon: datetime
) -> None:
    council.write(EXAMPLE, by=system_user(), at=noon)
    council.write(Portal(open=True), by=system_user(), at=noon)
    case = open_case(service, at=noon, by=officer)
    account = Account.objects.create(email="alma@example.org", created_at=noon)
    linking.tie(account, case.customer, how=Account.Tied.CASE, at=noon)
    WebAccount.objects.create(customer=case.customer, email=account.email, carried_at=noon)
    OnlineMessage.objects.create(case=case, by=officer, text="It is on its way.", at=noon, once=uuid4())
    asked = [{"key": "address", "label": "Proof of address"}]
    day = timezone.localdate() + timedelta(days=9)
    item = WorkItem.objects.get(case=case)
    request = requests.ask(item, kind="document", items=asked, answer_by=day, by=officer, at=timezone.now())

    def link(purpose: Ticket.Purpose) -> str:
        seed, now = secrets.new(), timezone.now()
        digest = secrets.digest(secrets.of_link(seed))
        later = now + timedelta(hours=1)
        Ticket.objects.create(
            purpose=purpose,
            email="x@example.org",
            account=account,
            seed=seed,
            digest=digest,
            made_at=now,
            expires_at=later,
        )
        return secrets.of_link(seed)

    found = {}
    page = open_page()
    for where in PUBLIC:
        page.goto(where)
        found[f"{where} signed out"] = faults(page, narrow=True)
    begun = forms.start("blue_badge.apply", by=forms.Citizen(str(account.pk)), at=timezone.now())
    paying.request_payment(case, pence=1000, purpose="Badge fee", by=officer, at=timezone.now())
    secret = sessions.begin(account, browser="Firefox on Windows", at=timezone.now())
    page.context.add_cookies([{"name": session.name(), "value": secret, "url": desk}])
    for one in urls.urlpatterns:
        if one.name in NO_PAGE:
            continue
        where = path_of(one)
        if one.name in {"confirm", "reset"}:
            where = where.replace(
                "none", link(Ticket.Purpose.REGISTER if one.name == "confirm" else Ticket.Purpose.RESET)
            )
        if one.name and one.name.startswith("form"):
            where = where.replace("none/none", "blue_badge/apply").replace(str(UUID(int=1)), str(begun.draft.key))
            where = where.replace("/none/", "/who_for/")
        if one.name in {"pay", "pay_invite"}:
            where = where.replace("none", owed.of_case(case.reference)[0].secret)
        where = where.replace("/none/", f"/{case.reference}/").replace("/1/", f"/{request.number}/")
        answer = page.goto(where)
        assert answer is not None
        found[str(one.name)] = [f"{answer.status}"] if answer.status != 200 else faults(page, narrow=True)
    found |= _sent_for_another(page, case, faults, desk, noon)
    assert {name: these for name, these in found.items() if these} == {}
    assert len(found) > 25


def _sent_for_another(page: Page, case: Case, faults: Faults, desk: str, at: datetime) -> dict[str, list[str]]:
    """What is wrong with the pages of who sent the case's form for its customer."""
    sender = Account.objects.create(email="other@example.org", created_at=at)
    LinkedCase.objects.create(account=sender, case=case, sent_for_another=True, at=at)
    secret = sessions.begin(sender, browser="Firefox on Windows", at=timezone.now())
    page.context.add_cookies([{"name": session.name(), "value": secret, "url": desk}])
    found = {}
    for where in ("/cases/", f"/cases/{case.reference}/"):
        page.goto(where)
        found[f"{where} of who sent it for another"] = faults(page, narrow=True)
    return found
