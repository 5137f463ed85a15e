"""How the applicant can be asked for another copy of a document: by which outcome of the stages a case waits at."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode

from moothall.core.accounts.models import User
from moothall.domain.cases import offering, progress
from moothall.domain.cases.models import WorkItem
from moothall.domain.workflow import permits, published
from moothall.domain.workflow.definition import Outcome, Request, Stage, Workflow
from moothall.web.desk.forms.outcome import name_of


@dataclass(frozen=True)
class Way:
    """An outcome that asks the applicant (`asks`), or one that leads to where another does (`then`, at the stage `to`)."""

    stage: str
    outcome: str
    address: str
    to: str = ""
    then: str = ""

    @property
    def asks(self) -> bool:
        """Whether it is this outcome that asks."""
        return not self.then


def ways(items: Iterable[WorkItem], wanted: str, *, by: User, at: datetime) -> list[Way]:
    """Those `by` may choose now at these open items: the ones that ask, with `wanted` chosen where it is a value of their
    list; only if there are none, the ones that lead to where somebody can ask."""
    asking: list[Way] = []
    leading: list[Way] = []
    for item in items:
        definition = published.workflow(item.stage.version_id)
        if not permits.may(definition, by.group_keys, "progress", stage=item.stage.key):
            continue
        for one in progress.permitted(item, by=by, at=at):
            if one.reasons:
                continue
            address = reverse("desk:outcome", args=[item.pk, one.outcome.id])
            if _asks(one.outcome):
                chosen = urlencode(list(_chosen(item, one.outcome, wanted, at)))
                asking.append(Way(item.stage.name, one.outcome.name, f"{address}?{chosen}" if chosen else address))
            elif there := _asked_at(definition, one.outcome):
                stage, outcome = there
                leading.append(Way(item.stage.name, one.outcome.name, address, stage.name, outcome.name))
    return asking or leading


def by_hand(items: Iterable[WorkItem], *, by: User) -> WorkItem | None:
    """The item at which `by` may ask for something by hand, while the case stays where it is."""
    may = (
        item
        for item in items
        if permits.may(published.workflow(item.stage.version_id), by.group_keys, "progress", stage=item.stage.key)
    )
    return next(may, None)


def _asks(outcome: Outcome) -> bool:
    return any(isinstance(effect, Request) and effect.kind == "document" for effect in outcome.do)


def _asked_at(definition: Workflow, outcome: Outcome) -> tuple[Stage, Outcome] | None:
    """Where an outcome leads to, and the outcome there that asks; None where there is none."""
    if not outcome.to:
        return None
    stage = definition.stage(outcome.to)
    return next(((stage, one) for one in stage.outcomes if _asks(one)), None)


def _chosen(item: WorkItem, outcome: Outcome, wanted: str, at: datetime) -> Iterator[tuple[str, str]]:
    """The fields of the outcome's form in which what is wanted can be chosen, with it."""
    asked = {effect.items for effect in outcome.do if isinstance(effect, Request)}
    standing = offering.standing(item, outcome.id, {}, at=at)
    offered = offering.values(item.case.service.key, outcome.questions)
    for question in outcome.questions:
        values = {key for key, _label in offered.get(question.list or "", ())}
        if question.id in asked and standing[question.id].applies and wanted in values:
            yield name_of(question), wanted
