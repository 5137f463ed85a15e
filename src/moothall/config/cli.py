"""The console command `moothall`: Django's management commands under one name, the web server, the sandbox, the example
council, and the private database."""

import os
import sys
from pathlib import Path

import psycopg
from django.db import Error as DatabaseError
from django.db import OperationalError, ProgrammingError

from moothall.config import postgres
from moothall.config.apps import HooksFault
from moothall.config.environment import SettingsFault
from moothall.config.postgres import PostgresFault

INSTEAD = {
    "createsuperuser": "Nobody is a superuser here: a user may do what their groups may. Say `moothall users group` to"
    " make a group with every permission, and `moothall users add` to add somebody to it.",
    "changepassword": "Say `moothall users password`: it records who set whose password.",
}
TRACEBACK = "--traceback"
OLD_TABLES = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction)


def main() -> None:
    """Run one command. `moothall help` lists them. A fault of the machine, its settings or its database is said without a
    traceback; with --traceback it is shown."""
    try:
        try:
            _run()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has read enough, like `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (SettingsFault, PostgresFault, HooksFault) as fault:
        sys.exit(_say(str(fault)))
    except (OSError, DatabaseError, psycopg.Error) as fault:
        sentence = _sentence(fault)
        if sentence is None or TRACEBACK in sys.argv:
            raise
        _say(sentence)
        sys.exit(1)


def _run() -> None:
    command, arguments = sys.argv[1:2], sys.argv[2:]
    if command == ["sandbox"]:
        from moothall.sandbox.main import run

        sys.exit(run(arguments))
    if command == ["serve"]:
        from moothall.config.serving import run as serve

        sys.exit(serve(arguments))
    if command == ["run"]:
        from moothall.config.running import run as run_example

        sys.exit(run_example(arguments))
    if command == ["database"]:
        sys.exit(_database(arguments))
    if command and command[0] in INSTEAD:
        sys.exit(_say(INSTEAD[command[0]]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.config.settings")
    from django.core.management import execute_from_command_line

    shown = [TRACEBACK] if TRACEBACK in arguments else []
    execute_from_command_line(["moothall", *command, *shown, *(word for word in arguments if word != TRACEBACK)])


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


def _sentence(fault: Exception) -> str | None:
    """What a person can do about a fault of the machine or its database; None when it is the program's own."""
    if isinstance(fault, OSError):
        what = fault.strerror or type(fault).__name__
        return f"{what}: {fault.filename}." if fault.filename else None
    cause = fault if isinstance(fault, psycopg.Error) else fault.__cause__
    said = " ".join(str(cause or fault).split()).rstrip(".")
    if isinstance(cause, OLD_TABLES) and isinstance(fault, ProgrammingError | psycopg.Error):
        return f"The database lacks tables of this version ({said}). Say `moothall migrate` first."
    if not isinstance(fault, OperationalError | psycopg.OperationalError):
        return None
    if isinstance(cause, psycopg.Error) and cause.sqlstate and not cause.sqlstate.startswith(("08", "28", "3D")):
        return f"PostgreSQL gave up: {said}. Try again when less is going on; its log says more."
    return f"PostgreSQL cannot be used: {said}. Check that it runs, and DATABASE_URL."


def _say(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 2
