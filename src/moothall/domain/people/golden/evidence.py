"""What speaks for and against a pair, in words: of people by the trained model, of organisations by its rule."""

import math

from moothall.domain.people.golden import comparing, linking, organisations

_WORDS = {one.name: tuple(level.words for level in one.levels) for one in organisations.COMPARISONS} | {
    one.name: tuple(level.words for level in one.levels) for one in comparing.COMPARISONS
}  # what both compare comes out alike


def words(name: str, place: int) -> str | None:
    """How a comparison came out; None where it is not known of both."""
    levels = _WORDS.get(name, ())
    return levels[place] if 0 <= place < len(levels) else None


def before(model: str) -> float:
    """How likely any two are one that are compared, in doublings."""
    if model == organisations.MODEL:
        return organisations.PRIOR
    prior = float(linking.trained().weights["prior"])
    return math.log2(prior / (1 - prior))
