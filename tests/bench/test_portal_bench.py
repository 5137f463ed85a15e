"""The limits of the portal's measurement are those that were promised."""

from typing import Any

import pytest

from moothall.config.bench import portal


def figures(**changed: Any) -> dict[str, Any]:
    page = {"a_second": 100.0, "p95_ms": 150.0, "of_static": 0.25, **changed}
    found = {"lost": 0, "doubled": 0, "settled": True, **changed}
    return {"page": page, "found": found}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("a_second", 99.9, "99.9 times a second, not 100.0"),
        ("p95_ms", 150.1, "150.1 ms, not 150.0"),
        ("of_static", 0.24, "0.24 of a static page, not 0.25"),
        ("lost", 1, "1 forms are lost"),
        ("doubled", 2, "2 forms are there twice"),
        ("settled", False, "forms still wait for their case"),
    ],
)
def test_each_limit_that_is_not_kept_is_named(name: str, value: float, said: str) -> None:
    assert portal.failed(figures()) == []
    (sentence,) = portal.failed(figures(**{name: value}))
    assert said in sentence
