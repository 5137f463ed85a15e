"""What is wrong with a machine or a command is said in a sentence, without a traceback."""

import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from moothall.config import cli, environment, serving
from moothall.config.bench import server
from moothall.config.environment import SettingsFault
from moothall.sandbox import main as sandbox

Said = Callable[..., str]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """`said("users", "list")`: what the command says on standard error when it ends with a fault's status."""

    def run(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["moothall", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code in (1, 2)
        sentence = capsys.readouterr().err
        assert "Traceback" not in sentence
        return sentence

    return run


@pytest.fixture
def elsewhere(transactional_db: None) -> Iterator[Callable[..., None]]:
    """`elsewhere(PORT="1")`: the product's connection leads there for this test."""
    usual = dict(connection.settings_dict)

    def change(**facts: Any) -> None:
        connection.close()
        connection.settings_dict.update(facts)

    yield change
    connection.close()
    connection.settings_dict.update(usual)


@pytest.fixture
def empty_database() -> Iterator[str]:
    name = f"{connection.settings_dict['NAME']}_empty"
    server.recreate(name)
    yield name
    server.drop(name)


def test_a_command_before_migrate_says_to_migrate(
    said: Said, elsewhere: Callable[..., None], transactional_db: None, empty_database: str
) -> None:
    elsewhere(NAME=empty_database)
    assert said("services", "load").endswith("Say `moothall migrate` first.\n")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"HOST": "127.0.0.1", "PORT": "1", "PASSWORD": "hush-hush-example"}, "refused"),
        ({"NAME": "moothall_nowhere"}, "does not exist"),
        ({"HOST": "/nowhere"}, "No such file"),
    ],
)
def test_a_database_that_cannot_be_reached_is_said_with_the_reason_and_where_to_look(
    facts: dict[str, str], reason: str, said: Said, elsewhere: Callable[..., None]
) -> None:
    elsewhere(**facts)
    sentence = said("users", "list")
    assert sentence.startswith("PostgreSQL")
    assert reason in sentence
    assert "DATABASE_URL" in sentence
    assert "hush-hush-example" not in sentence


def test_a_wait_that_was_too_long_is_said_too(said: Said, elsewhere: Callable[..., None]) -> None:
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE accounts_user")
        elsewhere(OPTIONS={**connection.settings_dict["OPTIONS"], "options": "-c lock_timeout=50"})
        assert "lock timeout" in said("users", "list")
    finally:
        other.close()


def test_with_traceback_everything_is_shown(elsewhere: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere(HOST="127.0.0.1", PORT="1")
    monkeypatch.setattr("sys.argv", ["moothall", "users", "list", "--traceback"])
    with pytest.raises(Exception, match="refused"):
        cli.main()


@pytest.mark.parametrize(
    "url",
    [
        "junk",
        "mysql://localhost/moothall",
        "postgresql://localhost:99999/moothall",
        "postgresql://localhost",
        "sqlite://",
    ],
)
def test_an_address_of_no_postgresql_is_refused_without_being_repeated(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SettingsFault, match="DATABASE_URL: .*postgresql://user:password@host:5432/name") as fault:
        environment.load()
    assert url not in str(fault.value)


def test_making_a_superuser_leads_to_adding_a_user(said: Said) -> None:
    assert "moothall users add" in said("createsuperuser")
    assert "moothall users password" in said("changepassword")


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("permissions", "nonsense"),
        ("users", "nonsense"),
        ("users", "add"),
        ("settings", "nonsense"),
        ("services", "nonsense"),
        ("worker", "--jobs", "0"),
        ("bench", "transition", "--processes", "0"),
        ("bench", "intake", "--applications", "-1"),
        ("services", "load", "/nowhere"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(words: tuple[str, ...], said: Said, transactional_db: None) -> None:
    assert said(*words).strip()


def test_a_folder_that_cannot_be_written_is_said(said: Said, transactional_db: None) -> None:
    call_command("services", "load", stdout=io.StringIO())
    assert "/dev/null/export" in said("services", "export", "blue_badge", "/dev/null/export")


@pytest.mark.parametrize("key", ["x y/", "", "k" * 61])
@pytest.mark.django_db
def test_a_group_has_a_key_that_definitions_can_name_and_a_name(key: str) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        call_command("users", "group", key, "--name", "Others")
    with pytest.raises(CommandError, match=r"\.$"):
        call_command("users", "group", "others", "--name", " ")


@pytest.mark.parametrize("start", [serving.run, sandbox.run])
@pytest.mark.parametrize("number", ["99999", "-1", "http"])
def test_a_port_that_cannot_be_is_refused(
    start: Callable[[list[str]], int], number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        start(["--port", number])
    assert ended.value.code == 2
    assert f"“{number}” is no whole number" in capsys.readouterr().err


@pytest.mark.parametrize("start", [serving.run, sandbox.run])
def test_a_port_that_is_taken_is_said(start: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = str(taken.getsockname()[1])
        assert start(["--port", number]) == 1
    sentence = capsys.readouterr().err
    assert "already in use" in sentence
    assert number in sentence


def test_the_real_command_says_the_sentence_and_ends_with_one() -> None:
    where = {**os.environ, "DATABASE_URL": "postgresql://nobody:hush-hush-example@127.0.0.1:1/moothall"}
    done = subprocess.run([sys.executable, "-m", "moothall", "migrate"], env=where, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("PostgreSQL")
    assert "Traceback" not in done.stderr
    assert "hush-hush-example" not in done.stderr


def test_whoever_reads_only_the_beginning_of_what_a_command_says_meets_no_traceback() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-m", "moothall", "sandbox", "--help"], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert done.stderr == b""
