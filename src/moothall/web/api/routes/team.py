"""The work of a team: who holds what, what nobody has, sharing it out, skills, and handing over who leaves (BEST-4)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import uuid4

from ninja import Schema
from pydantic import Field, StringConstraints

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import handing, leaving, sharing, skills, workload
from moothall.domain.cases.workload import Load
from moothall.domain.workflow.models import Stage
from moothall.web.api.operations import Operations
from moothall.web.api.problems import invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.routes.batches import BatchOut
from moothall.web.api.schemas import Body, Moment, RowId, UserOut

router = Operations(tags=["Team"])
SkillKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class AtStage(Schema):
    workflow: str
    stage: str
    name: str
    items: int


class NobodyHas(AtStage):
    more: bool = Field(description="There are more than `items`")


class LoadOut(Schema):
    """What a colleague holds, of what you may see."""

    user: UserOut
    active: bool = Field(description="false: no longer works here, and still holds something")
    away_until: date | None
    items: int
    late: int
    due_this_week: int = Field(description="Not counting what is late")
    oldest: Moment | None = Field(description="When what is longest in its stage came there")
    stages: list[AtStage]


class TeamOut(Schema):
    colleagues: list[LoadOut]
    nobody_has: list[NobodyHas]


class NewSharing(Body):
    workflow: str = Field(max_length=120, description="e.g. blue_badge.application")
    stage: str = Field(max_length=60)
    among: list[RowId] = Field(min_length=1, max_length=500, description="Those away today are given nothing")
    most: int = Field(ge=1, le=sharing.MOST, description="The longest waiting first")


class SkillOut(Schema):
    key: str
    label: str
    has: bool


class MemberOut(Schema):
    """A colleague: the skills of the services you supervise, and what is theirs."""

    user: UserOut
    active: bool
    skills: list[SkillOut]
    items: int = Field(description="Open work items that you may see")
    cases: int = Field(description="Open cases that you may see")
    to_do: int = Field(description="Things they are to do, on cases that you may see")
    unseen: int = Field(description="Of all these, those that you may not see")


class SkillsGiven(Body):
    skills: list[SkillKey] = Field(
        max_length=200, description="Exactly these, of those the services you supervise have"
    )


class HandingOver(Body):
    to: list[RowId] = Field(
        max_length=500, description="The least loaded first, by what they may do; none: back to the teams"
    )
    deactivate: bool = Field(
        False, description="End the account once nothing is left. Needs administration.users, and a reason"
    )
    reason: str = Field("", max_length=200)


@router.reads("/team", needs=Permission.SUPERVISE, answers=TeamOut)
def read_team(request: ApiRequest) -> TeamOut:
    """What each colleague holds of the work you supervise, and what nobody has."""
    stages = workload.stages_supervised(request.auth)
    loads = workload.loads(request.auth, stages, at=request.now)
    waiting = workload.waiting(request.auth, stages)
    recording.searched("user", by=request.auth, at=request.now, via="api team", found=len(loads), asked=[])
    nobody = [
        NobodyHas(
            **{**dict(place), "items": min(place.items, workload.MOST_COUNTED)},
            more=place.items > workload.MOST_COUNTED,
        )
        for place in _places(waiting, stages)
    ]
    return TeamOut(colleagues=[_load(load, stages) for load in loads], nobody_has=nobody)


@router.writes("POST", "/team/sharing", needs=Permission.SUPERVISE, answers=BatchOut, status=202)
def share_out(request: ApiRequest, body: NewSharing) -> BatchOut:
    """Share out what nobody has at a stage, the least loaded colleague first, by skill. It goes on by itself."""
    stages = workload.stages_supervised(request.auth)
    if (body.workflow, body.stage) not in {(stage.version.workflow.key, stage.key) for stage in stages}:
        raise invalid("body.stage", "There is no such stage, or you supervise no work there.")
    team = {one.pk: one for one in workload.colleagues(stages) if one.is_active}
    if unknown := sorted(set(body.among) - team.keys()):
        raise invalid("body.among", f"You supervise nobody with these numbers: {', '.join(map(str, unknown[:10]))}.")
    batch = sharing.share_out(
        sharing.unassigned(request.auth, workflow=body.workflow, stage=body.stage),
        among=[team[number] for number in sorted(set(body.among))],
        most=body.most,
        key=uuid4(),
        by=request.auth,
        at=request.now,
    )
    return BatchOut.of(batch)


@router.reads("/team/{int:user_id}", needs=Permission.SUPERVISE, answers=MemberOut)
def read_member(request: ApiRequest, user_id: int) -> MemberOut:
    """One colleague you supervise: their skills, and how much is theirs."""
    return _member_read(request, user_id)


@router.writes("PUT", "/team/{int:user_id}/skills", needs=Permission.SUPERVISE, answers=MemberOut)
def set_skills(request: ApiRequest, user_id: int, body: SkillsGiven) -> MemberOut:
    """Say which skills a colleague has, of those of the services you supervise; what they have of others stays."""
    try:
        skills.give(_member(request, user_id), skills=body.skills, by=request.auth, at=request.now)
    except skills.UnknownSkill as unknown:
        raise invalid("body.skills", str(unknown)) from unknown
    return _member_read(request, user_id)


@router.writes("POST", "/team/{int:user_id}/handing-over", needs=Permission.SUPERVISE, answers=BatchOut, status=202)
def hand_over(request: ApiRequest, user_id: int, body: HandingOver) -> BatchOut:
    """Hand over all that is a colleague's and that you may see, to others you supervise or back to the teams.

    It goes on by itself; the views they share with a team go to the first who receives.
    """
    leaver = _member(request, user_id)
    team = {one.pk: one for one in workload.colleagues(workload.stages_supervised(request.auth)) if one.is_active}
    if unknown := sorted(set(body.to) - team.keys()):
        raise invalid("body.to", f"You supervise nobody with these numbers: {', '.join(map(str, unknown[:10]))}.")
    batch = handing.hand_over(
        leaver,
        to=[team[number] for number in dict.fromkeys(body.to)],
        deactivate=body.deactivate,
        reason=body.reason,
        key=uuid4(),
        by=request.auth,
        at=request.now,
    )
    return BatchOut.of(batch)


def _member(request: ApiRequest, user_id: int) -> User:
    """A colleague whom the user supervises."""
    found = workload.colleagues(workload.stages_supervised(request.auth)).filter(pk=user_id).first()
    if found is None:
        raise not_found()
    return found


def _member_read(request: ApiRequest, user_id: int) -> MemberOut:
    """A colleague as shown to whoever asks, which is recorded."""
    user = _member(request, user_id)
    held = leaving.holding(user, seen_by=request.auth)
    recording.searched("user", by=request.auth, at=request.now, via="api team.member", found=1, asked=[])
    return MemberOut(
        user=UserOut.of(user),
        active=user.is_active,
        skills=[
            SkillOut(key=one.key, label=one.label, has=one.key in user.skills)
            for one in skills.supervised(request.auth)
        ],
        items=held.items,
        cases=held.cases,
        to_do=held.to_do,
        unseen=held.unseen,
    )


def _load(load: Load, stages: list[Stage]) -> LoadOut:
    return LoadOut(
        user=UserOut.of(load.user),
        active=load.user.is_active,
        away_until=load.away.last_day if load.away else None,
        items=load.items,
        late=load.late,
        due_this_week=load.due_this_week,
        oldest=load.oldest,
        stages=_places(load.stages, stages),
    )


def _places(many: Mapping[int, int], stages: list[Stage]) -> list[AtStage]:
    """How many are at each stage, every version of a workflow together."""
    found: dict[tuple[str, str], AtStage] = {}
    for stage in stages:
        if count := many.get(stage.pk):
            workflow = stage.version.workflow.key
            here = found.setdefault(
                (workflow, stage.key), AtStage(workflow=workflow, stage=stage.key, name=stage.name, items=0)
            )
            here.items += count
    return list(found.values())
