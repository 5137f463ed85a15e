"""`moothall run`: the product with an example council, to try it: database, sandbox, worker and web under one parent."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from moothall.config import environment, postgres, serving
from moothall.config.example import kept
from moothall.kit import arguments as numbers
from moothall.sandbox import testing
from moothall.sandbox.testing import Running

DATABASE = "moothall_example"
PATIENCE_SECONDS = 60
LOOK_EVERY_SECONDS = 0.5
CASES = 300


def run(arguments: list[str]) -> int:
    """Set up what is missing, start everything, say where to go and who to sign in as; until told to stop.

    What was done stays for the next time: in a database of its own, and in the folder `example` of the data folder.
    """
    settings = environment.load()
    parser = argparse.ArgumentParser("moothall run", description="Try the product with an example council.")
    parser.add_argument("--port", type=numbers.port, default=settings.port)
    parser.add_argument("--cases", type=numbers.count, default=CASES, help=f"at least so many cases ({CASES})")
    options = parser.parse_args(arguments)
    try:
        serving.listen_once(settings.host, options.port)
    except OSError as fault:
        sys.stderr.write(f"{settings.host} port {options.port} cannot be listened on: {fault.strerror}. Use --port.\n")
        return 1
    folder = settings.data_dir.absolute() / "example"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            sandbox = stack.enter_context(testing.start(*kept.sandbox(folder)))
            _surroundings(settings, folder, sandbox)
            if refused := _prepare(folder, sandbox, cases=options.cases, port=options.port):
                sys.stderr.write(f"{refused}\n")
                return 1
            log = stack.enter_context((folder / "run.log").open("ab"))
            children = [
                stack.enter_context(_child(log, "worker")),
                stack.enter_context(_child(log, "serve", "--port", str(options.port))),
            ]
            everything: list[subprocess.Popen[Any]] = [*children, sandbox.process]
            if listens(everything, settings.host, options.port):
                _announce(folder, sandbox, port=options.port)
            return _wait(everything, folder / "run.log")
    except KeyboardInterrupt:
        sys.stdout.write("\nStopped.\n")
        return 0


def _surroundings(settings: environment.Environment, folder: Path, sandbox: Running) -> None:
    """What this process and those it starts read from their environment."""
    host, port = sandbox.smtp
    address = settings.database_url or postgres.url(settings.data_dir.absolute(), DATABASE)
    os.environ |= {
        "DATABASE_URL": address,
        "MOOTHALL_DATA_DIR": str(folder),
        "MOOTHALL_EMAIL_HOST": host,
        "MOOTHALL_EMAIL_PORT": str(port),
        "MOOTHALL_SCANNER": sandbox.scanner,
        "MOOTHALL_SECURE_COOKIES": "false",
    }
    os.environ.setdefault("MOOTHALL_LOG_LEVEL", "WARNING")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.config.settings")


def _prepare(folder: Path, sandbox: Running, *, cases: int, port: int) -> str:
    """Tables, services, staff and cases; returns why not, or nothing."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    from moothall.config.demo import AUTHORITY, council
    from moothall.config.example import cases as example
    from moothall.config.example import office, people
    from moothall.core.accounts.actions import system_user
    from moothall.core.council import settings
    from moothall.domain.cases.models import Case
    from moothall.domain.opinions.rules import Opinions

    steps = MigrationExecutor(connections["default"])
    if steps.migration_plan(steps.loader.graph.leaf_nodes()):
        _say("Making the tables of the database, once: this takes half a minute or so.")
    call_command("migrate", verbosity=0)
    now = datetime.now(tz=UTC)
    try:
        people.refuse_others()
        council.connect(base_url=sandbox.base_url, credentials=sandbox.authority(AUTHORITY), at=now)
        council.connect_others(sandbox.line, at=now)
        told = {"url": f"http://127.0.0.1:{port}/payments/govuk-pay/messages/"}
        sandbox.control("PUT", "/govuk_pay/webhooks", told)
        settings.write(Opinions(url=f"http://localhost:{port}"), by=system_user(), at=now)
        staff = people.hire(password=kept.password(folder), at=now)
    except people.NotTheExample as refused:
        return str(refused)
    if (missing := cases - Case.objects.count()) > 0:
        _say(f"Making {missing} cases of made-up people, once: this takes a minute or two.")
        officers = [user for email, user in staff.items() if "officer" in email]
        example.make(sandbox, count=missing, officers=officers, now=now, say=lambda made: _progress(made, missing))
    office.furnish(staff, now=now)
    connections.close_all()
    return ""


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def _progress(made: int, of: int) -> None:
    """One line that counts, where a terminal shows it; else a line for each fifty."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r  {made} of {of}{'' if made < of else chr(10)}")
    elif made % 50 == 0 or made == of:
        sys.stdout.write(f"  {made} of {of}\n")
    sys.stdout.flush()


@contextmanager
def _child(log: BinaryIO, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """One process of the product, ended with the block; what it says goes to the log."""
    words = [sys.executable, "-m", "moothall", *command]
    with subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def listens(everything: Sequence["subprocess.Popen[Any]"], host: str, port: int) -> bool:
    """Wait until pages are answered there. False when one of the processes ends first, or it takes too long."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and all(process.poll() is None for process in everything):
        with suppress(OSError), socket.create_connection((host, port), timeout=LOOK_EVERY_SECONDS):
            return True
        time.sleep(LOOK_EVERY_SECONDS)
    return False


def _announce(folder: Path, sandbox: Running, *, port: int) -> None:
    from moothall.config.example.people import STAFF

    lines = [f"Open http://127.0.0.1:{port}/ and sign in as", ""]
    lines += [f"  {member.email:<44} {member.role}" for member in STAFF]
    lines += ["", f"each with the password  {kept.password(folder)}", ""]
    lines += [f"E-mails go nowhere: read them at {sandbox.base_url}/_admin/mail", "", "Ctrl-C stops everything."]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _wait(everything: Sequence["subprocess.Popen[Any]"], log: Path) -> int:
    """Until one of them ends, which none should."""
    while all(process.poll() is None for process in everything):
        time.sleep(LOOK_EVERY_SECONDS)
    sys.stderr.write(f"Something stopped by itself, so everything does. {log} says more.\n")
    return 1
