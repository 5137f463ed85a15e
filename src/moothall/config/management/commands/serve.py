"""`moothall serve`."""

import os
import tempfile
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from granian import Granian
from granian.constants import Interfaces

from moothall.config.settings import ENVIRONMENT


class Command(BaseCommand):
    help = "Serve the product over HTTP until told to stop. Put a proxy that speaks HTTPS in front of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=ENVIRONMENT.host)
        parser.add_argument("--port", type=int, default=ENVIRONMENT.port)
        parser.add_argument("--processes", type=int, default=ENVIRONMENT.web_processes)
        parser.add_argument("--threads", type=int, default=ENVIRONMENT.web_threads)

    def handle(self, **options: Any) -> None:
        with tempfile.TemporaryDirectory(prefix="moothall-metrics-") as metrics:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics  # read by each process when it starts
            Granian(
                "moothall.config.wsgi:application",
                address=options["host"],
                port=options["port"],
                interface=Interfaces.WSGI,
                workers=options["processes"],
                blocking_threads=options["threads"],
                log_access=False,
                respawn_failed_workers=True,
            ).serve()
