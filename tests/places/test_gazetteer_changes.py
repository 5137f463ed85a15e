"""Changes are applied in PRO_ORDER over the whole file, each by its own key; together they lead to what a full supply has."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.places.supplied import address, council_tax, descriptor, house, street, supply_of, take

from moothall.domain.places.models import (
    CrossReference,
    Identifier,
    LookupLine,
    Property,
    Street,
    StreetDescriptor,
    Supply,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("custodian")]
ONE, TWO, THREE = 990000000101, 990000000102, 990000000103
FULL = supply_of(
    [
        street(1),
        descriptor(2),
        house(3, ONE),
        address(4, ONE, "9999L000000001", number=1),
        address(5, ONE, "9999L000000002", number=1, status=3),
        council_tax(6, ONE, "9999X000000001"),
        house(7, TWO),
        address(8, TWO, "9999L000000003", number=2),
        council_tax(9, TWO, "9999X000000002"),
    ]
)


def warned(supply: Supply) -> set[tuple[int, str]]:
    return set(supply.rejects.filter(error=False).values_list("line", "rule"))


def test_changes_insert_replace_and_delete_by_their_own_keys(tmp_path: Path) -> None:
    take(tmp_path, FULL)
    rows = [
        address(4, THREE, "9999L000000009", number=3),  # before its property: order is not dependency
        house(5, THREE),
        address(1, ONE, "9999L000000002", change="D", status=3),  # one of two addresses of a property
        council_tax(2, TWO, "9999X000000002", change="U", reference="000000000077"),
        address(3, TWO, "9999L000000003", change="U", number=22),
    ]

    supply = take(tmp_path, supply_of(rows, kind="C", day="2026-03-01"))

    assert set(Identifier.objects.values_list("key", "pao_start_number")) == {
        ("9999L000000001", 1),
        ("9999L000000003", 22),
        ("9999L000000009", 3),
    }
    assert CrossReference.objects.get(property=TWO).reference == "000000000077"
    assert Property.objects.get(uprn=THREE).latitude == pytest.approx(51.788, abs=0.001)
    assert (supply.rejected, supply.warned) == (0, 0)
    assert set(LookupLine.objects.filter(uprn__in=(TWO, THREE)).values_list("number", flat=True)) == {22, 3}


def test_the_last_line_of_a_key_counts_and_what_does_not_fit_is_warned_of(tmp_path: Path) -> None:
    take(tmp_path, FULL)
    rows = [
        house(9, THREE, change="U"),  # line 2: is not there
        house(10, ONE, kind="RD02"),  # line 3: is there
        council_tax(11, ONE, "9999X000000099", change="D"),  # line 4: is not there
        address(14, TWO, "9999L000000003", change="U", number=4),
        address(12, TWO, "9999L000000003", change="D"),
        address(13, TWO, "9999L000000003", change="I", number=3),
    ]

    supply = take(tmp_path, supply_of(rows, kind="C", day="2026-03-01"))

    assert warned(supply) == {(2, "updated_unknown"), (3, "inserted_again"), (4, "deleted_unknown")}
    assert Identifier.objects.get(key="9999L000000003").pao_start_number == 4
    assert Property.objects.get(uprn=ONE).classification == "RD02"
    assert Property.objects.filter(uprn=THREE, gone_on=None).exists()


def test_a_deleted_property_stays_with_its_address_and_can_come_back(tmp_path: Path) -> None:
    take(tmp_path, FULL)
    gone = [house(1, TWO, change="D"), address(2, TWO, "9999L000000003", change="D", number=2)]

    take(tmp_path, supply_of(gone, kind="C", day="2026-03-01"))
    kept = Property.objects.get(uprn=TWO)
    last = Identifier.objects.get(property=TWO).pao_start_number
    supply = take(tmp_path, supply_of([house(1, TWO)], kind="C", day="2026-03-02"))

    assert str(kept.gone_on) == "2026-03-01"
    assert last == 2
    assert Property.objects.get(uprn=TWO).gone_on is None
    assert warned(supply) == set()


def test_what_comes_back_has_what_is_supplied_then_and_nothing_it_had_before(tmp_path: Path) -> None:
    take(tmp_path, FULL)
    gone = [house(1, TWO, change="D"), address(2, TWO, "9999L000000003", change="D", number=2)]
    take(tmp_path, supply_of([*gone, council_tax(3, TWO, "9999X000000002", change="D")], kind="C", day="2026-03-01"))
    assert CrossReference.objects.filter(property=TWO).count() == 1  # kept with it

    take(
        tmp_path,
        supply_of([house(1, TWO), address(2, TWO, "9999L000000033", number=2)], kind="C", day="2026-03-02"),
    )

    assert list(Identifier.objects.filter(property=TWO).values_list("key", flat=True)) == ["9999L000000033"]
    assert LookupLine.objects.filter(uprn=TWO).count() == 1
    assert not CrossReference.objects.filter(property=TWO).exists()


def test_a_street_deleted_under_addresses_is_warned_of_and_a_property_deleted_in_the_file_is_not_there(
    tmp_path: Path,
) -> None:
    take(tmp_path, FULL)
    rows = [
        street(1, change="D"),  # line 2
        house(2, THREE),
        house(3, THREE, change="D"),
        address(4, THREE, "9999L000000009"),  # line 5
    ]

    supply = take(tmp_path, supply_of(rows, kind="C", day="2026-03-01"))

    assert (2, "street_in_use") in warned(supply)
    assert supply.rejects.filter(error=True).values_list("line", "rule").get() == (5, "property_missing")


def test_a_street_that_is_renamed_is_found_by_its_new_name(tmp_path: Path) -> None:
    take(tmp_path, FULL)

    take(tmp_path, supply_of([descriptor(1, name="MAPLE WALK", change="U")], kind="C", day="2026-03-01"))

    assert {line.line for line in LookupLine.objects.filter(uprn=TWO)} == {"2 MAPLE WALK, OLDWICK, NORTHAM, ZZ1 1ZZ"}


def in_force() -> dict[str, list[Any]]:
    """Everything that is in force and can be compared, without when things went and numbers given here."""
    found: dict[str, list[Any]] = {}
    for model, left in ((Property, "uprn"), (Street, "usrn")):
        fields = [field.attname for field in model._meta.concrete_fields if field.name != "gone_on"]
        found[model.__name__] = list(model.objects.filter(gone_on=None).order_by(left).values_list(*fields))
    for other in (Identifier, CrossReference, StreetDescriptor):
        fields = [field.attname for field in other._meta.concrete_fields if field.name != "id"]
        owner = "street" if other is StreetDescriptor else "property"
        kept = other.objects.filter(**{f"{owner}__gone_on": None}).order_by(*fields)  # type: ignore[attr-defined]
        found[other.__name__] = list(kept.values_list(*fields))
    return found


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is undone at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


CHANGE = st.tuples(
    st.sampled_from(["house", "tax", "move", "drop tax", "drop house"]), st.integers(0, 5), st.integers(1, 40)
)


def lines_of(changes: list[tuple[str, int, int]], state: dict[str, dict[int, str]], turn: int) -> list[str]:
    """The lines of one supply of changes; `state` is carried to what a full supply would have afterwards."""
    made = []
    for order, (what, which, number) in enumerate(changes, 1):
        uprn, key, tax = ONE + which, state["key"].get(which, ""), f"9999X00000001{which}"
        known = which in state["house"]
        if what in ("house", "move") or (what == "tax" and not known):
            made.append(house(order * 3, uprn, change="U" if known else "I", kind=f"RD0{1 + number % 4}"))
            if not known:
                state["key"][which] = f"9999L0000{turn}{order:02}1{which}"
            key = state["key"][which]
            made.append(address(order * 3 + 1, uprn, key, change="U" if known else "I", number=number))
            state["house"][which] = house(0, uprn, kind=f"RD0{1 + number % 4}")
            state["address"][which] = address(0, uprn, key, number=number)
        elif what == "tax":
            made.append(
                council_tax(order * 3, uprn, tax, change="U" if which in state["tax"] else "I", reference=str(number))
            )
            state["tax"][which] = council_tax(0, uprn, tax, reference=str(number))
        elif what == "drop tax" and state["tax"].pop(which, ""):
            made.append(council_tax(order * 3, uprn, tax, change="D"))
        elif what == "drop house" and known:
            made.append(house(order * 3, uprn, change="D"))
            made.append(address(order * 3 + 1, uprn, key, change="D"))
            state["house"].pop(which)
            state["address"].pop(which)
            if state["tax"].pop(which, ""):
                made.append(council_tax(order * 3 + 2, uprn, tax, change="D"))
    return made[::-1]  # PRO_ORDER counts, not where a line stands


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(supplies=st.lists(st.lists(CHANGE, min_size=1, max_size=12), min_size=1, max_size=3))
def test_any_changes_lead_to_what_the_full_supply_after_them_has(
    tmp_path: Path, supplies: list[list[tuple[str, int, int]]]
) -> None:
    state: dict[str, dict[int, str]] = {"house": {}, "address": {}, "tax": {}, "key": {}}
    with undone():
        take(tmp_path, supply_of([street(1), descriptor(2)]))
        for turn, changes in enumerate(supplies, 1):
            supply = take(tmp_path, supply_of(lines_of(changes, state, turn), kind="C"))
            assert supply.rejected == 0
        by_changes = in_force()
    with undone():
        rows = [
            street(0),
            descriptor(0),
            *(line for kind in ("house", "address", "tax") for line in state[kind].values()),
        ]
        numbered = [line.replace(',"I",0,', f',"I",{order},') for order, line in enumerate(rows, 1)]
        take(tmp_path, supply_of(numbered))
        assert in_force() == by_changes
