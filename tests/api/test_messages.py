"""Letters and e-mails through the API: composed, edited as one copy, saved, sent, sent again, cancelled (CT-60, CT-61)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.api.world import World

from moothall.domain.cases.models import TimelineEntry
from moothall.domain.messages.models import Message
from moothall.domain.people.models import ContactDetail


def rehearsed(world: World, **body: Any) -> Any:
    path = f"/work-items/{world.item().pk}/outcomes/write/messages"
    return world.clients["officer"].post(path, body)


def written(world: World) -> list[Message]:
    return list(
        Message.objects.filter(case_link__case=world.case()).exclude(subject__startswith="Letter").order_by("pk")
    )


def draft(world: World) -> tuple[str, int]:
    """The address of a new draft of the officer's, and its number."""
    path = f"/cases/{world.case().reference}/messages"
    body = {"channel": "email", "subject": "Your permit", "html": "<p>First words</p>", "draft": True}
    answer = world.clients["officer"].post(path, body)
    assert answer.status_code == 201, answer.content
    return f"{path}/{answer.json()['id']}", answer.json()["id"]


def test_a_template_is_listed_and_previewed_with_chosen_paragraphs_and_nothing_is_saved(world: World) -> None:
    client, path = world.clients["officer"], f"/cases/{world.case().reference}"
    assert client.get(f"{path}/templates").json() == [
        {"key": key, "name": "The zones", "language": "en", "channels": ["email", "letter"], "by_hand": True}
        for key in ("zones_explained", "zones_reminder")
    ]
    asked = {"template": "zones_explained", "from_list": "zones", "chosen": ["south"]}
    shown = client.post(f"{path}/messages/preview", asked).json()
    assert shown["subject"] == f"The zones, {world.case().reference}"
    assert ("South" in shown["html"], "North" in shown["html"]) == (True, False)
    assert shown["recipient"]["reached_by"] == ["email", "letter"]
    assert written(world) == []


@pytest.mark.parametrize(
    "body", [{"template": "nothing"}, {"template": "zones_explained", "to": "alternative_contact"}, {"template": ""}]
)
def test_what_cannot_be_composed_is_refused_with_a_sentence(world: World, body: dict[str, str]) -> None:
    answer = world.clients["officer"].post(f"/cases/{world.case().reference}/messages/preview", body)
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith(".")


def test_a_message_from_a_template_is_saved_with_the_officers_changes_and_queued(world: World) -> None:
    client, path = world.clients["officer"], f"/cases/{world.case().reference}/messages"
    jobs = ProcrastinateJob.objects.filter(task_name="cases.deliver").count()
    changed: dict[str, Any] = {
        "channel": "letter",
        "template": "zones_explained",
        "from_list": "zones",
        "subject": "About zones",
    }
    bare = client.post(path, changed)
    assert (bare.status_code, "“paragraphs”" in bare.json()["detail"]) == (409, True)
    changed["chosen"] = ["north"]
    sent = client.post(path, changed, key="send-once").json()
    again = client.post(path, changed, key="send-once").json()
    assert (sent["status"], sent["subject"], sent["edited"]) == ("queued", "About zones", True)
    assert "Dear" in sent["html"]
    assert again["id"] == sent["id"]
    assert ProcrastinateJob.objects.filter(task_name="cases.deliver").count() == jobs + 1


def test_a_message_with_nothing_in_it_or_nowhere_to_go_is_refused(world: World) -> None:
    client, path = world.clients["officer"], f"/cases/{world.case().reference}/messages"
    assert client.post(path, {"channel": "email"}).status_code == 422
    assert client.post(path, {"channel": "pigeon", "template": "zones_explained"}).status_code == 422
    world.case().customer.contact_details.all().delete()
    whole = {"template": "zones_explained", "from_list": "zones", "chosen": ["north"]}
    answer = client.post(path, {"channel": "email", **whole})
    assert (answer.status_code, "e-mail address" in answer.json()["detail"]) == (409, True)
    assert written(world) == []


def test_a_draft_is_edited_sent_once_and_then_stays_as_it_is(world: World) -> None:
    client = world.clients["officer"]
    path, _ = draft(world)
    edited = client.send("PATCH", path, {"html": "<p>Second words</p><script>x()</script>"})
    assert (edited.status_code, edited.json()["html"]) == (200, "<p>Second words</p>")
    assert client.post(f"{path}/sending").json()["status"] == "queued"
    assert client.post(f"{path}/sending").status_code == 409
    assert client.send("PATCH", path, {"html": "<p>Third words</p>"}).status_code == 409
    assert client.get(path).json()["html"] == "<p>Second words</p>"


def test_a_waiting_message_is_cancelled_once_and_a_cancelled_one_is_sent_again_as_a_new_one(world: World) -> None:
    client = world.clients["officer"]
    path, number = draft(world)
    assert client.post(f"{path}/copies", {}).status_code == 409
    assert client.post(f"{path}/cancellation").json()["status"] == "cancelled"
    assert client.post(f"{path}/cancellation").status_code == 409
    again = client.post(f"{path}/copies", {})
    assert (again.status_code, again.json()["status"], again.json()["subject"]) == (201, "queued", "Your permit")
    assert again.json()["id"] != number
    assert client.post(f"{path}/copies", {"to": "alternative_contact"}).status_code == 422


def test_a_message_is_changed_only_through_its_own_case_by_who_sees_it(world: World) -> None:
    path, number = draft(world)
    elsewhere = f"/cases/{world.case('permits', 1).reference}/messages/{number}"
    for client, address in ((world.clients["officer"], elsewhere), (world.clients["other_officer"], path)):
        assert client.send("PATCH", address, {"subject": "Hello"}).status_code == 404
        assert client.post(f"{address}/sending").status_code == 404
        assert client.post(f"{address}/cancellation").status_code == 404
        assert client.post(f"{address}/copies", {}).status_code == 404
    assert Message.objects.get(pk=number).status == "draft"


def test_the_messages_of_an_outcome_are_seen_with_their_positions_before_it_is_chosen(world: World) -> None:
    item, lines = world.item(), TimelineEntry.objects.count()
    shown = rehearsed(world, answers={"what": ["north"]}).json()
    assert [(one["position"], one["channels"]) for one in shown] == [(0, ["email", "letter"]), (1, ["letter"])]
    assert "North" in shown[0]["html"]
    only_second = rehearsed(world, answers={"what": []}).json()
    assert [(one["position"], one["channels"]) for one in only_second] == [(1, ["letter"])]
    assert (world.item().version, TimelineEntry.objects.count(), written(world)) == (item.version, lines, [])


def test_the_copy_edited_goes_out_by_the_channels_chosen(world: World) -> None:
    shown = rehearsed(world, answers={"what": ["north"]}).json()
    edits = {str(shown[0]["position"]): {"subject": "Your zone", "html": "<p>Mine</p>", "channels": ["email"]}}
    body = {"outcome": "write", "version": 1, "answers": {"what": ["north"]}, "edits": edits}
    answer = world.clients["officer"].post(f"/work-items/{world.item().pk}/progress", body)
    assert answer.status_code == 200, answer.content
    saved = [(one.channel, one.subject, one.html) for one in written(world)]
    assert saved == [("email", "Your zone", "<p>Mine</p>"), ("letter", shown[1]["subject"], shown[1]["html"])]


def test_a_message_of_an_outcome_is_seen_and_sent_to_the_other_contact_where_that_is_asked(world: World) -> None:
    carer = {"type": "email", "value": "carl@example.org", "normalised": "carl@example.org", "holder": "Carl Carer"}
    ContactDetail.objects.create(customer=world.case().customer, from_date=date(2020, 1, 1), **carer)
    shown = rehearsed(world, answers={"what": ["north"]}, to={"0": "alternative_contact"}).json()
    assert [one["recipient"]["name"] == "Carl Carer" for one in shown] == [True, False]
    edits = {"0": {"to": "alternative_contact", "channels": ["email"]}}
    body = {"outcome": "write", "version": 1, "answers": {"what": ["north"]}, "edits": edits}
    assert world.clients["officer"].post(f"/work-items/{world.item().pk}/progress", body).status_code == 200
    assert [(one.channel, one.to_email) for one in written(world)] == [("email", "carl@example.org"), ("letter", "")]
    assert rehearsed(world, to={"0": "anybody"}).status_code in (404, 422)


def test_an_edit_that_says_nothing_understood_is_refused_and_the_outcome_is_not_chosen(world: World) -> None:
    item = world.item()
    body = {"outcome": "write", "version": 1, "answers": {"what": ["north"]}, "edits": {"0": {"colour": "red"}}}
    assert world.clients["officer"].post(f"/work-items/{item.pk}/progress", body).status_code == 409
    assert world.item().pk == item.pk


def test_messages_of_an_outcome_that_cannot_be_chosen_are_refused_as_it_would_be(world: World) -> None:
    assert rehearsed(world, answers={"what": ["nowhere"]}).status_code == 422
    path = f"/work-items/{world.item().pk}/outcomes"
    assert world.clients["viewer"].post(f"{path}/write/messages", {}).status_code == 403
    assert world.clients["officer"].post(f"{path}/nothing/messages", {}).status_code in (403, 422)
    assert world.clients["other_officer"].post(f"{path}/write/messages", {}).status_code == 404


def test_a_letter_that_came_back_is_recorded_once(world: World) -> None:
    case, client = world.case(), world.clients["officer"]
    message = case.message_links.get().message
    path = f"/cases/{case.reference}/messages/{message.pk}/return"
    body = {"on": timezone.localdate().isoformat(), "reason": "gone_away"}
    assert client.send("POST", path, {**body, "reason": "dragons"}).status_code == 422
    Message.objects.filter(pk=message.pk).update(
        channel="letter", status="sent", sent_at=timezone.now() - timedelta(days=1)
    )
    first, again = (client.send("POST", path, body) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.json()["reason"] == "gone_away"
