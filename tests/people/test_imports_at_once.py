"""Two imports of the same people at once, on connections of their own; and what a command that is killed leaves."""

from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from tests.people.imported import ANN, BOB, csv_of, given, tried
from tests.people.test_races import at_once

from moothall.core.accounts.models import User
from moothall.domain.people.importing import running
from moothall.domain.people.models import Customer, Import

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_imports_at_once_make_nobody_twice(tmp_path: Path, officer: User, noon: datetime) -> None:
    rows = [["", "Pat", f"Person{number}", *[""] * 6, ""] for number in range(30)]
    both = [
        tried(given(tmp_path, csv_of(*some), by=officer, at=noon, name=name), by=officer, at=noon)
        for name, some in (("one.csv", [ANN, BOB, *rows]), ("two.csv", [*reversed(rows), BOB, ANN]))
    ]
    for one in both:
        running.start(one, by=officer, at=noon, later=False)

    done = at_once(*(lambda one=one: running.work(one) for one in both))  # type: ignore[misc]

    assert [one.state for one in done if isinstance(one, Import)] == ["done", "done"]
    assert Customer.objects.count() == 32
    assert sum(one.counts.get("new", 0) for one in done if isinstance(one, Import)) == 32


def test_the_command_tries_brings_in_and_undoes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, report = tmp_path / "people.csv", tmp_path / "result.csv"
    file.write_bytes(csv_of(ANN, BOB))

    call_command("people", "import", str(file), "--report", str(report))
    assert "Nothing is recorded yet" in capsys.readouterr().out
    assert report.read_text().splitlines()[1] == "2,new,,,,"
    assert not Customer.objects.exists()
    call_command("people", "import", "--resume", str(Import.objects.get().pk), "--start")
    assert Customer.objects.count() == 2
    call_command("people", "import", "--undo", str(Import.objects.get().pk))
    assert not Customer.objects.exists()
