"""The services as tiles of the first page."""

from collections.abc import Sequence
from dataclasses import dataclass

from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.web.components.parts import Link


@dataclass(frozen=True)
class Tile:
    """A service: what it is called and what it is for."""

    key: str
    name: str
    text: str
    forms: Sequence[Link] = ()


def tiles(services: Sequence[Service]) -> list[Tile]:
    """One for each service, by its version in force."""
    made = []
    for service in services:
        assert service.current_id is not None
        manifest = catalogue.manifest(service.current_id)
        made.append(Tile(service.key, service.name, manifest.description or ""))
    return made
