"""The server measured against: databases on it, and PostgreSQL's own benchmark of it in the same run."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql


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
    with maintenance() as connected:
        asked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
        row = connected.execute(asked, [name]).fetchone()
    return row[0] if row else None


def remark(name: str, text: str) -> None:
    """Say something of the database `name`."""
    said = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(text))
    with maintenance() as connected:
        connected.execute(said)


def pgbench(*, clients: int, seconds: float, scale: int = 10) -> float:
    """Transactions per second of `pgbench -N` (simple update) with `clients` on the same server."""
    name = f"moothall_pgbench_{os.getpid()}"
    program = _program("pgbench")
    recreate(name)
    try:
        _run(program, "-i", "-q", "-s", str(scale), address(name))
        options = ["-N", "-c", str(clients), "-j", str(clients), "-T", str(max(1, round(seconds)))]
        printed = _run(program, *options, address(name))
    finally:
        drop(name)
    found = re.search(r"^tps = ([0-9.]+)", printed, re.MULTILINE)
    if not found:
        raise RuntimeError(f"pgbench printed no figure:\n{printed}")
    return float(found[1])


def address(name: str) -> str:
    """Where PostgreSQL's own programs find the database `name`."""
    return psycopg.conninfo.make_conninfo(**_parameters() | {"dbname": name})


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own command


def _program(name: str) -> str:
    if not settings.ENVIRONMENT.database_url:
        from moothall.config import postgres

        return str(postgres.programs() / name)
    if found := shutil.which(name):
        return found
    raise RuntimeError(f"{name} is not on the PATH: install PostgreSQL's client programs.")


def _parameters(alias: str = "default") -> dict[str, str]:
    parameters = connections[alias].get_connection_params()
    keep = ("host", "port", "user", "password")
    return {key: str(parameters[key]) for key in keep if parameters.get(key)}


@contextmanager
def maintenance() -> Iterator[psycopg.Connection]:
    """A connection from which other databases of the configured server are made, named and dropped."""
    parameters = _parameters(settings.WORKER_DATABASE)  # not through PgBouncer, which would part a lock from its holder
    with psycopg.connect(**parameters, dbname="postgres", autocommit=True) as connected:  # type: ignore[arg-type]
        yield connected


def recreate(name: str, *, template: str = "template1") -> None:
    """Make the database `name` on the configured server, a copy of `template`, whether or not there was one."""
    drop(name)
    with maintenance() as connected:
        connected.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop(name: str) -> None:
    """Drop the database `name` if there is one, whoever is connected to it."""
    with maintenance() as connected:
        connected.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def folder() -> Path:
    """Where a measurement may leave files for another process."""
    path = Path(settings.DATA_DIR) / "bench"
    path.mkdir(parents=True, exist_ok=True)
    return path
