"""What of the desk is handed over with the work of somebody who leaves (BEST-4)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Batch
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.web.desk.models import WorkView


def views(batch: Batch, to: Sequence[User]) -> None:
    """The views a leaver shares with a team become the first receiver's, who is told, under a name that is free."""
    if not to or batch.about is None:
        return
    names = set(WorkView.objects.filter(user=to[0]).values_list("name", flat=True))
    given = []
    for view in WorkView.objects.filter(user=batch.about, team__isnull=False).order_by("pk"):
        name, number = view.name, 2
        while name in names:
            name, number = f"{view.name[:50]} ({number})", number + 1
        names.add(name)
        given.append(f"“{name}”")
        view.user, view.name, view.first = to[0], name, False
        view.save(update_fields=["user", "name", "first"])
    if given:
        said = {"name": batch.about.full_name, "views": ", ".join(given)}
        notify(
            to[:1],
            kind=Notification.Kind.WORK,
            text=_("The views that %(name)s shared with a team are yours now: %(views)s.") % said,
            page="work_views",
            cause=f"views.{batch.pk}",
            by=batch.by,
            at=batch.at,
        )
