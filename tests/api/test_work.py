import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from tests.api import world as worlds
from tests.api.world import World

from moothall.core.audit.models import Entry
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.exchange.models import Item
from moothall.domain.workflow.models import Stage


def test_an_outcome_is_progressed_and_says_where_the_case_is_now(world: World) -> None:
    client, item = world.clients["officer"], world.item()
    answer = client.post(
        f"/work-items/{item.pk}/progress",
        {"outcome": "complete", "version": item.version, "answers": {"zone": "north"}},
    )
    assert answer.status_code == 200, answer.content
    done = answer.json()
    assert (done["finished"], done["ended"], done["stage"]) == (item.pk, False, "issue")
    assert client.get(f"/work-items/{item.pk}").json()["answers"] == {"zone": "north"}
    assert client.get(f"/work-items/{done['now_at']}").json()["stage"] == "issue"


def test_where_the_case_is_now_is_kept_from_who_does_not_see_that_stage(world: World) -> None:
    world.users["manager"].groups.remove(*world.users["manager"].groups.filter(key="bins_officers"))
    item = world.item("bins")
    assert world.clients["manager"].get(f"/work-items/{item.pk}").status_code == 404


def test_the_detail_offers_permitted_outcomes_with_questions_choices_and_why_not(world: World) -> None:
    outcomes = {
        row["id"]: row for row in world.clients["officer"].get(f"/work-items/{world.item().pk}").json()["outcomes"]
    }
    assert outcomes["complete"]["reasons"] == []
    assert outcomes["complete"]["questions"][0]["choices"] == [
        {"key": "north", "label": "North"}, {"key": "south", "label": "South"},
    ]  # fmt: skip
    assert "Payment" in outcomes["needs_payment"]["reasons"][0]
    assert outcomes["refuse"]["note"] == "required"


def test_who_only_sees_a_stage_is_offered_nothing_and_may_choose_nothing(world: World) -> None:
    client, item = world.clients["viewer"], world.item()
    assert client.get(f"/work-items/{item.pk}").json()["outcomes"] == []
    body = {"outcome": "complete", "version": item.version, "answers": {"zone": "north"}}
    assert client.post(f"/work-items/{item.pk}/progress", body).status_code == 403
    assert world.item().pk == item.pk


def test_everything_in_the_way_of_an_outcome_is_said_at_once(world: World) -> None:
    item = world.item()
    body = {"outcome": "complete", "version": item.version, "answers": {"zone": "west", "colour": "red"}}
    answer = world.clients["officer"].post(f"/work-items/{item.pk}/progress", body)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"body.answers.zone", "body.answers.colour"}


def test_the_second_of_two_officers_is_told_that_somebody_was_first(world: World) -> None:
    item = world.item()
    body = {"outcome": "refuse", "version": item.version, "note": "Out of area"}
    assert world.clients["officer"].post(f"/work-items/{item.pk}/progress", body).status_code == 200
    late = world.clients["manager"].post(f"/work-items/{item.pk}/progress", body)
    assert late.status_code == 409
    assert "Officer" in late.json()["detail"]


def test_a_stale_version_is_answered_409_and_changes_nothing(world: World) -> None:
    client, item = world.clients["officer"], world.item()
    assert client.post(f"/work-items/{item.pk}/take", {"version": item.version}).status_code == 200
    body = {"outcome": "refuse", "version": item.version, "note": "No"}
    assert client.post(f"/work-items/{item.pk}/progress", body).status_code == 409
    assert world.item().pk == item.pk


def test_an_item_is_taken_found_under_mine_and_released(world: World) -> None:
    client, item = world.clients["officer"], world.item()
    assert client.get("/work-items", assigned_to="me").json()["total"] == 0
    assert client.post(f"/work-items/{item.pk}/take", {}).json()["assigned_to"]["name"] == "Officer"
    assert [row["id"] for row in client.get("/work-items", assigned_to="me").json()["items"]] == [item.pk]
    assert item.pk not in [row["id"] for row in client.get("/work-items", assigned_to="nobody").json()["items"]]
    assert world.clients["manager"].post(f"/work-items/{item.pk}/release", {}).status_code == 409
    assert client.post(f"/work-items/{item.pk}/release", {}).json()["assigned_to"] is None


def test_a_colleagues_item_is_taken_over_only_by_saying_so_and_with_its_version(world: World) -> None:
    item, manager = world.item(), world.clients["manager"]
    path = f"/work-items/{item.pk}/take"
    held = world.clients["officer"].post(path, {}).json()
    for body in ({}, {"version": held["version"]}, {"take_over": True}, {"take_over": True, "version": item.version}):
        refused = manager.post(path, body)
        assert refused.status_code == 409, body
    assert "Officer has Check" in manager.post(path, {}).json()["detail"]
    assert WorkItem.objects.get(pk=item.pk).assigned_to == world.users["officer"]

    taken = manager.post(path, {"take_over": True, "version": held["version"]})
    assert taken.json()["assigned_to"]["name"] == "Manager"
    line = world.clients["officer"].get(f"/cases/{world.case().reference}/timeline").json()["items"][-1]
    assert line["text"] == "Check taken over from Officer by Manager."
    entry = Entry.objects.filter(action="work_item.assigned").latest("id")
    assert (entry.detail["before"], entry.detail["after"]) == (world.users["officer"].pk, world.users["manager"].pk)
    assert entry.detail["taken_over"]


def test_taking_what_is_yours_already_changes_nothing(world: World) -> None:
    item, officer = world.item(), world.clients["officer"]
    first = officer.post(f"/work-items/{item.pk}/take", {}).json()
    assert officer.post(f"/work-items/{item.pk}/take", {}).json()["version"] == first["version"]


def test_the_timeline_names_who_had_an_item_that_is_given_to_another(world: World) -> None:
    item, manager = world.item(), world.clients["manager"]
    path = f"/work-items/{item.pk}/assignment"
    for role in ("officer", "manager"):
        assert manager.post(path, {"user": world.users[role].pk}).status_code == 200
    line = manager.get(f"/cases/{world.case().reference}/timeline").json()["items"][-1]
    assert line["text"] == "Check assigned to Manager, who takes it over from Officer."


def test_an_outcomes_questions_say_what_they_start_out_as_and_whether_they_are_asked_now(world: World) -> None:
    questions = (
        "questions: [{id: fee, label: Fee, type: money, default: 10.5}, {id: day, label: Day, type: date, default: today}, "
        "{id: late, label: Late, type: yes_no, when: \"case.type != 'new'\"}, "
        "{id: why, label: Why, type: text, required: true}, "
        "{id: more, label: More, type: text, when: \"answers.why != ''\"}, "
    )
    worlds.publish("permits", at=timezone.now(), changes={"questions: [": questions})
    world.clients["officer"].post(
        "/cases",
        {"service": "permits", "type": "new", "source": "paper", "customer": world.case().customer_id},
    )
    item = WorkItem.objects.open().filter(case__service__key="permits").latest("id")
    outcomes = world.clients["officer"].get(f"/work-items/{item.pk}/outcomes").json()
    assert world.clients["officer"].get(f"/work-items/{item.pk}").json()["outcomes"] == outcomes
    [write] = [outcome for outcome in outcomes if outcome["id"] == "write"]
    today = timezone.localdate().isoformat()
    assert [(one["id"], one["default"], one["applies"]) for one in write["questions"]] == [
        ("fee", "10.50", True),
        ("day", today, True),
        ("late", None, False),
        ("why", None, True),
        ("more", None, None),
        ("what", None, True),
    ]
    given = {one["id"]: one["default"] for one in write["questions"] if one["default"] is not None}
    body = {"outcome": "write", "version": item.version, "answers": given | {"why": "Because"}}
    assert world.clients["officer"].post(f"/work-items/{item.pk}/progress", body).status_code == 200


def test_an_item_is_given_only_to_who_can_progress_it(world: World) -> None:
    client, item = world.clients["manager"], world.item()
    path = f"/work-items/{item.pk}/assignment"
    assert client.post(path, {"user": world.users["officer"].pk}).status_code == 200
    for role in ("viewer", "other_officer", "inactive"):
        assert client.post(path, {"user": world.users[role].pk}).status_code in (409, 422)
    assert WorkItem.objects.get(pk=item.pk).assigned_to == world.users["officer"]
    assert world.clients["viewer"].post(f"/work-items/{item.pk}/take", {}).status_code == 403


def test_the_target_is_shown_with_its_colour_due_time_and_what_remains(world: World) -> None:
    item = world.item()
    target = world.clients["officer"].get(f"/work-items/{item.pk}").json()["target"]
    assert (target["colour"], target["paused"]) == ("blue", False)
    assert target["remaining_seconds"] > 0
    WorkItem.objects.filter(pk=item.pk).update(entered_at=timezone.now() - timedelta(days=40))
    shown = world.clients["officer"].get(f"/work-items/{item.pk}").json()
    assert (shown["target"]["colour"], shown["target"]["remaining_seconds"] < 0) == ("late", True)
    assert shown["reckoning"]


def test_the_clock_is_paused_resumed_and_extended_with_a_reason(world: World) -> None:
    client, item = world.clients["officer"], world.item()
    path = f"/work-items/{item.pk}"
    pause = client.post(f"{path}/pauses", {"category": "awaiting_applicant", "reason": "Away"})
    assert pause.status_code == 201
    assert client.get(path).json()["target"]["paused"] is True
    assert client.post(f"{path}/pauses/{pause.json()['id']}/end").json()["target"]["paused"] is False
    assert client.post(f"{path}/pauses/{pause.json()['id']}/end").status_code == 409
    assert client.post(f"{path}/pauses/999999/end").status_code == 404

    due = client.get(path).json()["target"]["due_at"]
    extended = client.post(f"{path}/extensions", {"amount": 2, "reason": "Complex"})
    assert extended.status_code == 201
    assert extended.json()["target"]["due_at"] > due
    assert client.post(f"{path}/extensions", {"amount": 900, "reason": "Forever"}).status_code == 409
    assert client.post(f"{path}/extensions", {"amount": 1, "reason": " "}).status_code == 422


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({}, 3), ({"stage": "check"}, 3), ({"stage": "issue"}, 0), ({"workflow": "permits.permit"}, 3),
        ({"workflow": "bins.permit"}, 0), ({"type": "new"}, 3), ({"tag": "urgent"}, 1), ({"without_tag": "urgent"}, 2),
        ({"state": "completed"}, 0), ({"holding": "true"}, 0), ({"waiting_days_from": 1}, 0),
        ({"waiting_days_to": 1}, 3), ({"updated_from": "2199-01-01"}, 0), ({"automatic": "true"}, 0),
        ({"automatic": "false"}, 3),
    ],
)  # fmt: skip
def test_the_work_list_is_narrowed(world: World, query: dict[str, object], number: int) -> None:
    Case.objects.filter(pk=world.case().pk).update(tags=["urgent"])
    assert world.clients["officer"].get("/work-items", **query).json()["total"] == number


def test_open_work_shows_however_long_ago_its_case_was_updated_completed_work_of_long_ago_when_asked_for(
    world: World,
) -> None:
    client, item = world.clients["officer"], world.item()
    done = {"outcome": "refuse", "version": item.version, "note": "No"}
    assert client.post(f"/work-items/{item.pk}/progress", done).status_code == 200
    long_ago = timezone.now() - timedelta(days=400)
    Case.objects.update(updated_at=long_ago)
    WorkItem.objects.filter(pk=item.pk).update(finished_at=long_ago)
    assert client.get("/work-items").json()["total"] == 2
    assert client.get("/work-items", state="completed").json()["total"] == 0
    assert client.get("/work-items", state="completed", updated_from="2020-01-01").json()["total"] == 1
    assert client.get("/work-items", state="completed", case=world.case().reference).json()["total"] == 1


@pytest.mark.parametrize(
    ("progressed_by", "shown"), [("[permits_officers]", {"": 1, "true": 1, "false": 0}), ("[]", {"": 0, "true": 1})]
)
def test_a_stage_that_moves_on_by_itself_is_listed_when_somebody_may_also_choose_there(
    world: World, progressed_by: str, shown: dict[str, int]
) -> None:
    old = "    see: [permits_officers]\n    progress: [permits_officers]\n    outcomes:\n      - {id: issued,"
    rule = 'automatic: {when: "paid()", outcome: issued}'
    new = old.replace("progress: [permits_officers]", f"progress: {progressed_by}\n    {rule}")
    worlds.publish("permits", at=timezone.now(), changes={old: new})
    item = world.item()
    issue = Stage.objects.get(version__workflow__key="permits.permit", key="issue", automatic=True)
    WorkItem.objects.filter(pk=item.pk).update(stage=issue)
    for automatic, number in shown.items():
        query = {"stage": "issue", **({"automatic": automatic} if automatic else {})}
        assert world.clients["officer"].get("/work-items", **query).json()["total"] == number, query


@pytest.mark.parametrize("sort", ["entered_at", "-entered_at", "updated_at", "-updated_at", "reference", "-reference"])
@pytest.mark.parametrize("state", ["active", "completed"])
def test_the_whole_list_is_read_by_what_follows_although_work_leaves_it_meanwhile(
    world: World, sort: str, state: str
) -> None:
    client = world.clients["manager"]
    if state == "completed":
        for item in WorkItem.objects.open():
            refused = {"outcome": "refuse", "version": item.version, "note": "No"}
            assert client.post(f"/work-items/{item.pk}/progress", refused).status_code == 200
    query: dict[str, object] = {"sort": sort, "state": state, "page_size": 2}
    whole = [row["id"] for row in client.get("/work-items", **{**query, "page_size": 50}).json()["items"]]
    assert len(whole) == 6

    first = client.get("/work-items", **query).json()
    Case.objects.filter(pk=WorkItem.objects.get(pk=whole[0]).case_id).update(tags=["urgent"])  # is not met any more
    query["without_tag"] = "urgent"
    second = client.get("/work-items", after=first["next"], **query).json()
    third = client.get("/work-items", after=second["next"], **query).json()
    assert [row["id"] for page in (first, second, third) for row in page["items"]] == whole
    assert third["next"] is None
    assert client.get("/work-items", page=2, **query).json()["next"]


def test_what_follows_is_refused_in_another_order_beside_a_page_and_when_it_is_made_up(world: World) -> None:
    client = world.clients["manager"]
    follows = client.get("/work-items", page_size=2).json()["next"]
    for query in ({"sort": "-entered_at"}, {"after": "made-up"}, {"after": "W10"}, {"page": 2}):
        answer = client.get("/work-items", **{"page_size": 2, "after": follows, **query})
        assert answer.status_code == 422, query


@pytest.mark.parametrize("state", ["active", "completed"])
@pytest.mark.parametrize(
    ("sort", "value"),
    [
        *(("reference", value) for value in ("\0", "\ud800")),
        *(("entered_at", f"{moment}:59") for moment in ("0001-01-01T00:00:00+23", "9999-12-31T23:59:59-23")),
        ("entered_at", "2026-01-01T00:00:00"),
    ],
)
def test_what_follows_is_refused_when_the_database_has_no_place_for_what_it_says(
    world: World, sort: str, value: str, state: str
) -> None:
    after = urlsafe_b64encode(json.dumps([sort, value, 1]).encode()).decode().rstrip("=")
    answer = world.clients["manager"].get("/work-items", sort=sort, state=state, after=after)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.after")


def test_what_follows_shows_nobody_what_they_may_not_see(world: World) -> None:
    follows = world.clients["manager"].get("/work-items", page_size=1).json()["next"]
    rows = world.clients["officer"].get("/work-items", after=follows).json()["items"]
    assert {row["case"] for row in rows} <= {case.reference for case in world.cases["permits"]}


def test_the_work_of_one_case_is_found_by_its_reference_and_named_in_the_case(world: World) -> None:
    client, item, reference = world.clients["officer"], world.item(), world.case().reference
    assert [row["id"] for row in client.get("/work-items", case=reference.lower()).json()["items"]] == [item.pk]
    assert client.get("/work-items", case="nothing like a reference").status_code == 422
    assert client.get(f"/cases/{reference}").json()["work"] == [
        {"id": item.pk, "run": item.run_id, "stage": "check", "stage_name": "Check", "version": item.version}
    ]
    WorkItem.objects.filter(pk=item.pk).update(stage=Stage.objects.get(version=item.stage.version, key="issue"))
    assert world.clients["viewer"].get(f"/cases/{reference}").json()["work"] == []


def test_a_request_to_the_applicant_is_listed_and_answered_and_the_case_goes_on(world: World) -> None:
    client, item = world.clients["officer"], world.item()
    path = f"/cases/{world.case().reference}/requests"
    assert (
        client.post(f"/work-items/{item.pk}/progress", {"outcome": "incomplete", "version": item.version}).json()[
            "stage"
        ]
        == "waiting"
    )
    asked = client.get(path).json()["items"]
    assert [(row["number"], row["state"]) for row in asked] == [(1, "open")]

    assert client.post(f"{path}/1/answer", {"text": "Here it is"}).json()["state"] == "answered"
    assert world.item().stage.key == "check"
    assert client.post(f"{path}/1/cancellation", {"reason": "Late"}).status_code == 409
    assert client.post(f"{path}/2/answer", {}).status_code == 404


def test_the_applicant_is_asked_by_hand_the_clock_stands_still_and_the_answer_changes_no_stage(world: World) -> None:
    client, item, path = world.clients["officer"], world.item(), f"/cases/{world.case().reference}/requests"
    body = {
        "item": item.pk, "kind": "document", "items": [{"key": "photo", "label": "A photograph"}],
        "answer_by": "2199-01-02", "remind_on": "2199-01-01", "close_on": "2199-02-02",
        "reminder": "zones_reminder", "pauses": True,
    }  # fmt: skip
    asked = client.post(path, body, key="ask-once")
    assert (asked.status_code, asked.json()["number"], asked.json()["state"]) == (201, 1, "open"), asked.content
    assert client.post(path, body, key="ask-once").json() == asked.json()
    assert client.get(f"/work-items/{item.pk}").json()["target"]["paused"] is True
    assert client.post(f"{path}/1/answer", {"text": "Here"}).json()["state"] == "answered"
    assert (world.item().pk, client.get(f"/work-items/{item.pk}").json()["target"]["paused"]) == (item.pk, False)


def test_only_who_progresses_the_stage_of_this_case_asks_there(world: World) -> None:
    path = f"/cases/{world.case().reference}/requests"
    body = {
        "item": world.item().pk,
        "kind": "fee",
        "items": [{"key": "fee", "label": "Fee"}],
        "answer_by": "2199-01-02",
    }
    assert world.clients["viewer"].post(path, body).status_code == 403
    other = {**body, "item": world.item("permits", 1).pk}
    assert world.clients["officer"].post(path, other).status_code == 422
    done = {"outcome": "refuse", "version": world.item().version, "note": "No"}
    assert world.clients["officer"].post(f"/work-items/{body['item']}/progress", done).status_code == 200
    assert world.clients["officer"].post(path, body).status_code == 409


def test_a_workflow_is_listed_drawn_and_its_permits_tabled_for_the_services_in_reach(world: World) -> None:
    client = world.clients["officer"]
    assert [row["key"] for row in client.get("/workflows").json()] == ["permits.permit"]
    assert client.get("/workflows/permits.permit/diagram").content.startswith(b"<svg")
    assert b"check" in client.get("/workflows/permits.permit/diagram", format="mermaid", stage="check").content
    assert client.get("/workflows/permits.permit/definition").content.startswith(b"key: permit")
    rows = client.get("/workflows/permits.permit/permits").json()["rows"]
    assert {"act": "progress", "stage": "check", "subject": "", "groups": ["permits_officers"]} in rows
    for part in ("diagram", "definition", "permits"):
        assert client.get(f"/workflows/bins.permit/{part}").status_code == 404
        assert client.get(f"/workflows/permits.nothing/{part}").status_code == 404
        assert client.get(f"/workflows/permits.permit/{part}", version=9).status_code == 404


def test_a_queue_item_is_paused_unpaused_edited_cancelled_and_queued_again(world: World) -> None:
    client, item = world.clients["officer"], Item.objects.get(case=world.case())
    path = f"/queue/{item.pk}"

    def act(action: str, **more: object) -> object:
        answer = client.post(f"{path}/actions", {"action": action, **more})
        return answer.json()["status"] if answer.status_code == 200 else answer.status_code

    assert act("pause") == 409
    assert act("pause", reason="Wait for the photo") == "paused"
    assert act("unpause") == "queued"
    assert act("edit", payload={"wrong": 1}) == 409
    assert act("edit", payload={"case": "X"}) == "queued"
    assert client.get(path).json()["payload_override"] == {"case": "X"}
    assert act("edit") == "queued"
    assert act("cancel", reason="Ordered by hand") == "cancelled"
    assert act("unpause") == 409
    assert act("requeue") == "queued"
    assert act("dance") == 422


def test_what_would_be_sent_shows_no_secret(world: World) -> None:
    item = Item.objects.get(case=world.case())
    shown = world.clients["officer"].get(f"/queue/{item.pk}/request").json()
    assert shown["payload"]["case"] == world.case().reference
    assert "do not show" not in str(shown)


def test_all_of_a_case_and_a_whole_connector_are_held_and_let_go(world: World) -> None:
    client, path = world.clients["manager"], f"/cases/{world.case().reference}/queue/actions"
    assert client.post(path, {"action": "pause", "reason": "Dispute"}).json() == {"items": 1}
    assert "Dispute" in client.get(f"/queue/{Item.objects.get(case=world.case()).pk}").json()["waiting_for"]
    assert client.post(path, {"action": "unpause"}).status_code == 200
    assert client.post(path, {"action": "unpause"}).status_code == 409

    assert client.post("/connectors/press/actions", {"action": "pause", "reason": "Down"}).json()["paused"] is True
    assert [row["paused"] for row in client.get("/queue/health").json() if row["key"] == "press"] == [True]
    assert client.post("/connectors/press/actions", {"action": "unpause"}).json()["paused"] is False
    assert client.post("/connectors/nothing/actions", {"action": "pause", "reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"status": "queued"}, 3), ({"status": ["paused", "queued"]}, 3), ({"status": "done"}, 0),
        ({"connector": "press"}, 3), ({"connector": "other"}, 0), ({"operation": "press.order"}, 3),
        ({"created_from": "2199-01-01"}, 0),
    ],
)  # fmt: skip
def test_the_queue_is_narrowed(world: World, query: dict[str, object], number: int) -> None:
    assert world.clients["officer"].get("/queue", **query).json()["total"] == number


def test_the_settings_of_a_connector_are_read_and_changed_by_who_manages_it(world: World) -> None:
    client = world.clients["manager"]
    before = client.get("/connectors/press").json()
    changed = client.send("PATCH", "/connectors/press", {"delay_seconds": 0, "per_minute": 30})
    assert changed.json() == {**before, "delay_seconds": 0, "per_minute": 30}
    assert Entry.objects.get(action="connector.changed").detail["before"]["per_minute"] == before["per_minute"]
    for wrong in (
        {},
        {"per_minute": 0},
        {"at_once": -1},
        {"at_once": "2"},
        {"key": "x"},
        {"name": " "},
        {"paused_at": None},
    ):
        assert client.send("PATCH", "/connectors/press", wrong).status_code in (409, 422), wrong
    assert client.get("/connectors/press").json() == changed.json()
    assert client.get("/connectors/nothing").status_code == 404
    assert world.clients["officer"].send("PATCH", "/connectors/press", {"per_minute": 1}).status_code == 403


def test_work_is_found_by_its_answers_and_by_whose_it_is_and_what_one_may_not_look_for_is_refused(world: World) -> None:
    client, item = world.clients["officer"], world.item()
    client.post(
        f"/work-items/{item.pk}/progress",
        {"outcome": "complete", "version": item.version, "answers": {"zone": "north"}},
    )
    now, zone = world.item(), f"asked/{item.case.service.key}.permit/zone"

    def found(*answers: str, **more: str) -> list[int]:
        answer = client.get(f"/work-items?{urlencode([*(('answer', one) for one in answers), *more.items()])}")
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["items"]]

    assert found(f"{zone}=north") == [now.pk]
    assert found(f"{zone}=north", f"{zone}=south", owner="nobody", team="none", kind="person") == [now.pk]
    assert found(f"{zone}=south") == []
    assert found(f"{zone}=north", state="completed", outcome="complete") == [item.pk]
    assert now.pk not in found(kind="organisation")
    wrong = ("zone=north", f"{zone}>=3", "sent/parking/eligibility/blind=yes", f"{zone}_not_asked=x")
    for one in wrong:
        assert client.get(f"/work-items?{urlencode({'answer': one})}").status_code == 422, one
    assert client.get("/work-items?outcome=complete").status_code == 422
    assert client.get("/work-items?state=completed&due_to=2026-01-01").status_code == 422
