"""What the product does by itself: whether its workers keep up, and how far the names of work lines are."""

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.jobs import health
from moothall.core.jobs.health import QueueHealth
from moothall.domain.cases import renaming
from moothall.domain.cases.models import NameChange
from moothall.domain.cases.renaming import Following
from moothall.web.components.parts import Column, Link, Row
from moothall.web.desk.access import needs
from moothall.web.desk.request import DeskRequest

KINDS = {
    NameChange.Kind.USER: gettext_lazy("Colleague"),
    NameChange.Kind.TEAM: gettext_lazy("Team"),
    NameChange.Kind.SERVICE: gettext_lazy("Service"),
}


@needs(Permission.MANAGE_CONNECTORS)
@require_safe
def jobs(request: DeskRequest) -> HttpResponse:
    """Whether jobs are done, and which names the work list does not say everywhere yet."""
    queue = health.read()
    page = {
        "rows": _facts(request, queue),
        "stalled": queue.stalled,
        "names": [(one, KINDS[one.kind], _far(one)) for one in renaming.going_on()],
        "columns": [Column(_("New name")), Column(_("Of")), Column(_("Lines of the work list that say it"))],
    }
    return TemplateResponse(request, "desk/jobs.html", page)


def _far(one: Following) -> str:
    return _("%(done)s of %(all)s") % {"done": f"{one.lines - one.left:,}", "all": f"{one.lines:,}"}


def _facts(request: DeskRequest, queue: QueueHealth) -> list[Row]:
    minutes = int(queue.oldest_due_seconds // 60)
    failed = queue.by_status.get("failed", 0)
    may_see = request.user.may(Permission.VIEW_QUEUE)
    there = [Link(_("See them"), f"{reverse('desk:digest')}#jobs")] if failed and may_see else []
    oldest = ngettext("%s minute", "%s minutes", minutes) % minutes if minutes else _("Less than a minute")
    return [
        Row(_("Workers"), f"{queue.workers:,}"),
        Row(_("Jobs being done"), f"{queue.by_status.get('doing', 0):,}"),
        Row(_("Jobs that wait"), f"{queue.by_status.get('todo', 0):,}"),
        Row(_("The longest wait of a job that is due"), oldest),
        Row(_("Jobs that were given up"), f"{failed:,}", there),
    ]


urlpatterns = [path("jobs/", jobs, name="jobs")]
