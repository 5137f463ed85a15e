"""Statements made once: they find what the query set finds, and keep nothing of whoever asked first."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext
from tests.conftest import MakeUser

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.core.compiled import Compiled, Unfit, compiled
from moothall.domain.cases.models import WorkLine

pytestmark = pytest.mark.django_db


@compiled(prepared=True)
def _named(*, names: list[str], since: datetime | None = None) -> QuerySet[User]:
    users = User.objects.filter(full_name__in=names).prefetch_related("groups").order_by("full_name")
    return users if since is None else users.filter(created_at__gte=since)


@compiled
def _of_my_groups(user: User, most: int) -> "QuerySet[SecurityGroup, tuple[str]]":
    return SecurityGroup.objects.filter(key__in=sorted(user.group_keys)).order_by("key").values_list("key")[:most]


@compiled
def _myself(user: User) -> QuerySet[User]:
    return User.objects.filter(pk=user.pk)


def test_rows_come_with_what_is_fetched_with_them_for_whatever_values_of_a_kind(make_user: MakeUser) -> None:
    for name in ("Ada Ash", "Ben Birch", "Cleo Cedar"):
        make_user(name, "officers")
    assert [one.full_name for one in _named(names=["Ben Birch", "Ada Ash"])] == ["Ada Ash", "Ben Birch"]
    found = _named(names=["Cleo Cedar", "Nobody"])
    assert [one.full_name for one in found] == ["Cleo Cedar"]
    with CaptureQueriesContext(connection) as asked:
        assert [group.key for group in found[0].groups.all()] == ["officers"]
    assert not asked.captured_queries


def test_whole_numbers_reach_columns_of_every_size(make_user: MakeUser) -> None:
    @compiled
    def seen(*, subject: int) -> QuerySet[Access]:
        return Access.objects.filter(subject_id=subject)

    row = Access(user=make_user("Ada Ash"), at=datetime(2026, 3, 3, tzinfo=UTC), subject_type="case", subject_id=2**40)
    row.save()
    assert seen(subject=2**40) == [row]
    assert seen(subject=7) == []


def test_none_and_lists_of_other_lengths_are_other_statements(make_user: MakeUser) -> None:
    make_user("Ada Ash")
    assert not _named(names=[])
    assert len(_named(names=["Ada Ash"])) == 1
    assert len(_named(names=["Ada Ash", "B", "C"], since=datetime(2020, 1, 1, tzinfo=UTC))) == 1
    assert not _named(names=["Ada Ash", "B", "C"], since=datetime(9999, 1, 1, tzinfo=UTC))


def test_sql_is_made_the_first_time_only(make_user: MakeUser, monkeypatch: Any, settings: Any) -> None:
    settings.COMPILED_CHECKED = False
    made: list[str] = []

    def build(*, name: str) -> QuerySet[User]:
        made.append(name)
        return User.objects.filter(full_name=name)

    named: Compiled[User] = compiled(build)
    make_user("Ada Ash")
    assert [len(named(name=name)) for name in ("Ada Ash", "Ben Birch", "Ada Ash")] == [1, 0, 1]
    assert len(made) == 1
    assert "Ada Ash" not in made


def test_people_of_the_same_groups_share_a_statement_and_others_have_their_own(make_user: MakeUser) -> None:
    ada, ben = make_user("Ada Ash", "officers"), make_user("Ben Birch", "officers")
    cleo = make_user("Cleo Cedar", "officers", "managers")
    for user, keys in ((ada, ["officers"]), (ben, ["officers"]), (cleo, ["managers", "officers"])):
        assert [key for (key,) in _of_my_groups(user, 5)] == keys
    assert len(_of_my_groups(cleo, 1)) == 1
    assert ada.reach == ben.reach != cleo.reach


def test_a_group_that_is_changed_reaches_otherwise_at_once(make_user: MakeUser) -> None:
    ada = make_user("Ada Ash", "officers", permissions=[Permission.VIEW_CASES])
    before = ada.reach
    SecurityGroup.objects.update(services=["parking"])
    assert User.objects.get(pk=ada.pk).reach != before
    User.objects.update(is_active=False)
    assert User.objects.get(pk=ada.pk).reach == (False,)


def test_who_asks_does_not_reach_the_statement(make_user: MakeUser) -> None:
    with pytest.raises(Unfit, match="are not the same"):
        _myself(make_user("Ada Ash", "officers"))


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda *, name: User.objects.filter(full_name__startswith=name), id="made part of another"),
        pytest.param(lambda *, name: User.objects.filter(Q(full_name=name) | Q(email__contains=name)), id="half so"),
        pytest.param(lambda *, name: User.objects.filter(full_name=name.upper()), id="changed"),
        pytest.param(lambda *, name: User.objects.exclude(full_name=""), id="left out"),
    ],
)
def test_a_value_that_does_not_arrive_as_given_is_refused(broken: Any) -> None:
    with pytest.raises(Unfit, match="“name”"):
        compiled(broken)(name="Ada Ash")


def test_a_number_that_would_be_written_into_the_statement_is_refused() -> None:
    first = compiled(lambda *, most: User.objects.order_by("pk")[:most])
    with pytest.raises(Unfit, match="“most”"):
        first(most=3)


def test_kinds_that_cannot_be_told_from_others_are_part_of_the_shape() -> None:
    with pytest.raises(Unfit, match="bool"):
        compiled(lambda *, active: User.objects.filter(is_active=active))(active=True)


def test_a_function_that_decides_by_a_value_is_found_out(make_user: MakeUser) -> None:
    def build(*, name: str) -> "QuerySet[User, Any]":
        found = User.objects.filter(full_name=name)
        return found.annotate(low=Lower("full_name")) if name == "Ada Ash" else found

    with pytest.raises(Unfit, match="are not the same"):
        compiled(build)(name="Ada Ash")


def test_statements_of_one_function_are_bounded(make_user: MakeUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moothall.core.compiled.MOST", 2)
    make_user("Ada Ash")
    bounded: Compiled[User] = compiled(lambda *, names: User.objects.filter(full_name__in=names))
    for many in range(1, 6):
        assert len(bounded(names=["Ada Ash", *"BCDEFG"[: many - 1]])) == 1
    assert len(bounded._statements) == 2


def test_values_after_a_long_list_keep_their_own_places(make_user: MakeUser) -> None:
    ada, ben = make_user("Ada Ash"), make_user("Ben Birch")
    but: Compiled[User] = compiled(lambda *, among, of: User.objects.filter(pk__in=among).exclude(pk=of))
    among = [*range(-150, 0), ada.pk, ben.pk]
    assert [one.pk for one in but(among=among, of=ben.pk)] == [ada.pk]


def test_a_value_of_a_column_that_holds_only_small_numbers_is_refused() -> None:
    with pytest.raises(Unfit, match="too small"):
        compiled(lambda *, band: WorkLine.objects.filter(band=band))(band=2)
