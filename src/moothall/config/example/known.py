"""Records of a made-up population, as they are compared: with who each is in truth."""

from collections.abc import Iterator

from moothall.config.example.population import Population, Record
from moothall.domain.people.golden.records import Compared, Given, compared


def known(population: Population) -> Iterator[Compared]:
    """Every record, numbered from one."""
    return (compared(given(number, one), who=one.who) for number, one in enumerate(population, 1))


def given(number: int, one: Record) -> Given:
    """A record as it would be read of the tables."""
    homes = [home.split("\t") for home in one.homes]
    return Given(
        id=number,
        first_names=one.first_names,
        last_name=one.last_name,
        known_as="",
        name_at_birth=one.birth_name,
        born=one.born,
        nino=one.nino,
        earlier_names=(),
        homes=[f"{code}||{line}" for line, _, _, code in homes],
        contacts=[way for way in (one.phone, one.email) if way],
    )
