"""Files put on a case at the desk, with the tags they may have (CT-50, CT-51): on its tab, and as it is opened by hand."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from moothall.core.compiled import compiled
from moothall.core.lists.actions import TagRefused
from moothall.core.lists.models import Tag
from moothall.domain.cases import filing
from moothall.domain.cases.models import Case
from moothall.domain.documents import actions as files
from moothall.domain.documents.models import Document
from moothall.web.desk.forms.papers import Upload
from moothall.web.desk.request import DeskRequest

TWICE = timedelta(minutes=1)
"""The same file of the same person within this time is one file, sent twice."""


def tags() -> dict[str, Tag]:
    """The tags documents may have, by key."""
    return {tag.key: tag for tag in _tags()}


def settable(known: dict[str, Tag], case: Case, *, has: Collection[str] = ()) -> list[tuple[str, str]]:
    """Those that people put on documents of this case, and of those a document `has` the ones people take off."""
    free = (tag for tag in known.values() if not tag.system)
    service = [case.service_key]
    return [(tag.key, tag.label) for tag in free if tag.key in has or (not tag.retired_on and tag.is_of(service))]


def add(request: DeskRequest, case: Case, form: Upload) -> None:
    """Put each file on the case that can be taken, and say how many; the others are errors of the form."""
    added = 0
    for one in form.cleaned_data["uploads"]:
        problem, there = take(request, case, one, form.cleaned_data["tags"])
        if problem:
            form.add_error("uploads", f"{one.name}: {problem}")
        elif there:
            messages.info(request, f"{one.name}: {there}")
        else:
            added += 1
    if added:
        messages.success(request, ngettext("%s file was added.", "%s files were added.", added) % added)


def take(request: DeskRequest, case: Case, one: "UploadedFile[Any]", tags: list[str]) -> tuple[str, str]:
    """Why a file cannot be taken, and that it is there already; both empty when it was taken."""
    if (one.size or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return _("This file is too large."), ""
    try:
        kept = filing.add_document(
            case,
            name=one.name or "document",
            content=one.read(),
            origin=Document.Origin.OFFICER,
            tags=tags,
            once_within=TWICE,
            by=request.user,
            at=request.now,
        )
    except (files.Refused, TagRefused) as refused:
        return str(refused), ""
    if kept.created_at == request.now:
        return "", ""
    again = _("Not added again: it is the file that was added a moment ago as “%s”.") % kept.name
    if set(tags) <= set(kept.tags):
        return "", again
    return "", again + " " + _("Its tags stay as they are: change them beside it.")


@compiled(prepared=True)
def _tags() -> QuerySet[Tag]:
    return Tag.objects.filter(applies_to=Tag.Applies.DOCUMENT).order_by("label")
