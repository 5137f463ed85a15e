"""`moothall bench <name>`: measure. Sizes are options; with --json the last line alone is printed."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from moothall.config.bench import duplicates, gazetteer, intake, lookup, pages, portal, search, transition, worklist
from moothall.config.bench.browser import Unexpected
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
        lists = worklist.Options()
        three = names.add_parser("worklist", help="pages of the work list of large councils, made on first use")
        three.add_argument(
            "--sizes", type=arguments.count, nargs="+", default=list(lists.sizes), help="open work items"
        )
        three.add_argument("--finished", type=arguments.count, default=lists.finished, help="finished ones for each")
        three.add_argument("--repeat", type=arguments.count, default=lists.repeat)
        three.add_argument("--drop", action="store_true", help="do not keep the databases for the next time")
        three.add_argument(
            "--small", action="store_true", help="some pages of one tiny council, dropped afterwards, and no limits"
        )
        desk = pages.Options()
        four = names.add_parser("pages", help="pages of the desk, of a case with little on it and one with much")
        four.add_argument("--cases", type=arguments.count, default=desk.cases)
        four.add_argument("--many", type=arguments.count, default=desk.many, help="of each kind on the full case")
        four.add_argument("--repeat", type=arguments.count, default=desk.repeat)
        four.add_argument("--small", action="store_true", help="a tiny council, and no limits")
        known = duplicates.Options()
        five = names.add_parser(
            "duplicates", help="duplicates in a made-up population: how many are found, and wrongly"
        )
        five.add_argument("--records", type=arguments.count, default=known.records)
        five.add_argument("--seed", type=arguments.count, default=known.seed)
        five.add_argument("--small", action="store_true", help="a tiny population, and no limits")
        county = lookup.Options()
        six = names.add_parser(
            "lookup", help="addresses found by postcode and by typing, in a county made on first use"
        )
        six.add_argument("--uprns", type=arguments.count, default=county.uprns)
        six.add_argument("--queries", type=arguments.count, default=county.queries)
        six.add_argument("--drop", action="store_true", help="do not keep the database for the next time")
        six.add_argument("--small", action="store_true", help="a village, dropped afterwards, and no limits")
        found = search.Options()
        seven = names.add_parser("search", help="searches among many people, made on first use")
        seven.add_argument("--people", type=arguments.count, default=found.people)
        seven.add_argument("--each", type=arguments.count, default=found.each, help="searches of each kind")
        seven.add_argument("--drop", action="store_true", help="do not keep the database for the next time")
        seven.add_argument("--small", action="store_true", help="few people, dropped afterwards, and no limits")
        for each in (one, two, three, four, five, six, seven, _gazetteer_arguments(names), _portal_arguments(names)):
            each.add_argument("--json", dest="quiet", action="store_true", help="print nothing but the figures")

    def handle(self, *args: Any, name: str, **options: Any) -> None:  # noqa: ARG002
        try:
            getattr(self, f"_{name}")(**options)
        except (ChildFailed, Unexpected) as failed:
            raise CommandError(str(failed)) from failed

    def _transition(self, *, quiet: bool, **options: Any) -> None:
        sizes = {key: options[key] for key in ("seconds", "stages", "cases", "outcomes", "scale")}
        asked = transition.Options(processes=tuple(options["processes"]), **sizes)
        self._print(transition.run(asked, say=(lambda _: None) if quiet else self.stdout.write))

    def _intake(self, *, quiet: bool, **options: Any) -> None:
        asked = intake.Options(**{key: options[key] for key in ("applications", "processes", "documents")})
        self._print(intake.run(asked, say=(lambda _: None) if quiet else self.stdout.write))

    def _worklist(self, *, quiet: bool, small: bool, **options: Any) -> None:
        asked = worklist.Options(
            sizes=tuple(options["sizes"]),
            finished=options["finished"],
            repeat=options["repeat"],
            keep=not options["drop"],
        )
        if small:
            asked = worklist.Options(sizes=(100,), repeat=1, most=30, keep=False, judged=False)
        self._judge(worklist.run(asked, say=(lambda _: None) if quiet else self.stdout.write))

    def _pages(self, *, quiet: bool, small: bool, **options: Any) -> None:
        asked = pages.Options(**{key: options[key] for key in ("cases", "many", "repeat")})
        if small:
            asked = pages.Options(cases=100, many=300, repeat=1, judged=False)
        self._judge(pages.run(asked, say=(lambda _: None) if quiet else self.stdout.write))

    def _duplicates(self, *, quiet: bool, small: bool, **options: Any) -> None:
        asked = duplicates.Options(**{key: options[key] for key in ("records", "seed")})
        if small:
            asked = duplicates.Options(records=1_000, judged=False)
        self._judge(duplicates.run(asked, say=(lambda _: None) if quiet else self.stdout.write))

    def _lookup(self, *, quiet: bool, small: bool, **options: Any) -> None:
        asked = lookup.Options(uprns=options["uprns"], queries=options["queries"], keep=not options["drop"])
        if small:
            asked = lookup.Options(uprns=2_000, queries=10, keep=False, judged=False)
        self._judge(lookup.run(asked, say=(lambda _: None) if quiet else self.stdout.write))

    def _gazetteer(self, *, quiet: bool, small: bool, **options: Any) -> None:
        asked = gazetteer.Options(**{key: options[key] for key in ("uprns", "changes")})
        if small:
            asked = gazetteer.Options(uprns=300, changes=50, judged=False)
        self._judge(gazetteer.run(asked, say=(lambda _: None) if quiet else self.stdout.write))

    def _search(self, *, quiet: bool, small: bool, **options: Any) -> None:
        asked = search.Options(people=options["people"], each=options["each"], keep=not options["drop"])
        if small:
            asked = search.Options(people=500, each=1, keep=False, judged=False)
        self._judge(search.run(asked, say=(lambda _: None) if quiet else self.stdout.write))

    def _portal(self, *, quiet: bool, small: bool, **options: Any) -> None:
        asked = portal.Options(**{key: options[key] for key in ("citizens", "users", "seconds", "processes")})
        if small:
            asked = portal.Options(citizens=20, users=2, seconds=2, every=2, judged=False)
        self._judge(portal.run(asked, say=(lambda _: None) if quiet else self.stdout.write))

    def _judge(self, figures: dict[str, Any]) -> None:
        self._print(figures)
        if figures["failed"]:
            raise CommandError("Limits were not kept: " + "; ".join(figures["failed"]) + ".")

    def _print(self, figures: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(figures))


def _gazetteer_arguments(names: Any) -> ArgumentParser:
    supply = gazetteer.Options()
    parser: ArgumentParser = names.add_parser(
        "gazetteer", help="a gazetteer brought in, beside the least that could be done with it"
    )
    parser.add_argument("--uprns", type=arguments.count, default=supply.uprns)
    parser.add_argument("--changes", type=arguments.count, default=supply.changes, help="records of the changes")
    parser.add_argument("--small", action="store_true", help="a tiny council, and no limits")
    return parser


def _portal_arguments(names: Any) -> ArgumentParser:
    crowd = portal.Options()
    one: ArgumentParser = names.add_parser("portal", help="citizens who fill in forms while everything is killed")
    one.add_argument("--citizens", type=arguments.count, default=crowd.citizens)
    one.add_argument("--users", type=arguments.count, default=crowd.users, help="at once")
    one.add_argument("--seconds", type=arguments.seconds, default=crowd.seconds, help="that one page is read")
    one.add_argument("--processes", type=arguments.count, default=crowd.processes, help="of the web")
    one.add_argument("--small", action="store_true", help="a few citizens, and no limits")
    return one
