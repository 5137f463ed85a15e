"""Opinions asked of whoever is signed in. They see the question and the documents chosen for them, not the case."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from moothall.domain.opinions import answering
from moothall.domain.opinions.models import Opinion
from moothall.web.common import opinions as pages
from moothall.web.common.opinions import Door
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.desk.access import signed_in
from moothall.web.desk.request import DeskRequest

MOST = 100


@signed_in
@require_safe
def asked(request: DeskRequest) -> HttpResponse:
    """What one is asked, the nearest last day first; and what one was asked before."""
    mine = answering.asked_of(request.user)
    given = {
        "open": answering.waiting_for(request.user, at=request.now).order_by("expires_at", "pk")[:MOST],
        "past": mine.exclude(state=Opinion.State.OPEN).order_by("-ended_at", "-pk")[:MOST],
    }
    return TemplateResponse(request, "desk/opinions.html", given)


@signed_in
@READ_OR_SEND
def answer(request: DeskRequest, opinion_id: int) -> HttpResponseBase:
    """What is asked, and the answer to be written."""
    return pages.form_page(request, _door(request, opinion_id))


@signed_in
@READ_OR_SEND
def review(request: DeskRequest, opinion_id: int) -> HttpResponseBase:
    """The answer once more, before it is sent."""
    return pages.review_page(request, _door(request, opinion_id))


@signed_in
@READ_OR_SEND
def decline(request: DeskRequest, opinion_id: int) -> HttpResponseBase:
    """To say that one cannot answer."""
    return pages.decline_page(request, _door(request, opinion_id))


@signed_in
@require_safe
def document(request: DeskRequest, opinion_id: int, document_id: int) -> HttpResponseBase:
    """A document that was shown."""
    return pages.file(request, _door(request, opinion_id), document_id)


def _door(request: DeskRequest, opinion_id: int) -> Door:
    """Only who was asked comes in, and only as long as it can be answered or was."""
    found = answering.asked_of(request.user).filter(pk=opinion_id).first()
    if found is None or (found.state == Opinion.State.OPEN and found.expires_at <= request.now):
        raise Http404
    names = {"form": "answer_opinion", "review": "review_opinion", "decline": "decline_opinion"}
    return Door(
        opinion=found,
        by=request.user,
        layout="layout.html",
        via="desk opinion",
        page=lambda name: reverse(f"desk:{names[name]}", args=[found.pk]),
        file=lambda document_id: reverse("desk:opinion_document", args=[found.pk, document_id]),
    )


urlpatterns = [
    path("opinions/", asked, name="opinions"),
    path("opinions/<int:opinion_id>/", answer, name="answer_opinion"),
    path("opinions/<int:opinion_id>/review/", review, name="review_opinion"),
    path("opinions/<int:opinion_id>/cannot/", decline, name="decline_opinion"),
    path("opinions/<int:opinion_id>/documents/<int:document_id>/", document, name="opinion_document"),
]
