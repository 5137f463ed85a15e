"""Which services there are, told to what stands beneath the catalogue."""

from moothall.domain.catalogue.models import Service
from moothall.domain.people.importing import services


def names() -> dict[str, str]:
    """The names of services by their keys."""
    return dict(Service.objects.order_by("name").values_list("key", "name"))


services.told_by(names)
