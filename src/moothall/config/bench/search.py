"""Search among a million people: what each supported pattern costs, from the question to the names found.

An operation is one call of `searching.find` among everybody and the reading of its first page with the reasons. Each kind
of pattern is asked `each` times, always for somebody else drawn from those recorded; what counts is its 95th percentile.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from moothall.config import memory, migrated
from moothall.config.bench import server
from moothall.config.bench.browser import share
from moothall.config.example import copying, fiction
from moothall.domain.people import searching, told
from moothall.domain.people.models import Customer
from moothall.domain.people.searching import Question

OPERATION = "one search among everybody, with the first page of 50 and why each was found"
P95_MS = 50.0
PAGE = 50
MADE = 2  # grows when what is loaded changes, so that older databases are made anew
TOGETHER = 20_000
TABLES = (
    "places_address",
    "people_customer",
    "people_person",
    "people_residence",
    "people_contactdetail",
    "people_externalreference",
)
LINES = "people_searchline"
COLUMNS = {
    "places_address": "id,line1,line2,town,postcode,uprn",
    "people_customer": "id,kind,name,tags,created_at",
    "people_person": "customer_id,title,first_names,last_name,surname_key,known_as,name_at_birth,date_of_birth,gender,nino,nino_claimed,language",
    "people_residence": "customer_id,address_id,purpose,from_date,doubtful_why",
    "people_contactdetail": "customer_id,type,value,normalised,holder,from_date,preferred",
    "people_externalreference": "customer_id,type,number,status,once",
}
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How large a measurement is."""

    people: int = 1_000_000
    each: int = 40
    keep: bool = True
    judged: bool = True  # whether the limit counts


@dataclass(frozen=True)
class Somebody:
    """One of those recorded, by their number: everything follows from it."""

    number: int

    @property
    def first(self) -> str:
        return fiction.FIRST[self.number * 7919 % len(fiction.FIRST)]

    @property
    def last(self) -> str:
        return fiction.LAST[self.number * 104_729 % len(fiction.LAST)]

    @property
    def born(self) -> str:
        return fiction.BIRTHDAYS[self.number * 31 % len(fiction.BIRTHDAYS)]

    @property
    def nino(self) -> str:
        letters = "ABCEGHJKLMNOPRSTWXYZ"
        pair = letters[self.number // 1_000_000 % 20] + "A"
        return f"{pair}{self.number % 1_000_000:06}{'ABCD'[self.number % 4]}"

    @property
    def phone(self) -> str:
        return f"+447{1 + self.number % 3}{self.number * 7_654_321 % 10**8:08}"  # each of these may be a mobile number

    @property
    def email(self) -> str:
        return f"{self.first}.{self.last}{self.number}@example.org".lower()

    @property
    def reference(self) -> str:
        return f"{self.number * 31_337 % 10**8:08}"


PATTERNS: dict[str, Callable[[Somebody, str], Question]] = {
    "last name": lambda one, _: Question(name=one.last),
    "first and last name": lambda one, _: Question(name=f"{one.first} {one.last}"),
    "beginning of a name": lambda one, _: Question(name=f"{one.last[:3]}%"),
    "one letter": lambda one, _: Question(name=one.last[:1]),
    "end of a name": lambda one, _: Question(name=f"%{one.last[-4:]}"),
    "middle of a name": lambda one, _: Question(name=f"%{one.last[2:6]}%"),
    "three letters of the middle": lambda one, _: Question(name=f"%{one.last[2:5]}%"),
    "sounds like": lambda one, _: Question(name=f"{one.first} {one.last}", sounds_like=True),
    "sounds like, last name": lambda one, _: Question(name=one.last.replace("e", "y"), sounds_like=True),
    "date of birth": lambda one, _: Question(date_of_birth=date.fromisoformat(one.born)),
    "name and date of birth": lambda one, _: Question(name=one.last, date_of_birth=date.fromisoformat(one.born)),
    "National Insurance number": lambda one, _: Question(nino=one.nino),
    "end of the number": lambda one, _: Question(nino=f"%{one.nino[-4:]}"),
    "postcode": lambda _, postcode: Question(postcode=postcode),
    "postcode district": lambda _, postcode: Question(postcode=f"{postcode.split()[0]}%"),
    "everybody's postcode area": lambda _, postcode: Question(postcode=f"{postcode[:2]}%"),
    "name and district": lambda one, postcode: Question(name=one.last[:4], postcode=f"{postcode.split()[0]}%"),
    "telephone": lambda one, _: Question(phone=one.phone),
    "end of the telephone": lambda one, _: Question(phone=f"%{one.phone[-5:]}"),
    "everybody's dialling code": lambda _one, _: Question(phone="07%"),
    "e-mail": lambda one, _: Question(email=one.email),
    "everybody's e-mail domain": lambda _one, _: Question(email="%@example.org"),
    "name and e-mail domain": lambda one, _: Question(name=f"{one.first} {one.last[:2]}", email="%@example.org"),
    "beginning of the e-mail": lambda one, _: Question(email=f"{one.email[:9]}%"),
    "number": lambda one, _: Question(reference=one.reference),
    "middle of the number": lambda one, _: Question(reference=f"%{one.reference[2:6]}%"),
}


def run(options: Options, say: Say) -> dict[str, Any]:
    """Measure; `say` gets lines for people. Returns the figures, with `failed`: the limits that were not kept."""
    name, mark = f"example_bench_search_{options.people}", f"{options.people} {MADE}"
    known = server.comment(name) == mark
    if not known:
        migrated.create(name)
    with server.using(name):
        call_command("migrate", verbosity=0)
        if not known:
            fill(options.people, say)
            server.remark(name, mark)
        memory.settle()  # as a web server's process is
        figures = {kind: _measure(pattern, options) for kind, pattern in PATTERNS.items()}
    if not options.keep:
        server.drop(name)
    for kind, one in figures.items():
        say(f"{kind:30} p50 {one['p50_ms']:>7} ms   p95 {one['p95_ms']:>7} ms   found {one['found']:>7} in the middle")
    failed = [
        f"{kind}: p95 is {one['p95_ms']} ms, more than {P95_MS}"
        for kind, one in figures.items()
        if options.judged and one["p95_ms"] > P95_MS
    ]
    for sentence in failed:
        say(f"FAILED: {sentence}")
    return {
        "bench": "search",
        "operation": OPERATION,
        "options": asdict(options),
        "patterns": figures,
        "failed": failed,
    }


def fill(people: int, say: Say) -> None:
    """Make so many people in the database in use, which is empty."""
    began = time.perf_counter()
    with transaction.atomic():
        with copying.bare(TABLES, say) as cursor:
            for first in range(1, people + 1, TOGETHER):
                lines: dict[str, list[str]] = {table: [] for table in COLUMNS}
                for number in range(first, min(first + TOGETHER, people + 1)):
                    for table, line in _lines(Somebody(number)):
                        lines[table].append(line + "\n")
                for table, columns in COLUMNS.items():
                    copying.copy(cursor, table, columns, lines[table])
            keys = {"places_address": "id", "people_customer": "id"}
            copying.go_on_from(cursor, keys, dict.fromkeys(keys, people))
        say(f"{people:,} people copied in {time.perf_counter() - began:,.0f} seconds; their lines are made.")
        with copying.bare([LINES], say) as cursor:  # by the indexes of what was copied
            cursor.execute("SELECT people_searchline_rebuild()")
            say(f"Lines made after {time.perf_counter() - began:,.0f} seconds; their index is made.")
    with connection.cursor() as cursor_:
        cursor_.execute("SET statement_timeout = 0")
        cursor_.execute("VACUUM (ANALYZE) " + ", ".join([*TABLES, LINES]))
        cursor_.execute("RESET statement_timeout")
    say(f"{people:,} people made in {time.perf_counter() - began:,.0f} seconds.")


def _lines(one: Somebody) -> Iterator[tuple[str, str]]:
    number, chance = one.number, random.Random(one.number)  # noqa: S311 - the same people every time
    yield "places_address", f"{number}\t{fiction.address(number, chance)}\t"
    yield "people_customer", f"{number}\tperson\t{one.first} {one.last}\t{{}}\t2026-03-03 12:00+00"
    key = one.last.upper()
    yield (
        "people_person",
        f"{number}\t\t{one.first}\t{one.last}\t{key}\t\t\t{one.born}\tunspecified\t{one.nino}\t\ten",
    )
    yield "people_residence", f"{number}\t{number}\thome\t2020-01-01\t"
    yield "people_contactdetail", f"{number}\temail\t{one.email}\t{one.email}\t\t2020-01-01\tf"
    yield "people_contactdetail", f"{number}\tmobile\t{one.phone}\t{one.phone}\t\t2020-01-01\tf"
    yield "people_externalreference", f"{number}\tcouncil_tax\t{one.reference}\t\tf"


def _measure(pattern: Callable[[Somebody, str], Question], options: Options) -> dict[str, Any]:
    everybody = Customer.objects.filter(merged_into=None)
    chance, took, found = random.Random(7), [], []  # noqa: S311 - the same questions every time
    for turn in range(options.each + 2):
        one = Somebody(chance.randint(1, options.people))
        postcode = fiction.address(one.number, random.Random(1)).split("\t")[3]  # noqa: S311
        question = pattern(one, postcode)
        began = time.perf_counter()
        answer = searching.find(question, among=everybody, nearly_all=True, most=PAGE)
        told.reasons(searching.told(answer.customers, question), question)
        if turn > 1:  # the first two warm
            took.append(1000 * (time.perf_counter() - began))
        found.append(answer.total)
    return {
        "p50_ms": round(share(took, 0.5), 1),
        "p95_ms": round(share(took, 0.95), 1),
        "found": sorted(found)[len(found) // 2],
    }
