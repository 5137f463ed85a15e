"""The services as tiles of the first page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language

from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.forms import published
from moothall.domain.forms.models import Form as FormRow
from moothall.web.components.parts import Link

MOST = 500


@dataclass(frozen=True)
class Tile:
    """A service: what it is called and what it is for."""

    key: str
    name: str
    text: str
    forms: Sequence[Link] = ()


def tiles(services: Sequence[Service]) -> list[Tile]:
    """One for each service, by its version in force, with its forms."""
    forms = _forms([service.key for service in services])
    made = []
    for service in services:
        assert service.current_id is not None
        manifest = catalogue.manifest(service.current_id)
        made.append(Tile(service.key, service.name, manifest.description or "", forms.get(service.key, [])))
    return made


def _forms(services: Sequence[str]) -> dict[str, list[Link]]:
    """The forms in force of these services, by service, each with its name in the language of the page."""
    language = "cy" if get_language() == "cy" else "en"
    found: dict[str, list[Link]] = {}
    for key, version in (
        FormRow.objects.filter(current__isnull=False).order_by("key").values_list("key", "current")[:MOST]
    ):
        service, _dot, form = key.partition(".")
        if service in services:
            name = published.plan(version).form.name.of(language)
            found.setdefault(service, []).append(Link(name, reverse("portal:form", args=[service, form])))
    return found
