"""Outcomes a second officer confirms, samples of quality, and checklists of a stage (BEST-5, BEST-8)."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from tests.progress.conftest import FILES, only_item, publish

from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.core.audit.models import Entry
from moothall.domain.cases import (
    actions,
    assigning,
    checklists,
    clock,
    confirming,
    progress,
    quality,
    rehearsal,
    sampling,
    stepping,
)
from moothall.domain.cases.checklists import CannotTick
from moothall.domain.cases.confirming import CannotConfirm
from moothall.domain.cases.models import Case, Proposal, QualityCheck, TimelineEntry
from moothall.domain.catalogue.models import Service
from moothall.domain.messages.models import Message
from moothall.domain.people.models import Customer

WORKFLOW = """
key: permit
name: Parking permit
start: check
stages:
  - id: check
    name: Check
    see: [blue_badge_officers, blue_badge_managers, blue_badge_viewers]
    progress: [blue_badge_officers]
    target: {amount: 4, unit: working_days}
    checklist:
      - {id: identity, text: Identity was checked, required_for: [complete]}
      - {id: residence, text: Residence was checked}
    outcomes:
      - {id: complete, name: Complete, to: decide}
      - {id: give_up, name: Give up, end: {state: closed}}
  - id: decide
    name: Decide
    see: [blue_badge_officers, blue_badge_managers, blue_badge_viewers]
    progress: [blue_badge_officers]
    target: {amount: 4, unit: working_days}
    quality_sample: {percent: 100, groups: [blue_badge_managers], questions: [{id: fair, text: "Was it fair?"}]}
    outcomes:
      - id: refuse
        name: Refuse
        note: required
        when: "!tag('payment')"
        questions:
          - {id: fee, label: Fee, type: money, required: true, default: 5}
          - {id: from_day, label: From, type: date, default: "plus_days(today, 1)"}
        second_officer:
          groups: [blue_badge_managers]
          why: A refusal is looked at twice.
          when: answers.fee > 100
        do:
          - {effect: message, template: refused, channels: [email]}
        end: {state: refused}
      - id: grant
        name: Grant
        second_officer: {groups: [blue_badge_managers], why: One in two is confirmed., sample: 50}
        end: {state: complete}
"""

LETTER = "---\nname: Refused\nsubject: Your permit\nchannels: [email]\n---\n<p>We say no.</p>\n"
REFUSAL: dict[str, Any] = {"answers": {"fee": "7.50"}, "note": "Lives elsewhere"}


@pytest.fixture
def service(administrator: User, officer: User, manager: User, viewer: User, noon: datetime) -> Service:
    files = {**FILES, "workflows/permit.yaml": WORKFLOW, "letters/refused.html": LETTER}
    return publish(files, by=administrator, at=noon)


@pytest.fixture
def deciding(case: Case, officer: User, noon: datetime) -> Case:
    """A case at the stage whose outcomes need a second officer."""
    checklists.tick(only_item(case), done=["identity"], by=officer, at=noon)
    progress.choose(only_item(case), "complete", by=officer, at=noon)
    return case


def propose(case: Case, by: User, at: datetime, **more: Any) -> Proposal:
    proposal = progress.choose(only_item(case), "refuse", by=by, at=at, **{**REFUSAL, **more}).proposal
    assert proposal is not None
    return proposal


def test_an_outcome_that_needs_a_second_officer_is_proposed_and_moves_nothing(
    deciding: Case, officer: User, noon: datetime
) -> None:
    item = only_item(deciding)

    chosen = progress.choose(item, "refuse", by=officer, at=noon, version=item.version, **REFUSAL)

    assert chosen.proposal is not None
    assert chosen.now_at is not None
    assert chosen.now_at.pk == item.pk
    proposal = Proposal.objects.get()
    assert (proposal.by, proposal.note, proposal.state) == (officer, "Lives elsewhere", "waiting")
    assert proposal.answers == {"fee": 750, "from_day": (noon + timedelta(days=1)).date().isoformat()}
    assert not Message.objects.exists()
    assert only_item(deciding).pk == item.pk
    assert "waits for a second officer" in TimelineEntry.objects.latest("pk").text
    assert Entry.objects.filter(action="outcome.proposed", by=officer).exists()


def test_the_clock_runs_on_while_a_proposal_waits(deciding: Case, officer: User, noon: datetime) -> None:
    before = clock.reckon(only_item(deciding), noon)

    propose(deciding, officer, noon)

    later = clock.reckon(only_item(deciding), noon + timedelta(days=3))
    assert before
    assert later
    assert (later.due, later.is_paused) == (before.due, False)


def test_a_condition_over_the_answers_says_when_a_second_officer_is_needed(
    deciding: Case, officer: User, noon: datetime
) -> None:
    chosen = progress.choose(only_item(deciding), "refuse", by=officer, at=noon, answers={"fee": "1.00"}, note="Small")

    assert chosen.proposal is None
    assert chosen.now_at is None


def test_nothing_else_is_chosen_while_a_proposal_waits(deciding: Case, officer: User, noon: datetime) -> None:
    propose(deciding, officer, noon)

    for outcome in ("refuse", "grant"):
        with pytest.raises(progress.AlreadyProposed, match="Olive Officer proposed “Refuse”"):
            progress.choose(only_item(deciding), outcome, by=officer, at=noon, note="Again")


def test_a_second_officer_confirms_and_it_happens_as_proposed_in_the_name_of_the_first(
    deciding: Case, officer: User, manager: User, noon: datetime
) -> None:
    propose(deciding, officer, noon, edits={"0": {"html": "<p>Sorry, no.</p>"}})

    confirming.confirm(Proposal.objects.get(), by=manager, at=noon + timedelta(days=2))

    item = deciding.work_items.latest("pk")
    assert (item.finished_by, item.outcome, item.note) == (officer, "refuse", "Lives elsewhere")
    assert item.answers == {"fee": 750, "from_day": (noon + timedelta(days=1)).date().isoformat()}
    assert Message.objects.get().html == "<p>Sorry, no.</p>"
    assert Message.objects.get().created_by == officer
    lines = TimelineEntry.objects.filter(text__contains="confirmed by")
    assert "Proposed by Olive Officer, confirmed by Mandla Manager." in lines.get().text
    progressed = Entry.objects.filter(action="work_item.progressed", by=officer).latest("pk")
    assert progressed.detail["confirmed_by"] == manager.pk
    assert Entry.objects.get(action="outcome.confirmed").by == manager
    assert Proposal.objects.get().state == "confirmed"


def test_nobody_confirms_their_own_proposal(deciding: Case, officer: User, noon: datetime) -> None:
    managers = SecurityGroup.objects.get(key="blue_badge_managers")
    Membership.objects.create(user=officer, group=managers)
    proposal = propose(deciding, User.objects.get(pk=officer.pk), noon)

    with pytest.raises(CannotConfirm, match="Somebody else must confirm"):
        confirming.confirm(proposal, by=User.objects.get(pk=officer.pk), at=noon)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(state="confirmed", ended_by=officer, ended_at=noon)


def test_who_is_not_in_the_groups_neither_confirms_nor_sends_back(
    deciding: Case, officer: User, second_officer: User, noon: datetime
) -> None:
    proposal = propose(deciding, officer, noon)

    with pytest.raises(CannotConfirm, match="Your groups do not confirm"):
        confirming.confirm(proposal, by=second_officer, at=noon)
    with pytest.raises(CannotConfirm, match="Your groups do not confirm"):
        confirming.send_back(proposal, reason="No", by=second_officer, at=noon)
    with pytest.raises(CannotConfirm, match="Only Olive Officer can withdraw"):
        confirming.withdraw(proposal, by=second_officer, at=noon)


def test_a_proposal_sent_back_says_why_and_frees_the_work_item(
    deciding: Case, officer: User, manager: User, noon: datetime
) -> None:
    proposal = propose(deciding, officer, noon)
    with pytest.raises(CannotConfirm, match="Say why"):
        confirming.send_back(proposal, reason="  ", by=manager, at=noon)

    confirming.send_back(proposal, reason="Read page two", by=manager, at=noon)

    assert "was sent back: Read page two" in TimelineEntry.objects.latest("pk").text
    with pytest.raises(CannotConfirm, match="sent back already by Mandla Manager"):
        confirming.confirm(proposal, by=manager, at=noon)
    assert propose(deciding, officer, noon).pk != proposal.pk


def test_who_proposed_may_withdraw_and_choose_something_else(deciding: Case, officer: User, noon: datetime) -> None:
    confirming.withdraw(propose(deciding, officer, noon), by=officer, at=noon)

    assert (
        progress.choose(
            only_item(deciding), "refuse", by=officer, at=noon, answers={"fee": "0.50"}, note="Small"
        ).proposal
        is None
    )


def tag_paid(case: Case, by: User, at: datetime) -> None:
    actions.tag_case(case, set=["payment"], by=by, at=at, system=True)


def extend(case: Case, by: User, at: datetime) -> None:
    clock.extend(only_item(case), amount=1, reason="Busy", by=by, at=at)


def leave(_case: Case, by: User, _at: datetime) -> None:
    User.objects.filter(pk=by.pk).update(is_active=False)


def lose_group(_case: Case, by: User, _at: datetime) -> None:
    Membership.objects.filter(user=by).delete()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (tag_paid, "cannot be chosen for this case as it is now"),
        (extend, "Decide has been changed since"),
        (leave, "may not work on this case any more"),
        (lose_group, "may not work on this case any more"),
    ],
)
def test_what_changed_meanwhile_cannot_be_confirmed(
    deciding: Case, officer: User, manager: User, noon: datetime, change: Callable[..., None], why: str
) -> None:
    proposal = propose(deciding, officer, noon)
    change(deciding, officer, noon)

    with pytest.raises(CannotConfirm, match=why):
        confirming.confirm(proposal, by=manager, at=noon)

    assert not Message.objects.exists()
    assert Proposal.objects.get().state == "waiting"


def test_whose_the_work_item_is_may_change_while_a_proposal_waits(
    deciding: Case, officer: User, second_officer: User, manager: User, noon: datetime
) -> None:
    proposal = propose(deciding, officer, noon)
    assigning.assign(only_item(deciding), to=second_officer, by=manager, at=noon)

    confirming.confirm(proposal, by=manager, at=noon)

    assert Proposal.objects.get().state == "confirmed"


def test_a_case_moved_on_another_way_overtakes_the_proposal(
    deciding: Case, officer: User, manager: User, noon: datetime
) -> None:
    proposal = propose(deciding, officer, noon)
    stepping.jump(only_item(deciding), "check", reason="A mistake", by=manager, at=noon)

    assert Proposal.objects.get().state == "overtaken"
    with pytest.raises(CannotConfirm, match="no longer stands"):
        confirming.confirm(proposal, by=manager, at=noon)


def test_what_would_be_sent_is_rehearsed_without_a_proposal(deciding: Case, officer: User, noon: datetime) -> None:
    found = rehearsal.by_position(only_item(deciding), "refuse", by=officer, at=noon, **REFUSAL)

    assert [one.template for one in found] == ["refused"]
    assert not Proposal.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_wins(deciding: Case, officer: User, manager: User, noon: datetime) -> None:
    proposal = propose(deciding, officer, noon)
    other = User.objects.create_user("mary@example.org", full_name="Mary Manager")
    Membership.objects.create(user=other, group=SecurityGroup.objects.get(key="blue_badge_managers"))
    refused: list[str] = []

    def confirm(by: User) -> None:
        try:
            confirming.confirm(proposal, by=by, at=noon)
        except CannotConfirm as problem:
            refused.append(str(problem))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=confirm, args=(by,)) for by in (manager, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(refused) == 1
    assert "was confirmed already by" in refused[0]
    assert Message.objects.count() == 1


def test_a_sample_is_drawn_alike_however_often_it_is_asked_and_about_as_often_as_said(
    deciding: Case, officer: User, noon: datetime
) -> None:
    item = only_item(deciding)
    expected = sampling.draw(sampling.SECOND_OFFICER, 50, item, "grant")
    assert expected == sampling.draw(sampling.SECOND_OFFICER, 50, item, "grant")

    chosen = progress.choose(item, "grant", by=officer, at=noon)

    assert bool(chosen.proposal) == expected.taken
    action = "outcome.proposed" if expected.taken else "work_item.progressed"
    detail = Entry.objects.filter(action=action).latest("pk").detail
    assert expected.told() in (detail.get("draw"), *detail.get("draws", []))
    many = []
    for pk in range(1000):
        item.pk = pk
        many.append(sampling.draw(sampling.QUALITY, 10, item, "grant").taken)
    assert 60 < sum(many) < 140


def decided(case: Case, officer: User, noon: datetime) -> QualityCheck:
    progress.choose(only_item(case), "refuse", by=officer, at=noon, answers={"fee": "1.00"}, note="Small")
    return QualityCheck.objects.get()


def test_a_sampled_decision_is_checked_by_another_officer_and_the_case_does_not_wait(
    deciding: Case, officer: User, manager: User, noon: datetime
) -> None:
    check = decided(deciding, officer, noon)
    deciding.refresh_from_db()
    assert deciding.closed_at
    assert [row.pk for row in QualityCheck.objects.for_checker(manager)] == [check.pk]
    assert not QualityCheck.objects.for_checker(officer).exists()
    failed = {"result": QualityCheck.Result.FAILED, "answers": {"fair": False}, "at": noon}
    with pytest.raises(quality.CheckRefused, match="Somebody else"):
        quality.finish(check, note="Mine", by=officer, **failed)  # type: ignore[arg-type]
    with pytest.raises(quality.CheckRefused, match="Say what was not right"):
        quality.finish(check, note="", by=manager, **failed)  # type: ignore[arg-type]

    quality.finish(check, note="Page two was not read", by=manager, **failed)  # type: ignore[arg-type]

    with pytest.raises(quality.CheckRefused, match="Mandla Manager has checked this already"):
        quality.finish(check, note="Again", by=manager, **failed)  # type: ignore[arg-type]
    tallies = quality.by_outcome(manager, first=noon.date(), last=noon.date())
    assert [(one.name, one.passed, one.failed, one.waiting) for one in tallies] == [("Decide: Refuse", 0, 1, 0)]
    officers = quality.by_officer(manager, first=noon.date(), last=noon.date())
    assert [(one.name, one.failed) for one in officers] == [("Olive Officer", 1)]


def test_who_confirmed_a_decision_does_not_check_it(
    deciding: Case, officer: User, manager: User, noon: datetime
) -> None:
    confirming.confirm(propose(deciding, officer, noon), by=manager, at=noon)

    assert not QualityCheck.objects.for_checker(manager).exists()
    with pytest.raises(quality.CheckRefused, match="what you confirmed"):
        quality.finish(
            QualityCheck.objects.get(),
            result=QualityCheck.Result.PASSED,
            answers={"fair": True},
            note="",
            by=manager,
            at=noon,
        )


def test_an_outcome_waits_for_what_the_checklist_requires(case: Case, officer: User, noon: datetime) -> None:
    reasons = {one.outcome.id: one.reasons for one in progress.permitted(only_item(case), by=officer, at=noon)}
    assert reasons["complete"] == ("“Complete” needs what is not ticked on the checklist: Identity was checked.",)
    assert reasons["give_up"] == ()
    with pytest.raises(progress.Refused, match="Identity was checked"):
        progress.choose(only_item(case), "complete", by=officer, at=noon)

    checklists.tick(only_item(case), done=["identity"], by=officer, at=noon)
    progress.choose(only_item(case), "complete", by=officer, at=noon)

    line = TimelineEntry.objects.filter(text__startswith="Check: Complete").get().text
    assert "Done of the checklist: 1 of 2, not Residence was checked." in line
    assert case.work_items.earliest("pk").ticks.get().by == officer


def test_ticks_are_kept_once_and_taken_away_with_a_record_of_both(
    case: Case, officer: User, second_officer: User, noon: datetime
) -> None:
    item = only_item(case)
    lines = TimelineEntry.objects.count()
    checklists.tick(item, done=["identity"], by=officer, at=noon)
    again = checklists.tick(item, done=["identity", "residence"], by=second_officer, at=noon)

    assert {tick.key: tick.by for tick in again} == {"identity": officer, "residence": second_officer}
    assert [tick.key for tick in checklists.tick(item, undone=["identity"], by=officer, at=noon)] == ["residence"]
    records = Entry.objects.filter(action="checklist.ticked").order_by("pk").values_list("detail", flat=True)
    assert [(one["ticked"], one["unticked"]) for one in records] == [
        (["identity"], []),
        (["residence"], []),
        ([], ["identity"]),
    ]
    assert TimelineEntry.objects.count() == lines


def test_only_who_progresses_the_stage_ticks_and_only_what_is_on_the_list(
    case: Case, officer: User, viewer: User, noon: datetime
) -> None:
    with pytest.raises(CannotTick, match="You may not progress"):
        checklists.tick(only_item(case), done=["identity"], by=viewer, at=noon)
    with pytest.raises(CannotTick, match="has no item"):
        checklists.tick(only_item(case), done=["shoes"], by=officer, at=noon)
    item = only_item(case)
    progress.choose(item, "give_up", by=officer, at=noon)
    with pytest.raises(CannotTick, match="is finished"):
        checklists.tick(item, done=["identity"], by=officer, at=noon)


def test_another_persons_case_has_ticks_of_its_own(
    case: Case, service: Service, applicant: Customer, officer: User, noon: datetime
) -> None:
    other = actions.open_case(service=service, type="new", source="online", customer=applicant, by=officer, at=noon)

    checklists.tick(only_item(case), done=["identity"], by=officer, at=noon)

    assert not only_item(other).ticks.exists()
