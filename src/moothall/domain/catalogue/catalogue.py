"""The services in force, read once per process since a published version never changes."""

from collections.abc import Mapping
from functools import lru_cache

from moothall.core import database
from moothall.domain.catalogue import bundle
from moothall.domain.catalogue.manifest import Manifest
from moothall.domain.catalogue.models import Service, ServiceVersion
from moothall.domain.forms.rest import RestLookUp

_LETTERS = "letters/"


def manifest(service_version_id: int) -> Manifest:
    """What a service version declares."""
    return _version(database.where(), service_version_id)[0]


def workflow_version(service_version_id: int, key: str) -> int:
    """The workflow version a service version holds under `key` (local, or `<service>.<key>`).

    Raises LookupError with a sentence.
    """
    found, versions, _letters = _version(database.where(), service_version_id)
    full = key if key in versions else f"{found.key}.{key}"
    if full not in versions:
        raise LookupError(f"{found.name} has no workflow “{key}”.")
    return versions[full]


def workflow_versions(service_version_id: int) -> list[int]:
    """The workflow versions a service version holds."""
    return sorted(_version(database.where(), service_version_id)[1].values())


def letters(service_version_id: int) -> frozenset[str]:
    """The letters a service version holds, by their keys within the service."""
    return _version(database.where(), service_version_id)[2]


def lookups(service: str) -> Mapping[str, RestLookUp]:
    """The look-ups of the service in force, by their names; none where there is no such service."""
    current = Service.objects.filter(key=service).values_list("current", flat=True).first()
    return _lookups(database.where(), current) if current else {}


def forget() -> None:
    """Drop what was read; for tests, which reuse row numbers."""
    _version.cache_clear()
    _lookups.cache_clear()


@lru_cache(maxsize=128)
def _lookups(_database: str, service_version_id: int) -> Mapping[str, RestLookUp]:
    return bundle.lookups_of(ServiceVersion.objects.get(pk=service_version_id).files)


@lru_cache(maxsize=128)
def _version(_database: str, service_version_id: int) -> tuple[Manifest, dict[str, int], frozenset[str]]:
    version = ServiceVersion.objects.get(pk=service_version_id)
    rows = version.workflows.values_list("workflow__key", "pk")
    held = (file.removeprefix(_LETTERS) for file in version.files if file.startswith(_LETTERS))
    letters = frozenset(name.partition(".")[0] for name in held)
    return bundle.read_manifest(version.files["service.yaml"]), dict(rows), letters
