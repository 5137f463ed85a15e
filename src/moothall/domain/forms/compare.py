"""What changed between two versions of a form (BEST-50). Everything is matched by its id."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from moothall.domain.forms.definition import Form, Page, Question
from moothall.domain.workflow.parts import Part


class Kind(StrEnum):
    """What a change is about."""

    FORM = "form.changed"
    AVAILABILITY = "form.availability_changed"
    FEE = "form.fee_changed"
    DESTINATIONS = "form.destinations_changed"
    PAGE_ADDED = "page.added"
    PAGE_REMOVED = "page.removed"
    PAGE_CHANGED = "page.changed"
    PAGE_CONDITION = "page.condition_changed"
    PAGE_MOVED = "page.moved"
    QUESTION_ADDED = "question.added"
    QUESTION_REMOVED = "question.removed"
    QUESTION_MOVED = "question.moved"
    QUESTION_TYPE = "question.type_changed"
    QUESTION_ANSWERS = "question.answers_changed"
    QUESTION_MANDATORY = "question.made_mandatory"
    QUESTION_OPTIONAL = "question.made_optional"
    QUESTION_CONDITION = "question.condition_changed"
    QUESTION_RULES = "question.rules_changed"
    QUESTION_WORDING = "question.wording_changed"
    VALUE = "value.changed"
    TABLE = "table.changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; the ids say where, empty when it is not inside one."""

    kind: Kind
    sentence: str
    page: str = ""
    question: str = ""


def changes(old: Form, new: Form) -> list[Change]:
    """Every difference between two versions, in the order of the definition. The same version twice gives none."""
    return [*_form_changes(old, new), *_page_changes(old, new), *_question_changes(old, new), *_worked_out(old, new)]


def _differ(old: Part, new: Part, *fields: str) -> bool:
    return any(getattr(old, name) != getattr(new, name) for name in fields)


def _form_changes(old: Form, new: Form) -> Iterator[Change]:
    if _differ(old, new, "key", "name", "description", "languages", "sign_in", "keep_days", "remind_days", "thanks"):
        yield Change(Kind.FORM, "The form's name, words, languages or who may use it have changed.")
    if _differ(old, new, "opens", "closes", "cap"):
        yield Change(Kind.AVAILABILITY, "When the form is open, or how many may be sent, has changed.")
    if old.fee != new.fee:
        yield Change(Kind.FEE, "What is paid has changed.")
    if old.destinations != new.destinations:
        yield Change(Kind.DESTINATIONS, "Where it goes has changed.")


def _page_changes(old: Form, new: Form) -> Iterator[Change]:
    before = {page.id: page for page in old.pages}
    after = {page.id: page for page in new.pages}
    for page in new.pages:
        if page.id not in before:
            yield Change(Kind.PAGE_ADDED, f"The page “{page.title.en}” is new.", page.id)
        else:
            yield from _one_page(before[page.id], page)
    for page in old.pages:
        if page.id not in after:
            yield Change(Kind.PAGE_REMOVED, f"The page “{page.title.en}” is gone.", page.id)
    shared = [page.id for page in old.pages if page.id in after], [page.id for page in new.pages if page.id in before]
    for was, now in zip(*shared, strict=True):
        if was != now:
            yield Change(Kind.PAGE_MOVED, f"The order of the pages is another from “{after[now].title.en}” on.", now)
            return


def _one_page(old: Page, new: Page) -> Iterator[Change]:
    if _differ(old, new, "title", "text"):
        yield Change(Kind.PAGE_CHANGED, f"The words of the page “{new.title.en}” have changed.", new.id)
    if _differ(old, new, "when", "asked_of", "exit"):
        yield Change(Kind.PAGE_CONDITION, f"When the page “{new.title.en}” is asked has changed.", new.id)


def _question_changes(old: Form, new: Form) -> Iterator[Change]:
    before, after = old.questions, new.questions
    for id, question in after.items():
        page = new.page_of[id]
        if id not in before:
            extra = "" if question.optional else " and must be answered"
            yield Change(Kind.QUESTION_ADDED, f"The question “{question.label.en}” is new{extra}.", page, id)
            continue
        for kind, sentence in _one_question(before[id], question):
            yield Change(kind, f"The question “{question.label.en}” {sentence}.", page, id)
        if old.page_of[id] != page:
            title = new.page(page).title.en
            yield Change(Kind.QUESTION_MOVED, f"The question “{question.label.en}” is now on “{title}”.", page, id)
    for id, question in before.items():
        if id not in after:
            sentence = f"The question “{question.label.en}” is gone."
            yield Change(Kind.QUESTION_REMOVED, sentence, old.page_of[id], id)


def _one_question(old: Question, new: Question) -> Iterator[tuple[Kind, str]]:
    if old.type != new.type:
        yield Kind.QUESTION_TYPE, f"now asks for {_said(new.type)} instead of {_said(old.type)}"
    if _differ(old, new, "list") or _keys(old) != _keys(new) or _parts(old) != _parts(new):
        yield Kind.QUESTION_ANSWERS, "has other answers to choose from or to give"
    if old.optional != new.optional:
        kind = Kind.QUESTION_OPTIONAL if new.optional else Kind.QUESTION_MANDATORY
        yield kind, "need no longer be answered" if new.optional else "must now be answered"
    if _differ(old, new, "when", "asked_of"):
        yield Kind.QUESTION_CONDITION, "is asked under another condition"
    if [check.rule for check in old.checks] != [check.rule for check in new.checks] or _differ(
        old, new, "least", "most", "longest", "later", "fact", "known", "lookup", "tag"
    ):
        yield Kind.QUESTION_RULES, "is checked or known by other rules"
    if _worded(old) != _worded(new):
        yield Kind.QUESTION_WORDING, "is worded differently"


def _said(type: str) -> str:
    return type.replace("_", " ")


def _keys(question: Question) -> tuple[str, ...]:
    return tuple(option.key for option in question.options)


def _parts(question: Question) -> tuple[object, ...]:
    return tuple((part.id, part.type, part.optional, part.when, _keys(part)) for part in question.questions)


def _worded(question: Question) -> tuple[object, ...]:
    options = tuple((option.label, option.hint) for option in question.options)
    inside = tuple(_worded(part) for part in question.questions)
    messages = tuple(check.message for check in question.checks)
    own = (question.label, question.hint, question.messages, question.statement, question.item, question.look)
    return (*own, options, inside, messages)


def _worked_out(old: Form, new: Form) -> Iterator[Change]:
    yield from _named(Kind.VALUE, "value", {one.id: one for one in old.values}, {one.id: one for one in new.values})
    yield from _named(Kind.TABLE, "table", {one.key: one for one in old.tables}, {one.key: one for one in new.tables})


def _named(kind: Kind, what: str, before: Mapping[str, Part], after: Mapping[str, Part]) -> Iterator[Change]:
    for name in [*after, *(name for name in before if name not in after)]:
        if before.get(name) != after.get(name):
            yield Change(kind, f"The {what} “{name}” {_how(name in before, name in after)}.")


def _how(before: bool, after: bool) -> str:
    return "is worked out differently" if before and after else "is new" if after else "is gone"
