from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import DjangoAssertNumQueries
from tests.accounts.conftest import NOON, PASSWORD

from moothall.core.accounts import actions, tokens
from moothall.core.accounts.actions import AccountRefused
from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Entry


def test_a_user_is_made_with_a_lower_case_address_in_the_groups_named(officer: User) -> None:
    assert officer.email == "olive@example.org"
    assert officer.group_keys == {"officers"}
    assert officer.may(Permission.VIEW_CASES)
    assert not officer.may(Permission.MANAGE_USERS)


def test_the_same_address_in_another_case_is_refused(officer: User, administrator: User) -> None:
    with pytest.raises(AccountRefused, match="already a user"):
        actions.create_user(email="OLIVE@example.org", full_name="Another", by=administrator, at=NOON)


@pytest.mark.parametrize(
    ("email", "name", "password", "groups", "sentence"),
    [
        ("not an address", "Nora", PASSWORD, [], "not an e-mail address"),
        ("nora@example.org", " ", PASSWORD, [], "has a name"),
        ("nora@example.org", "Nora", "short", [], "too short"),
        ("nora@example.org", "Nora", PASSWORD, ["nobody"], "no security group “nobody”"),
    ],
)
def test_a_user_that_makes_no_sense_is_refused_and_nothing_is_kept(
    administrator: User, email: str, name: str, password: str, groups: list[str], sentence: str
) -> None:
    with pytest.raises(AccountRefused, match=sentence):
        actions.create_user(email=email, full_name=name, password=password, groups=groups, by=administrator, at=NOON)
    assert not User.objects.filter(email=email).exists()
    assert not Entry.objects.exists()


def test_changing_groups_records_before_and_after_and_why(officer: User, administrator: User) -> None:
    actions.define_group(key="viewers", name="Viewers", permissions=[], by=administrator, at=NOON)
    actions.set_groups(officer, groups=["viewers"], by=administrator, at=NOON, reason="Moved team")

    entry = Entry.objects.get(action="user.groups_set")
    assert (entry.detail["before"], entry.detail["after"]) == (["officers"], ["viewers"])
    assert (entry.by, entry.reason) == (administrator, "Moved team")
    assert User.objects.get(pk=officer.pk).group_keys == {"viewers"}


def test_a_removed_membership_is_kept_in_its_history_with_who_removed_it(officer: User, administrator: User) -> None:
    actions.set_groups(officer, groups=[], by=administrator, at=NOON, reason="Left the team")

    event = Membership.pgh_event_model.objects.get()  # type: ignore[attr-defined]
    assert event.pgh_context["by"] == administrator.pk
    assert event.pgh_context["reason"] == "Left the team"


def test_nobody_changes_their_own_groups_or_deactivates_themselves(officer: User) -> None:
    with pytest.raises(AccountRefused, match="Somebody else"):
        actions.set_groups(officer, groups=["officers"], by=officer, at=NOON)
    with pytest.raises(AccountRefused, match="Somebody else"):
        actions.deactivate(officer, by=officer, at=NOON, reason="Bored")


def test_a_deactivated_user_may_nothing_and_their_tokens_end(officer: User, administrator: User) -> None:
    _, token = tokens.issue(officer, name="laptop", days=30, by=officer, at=NOON)
    actions.deactivate(officer, by=administrator, at=NOON, reason="Left the council")

    gone = User.objects.get(pk=officer.pk)
    assert not gone.may(Permission.VIEW_CASES)
    assert gone.security_groups == []
    assert tokens.owner(token, at=NOON) is None

    actions.reactivate(gone, by=administrator, at=NOON, reason="Came back")
    assert tokens.owner(token, at=NOON) is None


def test_the_products_own_user_cannot_be_deactivated(administrator: User) -> None:
    with pytest.raises(AccountRefused, match="own user"):
        actions.deactivate(actions.system_user(), by=administrator, at=NOON, reason="Tidy")


def test_a_new_password_ends_the_tokens_made_with_the_old_one(officer: User, administrator: User) -> None:
    _, token = tokens.issue(officer, name="laptop", days=30, by=officer, at=NOON)
    actions.set_password(officer, password="another long passphrase", by=administrator, at=NOON)
    assert tokens.owner(token, at=NOON) is None


def test_a_group_with_an_unknown_permission_is_refused(administrator: User) -> None:
    with pytest.raises(AccountRefused, match=r"no permission “case\.fly”"):
        actions.define_group(key="birds", name="Birds", permissions=["case.fly"], by=administrator, at=NOON)


def test_changing_a_group_records_what_it_was(officer: User, administrator: User) -> None:
    actions.define_group(key="officers", name="Officers", permissions=[], by=administrator, at=NOON)

    entry = Entry.objects.filter(action="group.defined").latest("id")
    assert Permission.VIEW_CASES in entry.detail["before"]["permissions"]
    assert entry.detail["after"]["permissions"] == []
    assert not User.objects.get(pk=officer.pk).may(Permission.VIEW_CASES)


def another_administrator(by: User) -> User:
    return actions.create_user(
        email="bea@example.org", full_name="Bea Second", groups=["administrators"], by=by, at=NOON
    )


def test_the_last_administrator_stays_one(officer: User, administrator: User) -> None:
    managing = [Permission.API, Permission.MANAGE_USERS]
    actions.define_group(key="managing", name="Managing", permissions=managing, by=administrator, at=NOON)
    actions.set_groups(officer, groups=["managing"], by=administrator, at=NOON)
    officer = User.objects.get(pk=officer.pk)

    for change in (
        lambda: actions.deactivate(administrator, by=officer, at=NOON, reason="Out"),
        lambda: actions.set_groups(administrator, groups=[], by=officer, at=NOON),
        lambda: actions.define_group(key="administrators", name="A", permissions=[], by=officer, at=NOON),
    ):
        with pytest.raises(AccountRefused, match="nobody could manage"):
            change()
    assert User.objects.get(pk=administrator.pk).may(Permission.MANAGE_GROUPS)

    another_administrator(administrator)
    actions.deactivate(administrator, by=officer, at=NOON, reason="Retired")
    assert not User.objects.get(pk=administrator.pk).is_active


def test_the_product_itself_may_do_anything_so_that_an_installation_can_be_put_right(administrator: User) -> None:
    actions.define_group(key="administrators", name="A", permissions=[], by=actions.system_user(), at=NOON)
    assert not User.objects.get(pk=administrator.pk).permissions


def test_nobody_gives_a_permission_to_administer_that_they_do_not_have(officer: User, administrator: User) -> None:
    managing = [Permission.API, Permission.MANAGE_USERS, Permission.MANAGE_GROUPS]
    actions.define_group(key="managing", name="Managing", permissions=managing, by=administrator, at=NOON)
    actions.set_groups(officer, groups=["managing"], by=administrator, at=NOON)
    officer = User.objects.get(pk=officer.pk)

    with pytest.raises(AccountRefused, match=r"permission administration\.audit"):
        another_administrator(officer)
    with pytest.raises(AccountRefused, match=r"permission administration\.audit"):
        actions.define_group(key="new", name="New", permissions=[Permission.VIEW_AUDIT], by=officer, at=NOON)
    stranger = actions.create_user(email="stan@example.org", full_name="Stan", by=officer, at=NOON)
    with pytest.raises(AccountRefused, match=r"permission administration\.audit"):
        actions.set_groups(stranger, groups=["administrators"], by=officer, at=NOON)
    with pytest.raises(AccountRefused, match="a group you are in"):
        actions.define_group(key="managing", name="More", permissions=[*managing], by=officer, at=NOON)
    actions.define_group(key="new", name="New", permissions=[Permission.EDIT_CASES], by=officer, at=NOON)


def test_a_new_group_may_nothing(administrator: User) -> None:
    actions.define_group(key="empty", name="Empty", permissions=[], by=administrator, at=NOON)
    assert SecurityGroup.objects.get(key="empty").permissions == []


def grouped(user: User, by: User, **groups: tuple[list[Permission], list[str], list[str]]) -> User:
    """The user, in new groups alone: by key, the permissions, services and document tags of each."""
    for key, (permissions, services, tags) in groups.items():
        actions.define_group(
            key=key, name=key, permissions=permissions, services=services, document_tags=tags, by=by, at=NOON
        )
    actions.set_groups(user, groups=sorted(groups), by=by, at=NOON)
    return User.objects.get(pk=user.pk)


def test_a_permission_counts_only_for_the_services_of_the_group_that_gives_it(
    officer: User, administrator: User
) -> None:
    user = grouped(
        officer,
        administrator,
        viewers=([Permission.VIEW_CASES], ["blue_badge"], []),
        parking=([Permission.VIEW_CASES, Permission.DELETE_DOCUMENTS], ["parking"], []),
        auditors=([Permission.VIEW_AUDIT], ["*"], []),
        callers=([Permission.API], [], []),
    )
    assert user.may(Permission.VIEW_CASES, "blue_badge")
    assert user.may(Permission.DELETE_DOCUMENTS)
    assert user.may(Permission.DELETE_DOCUMENTS, "parking")
    assert not user.may(Permission.DELETE_DOCUMENTS, "blue_badge")
    assert user.services_with(Permission.VIEW_CASES) == {"blue_badge", "parking"}
    assert user.services_with(Permission.DELETE_DOCUMENTS) == {"parking"}
    assert user.may(Permission.VIEW_AUDIT, "bins")
    assert user.may(Permission.API)
    assert not user.may(Permission.API, "blue_badge")


def test_services_are_reached_where_every_permission_is_given_whichever_groups_give_them(
    officer: User, administrator: User
) -> None:
    user = grouped(
        officer,
        administrator,
        viewers=([Permission.VIEW_CASES], ["*"], []),
        parking=([Permission.VIEW_WORK], ["blue_badge", "parking"], []),
        clerks=([Permission.VIEW_NOTES], ["bins", "parking"], []),
    )
    assert user.reached(Permission.VIEW_CASES) is None, "every service"
    assert user.reached(Permission.VIEW_CASES, Permission.VIEW_WORK) == {"blue_badge", "parking"}
    assert user.reached(Permission.VIEW_WORK, Permission.VIEW_NOTES) == {"parking"}
    assert user.reached(Permission.VIEW_CASES, Permission.EDIT_CASES) == frozenset(), "none at all"


def test_only_a_group_that_shows_documents_of_the_service_lifts_the_confinement_to_tagged_ones(
    officer: User, administrator: User
) -> None:
    seeing = [Permission.VIEW_DOCUMENTS]
    confined = {
        "assessors": (seeing, ["blue_badge"], ["assessor"]),
        "writers": ([Permission.ADD_NOTES], ["blue_badge"], []),
        "parking": (seeing, ["parking"], []),
    }
    user = grouped(officer, administrator, **confined)
    assert user.document_tags("blue_badge") == {"assessor"}
    assert user.document_tags("parking") is None
    assert user.document_tags("bins") == frozenset()

    user = grouped(officer, administrator, **confined, experts=(seeing, ["blue_badge"], ["expert"]))
    assert user.document_tags("blue_badge") == {"assessor", "expert"}

    user = grouped(officer, administrator, **confined, officers_of_all=(seeing, ["*"], []))
    assert user.document_tags("blue_badge") is None


def test_the_permission_matrix_prints_every_permission_and_group(officer: User) -> None:
    printed = StringIO()
    call_command("permissions", stdout=printed)

    lines = printed.getvalue().splitlines()
    assert "officers" in lines[0]
    assert all(any(line.startswith(name) for line in lines) for name in Permission)
    assert next(line for line in lines if line.startswith("case.view")).split() == ["case.view", "-", "yes"]
    assert next(line for line in lines if line.startswith("case.edit")).split() == ["case.edit", "-", "-"]


@pytest.mark.django_db(transaction=True)
def test_the_products_own_user_is_read_once_a_process_and_never_kept_from_a_transaction_that_failed(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with transaction.atomic():
        undone = actions.system_user()
        transaction.set_rollback(True)
    with transaction.atomic():
        first = actions.system_user()
        assert User.objects.filter(pk=first.pk).exists()
        assert first.pk != undone.pk
    with django_assert_num_queries(0):
        again = actions.system_user()
    assert again == first
    assert again is not first
    assert (again.email, again.kind, again.full_name) == (first.email, User.Kind.SYSTEM, "Moothall")
    again.full_name = "Changed by a caller"
    assert actions.system_user().full_name == "Moothall"
    assert actions.system_user().group_keys == frozenset()
