"""The documents of a case in a list: found by name and tag, put on it one or many at a time, tagged (CT-50, CT-51)."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.compiled import compiled
from moothall.core.lists.actions import TagRefused
from moothall.core.lists.models import Tag
from moothall.domain.cases import actions, sight
from moothall.domain.cases.models import Case
from moothall.domain.documents.models import Document
from moothall.kit import text
from moothall.web.common import paging
from moothall.web.common.missing import missing
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.components.parts import Column, numbered
from moothall.web.desk import questions, viewer
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page, may_see
from moothall.web.desk.finding import case_named, case_read
from moothall.web.desk.forms.case import CaseTags
from moothall.web.desk.forms.papers import Upload
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.uploading import add, settable, tags, take

PAGE = 25
ORIGINS = {
    "applicant": gettext_lazy("Applicant"),
    "officer": gettext_lazy("Officer"),
    "generated": gettext_lazy("Made here"),
    "consulted": gettext_lazy("Asked for an opinion"),
}


@needs(Permission.VIEW_DOCUMENTS)
@READ_OR_SEND
def documents(request: DeskRequest, reference: str) -> HttpResponse:
    """The documents one may see, and a way to add more."""
    posted = request.method == "POST"
    page = case_page(request, reference, "documents", *([Permission.ADD_DOCUMENTS] if posted else []))
    case, known = page["case"], tags()
    form = Upload(settable(known, case), request.POST, request.FILES) if posted else Upload(settable(known, case))
    if posted and form.is_valid():
        add(request, case, form)
        if form.is_valid():
            return redirect("desk:case_documents", case.reference)
    given = {
        **_listed(request, case, known),
        "form": form,
        "failed": posted,
        "columns": [Column(name) for name in (_("Name"), _("Tags"), _("From"), _("Added"), _("By"))],
        "may_add": (may_add := may_see(request, case, Permission.ADD_DOCUMENTS)),
        "missing": missing(case, request.user) if may_add else [],
        "may_work": may_see(request, case, Permission.VIEW_WORK),
        "upload": reverse("desk:case_upload", args=[case.reference]),
    }
    return TemplateResponse(request, "desk/case_documents.html", {**page, **given}, status=422 if posted else 200)


@needs(Permission.VIEW_DOCUMENTS)
@require_POST
def find(request: DeskRequest, reference: str) -> HttpResponse:
    """Look for documents by name and tag. A name may be somebody's, so it is kept out of the address."""
    case = case_named(request, reference, Permission.VIEW_DOCUMENTS)
    name, tag = (text.salvage(request.POST.get(field, "")).strip() for field in ("name", "tag"))
    address = reverse("desk:case_documents", args=[case.reference])
    if not (name or tag):
        return redirect(address)
    key = questions.keep(request, f"documents {case.pk}", {"name": name[:200], "tag": tag[:60]}, at=request.now)
    return redirect(f"{address}?asked={key}")


@needs(Permission.ADD_DOCUMENTS)
@require_POST
def upload(request: DeskRequest, reference: str) -> JsonResponse:
    """Put one file on a case, for the script that sends them one by one: a sentence, and whether it was taken."""
    case = case_named(request, reference, Permission.ADD_DOCUMENTS)
    form = Upload(settable(tags(), case), request.POST, request.FILES)
    there = ""
    if not form.is_valid():
        problem = next(str(error) for errors in form.errors.values() for error in errors)
    else:
        problem, there = take(request, case, form.cleaned_data["uploads"][0], form.cleaned_data["tags"])
    if problem:
        return JsonResponse({"sentence": problem}, status=422)
    return JsonResponse({"sentence": there or _("Added")}, status=201)


@needs(Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS)
@READ_OR_SEND
def tag(request: DeskRequest, reference: str, document_id: int) -> HttpResponse:
    """Put tags on a document and take tags off, as ticked: on its page, or in its line of the list."""
    needed = (Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS)
    if request.method != "POST":
        case = case_read(request, reference, *needed, via="case.document.tags")
        found = viewer.named(request, case, document_id)
        given = {"case": case, "document": found, "form": tag_form(case, found, tags())}
        return TemplateResponse(request, f"desk/{'_' if request.htmx else ''}case_document_tags.html", given)
    case = case_named(request, reference, *needed)
    found = viewer.named(request, case, document_id)
    form = CaseTags([(one.key, one.label) for one in tags().values() if not one.system], request.POST)
    if form.is_valid():
        put, taken = form.changes()
        try:
            actions.tag_document(case, found, set=put, remove=taken, by=request.user, at=request.now)
        except TagRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The tags of “%s” are saved.") % found.name)
    else:
        messages.error(request, _("One of these tags is no longer in use. Choose again."))
    if "list" in request.POST or not viewer.visible(request, case).filter(pk=found.pk).exists():
        return redirect("desk:case_documents", case.reference)
    return redirect("desk:case_document", case.reference, found.pk)


def tag_form(case: Case, document: Document, known: dict[str, Tag]) -> CaseTags:
    """The tags of a document to be ticked."""
    offered = settable(known, case, has=document.tags)
    chosen = sorted(set(document.tags) & {key for key, label in offered})
    return CaseTags(offered, initial={"tags": chosen, "before": " ".join(chosen)})


def line(row: Document, known: dict[str, Tag]) -> dict[str, Any]:
    """A document with the words for its tags and where it came from."""
    labels = [known[key].label if key in known else key.replace("_", " ") for key in row.tags]
    return {"row": row, "tags": labels, "origin": str(ORIGINS.get(row.origin, row.origin))}


def _listed(request: DeskRequest, case: Case, known: dict[str, Tag]) -> dict[str, Any]:
    """A page of the documents that were asked for. Raises Http404 for a page there is not."""
    key = request.GET.get("asked", "")
    asked = questions.read(request, f"documents {case.pk}", key, at=request.now) if key else {"name": "", "tag": ""}
    looked = _looked(request, case, asked) if asked["name"] or asked["tag"] else None
    counted = _number(request.user, case=case.pk) if looked is None else []
    count = looked.count() if looked is not None else sum(found for (found,) in counted)
    here = paging.page(request.GET, count=count, size=PAGE)
    rows = _page(request.user, here.before, case=case.pk) if looked is None else here.of(looked)
    summary = _("Showing %(first)s to %(last)s of %(count)s documents")
    shown = summary % {"first": here.before + 1, "last": min(here.before + PAGE, count), "count": count}
    return {
        "lines": [line(row, known) for row in rows],
        "pages": numbered(page=here.number, last=here.last, query=request.GET, summary=shown)
        if here.last > 1
        else None,
        "asked": asked,
        "looked": bool(key),
        "known": [tag for tag in known.values() if tag.is_of([case.service_key])],
        "findable": bool(key) or count > 1,
    }


def _looked(request: DeskRequest, case: Case, asked: Mapping[str, str]) -> QuerySet[Document]:
    """The documents with these words in their names and this tag."""
    rows = _ordered(request.user, case=case.pk)
    rows = rows.filter(name__icontains=asked["name"]) if asked["name"] else rows
    return rows.filter(tags__contains=[asked["tag"]]) if asked["tag"] else rows


def _ordered(user: User, *, case: int) -> QuerySet[Document]:
    rows = sight.visible_documents(user).filter(case_link__case=case).select_related("created_by")
    return rows.order_by("-created_at", "-id")


@compiled(prepared=True)
def _page(user: User, first: int, *, case: int) -> QuerySet[Document]:
    return _ordered(user, case=case)[first : first + PAGE]


@compiled(prepared=True)
def _number(user: User, *, case: int) -> "QuerySet[Document, tuple[int]]":
    rows = sight.visible_documents(user).filter(case_link__case=case).order_by()
    return rows.values("case_link__case").annotate(number=Count("pk")).values_list("number")


urlpatterns = [
    path("cases/<str:reference>/documents/", documents, name="case_documents"),
    path("cases/<str:reference>/documents/find/", find, name="find_documents"),
    path("cases/<str:reference>/documents/upload/", upload, name="case_upload"),
    path("cases/<str:reference>/documents/<int:document_id>/tags/", tag, name="case_document_tags"),
]
