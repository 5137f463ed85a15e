"""From what a URL names to what the user may see. What is not there and what may not be seen are both 404."""

from moothall.core.accounts.models import EVERY_SERVICE, User
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
    return item


def item_progressing(request: ApiRequest, item_id: int) -> WorkItem:
    """The work item with this id, for somebody whose groups progress its stage."""
    item = item_named(request, item_id)
    definition = published.workflow(item.stage.version_id)
    if not permits.may(definition, request.auth.group_keys, "progress", stage=item.stage.key):
        raise Problem(403, f"You may not progress {item.stage.name}.")
    return item


def reaches(user: User, service: str) -> bool:
    """Whether a group of this user reaches the service."""
    return EVERY_SERVICE in user.service_keys or service in user.service_keys


def version_named(request: ApiRequest, key: str, number: int | None) -> WorkflowVersion:
    """A version (None: the newest) of a workflow of a service the user reaches."""
    if not reaches(request.auth, key.partition(".")[0]):
        raise not_found()
    versions = WorkflowVersion.objects.filter(workflow__key=key).defer("definition")
    if number is not None:
        versions = versions.filter(number=number)
    version = versions.order_by("-number").first()
    if version is None:
        raise not_found()
    return version
