"""Opinions over the API: asked for, listed, asked anew, withdrawn; never with the link."""

import pytest
from tests.api.world import World

from moothall.core.accounts.actions import system_user
from moothall.core.council import settings
from moothall.domain.opinions.models import Opinion
from moothall.domain.opinions.rules import Opinions

TARA = {"name": "Tara Therapist", "email": "tara@therapy.example.org", "question": "How does she walk?"}


@pytest.fixture(autouse=True)
def links_lead_here(world: World) -> None:
    settings.write(Opinions(url="https://cases.council.example.org"), by=system_user(), at=world.case().opened_at)


def test_an_opinion_is_asked_for_listed_asked_anew_and_withdrawn(world: World) -> None:
    path = f"/cases/{world.case().reference}/opinions"
    officer = world.clients["officer"]

    asked = officer.post(path, TARA)
    assert asked.status_code == 201
    assert asked.json()["state"] == "open"
    listed = officer.get(path).json()
    assert [one["asked_of"] for one in listed["items"]] == ["Tara Therapist"]
    opinion = Opinion.objects.get()
    assert opinion.seed not in asked.content.decode()
    assert "email" not in asked.json()
    assert officer.post(f"{path}/1/new-link", {"days": 3}).status_code == 200
    assert officer.post(f"{path}/1/withdrawal", {"reason": "Not needed."}).json()["state"] == "withdrawn"
    assert officer.post(f"{path}/1/withdrawal", {"reason": "Again."}).status_code == 409
    assert officer.post(f"{path}/2/withdrawal", {"reason": "None."}).status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"email": ""}, {"colleague": 1}, {"documents": [999_999]}, {"question": " "}, {"days": 0}, {"kind": "no_such"}],
)
def test_what_makes_no_sense_is_refused(world: World, change: dict[str, object]) -> None:
    answer = world.clients["officer"].post(f"/cases/{world.case().reference}/opinions", {**TARA, **change})

    assert answer.status_code == 422
    assert not Opinion.objects.exists()
