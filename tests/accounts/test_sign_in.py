import threading
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from tests.accounts.conftest import NOON, PASSWORD

from moothall.core.accounts import actions, sign_in, tasks
from moothall.core.accounts.models import SignInAttempt, User
from moothall.core.accounts.sign_in import TooManyTries, WrongCredentials

HERE = "192.0.2.1"


def fail(times: int, *, email: str = "olive@example.org", source: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            sign_in.sign_in(email=email, password="wrong", source=source, at=NOON)


@pytest.fixture
def few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits low enough to reach in a test; everything else is as in the product."""
    rules = sign_in.SignInRules(failures_of_account=3, failures_of_source=5)
    monkeypatch.setattr(sign_in, "read", lambda _section: rules)


def test_the_right_password_signs_in_whatever_the_case_of_the_address(officer: User) -> None:
    assert sign_in.sign_in(email=" OLIVE@example.org ", password=PASSWORD, source=HERE, at=NOON) == officer


def test_unknown_user_wrong_password_and_deactivated_user_get_the_same_answer(
    officer: User, administrator: User
) -> None:
    actions.deactivate(officer, by=administrator, at=NOON, reason="Left")
    said = set()
    for email, password in [
        ("nobody@example.org", PASSWORD),
        ("admin@example.org", "wrong"),
        ("olive@example.org", PASSWORD),
        ("system@moothall.invalid", "!"),
    ]:
        with pytest.raises(WrongCredentials) as refused:
            sign_in.sign_in(email=email, password=password, source=HERE, at=NOON)
        said.add(str(refused.value))
    assert len(said) == 1


def test_after_too_many_failures_even_the_right_password_waits(officer: User, few_tries: None) -> None:
    fail(3)
    with pytest.raises(TooManyTries) as refused:
        sign_in.sign_in(email="olive@example.org", password=PASSWORD, source=HERE, at=NOON)
    assert 0 < refused.value.seconds <= 15 * 60 + 1

    later = NOON + timedelta(seconds=refused.value.seconds)
    assert sign_in.sign_in(email="olive@example.org", password=PASSWORD, source=HERE, at=later) == officer


def test_refused_tries_do_not_lengthen_the_wait(officer: User, few_tries: None) -> None:
    fail(3)
    for minute in range(1, 15):
        with pytest.raises(TooManyTries):
            sign_in.sign_in(
                email="olive@example.org", password="wrong", source=HERE, at=NOON + timedelta(minutes=minute)
            )
    after = NOON + timedelta(minutes=15, seconds=1)
    assert sign_in.sign_in(email="olive@example.org", password=PASSWORD, source=HERE, at=after) == officer


def test_an_unknown_account_locks_just_like_a_known_one(officer: User, few_tries: None) -> None:
    fail(3, email="nobody@example.org")
    with pytest.raises(TooManyTries):
        sign_in.sign_in(email="nobody@example.org", password="x", source=HERE, at=NOON)


def test_one_network_address_trying_many_accounts_is_stopped_and_others_are_not(officer: User, few_tries: None) -> None:
    for number in range(5):
        fail(1, email=f"guess{number}@example.org")
    with pytest.raises(TooManyTries):
        sign_in.sign_in(email="olive@example.org", password=PASSWORD, source=HERE, at=NOON)
    assert sign_in.sign_in(email="olive@example.org", password=PASSWORD, source="192.0.2.2", at=NOON) == officer


def test_signing_in_well_never_locks(officer: User, few_tries: None) -> None:
    for _ in range(6):
        assert sign_in.sign_in(email="olive@example.org", password=PASSWORD, source=HERE, at=NOON) == officer


def test_neither_the_address_typed_nor_the_network_address_is_stored(officer: User) -> None:
    fail(1)
    stored = str(list(SignInAttempt.objects.values()))
    assert "olive" not in stored
    assert HERE not in stored


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_are_answered_no_more_often_than_the_limit(few_tries: None) -> None:
    answered: list[str] = []
    start = threading.Barrier(8)

    def guess() -> None:
        start.wait()
        try:
            sign_in.sign_in(email="nobody@example.org", password="guess", source=HERE, at=NOON)
        except (WrongCredentials, TooManyTries) as refused:
            answered.append(type(refused).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answered) == 8
    assert answered.count("WrongCredentials") <= 3


def test_tries_are_forgotten_after_a_day(officer: User) -> None:
    fail(1)
    tasks.forget_sign_in_attempts(timestamp=int((NOON + timedelta(hours=23)).timestamp()))
    assert SignInAttempt.objects.count() == 1
    tasks.forget_sign_in_attempts(timestamp=int((NOON + timedelta(hours=25)).timestamp()))
    assert not SignInAttempt.objects.exists()


def test_sessions_that_have_ended_are_forgotten_and_others_are_not(officer: User) -> None:
    for key, days in (("ended", -1), ("going-on", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=days))
    tasks.forget_sessions(timestamp=0)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["going-on"]
