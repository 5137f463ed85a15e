"""Logs hold no personal data, and faulty settings are refused with a sentence."""

import json
import logging
from typing import Any

import pytest
import structlog
from django.db import connection

PERSONAL = {
    "nino": "QQ123456C",
    "email": "pat.example@example.org",
    "phone": "07700 900123",
    "postcode": "EX1 1AA",
    "date_of_birth": "1950-02-01",
    "last_name": "Example",
    "line1": "1 Example Street",
    "text": "She cannot walk far",
}


def test_values_under_personal_names_are_left_out_at_any_depth(logged: Any) -> None:
    structlog.get_logger("test").info("application kept", case=7, person=PERSONAL, many=[{"deep": PERSONAL}])

    (line,) = logged()
    assert (line["event"], line["case"]) == ("application kept", 7)
    for value in PERSONAL.values():
        assert value not in json.dumps(line)


@pytest.mark.parametrize(
    "value",
    ["QQ 12 34 56 C", "qq123456c", "pat.example@example.org", "EX1 1AA", "ex11aa", "07700 900123", "+44 20 7946 0958"],
)
def test_what_looks_personal_is_masked_inside_sentences_of_any_library(logged: Any, value: str) -> None:
    logging.getLogger("other.package").warning("Could not use %s here", value)

    (line,) = logged()
    assert line["event"] == "Could not use [left out] here"


def test_an_exception_keeps_its_kind_and_place_without_the_row_it_was_about(logged: Any, db: None) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE one (surname text UNIQUE)")
            cursor.execute("INSERT INTO one VALUES ('Quillfeather'), ('Quillfeather')")
    except Exception:
        logging.getLogger("other.package").exception("It failed")

    (line,) = logged()
    assert line["error"]["exception"] == "django.db.utils.IntegrityError"
    assert any("test_logs.py" in place for place in line["error"]["at"])
    assert "Quillfeather" not in json.dumps(line)


def test_bearer_tokens_are_masked(logged: Any) -> None:
    structlog.get_logger("test").info("sent", header="Authorization: Bearer abc.def.ghi")

    assert "abc.def" not in json.dumps(logged())


def test_every_line_is_one_json_object_with_time_level_and_logger(logged: Any) -> None:
    logging.getLogger("other.package").error("two\nlines")

    (line,) = logged()
    assert {"event", "level", "logger", "timestamp"} <= line.keys()
