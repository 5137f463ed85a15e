from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cases.conftest import MakePerson, OpenCase

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.audit.models import Entry
from moothall.domain.cases import actions
from moothall.domain.cases.actions import CannotChange, CannotOpen, NewDemand
from moothall.domain.cases.models import Case, Note, RelatedCase, WorkItem
from moothall.domain.catalogue.models import Service
from moothall.domain.people.matching import Match, Rule
from moothall.domain.people.models import Customer
from moothall.domain.places.actions import keep_address
from moothall.kit import references

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 12


def texts(case: Case) -> list[str]:
    return list(case.timeline.values_list("text", flat=True))


def test_a_case_says_what_it_is_where_it_came_from_and_whose_it_is(
    open_case: OpenCase, ann: Customer, officer: User, noon: datetime
) -> None:
    place = keep_address(line1="1 Example Street", town="Exampleton", postcode="EX1 1AA")
    case = open_case(ann, type="appeal", source="paper", place=place, submitted={"reason": "Unfair"}, tags=["urgent"])

    case.refresh_from_db()
    assert (case.type, case.source, case.customer, case.place) == ("appeal", "paper", ann, place)
    assert (case.submitted, case.tags) == ({"reason": "Unfair"}, ["on_paper", "urgent"])
    assert (case.opened_by, case.opened_at, case.closed_at, case.end_state) == (officer, noon, None, "")
    assert case.service_version_id == case.service.current_id
    assert texts(case) == ["Case opened: Appeal."]
    assert Entry.objects.get(action="case.opened").subject_id == case.pk


def test_the_reference_has_the_prefix_of_the_service_and_can_be_read_out(case: Case) -> None:
    assert references.parse(case.reference, prefix="BB").number == case.pk


def test_a_case_holds_what_the_customer_wants_in_their_words(open_case: OpenCase, ann: Customer) -> None:
    plain = open_case(ann)
    told = open_case(ann, demands=[NewDemand(type="badge", words="I cannot walk far"), NewDemand(type="advice")])

    assert plain.demands.get().type == "new"
    assert set(told.demands.values_list("type", "words")) == {("badge", "I cannot walk far"), ("advice", "")}


def test_the_workflow_of_the_type_starts_unless_told_not_to(open_case: OpenCase, ann: Customer) -> None:
    assert WorkItem.objects.get(case=open_case(ann)).stage.key == "wait"
    assert not WorkItem.objects.filter(case__in=[open_case(ann, start=False), open_case(ann, type="appeal")]).exists()


@pytest.mark.parametrize(
    ("given", "known"), [({"type": "lost"}, "new, appeal"), ({"source": "pigeon"}, "online, paper")]
)
def test_a_type_or_source_the_service_does_not_know_is_refused_and_opens_nothing(
    open_case: OpenCase, ann: Customer, given: dict[str, str], known: str
) -> None:
    with pytest.raises(CannotOpen, match=known):
        open_case(ann, **given)
    assert not Case.objects.exists()


def test_a_service_without_a_version_in_force_opens_no_case(
    open_case: OpenCase, blue_badge: Service, ann: Customer
) -> None:
    blue_badge.current = None
    with pytest.raises(CannotOpen, match="no version in force"):
        open_case(ann, service=blue_badge)


def test_a_number_of_somebody_else_is_tagged_and_an_important_note(open_case: OpenCase, ann: Customer) -> None:
    match = Match(customer=None, rule=Rule.NONE, reason="The number is somebody else's.", nino_conflict=True)
    case = open_case(ann, match=match)

    note = case.notes.get()
    assert (case.tags, note.important, note.text) == (["nino_conflict"], True, match.reason)
    assert texts(case)[0] == "Case opened: New application. The number is somebody else's."


def test_a_plain_match_is_told_on_the_timeline_alone(open_case: OpenCase, ann: Customer) -> None:
    case = open_case(ann, match=Match(customer=ann, rule=Rule.NINO, reason="Matched by number."))

    assert texts(case)[0].endswith("Matched by number.")
    assert not case.notes.exists()


def test_opening_takes_few_statements(open_case: OpenCase, ann: Customer) -> None:
    open_case(ann)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        open_case(ann, start=False, demands=[NewDemand(type=str(number)) for number in range(5)])

    assert len(queries) <= MOST_STATEMENTS, [query["sql"][:90] for query in queries]


@pytest.mark.django_db(transaction=True)
def test_cases_opened_at_once_have_references_of_their_own(open_case: OpenCase, ann: Customer) -> None:
    def run(_number: int) -> str:
        try:
            return open_case(ann).reference
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(run, range(12)))

    assert len(set(found)) == 12


def test_a_note_can_be_important_and_cannot_be_empty(case: Case, officer: User, noon: datetime) -> None:
    actions.add_note(case, text="Beware of the dog", important=True, by=officer, at=noon)

    note = Note.objects.get()
    assert (note.important, note.text, note.by) == (True, "Beware of the dog", officer)
    assert texts(case)[-1] == "Important note added."
    with pytest.raises(CannotChange, match="Write the note"):
        actions.add_note(case, text="  ", by=officer, at=noon)


def test_a_case_belongs_to_a_person_and_a_team_and_says_so(case: Case, officer: User, noon: datetime) -> None:
    team = SecurityGroup.objects.get(key="blue_badge_officers")
    for _ in range(2):
        actions.assign_case(case, owner=officer, team=team, by=officer, at=noon)

    case.refresh_from_db()
    assert (case.owner, case.team) == (officer, team)
    assert texts(case).count("Assigned to Olive Officer and Blue badge officers.") == 1


def test_linked_cases_know_of_each_other_once(
    open_case: OpenCase, case: Case, make_person: MakePerson, officer: User, noon: datetime
) -> None:
    other = open_case(make_person("Sample"))
    actions.link_cases(other, case, why="Same household", by=officer, at=noon)
    actions.link_cases(case, other, why="Again", by=officer, at=noon)

    assert RelatedCase.objects.get().why == "Same household"
    assert texts(case)[-1] == f"Linked to {other.reference}: Same household"
    assert texts(other)[-1] == f"Linked to {case.reference}: Same household"


@pytest.mark.parametrize("refused", [lambda case, other: (case, case, "x"), lambda case, other: (case, other, " ")])
def test_a_link_needs_two_cases_and_a_reason(
    open_case: OpenCase,
    case: Case,
    ann: Customer,
    officer: User,
    noon: datetime,
    refused: Callable[..., tuple[Case, Case, str]],
) -> None:
    one, two, why = refused(case, open_case(ann))
    with pytest.raises(CannotChange):
        actions.link_cases(one, two, why=why, by=officer, at=noon)
