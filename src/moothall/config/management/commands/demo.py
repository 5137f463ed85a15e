"""`moothall demo`."""

import signal
import subprocess
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from moothall.config.demo import stage

PATIENCE_SECONDS = 20


class Command(BaseCommand):
    help = (
        "Take Blue Badge applications from a sandboxed national service to an ordered badge, a refusal and an appeal,"
        " on a database of its own, and print the cases."
    )
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:  # noqa: ARG002
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with stage.scratch("demo") as environment:
                status = _play(environment)
        except stage.AlreadyRunning as running:
            raise CommandError(str(running)) from running
        if status:
            sys.exit(status)


def _play(environment: dict[str, str]) -> int:
    """Run the play in a process of its own, whose settings are those of the stage; return its exit status."""
    command = [sys.executable, "-m", "moothall.config.demo"]
    with subprocess.Popen(command, env=environment) as play:  # noqa: S603 - our own command
        try:
            return play.wait()
        except KeyboardInterrupt:
            play.terminate()
            return play.wait(PATIENCE_SECONDS)
