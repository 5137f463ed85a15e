"""What changed between two versions of a workflow, and whether a running case may move across (BEST-9).

Everything is matched by its stable id. `changes` lists what differs, each with a sentence. `position_safety` judges
one running case. Its rules:

1. another workflow, a finished case, a place the old version does not have: forbidden;
2. the stage the case is at (after the mapping) is not in the new version: needs mapping;
3. an open request would take an outcome that the stage it lands on does not have: needs mapping to a stage that has it,
   forbidden when no stage does;
4. a question already answered has another type or list in the new version: forbidden, the answer would be misread
   (long text instead of text is no harm);
5. anything else is safe: due dates are computed afresh from the new target, a stage that is now automatic progresses
   by itself, one that no longer is waits for a person. What the case's officer should know is in `notes`.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from moothall.domain.workflow.definition import Outcome, Question, Stage, Workflow
from moothall.domain.workflow.parts import Part


class Kind(StrEnum):
    """What a change is about."""

    WORKFLOW = "workflow.changed"
    START = "workflow.start_changed"
    STAGE_ADDED = "stage.added"
    STAGE_REMOVED = "stage.removed"
    STAGE_RENAMED = "stage.renamed"
    STAGE_GROUPS = "stage.groups_changed"
    STAGE_TARGET = "stage.target_changed"
    STAGE_PUBLIC = "stage.public_text_changed"
    STAGE_HOLDING = "stage.holding_changed"
    STAGE_SKILL = "stage.skill_changed"
    STAGE_AUTOMATIC = "stage.automatic_changed"
    STAGE_CHECKLIST = "stage.checklist_changed"
    STAGE_TO_DO = "stage.to_do_changed"
    STAGE_SAMPLE = "stage.quality_sample_changed"
    OUTCOME_ADDED = "outcome.added"
    OUTCOME_REMOVED = "outcome.removed"
    OUTCOME_RENAMED = "outcome.renamed"
    OUTCOME_GROUPS = "outcome.groups_changed"
    OUTCOME_CONDITION = "outcome.condition_changed"
    OUTCOME_TAGS_NEEDED = "outcome.tags_needed_changed"
    OUTCOME_NOTE = "outcome.note_changed"
    OUTCOME_SECOND_OFFICER = "outcome.second_officer_changed"
    OUTCOME_SAMPLE = "outcome.quality_sample_changed"
    OUTCOME_DOCUMENTS = "outcome.documents_changed"
    OUTCOME_TAGS = "outcome.tags_changed"
    OUTCOME_EFFECTS = "outcome.effects_changed"
    OUTCOME_DESTINATION = "outcome.destination_changed"
    QUESTION_ADDED = "question.added"
    QUESTION_REMOVED = "question.removed"
    QUESTION_TYPE = "question.type_changed"
    QUESTION_MANDATORY = "question.made_mandatory"
    QUESTION_OPTIONAL = "question.made_optional"
    QUESTION_CHANGED = "question.changed"
    ACTION_ADDED = "action.added"
    ACTION_REMOVED = "action.removed"
    ACTION_CHANGED = "action.changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; the ids say where, empty when it is not inside one."""

    kind: Kind
    sentence: str
    stage: str = ""
    outcome: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a running case is: its stage, the questions it has answered so far, and what its open requests will do.

    `awaited` holds the ids of the outcomes its open requests take when they are received or closed.
    """

    stage: str
    answered: frozenset[str] = frozenset()
    awaited: frozenset[str] = frozenset()
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Safe:
    """The case may move to `stage` of the new version."""

    stage: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NeedsMapping:
    """The case may move once somebody says to which stage; the likeliest candidate comes first."""

    reason: str
    candidates: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The case must finish on the version it has."""

    reason: str


Safety = Safe | NeedsMapping | Forbidden


def changes(old: Workflow, new: Workflow) -> list[Change]:
    """Every difference between two versions, in the order of the definition. The same version twice gives none."""
    found = list(_workflow_changes(old, new))
    for stage in new.stages:
        if old.has_stage(stage.id):
            found += _stage_changes(old.stage(stage.id), stage)
        else:
            found.append(Change(Kind.STAGE_ADDED, f"Stage “{stage.name}” is new.", stage.id))
    for stage in old.stages:
        if not new.has_stage(stage.id):
            found.append(Change(Kind.STAGE_REMOVED, f"Stage “{stage.name}” is gone.", stage.id))
    return found


def _differ(old: Part, new: Part, *fields: str) -> bool:
    return any(getattr(old, name) != getattr(new, name) for name in fields)


def _workflow_changes(old: Workflow, new: Workflow) -> Iterator[Change]:
    if _differ(old, new, "key", "name", "description", "manual", "start_groups"):
        yield Change(Kind.WORKFLOW, "The workflow's name, description or how it may be started by hand has changed.")
    if old.start != new.start:
        yield Change(Kind.START, f"The workflow now starts at {new.start} instead of {old.start}.", new.start)
    before, after = ({action.id: action for action in version.actions} for version in (old, new))
    for id, action in after.items():
        if id not in before:
            yield Change(Kind.ACTION_ADDED, f"Action “{action.name}” is new.")
        elif before[id] != action:
            yield Change(Kind.ACTION_CHANGED, f"Action “{action.name}” has changed.")
    for id, action in before.items():
        if id not in after:
            yield Change(Kind.ACTION_REMOVED, f"Action “{action.name}” is gone.")


def _stage_changes(old: Stage, new: Stage) -> Iterator[Change]:
    def changed(kind: Kind, sentence: str) -> Change:
        return Change(kind, f"Stage “{new.name}”: {sentence}", new.id)

    if old.name != new.name:
        yield changed(Kind.STAGE_RENAMED, f"it was called “{old.name}”.")
    for fieldname, verb in (("see", "see"), ("progress", "progress")):
        if sentence := _groups_sentence(verb, getattr(old, fieldname), getattr(new, fieldname)):
            yield changed(Kind.STAGE_GROUPS, sentence)
    if old.target != new.target:
        yield changed(Kind.STAGE_TARGET, f"the target is {new.target or 'none'} instead of {old.target or 'none'}.")
    if old.public != new.public:
        yield changed(Kind.STAGE_PUBLIC, "what the applicant reads has changed.")
    if old.holding != new.holding:
        yield changed(Kind.STAGE_HOLDING, f"it is {'now' if new.holding else 'no longer'} a holding stage.")
    if old.skill != new.skill:
        yield changed(
            Kind.STAGE_SKILL, f"it asks for the skill {new.skill or 'none'} instead of {old.skill or 'none'}."
        )
    if old.automatic != new.automatic:
        yield changed(Kind.STAGE_AUTOMATIC, _automatic_sentence(old, new))
    if old.checklist != new.checklist:
        yield changed(Kind.STAGE_CHECKLIST, _checklist_sentence(old, new))
    if old.to_do != new.to_do:
        yield changed(Kind.STAGE_TO_DO, "what is to be done by whoever has a case that comes there has changed.")
    if old.quality_sample != new.quality_sample:
        yield changed(Kind.STAGE_SAMPLE, "which samples of quality are taken has changed.")
    before, after = ({outcome.id: outcome for outcome in stage.outcomes} for stage in (old, new))
    for id, outcome in after.items():
        if id in before:
            yield from _outcome_changes(new, before[id], outcome)
        else:
            yield Change(Kind.OUTCOME_ADDED, f"Stage “{new.name}”: outcome “{outcome.name}” is new.", new.id, id)
    for id, outcome in before.items():
        if id not in after:
            yield Change(Kind.OUTCOME_REMOVED, f"Stage “{new.name}”: outcome “{outcome.name}” is gone.", new.id, id)


def _groups_sentence(verb: str, old: Iterable[str], new: Iterable[str]) -> str:
    given, taken = sorted(set(new) - set(old)), sorted(set(old) - set(new))
    parts = [f"{', '.join(given)} may now {verb} it"] if given else []
    parts += [f"{', '.join(taken)} may no longer {verb} it"] if taken else []
    return f"{' and '.join(parts)}." if parts else ""


def _automatic_sentence(old: Stage, new: Stage) -> str:
    if not old.automatic:
        return "it is now automatic."
    return "it is no longer automatic." if not new.automatic else "what makes it progress by itself has changed."


def _checklist_sentence(old: Stage, new: Stage) -> str:
    before, after = ({item.id: item for item in stage.checklist} for stage in (old, new))
    parts = [f"“{item.text}” is new" for id, item in after.items() if id not in before]
    parts += [f"“{item.text}” is gone" for id, item in before.items() if id not in after]
    parts += [f"“{item.text}” has changed" for id, item in after.items() if id in before and before[id] != item]
    return f"on its checklist {', '.join(parts) or 'the order has changed'}."


def _second_officer_sentence(old: Outcome, new: Outcome) -> str:
    if not old.second_officer:
        return "it now needs a second officer"
    return "it no longer needs a second officer" if not new.second_officer else "when and who confirms it has changed"


_OUTCOME_FIELDS: tuple[tuple[Kind, tuple[str, ...], str], ...] = (
    (Kind.OUTCOME_GROUPS, ("groups",), "the groups that may choose it have changed"),
    (Kind.OUTCOME_CONDITION, ("when",), "when it may be chosen has changed"),
    (Kind.OUTCOME_TAGS_NEEDED, ("requires_tags", "forbids_tags"), "the tags it needs or forbids have changed"),
    (Kind.OUTCOME_DOCUMENTS, ("documents",), "the documents it needs have changed"),
    (Kind.OUTCOME_TAGS, ("tags",), "the tags it sets or removes have changed"),
    (Kind.OUTCOME_EFFECTS, ("do",), "what it does has changed"),
    (Kind.OUTCOME_SAMPLE, ("quality_sample",), "which samples of quality are taken has changed"),
)


def _outcome_changes(stage: Stage, old: Outcome, new: Outcome) -> Iterator[Change]:
    def changed(kind: Kind, sentence: str) -> Change:
        return Change(kind, f"Stage “{stage.name}”, outcome “{new.name}”: {sentence}.", stage.id, new.id)

    if old.name != new.name:
        yield changed(Kind.OUTCOME_RENAMED, f"it was called “{old.name}”")
    for kind, fields, sentence in _OUTCOME_FIELDS:
        if _differ(old, new, *fields):
            yield changed(kind, sentence)
    if old.note != new.note:
        yield changed(Kind.OUTCOME_NOTE, f"the note was {old.note} and is {new.note}")
    if old.second_officer != new.second_officer:
        yield changed(Kind.OUTCOME_SECOND_OFFICER, _second_officer_sentence(old, new))
    if (old.to, old.end) != (new.to, new.end):
        yield changed(Kind.OUTCOME_DESTINATION, f"it leads to {_destination(new)} instead of {_destination(old)}")
    before, after = ({question.id: question for question in outcome.questions} for outcome in (old, new))
    for id, question in after.items():
        where = (stage.id, new.id, id)
        if id not in before:
            extra = " and mandatory" if question.required else ""
            yield Change(Kind.QUESTION_ADDED, f"Question “{question.label}” is new{extra}.", *where)
        else:
            yield from _question_changes(before[id], question, where)
    for id, question in before.items():
        if id not in after:
            yield Change(Kind.QUESTION_REMOVED, f"Question “{question.label}” is gone.", stage.id, new.id, id)


def _destination(outcome: Outcome) -> str:
    return outcome.to or (f"the end ({outcome.end.state})" if outcome.end else "nowhere")


def _question_changes(old: Question, new: Question, where: tuple[str, str, str]) -> Iterator[Change]:
    if misread := _misread(old, new):
        yield Change(Kind.QUESTION_TYPE, f"Question “{new.label}” {misread}.", *where)
    elif old.type != new.type:
        yield Change(Kind.QUESTION_TYPE, f"Question “{new.label}” is now {new.type} instead of {old.type}.", *where)
    if old.required != new.required:
        kind = Kind.QUESTION_MANDATORY if new.required else Kind.QUESTION_OPTIONAL
        yield Change(kind, f"Question “{new.label}” is {'now' if new.required else 'no longer'} mandatory.", *where)
    if _differ(old, new, "label", "tag", "hint", "when", "valid", "message", "default", "applied"):
        yield Change(Kind.QUESTION_CHANGED, f"The wording, condition or default of “{new.label}” has changed.", *where)


def _misread(old: Question, new: Question) -> str:
    """Why an answer to the old question cannot be read as one to the new, or nothing."""
    if old.type != new.type and (old.type, new.type) != ("text", "long_text"):
        return f"is now {new.type} instead of {old.type}"
    if old.list != new.list:
        return f"now takes its answers from list {new.list} instead of {old.list}"
    return ""


def position_safety(
    old: Workflow, new: Workflow, position: Position, mapping: Mapping[str, str] | None = None
) -> Safety:
    """Whether a case at `position` of `old` may move to `new`, by the rules above. `mapping`: old stage → new stage."""
    if old.key != new.key:
        return Forbidden(f"“{new.name}” is another workflow than “{old.name}”.")
    if position.finished:
        return Forbidden("The case has finished, and keeps the version it finished on.")
    if not old.has_stage(position.stage):
        return Forbidden(f"The version it is said to be on has no stage {position.stage}.")
    if reason := _misread_answer(old, new, position.answered):
        return Forbidden(reason)
    before = old.stage(position.stage)
    landing = (mapping or {}).get(before.id, before.id)
    if not new.has_stage(landing):
        return NeedsMapping(f"The new version has no stage {landing}.", _candidates(before, new, position.awaited))
    missing = position.awaited - {outcome.id for outcome in new.stage(landing).outcomes}
    if missing:
        return _requests_stranded(new, new.stage(landing), position.awaited, missing)
    return Safe(landing, tuple(_notes(before, new.stage(landing))))


def _requests_stranded(
    new: Workflow, landing: Stage, awaited: frozenset[str], missing: frozenset[str]
) -> NeedsMapping | Forbidden:
    ready = tuple(stage.id for stage in new.stages if awaited <= {outcome.id for outcome in stage.outcomes})
    names = ", ".join(sorted(missing))
    if ready:
        return NeedsMapping(f"An open request leads to {names}, which stage “{landing.name}” does not have.", ready)
    return Forbidden(f"An open request leads to {names}, which no stage of the new version has: close it first.")


def _questions(workflow: Workflow) -> dict[str, Question]:
    return {
        question.id: question
        for stage in workflow.stages
        for outcome in stage.outcomes
        for question in outcome.questions
    }


def _misread_answer(old: Workflow, new: Workflow, answered: frozenset[str]) -> str:
    before, after = _questions(old), _questions(new)
    for id in sorted(answered & before.keys() & after.keys()):
        if misread := _misread(before[id], after[id]):
            return f"The question “{before[id].label}” has been answered, and {misread}."
    return ""


def _candidates(stage: Stage, new: Workflow, awaited: frozenset[str]) -> tuple[str, ...]:
    """Stages of the new version, the likeliest first: those that can take its requests, by outcomes and name alike."""
    mine = {outcome.id for outcome in stage.outcomes}

    def likeness(other: Stage) -> float:
        theirs = {outcome.id for outcome in other.outcomes}
        shared = len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0
        return shared + difflib.SequenceMatcher(a=stage.name.casefold(), b=other.name.casefold()).ratio()

    fitting = [other for other in new.stages if awaited <= {outcome.id for outcome in other.outcomes}]
    return tuple(other.id for other in sorted(fitting, key=likeness, reverse=True))


def _notes(old: Stage, new: Stage) -> Iterator[str]:
    if old.id != new.id:
        yield f"It moves from “{old.name}” to “{new.name}”."
    if old.target != new.target:
        yield f"Its target becomes {new.target or 'none'} instead of {old.target or 'none'}."
    if new.automatic and not old.automatic:
        yield "The stage is now automatic: the case goes on by itself when the condition holds."
    if old.automatic and not new.automatic:
        yield "The stage is no longer automatic: the case waits for a person."
    known = {item.id for item in old.checklist}
    if added := [item.text for item in new.checklist if item.required_for and item.id not in known]:
        yield f"Its checklist asks for more: {', '.join(added)}."
    if old.holding != new.holding:
        yield f"The stage is {'now' if new.holding else 'no longer'} a holding stage."
    if lost := sorted(set(old.see) - set(new.see)):
        yield f"{', '.join(lost)} will no longer see it."
