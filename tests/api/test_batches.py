"""Many work items at once, the team's work shared out, and whole connectors, through the API (CT-20, BEST-4, CT-71)."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.api.world import World

from moothall.core.accounts.models import User
from moothall.core.audit.models import Access, Entry
from moothall.domain.cases import batches
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.exchange.models import Item
from moothall.web.api.routes import connectors

STAGE = {"workflow": "permits.permit", "stage": "check"}


def chosen(world: World, *numbers: int) -> list[dict[str, int]]:
    return [{"id": item.pk, "version": item.version} for item in (world.item(number=number) for number in numbers)]


def begun(world: World, what: str, **body: Any) -> dict[str, Any]:
    answer = world.clients["officer"].post(f"/work-batches/{what}", body)
    assert answer.status_code == 202, answer.content
    found: dict[str, Any] = answer.json()
    return found


def done(world: World, batch: dict[str, Any]) -> list[tuple[str, str]]:
    """What came of each, once the job has run."""
    batches.work_through(batch["id"])
    rows = world.clients["officer"].get(f"/work-batches/{batch['id']}/results").json()["items"]
    return [(row["result"], row["sentence"]) for row in rows]


def test_many_items_are_assigned_by_a_job_with_a_result_for_each_that_another_change_stops(world: World) -> None:
    officer, items = world.users["officer"], chosen(world, 0, 1)
    WorkItem.objects.filter(pk=items[1]["id"]).update(version=items[1]["version"] + 1)
    batch = begun(world, "assignments", items=items, user=officer.pk)
    assert (batch["kind"], batch["lines"], batch["waiting"], batch["finished_at"]) == ("assign", 2, 2, None)
    assert ProcrastinateJob.objects.filter(task_name=batches.TASK, args={"batch_id": batch["id"]}).count() == 1

    first, second = done(world, batch)
    assert first == ("done", "Check is assigned to Officer.")
    assert second[0] == "refused"
    assert world.item().assigned_to == officer
    now = world.clients["officer"].get(f"/work-batches/{batch['id']}").json()
    assert (now["done"], now["refused"], now["waiting"], now["finished_at"] is None) == (1, 1, 0, False)
    refused = world.clients["officer"].get(f"/work-batches/{batch['id']}/results", result="refused").json()["items"]
    assert [row["case"] for row in refused] == [world.case(number=1).reference]


def test_many_cases_are_tagged_and_many_items_progressed(world: World) -> None:
    tagged = begun(world, "tags", items=chosen(world, 0, 1), set=["urgent"])
    assert done(world, tagged) == [("done", "Tagged.")] * 2
    assert Case.objects.filter(tags__contains=["urgent"]).count() == 2

    over = begun(world, "outcomes", items=chosen(world, 0, 1), **STAGE, outcome="refuse", note="No space")
    assert done(world, over) == [("done", "Done: the workflow has ended.")] * 2
    rows = world.clients["officer"].get("/work-batches").json()["items"]
    assert [row["id"] for row in rows] == [over["id"], tagged["id"]]


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("assignments", {"items": [{"id": 987654321}], "user": None}, "body.items"),
        ("assignments", {"items": [], "user": None}, "body.items"),
        ("tags", {"set": ["payment"]}, "body.set"),
        ("tags", {}, "body.set"),
        ("outcomes", {**STAGE, "outcome": "complete"}, "body.outcome"),
        ("outcomes", {**STAGE, "outcome": "issued"}, "body.outcome"),
    ],
)
def test_what_cannot_be_done_on_many_is_refused_by_its_field_and_nothing_begins(
    world: World, what: str, body: dict[str, Any], field: str
) -> None:
    answer = world.clients["officer"].post(f"/work-batches/{what}", {"items": chosen(world, 0), **body})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert world.clients["officer"].get("/work-batches").json()["items"] == []


def test_somebody_elses_items_and_batches_are_not_there_and_a_colleague_must_progress_the_stage(world: World) -> None:
    items = chosen(world, 0)
    other = world.clients["other_officer"].post("/work-batches/assignments", {"items": items, "user": None})
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "body.items")
    stranger = {"items": items, "user": world.users["other_officer"].pk}
    assert world.clients["officer"].post("/work-batches/assignments", stranger).status_code == 422

    path = f"/work-batches/{begun(world, 'assignments', items=items, user=None)['id']}"
    for method, more in (("GET", ""), ("GET", "/results"), ("POST", "/stop"), ("POST", "/giving-back")):
        assert world.clients["manager"].send(method, path + more).status_code == 404


def test_a_batch_that_is_stopped_leaves_what_is_not_done_and_says_so(world: World) -> None:
    client, path = world.clients["officer"], "/work-batches/{}/stop"
    batch = begun(world, "assignments", items=chosen(world, 0, 1), user=world.users["officer"].pk)
    for _ in range(2):
        stopped = client.post(path.format(batch["id"])).json()
        assert (stopped["refused"], stopped["finished_at"] is None) == (2, False)
    assert done(world, batch) == [("refused", "Stopped by Officer before it was done.")] * 2
    assert world.item().assigned_to is None
    assert Entry.objects.filter(action="batch.stopped").count() == 1
    assert Entry.objects.filter(action="batch.finished").count() == 1


def test_what_came_of_each_and_what_a_team_holds_take_a_few_statements_however_many_there_are(world: World) -> None:
    client, officer = world.clients["officer"], world.users["officer"]
    shared = client.post("/team/sharing", {**STAGE, "among": [officer.pk], "most": 3}).json()
    done(world, shared)

    def statements(path: str, **query: int) -> int:
        client.get(path, **query)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path, **query).status_code == 200
        return len(captured)

    for path in (f"/work-batches/{shared['id']}/results", "/work-batches"):
        assert statements(path, page_size=1) == statements(path, page_size=200) <= 8
    assert statements("/team") <= 12


def test_work_is_shared_out_given_back_and_the_team_says_who_holds_it(world: World) -> None:
    client, officer = world.clients["officer"], world.users["officer"]
    answer = client.post("/team/sharing", {**STAGE, "among": [officer.pk], "most": 2})
    assert answer.status_code == 202, answer.content
    assert [result for result, _ in done(world, answer.json())] == ["done", "done"]

    team = client.get("/team").json()
    load = next(one for one in team["colleagues"] if one["user"]["id"] == officer.pk)
    assert (load["items"], load["stages"]) == (2, [{**STAGE, "name": "Check", "items": 2}])
    assert team["nobody_has"] == [{**STAGE, "name": "Check", "items": 1, "more": False}]
    assert Access.objects.filter(user=officer, via="api team").exists()

    path = f"/work-batches/{answer.json()['id']}/giving-back"
    back = client.post(path).json()
    assert (back["kind"], back["undoes"], client.post(path).json()["id"]) == (
        "give_back",
        answer.json()["id"],
        back["id"],
    )
    done(world, back)
    assert not WorkItem.objects.filter(assigned_to=officer).exists()
    assert client.post(f"/work-batches/{back['id']}/giving-back").json()["type"].endswith("cannot-share")


def test_nobody_shares_out_what_they_do_not_supervise_nor_among_who_is_no_colleague(world: World) -> None:
    client, officer = world.clients["officer"], world.users["officer"]
    elsewhere = {"workflow": "bins.permit", "stage": "check", "among": [officer.pk], "most": 2}
    assert client.post("/team/sharing", elsewhere).json()["errors"][0]["field"] == "body.stage"
    stranger = {**STAGE, "among": [world.users["stranger"].pk], "most": 2}
    assert client.post("/team/sharing", stranger).json()["errors"][0]["field"] == "body.among"
    names = {one["user"]["name"] for one in client.get("/team").json()["colleagues"]}
    assert User.objects.get(pk=world.users["other_officer"].pk).full_name not in names


def test_what_waits_at_a_connector_is_cancelled_as_a_whole_of_the_cases_one_manages(world: World) -> None:
    client = world.clients["officer"]
    assert client.post("/connectors/press/cancellation", {"reason": " "}).json()["type"].endswith("queue-refused")
    answer = client.post("/connectors/press/cancellation", {"reason": "Ordered twice"})
    assert answer.status_code == 200, answer.content
    assert (answer.json()["cancelled"], answer.json()["refused"], answer.json()["left"]) == (3, [], 0)
    statuses = Item.objects.order_by("case__service__key").values_list("case__service__key", "status")
    assert set(statuses) == {("bins", "queued"), ("permits", "cancelled")}
    again = client.post("/connectors/press/cancellation", {"reason": "Again", "until": answer.json()["until"]})
    assert again.json()["cancelled"] == 0


def test_what_failed_at_a_connector_is_queued_again_of_the_cases_one_manages(world: World) -> None:
    Item.objects.update(status=Item.Status.ERROR, problem="No answer")
    answer = world.clients["officer"].post("/connectors/press/requeue")
    assert (answer.json()["items"], answer.json()["left"]) == (3, 0)
    assert Item.objects.filter(status=Item.Status.ERROR).count() == 3


def test_what_failed_is_queued_again_bit_by_bit_and_what_fails_anew_is_not_met_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connectors, "AT_A_TIME", 2)
    client = world.clients["officer"]
    Item.objects.update(status=Item.Status.ERROR, problem="No answer")
    first = client.post("/connectors/press/requeue").json()
    assert (first["items"], first["left"]) == (2, 1)
    Item.objects.update(status=Item.Status.ERROR, problem="No answer again")
    second = client.post(f"/connectors/press/requeue?after={first['after']}").json()
    assert (second["items"], second["left"]) == (1, 0)


def test_what_is_paused_while_nobody_knows_whether_it_was_done_is_neither_cancelled_nor_left(world: World) -> None:
    held = Item.objects.filter(case__service__key="permits").order_by("pk")[:1]
    Item.objects.filter(pk__in=held).update(
        status=Item.Status.PAUSED, ask_first=True, paused_at=timezone.now(), pause_reason="A question"
    )
    answer = world.clients["officer"].post("/connectors/press/cancellation", {"reason": "Ordered twice"}).json()
    assert (answer["cancelled"], answer["refused"], answer["left"]) == (2, [], 0)
