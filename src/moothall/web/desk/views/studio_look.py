"""A form in the form studio looked at: its flow drawn, its examples played, what publishing it would change; and published."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue import form_studio
from moothall.domain.forms import compare, definition, publishing
from moothall.domain.forms.models import Draft
from moothall.domain.forms.studio import flow as flows
from moothall.domain.forms.studio import inside, sketches
from moothall.domain.workflow import drawing
from moothall.domain.workflow.definition import Faulty
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.common.whole import version
from moothall.web.desk.access import needs
from moothall.web.desk.form_studio import Studio, studio
from moothall.web.desk.request import DeskRequest

_DRAWN = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@needs(Permission.EDIT_FORMS)
@require_safe
def flow(request: DeskRequest, sketch_id: int) -> HttpResponse:
    """The way through the pages, drawn and in words."""
    at = studio(request, sketch_id)
    page = {**at.page("studio_flow"), "boxes": flows.boxes(at.whole)}
    return TemplateResponse(request, "desk/studio/flow.html", page)


@needs(Permission.EDIT_FORMS)
@require_safe
def drawn(request: DeskRequest, sketch_id: int) -> HttpResponse:
    """The same as a picture."""
    at = studio(request, sketch_id)
    picture = drawing.svg(flows.chart(at.whole))
    response = HttpResponse(picture, "image/svg+xml")
    response["Content-Security-Policy"] = _DRAWN
    return response


@needs(Permission.EDIT_FORMS)
@require_safe
def test(request: DeskRequest, sketch_id: int) -> HttpResponse:
    """The examples of the form, gone through, with what came otherwise."""
    at = studio(request, sketch_id)
    played = []
    if not at.faults and at.looked.whole:
        played = form_studio.play(at.service, at.looked.whole, form_studio.words(at.service).lists)
    page = {**at.page("studio_test"), "played": played, "failing": sum(1 for one in played if one.otherwise)}
    return TemplateResponse(request, "desk/studio/test.html", page)


@needs(Permission.EDIT_FORMS)
@READ_OR_SEND
def publish(request: DeskRequest, sketch_id: int) -> HttpResponseBase:
    """What publishing would change, for the form and for people inside it; and to publish it."""
    at = studio(request, sketch_id)
    problem = ""
    may = request.user.may(Permission.PUBLISH_FORMS, at.sketch.service)
    if request.method == "POST":
        if not may:
            raise Http404
        problem = _published(at)
        if not problem:
            return redirect("desk:studio_publish", sketch_id)
        at = studio(request, sketch_id)
    old = definition.from_data(at.in_force.definition, file="") if at.in_force else None
    page = {
        **at.page("studio_publish"),
        "faults": at.faults,
        "in_force": at.in_force,
        "over": at.in_force.number if at.in_force else 0,
        "changes": compare.changes(old, at.whole) if old else [],
        "told": inside.told(old, at.whole) if old else [],
        "begun": _begun(at),
        "same": bool(old and at.looked.whole and definition.fingerprint(old) == definition.fingerprint(at.whole)),
        "may": may,
        "problem": problem,
        "failed": bool(problem),
    }
    return TemplateResponse(request, "desk/studio/publish.html", page, status=409 if problem else 200)


def _begun(at: Studio) -> int:
    """How many people are inside the form."""
    return Draft.objects.filter(version__form__key=at.key, expires_at__gt=at.request.now).count()


def _published(at: Studio) -> str:
    """Publish the form; a sentence why not, or nothing."""
    on, over = (version(at.request.POST.get(name, "")) for name in ("on", "over"))
    try:
        made = form_studio.publish(at.sketch, on=on, over=over, by=at.request.user, at=at.request.now)
    except Faulty:
        return _("The form has faults: put them right first.")
    except (sketches.ChangedMeanwhile, publishing.PublishedMeanwhile) as meanwhile:
        return str(meanwhile)
    messages.success(
        at.request, _("Version %s is in force for everybody who begins the form from now on.") % made.number
    )
    return ""


_ONE = "studio/<int:sketch_id>/"
urlpatterns = [
    path(f"{_ONE}flow/", flow, name="studio_flow"),
    path(f"{_ONE}flow.svg", drawn, name="studio_drawn"),
    path(f"{_ONE}test/", test, name="studio_test"),
    path(f"{_ONE}publish/", publish, name="studio_publish"),
]
