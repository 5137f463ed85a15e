"""The published rules for properties, addresses and streets. An error keeps a row out of what is in force; a warning does not.

Sources: Lambeth's DTF 7.3 schema (ranges of coordinates and dates), GeoPlace's guidance on logical status, and the rules
that gazetteer products publish with their numbers (210…: properties, 240…: addresses). Whatever would take an address away
for its wording alone is a warning here, and so is what is wrong with a street alone: without it all its addresses would go.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from moothall.domain.places.gazetteer.records import Record


@dataclass(frozen=True)
class Rule:
    """`broken` is a condition in SQL over a row `s`, with {today} and {custodian}. It needs the columns named."""

    key: str
    field: str
    broken: str
    says: str
    columns: tuple[str, ...] = ()
    error: bool = False


def _point(x: str, y: str, names: str, *, error: bool) -> Rule:
    return Rule(
        f"coordinates_{x}",
        names,
        f"NOT (s.{x} BETWEEN 80000 AND 656100 AND s.{y} BETWEEN 5000 AND 657700)",
        f"{names} must be from 80000 to 656100 and from 5000 to 657700.",
        (x, y),
        error=error,
    )


_DATES = (
    Rule("end_before_start", "END_DATE", "s.end_date < s.start_date", "The end is before the start.", error=True),
    Rule(
        "entry_after_update",
        "ENTRY_DATE",
        "s.entered_on > s.updated_on",
        "ENTRY_DATE is after LAST_UPDATE_DATE.",
        ("entered_on", "updated_on"),
    ),
    Rule(
        "update_in_future",
        "LAST_UPDATE_DATE",
        "s.updated_on > {today}",
        "LAST_UPDATE_DATE is in the future.",
        ("updated_on",),
    ),
    Rule("start_in_future", "START_DATE", "s.start_date > {today}", "The start is in the future (2100028)."),
)
_STREET = (
    Rule("street_type", "RECORD_TYPE", "s.record_type NOT IN (1, 2, 3, 4, 9)", "RECORD_TYPE must be 1, 2, 3, 4 or 9."),
    Rule("street_state", "STATE", "s.state NOT IN (1, 2, 4, 5)", "STATE must be 1, 2, 4 or 5."),
    _point("start_x", "start_y", "STREET_START_X and STREET_START_Y", error=False),
    _point("end_x", "end_y", "STREET_END_X and STREET_END_Y", error=False),
    *(replace(rule, error=False) for rule in _DATES),
)
_LANGUAGE = Rule(
    "language", "LANGUAGE", "s.language NOT IN ('ENG', 'CYM', 'GAE')", "LANGUAGE must be ENG, CYM or GAE.", error=True
)
_PROPERTY_POINT = _point("x", "y", "X_COORDINATE and Y_COORDINATE", error=True)
_PROPERTY = (
    Rule(
        "property_status",
        "LOGICAL_STATUS",
        "s.status NOT IN (1, 5, 6, 7, 8, 9)",
        "LOGICAL_STATUS of a property must be 1, 5, 6, 7, 8 or 9 (2100009).",
        error=True,
    ),
    Rule("property_state", "BLPU_STATE", "s.state NOT BETWEEN 1 AND 7", "BLPU_STATE must be 1 to 7."),
    Rule(
        "state_fits_status",
        "BLPU_STATE",
        "s.status = 1 AND s.state IN (4, 7)",
        "An approved property is not demolished or refused (2100011).",
    ),
    Rule(
        "state_with_date",
        "BLPU_STATE_DATE",
        "(s.state IS NULL) <> (s.state_date IS NULL)",
        "BLPU_STATE and BLPU_STATE_DATE must be there together (2100024).",
    ),
    Rule(
        "state_date_in_future",
        "BLPU_STATE_DATE",
        "s.state_date > {today}",
        "BLPU_STATE_DATE is in the future (2100025).",
    ),
    Rule(
        "before_1753",
        "START_DATE",
        "least(s.start_date, s.state_date, s.end_date) < date '1753-01-01'",
        "A date is before 1753 (2100029).",
    ),
    Rule(
        "rpc", "RPC", "s.rpc NOT IN (1, 2, 4)", "RPC 3, 5 and 9 are no longer accepted (2100036), others do not exist."
    ),
    Rule(
        "end_without_status",
        "END_DATE",
        "s.end_date IS NOT NULL AND s.status NOT IN (7, 8, 9)",
        "Only a property of status 7, 8 or 9 has an end (2100032).",
    ),
    Rule(
        "status_without_end",
        "END_DATE",
        "s.end_date IS NULL AND s.status IN (7, 8, 9)",
        "A property of status 7, 8 or 9 needs an end (2100045).",
    ),
    Rule(
        "ended_means_demolished",
        "BLPU_STATE",
        "s.end_date IS NOT NULL AND s.state IS DISTINCT FROM 4",
        "A property that has ended has state 4 (2100073).",
    ),
    Rule("end_in_future", "END_DATE", "s.end_date > {today}", "The end is in the future (2100030)."),
    Rule(
        "unclassified",
        "BLPU_CLASS",
        "s.status = 1 AND s.classification LIKE 'U%%' AND s.start_date < {today} - 365",
        "A property approved for over a year is not unclassified (2100061).",
        ("classification",),
    ),
    Rule(
        "organisation_wording",
        "ORGANISATION",
        "s.organisation <> '' AND (s.organisation ~ '  |[.,;:&-]{{2}}' OR length(replace(s.organisation, '(', '')) <>"
        " length(replace(s.organisation, ')', '')))",
        "ORGANISATION has double spaces, doubled punctuation or a bracket too many (2100065, 2100076, 2100077).",
        ("organisation",),
    ),
    Rule("own_parent", "PARENT_UPRN", "s.parent_uprn = s.uprn", "A property is not its own parent."),
    _PROPERTY_POINT,
    *_DATES,
)
_PROPERTY_OURS = Rule(
    "custodian", "LOCAL_CUSTODIAN_CODE", "s.custodian <> {custodian}", "The property is another custodian's."
)
_IDENTIFIER = (
    Rule(
        "identifier_status",
        "LOGICAL_STATUS",
        "s.status NOT IN (1, 3, 5, 6, 7, 8, 9)",
        "LOGICAL_STATUS of an address must be 1, 3, 5, 6, 7, 8 or 9.",
        error=True,
    ),
    Rule(
        "identifier_end",
        "END_DATE",
        "(s.end_date IS NOT NULL) <> (s.status IN (7, 8, 9))",
        "An address has an end when its status is 7, 8 or 9, and only then (2400017).",
    ),
    Rule(
        "postal_flag",
        "POSTAL_ADDRESS",
        "s.postal NOT IN ('A', 'P', 'Y', 'N', 'L')",
        "POSTAL_ADDRESS must be A, P, Y, N or L (2400024).",
        ("postal",),
    ),
    Rule(
        "not_postal",
        "POSTCODE",
        "s.postal = 'N' AND (s.postcode <> '' OR s.post_town <> '')",
        "An address that is not postal has no postcode and no post town (2400060).",
        ("postal", "post_town"),
    ),
    Rule(
        "postal",
        "POSTCODE",
        "s.postal IN ('A', 'P', 'Y', 'L') AND (s.postcode = '' OR s.post_town = '')",
        "A postal address has a postcode and a post town (2400061, 2400062).",
        ("postal", "post_town"),
    ),
    Rule(
        "no_primary_object",
        "PAO_TEXT",
        "s.pao_start_number IS NULL AND s.pao_text = ''",
        "A number or a text of the primary object is needed (2400040).",
    ),
    Rule(
        "same_text",
        "SAO_TEXT",
        "s.sao_text <> '' AND s.sao_text = s.pao_text",
        "PAO and SAO text are the same (2400041).",
    ),
    *(
        rule
        for of in ("sao", "pao")
        for rule in (
            Rule(
                f"{of}_end_without_start",
                f"{of.upper()}_END_NUMBER",
                f"s.{of}_end_number IS NOT NULL AND s.{of}_start_number IS NULL",
                "An end number needs a start number (2400034, 2400039).",
            ),
            Rule(
                f"{of}_end_not_greater",
                f"{of.upper()}_END_NUMBER",
                f"(s.{of}_end_number, s.{of}_end_suffix) <= (s.{of}_start_number, s.{of}_start_suffix)",
                "The end of a range must be greater than its start (2400077, 2400078).",
            ),
            Rule(
                f"{of}_suffix_without_number",
                f"{of.upper()}_START_SUFFIX",
                f"(s.{of}_start_suffix <> '' AND s.{of}_start_number IS NULL)"
                f" OR (s.{of}_end_suffix <> '' AND s.{of}_end_number IS NULL)",
                "A suffix needs its number (2400073 to 2400076).",
            ),
        )
    ),
    _LANGUAGE,
    *_DATES,
)
_OTHER = (
    Rule("end_before_start", "END_DATE", "s.end_date < s.start_date", "The end is before the start.", error=True),
)

# Found by comparing rows, in `checking` and `changes`.
RELATED = tuple(
    Rule(key, field, "", says, error=error)
    for key, field, says, error in (
        ("duplicate_key", "", "Another line of this supply has the same key.", True),
        ("not_an_insert", "CHANGE_TYPE", "A full supply only inserts: this line says U.", False),
        ("delete_in_full", "CHANGE_TYPE", "A full supply deletes nothing: this line says D.", True),
        ("street_missing", "USRN", "There is no such street (2400016).", True),
        ("property_missing", "UPRN", "There is no such property.", True),
        ("street_in_use", "USRN", "D of a street in which addresses are left.", False),
        ("parent_missing", "PARENT_UPRN", "There is no such parent property.", False),
        ("no_approved_address", "UPRN", "An approved property needs an approved address.", False),
        (
            "status_of_property",
            "LOGICAL_STATUS",
            "An address cannot have this status under the status of its property.",
            False,
        ),
        ("inserted_again", "CHANGE_TYPE", "I of what is there already: it was replaced.", False),
        ("updated_unknown", "CHANGE_TYPE", "U of what is not there: it was inserted.", False),
        ("deleted_unknown", "CHANGE_TYPE", "D of what is not there: there was nothing to delete.", False),
    )
)
_BY_RECORD = {
    11: _STREET,
    15: (_LANGUAGE,),
    21: (*_PROPERTY, _PROPERTY_OURS),
    24: _IDENTIFIER,
    **dict.fromkeys((23, 28, 30, 31, 32), _OTHER),
}
BY_KEY = {rule.key: rule for rules in (*_BY_RECORD.values(), RELATED) for rule in rules}


def of(record: Record, *, today: date, custodian: int | None) -> Iterator[tuple[Rule, str]]:
    """The rules for one record of a format and their conditions. `custodian`: whose properties are expected, if anybody's.

    The range of coordinates is that of England and Wales: where no custodian is expected they may be in Scotland.
    """
    there = set(record.columns)
    for rule in _BY_RECORD[record.number]:
        ours = rule is _PROPERTY_OURS
        if there.issuperset(rule.columns) and (custodian is not None or not ours):
            told = replace(rule, error=False) if rule is _PROPERTY_POINT and custodian is None else rule
            yield told, rule.broken.format(today=f"date '{today.isoformat()}'", custodian=custodian or 0)
