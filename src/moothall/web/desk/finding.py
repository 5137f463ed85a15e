"""From what an address names to what somebody may see. What is not there and what may not be seen are both 404.

What may be seen, but not used so for want of a permission for its service, is 403.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.compiled import compiled
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.workflow import permits, published
from moothall.kit import references
from moothall.kit.invalid import Invalid
from moothall.web.desk.request import DeskRequest


def case_named(request: DeskRequest, reference: str, *needs: Permission) -> Case:
    """The case with this reference, however it is written. Does not record that it was read."""
    try:
        reference = references.normalise(reference)
    except Invalid as error:
        raise Http404 from error
    case = next(iter(_case(request.user, reference=reference)), None)
    if case is None:
        raise Http404
    allow(request, case.service.key, *needs)
    return case


@compiled(prepared=True)
def _case(user: User, *, reference: str) -> QuerySet[Case]:
    whose = ("customer__person", "customer__organisation")
    cases = Case.objects.visible_to(user).select_related("service", *whose, "opened_by", "owner", "team")
    return cases.filter(reference=reference)


def case_read(request: DeskRequest, reference: str, *needs: Permission, via: str) -> Case:
    """The case with this reference, whose reading is recorded (PPP-6). `via` names the page."""
    case = case_named(request, reference, *needs)
    recording.read(case, by=request.user, at=request.now, via=f"desk {via}")
    return case


def item_named(request: DeskRequest, item_id: int, *needs: Permission) -> WorkItem:
    """The work item with this id."""
    items = WorkItem.objects.visible_to(request.user).select_related("stage", "run", "case__service", "case__customer")
    item = items.filter(pk=item_id).first()
    if item is None:
        raise Http404
    allow(request, item.case.service.key, *needs)
    return item


def item_progressing(request: DeskRequest, item_id: int, *needs: Permission) -> WorkItem:
    """The work item with this id, for somebody whose groups progress its stage."""
    item = item_named(request, item_id, *needs)
    definition = published.workflow(item.stage.version_id)
    if not permits.may(definition, request.user.group_keys, "progress", stage=item.stage.key):
        raise PermissionDenied(_("You may not progress %s.") % item.stage.name)
    return item


def allow(request: DeskRequest, service: str, *needs: Permission) -> None:
    """Refuse (403) who lacks a permission for this service, though they may have it for another."""
    for permission in needs:
        if not request.user.may(permission, service):
            raise PermissionDenied(_("This needs the permission %s for this service.") % permission)
