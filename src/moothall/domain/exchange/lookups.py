"""Answers from other systems, kept until somebody refreshes them (CT-70)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import JSONField, QuerySet, Value
from django.db.models.functions import Cast

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.compiled import compiled
from moothall.domain.cases.models import Case
from moothall.domain.exchange.actions.connectors import ensure_connector
from moothall.domain.exchange.models import Lookup


def keep(
    connector: str,
    kind: str,
    *,
    asked: Mapping[str, Any],
    found: Any,
    by: User,
    at: datetime,
    case: Case | None = None,
    count: int = 1,
) -> Lookup:
    """Keep what connector `connector` (its key) answered to `asked`; who searched for what kind of thing is recorded.

    `count` is how many records were found.
    """
    with recording.because(action="lookup.kept", by=by, at=at):
        recording.searched(kind, by=by, at=at, via=connector, found=count, asked=sorted(asked))
        row = ensure_connector(connector)
        return Lookup.objects.create(connector=row, kind=kind, case=case, asked=dict(asked), found=found, at=at, by=by)


def latest(connector: str, kind: str, *, asked: Mapping[str, Any], case: Case | None = None) -> Lookup | None:
    """The newest kept answer to exactly this question, for this case or for none; None: ask the other system."""
    kept = _newest(connector=connector, kind=kind, asked=json.dumps(asked), case=case.pk if case else None)
    return kept[0] if kept else None


@compiled(prepared=True)
def _newest(*, connector: str, kind: str, asked: str, case: int | None) -> QuerySet[Lookup]:
    question = Cast(Value(asked), JSONField())
    kept = Lookup.objects.filter(connector__key=connector, kind=kind, asked=question, case=case)
    return kept.select_related("by").order_by("-at", "-pk")[:1]
