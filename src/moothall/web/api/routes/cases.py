"""Cases: found, opened, tagged, their workflows started."""

from django.db.models import Q, QuerySet
from django.http.response import HttpResponseBase
from ninja import Query, Schema
from pydantic import Field

from moothall.core.accounts.models import EVERY_SERVICE, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.audit.models import Access
from moothall.domain.cases import actions, duplicates, progress, sight
from moothall.domain.cases.models import Case, CaseQuerySet, RelatedCase
from moothall.domain.catalogue.models import Service, ServiceVersion
from moothall.kit.calendars import LONDON
from moothall.web.api.case_filters import CaseFilter, CaseListQuery, CaseSearch
from moothall.web.api.case_views import CaseDetail, CaseLine, TeamOut, case_facts, open_work, runs_of
from moothall.web.api.export import csv_response
from moothall.web.api.finding import case_named, case_read
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, bounded_count, page_of
from moothall.web.api.problems import invalid
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Key, Line, Moment, RowId, UserOut

router = Operations(tags=["Cases"])


class Count(Schema):
    """How many; exact up to ten thousand."""

    total: int
    total_is_more: bool


class NewCase(Body):
    service: str = Field(max_length=60)
    type: str = Field(max_length=60)
    source: str = Field(max_length=60)
    customer: RowId
    tags: list[str] = Field([], max_length=50)


class TagChange(Body):
    set: list[str] = Field([], max_length=50)
    remove: list[str] = Field([], max_length=50)


class WorkflowStart(Body):
    workflow: str = Field(max_length=120)


class CaseAssignment(Body):
    owner: RowId | None = Field(description="A user; null for nobody")
    team: Key | None = Field(description="The key of a security group; null for none")


class NewLink(Body):
    case: str = Field(max_length=40, description="The reference of the other case")
    why: Line
    kind: RelatedCase.Kind = Field(RelatedCase.Kind.RELATED, description="What this case is to the other")


class OtherCase(Body):
    case: str = Field(max_length=40, description="The reference of the other case")


class EndOfLink(Body):
    case: str = Field(max_length=40, description="The reference of the other case")
    why: Line


class LinkOut(Schema):
    """Another case that has to do with this one."""

    case: CaseLine
    kind: str = Field(description="What the case asked for is to this other one")
    why: str
    by: UserOut
    at: Moment


class SimilarOut(CaseLine):
    reasons: list[str]


class AccessOut(Schema):
    user: UserOut
    at: Moment
    via: str


@router.reads("/cases", needs=Permission.VIEW_CASES, answers=Page[CaseLine])
def list_cases(request: ApiRequest, query: Query[CaseListQuery]) -> Page[CaseLine]:
    """Cases you may see, by filter."""
    cases = query.ordered(query.narrow(_visible(request)))
    page = page_of(cases, query, CaseLine.of)
    _searched(request, "cases.list", page.total, sorted(query.model_fields_set))
    return page


@router.searches("/cases/search", needs=Permission.VIEW_CASES, answers=Page[CaseLine])
def search_cases(request: ApiRequest, body: CaseSearch) -> Page[CaseLine]:
    """Cases you may see, by what is known of them."""
    cases = body.narrow(_visible(request), request.auth).order_by("-opened_at", "-id")
    page = page_of(cases, PageQuery(page=body.page, page_size=body.page_size), CaseLine.of)
    _searched(request, "cases.search", page.total, body.asked())
    return page


@router.reads("/cases/count", needs=Permission.VIEW_CASES, answers=Count)
def count_cases(request: ApiRequest, query: Query[CaseFilter]) -> Count:
    """How many cases you may see, by filter."""
    total, more = bounded_count(query.narrow(Case.objects.visible_to(request.auth)))
    return Count(total=total, total_is_more=more)


@router.reads("/cases/export", needs=Permission.EXPORT_CASES, answers=None)
def export_cases(request: ApiRequest, query: Query[CaseFilter]) -> HttpResponseBase:
    """Cases you may see, by filter, as CSV, oldest first."""
    cases = query.narrow(_visible(request, Permission.EXPORT_CASES)).order_by("opened_at", "id")
    _searched(request, "cases.export", cases.count(), sorted(query.model_fields_set))
    return csv_response(EXPORTED, (_exported(case) for case in cases.iterator(chunk_size=1000)), name="cases.csv")


@router.writes("POST", "/cases", needs=Permission.OPEN_CASES, answers=CaseDetail, status=201)
def open_case(request: ApiRequest, body: NewCase) -> CaseDetail:
    """Open a case by hand; the workflow its type names starts."""
    service = Service.objects.filter(key=body.service).first()
    if service is None or not request.auth.may(Permission.OPEN_CASES, service.key):
        raise invalid("body.service", f"There is no service “{body.service}” that you may open a case for.")
    customer = sight.visible_people(request.auth).filter(pk=body.customer).first()
    if customer is None:
        raise invalid("body.customer", "There is no such customer, or you may not see them.")
    case = actions.open_case(
        service=service, type=body.type, source=body.source, customer=customer, by=request.auth, at=request.now
    )
    if body.tags:
        actions.tag_case(case, set=body.tags, by=request.auth, at=request.now)
    return _detail(request, case, via="cases.open")


@router.reads("/cases/{reference}", needs=Permission.VIEW_CASES, answers=CaseDetail)
def read_case(request: ApiRequest, reference: str) -> CaseDetail:
    """One case."""
    return _detail(request, case_named(request, reference), via="cases.detail")


@router.writes("POST", "/cases/{reference}/tags", needs=Permission.EDIT_CASES, answers=CaseDetail)
def tag_case(request: ApiRequest, reference: str, body: TagChange) -> CaseDetail:
    """Put tags on a case and take tags off. Automatic stages may move on."""
    case = case_named(request, reference)
    actions.tag_case(case, set=body.set, remove=body.remove, by=request.auth, at=request.now)
    return _detail(request, case_named(request, reference), via="cases.tags")


@router.writes("POST", "/cases/{reference}/workflows", needs=Permission.START_WORKFLOWS, answers=CaseDetail, status=201)
def start_workflow(request: ApiRequest, reference: str, body: WorkflowStart) -> CaseDetail:
    """Start a workflow of the case's service by hand, if your groups may."""
    case = case_named(request, reference)
    try:
        progress.start(case, body.workflow, by=request.auth, at=request.now, by_hand=True)
    except LookupError as error:
        raise invalid("body.workflow", str(error.args[0])) from error
    return _detail(request, case_named(request, reference), via="cases.workflows")


@router.reads("/cases/{reference}/similar", needs=Permission.VIEW_CASES, answers=list[SimilarOut])
def similar_cases(request: ApiRequest, reference: str) -> list[SimilarOut]:
    """Cases that may be the same or for the same person, among those you may see."""
    case = case_read(request, reference, via="cases.similar")
    found = actions.similar_cases(case, user=request.auth)
    return [SimilarOut(**case_facts(similar.case), reasons=list(similar.reasons)) for similar in found]


@router.reads("/cases/{reference}/links", needs=Permission.VIEW_CASES, answers=Page[LinkOut])
def linked_cases(request: ApiRequest, reference: str, query: Query[PageQuery]) -> Page[LinkOut]:
    """Cases that have to do with this one, among those you may see, newest link first."""
    case = case_read(request, reference, via="cases.links")
    seen = _visible(request).values("pk")
    links = RelatedCase.objects.filter(Q(first=case, second__in=seen) | Q(second=case, first__in=seen))
    both = [f"{end}__{name}" for end in ("first", "second") for name in ("service", "customer")]
    rows = links.select_related("by", *both).defer("first__submitted", "second__submitted").order_by("-at", "-id")
    return page_of(rows, query, lambda link: _link(link, case))


@router.writes("POST", "/cases/{reference}/links", needs=Permission.EDIT_CASES, answers=LinkOut, status=201)
def link_cases(request: ApiRequest, reference: str, body: NewLink) -> LinkOut:
    """Say that two cases have to do with each other, and how; again changes nothing (PPP-31)."""
    case, other = case_named(request, reference), case_read(request, body.case, via="cases.links")
    link = actions.link_cases(case, other, kind=body.kind, why=body.why, by=request.auth, at=request.now)
    return _link(link, case)


@router.writes("POST", "/cases/{reference}/unlink", needs=Permission.EDIT_CASES, answers=None, status=204)
def unlink_cases(request: ApiRequest, reference: str, body: EndOfLink) -> None:
    """Say that two cases have nothing to do with each other after all; again changes nothing."""
    case, other = case_named(request, reference), case_named(request, body.case)
    actions.unlink_cases(case, other, why=body.why, by=request.auth, at=request.now)


@router.reads("/cases/{reference}/duplicates", needs=Permission.VIEW_CASES, answers=list[SimilarOut])
def possible_duplicates(request: ApiRequest, reference: str) -> list[SimilarOut]:
    """Other open cases of the same service that may be about the same thing, with reasons, the newest first."""
    case = case_read(request, reference, via="cases.duplicates")
    home = case.customer.address_on(request.now.astimezone(LONDON).date())
    found = duplicates.of_case(case, user=request.auth, postcode=home.postcode if home else "")
    return [SimilarOut(**case_facts(one.case), reasons=list(one.reasons)) for one in found]


@router.writes("POST", "/cases/{reference}/not-duplicate", needs=Permission.EDIT_CASES, answers=None, status=204)
def not_duplicate(request: ApiRequest, reference: str, body: OtherCase) -> None:
    """Say that two cases are two things; again changes nothing."""
    case, other = case_named(request, reference), case_named(request, body.case)
    actions.not_duplicate(case, other, by=request.auth, at=request.now)


@router.writes("POST", "/cases/{reference}/assignment", needs=Permission.EDIT_CASES, answers=CaseDetail)
def assign_case(request: ApiRequest, reference: str, body: CaseAssignment) -> CaseDetail:
    """Say whose case this is: a colleague's who may see it, a team's that reaches its service, both, or nobody's."""
    case = case_named(request, reference)
    owner, team = None, None
    if body.owner is not None:
        owner = User.objects.filter(pk=body.owner, is_active=True, kind=User.Kind.PERSON).first()
        if owner is None or not Case.objects.visible_to(owner).filter(pk=case.pk).exists():
            raise invalid("body.owner", "There is no such colleague who may see this case.")
    if body.team is not None:
        reaching = SecurityGroup.objects.filter(services__overlap=[case.service.key, EVERY_SERVICE])
        team = reaching.filter(key=body.team).first()
        if team is None:
            raise invalid("body.team", "There is no such team that reaches this service.")
    actions.assign_case(case, owner=owner, team=team, by=request.auth, at=request.now)
    return _detail(request, case_named(request, reference), via="cases.assignment")


@router.reads("/cases/{reference}/accesses", needs=Permission.VIEW_ACCESSES, answers=Page[AccessOut])
def case_accesses(request: ApiRequest, reference: str, query: Query[PageQuery]) -> Page[AccessOut]:
    """Who read this case, newest first."""
    case = case_named(request, reference)
    return page_of(accesses_of("case", case.pk), query, show_access)


def accesses_of(subject_type: str, *subjects: int) -> "QuerySet[Access, Access]":
    """Who read any of these records, newest first."""
    rows = Access.objects.filter(subject_type=subject_type, subject_id__in=subjects)
    return rows.select_related("user").order_by("-at", "-id")


def show_access(row: Access) -> AccessOut:
    return AccessOut(user=UserOut.of(row.user), at=row.at, via=row.via)


def _visible(request: ApiRequest, *needs: Permission) -> CaseQuerySet:
    return Case.objects.visible_to(request.auth, *needs).select_related("service", "customer").defer("submitted")


def _searched(request: ApiRequest, via: str, found: int, asked: list[str]) -> None:
    recording.searched("case", by=request.auth, at=request.now, via=f"api {via}", found=found, asked=asked)


def _detail(request: ApiRequest, case: Case, *, via: str) -> CaseDetail:
    """A case as shown to whoever asks, which is recorded, also when a change answers with it (PPP-6)."""
    recording.read(case, by=request.auth, at=request.now, via=f"api {via}")
    user, service = request.auth, case.service.key
    version = ServiceVersion.objects.only("number").get(pk=case.service_version_id)  # not its files, which are large
    return CaseDetail(
        **case_facts(case),
        service_version=version.number,
        opened_by=UserOut.of(case.opened_by),
        submitted=case.submitted if user.may(Permission.VIEW_SUBMISSION, service) else None,
        important_notes=case.notes.filter(important=True).count() if user.may(Permission.VIEW_NOTES, service) else None,
        owner=UserOut.of(case.owner) if case.owner else None,
        team=TeamOut(key=case.team.key, name=case.team.name) if case.team else None,
        runs=runs_of(case),
        work=open_work(case, seen_by=user),
    )


def _link(link: RelatedCase, case: Case) -> LinkOut:
    other = link.second if link.first_id == case.pk else link.first
    return LinkOut(case=CaseLine.of(other), kind=link.kind_for(case), why=link.why, by=UserOut.of(link.by), at=link.at)


EXPORTED = ("Reference", "Service", "Type", "Source", "Tags", "Customer", "Opened", "Closed", "End state")


def _exported(case: Case) -> list[object]:
    opened, closed = case.opened_at.isoformat(), case.closed_at.isoformat() if case.closed_at else ""
    tags = " ".join(case.tags)
    return [
        case.reference, case.service.key, case.type, case.source, tags, case.customer.name, opened, closed, case.end_state
    ]  # fmt: skip
