"""What was sent in: the answers given, and, where the form is a document, that document (CT-5)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.lists.actions import TagRefused
from moothall.domain.cases import actions, prefilling, senders
from moothall.domain.cases.models import Case
from moothall.domain.catalogue import catalogue
from moothall.domain.citizens.models import Account
from moothall.domain.documents.models import Document
from moothall.domain.forms import about, submitting
from moothall.web.common.files import SHOWN
from moothall.web.components.forms import Form
from moothall.web.components.parts import Link
from moothall.web.components.templatetags.components import day, moment
from moothall.web.desk import submitted, viewer
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page, may_see
from moothall.web.desk.finding import case_named
from moothall.web.desk.letters import framing
from moothall.web.desk.request import DeskRequest

MOST = 100  # documents to choose from


class Papers(Form):
    """Which documents are the application form."""

    papers = forms.MultipleChoiceField(
        label=gettext_lazy("Which documents are the application form?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, offered: list[Document], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["papers"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(one.pk), one.name) for one in offered]


@needs(Permission.VIEW_SUBMISSION)
@require_safe
def application(request: DeskRequest, reference: str) -> HttpResponse:
    """Exactly what was sent in."""
    page = case_page(request, reference, "application")
    case = page["case"]
    may_fill = not case.closed_at and may_see(request, case, Permission.EDIT_CASES)
    kinds = {
        tag.key: tag.label for tag in catalogue.manifest(case.service_version_id).tags if tag.applies_to == "document"
    }
    shown: dict[str, Any] = {
        "groups": submitted.groups(case.submitted, _origins(request, case), kinds),
        "may_fill": may_fill,
    }
    shown["sender"] = _sender(case)
    papers = _papers(request, case) if may_see(request, case, Permission.VIEW_DOCUMENTS) else {}
    return framing(TemplateResponse(request, "desk/case_application.html", {**page, **shown, **papers}))


@needs(Permission.VIEW_SUBMISSION, Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS)
@require_POST
def choose(request: DeskRequest, reference: str) -> HttpResponse:
    """Say which documents are the application form, as ticked: they carry the tag the service has for it."""
    needed = (Permission.VIEW_SUBMISSION, Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS)
    case = case_named(request, reference, *needed)
    tag = catalogue.manifest(case.service_version_id).form_tag
    offered = list(_offered(request, case))
    form = Papers(offered, request.POST)
    if tag is None or not form.is_valid():
        messages.error(request, _("One of these documents is no longer there. Choose again."))
        return redirect("desk:case_application", case.reference)
    chosen = set(form.cleaned_data["papers"])
    try:
        with transaction.atomic():
            for one in offered:
                put, taken = ([tag], []) if str(one.pk) in chosen else ([], [tag])
                if (tag in one.tags) != bool(put):
                    actions.tag_document(case, one, set=put, remove=taken, by=request.user, at=request.now)
    except TagRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is saved which documents are the application form."))
    return redirect("desk:case_application", case.reference)


def _offered(request: DeskRequest, case: Case) -> "QuerySet[Document]":
    """Documents that may be a form that somebody filled in: not what was made here."""
    rows: QuerySet[Document] = viewer.visible(request, case).filter(media_type__in=SHOWN)
    return rows.exclude(origin=Document.Origin.GENERATED).order_by("created_at", "id")[:MOST]


def _papers(request: DeskRequest, case: Case) -> dict[str, Any]:
    """The documents that are the form, the one that is looked at, and the choice of them."""
    tag = catalogue.manifest(case.service_version_id).form_tag
    if tag is None:
        return {}
    offered = list(_offered(request, case))
    papers = [one for one in offered if tag in one.tags]
    asked = request.GET.get("paper", "")
    open_one = next((one for one in papers if str(one.pk) == asked), papers[0] if papers else None)
    may_choose = bool(offered) and may_see(request, case, Permission.ADD_DOCUMENTS)
    return {
        "paper": open_one,
        "pane": viewer.pane(request, case, open_one) if open_one else None,
        "papers": [(Link(one.name, f"?paper={one.pk}"), one == open_one) for one in papers],
        "choice": Papers(offered, initial={"papers": [str(one.pk) for one in papers]}) if may_choose else None,
    }


def _sender(case: Case) -> str:
    """Who sent the form a case came of, and when; nothing for a case that came of none."""
    sent = senders.of_case(case)
    if sent is None:
        return ""
    at = moment(sent.submitted_at)
    if sent.officer:
        return _("Filled in by %(officer)s with the customer on %(at)s.") % {
            "officer": sent.officer.full_name,
            "at": at,
        }
    account = Account.objects.filter(pk=int(sent.account)).first() if sent.account.isdecimal() else None
    email = account.email if account else ""
    told = {"at": at, "email": email}
    another = about.another(submitting.journey_of(sent))
    if email and another:
        return (
            _(
                "Sent from the online account %(email)s for somebody else on %(at)s. Unless it acts for them, the account sees that it was sent, and no more."
            )
            % told
        )
    if email:
        return _("Sent from the online account %(email)s on %(at)s.") % told
    if another:
        return _("Sent online without an account for somebody else on %(at)s.") % told
    return _("Sent online without an account on %(at)s.") % told


def _origins(request: DeskRequest, case: Case) -> dict[str, str]:
    """Where answers that were taken over came from, by the ways to them."""
    taken = prefilling.taken(case).answers
    seen = prefilling.references_seen(case, user=request.user) if taken else frozenset()
    return {
        way: _("Taken over from %(case)s, %(day)s")
        % {"case": origin.reference if origin.reference in seen else _("another case"), "day": day(origin.on)}
        for way, origin in taken.items()
    }


urlpatterns = [
    path("cases/<str:reference>/application/", application, name="case_application"),
    path("cases/<str:reference>/application/papers/", choose, name="case_papers"),
]
