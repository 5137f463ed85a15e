"""Which page of a list an address asks for."""

import pytest
from django.http import Http404

from moothall.web.common import paging


def test_a_page_holds_its_rows_and_the_last_may_hold_fewer() -> None:
    rows = list(range(1, 8))

    assert paging.page({}, count=7, size=3).of(rows) == [1, 2, 3]
    assert paging.page({"page": "3"}, count=7, size=3).of(rows) == [7]
    assert paging.page({"page": "1"}, count=0, size=3).of([]) == []


@pytest.mark.parametrize("asked", ["", "0", "4", "-1", "x", "1.0", "²", "٣", "9" * 30])
def test_a_page_there_is_not_is_not_found_and_the_nearest_is_there_always(asked: str) -> None:
    with pytest.raises(Http404):
        paging.page({"page": asked}, count=7, size=3)
    assert paging.nearest({"page": asked}, count=7, size=3).number == (3 if asked == "4" else 1)
