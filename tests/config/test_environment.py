"""Settings are typed and loud: a sentence for each fault, naming the variable."""

import subprocess
import sys

import pytest

from moothall.config import environment
from moothall.config.environment import SettingsFault


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in environment.variables():
        monkeypatch.delenv(name, raising=False)


def test_nothing_needs_to_be_set_for_a_first_run() -> None:
    assert environment.load().port == 8000


def test_a_misspelt_setting_is_refused_with_the_right_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOTHALL_EMIAL_HOST", "mail.example.org")

    with pytest.raises(SettingsFault, match="MOOTHALL_EMIAL_HOST is no setting. Did you mean MOOTHALL_EMAIL_HOST?"):
        environment.load()


def test_every_wrong_value_is_named_and_none_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOTHALL_PORT", "eighty")
    monkeypatch.setenv("MOOTHALL_LOG_LEVEL", "LOUD")

    with pytest.raises(SettingsFault, match="(?s)MOOTHALL_PORT: .*MOOTHALL_LOG_LEVEL: ") as fault:
        environment.load()
    assert "eighty" not in str(fault.value)


def test_a_short_secret_key_is_refused_without_being_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOTHALL_SECRET_KEY", "swordfish")

    with pytest.raises(SettingsFault, match="at least 50 characters") as fault:
        environment.load()
    assert "swordfish" not in str(fault.value)


def test_a_database_on_another_machine_needs_a_secret_key_that_all_machines_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://moothall@db.example.org/moothall")

    with pytest.raises(SettingsFault, match="MOOTHALL_SECRET_KEY must be given"):
        environment.load()


def test_a_worker_cannot_be_taken_for_dead_between_two_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOTHALL_WORKER_DEAD_AFTER_SECONDS", "10")

    with pytest.raises(SettingsFault, match="at least twice"):
        environment.load()


def test_a_command_says_the_fault_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOTHALL_PORT", "eighty")

    said = subprocess.run([sys.executable, "-m", "moothall", "check"], capture_output=True, text=True, check=False)

    assert said.returncode == 2
    assert said.stderr.startswith("MOOTHALL_PORT: ")
    assert "Traceback" not in said.stderr
