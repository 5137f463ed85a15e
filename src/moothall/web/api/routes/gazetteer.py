"""Supplies of the gazetteer: how far they are, what they did and what was refused of them (PPP-21)."""

from datetime import date

from ninja import File, Query, Schema, UploadedFile
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.domain.places.gazetteer import supplies
from moothall.domain.places.models import Reject, Supply
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Moment
from moothall.web.common import supplies as given

router = Operations(tags=["Gazetteer"])


class SupplyOut(Schema):
    """One import of the gazetteer."""

    id: int
    state: Supply.State
    format: Supply.Format
    full: bool = Field(description="Else changes only")
    custodian: int
    processed_on: date
    files: list[str]
    total_bytes: int
    read_bytes: int
    read_lines: int
    lines: dict[str, int] = Field(description="Lines read of each record")
    done: dict[str, int] = Field(description="What putting it in force did")
    rejected: int = Field(description="Lines kept out")
    warned: int = Field(description="Lines taken with a warning")
    why: str = Field(description="Why it was refused")
    begun_at: Moment
    told_at: Moment = Field(description="The last sign of life")
    ended_at: Moment | None

    @classmethod
    def of(cls, supply: Supply) -> "SupplyOut":
        same = {name: getattr(supply, name) for name in cls.model_fields.keys() - {"files", "lines", "done"}}
        files = [str(file["name"]) for file in supply.files]
        return cls(files=files, lines=supply.counts.get("lines", {}), done=supply.counts.get("done", {}), **same)


class RejectOut(Schema):
    """A line that broke a rule. Of each rule the first ten thousand are kept."""

    volume: int
    line: int
    record: int
    key: str
    field: str
    rule: str
    error: bool = Field(description="An error keeps the line out; a warning does not")
    says: str


@router.reads("/gazetteer/supplies", needs=Permission.IMPORT_GAZETTEER, answers=Page[SupplyOut])
def gazetteer_supplies(request: ApiRequest, query: Query[PageQuery]) -> Page[SupplyOut]:  # noqa: ARG001
    """Imports of the gazetteer, the latest first."""
    return page_of(Supply.objects.order_by("-pk"), query, SupplyOut.of)


@router.reads("/gazetteer/supplies/{int:supply_id}", needs=Permission.IMPORT_GAZETTEER, answers=SupplyOut)
def gazetteer_supply(request: ApiRequest, supply_id: int) -> SupplyOut:  # noqa: ARG001
    """How far one import is, and what it did."""
    return SupplyOut.of(_supply(supply_id))


@router.reads("/gazetteer/supplies/{int:supply_id}/rejects", needs=Permission.IMPORT_GAZETTEER, answers=Page[RejectOut])
def gazetteer_rejects(request: ApiRequest, supply_id: int, query: Query[PageQuery]) -> Page[RejectOut]:  # noqa: ARG001
    """Lines of one import that broke a rule, in the order of the files."""
    return page_of(_supply(supply_id).rejects.order_by("volume", "line", "id"), query, _reject)


def _kept(request: ApiRequest, files: list[UploadedFile]) -> list[str]:  # noqa: ARG001 - as the view takes them
    """Where the files are kept, once the virus scanner found nothing in them."""
    return given.keep(files)


@router.writes(
    "POST",
    "/gazetteer/supplies",
    needs=Permission.IMPORT_GAZETTEER,
    answers=SupplyOut,
    status=201,
    body="form",
    first=_kept,
)
def give_supply(request: ApiRequest, files: File[list[UploadedFile]]) -> SupplyOut:  # noqa: ARG001 - kept by then
    """Give all the files of one supply, plain or zipped: they are looked at, and a worker brings them in. Look how far it is
    by its number. One that is wrong as a whole is refused at once. While the virus scanner does not answer, none is taken."""
    return SupplyOut.of(given.begin(request.fetched, by=request.auth, at=request.now))


@router.writes(
    "POST",
    "/gazetteer/supplies/{int:supply_id}/cancel",
    needs=Permission.IMPORT_GAZETTEER,
    answers=SupplyOut,
    body="none",
)
def cancel_supply(request: ApiRequest, supply_id: int) -> SupplyOut:
    """Give up a supply that is not in force: nothing was changed. One that has ended is left as it is."""
    supplies.cancel(_supply(supply_id), by=request.auth, at=request.now)
    return SupplyOut.of(_supply(supply_id))


@router.writes(
    "POST",
    "/gazetteer/supplies/{int:supply_id}/resume",
    needs=Permission.IMPORT_GAZETTEER,
    answers=SupplyOut,
    body="none",
)
def resume_supply(request: ApiRequest, supply_id: int) -> SupplyOut:  # noqa: ARG001
    """Have a supply that fell silent go on where it was. One that has ended is left as it is."""
    found = _supply(supply_id)
    if found.state in supplies.GOING_ON:
        supplies.queue(found)
    return SupplyOut.of(found)


def _reject(row: Reject) -> RejectOut:
    return RejectOut(**{name: getattr(row, name) for name in RejectOut.model_fields})


def _supply(supply_id: int) -> Supply:
    found = Supply.objects.filter(pk=supply_id).first() if supply_id < 2**63 else None
    if found is None:
        raise not_found()
    return found
