"""What is wrong with a supply as a whole refuses all of it, with a sentence that names file, line and rule."""

import io
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.places.supplied import METADATA, NOON, address, descriptor, house, street, supply_of, take
from tests.places.test_gazetteer_changes import undone

from moothall.core.accounts.actions import system_user
from moothall.domain.places.gazetteer import supplies
from moothall.domain.places.gazetteer.refusal import SupplyRefused
from moothall.domain.places.models import Property, Supply

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("custodian")]
ONE = 990000000101
ROWS = [street(1), descriptor(2), house(3, ONE), address(4, ONE, "9999L000000001")]
GOOD = supply_of(ROWS)


def zipped(name: str, content: bytes, *, packing: int = zipfile.ZIP_DEFLATED, twice: bool = False) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packing) as archive:
        archive.writestr(name, content)
        if twice:
            with warnings.catch_warnings(action="ignore"):
                archive.writestr(name, content)
    return made.getvalue()


def deflated(content: bytes) -> bytes:
    found = zipped("a", content)
    return found[31 : found.index(b"PK\x01\x02")]


GOOD_DEFLATED = deflated(GOOD)


def without(number: int) -> bytes:
    found = GOOD.split(b"\r\n")
    return b"\r\n".join(found[: number - 1] + found[number:])


def swapped(one: int, other: int) -> bytes:
    found = GOOD.split(b"\r\n")
    found[one - 1], found[other - 1] = found[other - 1], found[one - 1]
    return b"\r\n".join(found)


REFUSED = {
    "bom": (b"\xef\xbb\xbf" + GOOD, "line 1: the file begins with a byte order mark"),
    "empty": (b"", "line 1: a supply begins with a header"),
    "no header": (without(1), "line 1: a supply begins with a header"),
    "version": (supply_of(ROWS, version="8.1.2.10"), "line 1: the header says version “8.1.2.10”"),
    "custodian": (supply_of(ROWS, custodian=1234), "line 1: the custodian is 1234, and yours is 9999"),
    "type": (supply_of(ROWS, kind="X"), "line 1: FILE_TYPE is “X”"),
    "process date": (supply_of(ROWS, day="2026-02-30"), "line 1: PROCESS_DATE of the header is not a day"),
    "in the future": (supply_of(ROWS, day="2026-03-05"), "line 1: PROCESS_DATE is 2026-03-05, which is in the future"),
    "changes of nothing": (supply_of(ROWS, kind="C"), "there is nothing to change"),
    "volume": (supply_of(ROWS, volume=2), "line 1: the VOLUME_NUMBERs are 2, and must be 1 to 1"),
    "no trailer": (without(7), "line 6: the file ends without a trailer"),
    "truncated": (GOOD[: len(GOOD) // 2], "the file ends without a trailer"),
    "lost line": (without(4).replace(b"99,0,4,", b"99,0,5,"), "line 6: RECORD_COUNT says 5, and there are 4 records"),
    "count": (supply_of(ROWS, count=99), "line 7: RECORD_COUNT says 99, and there are 5 records"),
    "next volume": (supply_of(ROWS, following=2), "line 7: NEXT_VOLUME_NUMBER says volume 2, which was not given"),
    "second header": (GOOD.replace(METADATA.encode(), GOOD.split(b"\r\n")[0]), "line 6: there is a second header"),
    "after the trailer": (GOOD + ROWS[0].encode() + b"\r\n", "line 8: there is a line after the trailer"),
    "trailer out of place": (swapped(3, 7), "line 3: RECORD_COUNT says 4, and there are 1 records"),
    "header out of place": (swapped(1, 3), "line 1: a supply begins with a header"),
    "line ends": (GOOD.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n", 3), "line 4: the line ends differently"),
    "nul": (GOOD.replace(b"ACORN", b"AC\0RN"), "line 3: there is a NUL byte"),
    "latin-1": (GOOD.replace(b"ACORN", "CAFÉ".encode("latin-1")), "line 3: it is not UTF-8"),
    "long line": (GOOD.replace(b"ACORN", b"A" * 9_000), "line 3: the line is longer than 8,000 bytes"),
    "endless line": (GOOD.replace(b"ACORN", b"A" * 2_000_000), "line 3: the line is longer than 8,000 bytes"),
    "blank line": (GOOD.replace(b"\r\n15", b"\r\n\r\n15"), "line 3: the line is empty"),
    "nested zip": (zipped("inner.zip", zipped("a.csv", GOOD)), "holds another zip file"),
    "zip of nothing": (zipped("a.txt", GOOD), "holds no .csv file"),
    "zip bomb": (zipped("a.csv", GOOD + b"0" * 5_000_000), "unpacks to more than 150 times its size"),
    "two of one name": (zipped("a.csv", GOOD, twice=True), "holds two files of one name"),
    "damaged deflate": (
        zipped("a.csv", GOOD).replace(GOOD_DEFLATED, b"\xff" * len(GOOD_DEFLATED)),
        "is a damaged zip file",
    ),
    "damaged lzma": (
        zipped("a.csv", GOOD, packing=zipfile.ZIP_LZMA).replace(b"\x5d\x00\x00", b"\xff\xff\xff"),
        "is a damaged zip file",
    ),
    "damaged bzip2": (
        zipped("a.csv", GOOD, packing=zipfile.ZIP_BZIP2).replace(b"1AY&SY", b"000000"),
        "is a damaged zip file",
    ),
    "damaged zip": (zipped("a.csv", GOOD)[:-30], "is a damaged zip file"),
}


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_a_supply_that_is_wrong_as_a_whole_changes_nothing(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(SupplyRefused, match=sentence):
        take(tmp_path, content)

    assert not Property.objects.exists()
    assert not Supply.objects.exclude(state="refused").exists()


def many(rows: list[str], **header: Any) -> bytes:
    return supply_of([street(1), descriptor(2), *rows], **header)


def test_a_full_supply_that_lacks_much_of_what_is_in_force_is_refused_unless_that_is_meant(tmp_path: Path) -> None:
    houses = [house(3 + number, ONE + number) for number in range(120)]
    addresses = [address(200 + number, ONE + number, f"9999L{number:09}") for number in range(120)]
    take(tmp_path, many([*houses, *addresses]))
    path = tmp_path / "volume0.csv"

    for lacking, sentence in (
        ([], "Of 120 properties in force 120 are not in this full supply, or their lines were kept out"),
        ([*(line + "," for line in houses), *addresses], "Of 120 properties in force 120"),
        ([*houses, *addresses[:110]], "Of 120 addresses in force 10"),
    ):
        with pytest.raises(SupplyRefused, match=sentence):
            take(tmp_path, many(lacking))
        assert Property.objects.filter(gone_on=None).count() == 120
    assert take(tmp_path, many([*houses[:116], *addresses[:116]])).state == "applied"
    path.write_bytes(many([houses[0], addresses[0]]))
    supplies.work(supplies.begin([str(path)], even_if_many_go=True, by=system_user(), at=NOON))
    assert Property.objects.get(gone_on=None).uprn == ONE


def test_volumes_are_put_in_order_by_their_headers_and_none_may_lack(tmp_path: Path) -> None:
    first = supply_of(ROWS[:2], volume=1, following=2)
    second = supply_of(ROWS[2:], volume=2)

    with pytest.raises(SupplyRefused, match="volume0.csv, line 1: the VOLUME_NUMBERs are 2"):
        take(tmp_path, second)
    with pytest.raises(SupplyRefused, match="line 5: NEXT_VOLUME_NUMBER says volume 2, which was not given"):
        take(tmp_path, first)
    with pytest.raises(SupplyRefused, match=r"volume1.csv, line 1: it is not of the same supply as volume0.csv"):
        take(tmp_path, first, supply_of(ROWS[2:], volume=2, day="2026-02-28"))
    assert take(tmp_path, second, first).state == "applied"
    assert Property.objects.get().uprn == ONE


def test_a_supply_older_than_what_is_in_force_and_changes_of_another_format_are_refused(tmp_path: Path) -> None:
    take(tmp_path, GOOD)

    with pytest.raises(SupplyRefused, match="PROCESS_DATE is 2026-02-26, and a supply of 2026-02-27 is in force"):
        take(tmp_path, supply_of(ROWS, day="2026-02-26"))
    earlier = GOOD.replace(b",101530,", b",91530,")  # a quarter past nine, as DTF writes it
    with pytest.raises(SupplyRefused, match="TIME_STAMP is 09:15:30, and a supply of the same day made at 10:15:30"):
        take(tmp_path, earlier)
    assert take(tmp_path, GOOD.replace(b",101530,", b",nobody knows,")).state == "applied"
    with pytest.raises(SupplyRefused, match=r"changes of AddressBase Premium 2, and what is in force is BS 7666"):
        take(tmp_path, supply_of([], kind="C", version="2.1", custodian=7655))


PLACE = st.integers(0, len(GOOD) - 1)
LINE = st.integers(0, GOOD.count(b"\r\n"))
HARM = st.one_of(
    st.tuples(st.just("cut"), PLACE, PLACE),
    st.tuples(st.just("again"), PLACE, PLACE),
    st.tuples(st.just("swap"), LINE, LINE),
    st.tuples(st.just("double"), LINE, LINE),
    st.tuples(st.just("write"), PLACE, st.binary(min_size=1, max_size=3)),
    st.tuples(st.just("ends"), st.sampled_from([b"\n", b"\r", b"\n\r", b"\r\n\r\n"]), st.booleans()),
)


def harmed(content: bytes, harm: tuple[str, Any, Any]) -> bytes:
    """A file with something cut out, said twice, exchanged, written over, or with other ends of lines."""
    kind, one, other = harm
    if kind in {"cut", "again"}:
        low, high = sorted((one, other))
        return content[:low] + (content[low:high] * 2 if kind == "again" else b"") + content[high:]
    if kind == "write":
        return content[:one] + other + content[one + len(other) :]
    if kind == "ends":
        return content.replace(b"\r\n", one, -1 if other else 2)
    found = content.split(b"\r\n")
    one, other = one % len(found), other % len(found)
    if kind == "double":
        found.insert(one, found[other])
    else:
        found[one], found[other] = found[other], found[one]
    return b"\r\n".join(found)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(harms=st.lists(HARM, min_size=1, max_size=3))
def test_whatever_happened_to_a_file_it_is_taken_with_what_is_wrong_listed_or_refused_and_changes_nothing(
    tmp_path: Path, harms: list[tuple[str, Any, Any]]
) -> None:
    content = GOOD
    for harm in harms:
        content = harmed(content, harm)
    with undone():
        state, said = "refused", ""
        try:
            state = take(tmp_path, content).state
        except SupplyRefused as refused:
            said = str(refused)
        assert state == "applied" or said.endswith(".")
        assert set(Supply.objects.values_list("state", flat=True)) <= {state}
        assert state == "applied" or not Property.objects.exists()
