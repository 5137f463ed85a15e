"""The measurement of look-up asks every key of its queries, of a small county. Nothing is asserted about time."""

import pytest

from moothall.config.bench import lookup


@pytest.mark.django_db
def test_the_lookup_bench_finds_most_of_what_it_asks_for_in_its_own_county() -> None:
    lookup.fill(600, say=lambda _: None)

    figures = lookup.measure(lookup.Options(uprns=600, queries=12, judged=False), say=lambda _: None)

    assert figures["keys"] > 12 * 8
    assert figures["at_a_postcode"] > 2
    assert min(figures["right"], figures["right_with_typo"]) > 0.7
    assert 0 < figures["postcode_ms"]["p50"] <= figures["postcode_ms"]["p95"]
    assert figures["failed"] == []
