"""Supplies written by hand: lines of DTF 7.3 between a header and a trailer, and what becomes of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from moothall.core.accounts.actions import system_user
from moothall.domain.places.gazetteer import supplies
from moothall.domain.places.models import Supply

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
METADATA = (
    '29,"LLPG","LAND AND PROPERTY","NORTHAM","","NORTHAM COUNCIL","D","NORTHAM COUNCIL",990000000001,9999,'
    '"British National Grid","Metres",2026-02-27,"DEC",2026-02-27,"ENG","UTF-8"'
)


def street(order: int, usrn: int = 99900001, change: str = "I") -> str:
    return (
        f'11,"{change}",{order},{usrn},1,9999,2,2000-01-01,1,8,0,2000-01-02,2020-01-01,2000-01-01,,'
        "430000.00,210000.00,430090.00,210000.00,10"
    )


def descriptor(
    order: int, usrn: int = 99900001, name: str = "ACORN ROAD", language: str = "ENG", change: str = "I"
) -> str:
    return f'15,"{change}",{order},{usrn},"{name}","OLDWICK","NORTHAM","NORTHAM","{language}"'


def house(
    order: int, uprn: int, *, change: str = "I", kind: str = "RD04", status: int = 1, ended: str = "", parent: str = ""
) -> str:
    state = 4 if ended else 2
    return (
        f'21,"{change}",{order},{uprn},{status},{state},2010-01-01,"{kind}",{parent},430001.00,210005.00,1,9999,2005-01-01,'
        f'{ended},2024-05-01,2005-01-02,"","E05099000","",,,""'
    )


def address(
    order: int, uprn: int, key: str, *, change: str = "I", number: int = 1, status: int = 1, usrn: int = 99900001
) -> str:
    ended = "2020-01-01" if status == 8 else ""
    return (
        f'24,"{change}",{order},{uprn},"{key}","ENG",{status},2005-01-01,{ended},2005-01-02,2024-05-01,,"",,"","",'
        f'{number},"",,"","",{usrn},"","Y","ZZ1 1ZZ","NORTHAM","Y",,,""'
    )


def council_tax(order: int, uprn: int, key: str, *, change: str = "I", reference: str = "000000000001") -> str:
    return f'23,"{change}",{order},{uprn},"{key}",2005-01-01,2024-05-01,2005-01-02,,"{reference}","9999CT"'


def supply_of(
    rows: Sequence[str],
    *,
    kind: str = "F",
    day: str = "2026-02-27",
    version: str = "7.3.3.1",
    custodian: int = 9999,
    volume: int = 1,
    following: int = 0,
    count: int | None = None,
    end: str = "\r\n",
) -> bytes:
    """A whole volume as bytes, its trailer counting what is there unless another `count` is said."""
    said = len(rows) if count is None else count
    header = f'10,"NORTHAM COUNCIL",{custodian},{day},{volume},{day},101530,"{version}","{kind}"'
    return "".join(line + end for line in (header, *rows, METADATA, f"99,{following},{said},{day},101530")).encode()


def take(folder: Path, *volumes: bytes) -> Supply:
    """Bring in these volumes as one supply."""
    paths = []
    for number, volume in enumerate(volumes):
        path = folder / f"volume{number}.csv"
        path.write_bytes(volume)
        paths.append(str(path))
    return supplies.work(supplies.begin(paths, by=system_user(), at=NOON))
