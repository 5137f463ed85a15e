"""What each role sees of a case and of what belongs to it."""

from datetime import datetime

import pytest
from tests.cases.conftest import MakePerson, MakeService, OpenCase
from tests.conftest import VIEWING, MakeUser
from tests.documents.conftest import pdf

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import actions, sight
from moothall.domain.cases.models import Case
from moothall.domain.people.models import Customer

pytestmark = pytest.mark.django_db
LOOKS = [
    sight.visible_documents,
    sight.visible_notes,
    sight.visible_payments,
    sight.visible_timeline,
    sight.visible_messages,
]


@pytest.fixture
def full_case(case: Case, officer: User, noon: datetime) -> Case:
    """A case with a note, a payment, a plain document and one for the assessor."""
    actions.add_note(case, text="A note", by=officer, at=noon)
    actions.record_payment(case, pence=1000, method="cash", by=officer, at=noon)
    for name, tags in (("plain", []), ("medical", ["assessment"])):
        actions.add_document(case, name=f"{name}.pdf", content=pdf(), origin="officer", tags=tags, by=officer, at=noon)
    return case


def kinds(user: User) -> set[str]:
    return set(sight.visible_timeline(user).values_list("kind", flat=True))


def test_an_officer_of_the_service_sees_all_of_the_case(full_case: Case, officer: User, ann: Customer) -> None:
    assert set(sight.visible_people(officer)) == {ann}
    assert sight.visible_documents(officer).count() == 2
    assert sight.visible_notes(officer).get().text == "A note"
    assert sight.visible_payments(officer).get().pence == 1000
    assert kinds(officer) == {"case", "workflow", "note", "payment", "document"}


@pytest.mark.parametrize("look", LOOKS)
def test_who_reaches_another_service_or_none_sees_nothing_of_it(
    full_case: Case, make_user: MakeUser, stranger: User, look: sight.Look
) -> None:
    other = make_user("Tara Taxicard", "taxicard_officers", permissions=list(Permission), services=["taxicard"])

    assert not look(other).exists()
    assert not look(stranger).exists()


def test_people_are_seen_through_their_cases_or_when_they_have_none(
    full_case: Case,
    make_person: MakePerson,
    open_case: OpenCase,
    make_service: MakeService,
    officer: User,
    administrator: User,
    stranger: User,
    ann: Customer,
) -> None:
    new = make_person("New", date_of_birth=None)
    taxi = make_person("Taxi", date_of_birth=None)
    open_case(taxi, service=make_service("taxicard", "Taxicard", "TC"))

    assert set(sight.visible_people(officer)) == {ann, new}
    assert set(sight.visible_people(administrator)) == {ann, new, taxi}
    assert not sight.visible_people(stranger).exists()


@pytest.mark.parametrize(
    ("missing", "look", "kind"),
    [
        (Permission.VIEW_NOTES, sight.visible_notes, "note"),
        (Permission.VIEW_DOCUMENTS, sight.visible_documents, "document"),
        (Permission.VIEW_PAYMENTS, sight.visible_payments, "payment"),
    ],
)
def test_without_a_permission_neither_the_things_nor_their_lines_on_the_timeline_are_seen(
    full_case: Case, make_user: MakeUser, missing: Permission, look: sight.Look, kind: str
) -> None:
    permissions = [permission for permission in VIEWING if permission is not missing]
    user = make_user("Lou Limited", "limited", permissions=permissions, services=["blue_badge"])

    assert not look(user).exists()
    assert kind not in kinds(user)
    assert "case" in kinds(user)


@pytest.mark.parametrize("look", [*LOOKS, sight.visible_people])
def test_without_sight_of_cases_nothing_of_them_is_seen(full_case: Case, make_user: MakeUser, look: sight.Look) -> None:
    permissions = [permission for permission in VIEWING if permission is not Permission.VIEW_CASES]
    user = make_user("Nell Nocases", "no_cases", permissions=permissions, services=["blue_badge"])

    assert not look(user).exists()


def test_an_assessor_confined_to_a_tag_sees_those_documents_and_the_lines_about_them_alone(
    full_case: Case, make_user: MakeUser, manager: User, noon: datetime
) -> None:
    assessor = make_user(
        "Asa Assessor", "assessors", permissions=VIEWING, services=["blue_badge"], document_tags=["assessment"]
    )
    plain = sight.visible_documents(manager).get(name="plain.pdf")
    actions.tag_document(full_case, plain, set=["photograph"], by=manager, at=noon)
    actions.delete_document(full_case, plain, reason="Wrong", by=manager, at=noon)

    assert sight.visible_documents(assessor).get().name == "medical.pdf"
    texts = list(sight.visible_timeline(assessor).values_list("text", flat=True))
    assert [text for text in texts if "pdf" in text] == ["Document “medical.pdf” added."]
    assert len(texts) > 3
    assert any("plain.pdf" in text for text in sight.visible_timeline(manager).values_list("text", flat=True))
