"""Wards, parishes and other areas by the codes a supply names them with."""

from django.db import models


class Area(models.Model):
    """An area with its GSS code, such as the ward E05000001."""

    code = models.CharField(max_length=10, primary_key=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(
        max_length=10
    )  # as lists of names and codes call it: WD a ward, PAR a parish, LAD a district
