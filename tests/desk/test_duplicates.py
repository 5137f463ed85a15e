"""Pairs who may be one, looked at side by side at the desk, merged, told apart and parted again."""

import re
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.conftest import WORKING, MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.core.council import settings as council
from moothall.domain.cases.models import Case
from moothall.domain.people import actions as people
from moothall.domain.people.models import Customer, Merge, Pair, Person

pytestmark = pytest.mark.django_db
SEEING = [Permission.SIGN_IN, Permission.VIEW_CASES]
EVIDENCE = [
    ["first_name", 3, 6.4],
    ["last_name", 1, 2.0],
    ["date_of_birth", 0, 4.8],
    ["nino", -1, 0.0],
    ["address", 2, -4.7],
    ["phone", -1, 0.0],
    ["email", 0, 13.5],
]


@pytest.fixture
def steward(make_user: MakeUser) -> User:
    """Looks after the records of people."""
    return make_user("Stella Steward", "stewards", permissions=[*WORKING, Permission.MERGE_PEOPLE])


@pytest.fixture
def client(sign_in_as: SignInAs, steward: User) -> Client:
    return sign_in_as(steward)


@pytest.fixture
def pair(make_case: OpenCase, officer: User, noon: datetime) -> Pair:
    """Alma Madeup, who has a case, and Ally Madeup."""
    alma = make_case().customer
    details = people.PersonDetails(
        first_names="Ally", last_name="Madeup", date_of_birth=date(1958, 5, 17), nino="AB123456C"
    )
    ally = people.create_person(details, by=officer, at=noon)
    return Pair.objects.create(
        first=alma, second=ally, probability=0.987, model="people-1", found_at=noon, evidence=EVIDENCE
    )


def decide(client: Client, pair: Pair, given: dict[str, str]) -> Any:
    """Send what is decided of a pair, as looked at now."""
    there = f"/desk/duplicates/{pair.pk}/"
    seen = re.search(r'name="version" value="(\w+)"', client.get(there).content.decode())
    return client.post(there, {"version": seen[1] if seen else "", **given}, follow=True)


def test_a_pair_is_listed_looked_at_side_by_side_with_its_evidence_and_merged_fact_by_fact(
    client: Client, pair: Pair
) -> None:
    listed = Page.of(client.get("/desk/duplicates/")).text("main")
    assert "Ally Madeup" in listed
    assert "E-mail: an address of both" in listed
    page = Page.of(client.get(f"/desk/duplicates/{pair.pk}/"))
    assert "11,585 times likelier" in page.text("main")
    assert "26 times less likely" in page.text("main")

    unsaid = decide(client, pair, {"act": "merge", "fact_first_names": "absorbed"})
    assert unsaid.status_code == 422
    assert "Say how you know that they are the same." in Page.of(unsaid).text("main")
    given = {"act": "merge", "fact_first_names": "absorbed", "fact_nino": "absorbed", "reason": "Saw both passports."}
    done = decide(client, pair, given)

    assert "They are one record now." in Page.of(done).text("main")
    assert Person.objects.get(pk=pair.first_id).nino == "AB123456C"
    assert Customer.objects.get(pk=pair.first_id).name == "Ally Madeup"
    assert set(Access.objects.filter(via="desk duplicate").values_list("subject_id", flat=True)) == {
        pair.first_id,
        pair.second_id,
    }


def test_links_to_the_absorbed_lead_to_the_golden_record_and_what_is_sent_there_does_nothing(
    client: Client, pair: Pair
) -> None:
    decide(client, pair, {"act": "merge", "reason": "Saw both passports."})

    led = client.get(f"/desk/customers/{pair.second_id}/")
    sent = client.post(f"/desk/customers/{pair.second_id}/contact/", {"type": "email"}, follow=True)

    assert led["Location"] == f"/desk/customers/{pair.first_id}/"
    assert "nothing was done" in Page.of(sent).text("main")
    for asked in ("Ally Madeup", "Ally", "AB123456C"):
        found = client.post("/desk/search/", {"q": asked}, follow=True)
        assert f"/desk/customers/{pair.first_id}/" in found.content.decode() + found.request["PATH_INFO"]
    again = decide(client, pair, {"act": "merge", "reason": "Saw both passports."})
    assert again.status_code == 404
    assert "Alma Madeup" in Page.of(client.get("/desk/duplicates/?state=merged")).text("main")


def test_a_merge_is_undone_from_the_record_and_the_pair_is_remembered_as_different(client: Client, pair: Pair) -> None:
    decide(client, pair, {"act": "merge", "reason": "Saw both passports."})
    merge = Merge.objects.get()
    assert f"/desk/merges/{merge.pk}/" in client.get(f"/desk/customers/{pair.first_id}/").content.decode()

    assert client.post(f"/desk/merges/{merge.pk}/", {}).status_code == 422
    done = client.post(f"/desk/merges/{merge.pk}/", {"reason": "They are cousins."}, follow=True)

    assert "They are two records again, each as it was." in Page.of(done).text("main")
    assert "They are cousins." in Page.of(client.get("/desk/duplicates/?state=different")).text("main")
    assert "undid it on" in Page.of(client.get(f"/desk/merges/{merge.pk}/")).text("main")


def test_two_are_told_apart_with_a_reason_or_put_off(client: Client, pair: Pair) -> None:
    later = client.post(f"/desk/duplicates/{pair.pk}/", {"act": "later"}, follow=True)
    assert "No pair waits" in Page.of(later).text("main")
    assert "Ally Madeup" in Page.of(client.get("/desk/duplicates/?state=later")).text("main")

    assert decide(client, pair, {"act": "different"}).status_code == 422
    decide(client, pair, {"act": "different", "reason": "Cousins."})
    pair.refresh_from_db()
    assert (pair.state, pair.decided_why) == (Pair.State.DIFFERENT, "Cousins.")
    assert "Cousins." in Page.of(client.get(f"/desk/duplicates/{pair.pk}/")).text("main")


def test_only_who_may_merge_sees_pairs_and_everybody_is_compared_once_when_asked_twice(
    client: Client, pair: Pair, sign_in_as: SignInAs, officer: User
) -> None:
    assert sign_in_as(officer).get("/desk/duplicates/").status_code == 403
    first = client.post("/desk/duplicates/look/", follow=True)
    second = client.post("/desk/duplicates/look/", follow=True)
    assert "Everybody is compared now." in Page.of(first).text("main")
    assert "asked for already" in Page.of(second).text("main")


def test_the_list_takes_as_many_statements_for_many_pairs_as_for_one(
    client: Client, pair: Pair, officer: User, noon: datetime
) -> None:
    client.get("/desk/duplicates/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/desk/duplicates/")
    for number in range(5):
        details = people.PersonDetails(first_names="Ally", last_name=f"Madeup{number}")
        other = people.create_person(details, by=officer, at=noon)
        Pair.objects.create(
            first=pair.first, second=other, probability=0.8, model="people-1", found_at=noon, evidence=EVIDENCE
        )
    with CaptureQueriesContext(connection) as many:
        client.get("/desk/duplicates/")
    assert len(many) == len(one)


def test_what_was_chosen_is_not_applied_the_other_way_round_nor_without_saying_what_was_seen(
    client: Client, pair: Pair
) -> None:
    seen = re.search(r'name="version" value="(\w+)"', client.get(f"/desk/duplicates/{pair.pk}/").content.decode())
    assert seen
    Case.objects.filter(customer=pair.first).update(customer=pair.second)  # which now is the one that stays
    given = {"act": "merge", "fact_first_names": "absorbed", "reason": "Saw both passports."}

    turned = client.post(f"/desk/duplicates/{pair.pk}/", {**given, "version": seen[1]})
    unseen = client.post(f"/desk/duplicates/{pair.pk}/", given)

    assert "changed while you had them open" in Page.of(turned).text("main")
    assert "Look at the two side by side again first." in Page.of(unseen).text("main")
    assert not Merge.objects.exists()


def test_who_may_merge_but_not_see_the_people_of_a_service_sees_nothing_of_them(
    make_user: MakeUser, sign_in_as: SignInAs, pair: Pair
) -> None:
    blind = make_user("Bea Blind", "mergers", permissions=[*SEEING, Permission.MERGE_PEOPLE], services=["blue_badge"])
    group = SecurityGroup.objects.create(
        key="parking", name="Parking", permissions=[*SEEING, Permission.VIEW_PEOPLE], services=["parking"]
    )
    Membership.objects.create(user=blind, group=group)
    browser = sign_in_as(blind)

    assert "Ally Madeup" not in Page.of(browser.get("/desk/duplicates/")).text("main")
    assert browser.get(f"/desk/duplicates/{pair.pk}/").status_code == 404
    group.services = ["blue_badge"]
    group.save()
    assert browser.get(f"/desk/duplicates/{pair.pk}/").status_code == 200


def test_somebody_finds_the_other_record_and_merges_by_hand_or_tells_the_two_apart(
    client: Client, make_case: OpenCase, officer: User, noon: datetime, sign_in_as: SignInAs
) -> None:
    alma = make_case().customer
    details = people.PersonDetails(first_names="Ally", last_name="Otherwise", date_of_birth=date(1958, 5, 17))
    ally = people.create_person(details, by=officer, at=noon)
    club = people.create_organisation(people.OrganisationDetails(name="Otherwise Club"), by=officer, at=noon)
    there, beside = f"/desk/customers/{alma.pk}/merge/", f"/desk/customers/{alma.pk}/merge/{ally.pk}/"
    assert there in client.get(f"/desk/customers/{alma.pk}/").content.decode()
    assert there not in sign_in_as(officer).get(f"/desk/customers/{alma.pk}/").content.decode()
    assert sign_in_as(officer).get(beside).status_code == 403

    found = Page.of(client.post(there, {"q": "otherwise"})).text("main")
    assert "Ally Otherwise" in found
    assert "Otherwise Club" not in found
    assert "No other record was found" in Page.of(client.post(there, {"q": "madeup"})).text("main")
    assert client.post(there, {}).status_code == 422
    assert client.get(f"/desk/customers/{alma.pk}/merge/{club.pk}/").status_code == 404
    assert client.get(f"/desk/customers/{alma.pk}/merge/{alma.pk}/").status_code == 404
    page = client.get(beside)
    assert "Put together by hand" in Page.of(page).text("main")
    assert not Pair.objects.exists()  # nobody waits for who looked only
    seen = re.search(r'name="version" value="(\w+)"', page.content.decode())
    assert seen
    client.post(beside, {"version": seen[1], "act": "different", "reason": "Sisters."})
    assert Pair.objects.get().state == Pair.State.DIFFERENT
    assert "Sisters." in Page.of(client.get(beside)).text("main")
    given = {"version": seen[1], "act": "merge", "fact_first_names": "absorbed", "reason": "They are not sisters."}
    done = client.post(beside, given, follow=True)
    assert "They are one record now." in Page.of(done).text("main")
    assert Merge.objects.get().kept_id == alma.pk
    led = client.get(f"/desk/customers/{ally.pk}/merge/")
    assert led.status_code == 302


def test_pairs_of_organisations_stand_beside_those_of_people_with_what_speaks_for_them(
    client: Client, pair: Pair, officer: User, noon: datetime
) -> None:
    one, other = (
        people.create_organisation(people.OrganisationDetails(name=name, charity_number=number), by=officer, at=noon)
        for name, number in (("Exampleton Carers", "1000001"), ("Exampleton Carers Ltd", "1000072"))
    )
    evidence = [["organisation_name", 1, 8.0], ["charity_number", 2, -8.0], ["address", 0, 6.0]]
    clubs = Pair.objects.create(
        first=one, second=other, probability=0.9, model="organisations-1", found_at=noon, evidence=evidence
    )
    assert "Exampleton Carers" not in Page.of(client.get("/desk/duplicates/?kind=person")).text("main")
    listed = Page.of(client.get("/desk/duplicates/?kind=organisation")).text("main")
    assert "Ally Madeup" not in listed
    assert "Name: same" in listed
    looked_at = Page.of(client.get(f"/desk/duplicates/{clubs.pk}/")).text("main")
    assert "Their charity numbers differ." in looked_at
    assert "256 times less likely" in looked_at
    assert client.get("/desk/duplicates/?kind=cats").status_code == 404
    given = {"act": "merge", "fact_name": "absorbed", "fact_charity_number": "kept", "reason": "One committee."}
    decide(client, clubs, given)
    assert Customer.objects.get(pk=one.pk).name == "Exampleton Carers Ltd"


def test_limits_are_set_by_who_administers_and_say_who_set_them(
    client: Client, pair: Pair, sign_in_as: SignInAs, make_user: MakeUser
) -> None:
    there = "/desk/duplicates/limits/"
    assert client.get(there).status_code == 403
    browser = sign_in_as(make_user("Ada Admin", "admins", permissions=[*WORKING, Permission.MANAGE_SERVICES]))
    assert "80% or more" in Page.of(browser.get(there)).text("main")
    wrong = browser.post(there, {"review_from": "4", "merge_from": "80", "reason": ""})
    assert wrong.status_code == 422
    assert "Enter a number from 95 to 100, or leave it empty." in Page.of(wrong).text("main")
    given = {"review_from": "99.5", "merge_from": "", "merge_organisations_from": "99.9", "nightly": "on"}

    done = browser.post(there, {**given, "reason": "Fewer to look at."}, follow=True)

    said = Page.of(done).text("main")
    assert "Fewer to look at." in said
    assert "Ada Admin" in said
    assert "99.5%" in said
    assert "No pair waits" in Page.of(client.get("/desk/duplicates/")).text("main")
    council.forget()
