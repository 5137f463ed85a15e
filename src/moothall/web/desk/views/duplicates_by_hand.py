"""A record merged with another that somebody knows to be of the same: the other is found, and looked at beside it (PPP-18)."""

from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import sight
from moothall.domain.people.golden import merging
from moothall.domain.people.models import Customer
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column
from moothall.web.desk import duplicates, looking
from moothall.web.desk.access import needs
from moothall.web.desk.forms.duplicates import Other
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.duplicates import compare


@needs(Permission.MERGE_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def find(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Look for the other record. Who may be the same as far as is known stands there at once."""
    found = duplicates.mergeable(request, customer_id)
    form = Other(sent(request))
    answer = _look(request, form) if form.is_valid() else None
    others = _mergeable(request, found, answer) if answer else []
    recording.read(found, by=request.user, at=request.now, via="desk customer.merge")
    page = {
        "customer": found,
        "form": form,
        "failed": bool(form.errors),
        "known": [
            {
                "other": pair.second if pair.first_id == found.pk else pair.first,
                "likely": duplicates.likely(pair),
                "why": duplicates.reasons(pair),
            }
            for pair in duplicates.of(found, request.user)
        ],
        "asked": answer is not None,
        "more": answer is not None and answer.more,
        "others": [{"other": one, "why": answer.why.get(one.pk, []) if answer else []} for one in others],
        "columns": [Column(_("Name")), Column(_("Born")), Column(_("Postcode")), Column(_("Why"))],
        "known_columns": [Column(_("Name")), Column(_("What speaks for it")), Column(_("Likely"), numeric=True)],
    }
    return TemplateResponse(request, "desk/duplicates/find.html", page, status=422 if form.errors else 200)


@needs(Permission.MERGE_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def beside(request: DeskRequest, customer_id: int, other_id: int) -> HttpResponse:
    """The two side by side; merged, or told apart."""
    one, other = (duplicates.mergeable(request, key) for key in (customer_id, other_id))
    if one.pk == other.pk or one.kind != other.kind:
        raise Http404
    return compare(request, merging.put_together(one, other, at=request.now))


def _look(request: DeskRequest, form: Other) -> looking.Found | None:
    try:
        answer = looking.look(form.cleaned_data["q"], request.user)
    except Invalid as error:
        form.add_error("q", str(error))
        return None
    recording.searched(
        "customer",
        by=request.user,
        at=request.now,
        via="desk customer.merge",
        found=answer.total or len(answer.people),
        asked=answer.asked.split(),
    )
    return answer


def _mergeable(request: DeskRequest, customer: Customer, answer: looking.Found) -> list[Customer]:
    """Those found, of the same kind, whom the user may merge, in the order found; also whose cases were found."""
    keys = list(dict.fromkeys([*(one.pk for one in answer.people), *(case.customer_id for case in answer.cases)]))
    within = sight.people_within(request.user, Permission.MERGE_PEOPLE) & sight.visible_people(request.user)
    rows = within.filter(pk__in=keys, kind=customer.kind).exclude(pk=customer.pk).select_related("person")
    found = {one.pk: one for one in rows.prefetch_related("residences__address")}
    return [found[key] for key in keys if key in found]


urlpatterns = [
    path("customers/<int:customer_id>/merge/", find, name="customer_merge"),
    path("customers/<int:customer_id>/merge/<int:other_id>/", beside, name="customer_merge_with"),
]
