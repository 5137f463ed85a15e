"""Answers and documents of a customer's earlier case, offered to another case of theirs (CT-7).

Nothing is taken over unasked: what may be out of date is offered with the reason, and an answer the case has already is
never replaced. The timeline keeps what was taken, from which case, and the day it was first said.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.core.lists.models import Tag
from moothall.domain.cases import filing, sight, timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.cases.refusal import CannotChange
from moothall.domain.catalogue import catalogue
from moothall.domain.documents import actions as documents
from moothall.domain.documents import scanning
from moothall.domain.documents.models import Document
from moothall.domain.people import doubts
from moothall.domain.people.models import Customer, Person
from moothall.domain.people.names import fold, split_full_name
from moothall.domain.people.numbers import fold_number, normalise_contact
from moothall.domain.places.models import Address

OF_THAT_CASE_ALONE = frozenset({"application", "payment", "documents", "other"})
"""Groups of answers about the application they came with, which no other case takes over."""

OF_THE_CUSTOMER = frozenset({"contact", "person", "organisation"})
"""Groups of answers that another service may take over as well."""

MOST_DOCUMENTS = 200
MOST_REFERENCES = 500
_ADDRESS = frozenset({"contact/line1", "contact/line2", "contact/town", "contact/postcode"})
_REACHED = {"contact/phone": "phone", "contact/other_phone": "phone", "contact/email": "email"}
_ENDS = frozenset({"ends_on", "expires_on", "valid_until"})


@dataclass(frozen=True)
class Origin:
    """The case something was first said in, and the day."""

    case: int
    reference: str
    on: date


@dataclass(frozen=True)
class Answer:
    """An answer of the earlier case: the way to it (“person/nino”), and why it may be out of date, if it may be.

    `mine` is the answer this case has already: then nothing is taken.
    """

    way: str
    value: Any
    origin: Origin
    stale: str
    mine: Any


@dataclass(frozen=True)
class Paper:
    """A document of the earlier case, and why it may be out of date, if it may be; `here` when this case has it."""

    document: Document
    origin: Origin
    stale: str
    here: bool


@dataclass(frozen=True)
class Offer:
    """What an earlier case has for another."""

    answers: list[Answer]
    papers: list[Paper]

    @property
    def fresh(self) -> tuple[frozenset[str], frozenset[int]]:
        """Answers and documents that can be taken and are not out of date."""
        answers = frozenset(one.way for one in self.answers if one.mine is None and not one.stale)
        return answers, frozenset(one.document.pk for one in self.papers if not one.here and not one.stale)


@dataclass(frozen=True)
class Taken:
    """Where what a case took over came from: answers by way, documents by id."""

    answers: dict[str, Origin] = field(default_factory=dict)
    documents: dict[int, Origin] = field(default_factory=dict)


def sources(case: Case, *, user: User, most: int = 50) -> list[Case]:
    """Other cases of the customer that `user` may see, the newest first."""
    rows = Case.objects.visible_to(user).filter(customer=case.customer_id).exclude(pk=case.pk)
    return list(rows.select_related("service").defer("submitted").order_by("-opened_at", "-id")[:most])


def references_seen(case: Case, *, user: User) -> frozenset[str]:
    """The references of the customer's cases that `user` may see: what is taken over may come from one they may not."""
    rows = Case.objects.visible_to(user).filter(customer=case.customer_id).order_by("-id")
    return frozenset(rows.values_list("reference", flat=True)[:MOST_REFERENCES])


def offer(case: Case, earlier: Case, *, user: User, at: datetime) -> Offer:
    """What `earlier` has for `case`, of what `user` may see. Raises CannotChange when they are of two customers."""
    if case.customer_id != earlier.customer_id or case.pk == earlier.pk:
        raise CannotChange("Only an earlier case of the same customer can fill in this one.")
    before, rule = taken(earlier), catalogue.manifest(case.service_version_id).carry_over
    said = Origin(earlier.pk, earlier.reference, timezone.localdate(earlier.opened_at))
    same = earlier.service_id == case.service_id
    mine, sent = dict(_answers(case.submitted)), dict(_answers(earlier.submitted))
    theirs = _ways(sent, rule.answers_from.get(earlier.service.key, {}), same=same)
    given = {way: sent[source] for way, source in theirs.items()}
    judge = _Judge(case.customer, given, timezone.localdate(at), rule.answers_days)
    answers = [
        Answer(way, value, origin, judge.stale(way, value, origin), mine.get(way))
        for way, value in given.items()
        for origin in [before.answers.get(theirs[way], said)]
    ]
    return Offer(answers, _papers(case, earlier, before, user=user, at=at, days=rule.documents_days))


def examine(case: Case, earlier: Case, *, papers: Collection[int], by: User, at: datetime) -> frozenset[int]:
    """These documents of `earlier`, once the virus scanner found nothing in them: they may have come before it was set.

    To be called before the transaction that takes them over, as `documents.examine`. Raises documents.Refused and
    documents.FileMissing.
    """
    if scanning.configured() and papers:
        for document in _copyable(earlier, user=by).filter(pk__in=papers):
            with documents.open_file(document) as file:
                documents.examine(file.read(), about=case, by=by, at=at)
    return frozenset(papers)


def take(
    case: Case,
    earlier: Case,
    *,
    answers: Collection[str],
    papers: Collection[int],
    by: User,
    at: datetime,
    examined: Collection[int] | None = None,
) -> tuple[int, int]:
    """Take answers, by the ways to them, and documents over; return how many of each. Again changes nothing.

    Within a transaction give what `examine` returned before it began. Raises CannotChange for what is not offered, and
    what `examine` raises.
    """
    if examined is None:
        examine(case, earlier, papers=papers, by=by, at=at)
    elif not set(papers) <= set(examined):
        raise ValueError("Documents are taken over that were not examined.")
    with recording.because(action="case.filled_in", by=by, at=at):
        fresh = lock(case)
        if fresh.closed_at:
            raise CannotChange(f"{case.reference} is closed, so nothing is taken over into it.")
        case.submitted = Case.objects.values_list("submitted", flat=True).get(pk=case.pk)
        offered = offer(case, earlier, user=by, at=at)
        known, files = {one.way: one for one in offered.answers}, {one.document.pk: one for one in offered.papers}
        if missing := (set(answers) - known.keys()) | {str(pk) for pk in set(papers) - files.keys()}:
            raise CannotChange(f"{earlier.reference} does not have this any more: {', '.join(sorted(missing))}.")
        given = [one for one in offered.answers if one.way in answers and one.mine is None]
        copied = [one for one in offered.papers if one.document.pk in papers and not one.here]
        if not given and not copied:
            return 0, 0
        case.submitted, case.updated_at = _with(case.submitted, given), at
        case.save(update_fields=["submitted", "updated_at"])
        kept = {str(_copy(case, one.document, by=by, at=at).pk): _told(one.origin) for one in copied}
        timeline.write(
            case,
            kind=TimelineEntry.Kind.CASE,
            text=_sentence(earlier, given, copied),
            by=by,
            at=at,
            other=earlier.pk,
            taken={"answers": {one.way: _told(one.origin) for one in given}, "documents": kept},
        )
        ways = [one.way for one in given]
        recording.record("case.filled_in", case, by=by, at=at, other=earlier.pk, answers=ways, documents=list(kept))
    return len(given), len(copied)


def taken(case: Case) -> Taken:
    """What a case took over, and where each was first said."""
    found = Taken()
    for detail in case.timeline.filter(detail__has_key="taken").values_list("detail", flat=True):
        found.answers.update({way: _origin(told) for way, told in detail["taken"]["answers"].items()})
        found.documents.update({int(pk): _origin(told) for pk, told in detail["taken"]["documents"].items()})
    return found


class _Judge:
    """Says why an answer may be out of date. What is recorded of the customer today decides, then how old it is."""

    def __init__(self, customer: Customer, given: Mapping[str, Any], today: date, days: int) -> None:
        self._today, self._oldest = today, today - timedelta(days=days)
        self._person = customer.person if customer.kind == Customer.Kind.PERSON else None
        self._reached = set(customer.contact_details.filter(to_date=None).values_list("normalised", flat=True))
        self._moved = _moved(customer.address_on(today), given) or " ".join(
            one.doubtful_why for one in doubts.of(customer)
        )

    def stale(self, way: str, value: Any, origin: Origin) -> str:
        """A sentence, or nothing when it seems to hold still."""
        if way in _ADDRESS:
            return self._moved
        if way in _REACHED:
            known = normalise_contact(_REACHED[way], str(value), strict=False) in self._reached
            return "" if known else "Not among the ways to reach them today."
        if self._person and (recorded := _recorded(self._person, way, str(value))):
            held, said = recorded
            return "" if held == said else "Another is recorded of them now."
        if way.rpartition("/")[2] in _ENDS and (day := _day(value)) and day < self._today:
            return f"This ended on {day:%-d %B %Y}."
        if origin.on < self._oldest:
            return f"Said on {origin.on:%-d %B %Y}, longer ago than answers are taken over."
        return ""


def _moved(home: Address | None, given: Mapping[str, Any]) -> str:
    """Why an address that was given may not be where they live."""
    if home is None:
        return "No address is recorded of them today."
    said = fold_number(str(given.get("contact/postcode", ""))), fold(str(given.get("contact/line1", "")))
    return "" if said == (fold_number(home.postcode), fold(home.line1)) else "Another address is recorded of them now."


def _recorded(person: Person, way: str, value: str) -> tuple[str, str] | None:
    """What is recorded of a person, and what was said, each as compared; None where nothing is recorded of it."""
    match way:
        case "person/nino" if person.nino:
            return person.nino, fold_number(value)
        case "person/date_of_birth" if person.date_of_birth:
            return str(person.date_of_birth), value[:10]
        case "person/name" if person.surname_key:
            return person.surname_key, fold(split_full_name(value).last_name)
        case _:
            return None


def _ways(sent: Mapping[str, Any], declared: Mapping[str, str], *, same: bool) -> dict[str, str]:
    """Each way that is offered, and the way the earlier case has it by: the same, or what the service declares."""
    alike = {way: way for way in sent if way not in declared and _offered(way.split("/")[0], same=same)}
    return alike | {ours: theirs for theirs, ours in declared.items() if theirs in sent}


def _offered(group: str, *, same: bool) -> bool:
    return group not in OF_THAT_CASE_ALONE and (same or group in OF_THE_CUSTOMER)


def _answers(value: Any, way: str = "") -> Iterator[tuple[str, Any]]:
    """Each answer with the way to it; a list, or a value with its code, is one answer."""
    if isinstance(value, Mapping) and value.keys() != {"code", "label"}:
        for key, inner in value.items():
            if "/" not in key:
                yield from _answers(inner, f"{way}/{key}" if way else key)
    elif way and value not in (None, "", []):
        yield way, value


def _papers(case: Case, earlier: Case, before: Taken, *, user: User, at: datetime, days: int) -> list[Paper]:
    here = set(Document.objects.filter(case_link__case=case).values_list("sha256", flat=True))
    oldest = timezone.localdate(at) - timedelta(days=days)
    found = []
    for row in _copyable(earlier, user=user).order_by("id")[:MOST_DOCUMENTS]:
        came = Origin(earlier.pk, earlier.reference, timezone.localdate(row.created_at))
        origin = before.documents.get(row.pk, came)
        old = f"From {origin.on:%-d %B %Y}, older than documents that are taken over." if origin.on < oldest else ""
        found.append(Paper(row, origin, old, row.sha256 in here))
    return found


def _copyable(earlier: Case, *, user: User) -> QuerySet[Document]:
    return sight.visible_documents(user).filter(case_link__case=earlier).exclude(origin=Document.Origin.GENERATED)


def _copy(case: Case, document: Document, *, by: User, at: datetime) -> Document:
    """The same file on another case, with the tags anybody may set there, but for that of the form: it was another one's."""
    free = lists.by_hand(Tag.Applies.DOCUMENT, [case.service_key]).filter(key__in=document.tags)
    with documents.open_file(document) as file:
        content = scanning.Scanned(file.read())  # by `examine`
    form = catalogue.manifest(case.service_version_id).form_tag
    tags = [key for key in free.values_list("key", flat=True) if key != form]
    kept = filing.add_document(
        case, name=document.name, content=content, origin=document.origin, tags=tags, by=by, at=at
    )
    if document.turned:
        kept.turned = document.turned
        kept.save(update_fields=["turned"])
    return kept


def _with(submitted: Any, given: list[Answer]) -> dict[str, Any]:
    filled: dict[str, Any] = dict(submitted) if isinstance(submitted, Mapping) else {}
    for one in given:
        *groups, last = one.way.split("/")
        inner = filled
        for group in groups:
            there = inner.get(group) or {}
            if not isinstance(there, Mapping):
                raise CannotChange(f"“{group}” is answered otherwise on this case, so {one.way} cannot be taken over.")
            inner[group] = dict(there)
            inner = inner[group]
        inner[last] = one.value
    return filled


def _sentence(earlier: Case, given: list[Answer], copied: list[Paper]) -> str:
    counts = ((len(given), "answer"), (len(copied), "document"))
    what = " and ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in counts if number)
    stale = sum(bool(one.stale) for one in given) + sum(bool(one.stale) for one in copied)
    return f"Taken over from {earlier.reference}: {what}{f', {stale} said to be out of date' if stale else ''}."


def _told(origin: Origin) -> dict[str, Any]:
    return {"case": origin.case, "reference": origin.reference, "on": origin.on.isoformat()}


def _origin(told: Mapping[str, Any]) -> Origin:
    return Origin(int(told["case"]), str(told["reference"]), date.fromisoformat(told["on"]))


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
