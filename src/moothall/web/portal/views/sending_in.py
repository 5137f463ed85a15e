"""A form's answers looked over, sent, confirmed, and kept as a copy."""

from contextlib import suppress

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from moothall.core.council.settings import Council, read
from moothall.domain.citizens import owed
from moothall.domain.forms import about, actions, delivering, looking_over, runner, submitting
from moothall.domain.forms.actions import Incomplete, NoDraft, NotOpen
from moothall.domain.forms.models import Submission
from moothall.domain.forms.runner import CHECK
from moothall.domain.messages import pdf
from moothall.domain.messages.models import Message
from moothall.domain.payments.actions import PaymentRefused
from moothall.domain.payments.providers import ProviderError
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.portal.filling import Filling, Visit, filling, language_of, paragraphs, visiting
from moothall.web.portal.pages import page
from moothall.web.portal.views.paying import leave


@READ_OR_SEND
@filling
def check(at: Filling) -> HttpResponseBase:
    """The answers once more, and sending them. Sent twice, they are sent once."""
    request, journey = at.visit.request, at.held.journey
    if not runner.ready(journey):
        return redirect(at.onward())
    refused = ""
    if request.method == "POST":
        try:
            sent = actions.submit(at.visit.draft, token=at.visit.token, by=at.visit.by, at=request.now)
            return _paid(at, sent) if sent.pence and not sent.waiting else redirect("portal:form_done", *at.names)
        except (NotOpen, Incomplete) as problem:
            refused = str(problem)
        except NoDraft:
            return at.visit.gone()
    before = runner.back(journey, CHECK)
    return page(
        request,
        "form_check",
        status=409 if refused else 200,
        sections=looking_over.rows(journey, at.language),
        fee=runner.fee(journey),
        pays_now=runner.fee(journey) is not None and not at.visit.assisted and owed.by_card(),
        back=at.address(before) if before else "",
        refused=refused,
        told=at.held.moved.told if at.held.moved else (),
        **at.around(),
    )


def _paid(at: Filling, sent: Submission) -> HttpResponseBase:
    """On to the card page, with the case the payment is of. An officer takes no card: the customer pays by a link."""
    request, onward = at.visit.request, reverse("portal:form_done", args=at.names)
    delivering.deliver_now(sent, "case", at=request.now)
    to_pay = [one for one in owed.of_case(sent.reference) if one.waited_for]
    if to_pay and not at.visit.assisted:
        with suppress(ProviderError, PaymentRefused):  # then it is paid from the page that confirms
            return leave(request, to_pay[0].payment, onward=onward)
    return redirect(onward)


@require_safe
@visiting
def done(visit: Visit) -> HttpResponseBase:
    """That it was sent, its reference, what is still to be sent, and what happens next."""
    sent = _sent(visit)
    journey = submitting.journey_of(sent)
    form = journey.plan.form
    tongue = language_of(form)
    later = [one.question.label.of(tongue) for one in runner.evidence(journey) if one.state == "later"]
    payments = owed.of_case(sent.reference) if sent.pence else []
    return page(
        visit.request,
        "form_done",
        sent=sent,
        payments=payments[-1:] if about.another(journey) else payments,  # what is asked for later is the customer's
        later=later,
        thanks=paragraphs(form.thanks, tongue),
        name=form.name.of(tongue),
        service=visit.service,
        form_key=visit.form,
        draft=visit.draft,
        assisted=visit.assisted,
    )


@require_safe
@visiting
def copy(visit: Visit) -> HttpResponseBase:
    """What was sent, as a PDF to keep."""
    sent = _sent(visit)
    journey = submitting.journey_of(sent)
    message = Message(
        reference=sent.reference,
        subject=journey.plan.form.name.of(sent.language),
        language=sent.language,
        created_at=sent.submitted_at,
    )
    rows = [(row.label, row.text) for section in looking_over.rows(journey, sent.language) for row in section.rows]
    response = HttpResponse(pdf.record(message, council=read(Council), rows=rows), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{sent.reference}.pdf"'
    return response


def _sent(visit: Visit) -> Submission:
    sent = visit.sent()
    if sent is None:
        raise Http404
    return sent


_DRAFT = "services/<slug:service>/<slug:form>/<uuid:draft>/"
urlpatterns = [
    path(f"{_DRAFT}check/", check, name="form_check"),
    path(f"{_DRAFT}done/", done, name="form_done"),
    path(f"{_DRAFT}copy/", copy, name="form_copy"),
]
