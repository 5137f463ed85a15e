"""A new installation is put to use from the command line: groups, users, a password or a token."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from moothall.core.accounts.models import ApiToken, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Entry

pytestmark = pytest.mark.django_db
ADD = ["add", "Ada.Officer@council.example.org", "--name", "Ada Officer"]
PASSWORD = "a long enough passphrase"


def users(*words: str, typed: str = "", patch: pytest.MonkeyPatch | None = None) -> tuple[str, str]:
    """What the command writes, to standard output and to standard error."""
    if patch:
        patch.setattr("sys.stdin", io.StringIO(typed))
    out, err = io.StringIO(), io.StringIO()
    call_command("users", *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def officers(db: None) -> SecurityGroup:
    users("group", "officers", "--name", "Officers", "--permission", "application.api", "--permission", "case.view")
    return SecurityGroup.objects.get(key="officers")


def test_a_user_is_added_to_groups_with_the_password_read_and_never_written(
    officers: SecurityGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = users(*ADD, "--group", "officers", typed=f"{PASSWORD}\n", patch=monkeypatch)
    ada = User.objects.get(email="ada.officer@council.example.org")
    assert (ada.full_name, list(ada.groups.all()), ada.check_password(PASSWORD)) == ("Ada Officer", [officers], True)
    assert PASSWORD not in out + err
    assert Entry.objects.get(action="user.created").subject_id == ada.pk


def test_a_token_is_printed_once_alone_and_works(officers: SecurityGroup) -> None:
    out, err = users(*ADD, "--group", "officers", "--token", "--days", "7")
    token = out.strip()
    assert token.startswith("mh_")
    assert token not in err
    assert Client().get("/api/v1/cases", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    row = ApiToken.objects.get()
    assert (row.expires_at - row.created_at).days == 7
    assert not User.objects.get(pk=row.user_id).has_usable_password()


@pytest.mark.parametrize(
    ("more", "typed"),
    [
        ([], ""),
        ([], "short\n"),
        (["--group", "nobodies", "--token"], ""),
        (["--token", "--days", "9999"], ""),
    ],
)
def test_what_cannot_be_added_is_refused_with_a_sentence_and_leaves_nobody(
    more: list[str], typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        users(*ADD, *more, typed=typed, patch=monkeypatch)
    assert not User.objects.filter(kind=User.Kind.PERSON).exists()


def test_one_address_is_one_user(officers: SecurityGroup) -> None:
    users(*ADD, "--token")
    with pytest.raises(CommandError, match="already a user"):
        users(*ADD, "--token")


def test_users_and_groups_are_listed_without_secrets(officers: SecurityGroup) -> None:
    users(*ADD, "--group", "officers", "--token")
    listed, _ = users("list")
    assert listed == "ada.officer@council.example.org  Ada Officer  officers\n"
    groups, _ = users("groups")
    assert "officers  Officers  reaches no service" in groups
    assert "    case.view" in groups


def test_a_group_for_administrators_has_every_permission_and_an_unknown_one_is_refused() -> None:
    users("group", "administrators", "--name", "Administrators", "--permission", "all", "--service", "*")
    group: Any = SecurityGroup.objects.get(key="administrators")
    assert (set(group.permissions), group.services) == ({str(one) for one in Permission}, ["*"])
    with pytest.raises(CommandError, match="There is no permission"):
        users("group", "others", "--name", "Others", "--permission", "case.fly")
