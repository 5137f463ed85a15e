"""A made-up population of whom some are recorded twice or more, and it is known who is who: to train and to measure by.

The second records have what such records have: slips of the pen, short forms of names, names swapped, a home moved to, a
surname changed, a birthday with day and month swapped, numbers left out. Among the people are those who are easily taken
for one another: twins, some of names much alike or told apart by their second name alone, a father and son of one name,
households of one surname, telephone and e-mail address, and namesakes.
"""

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from moothall.config.example.fiction import LAST, address
from moothall.domain.people.golden.sounds import families

_FULLEST = sorted({full for every in families().values() for full in every})
_OTHERS = (
    "Ada Amara Aisha Cai Cora Efa Esme Gita Hana Imran Ines Jai Kofi Lowri Mair Noor Olga Omar Priya Rafi Rhys Sian Tao"
    " Uma Wren Yana Zola Ahmed Fatima Ali Yusuf Zainab Hassan Khadija Ravi Sunita Deepak Mei Wei Jing Piotr Agnieszka"
    " Tomasz Marek Ewa Ivan Elena Chloe Jade Liam Ryan Kyle Callum Ethan Megan Holly Paige"
)
_FIRST = (*(name.capitalize() for name in _FULLEST), *_OTHERS.split())
_OFTEN = (
    "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White Roberts"
    " Green Hall Wood Jackson Clarke Khan Hughes Edwards Lewis Begum Ahmed Ali Singh Hussain Morris James Price Morgan"
)
_COMMON = tuple(_OFTEN.split())
_MIDDLE = ("Ann", "Rose", "Lee", "Jane", "James", "Grace", "John", "Mary", "Louise", "Thomas")
_FIRST_DAY, _DAYS = date(1930, 1, 1), 75 * 365
_STEMS = string.ascii_uppercase.translate(str.maketrans("", "", "DFIQUVO"))


@dataclass(frozen=True)
class Record:
    """Somebody as one register has them. `who` is who they are in truth; the rest is as written."""

    who: int
    first_names: str
    last_name: str
    born: date | None
    nino: str
    homes: tuple[str, ...]  # the present one first, each as line 1, line 2, town and postcode, parted by tabs
    phone: str
    email: str
    birth_name: str = ""


@dataclass(frozen=True)
class Errors:
    """How often a second record differs, each from 0 to 1."""

    slip: float = 0.10  # of the pen, in each name
    short: float = 0.15
    swapped: float = 0.02
    moved: float = 0.30
    married: float = 0.06
    birthday: float = 0.07
    no_birthday: float = 0.03
    no_nino: float = 0.45
    no_phone: float = 0.35
    other_phone: float = 0.25
    no_email: float = 0.45
    other_email: float = 0.2
    middle: float = 0.3
    number: float = 0.01  # another sign in the National Insurance number
    line: float = 0.06  # another first line of the same address


@dataclass
class Population:
    """Makes records, always the same of one `seed`. `again` is the share of records that are of somebody recorded before."""

    records: int
    seed: int
    again: float = 0.2
    errors: Errors = field(default_factory=Errors)
    twins: set[tuple[int, int]] = field(default_factory=set)  # of those made: who, the smaller first
    namesakes: set[tuple[int, int]] = field(default_factory=set)  # fathers and sons

    def __iter__(self) -> Iterator[Record]:
        chance = random.Random(self.seed)  # noqa: S311
        people: list[Record] = []
        made = 0
        singles = round(self.records * (1 - self.again))
        while len(people) < singles:
            people += self._household(chance, len(people))
        people = people[:singles]
        yield from (self._as_written(one, chance) for one in people)
        while made < self.records - singles:
            yield self._second(people[int(chance.random() * singles)], chance)
            made += 1

    def _household(self, chance: random.Random, who: int) -> list[Record]:
        surname, home = _surname(chance), address(int(chance.random() * 400_000), chance)
        first = _person(chance, who, surname, home)
        kind = chance.random()
        if kind < 0.45:
            return [first]
        second = replace(_person(chance, who + 1, surname, home), first_names=_other_name(chance, first.first_names))
        if kind < 0.49 and first.born:
            self.twins.add((who, who + 1))
            one, other = _twin_names(chance, first.first_names, second.first_names)
            second = replace(second, first_names=other, born=first.born, phone=first.phone)
            return [replace(first, first_names=one), _at_one_address(second, first, chance, share=0.5)]
        if kind < 0.55 and first.born:  # father and son of one name
            self.namesakes.add((who, who + 1))
            born = first.born + timedelta(days=365 * 20 + int(chance.random() * 7000))
            second = replace(second, first_names=first.first_names, born=born, phone=first.phone)
            return [first, _at_one_address(second, first, chance, share=0.25)]
        if kind < 0.80:
            second = replace(second, phone=first.phone if chance.random() < 0.5 else second.phone)
            return [first, _at_one_address(second, first, chance, share=0.15)]
        third = replace(_person(chance, who + 2, surname, home), first_names=_other_name(chance, first.first_names))
        return [first, second, third]

    def _as_written(self, one: Record, chance: random.Random) -> Record:
        """A first record, with what registers leave out."""
        return replace(
            one,
            nino=one.nino if chance.random() > self.errors.no_nino else "",
            email=one.email if chance.random() > self.errors.no_email else "",
            phone=one.phone if chance.random() > self.errors.no_phone else "",
        )

    def _second(self, one: Record, chance: random.Random) -> Record:
        e, roll = self.errors, chance.random
        first, last, birth = one.first_names, one.last_name, ""
        if roll() < e.short:
            first = _short(first, chance)
        if roll() < e.middle:
            first = first.split()[0] if " " in first else f"{first} {_MIDDLE[int(roll() * len(_MIDDLE))]}"
        if roll() < e.married:
            birth = last if roll() < 0.4 else ""
            last = _surname(chance)
        first = _slip(first, chance) if roll() < e.slip else first
        last = _slip(last, chance) if roll() < e.slip else last
        if roll() < e.swapped:
            first, last = last, first
        if roll() < e.slip / 2:
            last = _slip(last, chance)
        homes = (
            (address(int(roll() * 400_000), chance), *one.homes[: int(roll() * 2)]) if roll() < e.moved else one.homes
        )
        if roll() < e.line:
            homes = (f"Flat {int(roll() * 9) + 1} {homes[0]}", *homes[1:])
        nino = one.nino[:5] + str(int(roll() * 10)) + one.nino[6:] if roll() < e.number else one.nino
        return Record(
            who=one.who,
            first_names=first,
            last_name=last,
            born=None if roll() < e.no_birthday else _birthday(one.born, chance) if roll() < e.birthday else one.born,
            nino="" if roll() < e.no_nino else nino,
            homes=homes,
            phone="" if roll() < e.no_phone else _phone(chance) if roll() < e.other_phone else one.phone,
            email="" if roll() < e.no_email else _email(first, last, chance) if roll() < e.other_email else one.email,
            birth_name=birth,
        )


def _person(chance: random.Random, who: int, surname: str, home: str) -> Record:
    first = _FIRST[int(chance.random() ** 1.6 * len(_FIRST))]
    if chance.random() < 0.3:
        first = f"{first} {_MIDDLE[int(chance.random() * len(_MIDDLE))]}"
    stem = _STEMS[who % len(_STEMS)] + _STEMS[who // len(_STEMS) % 18]
    stem = "AB" if stem in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"} else stem
    number = who * 7919 % 1_000_000  # another for each of the first million
    return Record(
        who=who,
        first_names=first,
        last_name=surname,
        born=_FIRST_DAY + timedelta(days=int(chance.random() * _DAYS)),
        nino=f"{stem}{number:06}{'ABCD'[who % 4]}",
        homes=(home,),
        phone=_phone(chance),
        email=_email(first, surname, chance),
    )


def _surname(chance: random.Random) -> str:
    if chance.random() < 0.3:
        return _COMMON[int(chance.random() ** 2 * len(_COMMON))]
    return LAST[int(chance.random() ** 1.3 * len(LAST))]


def _other_name(chance: random.Random, first: str) -> str:
    while (name := _FIRST[int(chance.random() ** 1.6 * len(_FIRST))]) == first.split()[0]:
        pass
    return name


def _at_one_address(second: Record, first: Record, chance: random.Random, *, share: float) -> Record:
    """Some households have one e-mail address."""
    return replace(second, email=first.email) if chance.random() < share else second


def _twin_names(chance: random.Random, one: str, other: str) -> tuple[str, str]:
    """Most twins have different names; those of some begin alike, and some are told apart by their second name alone."""
    roll, name = chance.random(), one.split()[0]
    if roll < 0.1:
        middle = int(chance.random() * len(_MIDDLE))
        return f"{name} {_MIDDLE[middle]}", f"{name} {_MIDDLE[middle - 1]}"
    alike = [each for each in _FIRST if each[:3] == name[:3] and each != name] if roll < 0.3 else []
    return one, " ".join([alike[int(chance.random() * len(alike))], *other.split()[1:]]) if alike else other


def _short(first: str, chance: random.Random) -> str:
    name, *rest = first.split()
    ours = families().get(name.upper(), frozenset())
    others = [short for short, full in families().items() if ours & full and short != name.upper()]
    return " ".join([others[int(chance.random() * len(others))].capitalize(), *rest]) if others else first


def _slip(name: str, chance: random.Random) -> str:
    """One letter doubled, left out, swapped with the next or another one."""
    place, kind = int(chance.random() * max(1, len(name) - 1)), int(chance.random() * 4)
    before, here, after = name[:place], name[place : place + 1], name[place + 1 :]
    if len(name) < 3 or not here.isalpha():
        return name
    if kind == 0:
        return f"{before}{here}{here.lower()}{after}"
    if kind == 1 and place:
        return f"{before}{after}"
    if kind == 2 and after[:1].isalpha():
        return f"{before}{after[0]}{here}{after[1:]}".capitalize()
    return f"{before}{string.ascii_lowercase[int(chance.random() * 26)]}{after}".capitalize()


def _birthday(born: date | None, chance: random.Random) -> date | None:
    """Day and month swapped, or one digit another."""
    if born is None:
        return None
    if chance.random() < 0.4 and born.day <= 12 and born.day != born.month:
        return date(born.year, born.day, born.month)
    kind = int(chance.random() * 3)
    if kind == 0:
        return born.replace(year=born.year + (1 if chance.random() < 0.5 else -1), day=min(born.day, 28))
    if kind == 1:
        return born.replace(month=born.month % 12 + 1, day=min(born.day, 28))
    return born.replace(day=(born.day + 9) % 28 + 1)


def _phone(chance: random.Random) -> str:
    return f"+447700{int(chance.random() * 1_000_000):06}"  # a range that belongs to nobody


def _email(first: str, last: str, chance: random.Random) -> str:
    return f"{first.split()[0]}.{last}{int(chance.random() * 999)}@example.org".lower()
