"""What a newer version means for people who have begun a form, by the rules by which their drafts move to it (BEST-50)."""

from collections.abc import Iterator

from moothall.domain.forms.definition import Form, Question
from moothall.domain.forms.moving import reworded


def told(old: Form, new: Form) -> list[str]:
    """A sentence for everything that whoever is inside the form may notice; none where nothing changes for them."""
    return list(dict.fromkeys(_told(old, new)))


def _told(old: Form, new: Form) -> Iterator[str]:
    for id, question in new.questions.items():
        if question.type == "guidance":
            continue
        label, page = question.label.en, new.page(new.page_of[id]).title.en
        if id not in old.questions:
            must = "may leave empty" if question.optional else "must answer"
            yield f"Who has gone past “{page}” comes back to it, for the new question “{label}”, which they {must}."
            continue
        yield from _of_question(old.questions[id], question, label)
    for id, question in old.questions.items():
        if id not in new.questions and question.type != "guidance":
            yield f"Answers to “{question.label.en}” are dropped: it is no longer asked."


def _of_question(old: Question, new: Question, label: str) -> Iterator[str]:
    if old.type != new.type and (old.type, new.type) != ("text", "long_text"):
        yield f"Who has answered “{label}” is asked again: it asks for something else now."
        return
    if old.list != new.list:
        yield f"Who has answered “{label}” is asked again: it offers another list."
    gone = {one.key for one in old.options} - {one.key for one in new.options}
    for option in old.options:
        if option.key in gone:
            yield f"Who has chosen “{option.label.en}” for “{label}” is asked again: it is not offered any more."
    if new.type in ("declaration", "signature") and old.statement != new.statement:
        yield f"Who has agreed to “{label}” is asked again: what is agreed to has changed."
    elif reworded(old, new):
        yield f"Who has answered “{label}” is asked to check the answer: the question reads differently."
    if old.optional and not new.optional:
        yield f"Who has left “{label}” empty must answer it now."
    if (old.least, old.most, old.longest, old.checks) != (new.least, new.most, new.longest, new.checks):
        yield f"An answer to “{label}” that does not pass the rules it has now is asked for again."
