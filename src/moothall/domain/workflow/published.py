"""Published versions as types: read once per process, since a version never changes."""

from collections.abc import Sequence
from functools import lru_cache

from moothall.core import database
from moothall.domain.workflow import definition
from moothall.domain.workflow.definition import Workflow
from moothall.domain.workflow.models import Stage, WorkflowVersion

_OF_STAGE = [field.name for field in Stage._meta.concrete_fields]
_rows: dict[str, dict[int, Stage]] = {}  # by database and number: as many as versions have stages


def workflow(version_id: int) -> Workflow:
    """The definition of a version."""
    return _workflow(database.where(), version_id)


def stage_row(version_id: int, stage_id: str) -> Stage:
    """The row of a stage. Rows are shared by whoever asks, and never change."""
    return _stages(database.where(), version_id)[stage_id]


def stage_by_row(stage_id: int) -> Stage:
    """A stage by its row's number. Rows are shared by whoever asks, and never change."""
    return stages_by_row([stage_id])[0]


def stages_by_row(stage_ids: Sequence[int]) -> list[Stage]:
    """Stages by the numbers of their rows, with the version and the workflow they are of; in one statement at most."""
    known = _rows.setdefault(database.where(), {})
    if missing := set(stage_ids) - known.keys():
        stages = Stage.objects.select_related("version__workflow")
        known |= stages.only(*_OF_STAGE, "version__workflow__key").in_bulk(missing)
    return [known[number] for number in stage_ids]


def forget() -> None:
    """Drop what was read; for tests, which reuse row numbers."""
    _workflow.cache_clear()
    _stages.cache_clear()
    _rows.clear()


@lru_cache(maxsize=512)
def _workflow(_database: str, version_id: int) -> Workflow:
    version = WorkflowVersion.objects.select_related("workflow").get(pk=version_id)
    return definition.from_data(version.definition, file=f"{version.workflow.key} version {version.number}")


@lru_cache(maxsize=512)
def _stages(_database: str, version_id: int) -> dict[str, Stage]:
    return {stage.key: stage for stage in Stage.objects.filter(version=version_id)}
