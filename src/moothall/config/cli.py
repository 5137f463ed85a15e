"""The console command `moothall`: Django's management commands under one name, the web server, the sandbox, and the
private database."""

import os
import sys
from pathlib import Path

from moothall.config import postgres
from moothall.config.environment import SettingsFault
from moothall.config.postgres import PostgresFault


def main() -> None:
    """Run one command. `moothall help` lists them. A fault of the machine or its settings is said without a traceback."""
    try:
        _run()
    except (SettingsFault, PostgresFault) as fault:
        sys.exit(_say(str(fault)))


def _run() -> None:
    command, arguments = sys.argv[1:2], sys.argv[2:]
    if command == ["sandbox"]:
        from moothall.sandbox.main import run

        sys.exit(run(arguments))
    if command == ["serve"]:
        from moothall.config.serving import run as serve

        sys.exit(serve(arguments))
    if command == ["database"]:
        sys.exit(_database(arguments))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["moothall", *sys.argv[1:]])


def _database(arguments: list[str]) -> int:
    """`moothall database url` starts the private PostgreSQL and prints its address; `stop` ends it."""
    data_dir = Path(os.environ.get("MOOTHALL_DATA_DIR", ".data"))
    if arguments == ["url"]:
        sys.stdout.write(postgres.url(data_dir) + "\n")
        return 0
    if arguments == ["stop"]:
        sys.stdout.write("Stopped.\n" if postgres.stop(data_dir) else "It was not running.\n")
        return 0
    return _say("Say `moothall database url` or `moothall database stop`.")


def _say(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 2
