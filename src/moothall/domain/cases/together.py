"""Work items chosen together: as the lines of a batch, and what may be chosen on all of them."""

from collections.abc import Iterable, Mapping

from moothall.core.accounts.models import User
from moothall.domain.cases.models import BatchLine, WorkItemQuerySet
from moothall.domain.workflow import permits, published
from moothall.domain.workflow.definition import Outcome
from moothall.domain.workflow.models import Stage


def lines(items: WorkItemQuerySet, *, seen: Mapping[int, int], to: User | None = None) -> Iterable[BatchLine]:
    """A line for each item. `seen` are the versions that were shown; of what was not shown, as it is now."""
    for pk, case, version in items.values_list("pk", "case", "version").iterator():
        yield BatchLine(item_id=pk, case_id=case, seen=seen.get(pk) or version, to=to)


def stages(items: WorkItemQuerySet) -> list[Stage]:
    """The stages these items are at."""
    rows = Stage.objects.filter(pk__in=items.order_by().values("stage").distinct())
    return list(rows.select_related("version__workflow").defer("version__definition").order_by("version_id", "order"))


def services(here: Iterable[Stage]) -> frozenset[str]:
    """The services these stages are of, by their keys."""
    return frozenset(row.version.workflow.key.partition(".")[0] for row in here)


def outcomes(here: Iterable[Stage], user: User) -> list[tuple[str, str]]:
    """The outcomes somebody may choose on many items at these stages at once: those that ask nothing of one case.

    Each with its place: workflow, stage and outcome.
    """
    found: dict[str, str] = {}
    for row in here:
        definition = published.workflow(row.version_id)
        stage = definition.stage(row.key)
        for outcome in stage.outcomes:
            may = permits.may(definition, user.group_keys, "outcome", stage=row.key, subject=outcome.id)
            if may and not _must_be_answered(outcome):
                place = f"{row.version.workflow.key}/{row.key}/{outcome.id}"
                found[place] = f"{stage.name}: {outcome.name}"
    return list(found.items())


def noted(here: Iterable[Stage]) -> frozenset[str]:
    """The places of the outcomes at these stages that need a note."""
    return frozenset(
        f"{row.version.workflow.key}/{row.key}/{outcome.id}"
        for row in here
        for outcome in published.workflow(row.version_id).stage(row.key).outcomes
        if outcome.note == "required"
    )


def _must_be_answered(outcome: Outcome) -> bool:
    return any(question.required for question in outcome.questions)
