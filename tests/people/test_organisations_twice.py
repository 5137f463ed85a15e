"""Organisations recorded twice are found by a rule, with what speaks for it, merged and parted; limits say from when."""

from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from tests.people.test_golden import everything

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.core.council import settings as council
from moothall.domain.cases import merged
from moothall.domain.people import actions
from moothall.domain.people.actions import OrganisationDetails
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.golden import evidence, finding, limits, linking, merging, organisations
from moothall.domain.people.golden.organisations import compared
from moothall.domain.people.models import Customer, Organisation, Pair
from moothall.kit.invalid import Invalid

HALL = AddressLines(line1="The Old Hall", town="Exampleton", postcode="EX1 2AB")
HOME = "EX1 2AB||The Old Hall"


def likely(given: list[tuple[str, dict[str, Any]]]) -> dict[tuple[int, int], float]:
    """How likely each two of some organisations are one, given as name and what is known besides, by their places."""
    rows = [compared(place, name, **said) for place, (name, said) in enumerate(given)]
    with linking.people() as people:
        return {
            (one.first, one.second): one.probability
            for one in organisations.find(people, rows, least=0.5, changed=None)
        }


def test_the_rule_brings_together_what_is_one_and_keeps_apart_what_only_shares_something() -> None:
    one = [
        [("Exampleton Carers Ltd", {"homes": [HOME]}), ("The Exampleton Carers Limited", {"homes": [HOME]})],
        [("Sample Shopmobility", {"contacts": ["+441632960111"]}), ("Shopmobility, Sample", {"contacts": ["+441632960111"]})],
        [("Madeup Minibus Trust", {"charity": "1000001"}), ("Madeup Community Trust", {"charity": "1000001"})],
        [("Notreal Day Centre", {"homes": [HOME]}), ("Notreal Day Center", {"homes": [HOME]})],
        [("Placeholder Hospice", {"homes": [HOME]}), ("Sampleton Hospice", {"earlier": ["Placeholder Hospice"], "homes": [HOME]})],
    ]  # fmt: skip
    apart = [
        [("Exampleton Carers", {"homes": [HOME]}), ("Sample Shopmobility", {"homes": [HOME]})],
        [("Madeup Taxis", {"charity": "1000001"}), ("Madeup Taxis", {"charity": "1000072"})],
        [("Chain Stores", {"homes": ["EX1 1AA||1 Road"]}), ("Chain Stores", {"homes": ["EX9 9ZZ||9 Road"]})],
    ]
    found = likely([row for pair in one for row in pair])
    assert set(found) == {(place, place + 1) for place in range(0, 2 * len(one), 2)}
    assert all(probability >= finding.Duplicates().review_from for probability in found.values())
    assert all((0, 1) not in likely(pair) for pair in apart)


def test_what_is_compared_is_told_in_words_and_no_key_alone_decides() -> None:
    nothing = [-1] * len(organisations.COMPARISONS)
    assert organisations.probability(nothing) < 0.01
    for place, comparison in enumerate(organisations.COMPARISONS):
        weights = [level.weight for level in comparison.levels]
        assert weights[-1] < 0 < weights[0]
        assert all(evidence.words(comparison.name, level) for level in range(len(weights)))
        alone = [0 if one == place else -1 for one in range(len(nothing))]
        assert organisations.probability(alone) < finding.Duplicates().review_from or comparison.name in {
            "organisation_name",
            "charity_number",
        }
    assert evidence.before(organisations.MODEL) < 0


@pytest.fixture
def carers(db: None, officer: User, noon: datetime) -> tuple[Customer, Customer]:
    """One organisation recorded twice."""

    def make(name: str, number: str, contact: Contact) -> Customer:
        details = OrganisationDetails(name=name, charity_number=number)
        return actions.create_organisation(details, address=HALL, contacts=[contact], by=officer, at=noon)

    first = make("Exampleton Carers Ltd", "", Contact(type="email", value="carers@example.org"))
    second = make("Exampleton Carers", "1000001", Contact(type="phone", value="01632 960111"))
    make("Sample Shopmobility", "", Contact(type="email", value="mobility@example.org"))
    return first, second


def test_organisations_are_found_merged_field_by_field_and_parted_exactly(
    carers: tuple[Customer, Customer], officer: User, noon: datetime
) -> None:
    run = finding.find(everybody=True, at=noon)

    pair = Pair.objects.get()
    assert (pair.first, pair.second, pair.model, run.found) == (*carers, organisations.MODEL, 1)
    assert evidence.words(*pair.evidence[0][:2]) == "Same, and no other is called so"
    before = everything()
    made = merged.merge(*carers, chosen={"charity_number"}, reason="The same trustees.", by=officer, at=noon)
    kept = Organisation.objects.select_related("customer").get(pk=carers[0].pk)
    assert (kept.customer.name, kept.charity_number) == ("Exampleton Carers Ltd", "1000001")
    assert kept.customer.contact_details.count() == 2
    merged.unmerge(made, reason="Two branches.", by=officer, at=noon)
    assert everything() == before
    later = finding.find(everybody=True, at=noon + timedelta(days=1))
    assert (later.found, Pair.objects.get().state) == (0, Pair.State.DIFFERENT)


def test_limits_are_set_with_a_reason_hold_at_once_and_merge_organisations_by_themselves_but_never_by_hand(
    carers: tuple[Customer, Customer], officer: User, noon: datetime
) -> None:
    finding.find(everybody=True, at=noon)
    wanted = finding.Duplicates(review_from=0.999, merge_organisations_from=0.95)
    with pytest.raises(Invalid, match="Say why"):
        limits.change(wanted, reason=" ", by=officer, at=noon)

    changed = limits.change(wanted, reason="Too many to look at.", by=officer, at=noon)

    assert changed == ["review_from", "merge_organisations_from"]
    told = {row.detail["limit"]: (row.detail["before"], row.detail["now"], row.reason) for row in limits.changes()}
    assert told["review_from"] == (0.7, 0.999, "Too many to look at.")
    assert not limits.waiting().filter(probability__lt=0.999).exists()
    assert sum(one["organisations"] for one in limits.counted()) == 1
    Pair.objects.update(model=merging.BY_HAND, probability=1)
    assert merged.by_themselves(at=noon) == 0
    Pair.objects.update(model=organisations.MODEL)
    Organisation.objects.filter(pk=carers[0].pk).update(charity_number="2000002")
    assert merged.by_themselves(at=noon) == 0
    Organisation.objects.filter(pk=carers[0].pk).update(charity_number="")
    assert merged.by_themselves(at=noon) == 1
    assert Entry.objects.filter(action="customer.merged", by=system_user()).exists()
    council.forget()


def test_only_pairs_with_who_changed_are_found_when_only_these_are_asked_for() -> None:
    rows = [compared(one, "Exampleton Carers", charity="1000001") for one in range(3)]
    with linking.people() as people:
        found = list(organisations.find(people, rows, least=0.5, changed={2}))
    assert {(one.first, one.second) for one in found} == set(combinations(range(3), 2)) - {(0, 1)}
