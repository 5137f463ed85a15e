"""Opinions asked for, asked for anew, withdrawn, reminded of, and ended when their time is over (BEST-6)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Max, Q, QuerySet

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import EVERY_SERVICE, Membership, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import clock, sight
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, Pause, WorkItem
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.manifest import OpinionKind
from moothall.domain.documents.models import Document
from moothall.domain.messages import templates
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.domain.opinions import composing, ending, links, rules
from moothall.domain.opinions.models import Opinion, OpinionDocument
from moothall.domain.opinions.rules import NotOpen, OpinionRefused
from moothall.kit.calendars import LONDON, midnight

AWAITING_OTHERS = "awaiting_others"
MOST_DAYS = 90
LONGEST = 20_000
MOST_SHOWN = 50
MOST_COLLEAGUES = 500
REMINDED_BEFORE = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who is asked: a colleague, or somebody outside by name and e-mail address."""

    colleague: User | None = None
    name: str = ""
    organisation: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked. `kind` is one of the service's, or empty; `item` is the work item whose clock stands still."""

    text: str
    kind: str = ""
    documents: Collection[int] = ()
    days: int = 14
    item: WorkItem | None = None
    once: UUID = field(default_factory=uuid4)


def ask(case: Case, of: Asked, question: Question, *, by: User, at: datetime) -> Opinion:
    """Ask somebody for an opinion: an outsider by an e-mail with a link, a colleague by a notification.

    The same question (`once`) again is not asked again. Raises OpinionRefused and what an e-mail is refused with.
    """
    with recording.because(action="opinion.asked", by=by, at=at):
        fresh = lock(case)
        fresh.service, fresh.customer = case.service, case.customer
        if earlier := Opinion.objects.filter(case=case, once=question.once).first():
            return earlier
        of, kind = _checked(case, of, by=by), _kind(case, question.kind)
        text, expires_at = _text(question.text), _expires(at, question.days)
        shown = _documents(case, question.documents, by=by)
        number = (case.opinions.aggregate(last=Max("number"))["last"] or 0) + 1
        opinion = Opinion(
            case=fresh,
            number=number,
            once=question.once,
            kind=question.kind,
            title=kind.name if kind else "Opinion",
            question=text,
            form=kind.model_dump(mode="json", include={"questions", "recommendations"}) if kind else {},
            tag=(kind.tag or "") if kind else "",
            colleague=of.colleague,
            name=of.name,
            organisation=of.organisation,
            email=of.email,
            asked_at=at,
            asked_by=by,
            expires_at=expires_at,
            remind_on=_remind_on(at, question.days),
            pause=_pause(fresh, question.item, number, by=by, at=at),
        )
        _new_link(opinion)
        opinion.save()
        OpinionDocument.objects.bulk_create(
            OpinionDocument(opinion=opinion, document=one, role=OpinionDocument.Role.SHOWN) for one in shown
        )
        ending.write(opinion, f"asked of {opinion.who}, to be answered by {_day(opinion.answer_by)}.", by=by, at=at)
        _tell(opinion, by=by, at=at)
        recording.record("opinion.asked", opinion, by=by, at=at, case=case.pk, documents=[one.pk for one in shown])
        return opinion


def ask_anew(opinion: Opinion, *, days: int, by: User, at: datetime) -> Opinion:
    """Send a new link with a new last day; the old link is dead. What is out of time is open again.

    Raises NotOpen for what was answered, declined or withdrawn, and what `ask` does.
    """
    with recording.because(action="opinion.asked_anew", by=by, at=at):
        opinion = ending.held(opinion)
        if opinion.state not in (Opinion.State.OPEN, Opinion.State.EXPIRED):
            raise NotOpen(f"Opinion {opinion.number} has ended. Ask for another.")
        if opinion.colleague is None:
            _refuse_without_address()
        ending.stop_messages(opinion, by=by, at=at)
        opinion.state, opinion.ended_at, opinion.ended_by = Opinion.State.OPEN, None, None
        opinion.expires_at, opinion.remind_on, opinion.reminded_at = _expires(at, days), _remind_on(at, days), None
        opinion.round += 1
        opinion.codes.all().delete()
        _new_link(opinion)
        opinion.save()
        ending.write(
            opinion, f"asked of {opinion.who} anew, to be answered by {_day(opinion.answer_by)}.", by=by, at=at
        )
        _tell(opinion, by=by, at=at)
        recording.record("opinion.asked_anew", opinion, by=by, at=at, case=opinion.case_id)
        return opinion


def withdraw(opinion: Opinion, *, reason: str, by: User, at: datetime) -> Opinion:
    """Ask no longer: the link leads nowhere, and what was written and not sent is gone. Raises OpinionRefused."""
    if not reason.strip():
        raise OpinionRefused("Say why the opinion is withdrawn.", field="reason")
    with recording.because(action="opinion.withdrawn", by=by, at=at, reason=reason):
        opinion = ending.held(opinion)
        if opinion.state != Opinion.State.OPEN:
            raise NotOpen(f"Opinion {opinion.number} has ended already: {opinion.get_state_display().lower()}.")
        ending.end(opinion, Opinion.State.WITHDRAWN, text=reason.strip(), by=by, at=at)
        return opinion


def remind_due(*, at: datetime, most: int = 200) -> int:
    """Remind once of every opinion whose day for it has come; returns how many."""
    today = at.astimezone(LONDON).date()
    due = Opinion.objects.filter(state=Opinion.State.OPEN, reminded_at=None, remind_on__lte=today, expires_at__gt=at)
    return sum(_remind(opinion, at=at) for opinion in due.order_by("remind_on", "pk")[:most])


def expire_due(*, at: datetime, most: int = 200) -> int:
    """End every opinion whose time is over; returns how many."""
    due = Opinion.objects.filter(state=Opinion.State.OPEN, expires_at__lte=at).order_by("expires_at", "pk")
    return sum(_expire(opinion, at=at) for opinion in due[:most])


def colleagues(case: Case, *, but: User) -> QuerySet[User]:
    """Who can be asked at the desk: who may sign in and works for the case's service, or for none at all, as advisers do."""
    theirs = Q(services__overlap=[case.service_key, EVERY_SERVICE]) | Q(services=[])
    groups = SecurityGroup.objects.filter(theirs, permissions__contains=[Permission.SIGN_IN])
    people = User.objects.filter(is_active=True, kind=User.Kind.PERSON)
    people = people.filter(pk__in=Membership.objects.filter(group__in=groups).values("user"))
    return people.exclude(pk=but.pk).order_by("full_name", "pk")


def kinds(case: Case) -> tuple[OpinionKind, ...]:
    """The opinions the case's service asks for."""
    return catalogue.manifest(case.service_version_id).opinions


def _checked(case: Case, of: Asked, *, by: User) -> Asked:
    if of.colleague is not None:
        if not colleagues(case, but=by).filter(pk=of.colleague.pk).exists():
            raise OpinionRefused(
                "Choose a colleague who can sign in and does not work for other services alone, and not yourself.",
                field="colleague",
            )
        return Asked(colleague=of.colleague, name=of.colleague.full_name)
    name = templates.one_line(of.name)[:200]
    if not name:
        raise OpinionRefused("Say whom you ask.", field="name")
    email = of.email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise OpinionRefused("Enter an e-mail address, like name@example.com.", field="email") from error
    _refuse_without_address()
    return Asked(name=name, organisation=templates.one_line(of.organisation)[:200], email=email)


def _refuse_without_address() -> None:
    if not rules.address("/"):
        raise OpinionRefused(
            "Nobody outside can be asked before the setting opinions.url says where their link leads.", field="email"
        )


def _kind(case: Case, key: str) -> OpinionKind | None:
    if not key:
        return None
    for kind in kinds(case):
        if kind.key == key:
            return kind
    raise OpinionRefused(f"{case.service.name} asks for no opinion “{key}”.", field="kind")


def _text(text: str) -> str:
    text = text.strip()
    if not text:
        raise OpinionRefused("Say what you would like to know.", field="text")
    if len(text) > LONGEST:
        raise OpinionRefused(f"The question can have {LONGEST:,} characters at most.", field="text")
    return text


def _expires(at: datetime, days: int) -> datetime:
    """The end of the last day, by the clocks here."""
    if not 1 <= days <= MOST_DAYS:
        raise OpinionRefused(f"Give between 1 and {MOST_DAYS} days to answer.", field="days")
    day = at.astimezone(LONDON).date() + timedelta(days=days + 1)
    return midnight(day)


def _remind_on(at: datetime, days: int) -> date | None:
    last = at.astimezone(LONDON).date() + timedelta(days=days)
    return last - REMINDED_BEFORE if days > REMINDED_BEFORE.days else None


def _documents(case: Case, ids: Collection[int], *, by: User) -> list[Document]:
    """The documents to be shown: of this case, and such as who asks may see."""
    wanted = frozenset(ids)
    found = list(sight.visible_documents(by).filter(case_link__case=case, pk__in=wanted).order_by("pk"))
    if len(found) != len(wanted):
        raise OpinionRefused("One of these documents is no longer on the case. Choose again.", field="documents")
    if len(found) > MOST_SHOWN:
        raise OpinionRefused(f"Choose at most {MOST_SHOWN} documents.", field="documents")
    return found


def _pause(case: Case, item: WorkItem | None, number: int, *, by: User, at: datetime) -> Pause | None:
    if item is None:
        return None
    if item.case_id != case.pk:
        raise OpinionRefused("This work item is not one of the case.", field="item")
    return clock.pause(item, category=AWAITING_OTHERS, reason=f"opinion {number} is asked for", by=by, at=at)


def _new_link(opinion: Opinion) -> None:
    if opinion.colleague_id is None:
        opinion.seed = links.new_seed()
        opinion.digest = links.digest(links.token(opinion.seed))


def _tell(opinion: Opinion, *, by: User, at: datetime, reminder: bool = False) -> None:
    """The e-mail to an outsider; the notification to a colleague."""
    if opinion.colleague is None:
        composing.send(opinion, by=by, at=at, reminder=reminder)
        return
    reference, until = opinion.case.reference, _day(opinion.answer_by)
    text = (
        f"Your opinion on {reference} is still wanted by {until}."
        if reminder
        else f"{opinion.asked_by.full_name} asks for your opinion on {reference} by {until}."
    )
    notify(
        [opinion.colleague],
        text=text,
        cause=f"opinion.{opinion.pk}.{'reminder' if reminder else 'asked'}.{opinion.round}",
        at=at,
        by=None if reminder else by,
        kind=Notification.Kind.OPINION,
        page="opinions",
    )


def _remind(opinion: Opinion, *, at: datetime) -> bool:
    by = system_user()
    with recording.because(action="opinion.reminded", by=by, at=at):
        opinion = ending.held(opinion)
        if opinion.state != Opinion.State.OPEN or opinion.reminded_at is not None:
            return False
        opinion.reminded_at = at
        opinion.save(update_fields=["reminded_at"])
        _tell(opinion, by=by, at=at, reminder=True)
        ending.write(opinion, f"reminder sent to {opinion.who}.", by=by, at=at)
        recording.record("opinion.reminded", opinion, by=by, at=at, case=opinion.case_id)
        return True


def _expire(opinion: Opinion, *, at: datetime) -> bool:
    by = system_user()
    with recording.because(action="opinion.expired", by=by, at=at):
        opinion = ending.held(opinion)
        if opinion.state != Opinion.State.OPEN or opinion.expires_at > at:
            return False
        ending.end(opinion, Opinion.State.EXPIRED, text="", by=by, at=at)
        return True


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"
