"""What else there is in the office of the example council: skills, absence, kept views, opinions, notifications."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from moothall.config.example import dashboards, places
from moothall.config.example.people import ADDRESSES
from moothall.core.accounts import absence
from moothall.core.accounts.actions import set_skills
from moothall.core.accounts.models import Absence, SecurityGroup, User
from moothall.core.audit import recording
from moothall.domain.cases import actions, communications, delivery, intending, timeline
from moothall.domain.cases.intending import Plan
from moothall.domain.cases.models import Case, CaseMessage, Intention, TimelineEntry, WorkItem
from moothall.domain.cases.recipients import Recipient
from moothall.domain.messages.models import Message
from moothall.domain.opinions import asking
from moothall.domain.opinions.models import Opinion
from moothall.web.desk.models import WorkView

_NO_MAILBOX = "The mail server refused the address: 550 No such mailbox."
_TO_DO = (
    ("Ring about the photograph, which is too dark", "call", -1),
    ("Chase the clinic for its report", "chase", 0),
    ("See whether the proof of address came by post", "check", 2),
    ("Ask the housing team for the new address", "call", 6),
    ("Find out which hospital wrote the letter", "check", 3),
)
_VIEWS = (
    ("Due first", "tab=team&sort=target", True),
    ("Initial checks", "tab=unassigned&stage=blue_badge.application%2Finitial_checks", True),
    ("Mine, oldest first", "tab=mine&sort=-age", False),
)


def furnish(staff: Mapping[str, User], *, now: datetime) -> None:
    """Make what is not there yet; a second time makes nothing."""
    olive, oscar, mandla, asha = (
        staff[f"{name}{ADDRESSES}"] for name in ("olive.officer", "oscar.officer", "mandla.manager", "asha.assessor")
    )
    places.settle(olive, now=now)
    for user, skills in ((olive, ["eligibility"]), (oscar, ["appeals"]), (mandla, ["appeals", "eligibility"])):
        if not user.skills:
            set_skills(user, skills=skills, by=mandla, at=now)
    today = timezone.localdate(now)
    if not Absence.objects.filter(user=oscar).exists():
        away = {"first_day": today + timedelta(days=5), "last_day": today + timedelta(days=11)}
        absence.record(oscar, **away, reason=Absence.WhyAway.LEAVE, cover=olive, by=mandla, at=now)
    team = SecurityGroup.objects.get(key="blue_badge_officers")
    for name, query, shared in _VIEWS:
        given = {"query": query, "team": team if shared else None, "made_at": now}
        WorkView.objects.get_or_create(user=olive, name=name, defaults=given)
    dashboards.compose(by=mandla, now=now)
    screened = list(_waiting("desktop_screening")[:3])
    if screened and not Opinion.objects.exists():
        for item in screened[:2]:
            question = asking.Question(text="Do the documents show how far they can walk?", kind="mobility")
            asking.ask(item.case, asking.Asked(colleague=asha), question, by=olive, at=now)
        note = f"@{mandla.full_name}, please look at the letter of the clinic."
        actions.add_note(screened[-1].case, text=note, tell=[mandla], by=olive, at=now)
        actions.add_note(
            screened[0].case, text="Would you ring her? She asked for you.", tell=[olive], by=oscar, at=now
        )
    if not Intention.objects.exists():
        _to_do(olive, oscar, team, now=now)
    first = _waiting("initial_checks").first()
    if first and not Message.objects.filter(status=Message.Status.FAILED).exists():
        _undelivered(first, olive, at=now)


def _to_do(olive: User, oscar: User, team: SecurityGroup, *, now: datetime) -> None:
    """Things to do on the first cases that are open: one overdue, one due today, one a team's, one nobody's, one that followed."""
    cases = list(Case.objects.open().select_related("service").order_by("id")[: len(_TO_DO)])
    holders: tuple[dict[str, Any], ...] = ({"user": olive}, {"user": olive}, {"team": team}, {}, {"user": oscar})
    for case, (text, kind, days), holder in zip(cases, _TO_DO, holders, strict=False):
        came = now - timedelta(days=4)
        due = timezone.localdate(now) + timedelta(days=days)
        plan = Plan(text=text, type=kind, due=due, remind_on=due, **holder)
        row = intending.add(case, plan, by=oscar, at=came)
        if case == cases[-1]:
            then = Plan(text="Tell the applicant which hospital it is", type="write", due=due, **holder)
            intending.complete(row, note="It is the one in Northam.", then=then, by=oscar, at=now)


def _waiting(stage: str) -> QuerySet[WorkItem]:
    items = WorkItem.objects.open().filter(stage__key=stage, case__closed_at=None)
    return items.select_related("case__service", "case__customer").order_by("id")


def _undelivered(item: WorkItem, officer: User, *, at: datetime) -> None:
    """An e-mail to an address that is no more, as it is when the mail server said so."""
    words = {"subject": "Your application for a Blue Badge", "html": "<p>Thank you. We have what we need.</p>"}
    to = Recipient(name=item.case.customer.name, email="no.such.mailbox@example.org")
    message = communications.send_by_hand(item.case, channel="email", to=to, draft=True, by=officer, at=at, **words)
    with recording.because(action="message.failed", by=officer, at=at):
        Message.objects.filter(pk=message.pk).update(status=Message.Status.FAILED, problem=_NO_MAILBOX, attempts=1)
        text = f"E-mail “{message.subject}” to {message.to_name} could not be delivered. {_NO_MAILBOX}"
        kind = TimelineEntry.Kind.MESSAGE
        timeline.write(item.case, kind=kind, text=text, by=officer, at=at, message=message.pk)
        link = CaseMessage.objects.select_related("case__service", "message").get(message=message.pk)
        delivery.tell_officers(link, f"An e-mail on {item.case.reference} could not be delivered.", at=at)
