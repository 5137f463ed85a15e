"""Customers from a file: tried, brought in once however often, and taken back."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from tests.people.imported import ANN, BOB, HEADINGS, brought_in, csv_of, given, outcomes, tried, workbook_of

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.core.lists.models import Tag
from moothall.domain.people import actions, relationships
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.importing import forgetting, report, running
from moothall.domain.people.importing.refusal import Stopped
from moothall.domain.people.models import Customer, ExternalReference, Import, ImportKey, ImportRow, Person

pytestmark = pytest.mark.django_db


def test_a_file_is_tried_and_then_brought_in_with_everything_it_says(
    tmp_path: Path, officer: User, noon: datetime
) -> None:
    one = given(tmp_path, csv_of(ANN, BOB), by=officer, at=noon)
    assert one.columns["Surname"] == "last_name"
    assert one.columns["Social care number"] == "reference:social_care"

    tried(one, by=officer, at=noon)

    assert (one.state, one.counts) == ("checked", {"new": 2})
    assert not Customer.objects.exists()
    running.start(one, by=officer, at=noon, later=False)
    running.work(one)
    assert (one.state, one.counts, one.done) == ("done", {"new": 2}, 2)
    ann = Customer.objects.get(person__nino="AB123456C")
    assert (ann.name, ann.person.title, ann.person.date_of_birth.isoformat()) == ("Ann Applicant", "Ms", "1958-03-27")
    assert str(ann.address_on(timezone.localdate())) == "1 High Street, Exampleton, EX1 2AB"
    assert ann.contact_details.get().normalised == "ann@example.org"
    assert ann.references.get().number == "SC1"
    assert Customer.objects.get(name="Bob O'Bright").residences.get().address.postcode == "EX1 2AB"
    row = ImportRow.objects.get(customer=ann.pk)
    entry = Entry.objects.get(action="person.created", subject_id=ann.pk)
    assert (entry.by, entry.detail) == (officer, {"import": one.pk, "row": row.number})


def test_a_second_upload_makes_nobody_twice_and_adds_what_is_new(tmp_path: Path, officer: User, noon: datetime) -> None:
    nameless = ["", "", "Onlyname", *[""] * 7]
    brought_in(tmp_path, csv_of(ANN, BOB, nameless), by=officer, at=noon)

    again = brought_in(tmp_path, csv_of(ANN, BOB, nameless), by=officer, at=noon)
    more = [*BOB[:4], "QQ123456C".replace("QQ", "CE"), "bob@example.org", "9 New Road", *BOB[7:]]
    third = brought_in(tmp_path, csv_of(more), by=officer, at=noon)

    assert again.counts == {"known": 3}
    assert Customer.objects.count() == 3
    assert third.counts == {"changed": 1}
    row = third.rows.get()
    assert row.changed == ["National Insurance number", "email"]
    bob = Customer.objects.get(pk=row.customer)
    assert bob.person.nino == "CE123456C"
    assert bob.residences.get().address.line1 == "2 High Street"
    moved = brought_in(tmp_path, csv_of(more), by=officer, at=noon, known="update")
    assert moved.rows.get().changed == ["address"]
    assert bob.residences.get(to_date=None).address.line1 == "9 New Road"


def test_rows_are_refused_one_by_one_with_their_column_and_a_sentence(
    tmp_path: Path, officer: User, noon: datetime
) -> None:
    holder = actions.create_person(PersonDetails(last_name="Holder", nino="CE111111A"), by=officer, at=noon)
    rows = [
        [*ANN[:2], "", *ANN[3:]],
        [*ANN[:3], "31/2/1958", *ANN[4:]],
        [*ANN[:3], "27/3/58", *ANN[4:]],
        [*ANN[:4], "nonsense", *ANN[5:]],
        [*ANN[:4], "CE111111A", *ANN[5:]],
        [*ANN[:5], "no mail", *ANN[6:]],
        [*ANN[:8], "XX", ANN[9]],
        [*ANN, "more"],
        ANN,
        [*ANN[:3], "1/1/1990", *ANN[4:9], "SC9"],
        [*BOB[:9], "SC1"],
    ]
    one = tried(given(tmp_path, csv_of(*rows), by=officer, at=noon), by=officer, at=noon)

    said = outcomes(one)
    assert said[0] == (2, "refused", "Surname", "There is no last name.")
    assert said[1][2:] == ("DOB", "This is no day. Look at how the days of the file are written.")
    assert "Years have four figures" in said[2][3]
    assert said[3][2] == "NI number"
    assert "is recorded already, with another name or date of birth" in said[4][3]
    assert said[5][2] == "Email"
    assert said[6][2] == "Postcode"
    assert said[7][3] == "This row has 11 values, and there are 10 columns."
    assert said[8][1] == "new"
    assert said[9][3] == "Row 10 has the same National Insurance number."
    assert said[10][3] == "The customer with its number has another date of birth."
    assert one.counts == {"refused": 10, "new": 1}
    running.start(one, by=officer, at=noon, later=False)
    running.work(one)
    assert one.counts == {"refused": 10, "new": 1}
    assert Customer.objects.exclude(pk=holder.pk).count() == 1


def test_who_is_likely_recorded_is_held_back_with_the_reasons_unless_told_otherwise(
    tmp_path: Path, officer: User, noon: datetime
) -> None:
    born = datetime(1980, 2, 29).date()  # noqa: DTZ001
    there = actions.create_person(
        PersonDetails(last_name="O’Bright", first_names="Bob", date_of_birth=born), by=officer, at=noon
    )
    twin = ["", "Tom", *BOB[2:9], "SC3"]

    one = brought_in(tmp_path, csv_of(BOB, twin), by=officer, at=noon)

    assert one.counts == {"likely": 1, "new": 1}
    held = one.rows.get(number=2)
    assert held.customer == there.pk
    assert held.says == "May be somebody recorded: same last name, same first names, same date of birth."
    made = brought_in(tmp_path, csv_of(BOB), by=officer, at=noon, likely="make")
    assert made.counts == {"new": 1}


def test_excel_is_read_as_csv_is_and_an_organisation_has_its_address_in_one_value(
    tmp_path: Path, officer: User, noon: datetime
) -> None:
    headings = ["Organisation", "Charity number", "Contact name", "Telephone", "Full address"]
    rows = [
        ["Exampleton Day Centre", 1234567, "Olga Organiser", "01632 960123", "5 Long Lane, Exampleton EX1 2AB"],
        ["Nowhere Club", None, None, None, "No postcode"],
    ]
    one = brought_in(tmp_path, workbook_of(*rows, headings=headings), by=officer, at=noon, name="clubs.xlsx")

    assert one.counts == {"new": 1, "refused": 1}
    made = Customer.objects.get(organisation__charity_number="1234567")
    assert (made.kind, made.organisation.contact_name) == ("organisation", "Olga Organiser")
    assert made.residences.get().address.lines == ["5 Long Lane", "Exampleton", "EX1 2AB"]
    assert "does not end in a town and a postcode" in outcomes(one)[1][3]


def test_killed_and_taken_up_again_no_row_is_dealt_with_twice_and_cancelled_it_stops(
    tmp_path: Path, officer: User, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moothall.domain.people.importing.chunks.SIZE", 2)
    rows = [["", "Pat", f"Person{number}", *[""] * 6, f"S{number}"] for number in range(7)]
    one = tried(given(tmp_path, csv_of(*rows), by=officer, at=noon), by=officer, at=noon)
    running.start(one, by=officer, at=noon, later=False)

    def stop_at_four(importing: Import) -> None:
        if importing.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        running.work(one, tell=stop_at_four)
    assert Customer.objects.count() == 4
    again = Import.objects.get(pk=one.pk)
    assert (again.state, again.done) == ("importing", 4)

    def cancel_at_six(importing: Import) -> None:
        if importing.done == 6:
            running.cancel(importing, by=officer, at=noon)

    with pytest.raises(Stopped):
        running.work(again, tell=cancel_at_six)
    assert Customer.objects.count() == 6
    again.refresh_from_db()
    assert (again.state, again.counts) == ("cancelled", {"new": 6})
    assert running.can_be_undone(again, at=noon)
    assert running.can_be_undone(again, at=noon + timedelta(days=88))
    assert not running.can_be_undone(again, at=noon + timedelta(days=90)), "whom somebody changed is not known any more"


def test_undoing_takes_back_whom_nothing_refers_to_and_nobody_changed(
    tmp_path: Path, officer: User, noon: datetime
) -> None:
    rows = [
        ["", "Pat", f"Person{number}", *[""] * 2, f"p{number}@example.org", "1 Road", "Town", "EX1 2AB", f"S{number}"]
        for number in range(4)
    ]
    one = brought_in(tmp_path, csv_of(*rows), by=officer, at=timezone.now())
    first, second, third, fourth = Customer.objects.order_by("pk")
    relationships.relate(first, second, kind="partner", by=officer, at=noon)

    running.undo(one, by=officer, at=noon, later=False)
    running.work(one)

    assert set(Customer.objects.values_list("pk", flat=True)) == {first.pk, second.pk}
    assert (one.state, one.counts, one.removed) == ("undone", {"new": 2, "removed": 2}, 2)
    assert ExternalReference.objects.count() == 2
    assert "something refers to this customer" in one.rows.get(customer=first.pk).says
    assert Entry.objects.filter(action="customer.removed", subject_id__in=[third.pk, fourth.pk]).count() == 2
    again = brought_in(tmp_path, csv_of(*rows), by=officer, at=noon)
    assert again.counts == {"known": 2, "new": 2}


def test_what_rows_said_is_forgotten_after_a_month_and_no_cell_of_the_report_is_a_formula(
    tmp_path: Path, officer: User, noon: datetime
) -> None:
    one = brought_in(tmp_path, csv_of(ANN, headings=["=Title", *HEADINGS[1:]]), by=officer, at=noon)
    ImportRow.objects.update(outcome="refused", field="=cmd()", says="-1")
    assert "2,refused,'=cmd(),'-1,," in "".join(report.rows(one))

    forgetting.forget(at=timezone.now() + forgetting.CELLS_KEPT)
    assert one.rows.get().cells == []
    forgetting.forget(at=timezone.now() + 13 * forgetting.CELLS_KEPT)
    assert not Import.objects.exists()
    assert not ImportKey.objects.exists()
    assert Person.objects.exists()


def test_importing_asks_the_same_number_of_questions_for_many_rows_as_for_few(
    tmp_path: Path, officer: User, noon: datetime, django_assert_max_num_queries: Any
) -> None:
    rows = [
        ["", "Pat", f"Person{number}", "1/2/1980", "", "", "1 Road", "Town", "EX1 2AB", f"S{number}"]
        for number in range(200)
    ]
    one = tried(given(tmp_path, csv_of(*rows), by=officer, at=noon), by=officer, at=noon)
    running.start(one, by=officer, at=noon, later=False)

    with django_assert_max_num_queries(60):
        running.work(one)
    assert Customer.objects.count() == 200


def test_a_tag_of_a_service_whose_customers_one_does_not_import_is_refused(
    tmp_path: Path, officer: User, noon: datetime
) -> None:
    Tag.objects.create(key="bin_missed", applies_to="customer", label="Bin was missed", services=["missed_bin"])
    Tag.objects.create(key="keen", applies_to="customer", label="Keen")
    headings = [*HEADINGS, "Tags"]
    content = csv_of([*ANN, "Keen"], [*BOB, "Bin was missed"], headings=headings)
    one = tried(given(tmp_path, content, by=officer, at=noon), by=officer, at=noon)
    said = "“Bin was missed” is not a tag that can be put on by hand."
    assert [row[1:] for row in outcomes(one)] == [("new", "", ""), ("refused", "Tags", said)]
