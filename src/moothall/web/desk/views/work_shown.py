"""Which columns one's work list has, in which order, and how many rows a page (BEST-70)."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue.models import Service
from moothall.web.components.parts import Column
from moothall.web.desk import work_answers, work_columns
from moothall.web.desk.access import needs
from moothall.web.desk.models import SIZES, WorkColumns
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.work_columns import COLUMNS, MOST
from moothall.web.desk.work_lists import view_of

Group = tuple[str, list[tuple[str, str]]]  # its name, and the key and heading of each column


@needs(Permission.VIEW_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: DeskRequest) -> HttpResponse:
    """The columns shown, moved up and down or taken away, and those that may be added, found by a text."""
    given = request.POST if request.method == "POST" else request.GET
    back = view_of(QueryDict(request.POST.get("back", "")) if request.method == "POST" else request.GET)
    groups = _groups(request)
    if request.method == "POST":
        _changed(request, groups)
        return redirect(f"{reverse('desk:work_columns')}?{_with_text(back, given.get('q', ''))}")
    kept = _mine(request)
    shown = work_columns.chosen(
        kept.keys, completed=False, services=dict(Service.objects.values_list("key", "current"))
    )[1:]
    there, text = {column.key for column in shown}, given.get("q", "").strip()[:60]
    page = {
        "shown": [(column.key, column.heading) for column in shown],
        "columns": [Column(_("Column")), Column(_("Change"), hidden=True)],
        "groups": _found(groups, there, text),
        "text": text,
        "sizes": [(size, size == kept.size) for size in SIZES],
        "full": len(shown) >= MOST,
        "back": back.urlencode(),
        "back_pairs": [(name, value) for name, values in back.lists() for value in values],
        "list": reverse("desk:work") + (f"?{back.urlencode()}" if back else ""),
    }
    return TemplateResponse(request, "desk/worklist/columns.html", page)


def _mine(request: DeskRequest) -> WorkColumns:
    return WorkColumns.objects.filter(user=request.user).first() or WorkColumns(user=request.user, keys=[])


def _keys(kept: WorkColumns) -> list[str]:
    return [key for key in kept.keys or work_columns.USUAL if key != "case"]


def _changed(request: DeskRequest, groups: list[Group]) -> None:
    """Do what was asked: so many rows a page, the usual columns, one up, down or away, or some more."""
    if request.POST.get("usual"):
        WorkColumns.objects.filter(user=request.user).update(keys=[])
        return
    kept = _mine(request)
    if size := next((size for size in SIZES if str(size) == request.POST.get("size")), None):
        WorkColumns.objects.update_or_create(
            user=request.user, defaults={"size": size}, create_defaults={"keys": [], "size": size}
        )
        messages.success(request, _("A page of the work list now has up to %s rows.") % size)
        return
    before = _keys(kept)
    offered = {key for _name, columns in groups for key, _heading in columns}
    after = [*before, *(key for key in request.POST.getlist("add") if key in offered and key not in before)]
    for way, step in (("up", -1), ("down", 1)):
        after = _moved(after, request.POST.get(way, ""), step)
    after = [key for key in after if key != request.POST.get("remove")]
    if len(after) > MOST:
        messages.error(request, _("A list has at most %s columns. Take one away first.") % MOST)
        return
    if not after:
        messages.error(request, _("A list has at least one column besides the case."))
        return
    WorkColumns.objects.update_or_create(user=request.user, defaults={"keys": after})


def _moved(keys: Sequence[str], key: str, step: int) -> list[str]:
    after = list(keys)
    if key in after and 0 <= after.index(key) + step < len(after):
        place = after.index(key)
        after[place], after[place + step] = after[place + step], after[place]
    return after


def _groups(request: DeskRequest) -> list[Group]:
    fixed = [(column.key, str(column.heading)) for column in COLUMNS if column.key != "case"]
    answers = [(_("%s: answers") % offer.name, offer.columns) for offer in work_answers.offers(request.user)]
    return [(_("Every service"), fixed), *answers]


def _found(groups: list[Group], there: set[str], text: str) -> list[Group]:
    """What may still be added, of what holds the text."""
    found = [
        (
            name,
            [(key, heading) for key, heading in columns if key not in there and text.casefold() in heading.casefold()],
        )
        for name, columns in groups
    ]
    return [(name, columns) for name, columns in found if columns]


def _with_text(back: QueryDict, text: str) -> str:
    query = back.copy()
    if text:
        query["q"] = text
    return query.urlencode()


urlpatterns = [path("work/columns/", columns, name="work_columns")]
