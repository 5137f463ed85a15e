"""What keeps a decision sound: a second officer who confirms it, samples of quality, a checklist (BEST-5, BEST-8)."""

from typing import Annotated

from pydantic import BeforeValidator, Field, StrictInt

from moothall.domain.workflow.parts import Condition, Id, Line, Part, Prose

EVERY_OUTCOME = "all"
"""What a checklist item says instead of outcomes when every outcome that a person chooses needs it."""

Percent = Annotated[StrictInt, Field(ge=1, le=100)]


class SecondOfficer(Part):
    """An outcome that happens only once somebody of `groups`, who is not the first officer, has confirmed it.

    `why` is told to both. With `when` only if it holds as the outcome is chosen, answers included; with `sample` only
    that percentage of times, drawn so that nobody can foresee it.
    """

    groups: Annotated[tuple[Id, ...], Field(min_length=1)]
    why: Line
    when: Condition | None = None
    sample: Percent | None = None


class QualityQuestion(Part):
    """Something the officer who checks a sample answers yes or no; no is what counts against it."""

    id: Id
    text: Line


class QualitySample(Part):
    """`percent` of decisions made are looked at again by somebody of `groups`; the case does not wait for it."""

    percent: Percent
    groups: Annotated[tuple[Id, ...], Field(min_length=1)]
    questions: tuple[QualityQuestion, ...] = ()


def _ids_or_all(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class ChecklistItem(Part):
    """Something to be done at a stage and ticked. `required_for` are the outcomes that need it, or `all`."""

    id: Id
    text: Line
    help: Prose | None = None
    required_for: Annotated[tuple[Id, ...], BeforeValidator(_ids_or_all, json_schema_input_type=Id | list[Id])] = ()

    def needed_for(self, outcome: str) -> bool:
        """Whether an outcome, chosen by a person, needs it ticked."""
        return outcome in self.required_for or EVERY_OUTCOME in self.required_for
