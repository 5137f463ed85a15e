"""Where the wards of the council lie."""

from django.db import models


class Boundary(models.Model):
    """The boundary of a ward: loaded from a published file, or drawn around its properties where none was."""

    code = models.CharField(max_length=10, primary_key=True)  # GSS code, as properties have it
    name = models.CharField(max_length=100)
    drawn = models.BooleanField()  # around its properties: about where it is, and no boundary anybody decided
    rings = (
        models.JSONField()
    )  # polygons, each a list of rings, each a list of [longitude, latitude] (GeoJSON's MultiPolygon)
    loaded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "boundaries"
