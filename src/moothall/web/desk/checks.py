"""What waits for a second pair of eyes: outcomes to confirm, decisions drawn for a check of their quality (BEST-5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import proposals
from moothall.domain.cases.answers import Answers
from moothall.domain.cases.models import Proposal, QualityCheck
from moothall.domain.workflow import published
from moothall.domain.workflow.definition import Outcome
from moothall.web.components.parts import Row, Tab
from moothall.web.desk.request import DeskRequest

MOST_COUNTED = 99
SHOWN = 50


@dataclass(frozen=True)
class Line:
    """A proposal or a decision in a list."""

    row: Any
    outcome: str


def to_confirm(user: User) -> QuerySet[Proposal]:
    """What waits for somebody as second officer, the oldest first."""
    return _with_case(Proposal.objects.for_second(user)).order_by("at", "pk")


def proposed_by(user: User) -> QuerySet[Proposal]:
    """What somebody proposed that waits for others, the oldest first."""
    return _with_case(Proposal.objects.waiting().filter(by=user).visible_to(user)).order_by("at", "pk")


def to_check(user: User) -> QuerySet[QualityCheck]:
    """The decisions that wait for somebody to check their quality, the oldest first."""
    rows = QualityCheck.objects.for_checker(user).select_related("item__stage", "item__case__customer", "decided_by")
    return rows.defer("item__case__submitted").order_by("drawn_at", "pk")


def _with_case(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    return rows.select_related("stage", "by", "item__case__customer").defer("item__case__submitted")


def proposed(rows: Iterable[Proposal]) -> list[Line]:
    """Proposals with their outcomes' names."""
    return [Line(row, proposals.outcome_name(row)) for row in rows]


def decided(rows: Iterable[QualityCheck]) -> list[Line]:
    """Decisions with their outcomes' names."""
    return [Line(row, _decision(row).name) for row in rows]


def _decision(row: QualityCheck) -> Outcome:
    return published.workflow(row.item.stage.version_id).stage(row.item.stage.key).outcome(row.item.outcome)


def waiting(user: User) -> int:
    """How much waits for somebody, counted up to 99, in one statement."""
    if not user.group_keys:
        return 0
    parts = [_some(rows) for rows in (to_confirm(user), to_check(user))]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT count(*) FROM ({parts[0][0]}) a) + (SELECT count(*) FROM ({parts[1][0]}) b)",  # noqa: S608
            [*parts[0][1], *parts[1][1]],
        )
        return min(int(cursor.fetchone()[0]), MOST_COUNTED)


def _some(rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """A statement with a line for each of the first rows; with none where this user can have none."""
    try:
        return rows.order_by().values("pk")[:MOST_COUNTED].query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 1 WHERE false", ()


def tabs(request: DeskRequest, active: str) -> list[Tab]:
    """The pages about checks that one may open."""
    pages = [
        ("checks", _("To do"), Permission.CONFIRM),
        ("check_results", _("Quality results"), Permission.VIEW_REPORTS),
    ]
    return [
        Tab(text, reverse(f"desk:{page}"), active=page == active)
        for page, text, permission in pages
        if request.user.may(permission)
    ]


def said(proposal: Proposal) -> list[Row]:
    """What was answered in a proposal, by the label of each question."""
    outcome = published.workflow(proposal.stage.version_id).stage(proposal.stage.key).outcome(proposal.outcome)
    item = proposal.item
    known = Answers(item.case, run=item.run, now=proposal.answers, asked=outcome.questions)
    rows = []
    for question in outcome.questions:
        if question.id in proposal.answers:
            words = known.words(question.id, "en") or (_("No") if proposal.answers[question.id] is False else "")
            rows.append(Row(question.label, ", ".join(words) if isinstance(words, list) else words))
    return rows
