"""Calls that go round the queue, such as questions: when a connector last answered, and when it last did not (CT-74)."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from moothall.domain.exchange.actions.connectors import ensure_connector
from moothall.domain.exchange.models import Connector

AGAIN = timedelta(minutes=1)  # what is the same is not written down more often


def called(key: str, *, problem: str = "") -> None:
    """Note that connector `key` was called now and answered, or did not: `problem` says why, in words."""
    now = timezone.now()
    connector = Connector.objects.filter(key=key).first() or ensure_connector(key)
    mine = Connector.objects.filter(pk=connector.pk)
    if problem:
        mine.filter(Q(problem_at=None) | Q(problem_at__lte=now - AGAIN) | ~Q(problem=problem[:500])).update(
            problem_at=now, problem=problem[:500]
        )
    else:
        mine.filter(Q(answered_at=None) | Q(answered_at__lte=now - AGAIN)).update(answered_at=now)
