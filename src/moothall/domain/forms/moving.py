"""A draft on a form of which there is a newer version (BEST-50): what can stay stays, and only what changed is asked again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moothall.domain.forms import answering
from moothall.domain.forms.answering import Kept, Unsuitable
from moothall.domain.forms.definition import Form, Question
from moothall.domain.workflow.facts import ListValues

_SAID = {
    "again": ("“{label}” has changed: please answer it again.", "Mae “{label}” wedi newid: atebwch eto."),
    "new": ("There is a new question: “{label}”.", "Mae cwestiwn newydd: “{label}”."),
    "gone": ("“{label}” is no longer asked.", "Nid yw “{label}” yn cael ei ofyn mwyach."),
    "now": ("“{label}” must now be answered.", "Rhaid ateb “{label}” bellach."),
    "words": ("“{label}” is worded differently: please check it.", "Mae geiriad “{label}” yn wahanol: gwiriwch."),
}


@dataclass(frozen=True)
class Moved:
    """A draft's answers on the newer version. `told` are sentences for whoever fills it in; `again` is asked again."""

    answers: Mapping[str, Kept]
    saved: frozenset[str]
    told: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


def move(
    old: Form,
    new: Form,
    answers: Mapping[str, Kept],
    saved: Iterable[str],
    *,
    lists: Mapping[str, ListValues],
    language: str = "en",
) -> Moved:
    """Take answers from one version of a form to another.

    An answer stays where its question is of the same type and still takes it; where it reads differently it is to be looked
    at again. What is not asked of anybody any more is dropped. Pages with something of this are to be gone through again.
    """
    kept: dict[str, Kept] = {}
    told: list[str] = []
    again: list[str] = []

    def tell(key: str, question: Question) -> None:
        told.append(_SAID[key][language == "cy"].format(label=question.label.of(language)))

    for id, answer in answers.items():
        if id in old.questions and id not in new.questions:
            tell("gone", old.questions[id])
        elif id in old.questions and answer is not None:
            if _still_answers(old.questions[id], new.questions[id], answer, lists):
                kept[id] = answer
            else:
                tell("again", new.questions[id])
                again.append(id)
    gone_through = set(saved)
    for id, question in new.questions.items():
        if question.type == "guidance" or id in answers or new.page_of[id] not in gone_through:
            continue
        if id not in old.questions:
            tell("new", question)
            again.append(id)
        elif old.questions[id].optional and not question.optional:
            tell("now", question)
            again.append(id)
    for id in kept:
        if reworded(old.questions[id], new.questions[id]):
            tell("words", new.questions[id])
            again.append(id)
    reopened = {new.page_of[id] for id in again}
    known = {page.id for page in new.pages}
    return Moved(kept, frozenset((gone_through & known) - reopened), tuple(told), tuple(again))


def reworded(old: Question, new: Question) -> bool:
    """Whether what is asked reads differently enough to look at the answer again."""
    return (old.label.en, old.statement) != (new.label.en, new.statement)


def _still_answers(old: Question, new: Question, answer: Kept, lists: Mapping[str, ListValues]) -> bool:
    """Whether an answer to the old question is one to the new."""
    if old.type != new.type and (old.type, new.type) != ("text", "long_text"):
        return False
    if old.list != new.list or (new.type in ("declaration", "signature") and old.statement != new.statement):
        return False
    try:
        return bool(answering.clean(new, as_given(new, answer), lists) == answer)
    except Unsuitable:
        return False


def as_given(question: Question, answer: Kept) -> object:
    """An answer as it is kept, as it would be given."""
    if question.type == "money":
        return f"{answer / 100:.2f}"
    if question.type == "group":
        parts = {part.id: part for part in question.questions}
        return [{id: as_given(parts[id], one) for id, one in item.items() if id in parts} for item in answer]
    return answer
