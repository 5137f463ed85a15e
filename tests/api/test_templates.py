"""Templates in the API (CT-60)."""

import pytest
from tests.api.world import World

pytestmark = pytest.mark.django_db
KEY = "permits.zones_explained"


def test_templates_are_read_and_a_new_text_is_published_with_the_same_checks(world: World) -> None:
    manager, other = world.clients["manager"], world.clients["other_officer"]
    assert {"key": KEY, "name": "The zones", "service": "permits"} in manager.get("/templates").json()
    assert KEY not in {line["key"] for line in other.get("/templates").json()}
    whole = manager.get(f"/templates/{KEY}").json()
    assert whole["uses"][0]["list"] == "permits.zones"
    assert "first_name" in whole["placeholders"]
    text = {"on": 1, "name": "The zones", "subject": "Zones", "channels": ["letter", "email"]}

    wrong = manager.send("POST", f"/templates/{KEY}/versions", {**text, "body": "<p>{{ first_nam }}</p>"})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "body.body"
    assert "Did you mean “first_name”?" in wrong.json()["errors"][0]["sentence"]
    good = {**text, "body": "<p>{{ first_name }}</p>{{ paragraphs }}"}
    made = manager.send("POST", f"/templates/{KEY}/versions", good)
    assert made.status_code == 201, made.content
    assert (made.json()["number"], made.json()["by_hand"]) == (2, True)
    late = manager.send("POST", f"/templates/{KEY}/versions", {**good, "subject": "Late"})
    assert (late.status_code, late.json()["detail"][:18]) == (409, "Manager published ")

    assert [line["number"] for line in manager.get(f"/templates/{KEY}/versions").json()["items"]] == [2, 1]
    assert "{{ salutation }}" in manager.get(f"/templates/{KEY}/versions/1").json()["body"]
    assert manager.get(f"/templates/{KEY}/versions/9").status_code == 404
    assert other.get(f"/templates/{KEY}").status_code == 404
    assert other.send("POST", f"/templates/{KEY}/versions", good).status_code == 404
    assert world.clients["viewer"].get("/templates").status_code == 403
