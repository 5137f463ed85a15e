"""The screens of look-up lists (PPP-51)."""

from datetime import datetime

import pytest
from django.test import Client
from tests.desk.conftest import SignInAs
from tests.desk.council import offer_blue_badges
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.core.lists import actions
from moothall.core.lists.models import Value
from moothall.domain.catalogue.models import Service

pytestmark = pytest.mark.django_db
LIST = "/desk/lists/contact_types/"


@pytest.fixture
def at_lists(sign_in_as: SignInAs, administrator: User) -> Client:
    return sign_in_as(administrator)


def test_an_administrator_adds_renames_orders_retires_and_brings_back_a_value(at_lists: Client) -> None:
    assert "Ways to reach somebody" in Page.of(at_lists.get("/desk/lists/")).text("table")
    added = at_lists.post(f"{LIST}add/", {"label": "Pager", "rule_form": "phone"}, follow=True)
    assert "Telephone number" in Page.of(added).text("table")
    at_lists.post(f"{LIST}pager/", {"label": "Bleeper", "rule_form": "phone"})
    at_lists.post(f"{LIST}pager/move/", {"way": "up"})
    assert [value.label for value in actions.values("contact_types")][-2:] == ["Bleeper", "Other telephone"]

    assert "0 records hold it" in at_lists.get(f"{LIST}pager/retire/").content.decode()
    for _twice in range(2):
        page = Page.of(at_lists.post(f"{LIST}pager/retire/", follow=True))
    assert "pager" not in {value.key for value in actions.values("contact_types")}
    assert "Bleeper" in page.text("main")
    at_lists.post(f"{LIST}pager/bring-back/")
    assert "pager" in {value.key for value in actions.values("contact_types")}


def test_a_value_that_is_there_is_refused_beside_its_field_and_what_was_typed_stays(at_lists: Client) -> None:
    answer = at_lists.post(f"{LIST}add/", {"label": "e-mail", "rule_form": "email"})
    assert answer.status_code == 422
    assert "This list has “E-mail” already." in answer.content.decode()
    assert 'value="e-mail"' in answer.content.decode()


def test_the_paragraphs_of_letters_are_written_with_their_values_and_checked(
    at_lists: Client, service: Service, noon: datetime
) -> None:
    where = "/desk/lists/blue_badge.missing_items/"
    row = Value.objects.filter(list__key="blue_badge.missing_items", retired_on=None)[0]
    assert "data-placeholders" in at_lists.get(f"{where}{row.key}/").content.decode()
    wrong = {"label": row.label, "text": "<p>{{ first_nam }}</p>", "welsh": "<p>Llun.</p>"}
    refused = at_lists.post(f"{where}{row.key}/", wrong)
    assert "Did you mean “first_name”?" in Page.of(refused).text("p", id="id_text-error")
    assert "{{ first_nam }}" in Page.of(refused).text("textarea")

    assert at_lists.post(f"{where}{row.key}/", wrong | {"text": "<p>For {{ first_name }}.</p>"}).status_code == 302
    offer_blue_badges(at=noon)
    row.refresh_from_db()
    assert (row.text, row.welsh, row.by_hand) == ("<p>For {{ first_name }}.</p>", "<p>Llun.</p>", True)
    told = Entry.objects.get(action="list_value.changed").detail
    assert (told["after"]["text"], told["after"]["welsh"]) == (row.text, row.welsh)
    at_lists.post(f"{where}add/", {"label": "A stamp", "text": "<p>A stamp.</p>", "welsh": ""})
    assert Value.objects.get(key="a_stamp").text == "<p>A stamp.</p>"


def test_who_may_not_manage_lists_sees_none(at_desk: Client) -> None:
    assert at_desk.get("/desk/lists/").status_code == 403
    assert "Lists" not in Page.of(at_desk.get("/desk/search/")).text("nav")
