"""Colleagues through the API: their skills, and the work of somebody who leaves (BEST-4)."""

from django.utils import timezone
from tests.api.world import World

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.audit.models import Access
from moothall.domain.cases import batches
from moothall.domain.cases.models import Batch, Case, WorkItem
from moothall.web.desk.models import WorkView


def path(world: World, role: str = "officer", then: str = "") -> str:
    return f"/team/{world.users[role].pk}{then}"


def hold(world: World, *numbers: int, role: str = "officer") -> None:
    """Give them the work items and the cases with these numbers."""
    for number in numbers:
        WorkItem.objects.filter(pk=world.item(number=number).pk).update(assigned_to=world.users[role])
        Case.objects.filter(pk=world.case(number=number).pk).update(owner=world.users[role])


def test_a_colleague_is_read_with_their_skills_and_what_is_theirs_which_is_recorded(world: World) -> None:
    hold(world, 0, 1)
    found = world.clients["manager"].get(path(world))
    assert found.status_code == 200, found.content
    assert found.json() == {
        "user": {"id": world.users["officer"].pk, "name": "Officer"},
        "active": True,
        "skills": [{"key": "appeals", "label": "Appeals", "has": False}],
        "items": 2,
        "to_do": 0,
        "cases": 2,
        "unseen": 0,
    }
    assert Access.objects.filter(user=world.users["manager"], via="api team.member").exists()
    assert world.clients["officer"].get(path(world, "other_officer")).status_code == 404, "who works elsewhere"


def test_a_colleague_is_given_exactly_these_skills_and_keeps_those_of_services_one_does_not_supervise(
    world: World,
) -> None:
    User.objects.filter(pk=world.users["officer"].pk).update(skills=["juggling"])
    given = world.clients["manager"].put(path(world, then="/skills"), {"skills": ["appeals"]})
    assert given.json()["skills"] == [{"key": "appeals", "label": "Appeals", "has": True}]
    assert User.objects.get(pk=world.users["officer"].pk).skills == ["appeals", "juggling"]

    unknown = world.clients["manager"].put(path(world, then="/skills"), {"skills": ["flying"]})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "body.skills")
    world.clients["manager"].put(path(world, then="/skills"), {"skills": []})
    assert User.objects.get(pk=world.users["officer"].pk).skills == ["juggling"]


def test_all_of_somebody_who_leaves_goes_to_a_colleague_their_shared_views_too_and_the_account_ends(
    world: World,
) -> None:
    hold(world, 0, 1)
    manager, leaver = world.users["manager"], world.users["officer"]
    team = SecurityGroup.objects.get(key="permits_officers")
    WorkView.objects.create(user=leaver, team=team, name="Late permits", query="target=late", made_at=timezone.now())
    body = {"to": [manager.pk], "deactivate": True, "reason": "Retired"}
    answer = world.clients["manager"].post(path(world, then="/handing-over"), body)
    assert (answer.status_code, answer.json()["kind"]) == (202, "hand_over"), answer.content

    batches.work_through(answer.json()["id"])
    assert {world.item(number=number).assigned_to for number in (0, 1)} == {manager}
    assert set(Case.objects.filter(owner=manager)) == {world.case(number=0), world.case(number=1)}
    assert WorkView.objects.get(name="Late permits").user == manager
    assert not User.objects.get(pk=leaver.pk).is_active


def test_a_handing_over_is_refused_to_nobodys_colleague_of_ones_own_work_and_by_who_ends_no_accounts(
    world: World,
) -> None:
    hold(world, 0)
    officer, manager = world.clients["officer"], world.clients["manager"]
    stranger = manager.post(path(world, then="/handing-over"), {"to": [world.users["stranger"].pk]})
    assert stranger.json()["errors"][0]["field"] == "body.to"
    own = officer.post(path(world, then="/handing-over"), {"to": []})
    assert (own.status_code, own.json()["type"].endswith("cannot-hand-over")) == (409, True)
    ends = {"to": [], "deactivate": True, "reason": "Left"}
    assert officer.post(path(world, "manager", "/handing-over"), ends).status_code == 409
    assert officer.post(path(world, "other_officer", "/handing-over"), {"to": []}).status_code == 404
    assert not Batch.objects.exists()
