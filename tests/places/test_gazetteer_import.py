"""A supply is read by the layout its header names, judged line by line, and put in force whole."""

import csv
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.places.supplied import (
    NOON,
    address,
    council_tax,
    descriptor,
    house,
    street,
    supply_of,
    take,
)

from moothall.config.example import gazetteer as example
from moothall.core.accounts.actions import system_user
from moothall.core.audit.models import Entry
from moothall.domain.places import actions, lookup_lines
from moothall.domain.places.gazetteer import full, lines, report, supplies
from moothall.domain.places.gazetteer.refusal import NotNow, SupplyRefused
from moothall.domain.places.models import (
    CrossReference,
    DeliveryPoint,
    Identifier,
    LookupLine,
    Property,
    PropertyClass,
    Street,
    StreetDescriptor,
    Supply,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("custodian")]
ONE, TWO = 990000000101, 990000000102


def brought(path: Path) -> Supply:
    return supplies.work(supplies.begin([str(path)], by=system_user(), at=NOON))


def test_a_full_supply_is_in_force_with_its_addresses_references_and_coordinates(tmp_path: Path) -> None:
    council = example.Council(150)
    written = example.write(tmp_path / "full.csv", council)

    supply = brought(tmp_path / "full.csv")

    places = list(council.places())
    assert (supply.state, supply.read_lines, supply.rejected, supply.warned) == ("applied", written, 0, 0)
    assert supply.read_bytes == supply.total_bytes == (tmp_path / "full.csv").stat().st_size
    assert set(Property.objects.values_list("uprn", flat=True)) == {place.uprn for place in places}
    assert Street.objects.count() == StreetDescriptor.objects.count() == len(council.roads)
    assert CrossReference.objects.filter(source="9999CT").count() == sum(not place.shell for place in places)
    flat = next(place for place in places if place.flat == 3)
    assert Property.objects.get(uprn=flat.uprn).parent_uprn == flat.parent
    home = Identifier.objects.get(property=flat.uprn)
    assert (home.sao_text, home.sao_start_number, home.pao_start_number) == ("FLAT", 3, flat.number)
    assert (home.street_id, home.postcode) == (flat.road.usrn, flat.road.postcode)
    assert Entry.objects.filter(action="gazetteer.applied", subject_id=supply.pk).count() == 1


def test_coordinates_are_as_exact_as_ordnance_survey_gives_them(tmp_path: Path) -> None:
    at = house(3, ONE).replace("430001.00,210005.00", "394851.00,283194.00")
    take(tmp_path, supply_of([street(1), descriptor(2), at]))

    place = Property.objects.get()

    assert (place.latitude, place.longitude) == (52.4466977, -2.0771788)
    assert Street.objects.get().start_latitude == pytest.approx(51.788, abs=0.001)


def test_each_date_comes_from_its_own_column_in_either_format(tmp_path: Path) -> None:
    take(tmp_path, supply_of([street(1), descriptor(2), house(3, ONE), address(4, ONE, "9999L000000001")]))
    of_dtf = {model: model.objects.values_list("entered_on", "updated_on").get() for model in (Street, Identifier)}
    council = example.Council(10)
    example.write(tmp_path / "premium.csv", council, Supply.Format.PREMIUM_2)
    brought(tmp_path / "premium.csv")

    assert of_dtf[Street] == (date(2000, 1, 2), date(2020, 1, 1))
    assert of_dtf[Identifier] == (date(2005, 1, 2), date(2024, 5, 1))
    known = Identifier.objects.filter(status=1).values_list("entered_on", "updated_on").first()
    assert known == (date(2005, 1, 1), date(2024, 5, 1))
    assert Street.objects.values_list("updated_on", flat=True).first() == date(2020, 1, 1)


def test_addressbase_premium_comes_as_tiles_in_a_zip_with_a_street_in_two_of_them(tmp_path: Path) -> None:
    example.write(tmp_path / "premium.csv", example.Council(90), Supply.Format.PREMIUM_2)
    text = (tmp_path / "premium.csv").read_text().replace(",1,2026-02-27,10:15:30", ",0,2026-02-27,10:15:30")
    lines_ = text.split("\n")
    header, rows, metadata = lines_[0], lines_[1:-3], lines_[-3]
    shared = [line for line in rows if line[:3] in ("11,", "15,")]
    others = [line for line in rows if line[:3] not in ("11,", "15,")]
    with zipfile.ZipFile(tmp_path / "tiles.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (("NC4040.csv", others[: len(others) // 2]), ("NC4045.csv", others[len(others) // 2 :])):
            body = [header, *shared, *part, metadata, f"99,0,{len(shared) + len(part)},2026-02-27,10:15:30", ""]
            archive.writestr(name, "\n".join(body))
        archive.writestr("readme.txt", "Not a volume.")

    supply = brought(tmp_path / "tiles.zip")

    errors = supply.counts.get("errors", {})
    places = list(example.Council(90).places())
    assert (supply.state, supply.format) == ("applied", "premium_2")
    assert errors == {}
    assert Property.objects.count() == PropertyClass.objects.count() == len(places)
    assert DeliveryPoint.objects.count() == sum(place.status == 1 and not place.shell for place in places)
    assert Property.objects.filter(latitude=None).count() == 0
    place = next(place for place in places if not place.shell and place.status == 1)
    assert Property.objects.get(uprn=place.uprn).ward == place.road.ward
    moved = next(line for line in others if line.startswith('21,"I",') and f",{place.uprn}," in line)
    changed = moved.rstrip("\r").replace(',"I",', ',"U",').replace('"D"', '"N"')
    ended = next(line for line in others if line.startswith("23,") and f",{places[-1].uprn}," in line)
    gone = ended.rstrip("\r").replace(',"I",', ',"D",')
    take(tmp_path, supply_of([changed, gone], kind="C", version="2.1", custodian=7655))
    assert Property.objects.values_list("postal", "ward").get(uprn=place.uprn) == ("N", place.road.ward)
    assert Property.objects.get(uprn=places[-1].uprn).ward == ""


def test_addressbase_premium_of_2012_has_columns_of_its_own(tmp_path: Path) -> None:
    rows = [
        "11,I,1,99900001,1,9999,2,2000-01-01,1,8,0,2000-01-01,,2020-01-01,2000-01-02,430000.00,210000.00,430090.00,210000.00,10",
        "15,I,2,99900001,ACORN ROAD,,NORTHAM,NORTHAM,ENG",
        f"21,I,3,{ONE},1,2,2010-01-01,,430001.00,210005.00,1,9999,2005-01-01,,2024-05-01,2005-01-02,D,ZZ1 1ZZ,0",
        f"28,I,4,{ONE},,50000001,,,,,1,,ACORN ROAD,,,NORTHAM,ZZ1 1ZZ,S,,,,,,,2024-05-01,2005-01-01,,2024-05-01,2005-01-02",
    ]
    take(tmp_path, supply_of(rows, version="1.0", custodian=7655, end="\n"))

    assert DeliveryPoint.objects.get().thoroughfare == "ACORN ROAD"
    assert Property.objects.values_list("entered_on", "updated_on", "postcode").get() == (
        date(2005, 1, 2),
        date(2024, 5, 1),
        "ZZ1 1ZZ",
    )


def test_what_a_later_full_supply_no_longer_has_stays_with_its_addresses(tmp_path: Path) -> None:
    both = [street(1), descriptor(2), house(3, ONE), address(4, ONE, "9999L000000001")]
    take(tmp_path, supply_of([*both, house(5, TWO), address(6, TWO, "9999L000000002", number=2)]))
    kept = actions.keep_address(line1="2 Acorn Road", town="Northam", postcode="ZZ1 1ZZ", uprn=str(TWO))

    supply = take(tmp_path, supply_of(both, day="2026-03-01"))

    assert Property.objects.get(uprn=TWO).gone_on == date(2026, 3, 1)
    assert Property.objects.get(uprn=ONE).gone_on is None
    assert Identifier.objects.get(property=TWO).pao_start_number == 2
    assert supply.counts["done"]["gone properties"] == 1
    kept.refresh_from_db()
    assert kept.uprn == str(TWO)
    take(tmp_path, supply_of([*both, house(5, TWO)], day="2026-03-02"))
    assert Property.objects.get(uprn=TWO).gone_on is None


def test_what_was_in_force_stays_as_it_was_where_its_line_in_a_full_supply_is_wrong(tmp_path: Path) -> None:
    whole = [street(1), descriptor(2), house(3, ONE), address(4, ONE, "9999L000000001")]
    take(tmp_path, supply_of([*whole, house(5, TWO), address(6, TWO, "9999L000000002", number=2)]))
    wrong = [house(5, TWO) + ",", address(6, TWO, "9999L000000002", number=22)]  # and so it has no property

    take(tmp_path, supply_of([*whole[:2], house(3, ONE, status=2), whole[3], *wrong], day="2026-03-01"))

    assert set(Property.objects.filter(gone_on=None).values_list("uprn", "status")) == {(ONE, 1), (TWO, 1)}
    assert set(Identifier.objects.values_list("property", "pao_start_number")) == {(ONE, 1), (TWO, 2)}
    assert Property.objects.filter(latitude=None).count() == 0


def test_a_street_is_in_force_with_its_addresses_though_its_dates_and_coordinates_cannot_be(tmp_path: Path) -> None:
    at_sea = street(1).replace("430000.00,210000.00", "0.00,0.00").replace("2000-01-01,,", "2000-01-01,1999-01-01,")

    supply = take(tmp_path, supply_of([at_sea, descriptor(2), house(3, ONE), address(4, ONE, "9999L000000001")]))

    assert set(supply.rejects.values_list("rule", "error")) == {
        ("coordinates_start_x", False),
        ("end_before_start", False),
    }
    assert Identifier.objects.get().street_id == 99900001


def test_addressbase_premium_may_be_of_scotland(tmp_path: Path) -> None:
    at = f"21,I,3,{ONE},1,2,2010-01-01,,325000.00,673000.00,1,9064,2005-01-01,,2024-05-01,2005-01-02,D,EH1 1ZZ,0"

    supply = take(tmp_path, supply_of([at], version="1.0", custodian=7655, end="\n"))

    assert (supply.rejected, Property.objects.get().uprn) == (0, ONE)


def test_an_odd_flat_suffix_or_postcode_does_not_stop_the_import(tmp_path: Path) -> None:
    odd = address(4, ONE, "9999L000000001").replace(',,"",,"","",1,"",', ',,"",,"","PLOT 20230001",1234,"ßß",')
    postcode = address(5, ONE, "9999L000000002", status=3).replace("ZZ1 1ZZ", "NOTKNOWN")

    supply = take(tmp_path, supply_of([street(1), descriptor(2), house(3, ONE), odd, postcode]))

    assert supply.state == "applied"
    made = LookupLine.objects.order_by("key").values_list("flat", "label", "postcode")
    assert list(made) == [("", "1234SSS", "ZZ1 1ZZ"), ("", "1", "NOTKNOWN")]


def test_what_the_database_does_not_take_refuses_the_supply_and_frees_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remake(cursor: Any, *, lock: Any) -> None:
        cursor.execute("SELECT 'nine signs'::varchar(9)::integer")

    monkeypatch.setattr(lookup_lines, "remake", remake)
    with pytest.raises(SupplyRefused, match="A line holds what cannot be kept: invalid input syntax"):
        take(tmp_path, supply_of([street(1), descriptor(2)]))

    assert Supply.objects.get().state == "refused"
    assert supplies.unfinished() is None


def test_a_gazetteer_that_is_read_without_a_pause_is_exchanged_when_the_supply_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full, "TRIES", 0)
    with pytest.raises(NotNow, match="Resume the supply later"):
        take(tmp_path, supply_of([street(1), descriptor(2)]))
    assert Supply.objects.get().state == "applying"
    monkeypatch.undo()

    assert supplies.work(Supply.objects.get()).state == "applied"
    with (
        connection.cursor() as cursor
    ):  # what follows the exchange waits for locks again, and is not refused half a second on
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_line_is_kept_out_with_its_field_and_rule_and_what_is_only_odd_is_taken(tmp_path: Path) -> None:
    rows = [
        street(1),
        descriptor(2, name='THE "OLD" ROAD'.replace('"', '""')),
        descriptor(3, name="HEOL Y TŶ", language="CYM"),
        house(4, ONE).replace("2010-01-01", "2024-02-29"),
        house(5, TWO).replace("2010-01-01", "2023-02-29"),
        house(6, 990000000103) + ",",
        house(7, 990000000104).replace("430001.00", "=1+1"),
        house(8, ONE),
        address(9, ONE, "9999L000000001").replace("2005-01-01", " 2005-01-01 "),
        address(10, ONE, "9999L000000002", usrn=99900099),
        address(11, TWO, "9999L000000003"),
        address(12, ONE, "9999L000000004", status=4),
        address(13, ONE, "9999L000000005").replace(',1,"",,"","",99900001', ',,"",,"","",99900001'),
        council_tax(14, ONE, ""),
        "77,I,15,1",
        '24,"I,16',
    ]
    supply = take(tmp_path, supply_of(rows))

    found = {(one.line, one.field, one.rule) for one in supply.rejects.filter(error=True)}
    assert found == {
        (6, "BLPU_STATE_DATE", "field_format"),
        (7, "", "number_of_fields"),
        (8, "X_COORDINATE", "field_format"),
        (9, "", "duplicate_key"),
        (11, "USRN", "street_missing"),
        (12, "UPRN", "property_missing"),
        (13, "LOGICAL_STATUS", "identifier_status"),
        (15, "XREF_KEY", "missing"),
        (16, "RECORD_IDENTIFIER", "unknown_record"),
        (17, "", "not_csv"),
    }
    assert (14, "no_primary_object") in set(supply.rejects.filter(error=False).values_list("line", "rule"))
    assert set(StreetDescriptor.objects.values_list("description", flat=True)) == {'THE "OLD" ROAD', "HEOL Y TŶ"}
    assert set(Identifier.objects.values_list("key", flat=True)) == {"9999L000000001", "9999L000000005"}
    told = list(csv.reader("".join(report.rows(supply)).splitlines()))
    assert told[1][:6] == ["volume0.csv", "6", "21", str(TWO), "BLPU_STATE_DATE", "field_format"]
    assert supply.rejected == 10


def test_a_stopped_import_goes_on_where_it_was_and_one_that_lost_its_place_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supplies, "LINES_AT_ONCE", 20)
    monkeypatch.setattr(lines, "BLOCK", 4_096)
    council = example.Council(100)
    example.write(tmp_path / "full.csv", council)

    class Killed(BaseException):
        pass

    def kill_after(number: int) -> None:
        left = number

        def tell(_: Supply) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise Killed

        with pytest.raises(Killed):
            supplies.work(supply, tell=tell)

    supply = supplies.begin([str(tmp_path / "full.csv")], by=system_user(), at=NOON)
    kill_after(2)
    read = Supply.objects.get().read_lines
    assert 0 < read < 300
    with pytest.raises(SupplyRefused, match=f"Supply {supply.pk} is not finished"):
        supplies.begin([str(tmp_path / "full.csv")], by=system_user(), at=NOON)
    kill_after(2)
    assert Supply.objects.get().read_lines > read
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE gazetteer_staging.mark, gazetteer_staging.r21")  # as a crash of PostgreSQL does
    supply = supplies.work(supply)

    assert supply.state == "applied"
    assert supply.rejected == supply.warned == 0
    assert Property.objects.count() == len(list(council.places()))


def test_a_cancelled_supply_changes_nothing_and_frees_the_way(tmp_path: Path) -> None:
    example.write(tmp_path / "full.csv", example.Council(20))
    supply = supplies.begin([str(tmp_path / "full.csv")], by=system_user(), at=NOON)

    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA gazetteer_staging")  # as of a supply that was stopped

    assert supplies.cancel(supply, by=system_user(), at=NOON)
    assert not supplies.cancel(supply, by=system_user(), at=NOON)

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('gazetteer_staging')")
        assert cursor.fetchone() == (None,)
    assert supplies.work(supply).state == "cancelled"
    assert not Property.objects.exists()
    assert brought(tmp_path / "full.csv").state == "applied"
