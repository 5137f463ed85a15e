"""The server measured against: a scratch database on it, and PostgreSQL's own benchmark of it in the same run."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql


@contextmanager
def scratch_database() -> Iterator[None]:
    """Work in a new, migrated database on the configured server, this process's own; dropped afterwards."""
    name = f"moothall_bench_{os.getpid()}"
    recreate(name)
    try:
        with using(name):
            call_command("migrate", verbosity=0)
            yield
    finally:
        drop(name)


@contextmanager
def using(name: str) -> Iterator[None]:
    """Work in the database `name` of the configured server."""
    settings_ = connections["default"].settings_dict
    usual = settings_["NAME"]
    connections["default"].close()
    settings_["NAME"] = name
    try:
        yield
    finally:
        connections["default"].close()
        settings_["NAME"] = usual


def comment(name: str) -> str | None:
    """What was said of the database `name` by `remark`; None when nothing was, or when there is none."""
    with _maintenance() as maintenance:
        asked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
        row = maintenance.execute(asked, [name]).fetchone()
    return row[0] if row else None


def remark(name: str, text: str) -> None:
    """Say something of the database `name`."""
    said = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(text))
    with _maintenance() as maintenance:
        maintenance.execute(said)


def pgbench(*, clients: int, seconds: float, scale: int = 10) -> float:
    """Transactions per second of `pgbench -N` (simple update) with `clients` on the same server."""
    name = f"moothall_pgbench_{os.getpid()}"
    program = _program("pgbench")
    recreate(name)
    try:
        target = psycopg.conninfo.make_conninfo(**_parameters() | {"dbname": name})
        _run(program, "-i", "-q", "-s", str(scale), target)
        options = ["-N", "-c", str(clients), "-j", str(clients), "-T", str(max(1, round(seconds)))]
        printed = _run(program, *options, target)
    finally:
        drop(name)
    found = re.search(r"^tps = ([0-9.]+)", printed, re.MULTILINE)
    if not found:
        raise RuntimeError(f"pgbench printed no figure:\n{printed}")
    return float(found[1])


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own command


def _program(name: str) -> str:
    if not settings.ENVIRONMENT.database_url:
        from moothall.config import postgres

        return str(postgres.programs() / name)
    if found := shutil.which(name):
        return found
    raise RuntimeError(f"{name} is not on the PATH: install PostgreSQL's client programs.")


def _parameters() -> dict[str, str]:
    parameters = connection.get_connection_params()
    keep = ("host", "port", "user", "password")
    return {key: str(parameters[key]) for key in keep if parameters.get(key)}


@contextmanager
def _maintenance() -> Iterator[psycopg.Connection]:
    with psycopg.connect(**_parameters(), dbname="postgres", autocommit=True) as maintenance:  # type: ignore[arg-type]
        yield maintenance


def recreate(name: str) -> None:
    """Make the database `name` on the configured server, empty, whether or not there was one."""
    drop(name)
    with _maintenance() as maintenance:
        maintenance.execute(f'CREATE DATABASE "{name}"')


def drop(name: str) -> None:
    """Drop the database `name` if there is one, whoever is connected to it."""
    with _maintenance() as maintenance:
        maintenance.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def folder() -> Path:
    """Where a measurement may leave files for another process."""
    path = Path(settings.DATA_DIR) / "bench"
    path.mkdir(parents=True, exist_ok=True)
    return path
