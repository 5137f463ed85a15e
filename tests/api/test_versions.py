"""Versions of a workflow compared, and running cases moved between them and back, through the API (BEST-9, BEST-22)."""

from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.api.world import World, publish, references

from moothall.core.audit.models import Entry
from moothall.domain.cases import tasks

PATH = "/workflows/permits.permit"
ISSUE_GONE = {"id: issue\n": "id: hand_over\n", "to: issue": "to: hand_over"}
LONGER = {"amount: 4": "amount: 9", "progress: [permits_officers]\n    target": "progress: [permits_officers, permits_viewers]\n    target"}  # fmt: skip


@pytest.fixture
def second(world: World) -> World:
    """The world with a second version of the permits' workflow, that lets viewers progress, in more time."""
    publish("permits", at=timezone.now(), changes=LONGER)
    return world


def carry_out(task: str) -> None:
    """Do the one job of this name, as a worker would."""
    job = ProcrastinateJob.objects.get(task_name=task)
    {"cases.move_versions": tasks.move_versions, "cases.move_back": tasks.move_back}[task](**job.args)


def started(world: World, key: str = "", **more: Any) -> Any:
    return world.clients["manager"].post(f"{PATH}/moves", {"old": 1, "new": 2, **more}, key=key)


def test_versions_are_listed_with_the_cases_on_each(second: World) -> None:
    rows = second.clients["officer"].get(f"{PATH}/versions").json()["items"]
    assert [(row["number"], row["running"]) for row in rows] == [(2, 0), (1, 3)]


def test_two_versions_are_compared_in_sentences_and_in_permits(second: World) -> None:
    shown = second.clients["officer"].get(f"{PATH}/comparison", old=1, new=2).json()
    assert "stage.target_changed" in {change["kind"] for change in shown["changes"]}
    assert {"permits_viewers"} == {change["group"] for change in shown["permits"] if change["given"]}
    back = second.clients["officer"].get(f"{PATH}/comparison", old=2, new=1).json()
    assert not any(change["given"] for change in back["permits"])
    assert second.clients["officer"].get(f"{PATH}/comparison", old=1, new=9).status_code == 404
    assert second.clients["other_officer"].get(f"{PATH}/comparison", old=1, new=2).status_code == 404


def test_prospects_say_of_each_visible_case_whether_it_may_move_a_page_at_a_time(second: World) -> None:
    client = second.clients["manager"]
    pages = [
        client.post(f"{PATH}/prospects", {"old": 1, "new": 2, "page": page, "page_size": 2}).json() for page in (1, 2)
    ]
    rows = [row for page in pages for row in page["items"]]
    assert {row["case"] for row in rows} == references(second.cases["permits"])
    assert {row["safety"] for row in rows} == {"safe"}
    assert pages[0]["total"] == 3
    assert rows[0]["notes"]


def test_a_case_whose_stage_is_gone_says_where_it_could_go_and_a_mapping_makes_it_safe(world: World) -> None:
    client, item = world.clients["manager"], world.item()
    body = {"outcome": "complete", "version": item.version, "answers": {"zone": "north"}}
    assert world.clients["officer"].post(f"/work-items/{item.pk}/progress", body).status_code == 200
    publish("permits", at=timezone.now(), changes=ISSUE_GONE)

    def safety(**more: Any) -> dict[str, Any]:
        rows = client.post(f"{PATH}/prospects", {"old": 1, "new": 2, **more}).json()["items"]
        return {row["case"]: (row["safety"], row["to_stage"]) for row in rows}

    assert safety()[world.case().reference] == ("needs_mapping", None)
    assert safety(mapping={"issue": "hand_over"})[world.case().reference] == ("safe", "hand_over")
    for wrong in ({"nothing": "hand_over"}, {"issue": "nothing"}):
        assert client.post(f"{PATH}/prospects", {"old": 1, "new": 2, "mapping": wrong}).status_code == 422
        assert started(world, mapping=wrong).status_code == 422


def test_a_batch_is_started_once_carried_out_by_a_worker_and_gives_a_result_for_each_case(second: World) -> None:
    first, again = started(second, key="move-once"), started(second, key="move-once")
    assert first.status_code == 202, first.content
    assert first.json() == again.json()
    carry_out("cases.move_versions")

    rows = second.clients["manager"].get(f"/moves/{first.json()['batch']}").json()["items"]
    assert {row["case"] for row in rows} == references(second.cases["permits"])
    assert {row["result"] for row in rows} == {"moved"}
    assert second.item().stage.version.number == 2
    assert Entry.objects.get(action="move.started").by == second.users["manager"]


def test_a_batch_is_moved_back_but_for_cases_that_have_gone_on(second: World) -> None:
    client = second.clients["manager"]
    batch = started(second).json()["batch"]
    carry_out("cases.move_versions")
    item = second.item()
    body = {"outcome": "refuse", "version": item.version, "note": "No"}
    assert second.clients["officer"].post(f"/work-items/{item.pk}/progress", body).status_code == 200

    back = client.post(f"/moves/{batch}/back").json()["batch"]
    for _ in range(2):  # taken up again, it does nothing twice
        carry_out("cases.move_back")
    rows = {row["case"]: row["result"] for row in client.get(f"/moves/{back}").json()["items"]}
    gone_on = second.case().reference
    assert rows == {case.reference: "moved_back" for case in second.cases["permits"]} | {gone_on: "refused"}
    assert second.item("permits", 1).stage.version.number == 1


def test_one_case_of_a_batch_is_moved_back_once(second: World) -> None:
    client = second.clients["manager"]
    batch = started(second).json()["batch"]
    carry_out("cases.move_versions")
    row = client.get(f"/moves/{batch}").json()["items"][0]
    path = f"/moves/{batch}/{row['id']}/back"
    assert client.post(path).json()["result"] == "moved_back"
    assert client.post(path).status_code == 409
    assert client.post(f"/moves/{UUID(int=9)}/{row['id']}/back").status_code == 404


def test_versions_that_cannot_be_meant_are_refused(second: World) -> None:
    assert started(second, new=1).status_code == 422
    assert started(second, new=9).status_code == 404
    assert second.clients["manager"].post(f"/moves/{UUID(int=9)}/back").status_code == 404
    assert second.clients["manager"].get("/moves/nonsense").status_code == 422


def test_the_results_of_a_batch_and_its_undoing_are_kept_from_who_may_not_see_its_cases(second: World) -> None:
    batch = started(second).json()["batch"]
    carry_out("cases.move_versions")
    client = second.clients["other_officer"]
    results = second.clients["manager"].get(f"/moves/{batch}").json()["items"]
    assert client.get(f"/moves/{batch}").json()["total"] == 0
    assert client.post(f"/moves/{batch}/back").status_code == 404
    assert client.post(f"/moves/{batch}/{results[0]['id']}/back").status_code == 404
    assert client.post(f"{PATH}/prospects", {"old": 1, "new": 2}).status_code == 404
