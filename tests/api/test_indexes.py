"""What people search and list most is answered from an index, whatever the order of letters the database uses."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.api.world import World

from moothall.domain.cases.models import Case
from moothall.domain.people import search_ways
from moothall.domain.people.models import Customer, Person

PEOPLE = 3_000


@pytest.fixture(autouse=True)
def many_people_with_cases(world: World) -> None:
    """So many that the planner has a reason to choose an index, and knows it."""
    known = world.cases["permits"][0]
    customers = Customer.objects.bulk_create(
        [
            Customer(kind=Customer.Kind.PERSON, name=f"Pat Plain{number}", created_at=known.opened_at)
            for number in range(PEOPLE)
        ]
    )
    Person.objects.bulk_create(
        [
            Person(customer=customer, last_name=f"Plain{number}", surname_key=f"PLAIN{number}", nino=f"CE{number:06}A")
            for number, customer in enumerate(customers)
        ]
    )
    Case.objects.bulk_create(
        [
            Case(
                reference=f"XX-{number:08}",
                service_id=known.service_id,
                service_version_id=known.service_version_id,
                type=known.type,
                source=known.source,
                customer=customer,
                opened_at=known.opened_at,
                opened_by_id=known.opened_by_id,
                updated_at=known.updated_at,
            )
            for number, customer in enumerate(customers)
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE people_customer, people_person, people_searchline, cases_case")


def plans(world: World, method: str, path: str, body: dict[str, Any] | None = None) -> str:
    """How PostgreSQL would do what a request asks of cases and people, were the tables large."""
    with CaptureQueriesContext(connection) as captured:
        assert world.clients["manager"].send(method, path, body).status_code == 200
    asked = [
        one["sql"]
        for one in captured
        if re.match(
            r"(SELECT|WITH) .*(people_person|people_searchline|FROM \"cases_case\")", one["sql"] or "", re.DOTALL
        )
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        lines = []
        for sql in asked:
            cursor.execute(f"EXPLAIN {sql}")
            lines += [row[0] for row in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_seqscan = on")
        cursor.execute("SET LOCAL enable_sort = on")
    return "\n".join(lines)


@pytest.mark.parametrize("known", [{"nino": "AB 12 34 56 C"}, {"name": "Exam"}, {"email": "%@example.org"}])
def test_people_are_searched_for_by_the_index_of_their_search_lines(world: World, known: dict[str, str]) -> None:
    plan = plans(world, "POST", "/people/search", known)
    assert "search_line_sliced" in plan
    assert "Seq Scan on people_searchline" not in plan


def test_people_of_whom_many_fit_are_met_along_the_order_of_names(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_ways, "FEW", PEOPLE // 2)
    plan = plans(world, "POST", "/people/search", {"name": "plain"})
    assert "search_line_order" in plan
    assert "search_line_sliced" not in plan


@pytest.mark.parametrize("path", ["/cases/search"])
def test_a_national_insurance_number_is_looked_up_by_its_stem(world: World, path: str) -> None:
    plan = plans(world, "POST", path, {"nino": "AB 12 34 56 C"})
    assert "person_nino_once" in plan
    assert "Seq Scan on people_person" not in plan


@pytest.mark.parametrize("path", ["/cases/search"])
def test_the_beginning_of_a_last_name_is_looked_up_by_an_index_made_for_beginnings(world: World, path: str) -> None:
    plan = plans(world, "POST", path, {"name": "Exam"})
    assert "~>=~ 'EXAM'" in plan
    assert "Seq Scan on people_person" not in plan
    assert "Seq Scan on people_organisation" not in plan


def test_the_newest_cases_of_every_service_are_read_in_order(world: World) -> None:
    assert "case_opened" in plans(world, "GET", "/cases")
