"""Tags put on and taken off cases, customers and documents (CT-51)."""

from collections.abc import Iterable
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.domain.cases import progress, timeline, waking
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.documents.models import Document
from moothall.domain.people.models import Customer


def tag_case(
    case: Case, *, by: User, at: datetime, set: Iterable[str] = (), remove: Iterable[str] = (), system: bool = False
) -> None:
    """Put tags on a case and take tags off, as asked or not at all; automatic stages that wait for tags move on.

    Only workflows and integrations (`system`) may touch system tags and those of other services. Raises lists.TagRefused.
    """
    put, taken = frozenset(set), frozenset(remove)
    if not system:
        lists.check_tags("case", services=[case.service_key], set=put, remove=taken)
    with recording.because(action="case.tagged", by=by, at=at):
        fresh = lock(case)
        before, after = fresh.tags, _retagged(fresh.tags, put, taken)
        if frozenset(before) == frozenset(after):
            return
        fresh.tags = case.tags = after
        fresh.updated_at = at
        fresh.save(update_fields=["tags", "updated_at"])
        _write(case, "case", before, after, by=by, at=at)
        recording.record("case.tagged", case, by=by, at=at, before=before, after=after)
        progress.happened(case, event="tag", at=at)


def tag_customer(
    case: Case, *, by: User, at: datetime, set: Iterable[str] = (), remove: Iterable[str] = (), system: bool = False
) -> None:
    """Put tags on the customer of a case and take tags off, from that case. Otherwise as `tag_case`.

    Automatic stages of their other cases move on in a job, queued in the same transaction.
    """
    put, taken = frozenset(set), frozenset(remove)
    if not system:
        lists.check_tags("customer", services=[case.service_key], set=put, remove=taken)
    with recording.because(action="customer.tagged", by=by, at=at):
        lock(case)
        customer = Customer.objects.select_for_update(no_key=True).get(pk=case.customer_id)
        before, after = customer.tags, _retagged(customer.tags, put, taken)
        if frozenset(before) == frozenset(after):
            return
        customer.tags = after
        customer.save(update_fields=["tags"])
        case.customer = customer
        _write(case, "customer", before, after, by=by, at=at)
        recording.record("customer.tagged", customer, by=by, at=at, before=before, after=after)
        progress.happened(case, event=waking.EVENT, at=at)
        waking.other_cases(case)


def tag_customer_alone(
    customer: Customer, *, by: User, at: datetime, set: Iterable[str] = (), remove: Iterable[str] = ()
) -> None:
    """Put tags on a customer and take tags off by hand, from their own record and from no case. Raises lists.TagRefused.

    Automatic stages of their cases move on in a job, queued in the same transaction.
    """
    put, taken = frozenset(set), frozenset(remove)
    lists.check_tags("customer", services=by.reached(Permission.EDIT_PEOPLE), set=put, remove=taken)
    with recording.because(action="customer.tagged", by=by, at=at):
        fresh = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        before, after = fresh.tags, _retagged(fresh.tags, put, taken)
        if frozenset(before) == frozenset(after):
            return
        fresh.tags = customer.tags = after
        fresh.save(update_fields=["tags"])
        recording.record("customer.tagged", customer, by=by, at=at, before=before, after=after)
        waking.every_case(customer.pk)


def tag_document(
    case: Case,
    document: Document,
    *,
    by: User,
    at: datetime,
    set: Iterable[str] = (),
    remove: Iterable[str] = (),
    system: bool = False,
) -> None:
    """Put tags on a document of a case and take tags off. Otherwise as `tag_case`."""
    put, taken = frozenset(set), frozenset(remove)
    if not system:
        lists.check_tags("document", services=[case.service_key], set=put, remove=taken)
    with recording.because(action="document.tagged", by=by, at=at):
        lock(case)
        fresh = Document.objects.select_for_update(no_key=True).get(pk=document.pk, case_link__case=case)
        before, after = fresh.tags, _retagged(fresh.tags, put, taken)
        if frozenset(before) == frozenset(after):
            return
        fresh.tags = document.tags = after
        fresh.save(update_fields=["tags"])
        _write(case, f"“{fresh.name}”", before, after, by=by, at=at, document=fresh.pk)
        recording.record("document.tagged", fresh, by=by, at=at, before=before, after=after)
        progress.happened(case, event="document", at=at)


def _retagged(tags: Iterable[str], put: frozenset[str], taken: frozenset[str]) -> list[str]:
    return sorted((frozenset(tags) | put) - taken)


def _write(
    case: Case, subject: str, before: Iterable[str], after: Iterable[str], *, by: User, at: datetime, **about: int
) -> None:
    put, taken = sorted({*after} - {*before}), sorted({*before} - {*after})
    changes = [f"{verb} {', '.join(tags)}" for verb, tags in (("tagged", put), ("no longer tagged", taken)) if tags]
    text = f"{subject[0].upper()}{subject[1:]} {'; '.join(changes)}."
    timeline.write(case, kind=TimelineEntry.Kind.TAG, text=text, by=by, at=at, set=put, remove=taken, **about)
