"""The national Blue Badge service, asked through the API (CT-70)."""

from typing import Any

from ninja import Schema
from pydantic import Field

from moothall.connectors.dft_blue_badge import search as national
from moothall.connectors.dft_blue_badge import status
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.council import settings as council
from moothall.domain.cases.models import Case
from moothall.web.api.case_views import CaseLine
from moothall.web.api.finding import allow, case_named
from moothall.web.api.operations import Operations
from moothall.web.api.problems import Problem
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Moment, NinoText, PostcodeText, UserOut

router = Operations(tags=["National service"])


class BadgeSearch(Body):
    """By badge number; by name or postcode, which a National Insurance number narrows; or by that number alone, of somebody
    recorded here whom you may see."""

    number: str = Field("", max_length=20)
    name: str = Field("", max_length=100)
    postcode: PostcodeText = ""
    nino: NinoText = ""
    case: str | None = Field(None, max_length=40, description="Keep the answer with this case")
    refresh: bool = Field(False, description="Ask again, although an answer is kept")


class BadgesFound(Schema):
    """The answer, kept until somebody refreshes it."""

    badges: list[dict[str, Any]]
    asked_at: Moment
    asked_by: UserOut


class BadgeImport(Body):
    number: str = Field(min_length=1, max_length=20)
    source: str = Field(max_length=60, description="How it came in: a source of the service")


@router.searches("/national-badges/search", needs=Permission.SEARCH_NATIONALLY, answers=BadgesFound)
def search_badges(request: ApiRequest, body: BadgeSearch) -> BadgesFound:
    """Badges of any authority."""
    case = case_named(request, body.case) if body.case is not None else None
    allow(request, council.read(NationalService).service)
    lookup = national.search(
        number=body.number,
        name=body.name,
        postcode=body.postcode,
        nino=body.nino,
        case=case,
        refresh=body.refresh,
        by=request.auth,
        at=request.now,
    )
    return BadgesFound(badges=lookup.found, asked_at=lookup.at, asked_by=UserOut.of(lookup.by))


class BadgeRefresh(Body):
    number: str = Field(min_length=1, max_length=20)
    case: str | None = Field(None, max_length=40, description="Keep the answer with this case")


class BadgeNow(Schema):
    """A badge as the national service has just shown it, and when that was."""

    badge: dict[str, Any]
    refreshed_at: Moment
    refreshed_by: UserOut


def _asked_anew(request: ApiRequest, body: BadgeRefresh) -> dict[str, Any]:
    allow(request, council.read(NationalService).service)
    if body.case is not None:
        case_named(request, body.case)
    return national.fetch(body.number)


@router.writes(
    "POST",
    "/national-badges/refresh",
    needs=Permission.SEARCH_NATIONALLY,
    answers=BadgeNow,
    first=_asked_anew,
)
def refresh_badge(request: ApiRequest, body: BadgeRefresh) -> BadgeNow:
    """How one badge stands now; where we record the badge, its status is brought up to date."""
    case = case_named(request, body.case) if body.case is not None else None
    kept = status.refresh(request.fetched, by=request.auth, at=request.now, case=case)
    return BadgeNow(badge=kept.found, refreshed_at=kept.at, refreshed_by=UserOut.of(kept.by))


def _fetched(request: ApiRequest, body: BadgeImport) -> dict[str, Any]:
    service = council.read(NationalService).service
    allow(request, service)
    if not request.auth.may(Permission.OPEN_CASES, service):
        raise Problem(403, "You may not open a case for the holder of this badge.")
    return national.fetch(body.number)


@router.writes(
    "POST",
    "/national-badges/import",
    needs=Permission.SEARCH_NATIONALLY,
    answers=CaseLine,
    status=201,
    first=_fetched,
)
def import_badge(request: ApiRequest, body: BadgeImport) -> CaseLine:
    """Take over somebody with a badge of another authority as a person and a case; again gives the same case."""
    case = national.take_over(request.fetched, source=body.source, by=request.auth, at=request.now)
    recording.read(case, by=request.auth, at=request.now, via="api national.import")
    return CaseLine.of(Case.objects.select_related("service", "customer").get(pk=case.pk))
