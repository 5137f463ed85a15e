"""Opinions on a case: asked for, looked at, asked for anew, withdrawn (BEST-6)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.council.settings import read
from moothall.domain.cases import refusals, sight
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.catalogue.manifest import OpinionKind
from moothall.domain.opinions import asking
from moothall.domain.opinions.models import Opinion
from moothall.domain.opinions.rules import OpinionRefused, Opinions
from moothall.domain.workflow import permits, published
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.forms import Form
from moothall.web.desk import own_page
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page, may_see
from moothall.web.desk.forms.opinions import Anew, Ask, Kind, Withdraw
from moothall.web.desk.request import DeskRequest

OWN = "own"
_FIELDS = {"text": "text", "email": "email", "name": "name", "colleague": "colleague", "documents": "documents"}


@needs(Permission.ASK_OPINIONS)
@require_safe
def begin(request: DeskRequest, reference: str) -> HttpResponseBase:
    """Choose which opinion, where the service asks for some; else straight to the question."""
    page = case_page(request, reference, "workflow", Permission.ASK_OPINIONS)
    kinds = asking.kinds(page["case"])
    form = Kind(kinds, request.GET if "kind" in request.GET else None)
    if not kinds:
        return redirect("desk:ask_opinion", page["case"].reference, OWN)
    if form.is_bound and form.is_valid():
        return redirect("desk:ask_opinion", page["case"].reference, form.cleaned_data["kind"])
    given = {**page, "form": form, "failed": form.is_bound}
    return TemplateResponse(request, "desk/opinion_begin.html", given, status=422 if form.is_bound else 200)


@needs(Permission.ASK_OPINIONS)
@READ_OR_SEND
def ask(request: DeskRequest, reference: str, kind: str) -> HttpResponseBase:
    """Whom, what, with which documents, for how long."""
    page = case_page(request, reference, "workflow", Permission.ASK_OPINIONS)
    case = page["case"]
    chosen = next((one for one in asking.kinds(case) if one.key == kind), None)
    if chosen is None and kind != OWN:
        raise Http404
    items = _pausable(page, request.user)
    form = _form(request, case, chosen, items)
    if form.is_bound and form.is_valid():
        try:
            opinion = asking.ask(case, _asked(form), _question(form, chosen, items), by=request.user, at=request.now)
        except OpinionRefused as refused:
            form.add_error(_FIELDS.get(refused.field), str(refused))
        except refusals.every() as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%s was asked for an opinion.") % opinion.name)
            return redirect("desk:opinion", case.reference, opinion.number)
    given = {**page, "form": form, "kind": chosen, "failed": form.is_bound}
    return TemplateResponse(request, "desk/opinion_ask.html", given, status=422 if form.is_bound else 200)


@needs(Permission.VIEW_OPINIONS)
@require_safe
def opinion(request: DeskRequest, reference: str, number: int) -> HttpResponse:
    """One opinion: what was asked of whom with which documents, and what came of it."""
    page, found = _page(request, reference, number, Permission.VIEW_OPINIONS)
    papers = found.papers.filter(document__in=sight.visible_documents(request.user)).select_related("document")
    by_role: dict[str, list[Any]] = {}
    for paper in papers.order_by("document__name", "pk"):
        by_role.setdefault(paper.role, []).append(paper.document)
    may = may_see(request, page["case"], Permission.ASK_OPINIONS)
    given = {
        **page,
        "opinion": found,
        "shown": by_role.get("shown", []),
        "came": [*by_role.get("copy", []), *by_role.get("answer", [])],
        "may_withdraw": may and found.state == Opinion.State.OPEN,
        "may_ask_anew": may and found.state in (Opinion.State.OPEN, Opinion.State.EXPIRED),
    }
    return TemplateResponse(request, "desk/opinion.html", given)


@needs(Permission.ASK_OPINIONS)
@READ_OR_SEND
def anew(request: DeskRequest, reference: str, number: int) -> HttpResponseBase:
    """Send a new link; the old one is dead."""
    page, found = _page(request, reference, number, Permission.ASK_OPINIONS)
    data = sent(request)
    form = Anew(data, initial={"days": read(Opinions).days})

    def act(given: dict[str, Any]) -> str:
        asking.ask_anew(found, days=given["days"], by=request.user, at=request.now)
        return _("%s was asked anew.") % found.name

    title = _("Ask %s anew") % found.name
    told = (
        _("They get a notification, and have these days to answer.")
        if found.colleague_id
        else _("They get an e-mail with a new link. The link they have now no longer works.")
    )
    return _act(request, page, found, form, act, title=title, button=_("Ask anew"), told=told)


@needs(Permission.ASK_OPINIONS)
@READ_OR_SEND
def withdraw(request: DeskRequest, reference: str, number: int) -> HttpResponseBase:
    """Ask no longer."""
    page, found = _page(request, reference, number, Permission.ASK_OPINIONS)
    form = Withdraw(sent(request))

    def act(given: dict[str, Any]) -> str:
        asking.withdraw(found, reason=given["reason"], by=request.user, at=request.now)
        return _("Opinion %s is no longer asked for.") % found.number

    title = _("Withdraw opinion %s") % found.number
    told = _("%s can read and answer nothing any more.") % found.name
    return _act(request, page, found, form, act, title=title, button=_("Withdraw"), told=told)


def _page(request: DeskRequest, reference: str, number: int, *needs: Permission) -> tuple[dict[str, Any], Opinion]:
    page = case_page(request, reference, "workflow", Permission.VIEW_OPINIONS, *needs)
    rows = page["case"].opinions.select_related("case__service", "asked_by", "ended_by", "pause", "colleague")
    found = rows.filter(number=number).first()
    if found is None:
        raise Http404
    return page, found


def _act(
    request: DeskRequest,
    page: dict[str, Any],
    found: Opinion,
    form: Form,
    act: Callable[[dict[str, Any]], str],
    *,
    title: str,
    button: str,
    told: str,
) -> HttpResponseBase:
    """The form on a page of its own; sent and sound, the act, what it came to, and the opinion."""
    given = {**page, "opinion": found, "title": title, "button": button, "told": told}
    onward = ("desk:opinion", page["case"].reference, found.number)
    return own_page.asked(request, form, act, template="desk/opinion_act.html", page=given, onward=onward)


def _form(request: DeskRequest, case: Case, kind: OpinionKind | None, items: list[WorkItem]) -> Ask:
    rows = sight.visible_documents(request.user).filter(case_link__case=case).order_by("-created_at", "-id")
    papers = list(rows.values_list("pk", "name", "tags")[: asking.MOST_SHOWN])
    wanted = set(kind.documents) if kind else set()
    return Ask(
        colleagues=list(asking.colleagues(case, but=request.user)[: asking.MOST_COLLEAGUES]),
        documents=[(str(pk), name) for pk, name, _tags in papers],
        items=[(str(item.pk), _("Yes, that of %s") % item.stage.name) for item in items],
        initial={
            "of": "outsider",
            "text": (kind.question or "") if kind else "",
            "documents": [str(pk) for pk, _name, tags in papers if wanted & set(tags)],
            "days": kind.days if kind else read(Opinions).days,
            "item": str(items[0].pk) if kind and kind.pauses and items else "",
        },
        data=sent(request),
    )


def _asked(form: Ask) -> asking.Asked:
    given = form.cleaned_data
    if given["of"] == "colleague":
        return asking.Asked(colleague=User.objects.get(pk=given["colleague"]))
    return asking.Asked(name=given["name"], organisation=given["organisation"], email=given["email"])


def _question(form: Ask, kind: OpinionKind | None, items: list[WorkItem]) -> asking.Question:
    given = form.cleaned_data
    chosen = given.get("item", "")
    return asking.Question(
        text=given["text"],
        kind=kind.key if kind else "",
        documents=[int(pk) for pk in given.get("documents", [])],
        days=given["days"],
        item=next((item for item in items if str(item.pk) == chosen), None),
        once=given["once"],
    )


def _pausable(page: dict[str, Any], user: User) -> list[WorkItem]:
    """The work items whose clock the user may stop: with a target, at a stage they progress."""
    found = []
    for one in page["waiting"]:
        definition = published.workflow(one.item.stage.version_id)
        if one.target and permits.may(definition, user.group_keys, "progress", stage=one.item.stage.key):
            found.append(one.item)
    return found


urlpatterns = [
    path("cases/<str:reference>/opinions/ask/", begin, name="begin_opinion"),
    path("cases/<str:reference>/opinions/ask/<slug:kind>/", ask, name="ask_opinion"),
    path("cases/<str:reference>/opinions/<int:number>/", opinion, name="opinion"),
    path("cases/<str:reference>/opinions/<int:number>/anew/", anew, name="opinion_anew"),
    path("cases/<str:reference>/opinions/<int:number>/withdraw/", withdraw, name="withdraw_opinion"),
]
