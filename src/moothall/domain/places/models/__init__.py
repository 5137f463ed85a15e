"""Places: the gazetteer as supplied, what its look-up finds, and the addresses written on envelopes."""

from moothall.domain.places.models.address import Address
from moothall.domain.places.models.area import Area
from moothall.domain.places.models.boundary import Boundary
from moothall.domain.places.models.gazetteer import (
    CrossReference,
    DeliveryPoint,
    Identifier,
    Property,
    PropertyClass,
    PropertyOrganisation,
    Street,
    StreetDescriptor,
    Successor,
)
from moothall.domain.places.models.lookup import LookupLine, LookupStreet, LookupWord
from moothall.domain.places.models.note import PlaceNote
from moothall.domain.places.models.supply import Reject, Supply

__all__ = [
    "Address",
    "Area",
    "Boundary",
    "CrossReference",
    "DeliveryPoint",
    "Identifier",
    "LookupLine",
    "LookupStreet",
    "LookupWord",
    "PlaceNote",
    "Property",
    "PropertyClass",
    "PropertyOrganisation",
    "Reject",
    "Street",
    "StreetDescriptor",
    "Successor",
    "Supply",
]
