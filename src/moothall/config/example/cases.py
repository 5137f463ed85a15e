"""Cases of the example council: applied for at the sandboxed national service and worked by its officers, in the past few
weeks, by the product's own actions. Each goes as far as its story says, or as its rules let it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from moothall.config.demo import AUTHORITY
from moothall.config.example import meanwhile
from moothall.config.example.stories import BY_HAND, NOTES, STORIES, ByHand, Step
from moothall.connectors.dft_blue_badge import client, intake, telling
from moothall.core.accounts.models import User
from moothall.domain.cases import actions, assigning, progress
from moothall.domain.cases.models import Case, RelatedCase, WorkItem
from moothall.domain.documents.models import Document
from moothall.kit.calendars import LONDON
from moothall.sandbox.testing import Running

FIRST = 100_000  # number of the first application, beyond those that tests and measurements use
WEEKS = timedelta(days=26)
READ_AFTER = timedelta(minutes=7)  # that an application was handed in
BATCH = 5  # cases that came at about the same time: the last is opened by hand for somebody of the others
AT_LEAST = timedelta(minutes=50)  # between two steps of a case


def make(
    sandbox: Running,
    *,
    count: int,
    officers: Sequence[User],
    now: datetime,
    say: Callable[[int], object] | None = None,
) -> int:
    """Have `count` more cases come in, and work them; how many there are now. `say` hears how many are made."""
    made = Case.objects.count()
    applied = made - made // BATCH
    for start in range(0, count, BATCH):
        came = now - WEEKS * (1 - start / count)
        number = min(BATCH - 1, count - start)
        at = min(_in_the_office(came, start), now)
        first, applied_at = FIRST + made + start, at - READ_AFTER
        sandbox.load_applications(number, la=AUTHORITY, documents=True, first=first, submitted=applied_at)
        known = set(Case.objects.values_list("pk", flat=True))
        intake.poll(at=at, whole=True)  # the list is read from the newest on, and these are of long ago
        telling.tell(at=at + READ_AFTER)  # that they are open
        cases = list(Case.objects.exclude(pk__in=known).order_by("pk"))
        for index, case in enumerate(cases, applied):
            _work(case, index, officers[index % len(officers)], STORIES[index % len(STORIES)], came=came, now=now)
        applied += len(cases)
        if count - start >= BATCH and cases:
            place = (made + start) // BATCH
            _by_hand(cases[place % len(cases)], place, officers, came=came, now=now)
        telling.tell(at=at + READ_AFTER)  # which of them are closed
        if say:
            say(min(start + BATCH, count))
    meanwhile.catch_up(sandbox, now=now)
    client.forget()  # the connections of this process
    return Case.objects.count()


def _by_hand(known: Case, place: int, officers: Sequence[User], *, came: datetime, now: datetime) -> None:
    """What somebody who is known already came with, on a case of its own that follows theirs."""
    story, officer = BY_HAND[place % len(BY_HAND)], officers[place % len(officers)]
    at = min(_in_the_office(came + timedelta(days=2), place), now)
    if story.workflow and not known.closed_at:
        progress.start(known, story.workflow, by=officer, at=at, by_hand=True)
        story = ByHand("renewal", "phone")
    opened = actions.open_case(
        service=known.service,
        type=story.type or "renewal",
        source=story.source or "phone",
        customer=known.customer,
        by=officer,
        at=at,
    )
    kind, why = RelatedCase.Kind.FOLLOWS, "Started from the earlier case"
    actions.link_cases(opened, known, kind=kind, why=why, by=officer, at=at)
    _work(opened, place, officer, story.steps, came=at, now=now)


def _work(case: Case, index: int, officer: User, steps: Sequence[Step], *, came: datetime, now: datetime) -> None:
    at = came
    for number, step in enumerate(steps, 1):
        at = min(max(_in_the_office(came + timedelta(days=number), index + number), at + AT_LEAST), now)
        if not _choose(case, step, officer, at=at):
            break
    for number in range(index % 4):
        text = NOTES[(index + number * 2) % len(NOTES)]
        actions.add_note(case, text=text, important=index % 8 == 1 and number == 0, by=officer, at=at)
    item = WorkItem.objects.open().filter(case=case, stage__progress__overlap=sorted(officer.group_keys)).first()
    if item and index % 3 == 0:
        assigning.take(item, by=officer, at=at)
    if index % 11 == 6:
        actions.tag_case(case, set=["terminal_illness"], by=officer, at=at)


def _choose(case: Case, step: Step, officer: User, *, at: datetime) -> bool:
    """Choose the outcome, if the case is at its stage and the rules allow it; says whether it did."""
    item = WorkItem.objects.open().filter(case=case, stage__key=step.stage).select_related("stage").first()
    if item is None:
        return False
    answers = {**step.answers}
    for question, tag in step.documents.items():
        tagged = Document.objects.filter(case_link__case=case, tags__contains=[tag]).values_list("pk", flat=True)
        answers[question] = tagged.first() if question == "photograph" else list(tagged)
    try:
        progress.choose(item, step.outcome, by=officer, at=at, version=item.version, answers=answers, note=step.note)
    except (progress.Refused, progress.NotAllowed):
        return False
    return True


def _in_the_office(moment: datetime, number: int) -> datetime:
    """That day, or the Monday after it, at one of the hours and minutes at which people work."""
    day = moment.astimezone(LONDON)
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    return day.replace(hour=9 + number % 8, minute=number * 17 % 60, second=0, microsecond=0)
