"""`moothall bench <name>`: measure. Sizes are options; with --json the last line alone is printed."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from moothall.config.bench import intake, transition
from moothall.config.bench.children import ChildFailed
from moothall.kit import arguments


class Command(BaseCommand):
    help = "Measure the product beside PostgreSQL's own limits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = parser.add_subparsers(dest="name", required=True)
        usual = transition.Options()
        one = names.add_parser("transition", help="outcomes chosen per second beside pgbench -N")
        one.add_argument("--seconds", type=arguments.seconds, default=usual.seconds)
        one.add_argument("--processes", type=arguments.count, nargs="+", default=list(usual.processes))
        one.add_argument("--stages", type=arguments.count, default=usual.stages, help="size of the definition")
        one.add_argument("--cases", type=arguments.count, default=usual.cases, help="cases for each process")
        one.add_argument("--outcomes", type=arguments.count, default=usual.outcomes, help="outcomes of the memory part")
        one.add_argument("--scale", type=arguments.count, default=usual.scale, help="scale of pgbench")
        sizes = intake.Options()
        two = names.add_parser("intake", help="applications taken in per second")
        two.add_argument("--applications", type=arguments.count, default=sizes.applications)
        two.add_argument("--processes", type=arguments.count, default=sizes.processes)
        two.add_argument("--documents", action="store_true", help="with a photograph and a proof each")
        for each in (one, two):
            each.add_argument("--json", dest="quiet", action="store_true", help="print nothing but the figures")

    def handle(self, *args: Any, name: str, **options: Any) -> None:  # noqa: ARG002
        try:
            getattr(self, f"_{name}")(**options)
        except ChildFailed as failed:
            raise CommandError(str(failed)) from failed

    def _transition(self, *, quiet: bool, **options: Any) -> None:
        sizes = {key: options[key] for key in ("seconds", "stages", "cases", "outcomes", "scale")}
        asked = transition.Options(processes=tuple(options["processes"]), **sizes)
        self._print(transition.run(asked, say=(lambda _: None) if quiet else self.stdout.write))

    def _intake(self, *, quiet: bool, **options: Any) -> None:
        asked = intake.Options(**{key: options[key] for key in ("applications", "processes", "documents")})
        self._print(intake.run(asked, say=(lambda _: None) if quiet else self.stdout.write))

    def _print(self, figures: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(figures))
