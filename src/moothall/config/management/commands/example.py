"""`moothall example`."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from moothall.config.demo import AUTHORITY, council
from moothall.config.example import cases as worked
from moothall.config.example import kept, large, office, people
from moothall.core.accounts.models import User
from moothall.kit import arguments
from moothall.sandbox import testing

MOST_WORKED = 1_000  # more cases than this are not worked by the product's actions, which takes a second for some ten
FINISHED = 4  # work items that are over for each that is open


class Command(BaseCommand):
    help = (
        "Make the example council in this database: its services, a user for each role, and cases in every stage, all"
        " made up. `moothall run` does this too, and then serves it. Many cases, or with --finished, are loaded at once."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", type=arguments.count, default=40, help="how many more cases (40)")
        parser.add_argument(
            "--finished",
            type=arguments.count,
            help=f"load the cases at once, with so many finished work items for each ({FINISHED} above {MOST_WORKED} cases)",
        )

    def handle(self, *args: Any, cases: int, finished: int | None, **options: Any) -> None:  # noqa: ARG002
        folder = Path(settings.DATA_DIR)
        with testing.start(*kept.sandbox(folder)) as sandbox:
            now = datetime.now(tz=UTC)
            try:
                people.refuse_others()
                council.connect(base_url=sandbox.base_url, credentials=sandbox.authority(AUTHORITY), at=now)
                staff = people.hire(password=kept.password(folder), at=now)
            except people.NotTheExample as refused:
                raise CommandError(str(refused)) from refused
            if finished is None and cases <= MOST_WORKED:
                self._work(sandbox, cases, staff, now)
            else:
                self._load(cases, finished or FINISHED, now)

    def _work(self, sandbox: testing.Running, cases: int, staff: dict[str, User], now: datetime) -> None:
        officers = [user for email, user in staff.items() if "officer" in email]
        number = worked.make(sandbox, count=cases, officers=officers, now=now)
        office.furnish(staff, now=now)
        self.stdout.write(f"The example council has {number} cases.")

    def _load(self, cases: int, finished: int, now: datetime) -> None:
        done = large.load(open_cases=cases, finished=finished, now=now, say=self.stdout.write)
        self.stdout.write(
            f"Loaded {done.cases:,} cases with {done.open:,} open and {done.finished:,} finished work items"
            f" in {done.seconds:,.0f} seconds."
        )
