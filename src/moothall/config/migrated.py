"""Databases as `migrate` leaves an empty one, made by copying one that is kept: to migrate takes half a minute.

Tests make the one that is kept on the server (`template`), one for each version of what migrations do; what else needs
such a database (`create`, `scratch`) copies it when it is there.
"""

import ast
import hashlib
import importlib.util
import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from django.apps.registry import Apps
from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from psycopg import sql

from moothall.config.bench import server

PREFIX = "moothall_migrated_"
UNFINISHED = "_unfinished"
KEPT = 10  # versions: somebody goes back and forth between a few
REMARK = "Used {}. The tables of Moothall without rows, for its tests to copy. It may be dropped."
_LOCK = 0x6D6F6F74
_scratches = count(1)
_KNOWN = """
    SELECT datname FROM pg_database
    WHERE starts_with(datname, %s) AND pg_get_userbyid(datdba) = current_user
    ORDER BY shobj_description(oid, 'pg_database') DESC NULLS LAST
"""


def template() -> str:
    """The name of a migrated database to copy, on the configured server: made unless there is one of this version.

    Nobody can connect to it. It stays on the server; the last few versions used do, others are dropped.
    """
    with _alone() as maintenance:
        name = _name(maintenance)
        if name not in _known(maintenance):
            _make(name, maintenance)
        server.remark(name, REMARK.format(datetime.now(tz=UTC).isoformat()))
        known = _known(maintenance)
        unfinished = [one for one in known if one.endswith(UNFINISHED)]  # who made it was killed: nobody else is here
        finished = [one for one in known if one not in unfinished]
        for one in unfinished + finished[KEPT:]:
            server.drop(one)
    return name


def create(name: str) -> None:
    """Make the database `name` on the configured server, migrated and empty, whether or not there was one."""
    with _alone() as maintenance:
        known = _name(maintenance)
        copied = known in _known(maintenance)
        if copied:
            server.recreate(name, template=known)
    if not copied:
        _migrate(name)


@contextmanager
def scratch() -> Iterator[None]:
    """Work in a new, migrated database on the configured server, this process's own; dropped afterwards.

    No two have the same name: what a process keeps of a database, it keeps by its name.
    """
    name = f"moothall_bench_{os.getpid()}_{next(_scratches)}"
    try:
        create(name)
        with server.using(name):
            yield
    finally:
        server.drop(name)


def _version(owner: str) -> str:
    """A digest of all that decides what migrations leave: their files and what these import, packages, and the owner."""
    digest = hashlib.sha256()
    packages = sorted(f"{package.name} {package.version}" for package in metadata.distributions())
    for said in (owner, *settings.INSTALLED_APPS, *packages):
        digest.update(said.encode() + b"\n")
    for label, file in sorted(set(_files())):
        digest.update(label.encode() + b"\n" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _files() -> Iterator[tuple[str, Path]]:
    """Each file that lies beside a migration, and each module that one imports."""
    migrations = MigrationLoader(None).disk_migrations
    folders = {app: Path(inspect.getfile(type(migration))).parent for (app, _), migration in migrations.items()}
    for app, folder in folders.items():
        for file in folder.rglob("*"):
            if file.is_file() and file.suffix != ".pyc":
                yield f"{app}/{file.relative_to(folder)}", file
            if file.suffix == ".py":
                for module in _imported(file):
                    if found := _found(module):
                        yield module, found


def _imported(file: Path) -> Iterator[str]:
    """The names of modules, and of what is imported from one, which may be a module too."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _found(module: str) -> Path | None:
    """The file of a module, whether or not anything has loaded it; None of what is no module or has no file."""
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.has_location and spec.origin else None


def _make(name: str, maintenance: psycopg.Connection) -> None:
    """It has its name when it is whole, so that one whose maker was killed is never copied."""
    _migrate(name + UNFINISHED)
    made, named = sql.Identifier(name + UNFINISHED), sql.Identifier(name)
    maintenance.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(made))
    maintenance.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(made, named))


def _migrate(name: str) -> None:
    server.recreate(name)
    with server.using(name), _models_made_seldom():
        call_command("migrate", verbosity=0)


@contextmanager
def _models_made_seldom() -> Iterator[None]:
    """While an empty database is migrated, a model is made again only when its fields changed.

    Django makes a model and all that are related to it again for each index, constraint and trigger, since a migration
    might look into tables by them; where there are no rows nothing is found in any case, and the tables come out the same.
    """
    reload, render = ProjectState.reload_model, ModelState.render

    def made(self: ModelState, apps: Apps) -> Any:
        model = render(self, apps)
        model.made_of = _decisive(self)
        return model

    def seldom(self: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
        if "apps" not in self.__dict__:
            return
        state = self.models[app_label, model_name]
        try:
            known = self.apps.get_model(app_label, model_name)
        except LookupError:
            self.apps.render_multiple([state])
            return
        if known.made_of != _decisive(state):
            reload(self, app_label, model_name, delay)

    ProjectState.reload_model, ModelState.render = seldom, made  # type: ignore[method-assign]
    try:
        yield
    finally:
        ProjectState.reload_model, ModelState.render = reload, render  # type: ignore[method-assign]


_BESIDE = frozenset({"indexes", "constraints", "triggers"})


def _decisive(state: ModelState) -> tuple[Any, ...]:
    """What a model is, but for what stands beside its fields."""
    options = {name: value for name, value in state.options.items() if name not in _BESIDE}
    return [*state.fields.items()], options, state.bases, state.managers


def _name(maintenance: psycopg.Connection) -> str:
    return PREFIX + _version(maintenance.info.user)


def _known(maintenance: psycopg.Connection) -> list[str]:
    """The databases that are kept to be copied, the last used first."""
    return [name for (name,) in maintenance.execute(_KNOWN, [PREFIX]).fetchall()]


@contextmanager
def _alone() -> Iterator[psycopg.Connection]:
    """One process of a server at a time. The lock goes with the connection, however its process ends."""
    with server.maintenance() as maintenance:
        maintenance.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield maintenance
