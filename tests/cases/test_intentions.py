"""Things to do on a case: added, given, moved, completed, withdrawn, reminded of, handed over (PPP-41, PPP-57)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from tests.cases.conftest import OpenCase
from tests.conftest import MakeUser

from moothall.core.accounts import absence
from moothall.core.accounts.models import Absence, SecurityGroup, User
from moothall.core.audit.models import Entry
from moothall.domain.cases import (
    batches,
    handing,
    intended,
    intending,
    intending_closed,
    leaving,
    progress,
    reminding,
    stepping,
)
from moothall.domain.cases.intended import Wanted
from moothall.domain.cases.intending import IntentionRefused, NotPlanned, Plan
from moothall.domain.cases.models import Case, Intention, TimelineEntry, WorkItem
from moothall.domain.catalogue import actions as publishing
from moothall.domain.catalogue import bundle
from moothall.domain.catalogue.models import Service
from moothall.domain.notifications.models import Notification
from moothall.domain.people.models import Customer
from moothall.domain.workflow import published

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 3, 3)
RING = Plan(text="Ring the applicant", type="call", due=TUESDAY + timedelta(days=3))


def told(case: Case) -> list[str]:
    lines = TimelineEntry.objects.filter(case=case, kind=TimelineEntry.Kind.INTENTION).order_by("pk")
    return list(lines.values_list("text", flat=True))


def waiting(user: User, whose: intended.Whose, due: intended.Due = "", *, today: date = TUESDAY) -> list[str]:
    covering = [one.pk for one in intended.covering(user, today=today)] if whose == "mine" else []
    rows = intended.waiting(Wanted(whose=whose, due=due, covering=covering), user=user, today=today)
    return [row.text for row in intended.page(rows, "due", most=50)]


def test_what_is_added_by_hand_is_said_to_be_outside_the_flow_and_whoever_gets_it_is_told_once(
    case: Case, officer: User, second_officer: User, noon: datetime
) -> None:
    row = intending.add(case, replace(RING, user=second_officer), by=officer, at=noon)

    assert told(case) == [
        "To do added by hand, outside the flow: “Ring the applicant”, due 6 March 2026, for Oscar Officer."
    ]
    assert Entry.objects.get(action="intention.added", subject_id=row.pk).detail["by_hand"] is True
    [notification] = Notification.objects.filter(user=second_officer)
    assert notification.text == f"You have something to do on {case.reference}, due 6 March 2026, from Olive Officer."
    assert notification.anchor == f"to-do-{row.pk}"
    intending.add(case, replace(RING, user=officer), by=officer, at=noon)
    assert not Notification.objects.filter(user=officer).exists()


def test_a_plan_that_makes_no_sense_is_refused_with_every_reason(
    case: Case, officer: User, viewer: User, noon: datetime
) -> None:
    wrong = Plan(text=" ", type="nap", due=TUESDAY - timedelta(days=1), user=viewer, remind_on=TUESDAY)
    with pytest.raises(NotPlanned) as refused:
        intending.add(case, wrong, by=officer, at=noon)

    assert [field for field, _ in refused.value.problems] == ["text", "type", "due", "remind_on", "whose"]
    assert "Vera Viewer may not work on what is to be done on this case." in str(refused.value)
    viewers = SecurityGroup.objects.get(key="blue_badge_viewers")
    for plan in (
        replace(RING, team=viewers),
        replace(RING, user=officer, team=viewers),
        replace(RING, due=date(2040, 1, 1)),
    ):
        with pytest.raises(NotPlanned):
            intending.add(case, plan, by=officer, at=noon)
    assert not Intention.objects.exists()
    kept = intending.add(case, RING, by=officer, at=noon)
    with pytest.raises(IntegrityError), transaction.atomic():
        Intention.objects.filter(pk=kept.pk).update(state="withdrawn", ended_at=noon, ended_by=officer)


def test_a_change_says_what_is_other_and_of_two_at_once_one_wins(
    case: Case, officer: User, second_officer: User, noon: datetime
) -> None:
    row = intending.add(case, replace(RING, remind_on=TUESDAY), by=officer, at=noon)
    reminding.remind_due(today=TUESDAY, at=noon)
    later = replace(Plan.of(row), due=date(2026, 3, 12), user=second_officer, remind_on=date(2026, 3, 11))
    changed = intending.change(row, later, by=officer, at=noon, version=1)

    assert changed.reminded_at is None
    assert told(case)[-1] == (
        "To do changed: “Ring the applicant”: due 12 March 2026 instead of 6 March 2026;"
        " for Oscar Officer instead of for nobody yet; reminder on 11 March 2026."
    )
    assert Notification.objects.filter(user=second_officer).count() == 1
    with pytest.raises(IntentionRefused, match="was changed while you had it open"):
        intending.complete(row, by=second_officer, at=noon, version=1)
    intending.change(row, later, by=officer, at=noon)
    assert Intention.objects.get().version == 2
    overdue = noon + timedelta(days=30)
    late = replace(later, text="Ring the applicant again", remind_on=None)
    assert intending.change(row, late, by=officer, at=overdue).due == date(2026, 3, 12)  # what has passed may stay


def test_completing_adds_what_follows_and_what_ended_ends_once(case: Case, officer: User, noon: datetime) -> None:
    first = intending.add(case, RING, by=officer, at=noon)
    with pytest.raises(NotPlanned):
        intending.complete(first, then=replace(RING, text=""), by=officer, at=noon)
    assert Intention.objects.open().count() == 1
    intending.complete(first, note="She sends a photograph.", then=replace(RING, text="Look"), by=officer, at=noon)

    done, following = Intention.objects.order_by("pk")
    assert (done.state, done.said, done.ended_by) == ("completed", "She sends a photograph.", officer)
    assert following.follows == done
    assert told(case)[1] == "To do completed: “Ring the applicant”: She sends a photograph."
    with pytest.raises(IntentionRefused, match="is completed already"):
        intending.withdraw(first, reason="Not needed.", by=officer, at=noon)
    with pytest.raises(IntentionRefused, match="Say why"):
        intending.withdraw(following, reason=" ", by=officer, at=noon)
    intending.withdraw(following, reason="It came.", by=officer, at=noon)
    assert told(case)[-1] == "To do withdrawn: “Look”: It came."
    assert not Intention.objects.open().exists()


def test_everybody_finds_theirs_their_teams_and_nobodys_by_the_day_and_nothing_they_may_not_see(
    case: Case, officer: User, second_officer: User, manager: User, noon: datetime, make_user: MakeUser
) -> None:
    team = SecurityGroup.objects.get(key="blue_badge_officers")
    for days, holder in ((0, {"user": officer}), (2, {"team": team}), (9, {}), (5, {"user": second_officer})):
        text = f"in {days} days"
        intending.add(case, replace(RING, text=text, due=TUESDAY + timedelta(days=days), **holder), by=manager, at=noon)

    assert waiting(officer, "mine") == ["in 0 days"]
    assert waiting(officer, "teams") == ["in 2 days"]
    assert waiting(manager, "teams") == []
    assert waiting(officer, "unassigned") == ["in 9 days"]
    assert waiting(manager, "all") == ["in 0 days", "in 2 days", "in 5 days", "in 9 days"]
    assert waiting(manager, "all", "today") == ["in 0 days"]
    assert waiting(manager, "all", "week") == ["in 2 days", "in 5 days"]
    assert waiting(manager, "all", "later") == ["in 9 days"]
    assert waiting(manager, "all", "overdue", today=TUESDAY + timedelta(days=1)) == ["in 0 days"]
    stranger = make_user("Stan Stranger", "bins_officers", permissions=list(officer.permissions), services=["bins"])
    assert [waiting(stranger, whose) for whose in ("mine", "teams", "unassigned", "all")] == [[], [], [], []]
    away = {"first_day": TUESDAY, "last_day": TUESDAY, "reason": Absence.WhyAway.LEAVE}
    absence.record(second_officer, **away, cover=officer, by=manager, at=noon)
    assert waiting(officer, "mine") == ["in 0 days", "in 5 days"]
    assert waiting(officer, "mine", today=TUESDAY + timedelta(days=1)) == ["in 0 days"]


def test_a_reminder_comes_on_its_day_once_to_who_has_it_and_who_covers(
    case: Case, officer: User, second_officer: User, manager: User, viewer: User, noon: datetime
) -> None:
    team = SecurityGroup.objects.get(key="blue_badge_officers")
    day = TUESDAY + timedelta(days=2)
    intending.add(case, replace(RING, user=second_officer, remind_on=day), by=second_officer, at=noon)
    away = {"first_day": day, "last_day": day, "reason": Absence.WhyAway.LEAVE}
    absence.record(second_officer, **away, cover=officer, by=manager, at=noon)

    assert reminding.remind_due(today=day - timedelta(days=1), at=noon) == 0
    assert reminding.remind_due(today=day, at=noon) == 1
    assert reminding.remind_due(today=day, at=noon) == 0
    found = Notification.objects.filter(text__startswith="A reminder").values_list("user__full_name", flat=True)
    assert sorted(found) == ["Olive Officer", "Oscar Officer"]
    intending.add(case, replace(RING, team=team, remind_on=day), by=manager, at=noon)
    intending.add(case, replace(RING, remind_on=day), by=manager, at=noon)
    assert reminding.remind_due(today=day, at=noon) == 2
    names = Notification.objects.filter(text__startswith="A reminder").values_list("user__full_name", flat=True)
    assert sorted(names) == ["Mandla Manager", "Olive Officer", "Olive Officer", "Oscar Officer", "Oscar Officer"]


def test_what_a_leaver_is_to_do_goes_to_a_colleague_who_may_do_it_and_is_told_of_in_one_sentence(
    case: Case, officer: User, second_officer: User, manager: User, noon: datetime
) -> None:
    for _ in range(2):
        intending.add(case, replace(RING, user=officer), by=manager, at=noon)
    assert leaving.holding(officer, seen_by=manager).to_do == 2
    batch = handing.hand_over(
        officer, to=[second_officer], deactivate=False, reason="", key=uuid4(), by=manager, at=noon
    )
    batches.work_through(batch.pk)

    assert {row.user for row in Intention.objects.all()} == {second_officer}
    assert [line.result for line in batch.lines.all()] == ["done", "done"]
    assert leaving.holding(officer, seen_by=manager).nothing
    [notification] = Notification.objects.filter(user=second_officer)
    assert notification.text == "Mandla Manager gave you 2 things to do."


def test_what_is_still_to_be_done_ends_with_the_case_and_is_to_be_done_again_when_the_case_is_open_again(
    case: Case, officer: User, second_officer: User, manager: User, noon: datetime
) -> None:
    [item] = WorkItem.objects.open().filter(case=case)
    first = intending.add(case, replace(RING, user=second_officer), by=manager, at=noon)
    gone = intending.add(case, replace(RING, text="Look", user=manager), by=officer, at=noon)
    done = intending.add(case, replace(RING, text="Done already"), by=officer, at=noon)
    intending.complete(done, by=officer, at=noon)
    outcome = published.workflow(item.stage.version_id).stage("wait").outcome("go_on")
    kept = intending.add(case, replace(RING, text="Ask in a year"), by=officer, at=noon)
    intending_closed.keep(case, [kept.pk], by=officer, at=noon)
    assert told(case)[-1] == "To do changed: “Ask in a year”: stays to be done when the case is closed."
    assert [row.text for row in intending_closed.ending(item, outcome)] == ["Ring the applicant", "Look"]

    progress.choose(item, "go_on", by=officer, at=noon)
    first.refresh_from_db()
    assert (first.state, first.ended_by, first.version) == ("closed", officer, 2)
    assert told(case)[-1] == "No longer to be done, since the case is closed: “Ring the applicant”; “Look”."
    assert Intention.objects.open().get() == kept
    assert Entry.objects.filter(action="intention.closed").count() == 2
    assert Notification.objects.filter(user=second_officer, text__endswith="the case is closed.").count() == 1
    with pytest.raises(IntentionRefused, match="is closed with its case already"):
        intending.complete(first, by=officer, at=noon)
    manager.groups.update(permissions=[])
    stepping.reopen(item.run, "wait", reason="Too early.", by=officer, at=noon)

    first.refresh_from_db()
    gone.refresh_from_db()
    assert (first.state, first.ended_at, first.ended_by, first.user) == ("open", None, None, second_officer)
    assert gone.user is None  # who had it may not work on it any more
    assert told(case)[-1] == "To be done again, since the case is open again: “Ring the applicant”; “Look”."
    assert Intention.objects.get(text="Done already").state == "completed"
    assert Notification.objects.filter(user=second_officer, text__endswith="the case is open again.").count() == 1


def test_a_stage_adds_what_is_to_be_done_there_unless_it_is_to_be_done_already(
    blue_badge: Service, open_case: OpenCase, ann: Customer, officer: User, administrator: User, noon: datetime
) -> None:
    assert blue_badge.current
    to_do = (
        "    to_do: [{text: Look, type: check, due: {amount: 2, unit: days}, team: blue_badge_officers}]\n    outcomes:"
    )
    changed = {name: text.replace("    outcomes:", to_do) for name, text in blue_badge.current.files.items()}
    publishing.publish(bundle.parse(changed), by=administrator, at=noon)
    blue_badge.refresh_from_db()
    case = open_case(ann)
    [item] = WorkItem.objects.open().filter(case=case)
    [row] = Intention.objects.filter(case=case)
    assert (row.text, row.item, row.due, str(row.team)) == ("Look", item, TUESDAY + timedelta(days=2), row.whose)
    assert told(case) == ["To do added by the workflow: “Look”, due 5 March 2026, for Blue badge officers."]

    later = noon + timedelta(hours=1)
    progress.choose(item, "go_on", by=officer, at=later)
    assert Intention.objects.get(case=case).state == "closed"
    stepping.reopen(item.run, "wait", reason="Too early.", by=officer, at=later)
    assert Intention.objects.get(case=case).state == "open"
    intending.complete(row, by=officer, at=later)
    [item] = WorkItem.objects.open().filter(case=case)
    progress.choose(item, "go_on", by=officer, at=later)
    stepping.reopen(item.run, "wait", reason="Once more.", by=officer, at=later)
    assert Intention.objects.open().filter(case=case).exclude(pk=row.pk).count() == 1
