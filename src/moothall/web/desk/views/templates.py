"""Templates of letters and e-mails, for who may edit them: all, one, its versions, what differs between two (CT-60)."""

from django.contrib import messages as told
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue import letters
from moothall.domain.catalogue.letters import Letter
from moothall.domain.messages import templates
from moothall.domain.messages.models import TemplateVersion
from moothall.web.common import paging
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.common.whole import whole
from moothall.web.components.parts import Column, numbered
from moothall.web.desk import templates_shown
from moothall.web.desk.access import needs
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.template_compared import compared, marked

PAGE = 50
OFFERED = 100
"""Versions one may choose from to compare, of each language."""


@needs(Permission.EDIT_TEMPLATES)
@require_safe
def every(request: DeskRequest) -> HttpResponse:
    """All templates of the services whose templates this person may edit."""
    named = request.GET.get("q", "").strip()[:100]
    rows = templates_shown.every(request.user, named=named)
    here = paging.page(request.GET, count=len(rows), size=PAGE)
    page = {
        "rows": here.of(rows),
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
        "named": named,
        "columns": [Column(_("Template")), Column(_("Written in")), Column(_("Last changed")), Column(_("Sent when"))],
    }
    return TemplateResponse(request, "desk/templates/every.html", page)


@needs(Permission.EDIT_TEMPLATES)
@require_safe
def one(request: DeskRequest, key: str) -> HttpResponse:
    """One template: its texts in force, what sends it, what it may hold."""
    letter = templates_shown.found(request, key)
    versions = letter.in_force()
    texts = [_text(letter, language, versions.get(language)) for language in letters.LANGUAGES]
    examples = templates_shown.examples(letter, "en", at=request.now)
    page = {
        "letter": letter,
        "name": next(iter(versions.values())).name,
        "texts": texts,
        "welsh": "cy" in versions,
        "uses": list(dict.fromkeys(templates_shown.use_words(use) for use in letter.uses)),
        "lists": templates_shown.carried(letter),
        "may_lists": request.user.may(Permission.MANAGE_LISTS),
        "placeholders": templates_shown.placeholders(letter, examples),
        "placeholder_columns": [Column(_("Write")), Column(_("What stands there")), Column(_("For example"))],
    }
    return TemplateResponse(request, "desk/templates/one.html", page)


@needs(Permission.EDIT_TEMPLATES)
@require_safe
def history(request: DeskRequest, key: str) -> HttpResponse:
    """The versions of a template, the newest first."""
    letter = templates_shown.found(request, key)
    versions = letter.template.versions.select_related("created_by").defer("body").order_by("-number")
    here = paging.page(request.GET, count=versions.count(), size=PAGE)
    page = {
        "letter": letter,
        "name": _name(letter),
        "rows": [_line(version) for version in here.of(versions)],
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
        "choices": [
            (templates_shown.language_name(language), those)
            for language in letters.LANGUAGES
            if len(those := list(versions.filter(language=language)[:OFFERED])) > 1
        ],
        "columns": [Column(_("Version")), Column(_("Language")), Column(_("Published")), Column(_("Whose text"))],
    }
    return TemplateResponse(request, "desk/templates/history.html", page)


@needs(Permission.EDIT_TEMPLATES)
@READ_OR_SEND
def version(request: DeskRequest, key: str, number: int) -> HttpResponse:
    """An earlier version as it was; to go back to it makes it a new one."""
    letter = templates_shown.found(request, key)
    earlier = _version(letter, number)
    newest = templates.newest_of(letter.template, earlier.language)
    assert newest is not None
    faults: list[str] = []
    if request.method == "POST":
        try:
            made = letters.change(
                letter,
                templates.says(earlier),
                on=whole(request.POST.get("on", "")) or 0,
                back_to=earlier,
                by=request.user,
                at=request.now,
            )
        except letters.Faulty as faulty:
            faults = [sentence for sentences in faulty.faults.values() for sentence in sentences]
        except templates.ChangedMeanwhile as first:
            faults = [str(first)]
        else:
            said = _("Version %(earlier)s is in force again, as version %(number)s.")
            told.success(request, said % {"earlier": number, "number": made.number})
            return redirect("desk:template", key)
    page = {
        "letter": letter,
        "version": earlier,
        "newest": newest,
        "line": _line(earlier),
        "html": marked(earlier.body),
        "faults": faults,
        "failed": bool(faults),
    }
    return TemplateResponse(request, "desk/templates/version.html", page, status=409 if faults else 200)


@needs(Permission.EDIT_TEMPLATES)
@require_safe
def compare(request: DeskRequest, key: str) -> HttpResponse:
    """What differs between two versions, word by word."""
    letter = templates_shown.found(request, key)
    asked = [number for name in ("old", "new") if (number := whole(request.GET.get(name, ""))) is not None]
    if len(asked) != 2:
        raise Http404
    old, new = sorted((_version(letter, number) for number in asked), key=lambda one: one.number)
    if old.language != new.language:
        raise Http404
    page = {
        "letter": letter,
        "old": old,
        "new": new,
        "compared": compared(templates.says(old), templates.says(new)),
        "name": _name(letter),
    }
    return TemplateResponse(request, "desk/templates/compare.html", page)


def _text(letter: Letter, language: str, version: TemplateVersion | None) -> dict[str, object]:
    """One language's text as the page of its template shows it."""
    faults = letter.faults(templates.says(version)) if version else {}
    return {
        "language": language,
        "name": templates_shown.language_name(language),
        "version": version,
        "channels": templates_shown.channel_names(version.channels) if version else "",
        "html": marked(version.body) if version else "",
        "newer": bool(version and letter.newer(version)),
        "faults": [sentence for sentences in faults.values() for sentence in sentences],
    }


def _line(version: TemplateVersion) -> dict[str, object]:
    whose = _("An administrator’s") if version.by_hand else _("The service’s file")
    return {"version": version, "language": templates_shown.language_name(version.language), "whose": whose}


def _name(letter: Letter) -> str:
    return next(iter(letter.in_force().values())).name


def _version(letter: Letter, number: int) -> TemplateVersion:
    found = letter.template.versions.filter(number=number).select_related("created_by").first()
    if found is None:
        raise Http404
    return found


urlpatterns = [
    path("templates/", every, name="templates"),
    path("templates/<str:key>/", one, name="template"),
    path("templates/<str:key>/history/", history, name="template_history"),
    path("templates/<str:key>/history/<int:number>/", version, name="template_version"),
    path("templates/<str:key>/compare/", compare, name="template_compare"),
]
