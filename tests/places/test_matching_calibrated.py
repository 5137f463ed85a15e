"""What a confidence of a matched address is worth: of those told as all but certain, at least nine in ten are right."""

import random
from collections.abc import Iterator

import pytest
from tests.places.gazetteer import place, remake, street

from moothall.domain.places.matching import SURE, match

NAMES = ["HIGH", "STATION", "CHURCH", "MILL", "ACORN", "ACRE", "KINGS", "KINGSTON"]
KINDS = {"ROAD": "Rd", "STREET": "St", "LANE": "Ln", "AVENUE": "Ave", "CLOSE": "Cl"}
TOWNS = [("OLDWICK", "NORTHAM", "ZZ1"), ("NEWICK", "NORTHAM", "ZZ2"), ("", "WESTHAM", "ZZ3")]
ASKED = 400


def council(rng: random.Random) -> list[dict[str, str]]:
    """Some hundred properties in streets of like names; what each of them is called. A third are in no gazetteer."""
    known: list[dict[str, str]] = []
    uprn = 0
    for usrn in range(1, 25):
        name, kind = rng.choice(NAMES), rng.choice(list(KINDS))
        locality, town, district = rng.choice(TOWNS)
        street(usrn, f"{name} {kind}", locality=locality, town=town)
        postcode = f"{district} {usrn % 10}{'ABD'[usrn % 3]}{'EFG'[usrn // 10]}"
        for number in sorted(rng.sample(range(1, 40), 6)):
            uprn += 1
            flat = rng.choice(["", "", "1", "2", "3"])
            within = {"sao_text": "FLAT", "sao_start_number": int(flat)} if flat else {}
            there = rng.random() < 0.67
            if there:
                place(uprn, usrn, pao_start_number=number, postcode=postcode, **within)
            known.append(
                {
                    "uprn": str(uprn) if there else "",
                    "flat": flat,
                    "number": str(number),
                    "street": name,
                    "kind": kind,
                    "locality": locality,
                    "town": town,
                    "postcode": postcode,
                }
            )
    remake()
    return known


def slip(word: str, rng: random.Random) -> str:
    """Two letters the wrong way round, one left out or one twice."""
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        [
            word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        ]
    )


def written(one: dict[str, str], rng: random.Random) -> str:
    """As somebody might write it."""

    def often(share: float) -> bool:
        return rng.random() < share

    name = slip(one["street"], rng) if often(0.15) else one["street"]
    kind = KINDS[one["kind"]] if often(0.4) else "" if often(0.05) else one["kind"]
    flat = rng.choice(["Flat {}", "Apt {}", "{}/"]).format(one["flat"]) if one["flat"] and not often(0.1) else ""
    postcode = one["postcode"]
    if often(0.1):
        postcode = postcode[:-1] + rng.choice("JKL")
    parts = [flat, f"{one['number']} {name} {kind}".strip()]
    parts += [] if often(0.5) else [one["locality"]]
    parts += [] if often(0.25) else [one["town"]]
    parts += [] if often(0.3) else [postcode.replace(" ", "") if often(0.5) else postcode]
    parts = [part for part in parts if part]
    text = (", " if often(0.7) else " ").join(parts)
    return text.title() if often(0.5) else text


def told(known: list[dict[str, str]], rng: random.Random) -> Iterator[tuple[float, bool, str]]:
    """How sure each is, and whether it is right: what is in no gazetteer is right only if it is none."""
    for _ in range(ASKED):
        one = rng.choice(known)
        text = written(one, rng)
        found = match(text)
        uprn = found.found.reference if found.found else ""
        yield found.confidence, uprn == one["uprn"], f"{text} -> {found}"


@pytest.mark.django_db
def test_of_matches_told_as_all_but_certain_nine_in_ten_are_right_and_most_that_are_there_are_told_so() -> None:
    rng = random.Random(20_260_303)
    known = council(rng)
    results = list(told(known, rng))

    for confidence, share in ((0.9, 0.9), (SURE, 0.9)):
        sure = [right for sureness, right, _ in results if sureness >= confidence]
        wrong = [said for sureness, right, said in results if sureness >= confidence and not right]
        assert len(sure) > ASKED * 0.3, (confidence, len(sure))
        assert sum(sure) >= share * len(sure), (confidence, len(sure), wrong[:10])
