"""How the weights of a model come about: fitted on pairs of which it is known whether they are one.

Splink adds up a weight for each comparison. Estimated each by itself, as is usual, such weights count what goes together
twice: a father and son of one name share name, home and telephone, and would be one. So they are fitted together, by
logistic regression over the pairs that are looked at at all, and given to Splink as its m and u: a weight is log2(m / u).
"""

import math
from collections.abc import Mapping
from typing import Any

from moothall.domain.people.golden.comparing import COMPARISONS

Pattern = tuple[int, ...]
"""How each comparison came out: the place of the level among its levels, or -1 where nothing is known."""

_HIGHEST = 0.9  # of m and u, neither of which may reach 1
_NEVER_FOR = -8.0  # the weight of different National Insurance numbers at most: eight halvings
_PULL = 0.3  # to nothing, of weights little is known of
_ROUNDS = 30
_ALWAYS_KNOWN = ("given_name", "last_name")


def fit(counted: Mapping[Pattern, tuple[int, int]]) -> dict[str, Any]:
    """The weights for pairs counted by pattern, each (of one person, of two). The prior is that of pairs looked at."""
    places = _places()
    beta = [0.0] * (1 + len(places))
    rows = [
        (
            [0, *(1 + places[at, level] for at, level in enumerate(pattern) if level >= 0)],
            float(same),
            float(same + other),
        )
        for pattern, (same, other) in counted.items()
    ]
    for _ in range(_ROUNDS):
        step = _solved(*_slope(rows, beta))
        beta = [one + change for one, change in zip(beta, step, strict=True)]
        if max(map(abs, step)) < 1e-6:
            break
    weights = {
        name: [beta[1 + places[at, level]] / math.log(2) for level in range(len(levels))]
        for at, (name, levels) in enumerate(_named())
    }
    different = len(weights["nino"]) - 1
    for each in weights.values():  # what agrees less never speaks for more
        for level in range(1, len(each)):
            each[level] = min(each[level], max(each[0], each[1]))
        each[-1] = min(each)
    start = beta[0] / math.log(2)
    for name in _ALWAYS_KNOWN:  # the same sum, told so that what agrees speaks for and what differs against
        middle = (max(weights[name]) + min(weights[name])) / 2
        weights[name] = [one - middle for one in weights[name]]
        start += middle
    weights["nino"][different] = min(weights["nino"][different], _NEVER_FOR)
    return {
        "prior": 1 / (1 + 2**-start),
        "comparisons": {name: [_m_and_u(weight) for weight in each] for name, each in weights.items()},
    }


def _named() -> list[tuple[str, tuple[Any, ...]]]:
    return [(one.name, one.levels) for one in COMPARISONS]


def _places() -> dict[tuple[int, int], int]:
    every = [(at, level) for at, one in enumerate(COMPARISONS) for level in range(len(one.levels))]
    return {key: place for place, key in enumerate(every)}


def _slope(rows: list[tuple[list[int], float, float]], beta: list[float]) -> tuple[list[list[float]], list[float]]:
    """The curvature and slope of how well `beta` explains the pairs."""
    size = len(beta)
    curve = [[_PULL * (row == column and row > 0) for column in range(size)] for row in range(size)]
    slope = [-_PULL * one if place else 0.0 for place, one in enumerate(beta)]
    for active, same, number in rows:
        likely = 1 / (1 + math.exp(-max(-30.0, min(30.0, sum(beta[one] for one in active)))))
        missed, spread = same - number * likely, number * likely * (1 - likely)
        for one in active:
            slope[one] += missed
            for other in active:
                curve[one][other] += spread
    return curve, slope


def _solved(curve: list[list[float]], slope: list[float]) -> list[float]:
    """The step that solves curve · step = slope, by elimination."""
    rows = [[*line, value] for line, value in zip(curve, slope, strict=True)]
    size = len(rows)
    for at in range(size):
        best = max(range(at, size), key=lambda row: abs(rows[row][at]))
        rows[at], rows[best] = rows[best], rows[at]
        head = rows[at][at] or 1e-9
        rows[at] = [value / head for value in rows[at]]
        for row in range(size):
            if row != at and (share := rows[row][at]):
                rows[row] = [value - share * ours for value, ours in zip(rows[row], rows[at], strict=True)]
    return [line[-1] for line in rows]


def _m_and_u(weight: float) -> list[float]:
    m, u = (_HIGHEST, _HIGHEST / 2**weight) if weight >= 0 else (_HIGHEST * 2**weight, _HIGHEST)
    return [float(f"{m:.6g}"), float(f"{u:.6g}")]
