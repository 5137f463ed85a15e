"""Published versions as types: read once per process, since a version never changes."""

from functools import lru_cache

from django.db import connection

from moothall.domain.workflow import definition
from moothall.domain.workflow.definition import Workflow
from moothall.domain.workflow.models import Stage, WorkflowVersion


def workflow(version_id: int) -> Workflow:
    """The definition of a version."""
    return _workflow(_database(), version_id)


def stage_row(version_id: int, stage_id: str) -> Stage:
    """The row of a stage. Rows are shared by whoever asks, and never change."""
    return _stages(_database(), version_id)[stage_id]


def stage_by_row(stage_id: int) -> Stage:
    """A stage by its row's number. Rows are shared by whoever asks, and never change."""
    return _stage(_database(), stage_id)


def forget() -> None:
    """Drop what was read; for tests, which reuse row numbers."""
    _workflow.cache_clear()
    _stages.cache_clear()
    _stage.cache_clear()


def _database() -> str:
    """Councils on one install have a database each, so what is kept is kept per database."""
    return f"{connection.settings_dict['HOST']}/{connection.settings_dict['NAME']}"


@lru_cache(maxsize=512)
def _workflow(_database: str, version_id: int) -> Workflow:
    version = WorkflowVersion.objects.select_related("workflow").get(pk=version_id)
    return definition.from_data(version.definition, file=f"{version.workflow.key} version {version.number}")


@lru_cache(maxsize=512)
def _stages(_database: str, version_id: int) -> dict[str, Stage]:
    return {stage.key: stage for stage in Stage.objects.filter(version=version_id)}


@lru_cache(maxsize=8192)
def _stage(_database: str, stage_id: int) -> Stage:
    return Stage.objects.get(pk=stage_id)
