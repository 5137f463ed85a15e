"""The case row is the lock for everything on a case."""

from moothall.domain.cases.models import Case, CaseQuerySet


def lock_rows() -> CaseQuerySet:
    """Cases, each held from when it is fetched until the transaction ends."""
    return Case.objects.select_for_update(of=("self",), no_key=True).defer("submitted")


def lock(case: Case) -> Case:
    """The case as it is now, held until the transaction ends; `case` itself gets the values others wrote."""
    fresh = lock_rows().get(pk=case.pk)
    case.tags, case.closed_at, case.end_state = fresh.tags, fresh.closed_at, fresh.end_state
    return fresh
