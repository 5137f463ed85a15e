"""The console command `moothall`: Django's management commands under one name, and the sandbox."""

import os
import sys


def main() -> None:
    """Run one command. `moothall help` lists them."""
    if sys.argv[1:2] == ["sandbox"]:
        from moothall.sandbox.main import run

        sys.exit(run(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["moothall", *sys.argv[1:]])
