"""Who is away, and who covers for them (BEST-4): one's own absences, and for a supervisor those of the team."""

from datetime import date

from django.db.models import Q
from ninja import Schema
from pydantic import Field

from moothall.core.accounts import absence
from moothall.core.accounts.models import Absence, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import workload
from moothall.domain.workflow.models import Stage
from moothall.kit.calendars import LONDON
from moothall.web.api.operations import Operations
from moothall.web.api.problems import invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Day, RowId, UserOut

router = Operations(tags=["Absences"])


class AbsenceOut(Schema):
    id: int
    user: UserOut
    first_day: date
    last_day: date
    reason: str
    cover: UserOut | None


class NewAbsence(Body):
    user: RowId | None = Field(None, description="Whose; your own when left out. Another's needs workflow.supervise")
    first_day: Day
    last_day: Day
    reason: Absence.WhyAway
    cover: RowId | None = Field(None, description="A colleague who finds the work in their list meanwhile")


@router.reads("/absences", needs=Permission.VIEW_WORK, answers=list[AbsenceOut])
def absences(request: ApiRequest) -> list[AbsenceOut]:
    """Absences that go on or are to come: yours, those you cover, and those of the people you supervise."""
    mine = Q(user__in=[one.pk for one in _people(request)]) | Q(cover=request.auth)
    rows = Absence.objects.filter(mine, last_day__gte=_today(request)).select_related("user", "cover")
    found = list(rows.order_by("first_day", "user__full_name", "pk")[:500])
    if any(row.user_id != request.auth.pk for row in found):
        recording.read(*found, by=request.auth, at=request.now, via="api absences")
    return [_shown(row) for row in found]


@router.writes("POST", "/absences", needs=Permission.VIEW_WORK, answers=AbsenceOut, status=201)
def record_absence(request: ApiRequest, body: NewAbsence) -> AbsenceOut:
    """Record an absence of yours, or of somebody you supervise."""
    wanted = body.user or request.auth.pk
    who = next((one for one in _people(request) if one.pk == wanted), None)
    if who is None:
        raise invalid("body.user", "There is no such person, or you do not supervise them.")
    cover = None
    if body.cover:
        seen = Stage.objects.filter(see__overlap=sorted(request.auth.group_keys)).exclude(progress=[])
        cover = workload.colleagues(seen).filter(pk=body.cover, is_active=True).first()
        if cover is None:
            raise invalid("body.cover", "There is no such colleague.")
    row = absence.record(
        who,
        first_day=body.first_day,
        last_day=body.last_day,
        reason=body.reason,
        cover=cover,
        by=request.auth,
        at=request.now,
    )
    return _shown(row)


@router.writes(
    "POST", "/absences/{int:absence_id}/end", needs=Permission.VIEW_WORK, answers=None, status=204, body="none"
)
def end_absence(request: ApiRequest, absence_id: int) -> None:
    """Somebody is back, or does not go. Again changes nothing."""
    row = Absence.objects.filter(pk=absence_id, user__in=[one.pk for one in _people(request)]).first()
    if row is None:
        raise not_found()
    absence.end(row, today=_today(request), by=request.auth, at=request.now)


def _people(request: ApiRequest) -> list[User]:
    """Whose absences one may record: one's own, and a supervisor those of the team."""
    if not request.auth.may(Permission.SUPERVISE):
        return [request.auth]
    team = workload.colleagues(workload.stages_supervised(request.auth))
    return [request.auth, *(one for one in team if one.pk != request.auth.pk)]


def _today(request: ApiRequest) -> date:
    return request.now.astimezone(LONDON).date()


def _shown(row: Absence) -> AbsenceOut:
    return AbsenceOut(
        id=row.pk,
        user=UserOut.of(row.user),
        first_day=row.first_day,
        last_day=row.last_day,
        reason=row.reason,
        cover=UserOut.of(row.cover) if row.cover else None,
    )
