"""From what a URL names to what the user may see. What is not there and what may not be seen are both 404.

What may be seen, but not used as the operation would for want of its permission for that service, is 403.
"""

from django.db.models import QuerySet

from moothall.core.accounts.models import EVERY_SERVICE
from moothall.core.audit import recording
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.workflow import permits, published
from moothall.domain.workflow.models import WorkflowVersion
from moothall.kit import references
from moothall.kit.invalid import Invalid
from moothall.web.api.problems import Problem, not_found
from moothall.web.api.request import ApiRequest


def case_named(request: ApiRequest, reference: str) -> Case:
    """The case with this reference, however it is written. Does not record that it was read."""
    try:
        reference = references.normalise(reference)
    except Invalid as error:
        raise not_found() from error
    cases = Case.objects.visible_to(request.auth).select_related("service", "customer", "opened_by", "owner", "team")
    case = cases.filter(reference=reference).first()
    if case is None:
        raise not_found()
    allow(request, case.service.key)
    return case


def case_read(request: ApiRequest, reference: str, *, via: str) -> Case:
    """The case with this reference, whose reading is recorded (PPP-6)."""
    case = case_named(request, reference)
    recording.read(case, by=request.auth, at=request.now, via=f"api {via}")
    return case


def item_named(request: ApiRequest, item_id: int) -> WorkItem:
    """The work item with this id."""
    items = WorkItem.objects.visible_to(request.auth).select_related("stage", "run", "case__service", "case__customer")
    item = items.filter(pk=item_id).first()
    if item is None:
        raise not_found()
    allow(request, item.case.service.key)
    return item


def item_progressing(request: ApiRequest, item_id: int) -> WorkItem:
    """The work item with this id, for somebody whose groups progress its stage."""
    item = item_named(request, item_id)
    definition = published.workflow(item.stage.version_id)
    if not permits.may(definition, request.auth.group_keys, "progress", stage=item.stage.key):
        raise Problem(403, f"You may not progress {item.stage.name}.")
    return item


def allow(request: ApiRequest, service: str) -> None:
    """Refuse (403) who lacks what the operation needs for this service, though they have it for another."""
    if request.needs is not None and not request.auth.may(request.needs, service):
        raise Problem(403, f"This needs the permission {request.needs} for the service {service}.")


def version_named(request: ApiRequest, key: str, number: int | None) -> WorkflowVersion:
    """A version (None: the newest) of a workflow of a service the user reaches."""
    versions = _versions(request, key)
    if number is not None:
        versions = versions.filter(number=number)
    version = versions.order_by("-number").first()
    if version is None:
        raise not_found()
    return version


def versions_named(request: ApiRequest, key: str, *numbers: int) -> list[WorkflowVersion]:
    """These versions of a workflow of a service the user reaches, in the order asked for, in one statement."""
    found = {version.number: version for version in _versions(request, key).filter(number__in=numbers)}
    if not found.keys() >= set(numbers):
        raise not_found()
    return [found[number] for number in numbers]


def _versions(request: ApiRequest, key: str) -> QuerySet[WorkflowVersion]:
    service = key.partition(".")[0]
    if request.auth.service_keys.isdisjoint({service, EVERY_SERVICE}):
        raise not_found()
    allow(request, service)
    return WorkflowVersion.objects.filter(workflow__key=key).defer("definition")
