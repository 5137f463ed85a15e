"""Web accounts and a year of contacts and cases carried over: tried, brought in once, with who they are of, and taken back."""

from datetime import date, datetime
from pathlib import Path

import pytest
from tests.people.imported import brought_in, csv_of, given, outcomes, tried

from moothall.core.accounts.models import User
from moothall.domain.cases import merged
from moothall.domain.catalogue.models import Service
from moothall.domain.people import actions
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.importing import options, running
from moothall.domain.people.importing.refusal import ImportRefused
from moothall.domain.people.models import Customer, EarlierDealing, ImportRow, WebAccount

pytestmark = pytest.mark.django_db
ACCOUNTS = ["Forename", "Surname", "DOB", "Login email", "Password", "Registered on"]
DEALINGS = ["Social care number", "Surname", "Case ID", "Record type", "Opened on", "Closed on", "Subject", "Description", "Case status"]  # fmt: skip
ANN = ["Ann", "Applicant", "27/3/1958", "Ann@Example.org", "hunter2", "2019-04-01 10:15:00"]
BOB = ["Bob", "Bright", "29/2/1980", "bob@example.org", "letmein", ""]
PLEASE_SAY = {"source": "Old CRM"}


def dealing(number: str, *, who: str = "SC1", name: str = "Applicant", kind: str = "Case", **more: str) -> list[str]:
    said = {"on": "1/2/2025 09:30", "ended": "3/2/2025", "subject": "Missed bin", "text": "Rang twice.\nCollected.", **more}  # fmt: skip
    return [who, name, number, kind, said["on"], said["ended"], said["subject"], f'"{said["text"]}"', "Resolved"]


def test_accounts_come_over_without_passwords_to_be_confirmed_by_their_owners_and_once(
    tmp_path: Path, officer: User, noon: datetime
) -> None:
    there = actions.create_person(PersonDetails(last_name="Bright"), by=officer, at=noon)
    one = given(tmp_path, csv_of(ANN, BOB, headings=ACCOUNTS), by=officer, at=noon)
    assert [cells[4] for cells in running.sample(one)] == ["", ""]
    tried(one, by=officer, at=noon)
    assert (one.counts, WebAccount.objects.count()) == ({"new": 2}, 0)
    assert "Password" not in one.columns
    assert not ImportRow.objects.filter(cells__contains=["hunter2"]).exists()
    running.start(one, by=officer, at=noon, later=False)
    running.work(one)

    account = WebAccount.objects.get(email="ann@example.org")
    assert (account.customer.name, account.since, account.confirmed_at) == ("Ann Applicant", date(2019, 4, 1), None)
    assert account.customer.contact_details.get().normalised == "ann@example.org"
    again = brought_in(tmp_path, csv_of(ANN, [*BOB[:2], "", *BOB[3:]], headings=ACCOUNTS), by=officer, at=noon)
    assert again.counts == {"known": 2}
    assert Customer.objects.count() == 3
    other = ["Carl", "Other", "1/1/1970", "ANN@example.org", "", ""]
    assert "another date of birth" in outcomes(tried(given(tmp_path, csv_of(other, headings=ACCOUNTS), by=officer, at=noon), by=officer, at=noon))[0][3]  # fmt: skip
    kept = WebAccount.objects.get(email="bob@example.org").customer
    merged.merge(there, kept, chosen=None, reason="The same.", by=officer, at=noon)
    assert there.web_accounts.get().email == "bob@example.org"


def test_contacts_and_cases_come_over_with_their_customers_new_and_known_and_none_twice(
    tmp_path: Path, officer: User, noon: datetime
) -> None:
    known = actions.create_person(PersonDetails(last_name="Known"), by=officer, at=noon)
    actions.set_reference(known, type="social_care", number="SC9", by=officer, at=noon)
    rows = [
        dealing("C1"),
        dealing("I2", kind="Interaction", ended="", subject=""),
        dealing("C3", who="SC9", name="Known"),
        dealing("C1"),
        dealing("C1", who="SC7", name="Third"),
        dealing("C5", on="9/2/2025"),
        dealing("C6", kind="Cat"),
    ]
    one = tried(given(tmp_path, csv_of(*rows, headings=DEALINGS), by=officer, at=noon), by=officer, at=noon, **PLEASE_SAY)  # fmt: skip
    told = [(outcome, says) for _, outcome, _, says in outcomes(one)]
    running.start(one, by=officer, at=noon, later=False)
    running.work(one)

    assert [outcome for outcome, _ in told] == ["new", "changed", "changed", "known", "refused", "refused", "refused"]
    assert told[4][1] == "Row 2 has the same number of a contact or case."
    assert told[5][1] == "It was closed before it was opened."
    assert told[6][1] == "This is neither a contact nor a case."
    assert one.counts == {"new": 1, "changed": 2, "known": 1, "refused": 3}
    ann = Customer.objects.get(name="Applicant")
    kept = EarlierDealing.objects.get(number="C1")
    assert (kept.customer, kept.source, kept.kind, kept.on, kept.ended_on) == (ann, "Old CRM", "case", date(2025, 2, 1), date(2025, 2, 3))  # fmt: skip
    assert (kept.subject, kept.text, kept.stood) == ("Missed bin", "Rang twice.\nCollected.", "Resolved")
    contact = EarlierDealing.objects.get(number="I2")
    assert (contact.customer, contact.kind, contact.subject[:11]) == (ann, "contact", "Rang twice.")
    assert known.earlier_dealings.get().number == "C3"

    again = brought_in(tmp_path, csv_of(*rows[:4], headings=DEALINGS), by=officer, at=noon, known="leave", **PLEASE_SAY)
    assert (again.counts, EarlierDealing.objects.count()) == ({"known": 4}, 3)
    running.undo(one, by=officer, at=noon, later=False)
    running.work(one)
    assert (one.state, EarlierDealing.objects.count()) == ("undone", 0)
    assert set(Customer.objects.values_list("name", flat=True)) == {"Known"}


def test_a_contact_or_case_belongs_to_the_service_that_its_row_or_else_its_file_names(
    tmp_path: Path, officer: User, noon: datetime
) -> None:
    for number, (key, name) in enumerate((("bins", "Bins and recycling"), ("badges", "Blue Badges"))):
        Service.objects.create(key=key, name=name, prefix=f"S{number}")
    rows = [[*dealing("C1"), "blue badges"], [*dealing("C2"), ""], [*dealing("C3"), "Moon landings"]]
    columns = {"Surname": "last_name", "Social care number": "reference:social_care", "Case ID": "dealing_number", "Opened on": "dealing_on", "Subject": "dealing_subject", "Service": "dealing_service"}  # fmt: skip
    one = given(tmp_path, csv_of(*rows, headings=[*DEALINGS, "Service"]), by=officer, at=noon)
    with pytest.raises(ImportRefused, match="“moon” is no service of this council"):
        tried(one, by=officer, at=noon, columns=columns, service="moon", **PLEASE_SAY)
    tried(one, by=officer, at=noon, columns=columns, service="bins", **PLEASE_SAY)
    running.start(one, by=officer, at=noon, later=False)
    running.work(one)

    assert dict(EarlierDealing.objects.values_list("number", "service")) == {"C1": "badges", "C2": "bins"}
    assert outcomes(one)[2][1:] == ("refused", "Service", "“Moon landings” is no service of this council.")


@pytest.mark.parametrize(
    ("columns", "source", "says"),
    [
        ({"Surname": "last_name", "Case ID": "dealing_number"}, "CRM", "and which its day"),
        ({"Surname": "last_name", "Case ID": "dealing_number", "Opened on": "dealing_on"}, "CRM", "was about"),
        (
            {"Surname": "last_name", "Case ID": "dealing_number", "Opened on": "dealing_on", "Subject": "dealing_subject"},
            " ",
            "Name the system",
        ),
        ({"Surname": "last_name", "Opened on": "account_since"}, "", "they sign in with"),
    ],
)  # fmt: skip
def test_columns_of_which_no_contact_or_case_can_be_made_are_refused_with_a_sentence(
    columns: dict[str, str], source: str, says: str
) -> None:
    with pytest.raises(ImportRefused, match=says):
        options.check(columns, DEALINGS, options.of({"source": source}))
