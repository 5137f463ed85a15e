"""The checks of one question, of the fee and of destinations: the inside of `faults.check`."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from moothall.domain.forms.definition import Destination, Fee, Form, Question
from moothall.domain.forms.parts import CHOOSING, FACTS, LookUp
from moothall.domain.forms.rest import RestLookUp
from moothall.domain.workflow.fault_parts import duplicates
from moothall.domain.workflow.place import unknown

if TYPE_CHECKING:
    from moothall.domain.forms.faults import FormWords

_BOUNDED = frozenset({"number", "money", "choices", "upload", "group"})
_OF_TYPE = {
    "longest": frozenset({"text", "long_text"}),
    "tag": frozenset({"upload"}),
    "statement": frozenset({"declaration", "signature"}),
    "item": frozenset({"group"}),
    "questions": frozenset({"group"}),
    "least": _BOUNDED,
    "most": _BOUNDED,
    "list": CHOOSING,
    "options": CHOOSING,
    "slots": frozenset({"choice"}),
}


def question_faults(
    page: str, where: str, question: Question, words: "FormWords", *, in_group: bool = False
) -> Iterator[tuple[str, str, str]]:
    """What one question says that cannot be meant."""
    label = question.label.en
    for field, types in _OF_TYPE.items():
        if getattr(question, field) not in (None, ()) and question.type not in types:
            yield page, f"{where}.{field}", f"“{label}” is a {question.type} question, which takes no {field}."
    if question.later and question.type != "upload":
        yield page, f"{where}.later", f"“{label}” is a {question.type} question, which is answered now."
    if question.type in CHOOSING:
        yield from ((page, where, sentence) for sentence in _choosing(question, words))
    if question.tag and words.document_tags is not None and question.tag not in words.document_tags:
        yield page, f"{where}.tag", unknown("document tag", question.tag, words.document_tags)
    if question.type == "group" and (in_group or not question.questions):
        sentence = "stands inside a group, which cannot be" if in_group else "asks nothing for each item"
        yield page, where, f"The group “{label}” {sentence}."
    special = question.fact or question.lookup or question.slots or question.asked_of != "everyone"
    if in_group and (question.type == "upload" or special):
        yield page, where, f"“{label}” stands in a group: no upload, fact, look-up, slots or asked_of can be there."
    if question.fact:
        yield from ((page, f"{where}.fact", sentence) for sentence in _fact(question))
    if question.lookup and words.lookups is not None:
        yield from ((page, f"{where}.lookup", sentence) for sentence in _look_up(question.lookup, words.lookups))
    if question.least is not None and question.most is not None and question.most < question.least:
        yield page, f"{where}.most", f"“{label}” has a most below its least."
    if question.type == "guidance" and (question.optional or question.checks):
        yield page, where, f"“{label}” is guidance, to which nothing is answered."


def _choosing(question: Question, words: "FormWords") -> Iterator[str]:
    ways = [question.list, question.options, question.slots, question.lookup and question.lookup.does == "options"]
    if sum(map(bool, ways)) != 1:
        yield f"“{question.label.en}” needs one of options, a list, slots, and a look-up that offers options."
    if question.list and question.list not in words.lists:
        yield unknown("list", question.list, words.lists)
    for key in duplicates(option.key for option in question.options):
        yield f"The key “{key}” is given to more than one answer."
    for label in duplicates(option.label.en for option in question.options):
        yield f"Two answers are called “{label}”, so nobody can tell them apart."


def _fact(question: Question) -> Iterator[str]:
    fact = question.fact or ""
    if fact not in FACTS:
        yield unknown("fact", fact, FACTS)
    elif question.type not in FACTS[fact]:
        yield f"{fact} is not what a {question.type} question asks: use {' or '.join(sorted(FACTS[fact]))}."


def _look_up(asked: LookUp, known: Mapping[str, RestLookUp]) -> Iterator[str]:
    found = known.get(asked.name)
    if found is None:
        yield unknown("look-up", asked.name, known)
        return
    if asked.does not in found.does:
        yield f"The look-up “{asked.name}” is there for {' and '.join(sorted(found.does))}, not for {asked.does}."
    for name in sorted(found.told - asked.given.keys()):
        yield f"The look-up “{asked.name}” has to be told “{name}”: say it in given."
    for name in sorted(asked.given.keys() - found.told):
        yield f"The look-up “{asked.name}” is told “{name}”, which it does not ask for."


def slots_faults(form: Form) -> Iterator[tuple[str, str]]:
    """What is wrong with the days that are offered."""
    keys = [slots.key for slots in form.slots]
    for key in duplicates(keys):
        yield "slots", f"The key “{key}” is given to more than one of the slots."
    for question in form.questions.values():
        if question.slots and question.slots not in keys:
            yield "slots", unknown("slots", question.slots, keys)


def fee_faults(form: Form, fee: Fee) -> Iterator[tuple[str, str]]:
    """What is wrong with the fee, but for its conditions."""
    if sum(way is not None for way in (fee.amount, fee.table, fee.formula)) != 1:
        yield "fee", "Give the fee one of amount, table and formula."
    if all(one.to != "case" for one in form.destinations):
        yield "fee", "A form with a fee goes to a case, on which the fee is asked for: give it such a destination."
    found = next((table for table in form.tables if table.key == fee.table), None)
    if fee.table and found is None:
        yield "fee.table", unknown("table", fee.table, [table.key for table in form.tables])
    elif found and found.gives != "money":
        yield "fee.table", f"The table “{found.key}” gives {found.gives}, where a fee is money."


def destination_faults(form: Form, one: Destination, words: "FormWords") -> Iterator[tuple[str, str]]:
    """What is wrong with a destination, but for its conditions."""
    if one.to != "case":
        if not one.name:
            yield "name", "Say by which name the council's settings know where it goes."
        if one.type or one.types or one.source or one.tags or one.words:
            yield "", f"A destination “{one.to}” takes no type, types, source, tags or words."
        return
    if not one.type:
        yield "type", "Say of which type the case is (types may say more)."
    for type in filter(None, (one.type, *(choice.tag for choice in one.types))):
        if words.case_types is not None and type not in words.case_types:
            yield "type", unknown("case type", type, words.case_types)
    for source in (one.source,) if one.source else ("online", "phone"):
        if words.sources is not None and source not in words.sources:
            yield "source", unknown("source", source, words.sources)
    for tag in one.tags:
        if words.tags is not None and tag.tag not in words.tags:
            yield "tags", unknown("tag", tag.tag, words.tags)
    if one.words and one.words not in form.questions:
        yield "words", unknown("question", one.words, form.questions)
    facts = {question.fact for question in form.questions.values()}
    if not facts & {"person.last_name", "organisation.name"} and form.sign_in == "required":
        return
    if not facts & {"person.last_name", "organisation.name"}:
        yield (
            "",
            "A case has a customer: ask for person.last_name or organisation.name (fact), or make sign_in required.",
        )
