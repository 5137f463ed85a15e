"""What each record of each format holds, field by field in order: the one table everything else is made from.

DTF 7.3 and AddressBase Premium number their records alike and order their fields differently, the dates above all, so a
layout is chosen by the version in a file's header and never by what the fields look like. Sources: the field lists of
DTF 7.3 (Lambeth's schema, and loaders of it), Ordnance Survey's create-table statements for AddressBase Premium 2, and
loaders of AddressBase Premium 1.0.
"""

import re

from moothall.domain.places.gazetteer.kinds import Kind, day, decimal, degrees, text, whole
from moothall.domain.places.gazetteer.records import Field, Layout, Record
from moothall.domain.places.models import (
    CrossReference,
    DeliveryPoint,
    Identifier,
    Property,
    PropertyClass,
    PropertyOrganisation,
    Street,
    StreetDescriptor,
    Successor,
    Supply,
)

HEADER, METADATA, TRAILER = 10, 29, 99


def _f(name: str, column: str, kind: Kind) -> Field:
    """A field that may be empty."""
    return Field(name, column, kind)


def _m(name: str, column: str, kind: Kind) -> Field:
    """A field that must be filled in."""
    return Field(name, column, kind, needed=True)


UPRN, USRN = _m("UPRN", "uprn", whole(12)), _m("USRN", "usrn", whole(8))
START, END = _m("START_DATE", "start_date", day()), _f("END_DATE", "end_date", day())
UPDATE, ENTRY = _m("LAST_UPDATE_DATE", "updated_on", day()), _m("ENTRY_DATE", "entered_on", day())
LANGUAGE = _m("LANGUAGE", "language", text(3))
STATUS = _m("LOGICAL_STATUS", "status", whole(1))
_METRES = decimal(7, 2)
_STREET = (
    USRN,
    _m("RECORD_TYPE", "record_type", whole(1)),
    _m("SWA_ORG_REF_NAMING", "authority", whole(4)),
    _f("STATE", "state", whole(1)),
    _f("STATE_DATE", "state_date", day()),
    _f("STREET_SURFACE", "surface", whole(1)),
    _f("STREET_CLASSIFICATION", "classification", whole(2)),
    _m("VERSION", "version", whole(3)),
)
_STREET_START = (_m("STREET_START_X", "start_x", _METRES), _m("STREET_START_Y", "start_y", _METRES))
_STREET_END = (_m("STREET_END_X", "end_x", _METRES), _m("STREET_END_Y", "end_y", _METRES))
_TOLERANCE = _m("STREET_TOLERANCE", "tolerance", whole(3))
_DESCRIPTOR = (
    USRN,
    _m("STREET_DESCRIPTOR", "description", text(110)),
    _f("LOCALITY_NAME", "locality", text(35)),
    _f("TOWN_NAME", "town", text(30)),
    _m("ADMINISTRATIVE_AREA", "area", text(30)),
    LANGUAGE,
)
_PROPERTY = (UPRN, STATUS, _f("BLPU_STATE", "state", whole(1)), _f("BLPU_STATE_DATE", "state_date", day()))
_PARENT = _f("PARENT_UPRN", "parent_uprn", whole(12))
_POINT = (_m("X_COORDINATE", "x", _METRES), _m("Y_COORDINATE", "y", _METRES))
_RPC = _m("RPC", "rpc", whole(1))
_CUSTODIAN = _m("LOCAL_CUSTODIAN_CODE", "custodian", whole(4))
_CUSTODIANS = (
    _f("CUSTODIAN_ONE", "custodian_one", whole(2)),
    _f("CUSTODIAN_TWO", "custodian_two", whole(2)),
    _f("CAN_KEY", "can_key", text(14)),
)
_LPI_KEY = _m("LPI_KEY", "key", text(14))
_OBJECTS = (
    _f("SAO_START_NUMBER", "sao_start_number", whole(4)),
    _f("SAO_START_SUFFIX", "sao_start_suffix", text(2)),
    _f("SAO_END_NUMBER", "sao_end_number", whole(4)),
    _f("SAO_END_SUFFIX", "sao_end_suffix", text(2)),
    _f("SAO_TEXT", "sao_text", text(90)),
    _f("PAO_START_NUMBER", "pao_start_number", whole(4)),
    _f("PAO_START_SUFFIX", "pao_start_suffix", text(2)),
    _f("PAO_END_NUMBER", "pao_end_number", whole(4)),
    _f("PAO_END_SUFFIX", "pao_end_suffix", text(2)),
    _f("PAO_TEXT", "pao_text", text(90)),
    USRN,
)
_LEVEL = _f("LEVEL", "level", text(30))
_OFFICIAL = _f("OFFICIAL_FLAG", "official", text(1))
_XREF_KEY = _m("XREF_KEY", "key", text(14))
_SOURCE = _m("SOURCE", "source", text(6))
_REFERENCE = _m("CROSS_REFERENCE", "reference", text(50))

# Whose columns DTF 7.3 and AddressBase Premium share.
_SUCCESSOR = Record(
    30,
    Successor,
    ("key",),
    (UPRN, _m("SUCC_KEY", "key", text(14)), START, END, UPDATE, ENTRY, _m("SUCCESSOR", "successor", whole(12))),
)
_ORGANISATION = Record(
    31,
    PropertyOrganisation,
    ("key",),
    (
        UPRN,
        _m("ORG_KEY", "key", text(14)),
        _m("ORGANISATION", "name", text(100)),
        _f("LEGAL_NAME", "legal_name", text(60)),
        START,
        END,
        UPDATE,
        ENTRY,
    ),
)
_CLASS = Record(
    32,
    PropertyClass,
    ("key",),
    (
        UPRN,
        _m("CLASS_KEY", "key", text(14)),
        _m("CLASSIFICATION_CODE", "code", text(6)),
        _m("CLASS_SCHEME", "scheme", text(60)),
        _m("SCHEME_VERSION", "scheme_version", decimal(2, 1)),
        START,
        END,
        UPDATE,
        ENTRY,
    ),
)
_ROYAL_MAIL = (
    _m("UDPRN", "udprn", whole(8)),
    _f("ORGANISATION_NAME", "organisation", text(60)),
    _f("DEPARTMENT_NAME", "department", text(60)),
    _f("SUB_BUILDING_NAME", "sub_building", text(30)),
    _f("BUILDING_NAME", "building_name", text(50)),
    _f("BUILDING_NUMBER", "building_number", whole(4)),
    _f("DEPENDENT_THOROUGHFARE", "dependent_thoroughfare", text(80)),
    _f("THOROUGHFARE", "thoroughfare", text(80)),
    _f("DOUBLE_DEPENDENT_LOCALITY", "double_dependent_locality", text(35)),
    _f("DEPENDENT_LOCALITY", "dependent_locality", text(35)),
    _m("POST_TOWN", "post_town", text(30)),
    _m("POSTCODE", "postcode", text(8)),
    _f("POSTCODE_TYPE", "postcode_type", text(1)),
)
_WELSH_ROYAL_MAIL = (
    _f("WELSH_DEPENDENT_THOROUGHFARE", "welsh_dependent_thoroughfare", text(80)),
    _f("WELSH_THOROUGHFARE", "welsh_thoroughfare", text(80)),
    _f("WELSH_DOUBLE_DEPENDENT_LOCALITY", "welsh_double_dependent_locality", text(35)),
    _f("WELSH_DEPENDENT_LOCALITY", "welsh_dependent_locality", text(35)),
    _f("WELSH_POST_TOWN", "welsh_post_town", text(30)),
    _f("PO_BOX_NUMBER", "po_box", text(6)),
    _f("PROCESS_DATE", "processed_on", day()),
    START,
    END,
    UPDATE,
    ENTRY,
)
_DELIVERY_POINT = Record(
    28,
    DeliveryPoint,
    ("udprn",),
    (UPRN, *_ROYAL_MAIL, _f("DELIVERY_POINT_SUFFIX", "suffix", text(2)), *_WELSH_ROYAL_MAIL),
)
_PREMIUM_REFERENCE = Record(
    23,
    CrossReference,
    ("key",),
    (UPRN, _XREF_KEY, _REFERENCE, _f("VERSION", "version", whole(3)), _SOURCE, START, END, UPDATE, ENTRY),
)
_PREMIUM_IDENTIFIER = Record(
    24,
    Identifier,
    ("key",),
    (
        UPRN,
        _LPI_KEY,
        LANGUAGE,
        STATUS,
        START,
        END,
        UPDATE,
        ENTRY,
        *_OBJECTS,
        _f("USRN_MATCH_INDICATOR", "street_match", whole(1)),
        _f("AREA_NAME", "area", text(40)),
        _LEVEL,
        _OFFICIAL,
    ),
)
_PREMIUM_POSTAL = (
    _f("ADDRESSBASE_POSTAL", "postal", text(1)),
    _f("POSTCODE_LOCATOR", "postcode", text(8)),
    _f("MULTI_OCC_COUNT", "multiple_occupancy", whole(4)),
)
_PREMIUM_DATES = (
    _m("STREET_START_DATE", "start_date", day()),
    _f("STREET_END_DATE", "end_date", day()),
    UPDATE,
    _m("RECORD_ENTRY_DATE", "entered_on", day()),
)


def _layout(format: Supply.Format, *records: Record, skipped: frozenset[int] = frozenset()) -> Layout:
    return Layout(format, {record.number: record for record in records}, skipped | {METADATA})


DTF = _layout(
    Supply.Format.DTF,
    Record(
        11,
        Street,
        ("usrn",),
        (
            *_STREET,
            _m("RECORD_ENTRY_DATE", "entered_on", day()),
            UPDATE,
            _m("STREET_START_DATE", "start_date", day()),
            _f("STREET_END_DATE", "end_date", day()),
            *_STREET_START,
            *_STREET_END,
            _TOLERANCE,
        ),
    ),
    Record(15, StreetDescriptor, ("usrn", "language"), _DESCRIPTOR),
    Record(
        21,
        Property,
        ("uprn",),
        (
            *_PROPERTY,
            _m("BLPU_CLASS", "classification", text(6)),
            _PARENT,
            *_POINT,
            _RPC,
            _CUSTODIAN,
            START,
            END,
            UPDATE,
            ENTRY,
            _f("ORGANISATION", "organisation", text(100)),
            _f("WARD_CODE", "ward", text(10)),
            _f("PARISH_CODE", "parish", text(10)),
            *_CUSTODIANS,
        ),
    ),
    Record(23, CrossReference, ("key",), (UPRN, _XREF_KEY, START, UPDATE, ENTRY, END, _REFERENCE, _SOURCE)),
    Record(
        24,
        Identifier,
        ("key",),
        (
            UPRN,
            _LPI_KEY,
            LANGUAGE,
            STATUS,
            START,
            END,
            ENTRY,
            UPDATE,
            *_OBJECTS,
            _LEVEL,
            _m("POSTAL_ADDRESS", "postal", text(1)),
            _f("POSTCODE", "postcode", text(8)),
            _f("POST_TOWN", "post_town", text(30)),
            _OFFICIAL,
            *_CUSTODIANS,
        ),
    ),
    _DELIVERY_POINT,
    _SUCCESSOR,
    _ORGANISATION,
    _CLASS,
    skipped=frozenset({12, 13, 14, 22, 25, 26, 27, 98}),
)
PREMIUM_1 = _layout(
    Supply.Format.PREMIUM_1,
    Record(11, Street, ("usrn",), (*_STREET, *_PREMIUM_DATES, *_STREET_START, *_STREET_END, _TOLERANCE)),
    Record(15, StreetDescriptor, ("usrn", "language"), _DESCRIPTOR),
    Record(
        21,
        Property,
        ("uprn",),
        (*_PROPERTY, _PARENT, *_POINT, _RPC, _CUSTODIAN, START, END, UPDATE, ENTRY, *_PREMIUM_POSTAL),
    ),
    _PREMIUM_REFERENCE,
    _PREMIUM_IDENTIFIER,
    Record(
        28,
        DeliveryPoint,
        ("udprn",),
        (UPRN, _f("PARENT_ADDRESSABLE_UPRN", "", whole(12)), *_ROYAL_MAIL, *_WELSH_ROYAL_MAIL),
    ),
    _SUCCESSOR,
    _ORGANISATION,
    _CLASS,
)
PREMIUM_2 = _layout(
    Supply.Format.PREMIUM_2,
    Record(
        11,
        Street,
        ("usrn",),
        (
            *_STREET,
            *_PREMIUM_DATES,
            *_STREET_START,
            _f("STREET_START_LAT", "start_latitude", degrees()),
            _f("STREET_START_LONG", "start_longitude", degrees()),
            *_STREET_END,
            _f("STREET_END_LAT", "end_latitude", degrees()),
            _f("STREET_END_LONG", "end_longitude", degrees()),
            _TOLERANCE,
        ),
    ),
    Record(15, StreetDescriptor, ("usrn", "language"), (*_DESCRIPTOR, START, END, UPDATE, ENTRY)),
    Record(
        21,
        Property,
        ("uprn",),
        (
            *_PROPERTY,
            _PARENT,
            *_POINT,
            _f("LATITUDE", "latitude", degrees()),
            _f("LONGITUDE", "longitude", degrees()),
            _RPC,
            _CUSTODIAN,
            _f("COUNTRY", "country", text(1)),
            START,
            END,
            UPDATE,
            ENTRY,
            *_PREMIUM_POSTAL,
        ),
    ),
    _PREMIUM_REFERENCE,
    _PREMIUM_IDENTIFIER,
    _DELIVERY_POINT,
    _SUCCESSOR,
    _ORGANISATION,
    _CLASS,
)
LAYOUTS = {layout.format: layout for layout in (DTF, PREMIUM_1, PREMIUM_2)}


def of_version(version: str) -> Layout | None:
    """The layout of the version a header names; None of one that is not read here."""
    if re.fullmatch(r"7\.3(\.[0-9]+)*", version):
        return DTF
    if re.fullmatch(r"1\.0", version):
        return PREMIUM_1
    if re.fullmatch(r"2(\.[0-9]+)*", version):
        return PREMIUM_2
    return None
