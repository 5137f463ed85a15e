"""The council's settings are entered from the command line, checked, audited, and secrets stay secret."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

import moothall
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.core.council import settings
from moothall.core.council.models import Setting
from moothall.core.council.settings import Council

SECRET = "hush-hush-example"


def run(*words: str, typed: str = "", patch: pytest.MonkeyPatch | None = None) -> str:
    """What the command writes."""
    if patch:
        patch.setattr("sys.stdin", io.StringIO(typed))
    out = io.StringIO()
    call_command("settings", *words, stdout=out, stderr=out)
    return out.getvalue()


def test_a_fresh_process_lists_every_section_declared_anywhere() -> None:
    source = Path(moothall.__file__).parent
    declared = {
        name
        for file in source.rglob("*.py")
        for name in re.findall(r'\(Section\):.*?^    section = "(\w+)"', file.read_text(), re.DOTALL | re.MULTILINE)
    }
    done = subprocess.run([sys.executable, "-m", "moothall", "settings", "list"], capture_output=True, text=True)
    assert {"council", "dft_blue_badge", "documents", "sign_in"} <= declared - {"letterhead"}
    assert set(re.findall(r"^(\w+)  ", done.stdout, re.MULTILINE)) == declared - {"letterhead"}
    assert "    dft_blue_badge.client_secret  (secret)\n" in done.stdout


@pytest.mark.django_db
def test_what_is_set_is_read_by_the_product_and_audited_alone() -> None:
    run("set", "council.name", "Exampleton Council")
    run("set", "council.address", "2 Example Square", "Exampleton")
    run("set", "dft_blue_badge.poll_minutes", "7")
    run("set", "dft_blue_badge.credential_expires_on", "2027-03-01")
    council = settings.read(Council)
    assert (council.name, council.address) == ("Exampleton Council", ["2 Example Square", "Exampleton"])
    assert settings.read(NationalService).poll_minutes == 7
    assert "council.address  2 Example Square | Exampleton\n" in run("show", "council")
    assert "credential_expires_on  2027-03-01\n" in run("show", "dft_blue_badge")
    assert Entry.objects.filter(action="settings.changed").count() == 4
    assert Setting.objects.count() == 4


@pytest.mark.django_db
def test_a_copy_made_with_a_value_that_cannot_be_is_not_kept(administrator: User) -> None:
    copy = Council(name="Exampleton").model_copy(update={"colour": "red;"})
    with pytest.raises(settings.SettingRefused, match="council.colour"):
        settings.write(copy, by=administrator, at=timezone.now())
    assert not Setting.objects.exists()


@pytest.mark.django_db
def test_an_empty_value_gives_back_what_a_new_installation_has() -> None:
    run("set", "dft_blue_badge.poll_minutes", "7")
    run("set", "dft_blue_badge.poll_minutes", "")
    assert settings.read(NationalService).poll_minutes == NationalService().poll_minutes


@pytest.mark.django_db
def test_a_secret_is_read_from_standard_input_kept_encrypted_and_never_written(monkeypatch: pytest.MonkeyPatch) -> None:
    said = run("set", "dft_blue_badge.client_secret", "--secret", typed=f"{SECRET}\n", patch=monkeypatch)
    shown = run("show", "dft_blue_badge")
    row = Setting.objects.get(key="dft_blue_badge.client_secret")
    assert settings.read(NationalService).client_secret.get_secret_value() == SECRET
    assert "client_secret  (set)\n" in shown
    assert SECRET not in said + shown + str(list(Entry.objects.values()))
    assert row.value is None
    assert SECRET.encode() not in bytes(row.secret or b"")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["show", "weather"], "There are no settings “weather”. There are change_feed, council,"),
        (["set", "council.mood", "sunny"], "council has no setting “mood”: it has name,"),
        (
            ["set", "council.nation", "france"],
            "council.nation was not set to “france”. council.nation: Input should be",
        ),
        (["set", "council.colour", "red"], "council.colour was not set to “red”"),
        (["set", "dft_blue_badge.poll_minutes", "0"], "greater than or equal to 1."),
        (["set", "dft_blue_badge.poll_minutes", "often"], "valid integer"),
        (["set", "council.name", "Exampleton", "Council"], "takes one value"),
        (["set", "dft_blue_badge.client_secret", SECRET], "is a secret: say --secret"),
        (["set", "dft_blue_badge.client_secret", SECRET, "--secret"], "not given in the command itself"),
        (["set", "dft_blue_badge.client_secret", "--secret"], "nothing was given"),
        (["set", "council.name", "--secret"], "is not a secret"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence_and_nothing_is_kept(
    words: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match=r"\.$") as refused:
        run(*words, patch=monkeypatch)
    assert sentence in str(refused.value)
    assert SECRET not in str(refused.value)
    assert not Setting.objects.exists()
