"""How badges stand nationally: one asked for, or all of ours compared with the nightly export."""

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from moothall.connectors.dft_blue_badge import KEY, badges, client, codes
from moothall.connectors.dft_blue_badge.client import Row
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.reading import day, text
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import actions as cases
from moothall.domain.cases import timeline
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.exchange import lookups
from moothall.domain.exchange.models import Item, Lookup
from moothall.domain.people.matching import BADGE_NUMBER
from moothall.domain.people.models import ExternalReference
from moothall.domain.people.numbers import fold_number

PROBLEM_TAG = "badge_problem"
KIND = "reconciliation"
MAKING = (f"{KEY}.order", f"{KEY}.replace")
MOST_BYTES = 500 * 2**20  # of the unpacked export
_LISTED = 1000  # numbers named in a report; the counts are whole

Line = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """What the comparison came to. `missing`: ordered by us, not there; `unknown`: there as ours, not recorded here."""

    compared: int
    changed: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


def reconcile(*, by: User, at: datetime) -> Reconciled:
    """Bring the status of every badge we record up to date with the export, and keep a report. Raises NationalError."""
    lines = read_export(client.current().export())
    references = {
        reference.number: reference
        for reference in ExternalReference.objects.filter(type=BADGE_NUMBER).select_related("customer")
    }
    changed = 0
    for number, line in lines.items():
        reference = references.get(number)
        status = codes.status(line.get("badge_status", ""))
        if reference and status and reference.status != status:
            _changed(reference, status, line, by=by, at=at)
            changed += 1
    gone = [number for number, one in references.items() if one.status in badges.CURRENT and number not in lines]
    unknown = [number for number, line in lines.items() if number not in references and _counts(line)]
    found = Reconciled(
        compared=len(lines), changed=changed, missing=tuple(_ordered_by_us(gone)), unknown=tuple(sorted(unknown))
    )
    _report(found, by=by, at=at)
    return found


def refresh(badge: Row, *, by: User, at: datetime, case: Case | None = None) -> Lookup:
    """Keep how a badge stands now, as `search.fetch` has just read it: the answer, and the status where we record it."""
    number = fold_number(str(badge["badgeNumber"]))
    with recording.because(action="badge.refreshed", by=by, at=at):
        follow([badge], by=by, at=at)
        return lookups.keep(KEY, "badge", asked={"number": number}, found=badge, case=case, by=by, at=at)


def follow(badges_now: Iterable[Row], *, by: User, at: datetime) -> list[str]:
    """Give each badge we record the status it has in an answer just read; returns the numbers of those that changed."""
    changed = []
    for badge in badges_now:
        reference, stands = badges.recorded(text(badge.get("badgeNumber"))), badges.status_of(badge)
        if reference and stands and reference.status != stands:
            _changed(reference, stands, _as_line(badge), by=by, at=at)
            changed.append(reference.number)
    return changed


def read_export(content: bytes) -> dict[str, Line]:
    """The export's lines by badge number. A badge printed twice has two: the later print counts. Raises NationalError."""
    lines: dict[str, Line] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                if not entry.filename.lower().endswith(".csv"):
                    continue
                if entry.file_size > MOST_BYTES:
                    raise NationalError("The export of badges is larger than can be read.")
                text = io.TextIOWrapper(archive.open(entry), encoding="utf-8-sig", errors="replace", newline="")
                for row in csv.DictReader(text):
                    _keep_later(lines, {key: value or "" for key, value in row.items() if key})
    except (zipfile.BadZipFile, csv.Error, EOFError) as fault:
        raise NationalError("The export of badges could not be read.", retryable=True) from fault
    return lines


def _keep_later(lines: dict[str, Line], line: Line) -> None:
    number = line.get("badge_no", "").strip().upper()
    earlier = lines.get(number)
    if number and (
        earlier is None or line.get("print_request_date_time", "") >= earlier.get("print_request_date_time", "")
    ):
        lines[number] = line


def _changed(reference: ExternalReference, status: str, line: Line, *, by: User, at: datetime) -> None:
    """Keep a badge's new status and say it on the case that ordered it; a rejection is for somebody to act on."""
    with recording.because(action="badge.status_changed", by=by, at=at):
        badges.set_status(reference.number, status, by=by, at=at)
        case = _ordering_case(reference, line)
        if case is None:
            return
        reason = line.get("rejected_reason", "") if status == "rejected" else ""
        issued = day(line.get("issued_date_time")) if status == "issued" else None
        when = f", on {issued:%-d %B %Y}" if issued else ""
        said = f"Badge {reference.number} is {status}{when}.{f' {reason}' if reason else ''}"
        timeline.write(case, kind=TimelineEntry.Kind.INTEGRATION, text=said, by=by, at=at, badge=reference.number)
        if status == "rejected":
            cases.tag_case(case, set=[PROBLEM_TAG], system=True, by=by, at=at)
            why = reason or "The printer gave no reason."
            note = f"The printer rejected badge {reference.number}: {why} Put it right and order the badge again."
            cases.add_note(case, text=note, important=True, by=by, at=at)


def _ordering_case(reference: ExternalReference, line: Line) -> Case | None:
    """The case whose order or replacement made a badge; else the customer's case it was ordered for."""
    cases_of = Case.objects.filter(customer=reference.customer_id)
    made = Item.objects.filter(connector__key=KEY, status=Item.Status.DONE, operation__in=MAKING)
    made = made.filter(result__numbers__contains=[reference.number]).order_by("-pk")
    ours = cases_of.filter(pk__in=made.values("case")).order_by("-pk").first()
    return ours or cases_of.filter(reference=line.get("local_authority_ref", "")).first()


def _as_line(badge: Row) -> Line:
    """What a badge asked for by number says of its course, as the export says it."""
    named = {"local_authority_ref": "localAuthorityRef", "rejected_reason": "rejectedReason"}
    named |= {"issued_date_time": "issuedDate"}
    return {ours: text(badge.get(theirs)) for ours, theirs in named.items()}


def _counts(line: Line) -> bool:
    return line.get("badge_status") in ("ORDERED", "PROCESSED", "ISSUED", "REJECT")


def _ordered_by_us(numbers: Iterable[str]) -> list[str]:
    """Those we ordered: a badge taken over from another authority is not in our export."""
    done = Item.objects.filter(connector__key=KEY, status=Item.Status.DONE)
    return sorted(number for number in numbers if done.filter(result__numbers__contains=[number]).exists())


def _report(found: Reconciled, *, by: User, at: datetime) -> None:
    report = {
        "compared": found.compared,
        "changed": found.changed,
        "missing": list(found.missing[:_LISTED]),
        "missing_count": len(found.missing),
        "unknown": list(found.unknown[:_LISTED]),
        "unknown_count": len(found.unknown),
    }
    lookups.keep(KEY, KIND, asked={}, found=report, by=by, at=at, count=found.compared)
