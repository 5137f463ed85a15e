"""Requests to the applicant made by hand: what is refused, and by which field."""

import pytest
from tests.api.world import World


@pytest.mark.parametrize(
    ("change", "status", "fields"),
    [
        ({"answer_by": "2020-01-01"}, 422, ["answer_by"]), ({"items": []}, 422, ["items"]),
        ({"remind_on": "2020-01-01", "reminder": "zones_reminder"}, 422, ["remind_on"]),
        ({"remind_on": "2199-01-03", "reminder": "zones_reminder"}, 422, ["remind_on"]),
        ({"remind_on": "2199-01-01"}, 422, ["reminder"]), ({"reminder": "zones_reminder"}, 422, ["remind_on"]),
        ({"remind_on": "2199-01-01", "reminder": "zones_explained"}, 422, ["reminder"]),
        ({"remind_on": "2199-01-01", "reminder": "no_such_letter"}, 422, ["reminder"]),
        ({"close_on": "2198-01-01"}, 422, ["close_on"]), ({"close_on": "2020-01-01"}, 422, ["close_on"]),
        ({"items": [{"key": "fee", "label": "Fee"}, {"key": "fee", "label": "More"}]}, 422, ["items"]),
        ({"answer_by": "2020-01-01", "close_on": "2020-01-01"}, 422, ["answer_by", "close_on"]),
        ({"then": {"received": "refuse"}}, 422, ["then"]), ({"item": 999_999}, 404, []),
    ],
)  # fmt: skip
def test_a_request_that_makes_no_sense_is_refused_by_field_and_nothing_is_asked(
    world: World, change: dict[str, object], status: int, fields: list[str]
) -> None:
    path = f"/cases/{world.case().reference}/requests"
    fee = [{"key": "fee", "label": "Fee"}]
    body = {"item": world.item().pk, "kind": "fee", "items": fee, "answer_by": "2199-01-02"}

    answer = world.clients["officer"].post(path, {**body, **change})

    assert answer.status_code == status
    assert [error["field"] for error in answer.json()["errors"]] == [f"body.{field}" for field in fields]
    assert world.case().requests.count() == 0
