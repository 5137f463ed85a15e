"""Lines of CSV that nothing in runs in a spreadsheet."""

import pytest

from moothall.kit import spreadsheet


@pytest.mark.parametrize("text", ["=1+1", "+44 1632", "-1", "@here", "\t=1", "  =1"])
def test_what_looks_like_a_formula_is_text(text: str) -> None:
    assert spreadsheet.cell(text) == f"'{text}"


def test_a_line_ends_as_csv_does_and_nothing_is_an_empty_cell() -> None:
    assert spreadsheet.line(["BB-7K3M-Q2R8", None, 3, 'a "b", c']) == 'BB-7K3M-Q2R8,,3,"a ""b"", c"\r\n'
