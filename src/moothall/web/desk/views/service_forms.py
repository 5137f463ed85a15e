"""The forms of services, for who looks after them: how each stands and is used, what it asks, and what of it waits."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.council.settings import read
from moothall.domain.catalogue import form_studio
from moothall.domain.catalogue.models import Service
from moothall.domain.citizens.rules import Portal
from moothall.domain.forms import actions, delivering, publishing
from moothall.domain.forms.models import Submission
from moothall.domain.workflow.definition import Faulty
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.common.whole import version
from moothall.web.components.forms import Form, Text
from moothall.web.components.parts import Column
from moothall.web.desk import service_forms
from moothall.web.desk.access import needs
from moothall.web.desk.request import DeskRequest


class Notice(Form):
    """What is shown instead of a form."""

    english = Text(label=gettext_lazy("Notice instead of the form"), max_length=1000, required=False)
    welsh = Text(label=gettext_lazy("The same in Welsh"), max_length=1000, required=False)

    def clean(self) -> dict[str, str]:
        """Welsh alone is no notice."""
        given = super().clean() or {}
        if given.get("welsh") and not given.get("english"):
            self.add_error("english", _("Write it in English too."))
        return given


@needs(Permission.MANAGE_SERVICES)
@require_safe
def every(request: DeskRequest) -> HttpResponse:
    """All forms of the services one looks after."""
    page = {
        "lines": service_forms.lines(request.user, at=request.now),
        "columns": [
            Column(_("Form")),
            Column(_("State")),
            Column(_("Begun"), numeric=True),
            Column(_("Sent in 30 days"), numeric=True),
            Column(_("Waiting list"), numeric=True),
            Column(_("Not arrived"), numeric=True),
        ],
    }
    return TemplateResponse(request, "desk/service_forms.html", page)


@needs(Permission.MANAGE_SERVICES)
@READ_OR_SEND
def one(request: DeskRequest, key: str) -> HttpResponse:
    """One form: its use, its pages, who waits, what did not arrive; and the notice that is shown instead of it."""
    row = service_forms.named(request.user, key)
    noted = {"english": row.notice.get("en", ""), "welsh": row.notice.get("cy", "")}
    form = Notice(request.POST if request.method == "POST" else None, initial=noted)
    if form.is_bound and form.is_valid():
        notice = {"en": form.cleaned_data["english"], "cy": form.cleaned_data["welsh"]}
        publishing.set_notice(row.key, notice=notice, by=request.user, at=request.now)
        said = _("The notice is shown instead of the form.") if notice["en"] else _("The form is shown.")
        messages.success(request, said)
        return redirect("desk:service_form", row.key)
    waiting = Submission.objects.filter(version__form=row, waiting=True).order_by("submitted_at", "pk")
    failed = service_forms.undelivered().filter(submission__version__form=row).select_related("submission")
    definition = service_forms.definition(row)
    service, _dot, name = row.key.partition(".")
    page = {
        "row": row,
        "name": definition.name.en,
        "state": service_forms.state(row, at=request.now),
        "use": service_forms.use(row, at=request.now),
        "drawn": service_forms.drawn(definition),
        "waiting": waiting.defer("answers", "lookups")[: service_forms.SHOWN],
        "failed_ones": failed.defer("submission__answers", "submission__lookups").order_by("pk")[: service_forms.SHOWN],
        "of_folder": service_forms.of_folder(row) if row.by_hand else None,
        "may_write": request.user.may(Permission.EDIT_FORMS, service),
        "may_publish": request.user.may(Permission.PUBLISH_FORMS, service),
        "form": form,
        "failed": form.is_bound,
        "there": reverse("portal:form", args=[service, name]) if read(Portal).open else "",
    }
    return TemplateResponse(request, "desk/service_form.html", page, status=422 if form.is_bound else 200)


@needs(Permission.MANAGE_SERVICES)
@require_POST
def let_in(request: DeskRequest, key: str, submission_id: int) -> HttpResponse:
    """Take somebody off the waiting list: what they sent goes where it goes."""
    row = service_forms.named(request.user, key)
    found = Submission.objects.filter(version__form=row, pk=submission_id).first()
    if found is None:
        raise Http404
    actions.let_in(found, by=request.user, at=request.now)
    messages.success(request, _("%s is off the waiting list.") % found.reference)
    return redirect("desk:service_form", row.key)


@needs(Permission.MANAGE_SERVICES)
@require_POST
def retry(request: DeskRequest, key: str, delivery_id: int) -> HttpResponse:
    """Have what did not arrive sent again."""
    row = service_forms.named(request.user, key)
    found = service_forms.undelivered().filter(submission__version__form=row, pk=delivery_id).first()
    if found is None:
        raise Http404
    delivering.retry(found, by=request.user, at=request.now)
    messages.success(request, _("It is being sent again."))
    return redirect("desk:service_form", row.key)


@needs(Permission.MANAGE_SERVICES, Permission.PUBLISH_FORMS)
@require_POST
def take_file(request: DeskRequest, key: str) -> HttpResponse:
    """Put in force what the service's folder says, instead of what was made in the form studio."""
    row = service_forms.named(request.user, key)
    name, _dot, form = row.key.partition(".")
    service = Service.objects.select_related("current").filter(key=name).first()
    if service is None or not request.user.may(Permission.PUBLISH_FORMS, name):
        raise Http404
    over = version(request.POST.get("over", ""))
    try:
        made = form_studio.take_file(service, form, over=over, by=request.user, at=request.now)
    except (Faulty, LookupError, publishing.PublishedMeanwhile) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("What the service’s folder says is in force, as version %s.") % made.number)
    return redirect("desk:service_form", row.key)


urlpatterns = [
    path("forms/", every, name="service_forms"),
    path("forms/<str:key>/", one, name="service_form"),
    path("forms/<str:key>/take-file/", take_file, name="service_form_take_file"),
    path("forms/<str:key>/let-in/<int:submission_id>/", let_in, name="service_form_let_in"),
    path("forms/<str:key>/retry/<int:delivery_id>/", retry, name="service_form_retry"),
]
