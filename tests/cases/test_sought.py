"""What is looked for of answers: the database keeps the same words and numbers that the product asks for."""

import json
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from tests.desk.council import offer_blue_badges, open_case

from moothall.core.accounts.models import User
from moothall.domain.cases import progress, sought
from moothall.domain.cases.models import Case, Run, RunValue, RunWords, WorkItem, WorkLine

pytestmark = pytest.mark.django_db
SENT: dict[str, Any] = {
    "person": {"gender": {"code": "f", "label": "Female"}, "nino": "QQ123456C", "date_of_birth": "1950-03-04"},
    "application": {
        "paid": True,
        "for": [{"code": "a", "label": "A"}, {"code": "b", "label": "B"}],
        "moved_on": "2026-02-03",
    },
    "organisation": {"number_of_badges": 3, "vehicles": [{"registration_number": "X1"}]},
    "eligibility": {"blind": True, "since": "2020-01-01"},
    "contact": {"name": "Alma", "phone": "01632960001"},
    "odd/way": True,
}
PLACE = "sent/blue_badge"


@pytest.fixture
def case(db: None, noon: datetime) -> Case:
    case = open_case(offer_blue_badges(at=noon), at=noon)
    Case.objects.filter(pk=case.pk).update(submitted=SENT)
    return case


def words(*said: tuple[str, str]) -> set[str]:
    return {sought.word(f"{PLACE}/{key}", value) for key, value in said}


def test_the_database_and_the_product_name_the_same_answers_and_leave_out_the_same(case: Case) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, cases_answer_name(key) FROM cases_answers_of(%s, %s::jsonb)", [PLACE, json.dumps(SENT)]
        )
        kept = dict(cursor.fetchall())
    told = {key for key, _value in sought.answers(SENT, PLACE)}
    assert kept == {key: sought.name(key) for key in told}
    assert not [key for key in told if any(part in key for part in ("nino", "eligibility", "date_of_birth", "odd"))]


def test_what_was_chosen_has_words_and_days_and_numbers_have_values_and_both_follow_every_change(
    case: Case, officer: User, noon: datetime
) -> None:
    line, run = WorkLine.objects.get(case=case), Run.objects.get(case=case)
    expected = words(
        ("person/gender", "f"), ("application/paid", "yes"), ("application/for", "a"), ("application/for", "b")
    )
    assert set(RunWords.objects.get(run=run).words) == expected
    assert expected <= set(line.kinds)
    assert line.run_id == run.pk
    values = dict(RunValue.objects.values_list("name", "value"))
    moved = sought.name(f"{PLACE}/application/moved_on")
    assert values == {moved: sought.number(date(2026, 2, 3)), sought.name(f"{PLACE}/organisation/number_of_badges"): 3}

    Case.objects.filter(pk=case.pk).update(submitted={"application": {"moved_on": "2026-02-04"}})
    run.answers = {"method": "card", "meeting_on": "2026-03-01", "amount": 1000, "note": "Two words"}
    run.save()
    asked = "asked/blue_badge.application"
    assert RunWords.objects.get(run=run).words == [sought.word(f"{asked}/method", "card")]
    assert not expected & set(WorkLine.objects.get(case=case).kinds)
    assert dict(RunValue.objects.values_list("name", "value")) == {
        moved: 20260204, sought.name(f"{asked}/meeting_on"): 20260301, sought.name(f"{asked}/amount"): 1000,
    }  # fmt: skip
    progress.choose(WorkItem.objects.get(case=case, finished_at=None), "desktop_screening", by=officer, at=noon)
    assert sought.word(f"{asked}/method", "card") in WorkLine.objects.get(case=case).kinds

    kept = list(RunWords.objects.values_list("run", "words")), set(RunValue.objects.values_list("run", "name", "value"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT cases_answers_rebuild()")
    assert kept == (
        list(RunWords.objects.values_list("run", "words")),
        set(RunValue.objects.values_list("run", "name", "value")),
    )
    WorkItem.objects.all().delete()
    Run.objects.filter(pk=run.pk).delete()
    assert not RunWords.objects.exists()
    assert not RunValue.objects.exists()
