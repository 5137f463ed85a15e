"""What of the desk is handed over with the work of somebody who leaves (BEST-4)."""

from collections.abc import Sequence

from moothall.core.accounts.models import User
from moothall.web.desk.models import WorkView


def views(leaver: User, to: Sequence[User]) -> None:
    """The views a leaver shares with a team become the first receiver's, under a name that is free."""
    if not to:
        return
    names = set(WorkView.objects.filter(user=to[0]).values_list("name", flat=True))
    for view in WorkView.objects.filter(user=leaver, team__isnull=False).order_by("pk"):
        name, number = view.name, 2
        while name in names:
            name, number = f"{view.name[:50]} ({number})", number + 1
        names.add(name)
        view.user, view.name, view.first = to[0], name, False
        view.save(update_fields=["user", "name", "first"])
