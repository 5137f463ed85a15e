"""Rows added and read by statements planned once are the rows Django would add and read."""

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from moothall.core import planned, rows
from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.core.rows import Rows
from moothall.domain.messages.models import Message
from moothall.domain.people.models import Customer, Person


@pytest.fixture
def message(officer: User, noon: datetime) -> Message:
    return Message(
        channel="letter",
        reference="BB-1",
        to_name="Ann Example",
        to_lines=["1 Example Street", 'Flat "B", {x}'],
        subject="50% off \\ 'quoted'",
        html="<p>é</p>",
        tags=[],
        status="draft",
        created_at=noon,
        created_by=officer,
    )


def test_a_row_added_is_read_back_by_django_as_it_was_given(message: Message) -> None:
    added = rows.insert(message)

    found = Message.objects.get(pk=added.pk)
    for field in Message._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(added, field.attname), field.attname


def test_many_rows_are_copied_in_as_they_are_given_and_get_their_keys(
    message: Message, officer: User, noon: datetime
) -> None:
    customers = [Customer(kind="person", name=f"Ann\tExample\\{n}", tags=["a,b"], created_at=noon) for n in range(3)]
    told = [Entry(action="a.b", subject_type="c", subject_id=1, by=officer, at=noon, detail={"q": ['"', None]})]

    for many in (customers, [message], told, []):
        rows.copy(many)  # type: ignore[type-var]

    for added in (*customers, message, *told):
        found = type(added).objects.get(pk=added.pk)
        for field in type(added)._meta.concrete_fields:
            assert getattr(found, field.attname) == getattr(added, field.attname), field.attname
    assert rows.insert(Customer(kind="person", name="Next", created_at=noon)).pk > customers[2].pk


def test_a_row_with_a_key_of_its_own_keeps_it(db: None, noon: datetime) -> None:
    customer = rows.insert(Customer(kind="person", name="Ann Example", created_at=noon))
    rows.insert(Person(customer=customer, last_name="Example", surname_key="example"))

    assert Person.objects.get().pk == customer.pk


def test_an_added_row_is_changed_not_added_again_when_it_is_saved(message: Message) -> None:
    added = rows.insert(message)
    added.subject = "Another"
    added.save()

    assert Message.objects.get().subject == "Another"


def test_what_the_database_refuses_is_refused(db: None, noon: datetime) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(Customer(kind="person", name=None, created_at=noon))  # type: ignore[misc]


def test_columns_left_out_are_fetched_when_they_are_asked_for(message: Message) -> None:
    added = rows.insert(message)
    kept = Rows(Message, "m", without=["html"])

    with planned.cursor() as cursor:
        cursor.execute(f"SELECT {kept.selected} FROM messages_message m WHERE m.id = %s", [added.pk])
        found = kept.instance(cursor.fetchone())

    assert found.to_lines == added.to_lines
    assert found.get_deferred_fields() == {"html"}
    assert found.html == "<p>é</p>"
