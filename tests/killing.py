"""Commands done in a process of its own, which is killed between two of its statements to the database (kill -9).

Run with the name of a test database, and values to set as JSON, it is a nursery: each line it reads is how many statements
a new process may make, and the words of its command; it answers with how that process ended.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 20.0
_LET_GO = """
    SELECT NOT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND d.datname = current_database())
"""
Killed = Callable[[list[str], int], bool]


def ever_later() -> Iterator[int]:
    """How many statements each process may make before it is killed: few at first, then ever more."""
    statements = 2
    while True:
        yield statements
        statements = statements * 3 // 2 + 1


@contextmanager
def nursery(values: Mapping[str, int]) -> Iterator[Killed]:
    """`killed(words, after)` does a command of `moothall` in a new process that is killed when it made so many statements;
    False when it ended before. `values` are set in it: the dotted name of a module's constant, and what it is."""
    from django.db import connection

    root = Path(__file__).parent.parent
    paths = os.pathsep.join([str(root), str(root / "src")])
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "moothall.config.settings", "PYTHONPATH": paths}
    command = [sys.executable, "-m", "tests.killing", str(connection.settings_dict["NAME"]), json.dumps(values)]
    started = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=root, text=True
    )
    with started:
        given, told = started.stdin, started.stdout
        assert given is not None
        assert told is not None

        def killed(words: list[str], after: int) -> bool:
            given.write(json.dumps([after, words]) + "\n")
            given.flush()
            ended = int(told.readline())
            assert ended in (0, -signal.SIGKILL), f"{words} ended with {ended}."
            _wait_until_let_go()
            return ended != 0

        yield killed
        given.close()


def _wait_until_let_go() -> None:
    """PostgreSQL hears a moment later that a process is gone, and frees what it held then."""
    from django.db import connection

    ends = time.monotonic() + PATIENCE_SECONDS
    with connection.cursor() as cursor:
        cursor.execute(_LET_GO)
        while cursor.fetchone() != (True,):
            assert time.monotonic() < ends, "What the killed process held is not free."
            time.sleep(0.01)
            cursor.execute(_LET_GO)


def _bring_up(database: str, values: Mapping[str, int]) -> None:
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    for name, value in values.items():
        module, _, constant = name.rpartition(".")
        setattr(importlib.import_module(module), constant, value)
    for line in sys.stdin:
        after, words = json.loads(line)
        child = os.fork()
        if not child:
            _work(words, after)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _work(words: list[str], after: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    left = after

    def count(execute: Callable[..., Any], *statement: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*statement)

    ended = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        with connection.execute_wrapper(count):
            call_command(*words)
        ended = 0
    finally:
        os._exit(ended)


if __name__ == "__main__":
    _bring_up(sys.argv[1], json.loads(sys.argv[2]))
