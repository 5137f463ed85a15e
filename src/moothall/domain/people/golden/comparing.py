"""What is compared of two people, how each comparison can come out, and which pairs are looked at at all.

The words of a level are shown to officers as evidence. The first level that holds is how a comparison comes out.
"""

from typing import Any, NamedTuple

VERSION = "people-2"
"""Told apart by this, models are trained anew when what is compared changes."""

MOST_ALIKE = 60
"""A key that more records than this have (the telephone of a home for many, say) leads to no pairs."""


class Level(NamedTuple):
    """One way a comparison can come out."""

    words: str
    condition: str  # SQL of DuckDB over both records, `_l` and `_r`


class Comparison(NamedTuple):
    """Something compared. Where `missing` holds, nothing is known, which speaks neither for nor against."""

    name: str
    missing: str
    levels: tuple[Level, ...]


_SWAPPED = "given_l = surname_r AND surname_l = given_r AND given_l <> surname_l"
_DAY_MONTH = "substr(dob_l, 1, 4) = substr(dob_r, 1, 4) AND substr(dob_l, 5, 2) = substr(dob_r, 7, 2) AND substr(dob_l, 7, 2) = substr(dob_r, 5, 2)"
_SAME_HOME = "list_has_any(homes_l, homes_r)"
_SPELT_ALIKE = "(jaro_winkler_similarity(given_l, given_r) >= 0.9 OR damerau_levenshtein(given_l, given_r) <= 1)"
_INITIALS = "list_has_any(middles_l, initials_r) OR list_has_any(initials_l, middles_r)"

COMPARISONS = (
    Comparison(
        "given_name",
        "given_l IS NULL OR given_r IS NULL",
        (
            Level("Same, and a rare name", "given_l = given_r AND given_rare_l"),
            Level("Same", "given_l = given_r"),
            Level("First and last name are swapped", _SWAPPED),
            Level("A short or other form of the name", "list_has_any(given_forms_l, given_forms_r)"),
            Level("An initial that agrees", "least(length(given_l), length(given_r)) = 1 AND left(given_l, 1) = left(given_r, 1)"),
            Level("Spelt much alike, and one of them is rare", f"{_SPELT_ALIKE} AND (given_rare_l OR given_rare_r)"),
            Level("Spelt much alike, and many are called either", _SPELT_ALIKE),
            Level("Different", "ELSE"),
        ),
    ),
    Comparison(
        "middle_names",
        "len(middles_l) = 0 OR len(middles_r) = 0",
        (
            Level("A name of both", "list_has_any(middles_l, middles_r)"),
            Level("An initial that agrees", _INITIALS),
            Level("Different", "ELSE"),
        ),
    ),
    Comparison(
        "last_name",
        "surname_l IS NULL OR surname_r IS NULL",
        (
            Level("Same, and a rare name", "surname_l = surname_r AND surname_rare_l"),
            Level("Same", "surname_l = surname_r"),
            Level("First and last name are swapped", _SWAPPED),
            Level("Same as a name before or at birth", "list_has_any(surnames_l, surnames_r)"),
            Level("Spelt much alike", "jaro_winkler_similarity(surname_l, surname_r) >= 0.93 OR damerau_levenshtein(surname_l, surname_r) <= 1"),
            Level("Sounds alike", "surname_sound_l = surname_sound_r"),
            Level("Different", "ELSE"),
        ),
    ),
    Comparison(
        "date_of_birth",
        "dob_l IS NULL OR dob_r IS NULL",
        (
            Level("Same", "dob_l = dob_r"),
            Level("Day and month are swapped", _DAY_MONTH),
            Level("One digit differs", "damerau_levenshtein(dob_l, dob_r) <= 1"),
            Level("Same year, or same day and month", "substr(dob_l, 1, 4) = substr(dob_r, 1, 4) OR substr(dob_l, 5, 4) = substr(dob_r, 5, 4)"),
            Level("Different", "ELSE"),
        ),
    ),
    Comparison(
        "nino",
        "nino_l IS NULL OR nino_r IS NULL",
        (
            Level("Same", "nino_l = nino_r"),
            Level("One sign differs", "damerau_levenshtein(nino_l, nino_r) <= 1"),
            Level("Different", "ELSE"),
        ),
    ),
    Comparison(
        "address",
        "len(postcodes_l) = 0 OR len(postcodes_r) = 0",
        (
            Level("An address of both", _SAME_HOME),
            Level("A postcode of both", "list_has_any(postcodes_l, postcodes_r)"),
            Level("Different", "ELSE"),
        ),
    ),
    Comparison(
        "phone",
        "len(phones_l) = 0 OR len(phones_r) = 0",
        (Level("A number of both", "list_has_any(phones_l, phones_r)"), Level("Different", "ELSE")),
    ),
    Comparison(
        "email",
        "len(emails_l) = 0 OR len(emails_r) = 0",
        (Level("An address of both", "list_has_any(emails_l, emails_r)"), Level("Different", "ELSE")),
    ),
)  # fmt: skip

KEYS = {
    "key_nino": "nino",
    "key_surname_dob": "surname || dob",
    "key_given_dob": "given_form || dob",
    "key_dob_postcode": "dob || postcode",
    "key_names_postcode": "name_pair || postcode",
    "key_sound_postcode": "surname_sound || given_form || postcode",
    "key_names_year": "name_pair || substr(dob, 1, 4)",
    "key_names_day": "name_pair || substr(dob, 5, 4)",
    "key_phone": "phone",
    "key_email": "email",
}
"""Two records are compared when any of these is the same for both."""


def settings(weights: dict[str, Any]) -> dict[str, Any]:
    """The settings of Splink for a trained model: `weights` has the prior and for each comparison (m, u) of each level."""
    comparisons = []
    for comparison in COMPARISONS:
        levels: list[dict[str, Any]] = [
            {"sql_condition": comparison.missing, "label_for_charts": "Not known", "is_null_level": True}
        ]
        for level, (m, u) in zip(comparison.levels, weights["comparisons"][comparison.name], strict=True):
            levels.append(
                {
                    "sql_condition": level.condition,
                    "label_for_charts": level.words,
                    "m_probability": m,
                    "u_probability": u,
                }
            )
        comparisons.append({"output_column_name": comparison.name, "comparison_levels": levels})
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": weights["prior"],
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": f"l.{key} = r.{key}", "sql_dialect": "duckdb"} for key in KEYS
        ],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }
