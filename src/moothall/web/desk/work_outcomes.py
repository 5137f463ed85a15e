"""The outcomes of completed work, as people call them: to choose from, and to sort by."""

from collections.abc import Iterable, Mapping

from moothall.domain.workflow import published
from moothall.domain.workflow.models import Stage

Labels = Mapping[str, str]


def outcomes(stages: Iterable[Stage]) -> list[tuple[str, str]]:
    """The outcomes of these stages, by name; of those with the same key, the name of the newest version."""
    names = {key: name for _stage, key, name in _each(stages)}
    return sorted(names.items(), key=lambda one: (one[1].casefold(), one[0]))


def outcome_labels(stages: Iterable[Stage]) -> Labels:
    """What the outcomes of these stages are called, by their key; where it is called so at a stage alone, by
    “<number of the stage>/<key>”."""
    every = list(_each(stages))
    usual = {key: name for _stage, key, name in every}
    return usual | {f"{stage}/{key}": name for stage, key, name in every if usual[key] != name}


def _each(stages: Iterable[Stage]) -> Iterable[tuple[int, str, str]]:
    for stage in stages:
        for one in published.workflow(stage.version_id).stage(stage.key).outcomes:
            yield stage.pk, one.id, one.name
