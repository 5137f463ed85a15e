"""The rows of look-up are what the gazetteer says, however they were made."""

from typing import Any

import pytest
from django.db import connection
from tests.places.gazetteer import identifier, place, remake, street

from moothall.domain.places.models import Identifier, LookupLine, LookupStreet, LookupWord, Property, PropertyClass
from moothall.domain.places.models.gazetteer import Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> None:
    street(1, "HIGH ROAD", locality="OLDWICK")
    street(2, "STATION ROAD")
    street(2, "FFORDD YR ORSAF", town="NORTHAM CYM", language="CYM")
    place(11, 1, pao_start_number=12, pao_start_suffix="A", postcode="ZZ1 0AB")
    place(12, 1, pao_text="ROSE COTTAGE", postcode="ZZ1 0AB", of_status=Status.HISTORICAL)
    place(13, 2, pao_start_number=3, classification="PP", postcode="ZZ1 0AC", post_town="EASTBRIDGE")
    place(14, 2, pao_start_number=3, sao_text="FLAT", sao_start_number=1, parent_uprn=13, postcode="ZZ1 0AC")
    identifier(14, 2, pao_start_number=3, sao_text="FFLAT", sao_start_number=1, language="CYM", postcode="ZZ1 0AC")
    identifier(11, 1, pao_text="THE OLD SHOP", status=Status.ALTERNATIVE)


def rows() -> list[Any]:
    made = LookupLine.objects.order_by("uprn", "key").values_list("uprn", "line", "historic", "shell", "label", "flat")
    streets = LookupStreet.objects.order_by("key").values_list("key", "name", "words")
    return [list(made), list(streets)]


def test_every_address_gets_its_row_and_every_street_its_words(town: None) -> None:
    remake()

    lines, streets = rows()
    assert lines == [
        (11, "12A HIGH ROAD, OLDWICK, NORTHAM, ZZ1 0AB", False, False, "12A", ""),
        (11, "THE OLD SHOP, HIGH ROAD, OLDWICK, NORTHAM", False, False, "", ""),
        (12, "ROSE COTTAGE, HIGH ROAD, OLDWICK, NORTHAM, ZZ1 0AB", True, False, "", ""),
        (13, "3 STATION ROAD, NORTHAM, EASTBRIDGE, ZZ1 0AC", False, True, "3", ""),
        (14, "FLAT 1, 3 STATION ROAD, NORTHAM, ZZ1 0AC", False, False, "3", "1"),
        (14, "FFLAT 1, 3 FFORDD YR ORSAF, NORTHAM CYM, ZZ1 0AC", False, False, "3", "1"),
    ]
    assert [one[0] for one in streets] == ["1ENG", "2CYM", "2ENG"]
    assert "'eastbridge'" in streets[2][2]
    named = LookupLine.objects.exclude(names=None).values_list("uprn", flat=True)
    assert sorted(named) == [11, 12]
    assert {"oldwick", "orsaf", "cottage"} <= set(LookupWord.objects.values_list("word", flat=True))


def test_made_again_for_what_changed_they_are_the_same_as_made_for_all(town: None) -> None:
    remake()
    Identifier.objects.filter(property_id=11, status=1).update(pao_start_number=14, street_id=2)
    Identifier.objects.filter(property_id=14, language="CYM").delete()
    Property.objects.filter(pk=13).update(gone_on="2026-01-01")
    Property.objects.filter(pk=12).update(classification="")
    PropertyClass.objects.create(
        **{"key": "C1", "property_id": 12, "code": "PS", "scheme": "AddressBase Premium", "scheme_version": "1.0"},
        **dict.fromkeys(("start_date", "updated_on", "entered_on"), "2020-01-01"),
    )

    remake(11, 12, 13, 14)
    some = rows()
    remake()

    assert rows() == some
    assert (11, "14A STATION ROAD, NORTHAM, ZZ1 0AB", False, False, "14A", "") in some[0]
    assert LookupLine.objects.get(uprn=12).shell
    assert LookupLine.objects.get(uprn=13).historic


def test_a_table_that_took_anothers_place_has_its_indexes_and_its_key(town: None) -> None:
    def there() -> set[tuple[str, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'places_lookup%%'"
                " UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE conrelid::regclass::text LIKE 'places_lookup%%' AND contype = 'p'"
            )
            return set(cursor.fetchall())

    before = there()
    remake()
    remake()
    assert there() == before
    assert len(before) >= 12
