"""Drafts and submissions: sealed, moved to newer versions, sent once, delivered once."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.forms.conftest import NOON, Publish

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.cases.models import Case
from moothall.domain.cases.models import Submission as Received
from moothall.domain.documents.models import Document
from moothall.domain.forms import actions, definition, delivering, drafts, publishing, runner, submitting
from moothall.domain.forms.actions import Citizen, Held, Incomplete, NoDraft, NotOpen
from moothall.domain.forms.models import Delivery, Draft, FormVersion, Submission, Upload
from moothall.domain.messages.models import Message

KEY = "missed_bin.report"
HOME = {"line1": "4 Sample Street", "town": "Exampleton", "postcode": "EX1 2AB"}
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "where": {"bin_address": HOME},
    "bin": {"bins": ["food"], "assisted": "yes"},
    "when": {"due": "2026-03-02"},
    "you": {"first_names": "Ann", "last_name": "Example", "email": "ann@example.org", "more": "By the gate"},
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


def fill(*pages: str, by: User | Citizen | None = None, at: datetime = NOON) -> Held:
    held = actions.start(KEY, by=by, at=at)
    for page in pages or ANSWERS:
        saved = actions.save_page(held.draft.key, page, ANSWERS[page], token=held.token, by=by, at=at)
        assert saved.problems == ()
        held = saved.held
    return held


def deliver(at: datetime = NOON) -> None:
    for delivery in delivering.undelivered():
        delivering.deliver(delivery.pk, at=at)


def test_answers_are_sealed_and_only_the_token_opens_them(publish: Publish) -> None:
    publish()
    held = fill("where", "bin", "when", "you")
    draft = Draft.objects.get()

    assert b"Sample" not in bytes(draft.sealed)
    assert held.token
    assert held.token not in str(Draft.objects.values().get())
    opened = actions.resume(draft.key, token=held.token, by=None, at=NOON)
    assert opened.journey.answer("last_name") == "Example"
    assert opened.journey.worked_out == 0
    for token in (None, "", "another", held.token + "x"):
        with pytest.raises(NoDraft):
            actions.resume(draft.key, token=token, by=None, at=NOON)
    with pytest.raises(NoDraft):
        actions.resume("no-id", token=held.token, by=None, at=NOON)


def test_a_draft_of_an_account_is_opened_by_that_account_alone(publish: Publish) -> None:
    publish()
    ann, bob = Citizen("ann"), Citizen("bob")
    held = fill("where", by=ann)

    assert held.token is None
    assert actions.resume(held.draft.key, by=ann, at=NOON).journey.saved == {"where"}
    with pytest.raises(NoDraft):
        actions.resume(held.draft.key, by=bob, at=NOON)

    begun = fill("where")
    assert begun.token
    mine = actions.hand_over(begun.draft.key, token=begun.token, by=bob, at=NOON)
    assert actions.resume(mine.draft.key, by=bob, at=NOON).journey.saved == {"where"}
    with pytest.raises(NoDraft):
        actions.resume(mine.draft.key, token=begun.token, by=None, at=NOON)


def test_a_form_that_was_sent_is_a_case_with_all_that_was_said_once_however_often_it_is_sent(publish: Publish) -> None:
    publish()
    held = fill("where", "bin", "when")
    with pytest.raises(Incomplete) as lacking:
        actions.submit(held.draft.key, token=held.token, by=None, at=NOON)
    assert {one.question for one in lacking.value.missing} == {"first_names", "last_name"}
    upload = actions.add_upload(
        held.draft.key, "photograph", name="bin.png", content=PNG, token=held.token, by=None, at=NOON
    )
    for page, given in (("when", {"due": "2026-03-02", "photograph": [str(upload.pk)]}), ("you", ANSWERS["you"])):
        actions.save_page(held.draft.key, page, given, token=held.token, by=None, at=NOON)

    sent = actions.submit(held.draft.key, token=held.token, by=None, at=NOON)
    again = actions.submit(held.draft.key, token=held.token, by=None, at=NOON)

    assert again.pk == sent.pk
    assert not Draft.objects.exists()
    with pytest.raises(NoDraft):
        actions.submit(held.draft.key, token="another", by=None, at=NOON)
    jobs = ProcrastinateJob.objects.filter(task_name=submitting.TASK)
    assert [job.args for job in jobs] == [{"delivery_id": Delivery.objects.get().pk}]
    deliver()
    delivering.deliver(Delivery.objects.get().pk, at=NOON)

    case = Case.objects.get()
    assert case.reference == sent.reference
    assert (case.type, case.source, case.tags) == ("missed_assisted", "online", ["assisted"])
    assert case.submitted["you"]["last_name"] == "Example"
    assert case.submitted["where"]["bin_address"] == "4 Sample Street, Exampleton, EX1 2AB"
    assert str(case.place) == "4 Sample Street, Exampleton, EX1 2AB"
    assert case.customer.name == "Ann Example"
    assert case.demands.get().words == "By the gate"
    assert case.runs.count() == 1
    assert Document.objects.get(case_link__case=case).tags == ["bin_photograph"]
    assert Message.objects.get().to_email == "ann@example.org"
    assert (Delivery.objects.get().state, Delivery.objects.get().result) == ("done", case.reference)
    assert Entry.objects.filter(action="form.submitted").count() == 1
    assert Submission.objects.get().answers["bins"] == ["food"]


@pytest.mark.django_db(transaction=True)
def test_two_who_send_the_same_form_at_once_send_it_once(publish: Publish) -> None:
    publish()
    held = fill()
    system_user()

    def send(_: int) -> str:
        try:
            return actions.submit(held.draft.key, token=held.token, by=None, at=NOON).reference
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        references = set(threads.map(send, range(4)))

    assert len(references) == Submission.objects.count() == Delivery.objects.count() == 1

    def open_it(_: int) -> None:
        try:
            deliver()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(open_it, range(4)))
    assert Case.objects.count() == Received.objects.count() == 1


def test_a_newer_version_of_the_form_asks_a_draft_only_what_changed(publish: Publish) -> None:
    publish()
    held = fill()
    publish(
        ("{en: Which bins were missed, cy: Pa finiau a gollwyd}", "{en: Which of your bins, cy: Pa un o’ch biniau}")
    )

    opened = actions.resume(held.draft.key, token=held.token, by=None, at=NOON)

    assert opened.moved is not None
    assert opened.moved.told == ("“Which of your bins” is worded differently: please check it.",)
    assert runner.next_page(opened.journey) == "bin"
    with pytest.raises(Incomplete):
        actions.submit(held.draft.key, token=held.token, by=None, at=NOON)
    actions.save_page(held.draft.key, "bin", ANSWERS["bin"], token=held.token, by=None, at=NOON)
    sent = actions.submit(held.draft.key, token=held.token, by=None, at=NOON)
    assert sent.version.number == 2
    assert actions.submission_of(held.draft.key, token=held.token, by=None) == sent
    assert actions.submission_of(held.draft.key, token="x", by=None) is None


def test_publishing_again_changes_nothing_unless_a_block_did(publish: Publish, officer: User) -> None:
    publish()
    publish()
    assert FormVersion.objects.count() == 1
    text = definition.dump(publishing.standard_blocks()["contact"]).replace("Telephone number", "Mobile number")

    publishing.publish_block(definition.parse_block(text, file="b"), by=officer, at=NOON)
    assert FormVersion.objects.count() == 1
    publish()

    newest = FormVersion.objects.get(number=2)
    assert "Mobile number" in str(newest.definition)


def test_a_form_is_open_on_its_days_up_to_its_cap_and_unless_a_notice_says_otherwise(
    publish: Publish, officer: User
) -> None:
    cap = "sign_in: optional\ncloses: 2026-03-31\ncap: {most: 1, waiting_list: true}"
    publish(("sign_in: optional", cap.replace("2026-03-31", '"2026-03-31"')))
    first, second = fill(), fill()
    actions.submit(first.draft.key, token=first.token, by=None, at=NOON)

    assert actions.standing(KEY, at=NOON).state == "waiting_list"
    waiting = actions.submit(second.draft.key, token=second.token, by=None, at=NOON)
    assert waiting.waiting
    assert not waiting.deliveries.exists()
    actions.let_in(waiting, by=officer, at=NOON)
    assert waiting.deliveries.count() == 1

    closed = actions.standing(KEY, at=NOON + timedelta(days=60))
    assert (closed.state, closed.of("en")) == ("closed", "This form closed on 31 March 2026.")
    publishing.set_notice(KEY, notice={"en": "Back on Monday."}, by=officer, at=NOON)
    assert actions.standing(KEY, at=NOON).of("cy") == "Back on Monday."
    with pytest.raises(NotOpen, match="Back on Monday"):
        actions.start(KEY, by=None, at=NOON)
    with pytest.raises(NotOpen):
        actions.start("missed_bin.nothing", by=None, at=NOON)


def test_a_case_that_cannot_be_opened_is_kept_and_opened_once_it_can(publish: Publish, officer: User) -> None:
    publish()
    held = fill(by=officer)
    sent = actions.submit(held.draft.key, token=held.token, by=officer, at=NOON)
    publish_without_phone(publish)

    deliver()
    failed = Delivery.objects.get()
    assert (failed.state, failed.attempts) == ("failed", 1)
    assert "has no source “phone”" in failed.problem

    publish()
    delivering.retry(failed, by=officer, at=NOON)
    deliver()
    case = Case.objects.get()
    assert (case.reference, case.source, case.opened_by) == (sent.reference, "phone", officer)


def publish_without_phone(publish: Publish) -> None:
    """The service as it would be if nobody could phone."""
    from tests.forms.conftest import MISSED_BIN

    from moothall.config.management.commands import services
    from moothall.domain.catalogue import actions as catalogue

    files = dict(services.read(MISSED_BIN).files)
    files["service.yaml"] = files["service.yaml"].replace("  - {key: phone, label: Phone}\n", "")
    catalogue.publish(services.bundle.parse(files), by=system_user(), at=NOON)


def test_a_draft_nobody_finishes_is_deleted_with_its_files(publish: Publish) -> None:
    publish()
    held = fill("where", "bin")
    actions.add_upload(held.draft.key, "photograph", name="bin.png", content=PNG, token=held.token, by=None, at=NOON)
    later = NOON + timedelta(days=28)

    assert actions.expire(at=later - timedelta(seconds=1)) == 0
    with pytest.raises(NoDraft):
        actions.resume(held.draft.key, token=held.token, by=None, at=later)
    assert actions.expire(at=later) == 1
    assert not Draft.objects.exists()
    assert not Upload.objects.exists()
    assert not Document.objects.exists()


def test_saving_a_page_takes_as_many_statements_whatever_was_answered(
    publish: Publish, django_assert_max_num_queries: Any
) -> None:
    publish()
    held = fill()
    with django_assert_max_num_queries(5):  # savepoints included
        drafts.save_page(held.draft.key, "bin", ANSWERS["bin"], token=held.token, by=None, at=NOON)
