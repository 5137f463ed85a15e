"""Templates of letters and e-mails: read, their versions, a new text published (CT-60)."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Query, Schema
from pydantic import Field, StringConstraints

from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue import letter_list, letters
from moothall.domain.catalogue.letters import Letter
from moothall.domain.messages import sanitise, templates
from moothall.domain.messages.models import SUBJECT_LENGTH, TemplateVersion
from moothall.domain.messages.templates import Parsed
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import Problem
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Line

router = Operations(tags=["Templates"])


class VersionLine(Schema):
    number: int
    language: str
    name: str
    subject: str
    channels: list[str]
    by_hand: bool = Field(description="An administrator wrote it: publishing the service leaves it in force")
    created_at: datetime
    created_by: str


class VersionOut(VersionLine):
    body: str


class UseOut(Schema):
    how: str = Field(description="outcome, reminder, opened, received or opinion")
    workflow: str
    stage: str
    what: str
    list: str = Field(description="The list whose chosen values bring their paragraphs")


class TemplateLine(Schema):
    key: str
    name: str
    service: str


class TemplateOut(Schema):
    key: str
    in_force: list[VersionOut] = Field(description="The version in force in each language")
    newer_file: list[str] = Field(
        description="Languages in which the service's file has a newer text than an administrator's"
    )
    uses: list[UseOut]
    placeholders: dict[str, str]


class NewText(Body):
    """A whole text in one language."""

    language: Literal["en", "cy"] = "en"
    on: int = Field(
        ge=0, le=2**31 - 1, description="The version you began from; 0 where there is none in this language"
    )
    name: Line
    subject: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SUBJECT_LENGTH)]
    channels: Annotated[list[Literal["email", "letter"]], Field(min_length=1, max_length=2)]
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=sanitise.LONGEST)]


@router.reads("/templates", needs=Permission.EDIT_TEMPLATES, answers=list[TemplateLine])
def every_template(request: ApiRequest) -> list[TemplateLine]:
    """The templates of the services whose templates you may edit."""
    rows = letter_list.every(request.auth)
    return [TemplateLine(key=row.key, name=row.name, service=row.service.key) for row in rows]


@router.reads("/templates/{key}", needs=Permission.EDIT_TEMPLATES, answers=TemplateOut)
def one_template(request: ApiRequest, key: str) -> TemplateOut:
    """A template: its texts in force, what sends it, the placeholders it may use."""
    letter = _found(request, key)
    in_force = letter.in_force()
    return TemplateOut(
        key=key,
        in_force=[_whole(version) for version in in_force.values()],
        newer_file=[language for language, version in in_force.items() if letter.newer(version)],
        uses=[
            UseOut(how=use.how, workflow=use.workflow, stage=use.stage, what=use.what, list=use.list)
            for use in letter.uses
        ],
        placeholders={**letter.vocabulary.lines, **letter.vocabulary.lists, **letter.vocabulary.blocks},
    )


@router.reads("/templates/{key}/versions", needs=Permission.EDIT_TEMPLATES, answers=Page[VersionLine])
def template_versions(request: ApiRequest, key: str, query: Query[PageQuery]) -> Page[VersionLine]:
    """The versions of a template, the newest first."""
    versions = _found(request, key).template.versions.select_related("created_by").defer("body").order_by("-number")
    return page_of(versions, query, _line)


@router.reads("/templates/{key}/versions/{int:number}", needs=Permission.EDIT_TEMPLATES, answers=VersionOut)
def template_version(request: ApiRequest, key: str, number: int) -> VersionOut:
    """One version, as it was published."""
    versions = _found(request, key).template.versions.select_related("created_by")
    version = versions.filter(number=number).first() if number < 2**31 else None
    if version is None:
        raise Problem(404)
    return _whole(version)


@router.writes("POST", "/templates/{key}/versions", needs=Permission.EDIT_TEMPLATES, answers=VersionOut, status=201)
def publish_text(request: ApiRequest, key: str, body: NewText) -> VersionOut:
    """Publish a text as a new version. A text that says just what the version in force says makes none."""
    letter = _found(request, key)
    text = Parsed(
        name=body.name,
        subject=body.subject,
        channels=tuple(sorted(set(body.channels))),
        language=body.language,
        body=body.body.replace("\r\n", "\n"),
    )
    try:
        version = letters.change(letter, text, on=body.on, by=request.auth, at=request.now)
    except letters.Faulty as faulty:
        errors = [(f"body.{field}", sentence) for field, those in faulty.faults.items() for sentence in those]
        raise Problem(422, str(faulty), kind="template-fault", errors=errors) from faulty
    return _whole(version)


def _found(request: ApiRequest, key: str) -> Letter:
    try:
        return letters.find(key, by=request.auth)
    except templates.NoSuchTemplate as error:
        raise Problem(404) from error


def _line(version: TemplateVersion) -> VersionLine:
    return VersionLine.model_validate(_facts(version))


def _whole(version: TemplateVersion) -> VersionOut:
    return VersionOut.model_validate({"body": version.body, **_facts(version)})


def _facts(version: TemplateVersion) -> dict[str, object]:
    return {
        "number": version.number,
        "language": version.language,
        "name": version.name,
        "subject": version.subject,
        "channels": version.channels,
        "by_hand": version.by_hand,
        "created_at": version.created_at,
        "created_by": version.created_by.full_name,
    }
