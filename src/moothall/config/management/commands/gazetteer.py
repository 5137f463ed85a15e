"""`moothall gazetteer`: bring the gazetteer in from the files of a supply, see how far it is, and what was refused."""

import csv
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from moothall.config.example import gazetteer as example
from moothall.core.accounts.actions import system_user
from moothall.domain.places import areas
from moothall.domain.places.gazetteer import export, report, supplies
from moothall.domain.places.gazetteer.refusal import SupplyRefused
from moothall.domain.places.models import Supply
from moothall.kit import arguments
from moothall.kit.invalid import Invalid

SAID_EVERY = 2.0  # seconds


class Command(BaseCommand):
    help = "Import the gazetteer (BS 7666 DTF 7.3 or OS AddressBase Premium), full or changes only."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        take = verbs.add_parser("import", help="bring in one supply: its volumes, plain or zipped")
        take.add_argument("files", nargs="+", type=Path)
        take.add_argument("--even-if-many-go", action="store_true", help="though much of what is in force is not in it")
        verbs.add_parser("resume", help="go on with the supply that was stopped, where it was")
        verbs.add_parser("cancel", help="give up the supply that was stopped; nothing of it is in force")
        verbs.add_parser("list", help="list the latest supplies")
        rejects = verbs.add_parser("rejects", help="print what was refused of a supply, as CSV")
        rejects.add_argument("supply", type=arguments.count, nargs="?", help="its number; the latest when left out")
        wards = verbs.add_parser("areas", help="load names of wards and parishes from a list of names and codes (CSV)")
        wards.add_argument("file", type=Path)
        out = verbs.add_parser("export", help="write the gazetteer in force as one full supply of DTF 7.3")
        out.add_argument("file", type=Path)
        made = verbs.add_parser("example", help="write the files of a made-up council's gazetteer")
        made.add_argument("folder", type=Path)
        made.add_argument("--uprns", type=arguments.count, default=1_000)
        made.add_argument("--changes", type=arguments.count, default=100, help="records in the file of changes")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:  # noqa: ARG002
        try:
            getattr(self, f"_{verb}")(**options)
        except SupplyRefused as refused:
            raise CommandError(f"{refused} Nothing was changed.") from refused
        except supplies.Stopped as stopped:
            raise CommandError(str(stopped)) from stopped

    def _import(self, *, files: list[Path], even_if_many_go: bool, **_: Any) -> None:
        paths = [str(path.resolve()) for path in files]
        begun = supplies.begin(paths, even_if_many_go=even_if_many_go, by=system_user(), at=timezone.now())
        self._work(begun)

    def _resume(self, **_: Any) -> None:
        self._work(_unfinished())

    def _cancel(self, **_: Any) -> None:
        supply = _unfinished()
        if not supplies.cancel(supply, by=system_user(), at=timezone.now()):
            raise CommandError(f"Supply {supply.pk} had ended already.")
        self.stdout.write(f"Supply {supply.pk} is cancelled. Nothing was changed.")

    def _list(self, **_: Any) -> None:
        for supply in Supply.objects.order_by("-pk")[:20]:
            kind = "full" if supply.full else "changes"
            self.stdout.write(
                f"{supply.pk}  {supply.begun_at:%Y-%m-%d %H:%M}  {supply.get_format_display()}, {kind},"
                f" of {supply.processed_on}: {supply.state}. {supply.why}".rstrip()
            )

    def _rejects(self, *, supply: int | None, **_: Any) -> None:
        found = Supply.objects.order_by("-pk").filter(**({"pk": supply} if supply else {})).first()
        if found is None:
            raise CommandError("There is no such supply.")
        for row in report.rows(found):
            self.stdout.write(row, ending="")

    def _areas(self, *, file: Path, **_: Any) -> None:
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                loaded = areas.load(lines, by=system_user(), at=timezone.now())
        except UnicodeDecodeError:
            raise CommandError(f"{file} is not UTF-8. Nothing was loaded.") from None
        except (Invalid, csv.Error) as invalid:
            raise CommandError(f"{file}: {invalid}") from invalid
        self.stdout.write(f"{loaded:,} areas are known by name.")

    def _export(self, *, file: Path, **_: Any) -> None:
        unfinished = file.with_name(f"{file.name}.unfinished")
        with unfinished.open("wb") as into:
            for data in export.lines(at=timezone.now()):
                into.write(data)
        unfinished.replace(file)
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes.")

    def _example(self, *, folder: Path, uprns: int, changes: int, **_: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        council = example.Council(uprns)
        lines = example.write(folder / "full.csv", council)
        example.write_changes(folder / "changes.csv", council, changes)
        example.write(folder / "premium.csv", council, Supply.Format.PREMIUM_2)
        example.write_areas(folder / "wards.csv")
        self.stdout.write(
            f"{folder}: full.csv ({lines:,} lines), changes.csv, premium.csv and wards.csv. Their custodian is"
            f" {example.CUSTODIAN}: say `moothall settings set gazetteer.custodian {example.CUSTODIAN}`."
        )

    def _work(self, supply: Supply) -> None:
        progress = _Progress(self, supply)
        supply = supplies.work(supply, tell=progress.tell)
        done = ", ".join(f"{name} {number:,}" for name, number in supply.counts["done"].items())
        self.stdout.write(
            f"Supply {supply.pk} is in force after {time.monotonic() - progress.began:,.0f} seconds: {done}."
        )
        if supply.rejected or supply.warned:
            self.stdout.write(
                f"{supply.rejected:,} lines were kept out and {supply.warned:,} have a warning:"
                f" `moothall gazetteer rejects {supply.pk}` lists them."
            )


class _Progress:
    """How far an import is, said every few seconds: lines, rate and time left."""

    def __init__(self, command: BaseCommand, supply: Supply) -> None:
        self.command = command
        self.began = self.said = time.monotonic()
        self.from_bytes = supply.read_bytes

    def tell(self, supply: Supply) -> None:
        now = time.monotonic()
        if supply.state == Supply.State.READING and now - self.said < SAID_EVERY and not sys.stdout.isatty():
            return
        self.said = now
        if supply.state != Supply.State.READING:
            self.command.stderr.write(f"{supply.state.capitalize()}.")
            return
        rate = (supply.read_bytes - self.from_bytes) / max(now - self.began, 0.001)
        left = (supply.total_bytes - supply.read_bytes) / rate if rate else 0
        share = 100 * supply.read_bytes // max(1, supply.total_bytes)
        self.command.stderr.write(
            f"Read {supply.read_lines:,} lines, {share} %, {rate / 1e6:,.1f} MB a second, {left:,.0f} seconds left."
        )


def _unfinished() -> Supply:
    supply = supplies.unfinished()
    if supply is None:
        raise SupplyRefused("No supply is unfinished.")
    return supply
