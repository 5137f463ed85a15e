"""The notes of a case, and the colleagues they are meant for (CT-52, BEST-8)."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.compiled import compiled
from moothall.domain.cases import actions, mentions, sight
from moothall.domain.cases.actions import CannotChange
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, Note
from moothall.web.common import paging
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.common.whole import whole
from moothall.web.components.parts import numbered
from moothall.web.desk import written
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page, may_see
from moothall.web.desk.forms.case import NewNote
from moothall.web.desk.request import DeskRequest

PAGE = 50
MOST_COLLEAGUES = 500
TWICE = timedelta(minutes=1)
"""The same note of the same person within this time is one note, sent twice."""


@needs(Permission.VIEW_NOTES)
@READ_OR_SEND
def notes(request: DeskRequest, reference: str) -> HttpResponse:
    """The notes, the newest first, and a way to write one."""
    posted = request.method == "POST"
    page = case_page(request, reference, "notes", *([Permission.ADD_NOTES] if posted else []))
    case = page["case"]
    may_add = may_see(request, case, Permission.ADD_NOTES)
    everybody = _colleagues(service=case.service.key) if may_add else []
    colleagues = [one for one in everybody if one.pk != request.user.pk][:MOST_COLLEAGUES]
    offered = [(str(one.pk), one.full_name) for one in colleagues]
    form = NewNote(request.POST if posted else None, colleagues=offered)
    if form.is_valid():
        try:
            _write(request, case, form.cleaned_data, colleagues)
        except CannotChange as refused:
            form.add_error("text", str(refused))
        else:
            messages.success(request, _("The note was added."))
            return redirect("desk:case_notes", case.reference)
    count = next(iter(_counted(request.user, case=case.pk)), 0)
    here = _page(request, case, count)
    shown = _newest(request.user, case=case.pk) if here.number == 1 else here.of(_notes(request.user, case.pk))
    given = {
        "form": form,
        "failed": posted,
        "notes": written.articles(shown),
        "pages": numbered(page=here.number, last=here.last, query=QueryDict()) if here.last > 1 else None,
        "count": count,
        "may_add": may_add,
    }
    return TemplateResponse(request, "desk/case_notes.html", {**page, **given}, status=422 if posted else 200)


@compiled(prepared=True)
def _colleagues(*, service: str) -> QuerySet[User]:
    return mentions.colleagues(service)[: MOST_COLLEAGUES + 1]


def _page(request: DeskRequest, case: Case, count: int) -> paging.Place:
    """The page asked for, or the one with the note that a link leads to. Raises Http404 for what is none."""
    note = whole(request.GET.get("note", ""))
    if note is not None and (found := _notes(request.user, case.pk).filter(pk=note).first()):
        newer = Q(at__gt=found.at) | Q(at=found.at, pk__gt=found.pk)
        number = 1 + _notes(request.user, case.pk).filter(newer).count() // PAGE
        return paging.page({"page": str(number)}, count=count, size=PAGE)
    return paging.page(request.GET, count=count, size=PAGE)


def _notes(user: User, case: int) -> QuerySet[Note]:
    notes = sight.visible_notes(user).filter(case=case).select_related("by").order_by("-at", "-id")
    return notes.prefetch_related("mentions__user")


@compiled(prepared=True)
def _newest(user: User, *, case: int) -> QuerySet[Note]:
    return _notes(user, case)[:PAGE]


@compiled(prepared=True)
def _counted(user: User, *, case: int) -> QuerySet[Note, int]:
    notes = sight.visible_notes(user).filter(case=case).order_by().values("case")
    return notes.annotate(many=Count("pk")).values_list("many", flat=True)


def _write(request: DeskRequest, case: Case, given: dict[str, Any], colleagues: list[User]) -> None:
    text, important, chosen = given["text"], given["important"], set(given["tell"])
    tell = mentions.named_in(text, case=case, chosen=[one for one in colleagues if str(one.pk) in chosen])
    with transaction.atomic():
        lock(case)
        same = case.notes.filter(by=request.user, text=text.strip(), important=important, at__gt=request.now - TWICE)
        if not same.exists():
            actions.add_note(case, text=text, important=important, tell=tell, by=request.user, at=request.now)


urlpatterns = [path("cases/<str:reference>/notes/", notes, name="case_notes")]
