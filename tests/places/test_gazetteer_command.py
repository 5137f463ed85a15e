"""`moothall gazetteer`: an example council written, imported, changed, exported and named, and what it says meanwhile."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from moothall.domain.places.models import Area, Property, Supply


def said(*words: str) -> str:
    out = io.StringIO()
    call_command("gazetteer", *words, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.usefixtures("custodian")
def test_a_council_is_written_imported_changed_and_exported(tmp_path: Path) -> None:
    folder = str(tmp_path / "example")
    assert "moothall settings set gazetteer.custodian 9999" in said(
        "example", folder, "--uprns", "60", "--changes", "8"
    )

    imported = said("import", f"{folder}/full.csv")
    changed = said("import", f"{folder}/changes.csv")

    assert "is in force after" in imported
    assert f"properties {Property.objects.filter(gone_on=None).count() - 2}" in imported
    assert "written" in changed
    assert said("list").count("applied") == Supply.objects.count() == 2
    assert said("rejects").startswith("file,line,record,key,field,rule")
    assert "bytes" in said("export", f"{folder}/out.csv")
    said("areas", f"{folder}/wards.csv")
    assert Area.objects.get(code="E05099000").name == "Acorn"
    with pytest.raises(CommandError, match="No supply is unfinished. Nothing was changed."):
        said("resume")
    with pytest.raises(CommandError, match=r"There is no file .*nowhere.csv. Nothing was changed."):
        said("import", f"{folder}/nowhere.csv")
