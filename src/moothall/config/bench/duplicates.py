"""Duplicates in a made-up population of whom it is known who is who: how many are found, how many wrongly, how long.

The population is another one than the model was trained on. Precision is the share of the pairs found who are one;
recall the share found of all pairs who are one, also of those that no key brings together. Twins, and fathers and sons of
one name, are counted by themselves: among the pairs found, and among those that would be merged though nobody looked.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from moothall.config.example.known import known
from moothall.config.example.population import Population
from moothall.domain.people.golden import alone, finding, linking
from moothall.domain.people.golden.linking import Found
from moothall.domain.people.golden.records import Compared

OPERATION = "all pairs of people who may be one, from the records to the pairs with their evidence"
PRECISION, RECALL, SECONDS = 0.99, 0.90, 180.0
LEAST_BY_ITSELF = 0.95  # the lowest limit a council can set
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How large a measurement is."""

    records: int = 200_000
    seed: int = 20_261
    judged: bool = True  # whether the limits count


def run(options: Options, say: Say) -> dict[str, Any]:
    """Measure; `say` gets lines for people. Returns the figures, with `failed`: the limits that were not kept."""
    population = Population(options.records, options.seed)
    people = {one.unique_id: one for one in known(population)}
    truth = sum(times * (times - 1) // 2 for times in Counter(one.who for one in people.values()).values())
    say(f"{len(people):,} records: {truth:,} pairs are one person")
    least = finding.Duplicates().review_from
    began = time.perf_counter()
    with linking.people() as compared:
        compared.load(people.values())
        loaded = time.perf_counter() - began
        found = list(compared.pairs(linking.trained().weights, least=least))
    seconds = time.perf_counter() - began
    right = sum(people[one.first].who == people[one.second].who for one in found)
    unseen = list(_unseen(found, people))
    wrong = [one for one in unseen if people[one.first].who != people[one.second].who]
    akin = population.twins | population.namesakes
    figures = {
        "pairs": len(found),
        "precision": round(right / max(1, len(found)), 4),
        "recall": round(right / max(1, truth), 4),
        "seconds": round(seconds, 1),
        "loading_seconds": round(loaded, 1),
        "twins": len(population.twins),
        "twins_found": sum(_who(one, people) in population.twins for one in found),
        "namesakes": len(population.namesakes),
        "namesakes_found": sum(_who(one, people) in population.namesakes for one in found),
        "by_themselves": len(unseen),
        "by_themselves_wrong": len(wrong),
        "by_themselves_of_one_family": sum(_who(one, people) in akin for one in wrong),
        "by_themselves_of_different_numbers": sum(_numbers_differ(one, people) for one in unseen),
    }
    say(
        f"{len(found):,} pairs at {least} or more in {seconds:.1f} s: precision {figures['precision']:.4f},"
        f" recall {figures['recall']:.4f}; among them {figures['twins_found']} of {figures['twins']:,} pairs of twins and"
        f" {figures['namesakes_found']} of {figures['namesakes']:,} of a father and son of one name"
    )
    say(
        f"{len(unseen):,} pairs at {LEAST_BY_ITSELF} or more may be merged by themselves: {len(wrong)} are two people,"
        f" {figures['by_themselves_of_one_family']} of them twins, or father and son;"
        f" {figures['by_themselves_of_different_numbers']} have different numbers"
    )
    broken = failed(figures) if options.judged else []
    for sentence in broken:
        say(f"FAILED: {sentence}")
    return {
        "bench": "duplicates",
        "operation": OPERATION,
        "options": asdict(options),
        **figures,
        "limits": {"precision": PRECISION, "recall": RECALL, "seconds": SECONDS},
        "failed": broken,
    }


def failed(figures: dict[str, Any]) -> list[str]:
    """The limits that were not kept, in words."""
    found = []
    if figures["precision"] < PRECISION:
        found.append(f"precision is {figures['precision']}, below {PRECISION}")
    if figures["recall"] < RECALL:
        found.append(f"recall is {figures['recall']}, below {RECALL}")
    if figures["seconds"] > SECONDS:
        found.append(f"it took {figures['seconds']} s, more than {SECONDS:.0f}")
    for name, whose in (
        ("of_one_family", "of twins or father and son"),
        ("of_different_numbers", "of different numbers"),
    ):
        if times := figures[f"by_themselves_{name}"]:
            found.append(f"{times} pairs {whose} would be merged by themselves")
    return found


def _unseen(found: Sequence[Found], people: Mapping[int, Compared]) -> Iterator[Found]:
    """The pairs that may be merged though nobody looked at them."""
    mays: dict[int, set[int]] = defaultdict(set)
    for one in found:
        mays[one.first].add(one.second)
        mays[one.second].add(one.first)
    for one in found:
        thirds = [[people[third] for third in mays[each] - {one.first, one.second}] for each in (one.first, one.second)]
        if one.probability >= LEAST_BY_ITSELF and not alone.between(
            people[one.first], people[one.second], may_be_one=thirds[0], may_be_other=thirds[1]
        ):
            yield one


def _who(one: Found, people: Mapping[int, Compared]) -> tuple[int, int]:
    """Who the two are in truth, the smaller first."""
    first, second = sorted(people[each].who or 0 for each in (one.first, one.second))
    return first, second


def _numbers_differ(one: Found, people: Mapping[int, Compared]) -> bool:
    numbers = {people[one.first].nino, people[one.second].nino} - {None}
    return len(numbers) == 2
