"""One thing done with many work items, each on its own, so that what is refused on one case stops no other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import assigning, progress, tagging
from moothall.domain.cases.assigning import CannotAssign
from moothall.domain.cases.models import WorkItem
from moothall.domain.cases.progress import AlreadyProgressed, NotAllowed, Refused
from moothall.domain.workflow import permits, published
from moothall.domain.workflow.definition import Outcome
from moothall.web.desk.refusals import REFUSALS
from moothall.web.desk.request import DeskRequest


@dataclass(frozen=True)
class Result:
    """What came of one case, in a sentence."""

    reference: str
    done: bool
    said: str

    def kept(self) -> dict[str, Any]:
        """As a session keeps it."""
        return asdict(self)


class _NotDone(Exception):
    """Why nothing was done with an item. Its message is shown."""


def assign(items: Sequence[WorkItem], *, to: User | None, request: DeskRequest) -> list[Result]:
    """Give each item to `to`, or to nobody."""

    def one(item: WorkItem) -> str:
        _allowed(item, request.user, Permission.EDIT_CASES)
        _progressed(item, request.user)
        assigning.assign(item, to=to, by=request.user, at=request.now)
        if to is None:
            return _("%(stage)s is nobody's.") % {"stage": item.stage.name}
        return _("%(stage)s is assigned to %(name)s.") % {"stage": item.stage.name, "name": to.full_name}

    return [_tried(item, one) for item in items]


def tag(items: Sequence[WorkItem], *, put: Sequence[str], remove: Sequence[str], request: DeskRequest) -> list[Result]:
    """Put tags on the case of each item, and take tags off."""

    def one(item: WorkItem) -> str:
        _allowed(item, request.user, Permission.EDIT_CASES)
        tagging.tag_case(item.case, set=put, remove=remove, by=request.user, at=request.now)
        return _("Tagged.")

    return [_tried(item, one) for item in items]


def choose(
    items: Sequence[WorkItem], *, place: str, note: str, seen: Mapping[int, int], request: DeskRequest
) -> list[Result]:
    """Choose an outcome on each item that is at its stage. `place` is one of `outcomes`; `seen` are the versions shown."""

    def one(item: WorkItem) -> str:
        workflow, stage, outcome = place.split("/")
        if (item.case.service.key + "." + published.workflow(item.stage.version_id).key, item.stage.key) != (
            workflow,
            stage,
        ):
            raise _NotDone(_("This is at %s, where that outcome is not.") % item.stage.name)
        chosen = progress.choose(
            item, outcome, by=request.user, at=request.now, version=seen.get(item.pk, item.version), note=note
        )
        if chosen.now_at is None:
            return _("Done: the workflow has ended.")
        shown = WorkItem.objects.visible_to(request.user).filter(pk=chosen.now_at.pk).exists()
        return _("Done: now at %s.") % chosen.now_at.stage.name if shown else _("Done.")

    return [_tried(item, one) for item in items]


def outcomes(items: Sequence[WorkItem], user: User) -> list[tuple[str, str]]:
    """The outcomes somebody may choose on many of these items at once: those that ask nothing that must be answered.

    Each with its place: workflow, stage and outcome.
    """
    found: dict[str, str] = {}
    places = {(item.case.service.key, item.stage.version_id, item.stage.key) for item in items}
    for service, version, key in sorted(places):
        definition = published.workflow(version)
        stage = definition.stage(key)
        for outcome in stage.outcomes:
            may = permits.may(definition, user.group_keys, "outcome", stage=key, subject=outcome.id)
            if may and not _must_be_answered(outcome):
                found[f"{service}.{definition.key}/{key}/{outcome.id}"] = f"{stage.name}: {outcome.name}"
    return list(found.items())


def _must_be_answered(outcome: Outcome) -> bool:
    return any(question.required for question in outcome.questions)


_REFUSALS: tuple[type[Exception], ...] = (
    _NotDone,
    CannotAssign,
    AlreadyProgressed,
    NotAllowed,
    Refused,
    *REFUSALS,
)


def _tried(item: WorkItem, act: Callable[[WorkItem], str]) -> Result:
    try:
        said = act(item)
    except _REFUSALS as refusal:
        return Result(item.case.reference, False, str(refusal))
    return Result(item.case.reference, True, said)


def _allowed(item: WorkItem, user: User, needed: Permission) -> None:
    if not user.may(needed, item.case.service.key):
        raise _NotDone(_("This needs the permission %s for this service.") % needed)


def _progressed(item: WorkItem, user: User) -> None:
    if not permits.may(published.workflow(item.stage.version_id), user.group_keys, "progress", stage=item.stage.key):
        raise _NotDone(_("You may not progress %s.") % item.stage.name)
