"""Workflows on cases: choosing outcomes, automatic stages, two at once."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from tests.progress.conftest import only_item, picture

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.audit.models import Entry
from moothall.domain.cases import actions, alarms, progress
from moothall.domain.cases.models import Case, Note, Run, TimelineEntry, WorkItem
from moothall.domain.documents.models import Document
from moothall.domain.people.models import Customer


def choose(case: Case, outcome: str, by: User, at: datetime, **more: object) -> progress.Chosen:
    return progress.choose(only_item(case), outcome, by=by, at=at, **more)  # type: ignore[arg-type]


def test_opening_a_case_starts_the_workflow_of_its_type(case: Case) -> None:
    item = only_item(case)

    assert (item.stage.key, item.run.version.workflow.key) == ("check", "permits.permit")


def test_an_outcome_finishes_the_item_and_enters_the_destination(case: Case, officer: User, noon: datetime) -> None:
    here = only_item(case)

    chosen = choose(case, "complete", officer, noon, answers={"zone": "north"}, note="All there")

    assert (chosen.item.pk, chosen.item.finished_by, chosen.item.outcome) == (here.pk, officer, "complete")
    assert chosen.item.answers == {"zone": "north"}
    assert chosen.item.note == "All there"
    assert only_item(case).stage.key == "wait_for_payment"
    assert only_item(case).run.answers == {"zone": "north"}


def test_an_outcome_tags_case_customer_and_the_documents_it_was_given(
    case: Case, officer: User, noon: datetime
) -> None:
    photo = actions.add_document(
        case, name="me.png", content=picture(), origin="applicant", tags=["photograph"], by=officer, at=noon
    )

    choose(case, "complete", officer, noon, answers={"zone": "north", "photo": str(photo.pk)})

    case.refresh_from_db()
    assert case.tags == ["checked"]
    assert Customer.objects.get(pk=case.customer_id).tags == ["permit_holder"]
    assert Document.objects.get(pk=photo.pk).tags == ["photograph", "used"]


def test_a_refused_choice_lists_every_reason_and_changes_nothing(case: Case, officer: User, noon: datetime) -> None:
    lines = TimelineEntry.objects.count()

    with pytest.raises(progress.Refused) as refused:
        choose(case, "complete", officer, noon, answers={"zone": "east", "photo": "999"})

    assert {problem.field for problem in refused.value.reasons} == {"zone", "photo"}
    assert only_item(case).stage.key == "check"
    assert TimelineEntry.objects.count() == lines


def test_a_mandatory_note_is_mandatory(case: Case, officer: User, noon: datetime) -> None:
    with pytest.raises(progress.Refused, match="needs a note"):
        choose(case, "refuse", officer, noon)


def test_somebody_who_may_only_see_the_stage_cannot_progress_it(case: Case, viewer: User, noon: datetime) -> None:
    assert progress.permitted(only_item(case), by=viewer, at=noon) == []
    with pytest.raises(progress.NotAllowed):
        choose(case, "refuse", viewer, noon, note="No")
    assert only_item(case).stage.key == "check"


def test_permitted_outcomes_are_those_of_the_stage_for_who_may_progress_it(
    case: Case, officer: User, noon: datetime
) -> None:
    outcomes = [found.outcome.id for found in progress.permitted(only_item(case), by=officer, at=noon)]

    assert outcomes == ["complete", "incomplete", "refuse", "second_permit"]


def test_an_automatic_stage_moves_on_with_the_payment_that_fulfils_it(
    case: Case, officer: User, noon: datetime
) -> None:
    choose(case, "complete", officer, noon, answers={"zone": "north"})
    later = noon + timedelta(hours=1)

    actions.record_payment(case, pence=1000, method="card", by=officer, at=later)

    item = only_item(case)
    assert (item.stage.key, item.entered_at) == ("issue", later)
    passed = WorkItem.objects.get(case=case, stage__key="wait_for_payment")
    assert passed.finished_by is not None
    assert passed.finished_by.kind == User.Kind.SYSTEM


def test_an_automatic_stage_moves_on_with_the_tag_that_fulfils_it(case: Case, officer: User, noon: datetime) -> None:
    choose(case, "complete", officer, noon, answers={"zone": "north"})

    actions.tag_case(case, set=["payment"], by=officer, at=noon, system=True)

    assert only_item(case).stage.key == "issue"


def test_an_automatic_stage_whose_condition_holds_already_is_passed_at_once(
    case: Case, officer: User, noon: datetime
) -> None:
    actions.record_payment(case, pence=1000, method="card", by=officer, at=noon)

    chosen = choose(case, "complete", officer, noon, answers={"zone": "north"})

    assert chosen.now_at is not None
    assert chosen.now_at.stage.key == "issue"


def test_an_event_the_stage_does_not_wait_for_reads_nothing_else(case: Case, officer: User, noon: datetime) -> None:
    choose(case, "complete", officer, noon, answers={"zone": "north"})

    with CaptureQueriesContext(connection) as queries:
        progress.happened(case, event="reply", at=noon)

    assert len(queries) == 1


def test_a_stage_that_waits_for_a_day_moves_on_when_the_day_comes(case: Case, officer: User, noon: datetime) -> None:
    choose(case, "refuse", officer, noon, note="Lives elsewhere")

    alarms.wake(at=noon + timedelta(days=28))
    assert only_item(case).stage.key == "holding"
    alarms.wake(at=noon + timedelta(days=29))

    case.refresh_from_db()
    assert (case.closed_at, case.end_state) == (noon + timedelta(days=29), "refused")


def test_the_end_of_the_last_run_closes_the_case(case: Case, officer: User, noon: datetime) -> None:
    actions.tag_case(case, set=["payment"], by=officer, at=noon, system=True)
    choose(case, "complete", officer, noon, answers={"zone": "north"})

    choose(case, "issued", officer, noon)

    case.refresh_from_db()
    assert (case.closed_at, case.end_state) == (noon, "complete")


def test_a_workflow_started_by_an_outcome_keeps_the_case_open(case: Case, officer: User, noon: datetime) -> None:
    choose(case, "second_permit", officer, noon)

    case.refresh_from_db()
    assert case.closed_at is None
    item = only_item(case)
    assert (item.stage.key, item.run.started_from) == ("only", WorkItem.objects.get(case=case, stage__key="check"))


def test_a_workflow_started_on_a_closed_case_opens_it_again(
    case: Case, officer: User, manager: User, noon: datetime
) -> None:
    choose(case, "incomplete", officer, noon, answers={"missing": ["photo"]})
    choose(case, "gave_up", officer, noon)
    case.refresh_from_db()
    assert case.closed_at == noon

    progress.start(case, "extra", by=manager, at=noon, by_hand=True)

    case.refresh_from_db()
    assert (case.closed_at, case.end_state) == (None, "")


def test_only_who_may_starts_a_workflow_by_hand(case: Case, officer: User, noon: datetime) -> None:
    with pytest.raises(progress.NotAllowed):
        progress.start(case, "extra", by=officer, at=noon, by_hand=True)
    assert Run.objects.filter(case=case).count() == 1


def test_every_outcome_is_on_the_timeline_and_audited(case: Case, officer: User, noon: datetime) -> None:
    choose(case, "refuse", officer, noon, note="Lives elsewhere")

    line = TimelineEntry.objects.filter(case=case, kind="workflow").last()
    assert line is not None
    assert line.text == "Check: Refuse. Now at Refused, open to appeal."
    assert line.detail["note"] == "Lives elsewhere"
    entry = Entry.objects.get(action="work_item.progressed")
    assert (entry.by, entry.at, entry.detail["outcome"]) == (officer, noon, "refuse")


def test_the_row_as_it_was_is_kept_with_who_and_why(case: Case, officer: User, noon: datetime) -> None:
    choose(case, "complete", officer, noon, answers={"zone": "north"})

    from django.apps import apps

    event = apps.get_model("cases", "CaseEvent").objects.filter(pgh_obj=case).latest("pgh_id")
    assert event.tags == []
    assert event.pgh_context["action"] == "work_item.progressed"
    assert event.pgh_context["by"] == officer.pk


def test_choosing_again_says_who_was_first(case: Case, officer: User, second_officer: User, noon: datetime) -> None:
    item = only_item(case)
    progress.choose(item, "refuse", by=officer, at=noon, note="No")

    with pytest.raises(progress.AlreadyProgressed, match="Olive Officer on 3 March 2026 at 12:00"):
        progress.choose(item, "complete", by=second_officer, at=noon, answers={"zone": "north"})


def test_a_choice_made_on_an_older_view_is_refused(case: Case, officer: User, noon: datetime) -> None:
    item = only_item(case)

    with pytest.raises(progress.AlreadyProgressed, match="Look again"):
        progress.choose(item, "refuse", by=officer, at=noon, note="No", version=item.version - 1)


def test_an_outcome_takes_few_statements_whatever_the_size_of_the_case(
    case: Case, officer: User, noon: datetime
) -> None:
    for number in range(30):
        Note.objects.create(case=case, text=f"Note {number}", by=officer, at=noon)
        actions.add_document(
            case, name=f"{number}.png", content=picture(number), origin="officer", tags=[], by=officer, at=noon
        )
    item = only_item(case)
    groups = officer.group_keys

    with CaptureQueriesContext(connection) as queries:
        progress.choose(item, "complete", by=officer, at=noon, answers={"zone": "north"})

    assert groups
    assert len(queries) <= 14, "\n".join(query["sql"] for query in queries)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_wins_and_the_other_gets_a_sentence(
    case: Case, officer: User, second_officer: User, noon: datetime
) -> None:
    item = only_item(case)
    start = threading.Barrier(2)
    told: list[str] = []

    def press(user: User) -> None:
        try:
            assert user.group_keys
            start.wait()
            progress.choose(item.pk, "refuse", by=user, at=noon, note="No")
            told.append("won")
        except progress.AlreadyProgressed as problem:
            told.append(str(problem))
        finally:
            connections.close_all()

    people = [threading.Thread(target=press, args=[user]) for user in (officer, second_officer)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert sorted(told)[1] == "won"
    assert "was already progressed by" in sorted(told)[0]
    assert WorkItem.objects.filter(case=case).count() == 2


def test_an_item_is_seen_by_who_sees_its_stage_and_its_case_and_by_nobody_else(
    case: Case, officer: User, stranger: User
) -> None:
    assert [item.stage.key for item in WorkItem.objects.visible_to(officer).filter(case=case)] == ["check"]
    assert not WorkItem.objects.visible_to(stranger).exists()

    SecurityGroup.objects.filter(key="blue_badge_officers").update(services=["blue_badge"])
    assert not WorkItem.objects.visible_to(User.objects.get(pk=officer.pk)).exists()

    SecurityGroup.objects.filter(key="blue_badge_officers").update(services=["permits"], permissions=[])
    assert not WorkItem.objects.visible_to(User.objects.get(pk=officer.pk)).exists()


def test_a_workflow_going_on_a_case_is_not_started_on_it_again(case: Case, officer: User, noon: datetime) -> None:
    with pytest.raises(progress.AlreadyGoing, match="is going on this case already"):
        progress.start(case, "permit", by=officer, at=noon, by_hand=True)

    assert Run.objects.filter(case=case).count() == 1


def test_an_edit_of_a_message_the_outcome_does_not_send_is_refused(case: Case, officer: User, noon: datetime) -> None:
    with pytest.raises(progress.Refused, match="sends no message “0”"):
        choose(case, "refuse", officer, noon, note="No", edits={"0": {"subject": "Mine"}})

    assert only_item(case).stage.key == "check"
