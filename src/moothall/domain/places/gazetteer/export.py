"""The gazetteer in force as one full supply of DTF 7.3: what was imported comes out as it went in.

Left out are what is gone, and records that are only counted when they come in. PostgreSQL writes the lines.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction

from moothall.core.council import settings
from moothall.core.council.settings import Council
from moothall.domain.places.gazetteer.layouts import DTF
from moothall.domain.places.gazetteer.records import Record
from moothall.domain.places.gazetteer.refusal import SupplyRefused
from moothall.domain.places.gazetteer.staging import copied
from moothall.domain.places.gazetteer.supplies import Gazetteer
from moothall.domain.places.models import Supply
from moothall.kit.calendars import LONDON

_ORDER = (11, 15, 21, 24, 23, 28, 30, 31, 32)
_GONE = {
    11: "WHERE r.gone_on IS NULL",
    21: "WHERE r.gone_on IS NULL",
    15: "JOIN places_street o ON o.usrn = r.usrn AND o.gone_on IS NULL",
}
_OF_PROPERTY = "JOIN places_property o ON o.uprn = r.uprn AND o.gone_on IS NULL"


def lines(*, at: datetime) -> Iterator[bytes]:
    """The file, some lines at a time. Raises SupplyRefused when nothing is there, or it came in another format."""
    last = Supply.objects.filter(state=Supply.State.APPLIED).order_by("-pk").first()
    if last is None:
        raise SupplyRefused("There is no gazetteer to export.")
    if last.format != Supply.Format.DTF:
        raise SupplyRefused(f"What is in force came as {last.get_format_display()}, which DTF 7.3 has no room for.")
    local = at.astimezone(LONDON)
    day, time = local.date().isoformat(), f"{local:%H%M%S}"
    name = _quoted(settings.read(Council).name[:40])
    custodian = settings.read(Gazetteer).custodian or last.custodian
    yield f'10,{name},{custodian},{last.processed_on},1,{day},{time},"7.3.3.1","F"\r\n'.encode()
    count = 0
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:  # one sight of all tables; within a transaction its own sight holds
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL statement_timeout = 0")
        for number in _ORDER:
            with copied(cursor, _copy(DTF.records[number], after=count)) as copy:
                for data in copy:
                    written = bytes(data)
                    count += written.count(b"\n")
                    yield written.replace(b"\n", b"\r\n")
    yield (
        f'29,"LLPG","LAND AND PROPERTY","","",{name},"D",{name},,{custodian},"British National Grid","Metres",{day},'
        f'"",{day},"ENG","UTF-8"\r\n'
    ).encode()
    yield f"99,0,{count + 1},{day},{time}\r\n".encode()


def _copy(record: Record, *, after: int) -> str:
    columns = [f"r.{field.column}" for field in record.fields]
    texts = ", ".join(["change", *(field.column for field in record.fields if field.kind.is_text)])
    key = ", ".join(f"r.{part}" for part in record.key)
    which = _GONE.get(record.number, _OF_PROPERTY)
    return (
        f"COPY (SELECT {record.number} AS record, 'I' AS change, {after} + row_number() OVER (ORDER BY {key}),"  # noqa: S608
        f" {', '.join(columns)} FROM {record.table} r {which} ORDER BY {key})"
        f" TO STDOUT (FORMAT csv, FORCE_QUOTE ({texts}))"
    )


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
