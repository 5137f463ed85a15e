"""What a workflow is: stages joined by outcomes, as frozen types read from YAML.

Reading (`parse`) checks shape only: keys, types, bounds. Whether the parts fit together (every destination exists,
every tag is known…) is `faults.check`. Ids are stable: once published an id is never given to something else, because
versions are compared and cases moved by id.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, StrictBool, StringConstraints, ValidationError

from moothall.domain.workflow import plain, yamltext
from moothall.domain.workflow.oversight import ChecklistItem, QualityQuestion, QualitySample, SecondOfficer
from moothall.domain.workflow.parts import (
    Channel,
    Condition,
    DocumentTagChange,
    DottedId,
    Effect,
    End,
    EndState,
    Fault,
    Faulty,
    Hook,
    Id,
    Intend,
    Line,
    Message,
    Part,
    Payment,
    Prose,
    PublicText,
    QuestionType,
    Request,
    RequestKind,
    RequestThen,
    Send,
    Start,
    TagChange,
    TagChanges,
    Target,
    ToDo,
    Unit,
    no_control_characters,
    one_or_many,
)

__all__ = [
    "Action", "Automatic", "Channel", "ChecklistItem", "Condition", "DocumentTagChange", "DottedId", "Effect", "End", "EndState",
    "Fault", "Faulty", "Hook", "Id", "Intend", "Line", "Message", "Outcome", "Payment", "Prose", "PublicText", "QualityQuestion", "QualitySample",
    "Question", "QuestionType", "Request", "RequestKind", "RequestThen", "SecondOfficer", "Send", "Stage", "Start", "TagChange", "TagChanges",
    "Target", "ToDo", "Unit", "Workflow", "dump", "fingerprint", "from_data", "parse", "to_data",
]  # fmt: skip


class Automatic(Part):
    """Take `outcome` by itself when `when` holds. Several rules on a stage are tried in order."""

    when: Condition
    outcome: Id


def _kept_exactly(value: int | Decimal) -> bool:
    return Decimal(value).is_finite() and abs(Decimal(value)) < 10**15 and Decimal(str(float(value))) == value


def _single_value_or_list(value: object) -> object:
    if isinstance(value, float):
        value = Decimal(str(value))
    if isinstance(value, (int, Decimal)) and not _kept_exactly(value):
        raise ValueError("“default” is too large, or has more digits than can be kept exactly: use 15 or fewer.")
    if isinstance(value, str):
        no_control_characters(value)
    if isinstance(value, list | tuple):
        fits = len(value) <= 100 and all(isinstance(item, str) and len(item) <= 200 for item in value)
    else:
        fits = (
            value is None or isinstance(value, bool | int | Decimal) or (isinstance(value, str) and len(value) <= 2000)
        )
    if not fits:
        raise ValueError("“default” must be a single value, or a list of values in quotes.")
    return tuple(value) if isinstance(value, list) else value


Default = Annotated[
    bool | int | Decimal | str | tuple[str, ...] | None,
    BeforeValidator(_single_value_or_list),
]


Applied = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)+$", max_length=200)]
Side = Annotated[int, Field(strict=True, ge=1, le=1000)]


class Question(Part):
    """Something asked when an outcome is chosen.

    `list` names the list a choice comes from; `tag` the document tag a document answer must carry. A frame is the part
    of a picture that is used: `of` names the question that asks for the picture, `shape` its width and height. `valid` is a
    condition over the answers and `message` the sentence when it does not hold. `default` is a value, or for a date,
    number, money or yes_no question a CEL expression (such as plus_days(today, 1)) when it is not such a value.
    `applied` is the way to an answer of the application (eligibility/type): where the applicant gave one that fits the
    question, it starts out as that and not as its default.
    """

    id: Id
    label: Line
    type: QuestionType
    list: Id | None = None
    tag: Id | None = None
    of: Id | None = None
    shape: tuple[Side, Side] | None = None
    required: StrictBool = False
    hint: Prose | None = None
    when: Condition | None = None
    valid: Condition | None = None
    message: Line | None = None
    default: Default = None
    applied: Applied | None = None


class Outcome(Part):
    """A way on from a stage: who may choose it and when, what it asks, what it does, where it leads.

    `groups` left out means whoever progresses the stage. Exactly one of `to` and `end` is given. A `quality_sample` of
    its own goes before that of its stage.
    """

    id: Id
    name: Line
    groups: tuple[Id, ...] | None = None
    when: Condition | None = None
    requires_tags: tuple[Id, ...] = ()
    forbids_tags: tuple[Id, ...] = ()
    questions: tuple[Question, ...] = ()
    note: Literal["required", "optional", "none"] = "optional"
    documents: tuple[Id, ...] = ()
    tags: TagChanges = TagChanges()
    second_officer: SecondOfficer | None = None
    quality_sample: QualitySample | None = None
    do: tuple[Effect, ...] = ()
    to: Id | None = None
    end: End | None = None

    @cached_property
    def _questions_by_id(self) -> dict[str, Question]:
        return {question.id: question for question in reversed(self.questions)}

    def question(self, id: str) -> Question:
        """The question with this id. Raises LookupError with a sentence."""
        try:
            return self._questions_by_id[id]
        except KeyError:
            raise LookupError(f"Outcome “{self.name}” has no question “{id}”.") from None


class Stage(Part):
    """A place where a case waits: for a person, for an event (`automatic`), or on purpose (`holding`).

    `skill` is one of the service's: work here is shared out only among those who have it. `to_do` is added to a case that
    comes here, unless it is to be done there already.
    """

    id: Id
    name: Line
    see: tuple[Id, ...]
    progress: tuple[Id, ...] = ()
    target: Target | None = None
    public: PublicText | None = None
    holding: StrictBool = False
    skill: Id | None = None
    automatic: Annotated[
        tuple[Automatic, ...],
        BeforeValidator(one_or_many, json_schema_input_type=Automatic | list[Automatic]),
    ] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    to_do: tuple[ToDo, ...] = ()
    quality_sample: QualitySample | None = None
    outcomes: tuple[Outcome, ...] = ()

    @cached_property
    def _outcomes_by_id(self) -> dict[str, Outcome]:
        return {outcome.id: outcome for outcome in reversed(self.outcomes)}

    def outcome(self, id: str) -> Outcome:
        """The outcome with this id. Raises LookupError with a sentence."""
        try:
            return self._outcomes_by_id[id]
        except KeyError:
            raise LookupError(f"Stage “{self.name}” has no outcome “{id}”.") from None


class Action(Part):
    """Something else that may be done at a stage (pause, extend, reassign…) and who may do it; no stages means all."""

    id: Id
    name: Line
    groups: tuple[Id, ...]
    stages: tuple[Id, ...] = ()


class Workflow(Part):
    """A whole workflow. `start_groups` left out means whoever may progress the first stage."""

    key: Id
    name: Line
    description: Prose | None = None
    start: Id
    manual: StrictBool = True
    start_groups: tuple[Id, ...] | None = None
    actions: tuple[Action, ...] = ()
    stages: Annotated[tuple[Stage, ...], Field(min_length=1, max_length=500)]

    @cached_property
    def _hash(self) -> int:
        return hash(fingerprint(self))

    def __hash__(self) -> int:
        return self._hash  # computed once: workflows are the keys of caches

    @cached_property
    def _stages_by_id(self) -> dict[str, Stage]:
        return {stage.id: stage for stage in reversed(self.stages)}

    @cached_property
    def reminders(self) -> frozenset[str]:
        """The letters that remind of what was asked for."""
        effects = [effect for stage in self.stages for outcome in stage.outcomes for effect in outcome.do]
        return frozenset(effect.reminder for effect in effects if isinstance(effect, Request) and effect.reminder)

    def stage(self, id: str) -> Stage:
        """The stage with this id. Raises LookupError with a sentence."""
        try:
            return self._stages_by_id[id]
        except KeyError:
            raise LookupError(f"Workflow “{self.name}” has no stage “{id}”.") from None

    def has_stage(self, id: str) -> bool:
        """Whether there is a stage with this id."""
        return id in self._stages_by_id


_MODELS: tuple[type[BaseModel], ...] = (
    Workflow, Stage, Outcome, Question, Target, PublicText, Automatic, End, TagChanges, TagChange, DocumentTagChange,
    Message, Request, RequestThen, Payment, Send, Start, Hook, Intend, ToDo, Action, SecondOfficer, QualitySample, QualityQuestion,
    ChecklistItem,
)  # fmt: skip
_KINDS = ("message", "request", "payment", "send", "start", "hook", "intention")
_KEYS = {model.__name__: tuple(model.model_fields) for model in _MODELS}


def parse(text: str | bytes, *, file: str) -> Workflow:
    """Read a workflow from YAML text. Raises Faulty with every fault of shape, each naming line, stage and field."""
    try:
        source = yamltext.read(text)
    except yamltext.YamlFault as error:
        raise Faulty([Fault(file, "", "", str(error), error.line)]) from error
    return _build(source, file)


def from_data(data: Mapping[str, Any], *, file: str) -> Workflow:
    """Make a workflow of plain data (JSON, the admin screens). Raises Faulty as `parse` does, without lines."""
    return _build(yamltext.Source(data), file)


def _build(source: yamltext.Source, file: str) -> Workflow:
    if not isinstance(source.data, Mapping):
        raise Faulty([Fault(file, "", "", "A workflow is written as keys and values, starting with “key:”.", 1)])
    try:
        return Workflow.model_validate(source.data)
    except ValidationError as error:
        faults = []
        for raw_path, sentence in yamltext.problems(error, _KEYS):
            path = _without_kinds(raw_path)
            stage, field = _place(path, source.data)
            faults.append(Fault(file, stage, field, sentence, source.line(path)))
        raise Faulty(faults) from error


def _without_kinds(path: yamltext.Path) -> yamltext.Path:
    """Pydantic puts the kind of an effect into the path (do, 0, payment, amount); the file has no such level."""
    return tuple(part for depth, part in enumerate(path) if depth < 2 or path[depth - 2] != "do" or part not in _KINDS)


def _place(path: yamltext.Path, data: Any) -> tuple[str, str]:
    """The stage a path lies in, and the rest of the path in words: outcomes.paid.questions.method.type."""
    stage, here = "", data
    words: list[str] = []
    for depth, part in enumerate(path):
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
        if isinstance(part, int):
            name = here.get("id") if isinstance(here, Mapping) else None
            label = name if isinstance(name, str) else f"number {part + 1}"
            if depth == 1 and path[0] == "stages":
                stage, words = label, []
            else:
                words.append(label)
        else:
            words.append(part)
    return stage, ".".join(words)


def to_data(workflow: Workflow) -> dict[str, Any]:
    """The workflow as JSON-ready data, without what is at its default; from_data(to_data(w)) == w."""
    return plain.of(workflow, float)


def dump(workflow: Workflow) -> str:
    """The workflow as YAML, always the same for the same workflow; parse(dump(w)) == w."""
    return yamltext.write(plain.of(workflow, Decimal))


def fingerprint(workflow: Workflow) -> str:
    """SHA-256 (hex) over the content: the same for equal workflows, whatever the layout of their files."""
    return plain.fingerprint(to_data(workflow))
