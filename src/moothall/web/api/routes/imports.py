"""Imports of customers: how far they are and what became of each row, started, cancelled and undone (PPP-17, ACC-6)."""

from typing import Any

from ninja import Query, Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.domain.people.importing import running
from moothall.domain.people.models import Import, ImportRow
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Moment

router = Operations(tags=["People"])


class ImportOut(Schema):
    """One import of customers."""

    id: int
    state: Import.State
    name: str = Field(description="Of the file")
    columns: dict[str, str] = Field(description="The field each column is, by its heading")
    options: dict[str, Any]
    rows_read: int
    done: int = Field(description="Rows dealt with in this state")
    counts: dict[str, int] = Field(description="Rows of each outcome")
    why: str = Field(description="Why it was refused")
    begun_at: Moment
    started_at: Moment | None
    told_at: Moment = Field(description="The last sign of life")
    ended_at: Moment | None

    @classmethod
    def of(cls, one: Import) -> "ImportOut":
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class ImportRowOut(Schema):
    """What becomes, or became, of one row."""

    number: int = Field(description="As a spreadsheet counts: the headings are row 1")
    outcome: str
    field: str = Field(description="The heading of the column it is refused for")
    says: str
    changed: list[str]
    customer: int | None = Field(description="Whom it made, is, or may be")


@router.reads("/imports", needs=Permission.IMPORT_PEOPLE, answers=Page[ImportOut])
def read_imports(request: ApiRequest, query: Query[PageQuery]) -> Page[ImportOut]:  # noqa: ARG001
    """Imports of customers, the latest first."""
    return page_of(Import.objects.order_by("-pk"), query, ImportOut.of)


@router.reads("/imports/{int:import_id}", needs=Permission.IMPORT_PEOPLE, answers=ImportOut)
def read_import(request: ApiRequest, import_id: int) -> ImportOut:  # noqa: ARG001
    """How far one import is."""
    return ImportOut.of(_import(import_id))


@router.reads("/imports/{int:import_id}/rows", needs=Permission.IMPORT_PEOPLE, answers=Page[ImportRowOut])
def import_rows(request: ApiRequest, import_id: int, query: Query[PageQuery]) -> Page[ImportRowOut]:  # noqa: ARG001
    """What becomes, or became, of each row, in the order of the file."""
    rows = ImportRow.objects.filter(importing=_import(import_id)).defer("cells")
    return page_of(rows.order_by("number"), query, _row)


@router.writes("POST", "/imports/{int:import_id}/start", needs=Permission.IMPORT_PEOPLE, answers=ImportOut)
def start_import(request: ApiRequest, import_id: int) -> ImportOut:
    """Bring in what was tried."""
    return ImportOut.of(running.start(_import(import_id), by=request.auth, at=request.now))


@router.writes("POST", "/imports/{int:import_id}/cancel", needs=Permission.IMPORT_PEOPLE, answers=ImportOut)
def cancel_import(request: ApiRequest, import_id: int) -> ImportOut:
    """Give up an import: what it brought in by then stays. One that has ended is left as it is."""
    one = _import(import_id)
    running.cancel(one, by=request.auth, at=request.now)
    one.refresh_from_db()
    return ImportOut.of(one)


@router.writes("POST", "/imports/{int:import_id}/undo", needs=Permission.IMPORT_PEOPLE, answers=ImportOut)
def undo_import(request: ApiRequest, import_id: int) -> ImportOut:
    """Remove whom an import made, but for those to whom something refers by now."""
    return ImportOut.of(running.undo(_import(import_id), by=request.auth, at=request.now))


def _row(row: ImportRow) -> ImportRowOut:
    same = {name: getattr(row, name) for name in ImportRowOut.model_fields.keys() - {"customer"}}
    return ImportRowOut(customer=row.customer or None, **same)


def _import(import_id: int) -> Import:
    found = Import.objects.filter(pk=import_id).first() if import_id < 2**63 else None
    if found is None:
        raise not_found()
    return found
