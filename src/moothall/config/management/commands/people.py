"""`moothall people`: look for people recorded twice, make the model for it anew, and import customers from a file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from moothall.config import importing
from moothall.config.example.known import known
from moothall.config.example.population import Population
from moothall.domain.people.golden import comparing, finding, linking, training
from moothall.kit import arguments

SEED = 1


class Command(BaseCommand):
    help = "Find people who are recorded twice, and import customers from a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = parser.add_subparsers(dest="what", required=True)
        look = names.add_parser("duplicates", help="look for duplicates among who changed since the last time")
        look.add_argument("--everybody", action="store_true", help="compare everybody; broken off, it goes on")
        importing.arguments(names)
        train = names.add_parser("train", help="fit the model on a made-up population of whom it is known who is who")
        train.add_argument("file", help="where to write the model, as JSON")
        train.add_argument("--records", type=arguments.count, default=100_000)
        train.add_argument("--seed", type=arguments.count, default=SEED)

    def handle(self, *args: Any, what: str, **options: Any) -> None:  # noqa: ARG002
        if what == "import":
            importing.import_file(self, **options)
            return
        if what == "train":
            self._train(options["file"], options["records"], options["seed"])
            return
        try:
            run = finding.find(everybody=options["everybody"], at=timezone.now(), say=self.stdout.write)
        except finding.AlreadyLooking as already:
            raise CommandError(str(already)) from already
        self.stdout.write(f"{run.people:,} people, {run.found:,} pairs to look at.")

    def _train(self, file: str, records: int, seed: int) -> None:
        with linking.people() as people:
            people.load(known(Population(records, seed)))
            self.stdout.write(f"{records:,} records are compared")
            patterns = people.patterns()
        made = {
            "name": comparing.VERSION,
            "trained_on": f"a made-up population of {records:,} records, seed {seed}",
            "weights": training.fit(patterns),
        }
        Path(file).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        same, other = (sum(pair[place] for pair in patterns.values()) for place in (0, 1))
        self.stdout.write(f"Fitted on {same:,} pairs of one person and {other:,} of two.")
