"""`moothall people import`: customers from a file on this machine, tried and brought in, with what becomes of each row."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from moothall.core.accounts.actions import system_user
from moothall.domain.people.importing import columns, report, running
from moothall.domain.people.importing.files import Shape
from moothall.domain.people.importing.refusal import ImportRefused, Stopped
from moothall.domain.people.models import Import

SAID_EVERY = 2.0  # seconds


def arguments(names: Any) -> None:
    """Declare what the command takes."""
    take = names.add_parser("import", help="import customers from a CSV file or an Excel workbook")
    take.add_argument("file", nargs="?", type=Path)
    take.add_argument("--mapping", help="columns kept under this name, or a JSON file with “columns” and “options”")
    take.add_argument("--start", action="store_true", help="bring in what was tried; without it nothing is recorded")
    take.add_argument("--resume", type=int, metavar="IMPORT", help="go on with an import that was stopped, or start it")
    take.add_argument(
        "--undo", type=int, metavar="IMPORT", help="remove whom an import made, where nothing refers to them"
    )
    take.add_argument("--report", type=Path, help="write what becomes of each row to this CSV file")


def import_file(
    command: BaseCommand,
    *,
    file: Path | None,
    mapping: str | None,
    start: bool,
    resume: int | None,
    undo: int | None,
    report: Path | None,
    **_: Any,
) -> None:
    """Do what the command says. Raises CommandError with a sentence."""
    said = _Progress(command)
    try:
        if undo is not None:
            one = running.undo(_import(undo), by=system_user(), at=timezone.now(), later=False)
        elif resume is not None:
            one = _import(resume)
            if one.state == Import.State.GIVEN:  # it was stopped before its columns were said
                one = _set_up(command, one, mapping)
        elif file is not None:
            one, _looked = running.begin(str(file.resolve()), name=file.name, by=system_user(), at=timezone.now())
            one = _set_up(command, one, mapping)
        else:
            raise CommandError("Say which file, or which import to go on with.")
        running.work(one, tell=said.tell)
        if start and one.state == Import.State.CHECKED:
            one = running.start(one, by=system_user(), at=timezone.now(), later=False)
            running.work(one, tell=said.tell)
    except ImportRefused as refused:
        raise CommandError(f"{refused} Nothing was changed.") from refused
    except Stopped as stopped:
        raise CommandError(str(stopped)) from stopped
    _tell(command, one, report)


def _set_up(command: BaseCommand, one: Import, mapping: str | None) -> Import:
    chosen, options = _mapped(mapping, one) if mapping else (one.columns, one.options)
    command.stdout.write(f"Import {one.pk}: {Shape(**one.shape).words}.")
    for heading in one.headings:
        command.stdout.write(f"  {heading}: {chosen.get(heading, 'left out')}")
    return running.set_up(one, columns=chosen, options=options, by=system_user(), at=timezone.now(), later=False)


def _mapped(mapping: str, one: Import) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    path = Path(mapping)
    if path.suffix == ".json":
        try:
            given = json.loads(path.read_text(encoding="utf-8"))
            return dict(given["columns"]), {**one.options, **given.get("options", {})}
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise CommandError(f"{path} cannot be read: it holds “columns”, and maybe “options”, as JSON.") from fault
    kept = columns.named(mapping)
    return kept.columns, kept.options


def _tell(command: BaseCommand, one: Import, into: Path | None) -> None:
    if into is not None:
        with into.open("w", encoding="utf-8", newline="") as lines:
            lines.writelines(report.rows(one))
    found = ", ".join(f"{name} {times:,}" for name, times in sorted(one.counts.items())) or "no rows"
    command.stdout.write(f"Import {one.pk} is {one.state}: {found}.")
    if one.state == Import.State.CHECKED:
        command.stdout.write(f"Nothing is recorded yet: `moothall people import --resume {one.pk} --start` does it.")


def _import(number: int) -> Import:
    found = Import.objects.filter(pk=number).first()
    if found is None:
        raise CommandError(f"There is no import {number}.")
    return found


class _Progress:
    """How far an import is, said every few seconds: rows, rate and time left."""

    def __init__(self, command: BaseCommand) -> None:
        self.command, self.said = command, time.monotonic()

    def tell(self, one: Import) -> None:
        now = time.monotonic()
        if now - self.said < SAID_EVERY:
            return
        self.said = now
        speed = running.left(one, at=timezone.now())
        if speed is None:
            self.command.stderr.write(f"{one.state.capitalize()}: {one.rows_read:,} rows.")
            return
        total = running.of_how_many(one)
        self.command.stderr.write(
            f"{one.state.capitalize()}: {one.done:,} of {total:,} rows, {speed[0]:,.0f} a second, {speed[1]:,.0f} seconds left."
        )
