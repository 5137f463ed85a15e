"""`moothall example`."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from moothall.config.demo import AUTHORITY, council
from moothall.config.example import cases, kept, people
from moothall.kit import arguments
from moothall.sandbox import testing


class Command(BaseCommand):
    help = (
        "Make the example council in this database: its services, a user for each role, and cases in every stage, all"
        " made up. `moothall run` does this too, and then serves it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", type=arguments.count, default=40, help="how many more cases (40)")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        folder = Path(settings.DATA_DIR)
        with testing.start(*kept.sandbox(folder)) as sandbox:
            now = datetime.now(tz=UTC)
            council.connect(base_url=sandbox.base_url, credentials=sandbox.authority(AUTHORITY), at=now)
            try:
                staff = people.hire(password=kept.password(folder), at=now)
            except people.NotTheExample as refused:
                raise CommandError(str(refused)) from refused
            officers = [user for email, user in staff.items() if "officer" in email]
            number = cases.make(sandbox, count=options["cases"], officers=officers, now=now)
        self.stdout.write(f"The example council has {number} cases.")
