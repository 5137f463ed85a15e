"""What somebody sees of a case of theirs: where it is in plain words, what comes next, what is asked, what happened (BEST-10)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from moothall.domain.cases.models import Case, CaseMessage, Request, WorkItem
from moothall.domain.citizens.models import OnlineMessage, SentFile
from moothall.domain.messages.models import Message
from moothall.domain.payments.actions import WAITED_FOR
from moothall.domain.payments.models import Payment
from moothall.domain.workflow import published
from moothall.domain.workflow.parts import PublicText
from moothall.kit import money

MOST = 100  # of each kind of thing that happened on one case


@dataclass(frozen=True)
class Standing:
    """Where a case is: what it waits for, as its stages say it. `colour` is that of a tag."""

    status: str
    next: str = ""
    within: str = ""
    open: bool = True
    colour: Literal["blue", "yellow", "green", "grey", "red"] = "blue"


@dataclass(frozen=True)
class Followed:
    """A case in the list: where it is and what is asked of its owner. Not `whole`: whoever sees it sent it for another."""

    case: Case
    standing: Standing
    requests: Sequence[Request] = ()
    unread: int = 0
    to_pay: int = 0  # pence
    whole: bool = True


@dataclass(frozen=True)
class Happened:
    """One thing that happened, in words for the citizen. A `message` or `file` can be opened by its number."""

    at: datetime
    title: str
    text: str = ""
    message: int | None = None
    file: int | None = None


@dataclass
class _Found:
    items: dict[int, list[WorkItem]] = field(default_factory=dict)
    requests: dict[int, list[Request]] = field(default_factory=dict)


def followed(cases: Sequence[Case], *, only_sent: frozenset[int] = frozenset()) -> list[Followed]:
    """These cases with where each is, in as many statements however many they are; of those `only_sent`, how far they are."""
    pks = [case.pk for case in cases if case.pk not in only_sent]
    begun = _worked_on(only_sent) if only_sent else frozenset()
    found = _Found()
    open_items = (
        WorkItem.objects.filter(case__in=pks, finished_at=None).select_related("stage").order_by("entered_at", "pk")
    )
    for item in open_items:
        found.items.setdefault(item.case_id, []).append(item)
    for request in open_requests(pks):
        found.requests.setdefault(request.case_id, []).append(request)
    unread: dict[int, int] = {}
    news = OnlineMessage.objects.filter(case__in=pks, by__isnull=False, seen_at=None)
    for pk in news.values_list("case_id", flat=True)[:1000]:
        unread[pk] = unread.get(pk, 0) + 1
    owed: dict[int, int] = {}
    for pk, pence in _to_pay(pks).values_list("case_link__case_id", "pence"):
        owed[pk] = owed.get(pk, 0) + pence
    return [
        Followed(case=case, standing=_far(case, begun), whole=False)
        if case.pk in only_sent
        else Followed(
            case=case,
            standing=_standing(case, found.items.get(case.pk, []), found.requests.get(case.pk, [])),
            requests=found.requests.get(case.pk, []),
            unread=unread.get(case.pk, 0),
            to_pay=owed.get(case.pk, 0),
        )
        for case in cases
    ]


def open_requests(cases: Sequence[int]) -> QuerySet[Request]:
    """What is asked of the owners of these cases and not answered, the first due first."""
    return Request.objects.filter(case__in=cases, state=Request.State.OPEN).order_by("answer_by", "number")


def messages_of(case: Case) -> QuerySet[Message]:
    """The letters and e-mails sent to the customer themselves, the newest first; none to anybody else is shown."""
    links = CaseMessage.objects.filter(case=case).values("message")
    sent = Message.objects.filter(pk__in=links, status=Message.Status.SENT, to_name=case.customer.name)
    return sent.filter(opinion_link=None).order_by("-sent_at", "-pk")


def files_of(case: Case) -> QuerySet[SentFile]:
    """The files that were sent online for a case, the newest first."""
    return SentFile.objects.filter(case=case).select_related("document").order_by("-at", "-pk")


def story(case: Case) -> list[Happened]:
    """What happened on a case, for whom it is about, the newest first. What officers write among themselves is not in it."""
    lines = [Happened(case.opened_at, _("We received your application"))]
    lines += _stages(case)
    for request in case.requests.order_by("-asked_at")[:MOST]:
        asked = ", ".join(one["label"] for one in request.items)
        lines.append(Happened(request.asked_at, _("We asked you for something"), asked))
        if request.state == Request.State.ANSWERED and request.ended_at:
            lines.append(Happened(request.ended_at, _("We have what we asked you for"), asked))
    for message in messages_of(case)[:MOST]:
        assert message.sent_at is not None
        kind = _("We sent you a letter") if message.channel == "letter" else _("We sent you an e-mail")
        lines.append(Happened(message.sent_at, kind, message.subject, message=message.pk))
    for sent in files_of(case)[:MOST]:
        lines.append(Happened(sent.at, _("You sent us a file"), sent.document.name, file=sent.document_id))
    paid = Payment.objects.filter(case_link__case=case, received_at__isnull=False).order_by("-received_at")[:MOST]
    lines += [
        Happened(one.received_at, _("We received a payment"), money.display(one.pence))
        for one in paid
        if one.received_at
    ]
    if case.closed_at:
        lines.append(Happened(case.closed_at, _ended(case).status))
    return sorted(lines, key=lambda line: line.at)[::-1]


def due(requests: Sequence[Request]) -> date | None:
    """The first day something is to be answered by."""
    return min((request.answer_by for request in requests), default=None)


def _worked_on(cases: frozenset[int]) -> frozenset[int]:
    """Which of these cases an officer has taken, or got further with."""
    begun = Q(finished_at__isnull=False) | Q(assigned_to__isnull=False)
    items = WorkItem.objects.filter(begun, case__in=cases)
    return frozenset(items.order_by().values_list("case_id", flat=True).distinct())


def _far(case: Case, begun: frozenset[int]) -> Standing:
    """How far a case is, for whoever sent it for another: nothing of what was decided."""
    if case.closed_at:
        return Standing(_("Finished"), open=False, colour="grey")
    return Standing(_("We are working on it") if case.pk in begun else _("We have what you sent"))


def _stages(case: Case) -> list[Happened]:
    """What the case's stages said while it was at them; the same sentence twice on end is said once."""
    lines: list[Happened] = []
    items = WorkItem.objects.filter(case=case).select_related("stage").order_by("-entered_at", "-pk")[:MOST]
    for item in reversed(items):
        if (said := _public(item)) and (not lines or lines[-1].title != said.status):
            lines.append(Happened(item.entered_at, said.status))
    return lines


def _public(item: WorkItem) -> PublicText | None:
    return published.workflow(item.stage.version_id).stage(item.stage.key).public


def _standing(case: Case, items: Sequence[WorkItem], requests: Sequence[Request]) -> Standing:
    if case.closed_at:
        return _ended(case)
    said = next((text for item in reversed(items) if (text := _public(item))), None)
    if requests:
        status = said.status if said else _("We need something from you")
        return Standing(status, _("Send us what we asked for."), colour="yellow")
    if said is None:
        return Standing(_("We are working on it"))
    return Standing(said.status, said.next or "", said.within or "")


def _ended(case: Case) -> Standing:
    words: dict[str, tuple[str, Literal["green", "grey", "red"]]] = {
        "complete": (_("Finished"), "green"),
        "refused": (_("We decided against it"), "red"),
        "withdrawn": (_("Withdrawn"), "grey"),
        "dormant": (_("Resting"), "grey"),
    }
    status, colour = words.get(case.end_state, (_("Closed"), "grey"))
    return Standing(status, open=False, colour=colour)


def _to_pay(cases: Sequence[int]) -> QuerySet[Payment]:
    return Payment.objects.filter(case_link__case__in=cases, status__in=WAITED_FOR)
