"""`moothall worker`."""

import tempfile
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from moothall.core.jobs import running
from moothall.kit import arguments, scratch


class Command(BaseCommand):
    help = "Run queued and periodic jobs until told to stop. Start as many as you like, on as many machines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", action="append", default=[], help="Only this queue; may be given again.")
        parser.add_argument("--jobs", type=arguments.count, default=settings.WORKER_JOBS, help="Jobs at once.")
        parser.add_argument("--until-empty", action="store_true", help="Stop when no job is due.")

    def handle(self, **options: Any) -> None:
        with scratch.folder("moothall-worker-") as folder:
            tempfile.tempdir = str(folder)  # so that what a killed worker was making does not stay for ever
            running.run(queues=options["queue"], jobs_at_once=options["jobs"], until_empty=options["until_empty"])
