"""What an account sees of a case: all of it, that it was sent, or nothing, in every way to come by it."""

from collections.abc import Callable
from datetime import date, datetime
from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone
from tests.portal.conftest import EMAIL, Register
from tests.portal.test_forms import MORE, START, WHAT, YOU, Publish, publish  # noqa: F401

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import SecurityGroup
from moothall.domain.cases import paying
from moothall.domain.cases.models import Case
from moothall.domain.citizens import linking, seeing, telling
from moothall.domain.citizens.models import Account, LinkedCase
from moothall.domain.citizens.seeing import Sight
from moothall.domain.forms import delivering
from moothall.domain.people import actions as people
from moothall.domain.people import relationships
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.details import Contact
from moothall.domain.people.models import Customer

FOR_ANOTHER = (
    "      - {block: name_and_title}\n      - {block: contact}",
    """      - {block: name_and_title, known: false}
      - {id: born, label: {en: Born, cy: Ganwyd}, type: date, fact: person.date_of_birth, known: false}
      - {block: contact}""",
)
HERS = {**YOU, "first_names": "Berta", "last_name": "Other", "born_0": "4", "born_1": "2", "born_2": "1940"}


def tied(account: Account, customer: Customer) -> None:
    linking.tie(account, customer, how=Account.Tied.IDENTITY, at=timezone.now())


def related(kind: str, *, ended: bool = False) -> Callable[[Account, Case, Customer], None]:
    """The account is tied to Carl, who is this to the customer of the case."""

    def arrange(account: Account, case: Case, carl: Customer) -> None:
        at = timezone.now()
        row = relationships.relate(carl, case.customer, kind=kind, by=system_user(), at=at)
        if ended:
            relationships.end(row, by=system_user(), at=at)
        tied(account, carl)

    return arrange


def nothing(account: Account, case: Case, carl: Customer) -> None:
    """The account is tied to nobody."""


MATRIX = [
    ("a stranger", None, nothing, Sight.NOTHING),
    ("who is tied to the customer", None, lambda account, case, carl: tied(account, case.customer), Sight.WHOLE),
    ("who acts for the customer and sent nothing", None, related("acts_for"), Sight.NOTHING),
    ("who sent it about themselves, or showed it to be theirs", False, nothing, Sight.WHOLE),
    ("who sent it for another", True, nothing, Sight.SENT),
    ("who sent it for another and is tied to a third", True, lambda account, case, carl: tied(account, carl), Sight.SENT),
    ("who sent it for another that is themselves", True, lambda account, case, carl: tied(account, case.customer), Sight.WHOLE),
    ("who sent it and acts for them", True, related("acts_for"), Sight.WHOLE),
    ("who sent it and is their guardian", True, related("guardian"), Sight.WHOLE),
    ("who sent it and acted for them once", True, related("acts_for", ended=True), Sight.SENT),
    ("who sent it and whom they act for", True, related("acts_for_back"), Sight.SENT),
    ("who sent it and is their carer", True, related("carer"), Sight.SENT),
]  # fmt: skip


@pytest.mark.usefixtures("portal")
def test_what_an_account_sees_of_a_case_is_one_rule_however_it_is_asked(
    case: Case, noon: datetime, subtests: pytest.Subtests
) -> None:
    for number, (who, sent, arrange, expected) in enumerate(MATRIX):
        with subtests.test(who):
            account = Account.objects.create(email=f"{number}@example.org", created_at=noon)
            details = PersonDetails(first_names="Carl", last_name=f"Third{number}")
            carl = people.create_person(details, by=system_user(), at=noon)
            if sent is not None:
                LinkedCase.objects.create(account=account, case=case, sent_for_another=sent, at=noon)
            arrange(account, case, carl)
            assert seeing.sight(account, case) == expected
            assert seeing.cases_of(account).contains(case) == (expected == Sight.WHOLE)
            assert seeing.seen(account).listed.contains(case) == (expected != Sight.NOTHING)
            assert (account in seeing.accounts(case)) == (expected == Sight.WHOLE)
            assert (case.pk in seeing.seen(account).only_sent([case])) == (expected == Sight.SENT)


def sent_for_another(browser: Client, publish: Publish) -> Case:  # noqa: F811
    """Berta's case, of a form with a fee that this browser sent for her."""
    publish(FOR_ANOTHER, ("destinations:\n", "fee: {amount: 5, description: Looking at it}\ndestinations:\n"))
    at = str(browser.post(START)["Location"])
    for given in (WHAT, MORE, HERS):
        at = browser.post(at, given)["Location"]
    assert browser.post(at).status_code == 302
    assert browser.post(at)["Location"].endswith("/done/")
    for delivery in delivering.undelivered():
        delivering.deliver(delivery.pk, at=timezone.now())
    return Case.objects.get(service__key="streets")


@pytest.mark.usefixtures("case")  # the Blue Badge is offered, and an officer works on it
def test_who_sends_a_form_for_another_sees_that_they_sent_it_and_no_more(
    alma: Client,
    account: Account,
    publish: Publish,  # noqa: F811
    at_desk: Client,
) -> None:
    case = sent_for_another(alma, publish)
    assert (case.customer.name, LinkedCase.objects.get().sent_for_another) == ("Berta Other", True)
    here = f"/cases/{case.reference}/"
    listed, page = alma.get("/cases/").content.decode(), alma.get(here).content.decode()
    for shown in (listed, page):
        assert case.reference in shown
        assert "We have what you sent" in shown
        assert "for somebody else" in shown
        assert "Berta" not in shown
        assert "We are looking at it" not in shown, "what a stage says is for the customer"
    copy = page.partition('href="/services/streets/report/')[2].partition('"')[0]
    assert alma.get(f"/services/streets/report/{copy}").content.startswith(b"%PDF")
    for rest in ("asked/1/", "messages/", "change/", "letters/1/", "files/1/"):
        assert alma.get(here + rest).status_code == 404, rest
    assert alma.post(f"{here}messages/", {"words": "x", "once": str(uuid4())}).status_code == 404
    assert alma.get(f"{here}send/").status_code == 200, "a document that is missing may be sent"
    assert telling.followers(case) == []

    paying.request_payment(case, pence=7777, purpose="Something private", by=system_user(), at=timezone.now())
    done = alma.get(f"/services/streets/report/{copy}".replace("/copy/", "/done/")).content.decode()
    assert ("£5.00" in done, "Something private" in done) == (True, False), "the fee of the form, and nothing later"
    facts = {"reference": case.reference, "last_name": "Other", "year": "1940"}
    refused = alma.post("/cases/add/", facts)
    assert "for somebody else" in str(refused.context["form"].errors), "they typed all three themselves"
    account.refresh_from_db()
    assert (account.customer, seeing.sight(account, case)) == (None, Sight.SENT)

    LinkedCase.objects.update(sent_for_another=False)  # as it was recorded before
    import_module("moothall.domain.citizens.migrations.0004_sent_for_another").mark(apps, None)
    assert seeing.sight(account, case) == Sight.SENT

    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now(), end_state="refused")
    ended = alma.get(here).content.decode()
    assert ("Finished" in ended, "decided against" in ended) == (True, False)
    SecurityGroup.objects.filter(key="blue_badge_officers").update(services=["*"])
    told = at_desk.get(f"/desk/cases/{case.reference}/application/").content.decode()
    assert f"Sent from the online account {EMAIL} for somebody else" in told
    assert alma.post(f"{here}remove/").status_code == 302
    assert alma.get(here).status_code == 404


def test_a_sender_without_an_account_gets_no_further_by_what_they_typed_and_the_customer_does(
    register: Register,
    publish: Publish,  # noqa: F811
    noon: datetime,
) -> None:
    details = PersonDetails(first_names="Berta", last_name="Other", date_of_birth=date(1940, 2, 4))
    contacts = [Contact(type="email", value="berta@example.org")]
    berta = people.create_person(details, by=system_user(), at=noon, contacts=contacts)
    sender = register(YOU["email"])
    citizen = {name: sender.cookies.pop(name) for name in list(sender.cookies) if "citizen" in name}
    case = sent_for_another(sender, publish)
    own = set(case.customer.contact_details.filter(holder="", to_date=None).values_list("value", flat=True))
    if case.customer == berta:
        assert own == {"berta@example.org"}, "what the sender told takes the place of nothing that is hers"
    assert YOU["email"] not in own
    sender.cookies.update(citizen)
    facts = {"reference": case.reference, "last_name": "Other", "year": "1940"}
    assert "cannot find" in str(sender.post("/cases/add/", facts).context["form"].errors)
    assert Account.objects.get(email=YOU["email"]).customer is None

    people.set_contact(case.customer, Contact(type="email", value="own@example.org"), by=system_user(), at=noon)
    hers = register("own@example.org")
    assert hers.post("/cases/add/", facts).status_code == 302
    assert Account.objects.get(email="own@example.org").customer == case.customer


def test_an_address_that_a_form_claimed_does_not_tie_an_account_until_an_officer_made_sure_of_it(
    register: Register,
    publish: Publish,  # noqa: F811
) -> None:
    publish(
        (
            "      - {block: name_and_title}\n",
            FOR_ANOTHER[1].partition("      - {block: contact}")[0].replace(", known: false", ""),
        )
    )
    browser, at = Client(), ""
    at = str(browser.post(START)["Location"])
    for given in (WHAT, MORE, HERS):
        at = browser.post(at, given)["Location"]
    browser.post(at)
    for delivery in delivering.undelivered():
        delivering.deliver(delivery.pk, at=timezone.now())
    case, claimant = Case.objects.get(), register(YOU["email"])
    facts = {"reference": case.reference, "last_name": "Other", "year": "1940"}
    assert claimant.post("/cases/add/", facts).status_code == 302
    account = Account.objects.get(email=YOU["email"])
    assert (seeing.sight(account, case), account.customer) == (Sight.WHOLE, None), (
        "the case, and nothing else of Berta's"
    )
    case.customer.contact_details.filter(type="email").update(verified_at=timezone.now())
    assert claimant.post("/cases/add/", facts).status_code == 302
    account.refresh_from_db()
    assert account.customer == case.customer
