from datetime import timedelta

import pytest
from tests.accounts.conftest import NOON

from moothall.core.accounts import tokens
from moothall.core.accounts.models import ApiToken, User
from moothall.core.audit.models import Entry


def test_a_token_names_its_owner_and_is_kept_only_as_a_digest(officer: User) -> None:
    row, token = tokens.issue(officer, name="laptop", days=30, by=officer, at=NOON)

    assert tokens.owner(token, at=NOON) == officer
    stored = {str(value) for value in ApiToken.objects.filter(pk=row.pk).values_list()[0]}
    assert token not in stored
    assert token.startswith(row.prefix)
    assert token not in str(list(Entry.objects.values()))


@pytest.mark.parametrize("wrong", ["", "mh_", "mh_nonsense", "\x00", "\udcff", "x" * 10_000])
def test_an_unknown_token_names_nobody(officer: User, wrong: str) -> None:
    assert tokens.owner(wrong, at=NOON) is None


def test_a_token_ends_on_its_day(officer: User) -> None:
    _, token = tokens.issue(officer, name="laptop", days=2, by=officer, at=NOON)

    assert tokens.owner(token, at=NOON + timedelta(days=2, seconds=-1)) == officer
    assert tokens.owner(token, at=NOON + timedelta(days=2)) is None


def test_a_revoked_token_names_nobody_and_revoking_twice_keeps_the_first_time(officer: User) -> None:
    row, token = tokens.issue(officer, name="laptop", days=2, by=officer, at=NOON)
    tokens.revoke(row, by=officer, at=NOON)
    tokens.revoke(row, by=officer, at=NOON + timedelta(hours=1))

    assert tokens.owner(token, at=NOON) is None
    assert ApiToken.objects.get().revoked_at == NOON
    assert Entry.objects.filter(action="token.revoked").count() == 1


def test_last_use_is_noted_to_the_minute(officer: User) -> None:
    _, token = tokens.issue(officer, name="laptop", days=2, by=officer, at=NOON)
    tokens.owner(token, at=NOON)
    tokens.owner(token, at=NOON + timedelta(seconds=30))
    assert ApiToken.objects.get().last_used_at == NOON

    tokens.owner(token, at=NOON + timedelta(seconds=90))
    assert ApiToken.objects.get().last_used_at == NOON + timedelta(seconds=90)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_token_for_no_time_or_more_than_a_year_is_refused(officer: User, days: int) -> None:
    with pytest.raises(tokens.TokenRefused, match="between 1 and 365 days"):
        tokens.issue(officer, name="laptop", days=days, by=officer, at=NOON)
