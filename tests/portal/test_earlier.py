"""The account somebody had on the website before is joined to theirs once they show that it is their own (ACC-6)."""

from django.test import Client
from django.utils import timezone
from tests.portal.conftest import EMAIL, OPEN, Register

from moothall.core.accounts.actions import system_user
from moothall.core.audit.models import Entry
from moothall.core.council import settings as council_settings
from moothall.domain.cases.models import Case
from moothall.domain.citizens.models import Account
from moothall.domain.people.models import WebAccount

JOIN = "/account/earlier/"
FACTS = {"last_name": "madeup", "born_0": "17", "born_1": "5", "born_2": "1958"}


def test_an_earlier_account_opens_nothing_before_its_owner_shows_by_name_and_birthday_that_it_is_theirs(
    alma: Client, register: Register, case: Case
) -> None:
    assert alma.get(JOIN).status_code == 302
    WebAccount.objects.create(customer=case.customer, email=EMAIL, carried_at=timezone.now())
    for page in ("/cases/", "/account/"):
        assert JOIN in alma.get(page).content.decode()
    assert case.reference not in alma.get("/cases/").content.decode()
    wrong = [{**FACTS, "last_name": "Other"}, {**FACTS, "born_2": "1959"}]
    assert len({str(alma.post(JOIN, one).context["form"].errors) for one in wrong}) == 1
    assert alma.post(JOIN, {**FACTS, "born_2": ""}).status_code == 422
    stranger = register("stranger@example.org")
    assert stranger.post(JOIN, FACTS)["Location"] == "/account/"
    assert WebAccount.objects.get().confirmed_at is None

    assert alma.post(JOIN, FACTS)["Location"] == "/cases/?done=joined"

    account = Account.objects.get(email=EMAIL)
    assert (account.customer, account.tied_how) == (case.customer, "earlier")
    assert WebAccount.objects.get().confirmed_at is not None
    assert case.reference in alma.get("/cases/").content.decode()
    assert JOIN not in alma.get("/account/").content.decode()
    assert Entry.objects.filter(action="citizen.earlier_confirmed", subject_id=account.pk).count() == 1


def test_guessing_at_an_earlier_account_stops(alma: Client, case: Case) -> None:
    council_settings.write(OPEN.model_copy(update={"failures": 3}), by=system_user(), at=timezone.now())
    WebAccount.objects.create(customer=case.customer, email=EMAIL, carried_at=timezone.now())
    guesses = [{**FACTS, "born_0": str(day)} for day in (1, 2, 3)]

    assert [alma.post(JOIN, one).status_code for one in [*guesses, FACTS]] == [422, 422, 422, 429]
    assert Account.objects.get().customer is None
