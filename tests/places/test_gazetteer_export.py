"""What was imported is exported as it came in."""

import csv
import io
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.places.supplied import NOON, address, council_tax, descriptor, house, street, supply_of, take

from moothall.config.example import gazetteer as example
from moothall.domain.places.gazetteer import export
from moothall.domain.places.gazetteer.refusal import SupplyRefused
from moothall.domain.places.models import Supply

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("custodian")]
ONE = 990000000101
COUNTED_ONLY = (b"10", b"22", b"29", b"99")
Rows = set[tuple[str, ...]]


def exported() -> bytes:
    return b"".join(export.lines(at=NOON))


def rows_of(file: bytes) -> Rows:
    """The lines of a file as fields, without PRO_ORDER, which is given anew."""
    kept = [line for line in file.split(b"\r\n") if line and line[:2] not in COUNTED_ONLY]
    rows = csv.reader(io.StringIO(b"\n".join(kept).decode()))
    return {(*row[:2], *row[3:]) for row in rows}


def test_the_export_of_an_import_is_the_file_itself_but_for_its_order(tmp_path: Path) -> None:
    with pytest.raises(SupplyRefused, match="There is no gazetteer to export"):
        exported()
    example.write(tmp_path / "full.csv", example.Council(120))
    file = (tmp_path / "full.csv").read_bytes()
    take(tmp_path, file)

    out = exported()

    assert rows_of(out) == rows_of(file)
    kept = {line.split(b",", 3)[3] for line in file.split(b"\r\n") if line[:2] in (b"11", b"15", b"21", b"24", b"23")}
    assert {line.split(b",", 3)[3] for line in out.split(b"\r\n")[1:-3]} == kept  # to the byte: quotes and empty fields
    take(tmp_path, out)
    assert exported() == out
    assert Supply.objects.latest("pk").warned == Supply.objects.latest("pk").rejected == 0


def test_what_came_as_addressbase_premium_is_not_exported_as_dtf(tmp_path: Path) -> None:
    example.write(tmp_path / "premium.csv", example.Council(10), Supply.Format.PREMIUM_2)
    take(tmp_path, (tmp_path / "premium.csv").read_bytes())

    with pytest.raises(SupplyRefused, match="came as AddressBase Premium 2"):
        exported()


TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_characters="\x7f"), min_size=1, max_size=30)
NAME = TEXT.filter(lambda text: text.strip() and not any("\x80" <= one < "\xa0" for one in text))
PLACES = st.lists(st.tuples(NAME, st.integers(1, 9999), NAME, st.sampled_from(["", "4"])), min_size=1, max_size=5)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAME, places=PLACES)
def test_whatever_stands_in_the_texts_comes_out_as_it_went_in(
    tmp_path: Path, name: str, places: list[tuple[str, int, str, str]]
) -> None:
    rows = [street(1), descriptor(2, name=name.replace('"', '""'))]
    for turn, (text, number, reference, parent) in enumerate(places):
        uprn, doubled = ONE + turn, text.replace('"', '""')
        named = address(4 * turn + 4, uprn, f"9999L00000000{turn}", number=number)
        rows += [
            house(4 * turn + 3, uprn, parent=parent and str(ONE)),
            named.replace(f',{number},"",,"","",', f',{number},"",,"","{doubled}",'),
            council_tax(4 * turn + 5, uprn, f"9999X00000000{turn}", reference=reference.replace('"', '""')),
        ]
    file = supply_of(rows)
    with transaction.atomic():
        take(tmp_path, file)
        assert rows_of(exported()) == rows_of(file)
        transaction.set_rollback(True)
