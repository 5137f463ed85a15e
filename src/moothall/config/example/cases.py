"""Cases of the example council: applied for at the sandboxed national service and worked by its officers, in the past few
weeks, by the product's own actions. Each goes as far as its story says, or as its rules let it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moothall.config.demo import AUTHORITY
from moothall.connectors.dft_blue_badge import client, intake
from moothall.core.accounts.models import User
from moothall.domain.cases import actions, assigning, progress
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.documents.models import Document
from moothall.kit.calendars import LONDON
from moothall.sandbox.testing import Running

FIRST = 100_000  # number of the first application, beyond those that tests and measurements use
WEEKS = timedelta(days=26)
BATCH = 5  # applications that came at about the same time


@dataclass(frozen=True)
class Step:
    """An outcome chosen at a stage. `documents` names the tag of documents that answer a question."""

    stage: str
    outcome: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


CHECKED = Step("initial_checks", "desktop_screening")
INCOMPLETE = Step("initial_checks", "incomplete")
ASKED = Step("missing_information", "ask", {"missing": ["photograph"]})
ELIGIBLE = Step("desktop_screening", "eligible")
CONFIRMED = Step("badge_details", "confirm", {"eligibility": "walkd"}, {"photograph": "photograph"})
PAID = Step("payment", "received", {"method": "card", "payment_reference": "EXAMPLE-0002"})
REFUSED = Step("desktop_screening", "refuse")
REASONS = {"refusal_reasons": ["evidence_insufficient"]}
TOLD = Step("refusal", "refuse", REASONS, note="Drives an unadapted car and uses parking machines.")
FACE_TO_FACE = Step("desktop_screening", "face_to_face")
STORIES: tuple[tuple[Step, ...], ...] = (
    (),
    (CHECKED,),
    (CHECKED, ELIGIBLE, CONFIRMED, PAID),
    (INCOMPLETE,),
    (CHECKED, Step("desktop_screening", "expert_assessor", {}, {"for_assessor": "proof_of_address"})),
    (INCOMPLETE, ASKED),
    (CHECKED, FACE_TO_FACE),
    (),
    (CHECKED, ELIGIBLE),
    (CHECKED, REFUSED, TOLD),
    (CHECKED, Step("desktop_screening", "desktop_assessment")),
    (CHECKED, ELIGIBLE, CONFIRMED),
    (CHECKED, REFUSED),
    (Step("initial_checks", "out_of_area", note="Lives in the next county."),),
    (CHECKED, FACE_TO_FACE, Step("face_to_face_assessment", "no_show")),
    (CHECKED, REFUSED, TOLD, Step("refused_holding", "appeal_received")),
)
NOTES = ("Phoned: wants to hear by post.", "The daughter speaks for her mother.", "Please call after 5pm.")


def make(sandbox: Running, *, count: int, officers: Sequence[User], now: datetime) -> int:
    """Have `count` more people apply, and work their cases; how many there are now."""
    made = Case.objects.count()
    for start in range(0, count, BATCH):
        came = now - WEEKS * (1 - start / count)
        number = min(BATCH, count - start)
        sandbox.load_applications(number, la=AUTHORITY, documents=True, first=FIRST + made + start)
        known = set(Case.objects.values_list("pk", flat=True))
        intake.poll(at=min(_in_the_office(came, start), now))
        for index, case in enumerate(Case.objects.exclude(pk__in=known).order_by("pk"), start):
            _work(case, index, officers[index % len(officers)], came=came, now=now)
    client.forget()  # the connections of this process
    return Case.objects.count()


def _work(case: Case, index: int, officer: User, *, came: datetime, now: datetime) -> None:
    at = came
    for number, step in enumerate(STORIES[index % len(STORIES)], 1):
        at = min(_in_the_office(came + timedelta(days=number), index + number), now)
        if not _choose(case, step, officer, at=at):
            break
    if index % 4 == 1:
        actions.add_note(case, text=NOTES[index % len(NOTES)], important=index % 8 == 1, by=officer, at=at)
    item = WorkItem.objects.open().filter(case=case, stage__progress__overlap=sorted(officer.group_keys)).first()
    if item and index % 3 == 0:
        assigning.take(item, by=officer, at=at)


def _choose(case: Case, step: Step, officer: User, *, at: datetime) -> bool:
    """Choose the outcome, if the case is at its stage and the rules allow it; says whether it did."""
    item = WorkItem.objects.open().filter(case=case, stage__key=step.stage).select_related("stage").first()
    if item is None:
        return False
    answers = {**step.answers}
    for question, tag in step.documents.items():
        tagged = Document.objects.filter(case_link__case=case, tags__contains=[tag]).values_list("pk", flat=True)
        answers[question] = list(tagged) if question == "for_assessor" else tagged.first()
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
