"""What each makes of the work list: its columns, its export, the views that are kept and shared."""

import io
import zipfile
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.desk.test_work import WORK, listed, references

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.domain.cases.models import Case, WorkItem
from moothall.web.desk import work_columns
from moothall.web.desk.models import WorkColumns, WorkView

pytestmark = pytest.mark.django_db
PHONE, GENDER = "sent/blue_badge/contact/phone", "sent/blue_badge/person/gender"
SENT = {
    "person": {"name": "Alma Madeup", "nino": "QQ123456C", "gender": {"code": "F", "label": "Female"}},
    "contact": {"phone": "=01632 960001"},
    "eligibility": {"walking": "Not far."},
}


def test_columns_are_ones_own_and_the_export_has_the_same(
    at_desk: Client, sign_in_as: SignInAs, second_officer: User, tagged: tuple[Case, Case], officer: User
) -> None:
    one, other = tagged
    show(at_desk, "stage", "tags", "source", "kind")

    SecurityGroup.objects.filter(key="blue_badge_officers").update(
        permissions=[*officer.security_groups[0].permissions, Permission.EXPORT_CASES]
    )
    heads = Page.of(at_desk.get(WORK, {"tab": "all"})).text("thead")
    assert "Tags" in heads
    assert "Customer" not in heads
    assert "Customer" in Page.of(sign_in_as(second_officer).get(WORK, {"tab": "all"})).text("thead")

    answer = at_desk.get(f"{WORK}export/csv/", {"tab": "all", "sort": "-source", "updated": "any"})
    lines = b"".join(answer).decode("utf-8-sig").splitlines()  # type: ignore[call-overload]
    assert lines == [
        "Case,Stage,Tags,Source,Person or organisation",
        f"{other.reference},Initial Checks,,Paper,Person",
        f"{one.reference},Initial Checks,Terminal illness,Online,Person",
    ]
    book = b"".join(at_desk.get(f"{WORK}export/xlsx/", {"tab": "all", "terminal": "yes"}))  # type: ignore[call-overload]
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert one.reference in sheet
    assert other.reference not in sheet
    assert Access.objects.filter(via="desk work export").count() == 2
    unsorted = Page.of(at_desk.get(WORK, {"tab": "all", "sort": "kind"}))
    assert "Person or organisation" not in unsorted.links()


def test_a_file_says_of_a_target_what_the_list_shows(
    at_desk: Client, tagged: tuple[Case, Case], officer: User, at: datetime
) -> None:
    one, other = tagged
    SecurityGroup.objects.filter(key="blue_badge_officers").update(
        permissions=[*officer.security_groups[0].permissions, Permission.EXPORT_CASES]
    )
    WorkItem.objects.filter(case=one).update(entered_at=timezone.now() - timedelta(days=90))
    show(at_desk, "target")
    answer = b"".join(at_desk.get(f"{WORK}export/csv/", {"tab": "all", "updated": "any", "sort": "case"}))  # type: ignore[call-overload]
    said = dict(line.split(",", 1) for line in answer.decode("utf-8-sig").splitlines()[1:])
    assert said[one.reference].startswith('"Late: ')
    assert " over, due " in said[one.reference]
    assert " left, due " in said[other.reference]


def test_columns_of_one_name_say_of_which_workflow_they_are(at_desk: Client, tagged: tuple[Case, Case]) -> None:
    amounts = [f"asked/blue_badge.{flow}/amount" for flow in ("application", "replacement")]
    show(at_desk, amounts[0])
    assert "Amount (" not in Page.of(at_desk.get(WORK, {"tab": "all", "updated": "any"})).text("thead")
    show(at_desk, *amounts)
    page = Page.of(at_desk.get(WORK, {"tab": "all", "updated": "any"}))
    for place in ("thead", "form"):  # the headings, and the filters
        assert "Amount (Blue Badge application)" in page.text(place)
        assert "Amount (Blue Badge replacement)" in page.text(place)


def show(client: Client, *keys: str) -> None:
    """Show these columns and no others, as somebody would choose them."""
    client.post(f"{WORK}columns/", {"usual": "1"})
    client.post(f"{WORK}columns/", {"add": keys})
    for key in (key for key in work_columns.USUAL if key != "case" and key not in keys):
        client.post(f"{WORK}columns/", {"remove": key})
    for place, key in enumerate(keys):
        for _ in range(len(keys)):
            shown = list(WorkColumns.objects.get().keys)
            if shown.index(key) > place:
                client.post(f"{WORK}columns/", {"up": key})
    assert list(WorkColumns.objects.get().keys) == list(keys)


def test_nothing_in_a_workbook_is_a_formula(at_desk: Client, make_case: OpenCase, officer: User, at: datetime) -> None:
    make_case(at=at, last_name="=1+1")
    SecurityGroup.objects.filter(key="blue_badge_officers").update(
        permissions=[*officer.security_groups[0].permissions, Permission.EXPORT_CASES]
    )
    book = b"".join(at_desk.get(f"{WORK}export/xlsx/", {"tab": "all"}))  # type: ignore[call-overload]
    assert "<f>" not in zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()


def test_without_the_permission_nothing_is_exported(sign_in_as: SignInAs, viewer: User) -> None:
    client = sign_in_as(viewer)
    assert client.get(f"{WORK}export/csv/").status_code == 403
    assert "Export" not in Page.of(client.get(WORK)).text("main")


def test_a_view_is_kept_shared_with_a_team_and_forgotten_by_its_owner_alone(
    at_desk: Client, sign_in_as: SignInAs, second_officer: User, assessor: User, officer: User
) -> None:
    given = {"name": "Late ones", "team": "blue_badge_officers", "back": "tab=all&target=late&after=5"}
    for _ in range(2):
        assert at_desk.post(f"{WORK}views/", given).status_code == 302
    view = WorkView.objects.get()

    colleague = sign_in_as(second_officer)
    assert Page.of(colleague.get(WORK)).links()["Late ones"] == f"{WORK}?tab=all&target=late"
    assert "Late ones" not in Page.of(sign_in_as(assessor).get(WORK)).text("aside")
    assert colleague.post(f"{WORK}views/{view.pk}/forget/").status_code == 404
    colleague.post(f"{WORK}views/", given | {"back": "tab=mine"})
    alike = Page.of(colleague.get(WORK)).links()
    assert alike["Late ones (Olive Officer)"] == f"{WORK}?tab=all&target=late"
    assert alike["Late ones (Oscar Officer)"] == f"{WORK}?tab=mine"
    colleague.post(f"{WORK}views/{WorkView.objects.get(user=second_officer).pk}/forget/")
    assert at_desk.post(f"{WORK}views/", {"name": "Late ones", "back": "tab=mine"}).status_code == 422
    assert at_desk.post(f"{WORK}views/{view.pk}/forget/").status_code == 302
    assert not WorkView.objects.exists()


def test_a_view_of_ones_own_is_renamed_shared_and_begun_with(
    at_desk: Client, sign_in_as: SignInAs, second_officer: User, make_case: OpenCase, officer: User, at: datetime
) -> None:
    case = make_case(at=at)
    for name in ("Late ones", "Nobody's"):
        at_desk.post(f"{WORK}views/", {"name": name, "back": "tab=unassigned"})
    view = WorkView.objects.get(name="Late ones")
    here = f"{WORK}views/{view.pk}/"
    assert sign_in_as(second_officer).get(here).status_code == 404
    assert at_desk.post(here, {"name": "Nobody's"}).status_code == 422

    changed = at_desk.post(here, {"name": "Waiting", "team": "blue_badge_officers", "first": "on"})
    assert changed.status_code == 302
    view.refresh_from_db()
    assert (view.name, view.team_id, view.first) == ("Waiting", officer.groups.get().pk, True)
    assert references(at_desk.get(WORK, follow=True)) == [case.reference]
    assert references(sign_in_as(second_officer).get(WORK, follow=True)) == []


def test_a_shared_view_shows_somebody_with_fewer_rights_only_what_is_theirs(
    at_desk: Client, sign_in_as: SignInAs, assessor: User, make_case: OpenCase, at: datetime
) -> None:
    case = make_case(at=at)
    assert listed(at_desk, tab="all", type="new") == [case.reference]
    assert listed(sign_in_as(assessor), tab="all", type="new") == []


def test_a_view_is_shared_only_with_ones_own_teams(at_desk: Client, assessor: User) -> None:
    answer = at_desk.post(f"{WORK}views/", {"name": "Theirs", "team": "blue_badge_assessors", "back": ""})
    assert answer.status_code == 422


def test_answers_are_columns_shown_and_exported_in_ones_own_order_but_health_is_never_one(
    at_desk: Client, make_case: OpenCase, officer: User, at: datetime
) -> None:
    case = make_case(at=at)
    Case.objects.filter(pk=case.pk).update(submitted=SENT)
    SecurityGroup.objects.filter(key="blue_badge_officers").update(
        permissions=[*officer.security_groups[0].permissions, Permission.EXPORT_CASES]
    )
    offered = Page.of(at_desk.get(f"{WORK}columns/", {"q": "phone"}))
    assert [box["value"] for box in offered.all("input", type="checkbox")] == [PHONE]
    everything = at_desk.get(f"{WORK}columns/").content.decode()
    assert "sent/blue_badge/eligibility" not in everything
    assert "/nino" not in everything

    show(at_desk, GENDER, "stage", PHONE)
    shown = Page.of(at_desk.get(WORK, {"tab": "all"}))
    assert "Contact – Phone" in shown.text("thead")
    assert "Contact – Phone" not in shown.links()
    assert "Female" in shown.text("tbody")
    lines = b"".join(at_desk.get(f"{WORK}export/csv/", {"tab": "all"})).decode("utf-8-sig").splitlines()  # type: ignore[call-overload]
    assert lines[0] == "Case,Person – Gender,Stage,Contact – Phone"
    assert lines[1] == f"{case.reference},Female,Initial Checks,'=01632 960001"


def test_an_answer_is_empty_for_whoever_may_not_see_the_application(
    at_desk: Client, make_case: OpenCase, officer: User, at: datetime
) -> None:
    Case.objects.filter(pk=make_case(at=at).pk).update(submitted=SENT)
    show(at_desk, GENDER)
    assert "Female" in Page.of(at_desk.get(WORK, {"tab": "all"})).text("tbody")

    fewer = [one for one in officer.security_groups[0].permissions if one != Permission.VIEW_SUBMISSION]
    SecurityGroup.objects.filter(key="blue_badge_officers").update(permissions=fewer)
    assert "Female" not in Page.of(at_desk.get(WORK, {"tab": "all"})).text("tbody")
    offered = Page.of(at_desk.get(f"{WORK}columns/")).all("input", type="checkbox")
    assert not [box for box in offered if box["value"].startswith("sent/")]
