"""The example council: a user for each role, and cases that went as far as their stories say."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from moothall.config.example import kept, people
from moothall.config.example.people import ADDRESSES, STAFF, NotTheExample
from moothall.core.accounts.models import Absence, User
from moothall.domain.cases.models import Case, Intention, WorkItem
from moothall.domain.exchange.models import Item
from moothall.domain.messages.models import Message
from moothall.domain.notifications.models import Notification
from moothall.domain.people.models import Residence
from moothall.domain.places.models import PlaceNote, Property
from moothall.web.desk.models import WorkView

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_example_has_staff_for_each_role_and_cases_in_different_stages(
    settings: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "documents"  # type: ignore[attr-defined]
    call_command("example", cases=6)

    assert capsys.readouterr().out == "The example council has 6 cases.\n"
    for member in STAFF:
        user = User.objects.get(email=member.email)
        assert user.check_password(kept.password(tmp_path))
        assert user.group_keys == set(member.groups)
    assert Case.objects.count() == 6
    manager, administrator = (
        User.objects.get(email=f"{name}{ADDRESSES}") for name in ("mandla.manager", "ada.administrator")
    )
    theirs = WorkItem.objects.open().visible_to(manager)
    assert theirs.exists()
    assert set(WorkItem.objects.open().visible_to(administrator)) == set(theirs)
    assert len(set(WorkItem.objects.open().values_list("stage__key", flat=True))) >= 4
    assert WorkItem.objects.open().exclude(assigned_to=None).exists()
    assert set(Case.objects.values_list("type", flat=True)) >= {"new", "replacement"}
    assert Case.objects.filter(notes__isnull=False).exists()
    assert Intention.objects.open().filter(due__lt=timezone.localdate()).exists()
    assert Absence.objects.get().user.full_name == "Oscar Officer"
    assert WorkView.objects.filter(team__key="blue_badge_officers").count() == 2
    assert Message.objects.filter(status="failed").exclude(problem="").exists()
    assert Notification.objects.filter(read_at=None).exists()
    assert Case.objects.earliest("opened_at").opened_at < timezone.now() - timedelta(days=20)
    assert not WorkItem.objects.filter(finished_at__lt=F("entered_at")).exists()
    assert Case.objects.filter(updated_at__lt=timezone.now() - timedelta(days=7)).exists()
    for case in Case.objects.exclude(submitted=None):
        handed_in = datetime.fromisoformat(case.submitted["application"]["submitted_at"])
        assert timedelta(0) < case.opened_at - handed_in < timedelta(hours=1)
    sent = Message.objects.filter(sent_at__isnull=False)
    assert {one.channel for one in sent} == {"email", "letter"}
    assert all(one.sent_at - one.created_at < timedelta(hours=1) for one in sent)
    assert not Item.objects.waiting().filter(due_at__lt=timezone.now() - timedelta(minutes=5)).exists()
    assert Property.objects.count() > 2_900
    assert Residence.objects.filter(to_date=None, address__uprn__in=PlaceNote.objects.values("uprn")).exists()

    call_command("example", cases=1)
    assert Case.objects.count() == 7
    assert Absence.objects.count() == 1
    assert PlaceNote.objects.count() == 1


def test_a_database_in_which_others_work_is_left_alone(officer: User) -> None:
    User.objects.filter(pk=officer.pk).update(email="somebody@example.org")
    with pytest.raises(NotTheExample, match="one of its own"):
        people.hire(password="a long enough password", at=datetime.now(tz=UTC))
    assert not User.objects.filter(email__endswith=ADDRESSES).exists()
