"""Documents to print: the letters that were produced, opened together, and marked as printed (CT-61)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import printing
from moothall.domain.documents import actions as documents
from moothall.domain.messages.models import Message
from moothall.web.common import paging
from moothall.web.common.whole import whole
from moothall.web.components.parts import Column, numbered
from moothall.web.desk.access import needs
from moothall.web.desk.request import DeskRequest

PAGE = 50


@needs(Permission.SEND_MESSAGES, Permission.VIEW_DOCUMENTS)
@require_safe
def to_print(request: DeskRequest) -> HttpResponse:
    """The letters that wait to be printed, the longest waiting first."""
    waiting = printing.waiting(request.user)
    count = waiting.count()
    here = paging.nearest(request.GET, count=count, size=PAGE)
    rows = waiting.select_related("case_link__case", "created_by", "to_print").defer(
        "html", "case_link__case__submitted"
    )
    recording.searched("message", by=request.user, at=request.now, via="desk to_print", found=count, asked=[])
    page = {
        "letters": list(here.of(rows)),
        "count": count,
        "columns": [
            Column(_("Choose"), hidden=True),
            *(Column(name) for name in (_("Letter"), _("Case"), _("To"), _("Since"), _("By"))),
        ],
        "pages": numbered(page=here.number, last=here.last, query=request.GET) if here.last > 1 else None,
    }
    return TemplateResponse(request, "desk/to_print.html", page)


@needs(Permission.SEND_MESSAGES, Permission.VIEW_DOCUMENTS)
@require_POST
def together(request: DeskRequest) -> HttpResponse:
    """The letters chosen, as one PDF to look at and print."""
    letters = _chosen(request)
    if not letters:
        return _nothing(request)
    try:
        whole = printing.together(letters)
    except documents.FileMissing as missing:
        messages.error(request, str(missing))
        return redirect("desk:to_print")
    for letter in letters:
        assert letter.document is not None
        recording.read(letter.document, by=request.user, at=request.now, via="desk to_print")
    response = HttpResponse(whole, "application/pdf")
    response["Content-Disposition"] = 'inline; filename="letters.pdf"'
    return response


@needs(Permission.SEND_MESSAGES, Permission.VIEW_DOCUMENTS)
@require_POST
def printed(request: DeskRequest) -> HttpResponse:
    """Say that the letters chosen are printed."""
    letters = _chosen(request)
    if not letters:
        return _nothing(request)
    done = sum(printing.printed(letter, by=request.user, at=request.now) for letter in letters)
    said = ngettext("%s letter is marked as printed.", "%s letters are marked as printed.", done) % done
    messages.success(request, said)
    return redirect("desk:to_print")


def _chosen(request: DeskRequest) -> list[Message]:
    given = request.POST.getlist("letter")[:PAGE]
    numbers = [number for one in given if (number := whole(one)) is not None]
    return list(printing.waiting(request.user).filter(pk__in=numbers).select_related("document"))


def _nothing(request: DeskRequest) -> HttpResponse:
    messages.error(request, _("Choose at least one letter that is still to be printed."))
    return redirect("desk:to_print")


urlpatterns = [
    path("letters/", to_print, name="to_print"),
    path("letters/together/", together, name="to_print_together"),
    path("letters/printed/", printed, name="to_print_printed"),
]
