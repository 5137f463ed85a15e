"""Two records made one, and made two again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from tests.desk.council import offer_blue_badges
from tests.people.conftest import HOME, NINO, MakePerson

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.core.council import settings as council
from moothall.domain.cases import actions as cases
from moothall.domain.cases import merged
from moothall.domain.cases.models import Case, TimelineEntry, WorkLine
from moothall.domain.people import actions, corrections, matching
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.golden import clashes, finding, merging
from moothall.domain.people.golden.pointing import STAYS, moved, pointers_at
from moothall.domain.people.models import (
    ContactDetail,
    Customer,
    ExternalReference,
    Flag,
    Merge,
    Need,
    Pair,
    Person,
    Preference,
    Relationship,
    Residence,
    Vehicle,
)
from moothall.domain.places.actions import keep_address
from moothall.kit.invalid import Invalid

pytestmark = pytest.mark.django_db
WHY = "The same person: both birth certificates were seen."
APART = AddressLines(line1="9 Model Road", town="Exampleton", postcode="EX1 3AB")
WRITTEN_ALONG = {"people.Pair", "people.Merge", "people.MergedRow", "audit.Entry", "cases.TimelineEntry"}


def everything() -> dict[str, list[str]]:
    """Every row of every table of ours, but for what is only ever added to, which says that there was a merge."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.startswith("moothall.") and not hasattr(model, "pgh_tracked_model"):
            if model._meta.label in WRITTEN_ALONG or model._meta.label.startswith("people.Change"):
                continue
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT to_jsonb(t)::text FROM "{model._meta.db_table}" t ORDER BY 1')
                found[model._meta.label] = [row for (row,) in cursor.fetchall()]
    return found


@pytest.fixture
def two(make_person: MakePerson) -> tuple[Customer, Customer]:
    return make_person(), make_person(first_names="Annie", nino="", address=APART)


def test_what_points_at_the_absorbed_points_at_the_golden_record_and_the_work_list_follows(
    two: tuple[Customer, Customer], officer: User, noon: datetime
) -> None:
    ann, annie = two
    service = offer_blue_badges(at=noon)
    case = cases.open_case(service=service, type="new", source="online", customer=annie, by=officer, at=noon)
    actions.set_reference(annie, type="badge_number", number="123456", by=officer, at=noon)

    merged.merge(ann, annie, chosen=["first_names"], reason=WHY, by=officer, at=noon)

    annie.refresh_from_db()
    assert annie.golden == ann
    assert Case.objects.get().customer == ann
    assert WorkLine.objects.get(case=case).customer_name == "Annie Example"
    assert ExternalReference.objects.get().customer == ann
    assert {line.text.split(".")[0] for line in TimelineEntry.objects.filter(case=case, kind="person")} == {
        "Two records of the customer were made one"
    }
    assert set(Entry.objects.filter(action__in=["customer.merged", "customer.absorbed"]).values_list("subject_id")) == {
        (ann.pk,),
        (annie.pk,),
    }
    late = ContactDetail.objects.create(
        customer=annie, type="email", value="a@example.org", normalised="a@example.org", from_date=noon.date()
    )
    late.refresh_from_db()
    assert late.customer == ann  # whoever still had the absorbed one open


def test_whoever_gives_the_number_of_the_absorbed_is_the_golden_record(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, annie = make_person(), make_person(nino="CE123456A", first_names="Annie")
    merged.merge(ann, annie, chosen=["nino"], reason=WHY, by=officer, at=noon)

    assert set(Person.objects.values_list("pk", "nino")) == {(ann.pk, "CE123456A"), (annie.pk, NINO)}
    for number in ("CE123456A", NINO):
        found = matching.match_application(
            nino=number, date_of_birth=ann.person.date_of_birth, last_name="Example", postcode=""
        )
        assert found.customer == ann
        assert actions.nino_holder(number) == ann.pk


def test_two_with_different_numbers_are_never_merged_by_themselves(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, other = make_person(), make_person(nino="CE123456A")

    with pytest.raises(merging.NeverByItself):
        merging.merge(ann, other, chosen=[], reason=WHY, by=officer, at=noon, by_itself=True)
    with pytest.raises(IntegrityError, match="not merged by themselves"), transaction.atomic():
        Merge.objects.create(kept=ann, absorbed=other, by_itself=True, reason=WHY, by=officer, at=noon)

    assert merging.merge(ann, other, chosen=[], reason=WHY, by=officer, at=noon).ninos_differ


def test_a_second_window_is_told_and_a_change_meanwhile_too(
    two: tuple[Customer, Customer], officer: User, noon: datetime
) -> None:
    ann, annie = two
    seen = merging.version_of(ann, annie)
    Person.objects.filter(pk=annie.pk).update(known_as="Nan")
    annie = Customer.objects.get(pk=annie.pk)
    with pytest.raises(merging.Changed, match="changed while you had them open"):
        merged.merge(ann, annie, chosen=[], reason=WHY, by=officer, at=noon, version=seen)

    merged.merge(ann, annie, chosen=[], reason=WHY, by=officer, at=noon, version=merging.version_of(ann, annie))
    with pytest.raises(merging.Changed, match="was merged into Ann Example meanwhile"):
        merged.merge(ann, annie, chosen=[], reason=WHY, by=officer, at=noon)
    with pytest.raises(Invalid, match="one record"):
        merged.merge(ann, ann, chosen=[], reason=WHY, by=officer, at=noon)


def test_what_was_added_after_the_merge_stays_and_is_said_and_what_was_changed_since_stays_changed(
    two: tuple[Customer, Customer], officer: User, noon: datetime
) -> None:
    ann, annie = two
    made = merged.merge(ann, annie, chosen=["first_names"], reason=WHY, by=officer, at=noon)
    actions.set_reference(ann, type="badge_number", number="999", by=officer, at=noon)
    Person.objects.filter(pk=ann.pk).update(first_names="Anna")

    left = merged.unmerge(made, reason="They are sisters.", by=officer, at=noon + timedelta(days=1))
    again = merged.unmerge(made, reason="They are sisters.", by=officer, at=noon + timedelta(days=1))

    assert left == merging.Left({"external reference": 1}, ("person: first names",))
    assert again == merging.Left({}, ())
    assert ExternalReference.objects.get().customer == ann
    assert set(Person.objects.values_list("first_names", flat=True)) == {"Anna", "Annie"}
    assert Pair.objects.get().state == Pair.State.DIFFERENT
    assert Residence.objects.get(customer=annie).address.line1 == "9 Model Road"


def test_a_merge_that_a_later_one_built_on_is_undone_after_it(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, annie, anne = make_person(), make_person(nino="", first_names="Annie"), make_person(nino="", last_name="Old")
    first = merged.merge(annie, anne, chosen=["last_name"], reason=WHY, by=officer, at=noon)
    second = merged.merge(ann, annie, chosen=["last_name"], reason=WHY, by=officer, at=noon)
    anne.refresh_from_db()
    assert anne.golden == ann

    with pytest.raises(merging.NotPossible, match="was merged into Ann Old since"):
        merged.unmerge(first, reason="No.", by=officer, at=noon)
    merged.unmerge(second, reason="No.", by=officer, at=noon)
    anne.refresh_from_db()
    assert anne.golden == annie
    merged.unmerge(first, reason="No.", by=officer, at=noon)
    assert not Customer.objects.exclude(merged_into=None).exists()


def test_merges_into_one_record_are_undone_from_the_last_so_that_what_both_said_is_not_lost(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, annie, dan = make_person(), make_person(nino="", first_names="Annie"), make_person(nino="", first_names="Dan")
    for one in (annie, dan):
        actions.set_contact(one, Contact(type="mobile", value="07700 900123"), by=officer, at=noon)
    first = merged.merge(ann, annie, chosen=[], reason=WHY, by=officer, at=noon)
    second = merged.merge(ann, dan, chosen=[], reason=WHY, by=officer, at=noon)

    with pytest.raises(merging.NotPossible, match="The merge with Dan Example of 3 March 2026 came after it"):
        merged.unmerge(first, reason="No.", by=officer, at=noon)

    merged.unmerge(second, reason="No.", by=officer, at=noon)
    merged.unmerge(first, reason="No.", by=officer, at=noon)
    assert set(ContactDetail.objects.values_list("customer", flat=True)) == {annie.pk, dan.pk}


def test_a_record_that_takes_in_one_of_two_told_apart_is_not_merged_with_the_other_by_itself(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, annie, anna = (make_person(nino="", first_names=name) for name in ("Ann", "Annie", "Anna"))
    found = {"model": "people-1", "found_at": noon}
    merging.different(
        Pair.objects.create(first=annie, second=anna, probability=0.97, **found), reason="Twins.", by=officer, at=noon
    )
    for other, probability in ((annie, 0.99), (anna, 0.98)):
        Pair.objects.create(first=ann, second=other, probability=probability, **found)
    council.write(finding.Duplicates(merge_from=0.95), by=system_user(), at=noon)

    assert merged.by_themselves(at=noon) == 1

    anna.refresh_from_db()
    assert anna.merged_into is None
    assert Pair.objects.get(first=ann, second=anna).state == Pair.State.WAITING


def test_a_pair_decided_meanwhile_is_not_merged_by_itself(
    two: tuple[Customer, Customer], officer: User, noon: datetime
) -> None:
    ann, annie = two
    pair = Pair.objects.create(first=ann, second=annie, probability=0.99, model="people-1", found_at=noon)
    merging.different(pair, reason="Twins.", by=officer, at=noon)

    with pytest.raises(merging.Changed, match="no pair that waits"):
        merged.merge(ann, annie, chosen=None, reason=WHY, by=officer, at=noon, by_itself=True)


def test_a_number_that_stays_with_the_absorbed_is_refused_with_a_sentence(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, other = make_person(), make_person(nino="CE123456A")
    merged.merge(ann, other, chosen=[], reason=WHY, by=officer, at=noon)
    seen = corrections.version_of(ann.person)

    with pytest.raises(Invalid, match="undo that merge"):
        corrections.change_person(
            ann, changes={"nino": "CE123456A"}, version=seen, reason="Card.", evidence="Card.", by=officer, at=noon
        )


def test_a_name_corrected_after_the_merge_follows_from_the_person_when_it_is_undone(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, jones = make_person(last_name="Smith"), make_person(nino="", last_name="Jones")
    made = merged.merge(ann, jones, chosen=["last_name"], reason=WHY, by=officer, at=noon)
    person = Person.objects.get(pk=ann.pk)
    corrections.change_person(
        person.customer,
        changes={"first_names": "Anna"},
        version=corrections.version_of(person),
        reason="So she said.",
        by=officer,
        at=noon,
    )

    merged.unmerge(made, reason="No.", by=officer, at=noon)

    person = Person.objects.select_related("customer").get(pk=ann.pk)
    assert (person.first_names, person.last_name, person.surname_key) == ("Anna", "Smith", "SMITH")
    assert person.customer.name == "Anna Smith"


def test_a_relationship_with_somebody_erased_since_does_not_keep_a_merge_from_being_undone(
    two: tuple[Customer, Customer], make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, annie = two
    child = make_person(nino="", first_names="Cleo")
    for parent in two:
        Relationship.objects.create(first=parent, second=child, kind="parent", from_date=noon.date())
    made = merged.merge(ann, annie, chosen=[], reason=WHY, by=officer, at=noon)
    Customer.objects.get(pk=child.pk).delete()

    left = merged.unmerge(made, reason="No.", by=officer, at=noon)

    assert "relationship: second id" in left.changed
    assert not Relationship.objects.exists()
    connection.check_constraints()


DAYS = some.dates(date(2020, 1, 1), date(2020, 1, 6))
SPANS = some.tuples(DAYS, some.none() | DAYS).map(lambda two: two if two[1] is None else tuple(sorted(two)))
PARTS = some.fixed_dictionaries(
    {
        "nino": some.sampled_from([None, 1, 2]),
        "first": some.sampled_from(["", "Ann", "Bo"]),
        "tags": some.lists(some.sampled_from(["a", "b", "c"]), unique=True, max_size=2),
        "contacts": some.lists(
            some.tuples(some.sampled_from(["email", "mobile"]), some.sampled_from("xyz"), SPANS, some.booleans()),
            max_size=4,
        ),
        "references": some.lists(some.sampled_from("123456"), unique=True, max_size=2),
        "homes": some.lists(some.tuples(some.sampled_from("12"), some.sampled_from(["home", "temporary"]), SPANS), max_size=3),
        "vehicles": some.lists(some.sampled_from(["EX1", "EX2"]), unique=True, max_size=2),
        "ties": some.lists(
            some.tuples(some.sampled_from(["other", "third"]), some.sampled_from(["parent", "partner"]), some.booleans()),
            unique=True,
            max_size=3,
        ),
        "needs": some.lists(some.tuples(some.sampled_from(["large_print", "bsl"]), some.sampled_from(["", "18 point"])), max_size=2),
        "agreed": some.lists(some.tuples(some.sampled_from(["email", "any"]), some.booleans(), SPANS), max_size=3),
        "flags": some.lists(some.tuples(some.booleans(), some.none() | DAYS), max_size=2),
    }
)  # fmt: skip


def record(parts: dict[str, Any], name: str, third: Customer, other: Customer | None, taken: set[str]) -> Customer:
    """A person with these parts, written as the tables allow them."""
    at = datetime(2020, 1, 1, tzinfo=UTC)
    one = Customer.objects.create(kind="person", name=name, tags=parts["tags"], created_at=at)
    nino = {1: f"AB00000{one.pk % 10}", 2: "CE123456", None: None}[parts["nino"]]
    nino = None if nino is None or nino in taken else f"{nino}A"[:9]
    taken.add((nino or "")[:8])
    Person.objects.create(customer=one, first_names=parts["first"], last_name=name, surname_key=name.upper(), nino=nino)
    preferred: set[str] = set()
    for type, value, (start, end), wanted in parts["contacts"]:
        mark = wanted and end is None and type not in preferred
        preferred |= {type} if mark else set()
        ContactDetail.objects.create(
            customer=one, type=type, value=value, normalised=value, from_date=start, to_date=end, preferred=mark
        )
    for number in parts["references"]:
        ExternalReference.objects.get_or_create(type="badge_number", number=number, defaults={"customer": one})
    for line, purpose, (start, end) in parts["homes"]:
        address = keep_address(line1=f"{line} Example Street", line2="", town="Exampleton", postcode="EX1 1AA", uprn="")
        Residence.objects.create(customer=one, address=address, purpose=purpose, from_date=start, to_date=end)
    for mark in parts["vehicles"]:
        Vehicle.objects.create(customer=one, registration=mark, from_date=at.date())
    for whom, kind, first in parts["ties"]:
        end_ = other if whom == "other" else third
        if end_ is not None:
            ends = (one, end_) if first else (end_, one)
            Relationship.objects.get_or_create(
                first=ends[0], second=ends[1], kind=kind, to_date=None, defaults={"from_date": at.date()}
            )
    heeded(one, parts, at)
    return one


def heeded(one: Customer, parts: dict[str, Any], at: datetime) -> None:
    """What is to be heeded of them, as the tables allow it."""
    by = {"set_by": system_user(), "set_at": at}
    for kind, text in parts["needs"]:
        Need.objects.get_or_create(
            customer=one, kind=kind, to_date=None, defaults={"text": text, "from_date": at.date(), **by}
        )
    for channel, agreed, (start, end) in parts["agreed"]:
        given = {"agreed": agreed, "how": "By letter", "given_on": start, "from_date": start, **by}
        Preference.objects.get_or_create(customer=one, channel=channel, purpose="cases", to_date=end, defaults=given)
    for restricted, ended in parts["flags"]:
        over = {"ended_by": system_user(), "ended_at": at, "ended_why": "Moved."} if ended else {}
        Flag.objects.create(
            customer=one,
            type="dog",
            text="A dog.",
            restricted=restricted,
            from_date=at.date(),
            to_date=ended,
            **by,
            **over,
        )


@given(one=PARTS, other=PARTS, chosen=some.sets(some.sampled_from(["first_names", "last_name", "nino", "home"])))
@settings(
    max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
def test_to_merge_and_to_unmerge_changes_nothing_in_any_table(
    one: dict[str, Any], other: dict[str, Any], chosen: set[str], officer: User, noon: datetime
) -> None:
    with transaction.atomic():
        third = Customer.objects.create(kind="person", name="Third", created_at=noon)
        Person.objects.create(customer=third, last_name="Third", surname_key="THIRD", nino="EG123456A")
        taken: set[str] = set()
        first = record(one, "First", third, None, taken)
        second = record(other, "Second", third, first, taken)
        before = everything()

        made = merging.merge(first, second, chosen=chosen, reason=WHY, by=officer, at=noon)
        for pointer in moved():
            assert not pointer.model._default_manager.filter(**{pointer.field.name: second}).exists()
        onward = merging.merge(third, first, chosen=chosen, reason=WHY, by=officer, at=noon)
        merging.unmerge(onward, reason="No.", by=officer, at=noon)
        left = merging.unmerge(made, reason="No.", by=officer, at=noon)

        assert left == merging.Left({}, ())
        after = everything()
        assert {label: rows for label, rows in after.items() if rows != before[label]} == {}
        transaction.set_rollback(True)


def test_every_column_that_points_at_customers_follows_a_merge_or_says_why_not() -> None:
    found = {one.label for one in pointers_at(Customer)}
    assert STAYS.keys() - found == set(), "is no column any more"
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger")
        triggers = set(cursor.fetchall())
    without = [one.label for one in moved() if (one.table, f"leads_on_{one.column}") not in triggers]
    assert without == [], "needs leads_on(table, column) in a migration: see people 0006_golden_record_kept"
    assert {model._meta.label for model in clashes.RULES} <= {one.model._meta.label for one in moved()}


def test_an_address_both_have_becomes_one_and_of_two_present_ones_that_chosen_stays(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann = make_person(address=HOME)
    other = make_person(nino="", address=HOME)
    Residence.objects.filter(customer=other).update(from_date=date(2019, 5, 1))
    third = make_person(nino="", address=APART)

    merged.merge(ann, other, chosen=[], reason=WHY, by=officer, at=noon)
    assert Residence.objects.get(customer=ann).from_date == date(2019, 5, 1)
    merged.merge(ann, third, chosen=["home"], reason=WHY, by=officer, at=noon)

    home = ann.address_on(noon.date())
    assert home is not None
    assert home.line1 == "9 Model Road"
    assert Residence.objects.get(customer=ann, to_date=None).address == home


def test_a_merge_from_before_its_tables_had_other_columns_is_undone_with_the_columns_they_have(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, other = make_person(address=HOME), make_person(nino="", known_as="Nan", address=HOME)
    made = merged.merge(ann, other, chosen=["known_as"], reason=WHY, by=officer, at=noon)
    for row in made.rows.all():  # as an older version of the product wrote them
        row.before["shoe_size"] = 1
        row.before.pop("doubtful_why", None)
        if row.after is not None:
            row.after["shoe_size"] = 2
        row.save()

    left = merged.unmerge(made, reason="They are cousins.", by=officer, at=noon)

    assert left.changed == ()
    assert Residence.objects.get(customer=other).doubtful_why == ""
    assert Person.objects.get(pk=ann.pk).known_as == ""
