"""Workflows as defined: listed, drawn, and who may do what in them."""

from typing import Literal

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Schema
from pydantic import Field

from moothall.core.accounts.models import EVERY_SERVICE
from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue.models import Service
from moothall.domain.workflow import definition, diagram, permits, published
from moothall.web.api.finding import version_named
from moothall.web.api.operations import Operations
from moothall.web.api.request import ApiRequest

router = Operations(tags=["Workflows"])


class VersionQuery(Schema):
    version: int | None = Field(None, ge=1, le=2**31 - 1, description="The newest when left out")


class DiagramQuery(VersionQuery):
    format: Literal["svg", "mermaid", "text"] = "svg"
    stage: str | None = Field(None, max_length=60, description="Marked as where a case is")


class WorkflowOut(Schema):
    key: str
    version: int
    name: str
    service: str


class PermitRow(Schema):
    act: str
    stage: str
    subject: str
    groups: list[str]


class PermitTable(Schema):
    key: str
    version: int
    rows: list[PermitRow]


@router.reads("/workflows", needs=Permission.VIEW_WORK, answers=list[WorkflowOut])
def list_workflows(request: ApiRequest) -> list[WorkflowOut]:
    """The workflows of the services you reach, at the version new cases open under."""
    services = Service.objects.exclude(current=None)
    given = request.auth.services_with(Permission.VIEW_WORK)
    if EVERY_SERVICE not in given:
        services = services.filter(key__in=given)
    rows = services.order_by("key", "current__workflows__workflow__key").values_list(
        "key", "current__workflows__workflow__key", "current__workflows__number", "current__workflows__pk"
    )
    return [
        WorkflowOut(key=key, version=number, name=published.workflow(pk).name, service=service)
        for service, key, number, pk in rows[:500]
        if pk is not None
    ]


@router.reads("/workflows/{key}/diagram", needs=Permission.VIEW_WORK, answers=None)
def workflow_diagram(request: ApiRequest, key: str, query: Query[DiagramQuery]) -> HttpResponseBase:
    """A flow diagram: SVG, Mermaid source, or the same in words."""
    found = published.workflow(version_named(request, key, query.version).pk)
    current = query.stage if query.stage and found.has_stage(query.stage) else None
    draw = {"svg": diagram.svg, "mermaid": diagram.mermaid, "text": diagram.description}[query.format]
    kind = "image/svg+xml" if query.format == "svg" else "text/plain; charset=utf-8"
    response = HttpResponse(draw(found, current=current), content_type=kind)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@router.reads("/workflows/{key}/definition", needs=Permission.VIEW_WORK, answers=None)
def workflow_definition(request: ApiRequest, key: str, query: Query[VersionQuery]) -> HttpResponseBase:
    """The definition itself, in YAML."""
    found = published.workflow(version_named(request, key, query.version).pk)
    return HttpResponse(definition.dump(found), content_type="application/yaml")


@router.reads("/workflows/{key}/permits", needs=Permission.VIEW_WORK, answers=PermitTable)
def workflow_permits(request: ApiRequest, key: str, query: Query[VersionQuery]) -> PermitTable:
    """Which groups may do what at each stage (BEST-22)."""
    version = version_named(request, key, query.version)
    rows = permits.table(published.workflow(version.pk))
    return PermitTable(
        key=key,
        version=version.number,
        rows=[PermitRow(act=row.act, stage=row.stage, subject=row.subject, groups=sorted(row.groups)) for row in rows],
    )
