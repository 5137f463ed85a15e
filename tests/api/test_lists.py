"""Look-up lists in the API (PPP-51)."""

import pytest
from tests.api.world import World

pytestmark = pytest.mark.django_db


def test_a_list_is_read_and_changed(world: World) -> None:
    manager, viewer = world.clients["manager"], world.clients["viewer"]
    made = manager.send("POST", "/lists/reference_types/values", {"label": "Library card", "rules": {"once": False}})
    assert made.status_code == 201, made.content
    assert made.json()["key"] == "library_card"
    answer = manager.send(
        "PATCH", "/lists/reference_types/values/library_card", {"label": "Library ticket", "place": 1}
    )
    assert answer.status_code == 200, answer.content
    first = viewer.get("/lists/reference_types").json()[0]
    assert first == {"key": "library_card", "label": "Library ticket", "rules": {"once": False}, "retired_on": None}
    gone = manager.send("PATCH", "/lists/reference_types/values/library_card", {"retired": True}).json()
    assert gone["retired_on"]
    assert manager.send("PATCH", "/lists/reference_types/values/library_card", {"place": 2}).status_code == 422
    assert viewer.get("/lists/nothing").status_code == 404
    assert {"key": "permits.zones", "name": "Zones"} in manager.get("/lists").json()
