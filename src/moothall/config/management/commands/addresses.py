"""`moothall addresses match FILE`: a CSV file of addresses as others wrote them, with the property each means."""

import csv
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from moothall.domain.places import matching
from moothall.kit import spreadsheet

ADDED = ["uprn", "matched_address", "confidence", "why"]
TOLD_EVERY = 1_000


class Command(BaseCommand):
    help = "Match addresses to the gazetteer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = parser.add_subparsers(dest="name", required=True)
        match = names.add_parser("match", help="add UPRN, address, confidence and why to each line of a CSV file")
        match.add_argument("file", type=Path)
        match.add_argument("--column", nargs="+", default=["address"], help="what makes up the address, in its order")

    def handle(self, *args: Any, file: Path, column: list[str], **options: Any) -> None:  # noqa: ARG002
        try:
            with file.open(encoding="utf-8-sig", newline="") as source:
                self._match(source, file, column)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} is not UTF-8: save it as “CSV UTF-8”.") from error

    def _match(self, source: TextIO, file: Path, columns: list[str]) -> None:
        rows = csv.DictReader(source)
        there = list(rows.fieldnames or [])
        if missing := [name for name in columns if name not in there]:
            raise CommandError(f"{file} has no column “{missing[0]}”. It has: {', '.join(there) or 'none'}.")
        out = csv.writer(self.stdout, lineterminator="\n")
        out.writerow([*there, *ADDED])
        for number, row in enumerate(rows, 1):
            one = matching.match(", ".join(row[name] for name in columns if row[name])[:300])
            uprn, line = (one.found.reference, one.found.line) if one.found else ("", "")
            cells = (*(row[name] for name in there), uprn, line, one.confidence, one.why)
            out.writerow([spreadsheet.cell(one) for one in cells])
            if number % TOLD_EVERY == 0:
                sys.stderr.write(f"{number:,} addresses\n")
