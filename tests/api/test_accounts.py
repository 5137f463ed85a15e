"""Users and groups are managed through the API by who has the permission, and nobody is locked out by it."""

from io import StringIO

import pytest
from django.core.management import call_command
from tests.api.client import ApiClient
from tests.api.world import World, sign_in

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Entry


def test_a_user_is_made_found_put_in_groups_stopped_and_let_in_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = world.clients["manager"]
    password = "a long enough passphrase"
    body = {"email": "Nora@example.org", "name": "Nora New", "groups": ["permits_viewers"]}
    known = manager.post("/users", {**body, "password": password})
    assert (known.status_code, User.objects.filter(email="nora@example.org").exists()) == (422, False)
    made = manager.post("/users", body)
    assert (made.status_code, made.json()["email"], made.json()["active"]) == (201, "nora@example.org", True)
    assert "password" not in made.json()
    path = f"/users/{made.json()['id']}"
    assert [row["id"] for row in manager.get("/users", group="permits_viewers").json()["items"]].count(
        made.json()["id"]
    )

    moved = manager.put(f"{path}/groups", {"groups": ["viewers"], "reason": "Moved team"})
    assert moved.json()["groups"] == ["viewers"]
    assert ApiClient().post("/tokens", {"email": "nora@example.org", "password": password}).status_code == 401
    monkeypatch.setattr("sys.stdin", StringIO(password + "\n"))
    call_command("users", "password", "nora@example.org")
    token = ApiClient().post("/tokens", {"email": "nora@example.org", "password": password}).json()["token"]
    assert manager.post(f"{path}/deactivation", {"reason": "Left"}).json()["active"] is False
    assert ApiClient(token).get("/me").status_code == 401
    assert made.json()["id"] in [row["id"] for row in manager.get("/users", active="false").json()["items"]]
    assert manager.post(f"{path}/reactivation", {"reason": "Came back"}).json()["active"] is True
    done = set(Entry.objects.filter(subject_type="user", subject_id=made.json()["id"]).values_list("action", flat=True))
    assert done == {"user.created", "user.password_set", "user.groups_set", "user.deactivated", "user.reactivated"}


def test_a_group_is_made_and_changed_and_both_are_recorded(world: World) -> None:
    manager = world.clients["manager"]
    body = {"name": "Callers", "permissions": ["application.api"], "services": ["permits"], "reason": "New desk"}
    assert manager.put("/groups/callers", body).json()["permissions"] == ["application.api"]
    changed = manager.put("/groups/callers", body | {"permissions": ["application.api", "case.view"]})
    assert changed.json()["permissions"] == ["application.api", "case.view"]
    assert "callers" in {row["key"] for row in manager.get("/groups", page_size=200).json()["items"]}
    entry = Entry.objects.filter(action="group.defined").latest("id")
    assert (entry.reason, entry.by) == ("New desk", world.users["manager"])
    for wrong in ({"permissions": ["case.fly"]}, {"services": ["moon"]}, {"name": " "}):
        assert manager.put("/groups/callers", body | wrong).status_code == 422
    assert manager.put("/groups/managers", body).status_code == 422  # the manager is in it


def test_lists_of_users_and_groups_come_in_pages(world: World) -> None:
    for path in ("/users", "/groups"):
        first = world.clients["manager"].get(path, page_size=2).json()
        assert len(first["items"]) == 2
        assert first["total"] > 2
    assert all(
        row["email"] != "system@moothall.invalid" for row in world.clients["manager"].get("/users").json()["items"]
    )


def test_the_last_administrator_cannot_be_stopped_through_the_api(world: World) -> None:
    User.objects.filter(email="inactive@council.example.org").update(is_active=False)
    User.objects.filter(email="expired@council.example.org").update(is_active=False)
    group = SecurityGroup.objects.create(
        key="hr", name="HR", permissions=[Permission.API, Permission.MANAGE_USERS, Permission.MANAGE_GROUPS]
    )
    world.users["stranger"].groups.add(group)
    path = f"/users/{world.users['manager'].pk}/deactivation"
    assert world.clients["stranger"].post(path, {"reason": "Coup"}).status_code == 200  # they are one themselves
    group.permissions = [Permission.API, Permission.MANAGE_USERS]
    group.save()
    User.objects.filter(email="manager@council.example.org").update(is_active=True)
    refused = world.clients["stranger"].post(path, {"reason": "Coup"})
    assert refused.status_code == 422
    assert "nobody could manage" in refused.json()["detail"]


def test_who_manages_users_cannot_make_themselves_more(world: World) -> None:
    world.users["officer"].groups.add(
        SecurityGroup.objects.create(key="hr", name="HR", permissions=[Permission.API, Permission.MANAGE_USERS])
    )
    officer = sign_in(world.users["officer"])
    own = officer.put(f"/users/{world.users['officer'].pk}/groups", {"groups": ["managers"], "reason": "Me"})
    puppet = officer.post("/users", {"email": "p@example.org", "name": "Puppet", "groups": ["managers"]})
    assert (own.status_code, puppet.status_code) == (422, 422)
    assert not User.objects.filter(email="p@example.org").exists()
    assert officer.post("/users", {"email": "p@example.org", "name": "P", "is_active": True}).status_code == 422
