"""An import of customers whose process is killed again and again, at ever other points: in the end it is as if it never was."""

import json
from pathlib import Path

import pytest
from django.db.models import Count
from tests.killing import ever_later, nursery
from tests.people.imported import csv_of

from moothall.core.audit.models import Entry
from moothall.domain.people.models import Customer, EarlierDealing, Import, ImportRow, Person, WebAccount
from moothall.domain.places.models import Address

pytestmark = pytest.mark.django_db(transaction=True)
HEADINGS = ["Forename", "Surname", "NI number", "Email", "Line 1", "Town", "Postcode", "Social care number", "Login email", "Case ID", "Opened on", "Subject"]  # fmt: skip
FIELDS = ["first_names", "last_name", "nino", "contact:email", "line1", "town", "postcode", "reference:social_care", "account_email", "dealing_number", "dealing_on", "dealing_subject"]  # fmt: skip
PEOPLE, AGAIN = 10, 3


def row(number: int, *, case: str) -> list[str]:
    mail, digits = f"p{number}@example.org", f"{number:06}"
    return ["Pat", f"Person{number}", f"CE{digits}A", mail, f"{number} Road", "Town", "EX1 2AB", f"S{number}", mail, case, "1/2/2025", "Bin"]  # fmt: skip


SIZES = {
    "moothall.domain.people.importing.chunks.SIZE": 4,
    "moothall.domain.people.importing.running.ROWS_AT_ONCE": 5,
}


def test_killed_at_any_point_and_taken_up_again_nobody_is_doubled_and_nobody_lost(tmp_path: Path) -> None:
    rows = [row(number, case=f"C{number}") for number in range(PEOPLE)]
    rows += [row(number, case=f"D{number}") for number in range(AGAIN)]  # another case of somebody before
    file, mapping = tmp_path / "people.csv", tmp_path / "mapping.json"
    file.write_bytes(csv_of(*rows, headings=HEADINGS))
    mapping.write_text(
        json.dumps({"columns": dict(zip(HEADINGS, FIELDS, strict=True)), "options": {"source": "Old CRM"}})
    )
    seen: set[tuple[str, int]] = set()

    with nursery(SIZES) as killed:
        for after in ever_later():
            begun = Import.objects.first()
            what = ["--resume", str(begun.pk)] if begun else [str(file)]
            if not killed(["people", "import", *what, "--mapping", str(mapping), "--start"], after):
                break
            seen |= set(Import.objects.values_list("state", "done"))

    one = Import.objects.get()
    assert {"reading", "checking", "importing"} <= {state for state, _ in seen}
    assert any(state == "importing" and 0 < done < len(rows) for state, done in seen), seen
    assert (one.state, one.counts) == ("done", {"new": PEOPLE, "changed": AGAIN})
    assert (Customer.objects.count(), Address.objects.count(), one.rows.exclude(outcome="").count()) == (10, 10, 13)
    for part in ("contact_details", "references", "residences", "web_accounts", "search_line"):
        counted = Customer.objects.annotate(times=Count(part)).values_list("times", flat=True)
        assert set(counted) == {1}, part
    assert sorted(EarlierDealing.objects.values_list("number", flat=True)) == sorted(cells[9] for cells in rows)
    assert sorted(Person.objects.values_list("nino", flat=True)) == sorted(cells[2] for cells in rows[:PEOPLE])
    assert WebAccount.objects.count() == Entry.objects.filter(action="person.created").count() == PEOPLE
    assert set(ImportRow.objects.values_list("customer", flat=True)) == set(
        Customer.objects.values_list("pk", flat=True)
    )
