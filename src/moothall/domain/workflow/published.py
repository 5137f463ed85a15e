"""Published versions as types: read once per process, since a version never changes."""

from functools import lru_cache

from django.db import connection

from moothall.domain.workflow import definition
from moothall.domain.workflow.definition import Workflow
from moothall.domain.workflow.models import Stage, WorkflowVersion


def workflow(version_id: int) -> Workflow:
    """The definition of a version."""
    return _workflow(_database(), version_id)


def stage_ids(version_id: int) -> dict[str, int]:
    """The row of each stage of a version, by stage id."""
    return _stage_ids(_database(), version_id)


def forget() -> None:
    """Drop what was read; for tests, which reuse row numbers."""
    _workflow.cache_clear()
    _stage_ids.cache_clear()


def _database() -> str:
    """Councils on one install have a database each, so what is kept is kept per database."""
    return f"{connection.settings_dict['HOST']}/{connection.settings_dict['NAME']}"


@lru_cache(maxsize=512)
def _workflow(_database: str, version_id: int) -> Workflow:
    version = WorkflowVersion.objects.select_related("workflow").get(pk=version_id)
    return definition.from_data(version.definition, file=f"{version.workflow.key} version {version.number}")


@lru_cache(maxsize=512)
def _stage_ids(_database: str, version_id: int) -> dict[str, int]:
    return dict(Stage.objects.filter(version=version_id).values_list("key", "pk"))
