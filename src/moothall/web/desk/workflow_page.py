"""What the pages of a case's workflow show: where it is, what may be chosen, what was (CT-4, CT-32, PPP-57)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.compiled import compiled
from moothall.domain.cases import checklists, clock, confirming, effects, progress, proposals
from moothall.domain.cases.checklists import Line
from moothall.domain.cases.models import Case, ChecklistTick, Extension, Pause, Proposal, Run, WorkItem
from moothall.domain.cases.models import Request as Asked
from moothall.domain.cases.stepping import OUTSIDE
from moothall.domain.catalogue import catalogue
from moothall.domain.exchange import operations
from moothall.domain.workflow import permits, published
from moothall.domain.workflow.definition import Hook, Intend, Message, Outcome, Payment, Request, Send, Start, Workflow
from moothall.domain.workflow.machine import Permitted
from moothall.domain.workflow.oversight import SecondOfficer
from moothall.web.components.parts import Target
from moothall.web.desk.case_page import Waiting, header
from moothall.web.desk.finding import item_named, item_progressing
from moothall.web.desk.request import DeskRequest

LONGEST_HISTORY, MOST_RUNS = 100, 50


@dataclass(frozen=True)
class Here:
    """A stage a run waits at, as one person sees it. `choices` can be chosen, `obstructed` not yet.

    `paused` are the pauses somebody may end: one of a request ends with it. `proposed` is the name of what waits for a
    second officer (`proposal`), while which nothing can be chosen.
    """

    item: WorkItem
    target: Target | None
    how: Sequence[str]
    pauses: Sequence[Pause]
    extensions: Sequence[Extension]
    choices: Sequence[Permitted]
    obstructed: Sequence[Permitted]
    progresses: bool
    paused: Sequence[Pause]
    checklist: Sequence[Line]
    proposal: Proposal | None
    proposed: str
    may_confirm: bool


@dataclass(frozen=True)
class Going:
    """One run of a workflow: `here` when it goes on and its stage may be seen, `past` the stages it left."""

    run: Run
    name: str
    here: Here | None
    past: Sequence["Left"]


@dataclass(frozen=True)
class Left:
    """A stage that was left: by which outcome, and whether that was outside the flow."""

    item: WorkItem
    outcome: str
    outside: bool
    confirmed_by: str
    checklist: Sequence[Line]


def item_page(request: DeskRequest, item_id: int, *needs: Permission, via: str) -> tuple[WorkItem, dict[str, Any]]:
    """A work item one may progress, with the header of its case; the reading is recorded."""
    return _page(request, item_progressing(request, item_id, Permission.VIEW_WORK, *needs), via)


def seen_page(request: DeskRequest, item_id: int, *needs: Permission, via: str) -> tuple[WorkItem, dict[str, Any]]:
    """As `item_page`, of one that may be seen."""
    return _page(request, item_named(request, item_id, Permission.VIEW_WORK, *needs), via)


def _page(request: DeskRequest, item: WorkItem, via: str) -> tuple[WorkItem, dict[str, Any]]:
    recording.read(item.case, by=request.user, at=request.now, via=f"desk {via}")
    page = header(item.case, "workflow", user=request.user, now=request.now)
    return item, {**page, "item": item, "workflow": published.workflow(item.stage.version_id)}


def going(case: Case, waiting: Sequence[Waiting], asked: Sequence[Asked], *, by: User, at: datetime) -> list[Going]:
    """The runs of a case, the newest first, each with where it is and where it was, as `by` sees it."""
    stages = {one.item.run_id: one for one in waiting}
    left = _left_by_run(case, by)
    found = []
    for run in _runs(case=case.pk):
        run.case = case
        definition = published.workflow(run.version_id)
        one = stages.get(run.pk)
        here = _here(one, run, asked, by=by, at=at) if one else None
        found.append(Going(run, definition.name, here, left.get(run.pk, [])))
    return found


def _left_by_run(case: Case, by: User) -> dict[int, list[Left]]:
    """The stages that were left, the last first, by the number of their run."""
    items = _past(by, case=case.pk)
    confirmed: dict[int, str] = dict(_confirmed(case=case.pk)) if items else {}
    ticks: dict[int, list[ChecklistTick]] = {}
    for tick in _ticks(case=case.pk) if items else ():
        ticks.setdefault(tick.item_id, []).append(tick)
    left: dict[int, list[Left]] = {}
    for item in items:
        name = outcome_name(published.workflow(item.stage.version_id), item)
        checklist = checklists.lines(item, ticks.get(item.pk, ()))
        one = Left(item, name, item.outcome == OUTSIDE, confirmed.get(item.pk, ""), checklist)
        left.setdefault(item.run_id, []).append(one)
    return left


@compiled(prepared=True)
def _runs(*, case: int) -> QuerySet[Run]:
    runs = Run.objects.filter(case=case).select_related("version", "started_by")
    return runs.defer("version__definition").order_by("-id")[:MOST_RUNS]


@compiled(prepared=True)
def _past(user: User, *, case: int) -> QuerySet[WorkItem]:
    items = WorkItem.objects.visible_to(user).filter(case=case, finished_at__isnull=False)
    return items.select_related("stage", "finished_by").order_by("-finished_at", "-id")[:LONGEST_HISTORY]


@compiled(prepared=True)
def _confirmed(*, case: int) -> QuerySet[Proposal, tuple[int, str]]:
    confirmed = Proposal.objects.filter(item__case=case, state=Proposal.State.CONFIRMED, ended_by__isnull=False)
    return confirmed.order_by("-pk").values_list("item", "ended_by__full_name")


@compiled(prepared=True)
def _ticks(*, case: int) -> QuerySet[ChecklistTick]:
    return ChecklistTick.objects.filter(item__case=case, item__finished_at__isnull=False).select_related("by")


def _here(one: Waiting, run: Run, asked: Sequence[Asked], *, by: User, at: datetime) -> Here:
    item = one.item
    item.case, item.run = run.case, run
    reckoning = clock.reckon(item, at)
    offered = progress.permitted(item, by=by, at=at)
    definition = published.workflow(item.stage.version_id)
    pauses = list(item.pauses.all())
    ended_by_request = {request.pause_id for request in asked}
    proposal = proposals.waiting_on(item)
    return Here(
        item=item,
        target=one.target,
        how=reckoning.explanation if reckoning else (),
        pauses=pauses,
        extensions=list(item.extensions.all()),
        choices=[one for one in offered if not one.reasons and not proposal],
        obstructed=[one for one in offered if one.reasons and not proposal],
        progresses=permits.may(definition, by.group_keys, "progress", stage=item.stage.key),
        paused=[pause for pause in pauses if pause.ended_at is None and pause.pk not in ended_by_request],
        checklist=checklist(item),
        proposal=proposal,
        proposed=proposals.outcome_name(proposal) if proposal else "",
        may_confirm=_may_confirm(proposal, by) if proposal else False,
    )


def _may_confirm(proposal: Proposal, user: User) -> bool:
    """Whether somebody may be the second officer of a proposal."""
    may = user.may(Permission.CONFIRM, proposal.item.case.service_key)
    return may and not confirming.obstacle(proposal, user)


def checklist(item: WorkItem) -> list[Line]:
    """The checklist of an item's stage, with who ticked what and when."""
    if not published.workflow(item.stage.version_id).stage(item.stage.key).checklist:
        return []
    return checklists.lines(item, item.ticks.select_related("by"))


def outcome_name(definition: Workflow, item: WorkItem) -> str:
    """What was chosen, in the workflow's words."""
    if item.outcome == OUTSIDE:
        return _("Stepped outside the flow")
    try:
        return definition.stage(item.stage.key).outcome(item.outcome).name
    except LookupError:
        return item.outcome.replace("_", " ")


def startable(case: Case, *, by: User) -> list[Workflow]:
    """The workflows of the case's service that `by` may start by hand and that do not go on already."""
    manifest = catalogue.manifest(case.service_version_id)
    found = [published.workflow(pk) for pk in catalogue.workflow_versions(case.service_version_id)]
    running = {key for (key,) in _running(case=case.pk)}
    return [
        workflow
        for workflow in sorted(found, key=lambda one: one.name)
        if permits.may(workflow, by.group_keys, "start") and f"{manifest.key}.{workflow.key}" not in running
    ]


@compiled(prepared=True)
def _running(*, case: int) -> "QuerySet[Run, tuple[str]]":
    return Run.objects.filter(case=case, ended_at=None).values_list("version__workflow__key")


def sends(outcome: Outcome) -> bool:
    """Whether an outcome may send messages, so that they are looked at before it is chosen."""
    return any(isinstance(effect, Message) for effect in outcome.do)


def consequences(case: Case, workflow: Workflow, outcome: Outcome) -> list[str]:
    """What choosing an outcome of a case's workflow does, in sentences."""
    said = [_("Changes what is recorded of the customer.")] if effects.changes_customer(outcome) else []
    for effect in outcome.do:
        match effect:
            case Message():
                said.append(_("Sends a message, which you see and may change first."))
            case Request():
                said.append(_("Asks the applicant for something, with a day to answer by."))
            case Payment(action="record"):
                said.append(_("Records the payment."))
            case Payment():
                said.append(_("Asks for a payment."))
            case Send():
                said.append(_("Puts “%s” on the integration queue.") % _operation(effect.operation))
            case Start():
                started = published.workflow(catalogue.workflow_version(case.service_version_id, effect.workflow))
                said.append(_("Starts the workflow %s.") % started.name)
            case Intend():
                said.append(_("Adds something to do: %s.") % effect.text)
            case Hook():
                pass  # a check of the service's own, whose refusal says what it is about
    if second := outcome.second_officer:
        said.insert(0, _second_officer(second))
    if outcome.to:
        there = workflow.stage(outcome.to)
        said += [_("Adds something to do: %s.") % one.text for one in there.to_do]
        said.append(_("The case goes on to %s.") % there.name)
    elif outcome.end:
        said.append(_("The workflow ends: %s.") % outcome.end.state)
    return list(dict.fromkeys(said))


def _operation(name: str) -> str:
    try:
        return operations.get(name).title
    except operations.UnknownOperation:
        return name


def _second_officer(second: SecondOfficer) -> str:
    why = {"why": second.why, "percent": second.sample}
    if second.sample is not None:
        return _("A second officer confirms %(percent)s in 100, drawn at random, before they happen: %(why)s") % why
    if second.when:
        return _("A second officer may have to confirm it before it happens: %(why)s") % why
    return _("A second officer has to confirm it before it happens: %(why)s") % why


def pairs(values: Mapping[str, Sequence[str]], *, but: Sequence[str] = ()) -> list[tuple[str, str]]:
    """What a form was sent as names and values, to be sent once more; without what the page asks itself."""
    names = [name for name in values if name not in but]
    return [(name, value) for name in names for value in values[name]]
