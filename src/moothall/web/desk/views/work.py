"""The work list: what waits for a person, found, sorted, taken and given back (CT-20 to CT-22)."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet, Value
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.compiled import compiled
from moothall.domain.cases import assigning
from moothall.domain.cases.models import WorkItem
from moothall.domain.cases.seeking import soon_counted
from moothall.web.common.addresses import address
from moothall.web.components.parts import Chosen, ChosenGroup, Column, Link, Pages, Tab, sorting, with_query
from moothall.web.desk import work_answers, work_columns, work_pages, work_side
from moothall.web.desk.access import needs
from moothall.web.desk.finding import item_progressing
from moothall.web.desk.forms.work import FindText
from moothall.web.desk.models import SIZES, WorkColumns, WorkView
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.work_columns import Line
from moothall.web.desk.work_lists import ANY_TIME, FOUND, WorkList, asked_for, counted, view_of
from moothall.web.desk.work_pages import MOST_COUNTED
from moothall.web.desk.work_rows import Rows

EVERY_STAGE = "every"
"""What of an address says that stages where nothing is are shown beside the list too."""


@needs(Permission.VIEW_WORK)
@require_safe
def work(request: DeskRequest) -> HttpResponse:
    """The list this address asks for; without anything asked, the view somebody begins with."""
    if not request.GET and (first := WorkView.objects.filter(user=request.user, first=True).first()):
        return redirect(f"{address('desk:work')}?{first.query or 'tab=mine'}")
    return listing(request)


def listing(request: DeskRequest) -> HttpResponse:
    """The work list; for htmx, which refreshes it in place, the part that changes."""
    keys, size, views = _kept(request)
    found = asked_for(request, columns=keys or ())
    at = {name: request.GET.get(name, "") for name in ("after", "before")}
    page = work_pages.page(found.rows, found.order, size=size, stretches=found.stretches, **at)
    recording.searched(
        "workitem", by=request.user, at=request.now, via="desk work", found=len(page.items), asked=found.asked
    )
    columns = found.columns(keys)
    items = found.shown(page.items, columns)
    language = get_language()
    answers = work_answers.read(items, [column.key for column in columns], request.user, found.form.asked)
    lines = [Line(item, request.now, found.tags, answers[item.pk], found.away, language) for item in items]
    shown = {
        "tab": found.tab,
        "tabs": _tabs(found),
        "form": found.form,
        "find": FindText(initial={"find": found.text}),
        "text": found.text,
        "failed": not found.form.is_valid(),
        "chosen": _chosen(found),
        "filtered": bool(set(found.query) - {"tab", "sort", ANY_TIME}),
        "anytime": ANY_TIME in found.query,
        "sees_stages": bool(found.stages),
        "fresh": _fresh(found),
        "everything": _address(found, **{ANY_TIME: "any"}),
        "clear": address("desk:work") + with_query(QueryDict(), tab=found.tab),
        "covering": found.covered,
        "summary": _summary(page.total, size),
        "columns": [_column(column, found) for column in columns],
        "rows": Rows(columns, request.user.group_keys, request.user.pk, found.completed, usual=not keys).html(lines),
        "pages": _pages(found, page),
        "side": f"{address('desk:work_side')}?{_exactly(request, found).urlencode()}",
        **_beside(request, found),
        "views": views,
        "back": found.query.urlencode(),
        "place": _exactly(request, found).urlencode(),
        "here": f"{address('desk:work')}?{_exactly(request, found).urlencode()}",
        "may_change": request.user.may(Permission.EDIT_CASES),
        "may_progress": any(request.user.group_keys & set(stage.progress) for stage in found.stages),
        "may_map": request.user.may(Permission.VIEW_CASES) and request.user.may(Permission.VIEW_PEOPLE),
        "mapped": _mapped(found),
        "may_export": request.user.may(Permission.EXPORT_CASES),
        "completed": found.completed,
        "beginning": _address(found) if any(at.values()) else "",
        "lately": found.completed and not found.query.get("updated_from"),
    }
    template = "desk/worklist/_list.html" if request.htmx else "desk/worklist/list.html"
    return TemplateResponse(request, template, shown, status=422 if shown["failed"] else 200)


@needs(Permission.VIEW_WORK)
@require_safe
def side(request: DeskRequest) -> HttpResponse:
    """What stands beside the list: how many of it are at each stage, counted apart.

    For htmx, which puts it beside the list, that alone; else a page.
    """
    found = asked_for(request)
    page = {
        **_beside(request, found, counted(found) if _countable(found) else None),
        "list": _address(found),
        "side": request.get_full_path(),
        "counted": True,
    }
    template = "desk/worklist/_side.html" if request.htmx else "desk/worklist/side.html"
    return TemplateResponse(request, template, page)


@needs(Permission.VIEW_WORK)
@require_POST
def find(request: DeskRequest) -> HttpResponse:
    """Look for a text in the list: kept in the session, for it may name somebody."""
    form = FindText(request.POST)
    text = form.cleaned_data["find"].strip() if form.is_valid() else ""
    request.session[FOUND] = text
    back = _back(request)
    return redirect(f"{back}{'&' if '?' in back else '?'}find=1" if text else back)


@needs(Permission.VIEW_WORK)
@require_POST
def take(request: DeskRequest, item_id: int) -> HttpResponse:
    """Take a work item oneself."""
    item = item_progressing(request, item_id)
    try:
        assigning.take(item, by=request.user, at=request.now)
    except assigning.HeldByAnother as held:
        said = _("%(who)s has %(stage)s of %(case)s. Choose “Take over” there if it is to be yours all the same.")
        told = {"who": held.holder, "stage": item.stage.name, "case": item.case.reference}
        messages.error(request, said % told)
    except assigning.CannotAssign as refusal:
        messages.error(request, f"{item.case.reference}: {refusal}")
    else:
        messages.success(request, _("%s is yours.") % item.case.reference)
    return _onward(request, item)


@needs(Permission.VIEW_WORK)
@require_POST
def release(request: DeskRequest, item_id: int) -> HttpResponse:
    """Give back a work item of one's own."""
    item = item_progressing(request, item_id)
    try:
        assigning.release(item, by=request.user, at=request.now)
    except assigning.CannotAssign as refusal:
        messages.error(request, f"{item.case.reference}: {refusal}")
    else:
        messages.success(request, _("%s is released: anybody in the team can take it.") % item.case.reference)
    return _onward(request, item)


def _onward(request: DeskRequest, item: WorkItem) -> HttpResponse:
    """Back to the case or the list, wherever somebody pressed."""
    return redirect("desk:case_workflow", item.case.reference) if "case" in request.POST else redirect(_back(request))


def _back(request: DeskRequest) -> str:
    """The page of the list somebody came from."""
    given = QueryDict(request.POST.get("back", ""))
    query = view_of(given)
    for name in ("after", "before", "find"):
        if given.get(name):
            query[name] = given[name]
    return address("desk:work") + (f"?{query.urlencode()}" if query else "")


def _exactly(request: DeskRequest, found: WorkList) -> QueryDict:
    """The view and the place in it."""
    query = found.query.copy()
    query["tab"] = found.tab
    for name in ("after", "before", "find"):
        if request.GET.get(name):
            query[name] = request.GET[name]
    return query


def _address(found: WorkList, **changes: str | None) -> str:
    """The same list changed so, from its first page."""
    place: dict[str, str | None] = {"tab": found.tab, **({"find": "1"} if found.text else {})}
    return address("desk:work") + with_query(found.query, **(place | changes))


def _mapped(found: WorkList) -> str:
    """The list as the map is asked for it."""
    query = found.query.copy()
    query["tab"] = found.tab
    return query.urlencode()


def _tabs(found: WorkList) -> list[Tab]:
    names = {"mine": _("My work"), "team": _("Team work"), "unassigned": _("Unassigned"), "all": _("All I may see")}
    return [
        Tab(name, _address(found, tab=key, assigned_to=None), active=key == found.tab) for key, name in names.items()
    ]


def _column(column: work_columns.WorkColumn, found: WorkList) -> Column:
    if not column.sorts:
        return Column(str(column.heading))
    query = found.query.copy()
    query["tab"] = found.tab
    if found.text:
        query["find"] = "1"
    shown = sorting(str(column.heading), column.key, query=query, sort=str(found.order))
    return Column(shown.text, address("desk:work") + shown.href, shown.order)


def _pages(found: WorkList, page: work_pages.WorkPage) -> Pages:
    return Pages(
        previous=_address(found, before=page.before) if page.before else "",
        next=_address(found, after=page.after) if page.after else "",
    )


def _summary(total: int | None, size: int) -> str:
    if total is None:
        return _("More than %s work items") % f"{size:,}"
    return ngettext("%s work item", "%s work items", total) % f"{total:,}"


def _fresh(found: WorkList) -> str:
    """What is left out of a list that begins with what was updated lately, and how much where that is soon counted."""
    if not found.fresh:
        return ""
    many = soon_counted(found.older(), most=MOST_COUNTED + 1)
    if many is None:
        said = _("Work last updated more than %s days ago is not shown, unless it is late.")
        return said % found.fresh
    if not many:
        return ""
    told = _("More than %s") % f"{MOST_COUNTED:,}" if many > MOST_COUNTED else f"{many:,}"
    sentence = ngettext(
        "%(many)s work item is not shown: last updated more than %(days)s days ago, and not late.",
        "%(many)s work items are not shown: last updated more than %(days)s days ago, and not late.",
        many,
    )
    return sentence % {"many": told, "days": found.fresh}


def _beside(request: DeskRequest, found: WorkList, many: Mapping[int, int] | None = None) -> dict[str, Any]:
    """The stages beside the list, and the way to those where nothing is."""
    if not _countable(found):
        return {"stages": "", "has_stages": False, "empty": 0, "others": "", "everywhere": ""}
    shown, empty = work_side.html(
        found, _address(found, workflow=None, stage=None), many, every=EVERY_STAGE in request.GET
    )
    query = _exactly(request, found)
    query[EVERY_STAGE] = "1"
    return {
        "stages": shown,
        "has_stages": bool(found.stages),
        "empty": empty,
        "others": f"{address('desk:work_side')}?{query.urlencode()}" if empty else "",
        "everywhere": _address(found, stage=None),
    }


def _countable(found: WorkList) -> bool:
    return found.form.is_valid()


def _kept(request: DeskRequest) -> tuple[list[str] | None, int, list[Link]]:
    """One's columns, how many rows one's pages have, and the views one kept or colleagues share with one's teams; in one
    statement."""
    keys: list[str] | None = None
    size = SIZES[0]
    links: list[tuple[str, int, str, str]] = []
    teams = sorted(group.pk for group in request.user.security_groups)
    for pk, name, query, found, rows, by in _columns_and_views(user=request.user.pk, teams=teams):
        if found is None:
            links.append((name, pk, by, f"{address('desk:work')}?{query}"))
        else:
            keys, size = found, rows
    alike = Counter(name for name, *_rest in links)
    shown = [(f"{name} ({by})" if alike[name] > 1 else name, href) for name, _pk, by, href in sorted(links)]
    return keys, size, [Link(name, href) for name, href in shown]


@compiled
def _columns_and_views(
    *, user: int, teams: list[int]
) -> QuerySet[WorkView, tuple[int, str, str, list[str] | None, int, str]]:
    views = WorkView.objects.filter(Q(user=user) | Q(team__in=teams))
    none = Value(None, output_field=WorkColumns._meta.get_field("keys"))
    mine = WorkColumns.objects.filter(user=user).values_list("pk", Value(""), Value(""), "keys", "size", Value(""))
    return views.values_list("pk", "name", "query", none, Value(0), "user__full_name").union(mine, all=True)


def _chosen(found: WorkList) -> list[ChosenGroup]:
    """Every filter in force, and the address without it."""
    groups = []
    for name, field in found.form.fields.items():
        values = found.query.getlist(name)
        if not values:
            continue
        chosen = []
        for value in values:
            query = found.query.copy()
            query["tab"] = found.tab
            query.setlist(name, [one for one in values if one != value])
            if not query.getlist(name):
                del query[name]
            chosen.append(Chosen(_label(field, value), f"{address('desk:work')}?{query.urlencode()}"))
        groups.append(ChosenGroup(str(field.label), chosen))
    if found.text:
        query = found.query.copy()
        query["tab"] = found.tab
        groups.append(ChosenGroup(_("Found by"), [Chosen(found.text, f"{address('desk:work')}?{query.urlencode()}")]))
    return groups


def _label(field: Any, value: str) -> str:
    for key, text in getattr(field, "choices", ()):
        if isinstance(text, list | tuple):
            for inner, name in text:
                if inner == value:
                    return str(name)
        elif key == value:
            return str(text)
    return value


urlpatterns = [
    path("work/", work, name="work"),
    path("work/side/", side, name="work_side"),
    path("work/find/", find, name="work_find"),
    path("work/<int:item_id>/take/", take, name="work_take"),
    path("work/<int:item_id>/release/", release, name="work_release"),
]
