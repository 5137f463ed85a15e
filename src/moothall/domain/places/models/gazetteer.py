"""The gazetteer: properties, streets and their addresses as BS 7666 describes them and a supply brings them.

A table a record type; the columns are those of DTF 7.3 and AddressBase Premium together, null where the format supplied has
none. Only an import writes here. Rows refer to one another by the references everybody uses (UPRN, USRN), without a constraint:
a file may bring an address before its property. A UPRN here is a whole number; elsewhere it is text (`kit.uprn`).
"""

from typing import Any

from django.db import models


def _metres() -> "models.DecimalField[Any, Any]":
    """A coordinate on the British National Grid, exactly as supplied."""
    return models.DecimalField(max_digits=9, decimal_places=2)


class Status(models.IntegerChoices):
    """Logical status of a property or of an address."""

    APPROVED = 1
    ALTERNATIVE = 3  # addresses only
    CANDIDATE = 5
    PROVISIONAL = 6
    REJECTED_OUTSIDE = 7
    HISTORICAL = 8
    REJECTED_INSIDE = 9


class Street(models.Model):
    """A street (record 11). Its name is in its descriptors, one for each language."""

    usrn = models.IntegerField(primary_key=True)
    record_type = models.SmallIntegerField()  # 1 named, 2 described, 3 numbered, 4 unofficial, 9 access
    authority = models.SmallIntegerField()  # who names it: SWA_ORG_REF_NAMING
    state = models.SmallIntegerField(null=True)  # 1 being built, 2 open, 4 closed
    state_date = models.DateField(null=True)
    surface = models.SmallIntegerField(null=True)
    classification = models.SmallIntegerField(null=True)
    version = models.SmallIntegerField(null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    updated_on = models.DateField()
    entered_on = models.DateField()
    start_x = _metres()
    start_y = _metres()
    end_x = _metres()
    end_y = _metres()
    tolerance = models.SmallIntegerField(null=True)
    start_latitude = models.FloatField(null=True)  # ETRS89, which web maps take for WGS84
    start_longitude = models.FloatField(null=True)
    end_latitude = models.FloatField(null=True)
    end_longitude = models.FloatField(null=True)
    gone_on = models.DateField(null=True)  # the supply of this day no longer had it


class StreetDescriptor(models.Model):
    """What a street is called in one language (record 15)."""

    street = models.ForeignKey(
        Street, on_delete=models.DO_NOTHING, db_constraint=False, db_column="usrn", related_name="descriptors"
    )
    language = models.CharField(max_length=3)  # ENG, CYM, GAE
    description = models.CharField(max_length=110)
    locality = models.CharField(max_length=35)
    town = models.CharField(max_length=30)
    area = models.CharField(max_length=30)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    updated_on = models.DateField(null=True)
    entered_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "language"], name="street_descriptor_once")]


class Property(models.Model):
    """A basic land and property unit (record 21): anything with a UPRN, from a house to a field to a whole street.

    A UPRN is never used again and its row is never deleted: what a supply no longer has keeps its last facts and `gone_on`.
    """

    uprn = models.BigIntegerField(primary_key=True)
    status = models.SmallIntegerField(choices=Status)
    state = models.SmallIntegerField(
        null=True
    )  # 1 being built, 2 in use, 3 vacant, 4 demolished, 5 applied for, 6 permitted, 7 refused
    state_date = models.DateField(null=True)
    classification = models.CharField(
        max_length=6
    )  # such as RD04; empty where the format has it in a record of its own
    parent_uprn = models.BigIntegerField(null=True)
    x = _metres()
    y = _metres()
    latitude = models.FloatField(null=True)  # ETRS89, which web maps take for WGS84
    longitude = models.FloatField(null=True)
    rpc = models.SmallIntegerField()  # representative point code
    custodian = models.SmallIntegerField()  # LOCAL_CUSTODIAN_CODE
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    updated_on = models.DateField()
    entered_on = models.DateField()
    organisation = models.CharField(max_length=100)
    ward = models.CharField(max_length=10)  # GSS code
    parish = models.CharField(max_length=10)  # GSS code
    custodian_one = models.SmallIntegerField(null=True)
    custodian_two = models.SmallIntegerField(null=True)
    can_key = models.CharField(max_length=14)
    country = models.CharField(max_length=1)  # AddressBase Premium alone, as are the three below
    postal = models.CharField(max_length=1)
    postcode = models.CharField(max_length=8)
    multiple_occupancy = models.IntegerField(null=True)
    gone_on = models.DateField(null=True)  # the supply of this day no longer had it

    class Meta:
        verbose_name_plural = "properties"
        indexes = [
            models.Index(fields=["parent_uprn"], condition=~models.Q(parent_uprn=None), name="property_parent"),
            models.Index(fields=["x", "y"], name="property_point"),
            models.Index(fields=["latitude", "longitude"], name="property_degrees"),
            models.Index(fields=["ward"], name="property_ward"),
        ]


class Identifier(models.Model):
    """One address of a property: a land and property identifier (record 24)."""

    key = models.CharField(max_length=14, primary_key=True)  # LPI_KEY
    property = models.ForeignKey(
        Property, on_delete=models.DO_NOTHING, db_constraint=False, db_column="uprn", related_name="identifiers"
    )
    language = models.CharField(max_length=3)
    status = models.SmallIntegerField(choices=Status)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    updated_on = models.DateField()
    entered_on = models.DateField()
    sao_start_number = models.SmallIntegerField(null=True)  # secondary addressable object: a flat, a unit
    sao_start_suffix = models.CharField(max_length=2)
    sao_end_number = models.SmallIntegerField(null=True)
    sao_end_suffix = models.CharField(max_length=2)
    sao_text = models.CharField(max_length=90)
    pao_start_number = models.SmallIntegerField(null=True)  # primary addressable object: a house
    pao_start_suffix = models.CharField(max_length=2)
    pao_end_number = models.SmallIntegerField(null=True)
    pao_end_suffix = models.CharField(max_length=2)
    pao_text = models.CharField(max_length=90)
    street = models.ForeignKey(
        Street, on_delete=models.DO_NOTHING, db_constraint=False, db_column="usrn", related_name="identifiers"
    )
    level = models.CharField(max_length=30)
    postal = models.CharField(max_length=1)  # DTF alone, as are the two below: A, P, Y, N, L
    postcode = models.CharField(max_length=8)
    post_town = models.CharField(max_length=30)
    official = models.CharField(max_length=1)
    custodian_one = models.SmallIntegerField(null=True)
    custodian_two = models.SmallIntegerField(null=True)
    can_key = models.CharField(max_length=14)
    street_match = models.SmallIntegerField(null=True)  # AddressBase Premium alone, as is the one below
    area = models.CharField(max_length=40)


class CrossReference(models.Model):
    """What another register calls a property (record 23): a council tax account, a rates reference, a TOID."""

    key = models.CharField(max_length=14, primary_key=True)  # XREF_KEY
    property = models.ForeignKey(
        Property, on_delete=models.DO_NOTHING, db_constraint=False, db_column="uprn", related_name="cross_references"
    )
    source = models.CharField(max_length=6)  # such as 9999CT: a custodian and its register
    reference = models.CharField(max_length=50)
    version = models.IntegerField(null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    updated_on = models.DateField()
    entered_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["reference", "source"], name="cross_reference_number")]


class DeliveryPoint(models.Model):
    """Royal Mail's address of a property (record 28 of AddressBase Premium)."""

    udprn = models.IntegerField(primary_key=True)
    property = models.ForeignKey(
        Property, on_delete=models.DO_NOTHING, db_constraint=False, db_column="uprn", related_name="delivery_points"
    )
    organisation = models.CharField(max_length=60)
    department = models.CharField(max_length=60)
    sub_building = models.CharField(max_length=30)
    building_name = models.CharField(max_length=50)
    building_number = models.SmallIntegerField(null=True)
    dependent_thoroughfare = models.CharField(max_length=80)
    thoroughfare = models.CharField(max_length=80)
    double_dependent_locality = models.CharField(max_length=35)
    dependent_locality = models.CharField(max_length=35)
    post_town = models.CharField(max_length=30)
    postcode = models.CharField(max_length=8)
    postcode_type = models.CharField(max_length=1)
    suffix = models.CharField(max_length=2)
    welsh_dependent_thoroughfare = models.CharField(max_length=80)
    welsh_thoroughfare = models.CharField(max_length=80)
    welsh_double_dependent_locality = models.CharField(max_length=35)
    welsh_dependent_locality = models.CharField(max_length=35)
    welsh_post_town = models.CharField(max_length=30)
    po_box = models.CharField(max_length=6)
    processed_on = models.DateField(null=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    updated_on = models.DateField()
    entered_on = models.DateField()


class Successor(models.Model):
    """Which property came after another (record 30 of AddressBase Premium)."""

    key = models.CharField(max_length=14, primary_key=True)
    property = models.ForeignKey(
        Property, on_delete=models.DO_NOTHING, db_constraint=False, db_column="uprn", related_name="successors"
    )
    successor = models.BigIntegerField()  # its UPRN
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    updated_on = models.DateField()
    entered_on = models.DateField()


class PropertyOrganisation(models.Model):
    """Who is at a property (record 31 of AddressBase Premium)."""

    key = models.CharField(max_length=14, primary_key=True)
    property = models.ForeignKey(
        Property, on_delete=models.DO_NOTHING, db_constraint=False, db_column="uprn", related_name="organisations"
    )
    name = models.CharField(max_length=100)
    legal_name = models.CharField(max_length=60)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    updated_on = models.DateField()
    entered_on = models.DateField()


class PropertyClass(models.Model):
    """What a property is for, in one scheme (record 32 of AddressBase Premium)."""

    key = models.CharField(max_length=14, primary_key=True)
    property = models.ForeignKey(
        Property, on_delete=models.DO_NOTHING, db_constraint=False, db_column="uprn", related_name="classes"
    )
    code = models.CharField(max_length=6)
    scheme = models.CharField(max_length=60)
    scheme_version = models.DecimalField(max_digits=3, decimal_places=1)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    updated_on = models.DateField()
    entered_on = models.DateField()
