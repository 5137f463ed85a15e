"""The same write sent twice has its effect once."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from tests.api.standing import Standing
from tests.api.world import World, picture

from moothall.domain.cases.models import Note
from moothall.domain.documents.models import Document
from moothall.web.api import tasks
from moothall.web.api.models import StoredAnswer


def test_a_write_sent_again_with_its_key_gets_the_first_answer_and_no_second_effect(world: World) -> None:
    client, path = world.clients["officer"], f"/cases/{world.case().reference}/notes"
    before = Note.objects.count()
    first = client.post(path, {"text": "Once"}, key="k1")
    second = client.post(path, {"text": "Once"}, key="k1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Note.objects.count() == before + 1


def test_without_a_key_each_request_has_its_effect(world: World) -> None:
    client, path = world.clients["officer"], f"/cases/{world.case().reference}/notes"
    before = Note.objects.count()
    for _ in range(2):
        client.post(path, {"text": "Twice"})
    assert Note.objects.count() == before + 2


@pytest.mark.parametrize("changed", ["body", "address", "method"])
def test_a_key_used_for_another_request_is_refused(world: World, changed: str) -> None:
    client = world.clients["officer"]
    path = f"/cases/{world.case().reference}/notes"
    client.post(path, {"text": "One"}, key="k1")
    other = f"/cases/{world.case(number=1).reference}/notes" if changed == "address" else path
    if changed == "method":
        answer = client.delete(f"/tokens/{999}", key="k1")
    else:
        answer = client.post(other, {"text": "Two" if changed == "body" else "One"}, key="k1")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("idempotency-key-reused")


def test_a_key_belongs_to_one_user(world: World) -> None:
    path = f"/cases/{world.case().reference}/notes"
    answers = [world.clients[role].post(path, {"text": "Same"}, key="k1") for role in ("officer", "manager")]
    assert answers[0].json()["id"] != answers[1].json()["id"]


def test_a_refused_write_keeps_nothing_so_that_it_can_be_put_right_and_sent_again(world: World) -> None:
    client, item = world.clients["officer"], world.item()
    path, body = f"/work-items/{item.pk}/progress", {"outcome": "needs_payment", "version": item.version}
    assert client.post(path, body, key="k1").status_code == 422
    assert not StoredAnswer.objects.exists()

    case = world.case()
    case.tags = ["payment"]
    case.save()
    assert client.post(path, body, key="k1").status_code == 200


def test_an_empty_answer_is_replayed_too(world: World) -> None:
    client, document = world.clients["officer"], world.documents["permits"][0]
    path = f"/cases/{world.case().reference}/documents/{document.pk}/deletion"
    answers = [client.post(path, {"reason": "Wrong"}, key="k1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert answers[1].content == b""


def test_the_same_upload_is_recognised_although_its_bytes_differ(world: World) -> None:
    client, path = world.clients["officer"], f"/cases/{world.case().reference}/documents"
    before = Document.objects.count()
    answers = [client.upload(path, key="k1", file=("a.png", picture(9))) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Document.objects.count() == before + 1
    assert client.upload(path, key="k1", file=("a.png", picture(10))).status_code == 422


@pytest.mark.parametrize("key", ["x" * 201, "tab\there"])
def test_a_key_that_cannot_be_kept_is_refused(world: World, key: str) -> None:
    path = f"/cases/{world.case().reference}/notes"
    assert world.clients["officer"].post(path, {"text": "x"}, key=key).status_code == 400


def test_stored_answers_are_forgotten_after_two_days(world: World) -> None:
    world.clients["officer"].post(f"/cases/{world.case().reference}/notes", {"text": "x"}, key="k1")
    now = timezone.now()
    tasks.forget_stored_answers(timestamp=int((now + timedelta(hours=47)).timestamp()))
    assert StoredAnswer.objects.count() == 1
    tasks.forget_stored_answers(timestamp=int((now + timedelta(hours=49)).timestamp()))
    assert not StoredAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_write_sent_many_times_at_once_has_its_effect_once(standing: Standing) -> None:
    world = standing.world()
    path = f"/cases/{world.case().reference}/notes"
    before = Note.objects.count()
    answers: list[Any] = []
    start = threading.Barrier(6)

    def send() -> None:
        start.wait()
        try:
            answers.append(world.clients["officer"].post(path, {"text": "Once"}, key="k1"))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} <= {201, 409}
    done = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert len(set(done)) == 1
    assert Note.objects.count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_two_officers_choosing_at_once_one_wins_and_the_other_is_told(standing: Standing) -> None:
    world = standing.world()
    item = world.item()
    body = {"outcome": "refuse", "version": item.version, "note": "No"}
    answers: dict[str, Any] = {}
    start = threading.Barrier(2)

    def choose(role: str) -> None:
        start.wait()
        try:
            answers[role] = world.clients[role].post(f"/work-items/{item.pk}/progress", body)
        finally:
            connection.close()

    threads = [threading.Thread(target=choose, args=(role,)) for role in ("officer", "manager")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status_code for answer in answers.values()) == [200, 409]
