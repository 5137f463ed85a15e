"""The boundaries of wards that maps show: given as a file, or drawn around the properties of each."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from moothall.core.accounts.permissions import Permission
from moothall.domain.places import boundaries
from moothall.kit.invalid import Invalid
from moothall.web.common import maps
from moothall.web.common.addresses import address
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.components.forms import Form
from moothall.web.components.parts import Column
from moothall.web.desk.access import needs
from moothall.web.desk.request import DeskRequest


class Give(Form):
    """A file of boundaries."""

    boundaries = forms.FileField(
        label=gettext_lazy("GeoJSON file"),
        help_text=gettext_lazy(
            "Polygons with a code and a name, such as WD25CD and WD25NM. It takes the place of what is kept."
        ),
        error_messages={
            "required": gettext_lazy("Choose a file of boundaries."),
            "empty": gettext_lazy("This file is empty."),
        },
    )


@needs(Permission.IMPORT_GAZETTEER)
@READ_OR_SEND
def kept(request: DeskRequest) -> HttpResponse:
    """The wards with boundaries; a file of others is given here."""
    form = Give(request.POST, request.FILES) if request.method == "POST" else Give()
    if form.is_valid():
        file = form.cleaned_data["boundaries"]
        try:
            loaded = boundaries.load(file.read(boundaries.MOST_BYTES + 1), by=request.user, at=request.now)
        except Invalid as error:
            form.add_error("boundaries", str(error))
        else:
            messages.success(request, _("The boundaries of %s wards are loaded.") % loaded)
            return redirect("desk:boundaries")
    rows = boundaries.wards()
    page = {
        "form": form,
        "failed": form.is_bound,
        "wards": rows,
        "drawn": any(one.drawn for one in rows),
        "columns": [Column(_("Ward")), Column(_("Code"))],
        "ground": maps.ground(wards=address("desk:map_wards")),
    }
    return maps.allow(TemplateResponse(request, "desk/boundaries.html", page, status=422 if form.is_bound else 200))


@needs(Permission.IMPORT_GAZETTEER)
@require_POST
def draw(request: DeskRequest) -> HttpResponse:
    """Draw them around the properties of each ward."""
    try:
        drawn = boundaries.draw(by=request.user, at=request.now)
    except Invalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%s wards are drawn around their properties.") % drawn)
    return redirect("desk:boundaries")


urlpatterns = [
    path("gazetteer/boundaries/", kept, name="boundaries"),
    path("gazetteer/boundaries/draw/", draw, name="boundaries_draw"),
]
