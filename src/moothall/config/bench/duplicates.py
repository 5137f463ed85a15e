"""Duplicates in a made-up population of whom it is known who is who: how many are found, how many wrongly, how long.

The population is another one than the model was trained on. Precision is the share of the pairs found who are one;
recall the share found of all pairs who are one, also of those that no key brings together.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from moothall.config.example.known import known
from moothall.config.example.population import Population
from moothall.domain.people.golden import finding, linking

OPERATION = "all pairs of people who may be one, from the records to the pairs with their evidence"
PRECISION, RECALL, SECONDS = 0.99, 0.90, 180.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How large a measurement is."""

    records: int = 200_000
    seed: int = 20_261
    judged: bool = True  # whether the limits count


def run(options: Options, say: Say) -> dict[str, Any]:
    """Measure; `say` gets lines for people. Returns the figures, with `failed`: the limits that were not kept."""
    people = list(known(Population(options.records, options.seed)))
    who = {one.unique_id: one.who for one in people}
    number = {one.unique_id: one.nino for one in people}
    truth = sum(times * (times - 1) // 2 for times in Counter(who.values()).values())
    say(f"{len(people):,} records of {len(set(who.values())):,} people: {truth:,} pairs are one person")
    least = finding.Duplicates().review_from
    began = time.perf_counter()
    with linking.people() as compared:
        compared.load(people)
        loaded = time.perf_counter() - began
        found = list(compared.pairs(linking.trained().weights, least=least))
    seconds = time.perf_counter() - began
    right = sum(who[one.first] == who[one.second] for one in found)
    differ = sum(
        bool(number[one.first] and number[one.second]) and number[one.first] != number[one.second] for one in found
    )
    figures = {
        "pairs": len(found),
        "precision": round(right / max(1, len(found)), 4),
        "recall": round(right / max(1, truth), 4),
        "seconds": round(seconds, 1),
        "loading_seconds": round(loaded, 1),
        "of_different_numbers": differ,
    }
    say(
        f"{len(found):,} pairs at {least} or more in {seconds:.1f} s: precision {figures['precision']:.4f},"
        f" recall {figures['recall']:.4f}; {differ} have different numbers and are never merged by themselves"
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
    return found
