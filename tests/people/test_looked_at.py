"""Who is never made one by themselves, however likely they are one: twins, father and son, and whoever is too little known."""

from datetime import date
from typing import Any

import pytest

from moothall.domain.people.golden import alone, linking
from moothall.domain.people.golden.records import Compared, Given, compared

BORN = date(1990, 2, 3)
HOME, ELSEWHERE = "EX1 1AA||1 Example Street", "EX9 9ZZ||2 Other Road"
PHONE, MAIL = "+447700900123", "home@example.org"


def person(first_names: str, number: int = 1, **known: Any) -> Compared:
    """Somebody Kowalska of 1 Example Street, born 3 February 1990, reached as all of the household are."""
    told = {"last_name": "Kowalska", "born": BORN, "nino": "", "homes": [HOME], "contacts": [PHONE, MAIL], **known}
    return compared(Given(id=number, first_names=first_names, known_as="", name_at_birth="", earlier_names=(), **told))


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (person("Ella"), person("Emma"), "first names differ"),
        (person("Jayden"), person("Jaden"), "first names differ"),
        (person("Muhammad Ali"), person("Muhammad Hassan"), "other first names differ"),
        (person("A"), person("Alma"), "first names differ"),
        (person("Ali"), person("Alison"), "first names differ"),
        (person("John"), person("John", born=date(1962, 2, 3)), "dates of birth differ"),
        (person("John"), person("John", born=None), "Neither one date of birth"),
        (person("John"), person("John", born=date(1990, 3, 2)), "dates of birth differ"),
        (person("Ann", nino="AB123456C"), person("Ann", nino="AB123457C"), "Insurance numbers differ"),
        (person("Ann", nino="AB123456C"), person("Ann", born=None, nino="AB123456D"), ""),
        (person("Margaret Ann"), person("Peggy"), ""),
        (person("Margaret Ann"), person("Margaret A"), ""),
        (person("Ann"), person("ANN", homes=[ELSEWHERE], contacts=[]), ""),
        (person("Ewa"), person("Kowalska", last_name="Ewa"), ""),
    ],
)
def test_what_stands_against_making_two_one_though_nobody_looked(one: Compared, other: Compared, why: str) -> None:
    for first, second in ((one, other), (other, one)):
        said = alone.why_not(first, second)
        assert why in said if why else not said


def test_a_record_that_may_be_either_twin_is_left_for_somebody_to_look_at() -> None:
    ali, hassan, either = person("Muhammad Ali"), person("Muhammad Hassan"), person("Muhammad")

    assert "A third record" in alone.between(ali, either, may_be_one=[], may_be_other=[hassan])
    assert not alone.between(ali, person("Muhammad A"), may_be_one=[either], may_be_other=[either])


def test_twins_and_father_and_son_who_share_a_home_and_how_they_are_reached_are_not_even_shown_as_likely() -> None:
    both = {"contacts": ["+447700900999", "mail@example.org"], "homes": [ELSEWHERE]}
    rows = [
        person("Ella", 1),
        person("Margaret", 2),  # her twin
        person("John", 3, last_name="Rainwood", **both),
        person("John", 4, last_name="Rainwood", born=date(1962, 7, 9), **both),  # his father
        person("Doris", 5, last_name="Model", homes=["EX3 3XX||3 Third Way"], contacts=[]),
        person("Dorris", 6, last_name="Model", homes=["EX3 3XX||3 Third Way"], contacts=[]),  # Doris again
    ]
    with linking.people() as people:
        people.load(rows)
        found = {
            (one.first, one.second): one.probability for one in people.pairs(linking.trained().weights, least=0.01)
        }

    assert found[5, 6] > 0.9
    assert found.get((1, 2), 0.0) < 0.5
    assert found.get((3, 4), 0.0) < 0.5
