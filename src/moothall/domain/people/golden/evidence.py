"""What speaks for and against a pair, in words: of people by the trained model, of organisations by its rule."""

import math

from moothall.domain.people.golden import comparing, linking, organisations

_WORDS = {one.name: tuple(level.words for level in one.levels) for one in organisations.COMPARISONS} | {
    one.name: tuple(level.words for level in one.levels) for one in comparing.COMPARISONS
}  # what both compare comes out alike
_BEFORE = {"people-1": 0.03458312691433174}  # what the models before this one began with
_WORDS["first_name"] = (  # of the first of them
    "Same, and a rare name",
    "Same",
    "First and last name are swapped",
    "A short or other form of the name",
    "An initial that agrees",
    "Spelt much alike",
    "Different",
)


def words(name: str, place: int) -> str | None:
    """How a comparison came out; None where it is not known of both."""
    levels = _WORDS.get(name, ())
    return levels[place] if 0 <= place < len(levels) else None


def before(model: str) -> float:
    """How likely any two are one that are compared, in doublings."""
    if model == organisations.MODEL:
        return organisations.PRIOR
    prior = _BEFORE.get(model, float(linking.trained().weights["prior"]))
    return math.log2(prior / (1 - prior))
