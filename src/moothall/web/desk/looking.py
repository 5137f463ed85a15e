"""What the search box finds: cases and customers by whatever was typed, of those somebody may see."""

from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import finding as case_finding
from moothall.domain.cases import homes, sight
from moothall.domain.cases.models import Case
from moothall.domain.people import box, searching, told
from moothall.domain.people.finding import golden, people_found
from moothall.domain.people.matching import BADGE_NUMBER
from moothall.domain.people.models import Customer
from moothall.domain.people.numbers import fold_number
from moothall.domain.people.searching import Question
from moothall.kit import nino, postcode, references

MOST = 50
"""Cases, and customers, shown at most."""


@dataclass(frozen=True)
class Found:
    """What was found. `exact`: what was typed is the number of one case or customer, and nothing else can be meant."""

    asked: str  # what it was taken for: reference, badge, nino, postcode, name, or several of a question
    cases: list[Case] = field(default_factory=list)
    people: list[Customer] = field(default_factory=list)
    more: bool = False  # than MOST of either, or than those a search has counted
    why: dict[int, list[str]] = field(default_factory=dict)  # by the customer's number
    total: int = 0  # customers known to fit a question, of whom `people` are those of one page

    @property
    def exact(self) -> Case | Customer | None:
        """The one to go to at once."""
        if self.asked not in {"reference", "badge", "nino"}:
            return None
        if len(self.people) == 1:
            return self.people[0]
        return self.cases[0] if not self.people and len(self.cases) == 1 else None

    @property
    def count(self) -> int:
        return len(self.cases) + len(self.people)


def known(question: Question, user: User, *, tag: str = "", case: str = "", page: int = 1) -> Found:
    """Customers `user` may see of whom all this is known, a page of them, and the latest cases of these.

    `case` is a case reference, with % at either end. Raises Invalid with a sentence.
    """
    people = sight.visible_people(user)
    people = people.filter(tags__contains=[tag]) if tag else people
    named = case_finding.customers(case, user) if case else None
    nearly_all = not tag and sight.sees_everybody(user)
    first = (page - 1) * MOST
    answer = searching.find(question, among=people, nearly_all=nearly_all, also=named, first=first, most=MOST)
    found = list(searching.told(answer.customers, question))
    cases = _cases(user, "").filter(customer__in=answer.customers)
    if case:
        cases = case_finding.referred(cases, case)
    asked = " ".join([*question.asked, *(["case"] if case else [])])
    return Found(
        asked,
        cases=list(cases.order_by("-opened_at", "-id")[:MOST]),
        people=found,
        more=answer.more,
        why=told.reasons(found, question),
        total=answer.total,
    )


def look(text: str, user: User, *, tag: str = "", page: int = 1) -> Found:
    """Cases and customers `user` may see, for a reference, a number, a postcode, a name or several of them.

    With `tag`, customers who have it, and cases of theirs; without a text all of those customers, and none of the cases.
    Raises Invalid with a sentence.
    """
    if text or not tag:
        return _look(text, user, tag, page)
    rows = (
        sight.visible_people(user)
        .filter(tags__contains=[tag])
        .select_related("person")
        .prefetch_related("residences__address")
    )
    people = list(rows.order_by("name", "id")[: MOST + 1])
    return Found("tag", people=people[:MOST], more=len(people) > MOST)


def _look(text: str, user: User, tag: str, page: int) -> Found:
    if searching.ANY in text:
        return known(box.taken_apart(text), user, tag=tag, page=page)
    if references.is_valid(text):
        return Found("reference", cases=list(_cases(user, tag).filter(reference=references.normalise(text))))
    if nino.is_valid(text):
        return _by("nino", _people(nino_given=text), user, tag)
    holders = Q(references__type=BADGE_NUMBER, references__number=fold_number(text))
    found = _by("badge", holders, user, tag, personal=False)
    if postcode.is_valid(text):  # which some badge numbers are written like
        lives = _people(postcode_given=text)
        there = _by("postcode", holders | lives if found.count else lives, user, tag, places=text)
        return there if there.count > found.count else found
    if found.count or user.may(Permission.VIEW_PEOPLE):
        return found if found.count else known(box.taken_apart(text), user, tag=tag, page=page)
    named = people_found(name=text, first_names="", date_of_birth=None, nino_given="", postcode_given="")
    return _by("name", named, user, tag, personal=False)


def _by(asked: str, condition: Q, user: User, tag: str, *, places: str = "", personal: bool = True) -> Found:
    """Customers of whom the condition is true, and their cases; where it is `personal`, of services whose people the user
    may see. `places` is a postcode of what a case is about."""
    there = golden(condition)
    people = sight.visible_people(user).filter(pk__in=there).select_related("person")
    people = people.filter(tags__contains=[tag]) if tag else people
    people = people.prefetch_related("residences__address").order_by("name", "id")
    wanted = Q(customer__in=there) & (homes.people_seen(user) if personal else Q())
    if places:
        wanted |= Q(place__postcode=postcode.normalise(places))
    cases = list(_cases(user, tag).filter(wanted).order_by("-opened_at", "-id")[: MOST + 1])
    customers = list(people[: MOST + 1])
    more = len(cases) > MOST or len(customers) > MOST
    return Found(asked, cases=cases[:MOST], people=customers[:MOST], more=more)


def _people(*, nino_given: str = "", postcode_given: str = "") -> Q:
    return people_found(
        name="", first_names="", date_of_birth=None, nino_given=nino_given, postcode_given=postcode_given
    )


def _cases(user: User, tag: str) -> QuerySet[Case]:
    rows = Case.objects.visible_to(user).select_related("customer__person", "service").defer("submitted")
    return rows.filter(customer__tags__contains=[tag]) if tag else rows
