"""`moothall permissions`: which security group may do what, as a table."""

from typing import Any

from django.core.management.base import BaseCommand

from moothall.core.accounts.models import SecurityGroup
from moothall.core.accounts.permissions import Permission


class Command(BaseCommand):
    """Print the permissions of every security group, with the services and documents it reaches."""

    help = "Print which security group may do what."

    def handle(self, *_args: Any, **_options: Any) -> None:
        groups = list(SecurityGroup.objects.order_by("key"))
        rows = [["", *(group.key for group in groups)]]
        rows += [[name, *("yes" if name in group.permissions else "-" for group in groups)] for name in Permission]
        rows.append(["services", *(",".join(group.services) or "-" for group in groups)])
        rows.append(["only documents tagged", *(",".join(group.document_tags) or "-" for group in groups)])
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
