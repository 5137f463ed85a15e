"""Paragraphs of lists in Welsh: what `services check` says where a Welsh letter would carry English ones."""

from tests.messages.conftest import FILES

from moothall.domain.catalogue import bundle, checks


def faults(changed: str) -> list[str]:
    """The faults of a service whose letter about missing things is written in Welsh too, with another list."""
    return [str(fault) for fault in checks.check(bundle.parse(FILES | {"lists/missing.yaml": changed}))]


def test_a_value_without_welsh_is_a_fault_where_its_letter_is_written_in_welsh() -> None:
    without = FILES["lists/missing.yaml"].replace(", welsh: Bil a dim byd arall.", "")

    assert faults(without) == [
        "lists/missing.yaml values.bill.welsh: “A bill & nothing else” has no Welsh paragraph,"
        " and the letter “missing” is written in Welsh too."
    ]


def test_a_retired_value_needs_no_welsh() -> None:
    assert faults(FILES["lists/missing.yaml"].replace("welsh: Bil a dim byd arall.", "retired: true")) == []


def test_a_value_needs_no_welsh_where_the_letter_has_none() -> None:
    files = {file: text for file, text in FILES.items() if file != "letters/missing.cy.html"}
    files["lists/missing.yaml"] = files["lists/missing.yaml"].replace(", welsh: Bil a dim byd arall.", "")

    assert checks.check(bundle.parse(files)) == []


def test_a_welsh_paragraph_is_checked_like_the_english() -> None:
    (fault,) = faults(FILES["lists/missing.yaml"].replace("o {{ full_name }}", "o {{ ful_name }}"))

    assert fault.startswith("lists/missing.yaml values.photo.welsh: ")
    assert "Did you mean “full_name”?" in fault
