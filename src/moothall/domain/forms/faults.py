"""Checks whether the parts of a form fit together, and lists what does not as sentences.

`definition.parse` has seen to shape and `blocks.put_in` to the blocks; here every name is known, every condition can be worked
out and reads only what was asked before, every table decides every case once, and every text is there in every language.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from moothall.domain.forms import fault_parts, plan, scope, tables
from moothall.domain.forms.definition import Destination, Form, Page, Question
from moothall.domain.forms.parts import Passage, Words
from moothall.domain.forms.plan import Circle, Node
from moothall.domain.forms.rest import RestLookUp
from moothall.domain.workflow.definition import Fault
from moothall.domain.workflow.fault_parts import duplicates
from moothall.kit.expression_kinds import kind_of
from moothall.kit.expressions import Expression, ExpressionFault, Names
from moothall.kit.expressions import compile as compile_expression
from moothall.kit.kinds import NOTHING, TEXT, YES_NO, Kind

Found = tuple[str, str, str]
"""A fault before it knows its file: page, field, sentence."""

RESERVED = frozenset({"check"})
_TODAY = dt.date(2026, 3, 2)


@dataclass(frozen=True)
class FormWords:
    """What a form may name: the lists of its service, document tags, tags, case types, sources and look-ups.

    None means they are not known here and not checked.
    """

    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)
    document_tags: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    case_types: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    lookups: Mapping[str, RestLookUp] | None = None


def check(form: Form, words: FormWords, file: str) -> list[Fault]:
    """Everything wrong with a form whose blocks are put in, in its order; an empty list when it may be published."""
    found = dict.fromkeys([*_form_faults(form), *_page_faults(form, words), *_more_faults(form, words)])
    if not found:
        found = dict.fromkeys([*_order_faults(form), *_language_faults(form)])
    return [Fault(file, page, where, sentence, None, "page") for page, where, sentence in found]


def _form_faults(form: Form) -> Iterator[Found]:
    for id in duplicates(page.id for page in form.pages):
        yield id, "id", f"The id “{id}” is given to more than one page."
    for id in duplicates(question.id for page in form.pages for question in page.asks):
        yield (
            form.page_of[id],
            f"questions.{id}",
            f"The id “{id}” is given to more than one question: put “as” to a block used twice.",
        )
    for id in duplicates(value.id for value in form.values):
        yield "", f"values.{id}", f"The id “{id}” is given to more than one value."
    for key in duplicates(table.key for table in form.tables):
        yield "", f"tables.{key}", f"The key “{key}” is given to more than one table."
    for page in form.pages:
        if page.id in RESERVED:
            yield page.id, "id", f"No page can be called “{page.id}”."
        if page.exit and page.questions:
            yield page.id, "questions", f"“{page.title.en}” is an exit, so it asks nothing."
        if page.exit and not page.when:
            yield page.id, "when", f"“{page.title.en}” is an exit without a condition, so nobody would get further."
        if not page.exit and not page.questions and not page.text:
            yield page.id, "questions", f"“{page.title.en}” neither asks nor says anything."
    if all(page.exit for page in form.pages):
        yield "", "pages", "The form asks nothing."
    if form.opens and form.closes and form.closes < form.opens:
        yield "", "closes", "The form would close before it opens."
    if form.cap and form.cap.waiting_list and form.cap.per != "form":
        yield (
            "",
            "cap.waiting_list",
            "A waiting list is for a form that is full, not for a day: tomorrow there is room again.",
        )


def _page_faults(form: Form, words: FormWords) -> Iterator[Found]:
    names, kinds = scope.names(form), scope.kinds_of(form, words.lists)
    for page in form.pages:
        if page.when:
            yield from _formula(page.id, "when", page.when, YES_NO, names, kinds)
        for question in page.asks:
            where = f"questions.{question.id}"
            yield from fault_parts.question_faults(page.id, where, question, words)
            yield from _question_conditions(page, where, question, names, kinds)
            if question.type == "group":
                yield from _group_faults(page, where, question, words)
    for value in form.values:
        yield from _formula("", f"values.{value.id}", value.formula, scope.value_kind(value.type), names, kinds)
    for table in form.tables:
        for input in table.inputs:
            yield from _formula("", f"tables.{table.key}.inputs.{input.name}", input.from_, None, names, kinds)
        for where, sentence in tables.faults(form, table, words.lists):
            yield "", f"tables.{table.key}.{where}", sentence


def _question_conditions(
    page: Page, where: str, question: Question, names: Names, kinds: Mapping[str, Kind]
) -> Iterator[Found]:
    if question.when:
        yield from _formula(page.id, f"{where}.when", question.when, YES_NO, names, kinds)
    for number, rule in enumerate(question.checks, start=1):
        yield from _formula(page.id, f"{where}.checks.number {number}", rule.rule, YES_NO, names, kinds)
    if question.lookup:
        for name, source in question.lookup.given.items():
            yield from _formula(page.id, f"{where}.lookup.given.{name}", source, None, names, kinds)


def _group_faults(page: Page, where: str, group: Question, words: FormWords) -> Iterator[Found]:
    names, kinds = scope.item_names(group), scope.item_kinds(group, words.lists)
    for id in duplicates(part.id for part in group.questions):
        yield page.id, f"{where}.questions.{id}", f"The id “{id}” is given to more than one question of the group."
    for part in group.questions:
        inside = f"{where}.questions.{part.id}"
        yield from fault_parts.question_faults(page.id, inside, part, words, in_group=True)
        yield from _question_conditions(page, inside, part, names, kinds)


def _more_faults(form: Form, words: FormWords) -> Iterator[Found]:
    names, kinds = scope.names(form), scope.kinds_of(form, words.lists)
    for where, sentence in fault_parts.slots_faults(form):
        yield "", where, sentence
    if form.fee:
        for where, sentence in fault_parts.fee_faults(form, form.fee):
            yield "", where, sentence
        if form.fee.formula:
            yield from _formula("", "fee.formula", form.fee.formula, scope.value_kind("money"), names, kinds)
        if form.fee.when:
            yield from _formula("", "fee.when", form.fee.when, YES_NO, names, kinds)
    for number, one in enumerate(form.destinations, start=1):
        field = f"destinations.number {number}"
        for where, sentence in fault_parts.destination_faults(form, one, words):
            yield "", f"{field}.{where}" if where else field, sentence
        for condition in _conditions(one):
            yield from _formula("", field, condition, YES_NO, names, kinds)


def _conditions(destination: Destination) -> Iterator[str]:
    yield from (when for when in (destination.when, *(one.when for one in destination.tags)) if when)
    yield from (one.when for one in destination.types if one.when)


def _formula(
    page: str, where: str, source: str, wanted: Kind | None, names: Names, kinds: Mapping[str, Kind]
) -> Iterator[Found]:
    """The faults of one expression: read, checked for kinds that cannot go together, and tried on made-up answers."""
    try:
        expression = compile_expression(source, names)
        _fits(source, kind_of(source, kinds, scope.FUNCTIONS), wanted)
        for values in _made_up(expression, kinds):
            expression.evaluate(values)
    except ExpressionFault as error:
        yield page, where, str(error)


def _fits(source: str, kind: Kind, wanted: Kind | None) -> None:
    if kind == NOTHING:
        raise ExpressionFault(f"“{source}” always gives nothing (null): leave it out, or write a condition.")
    if wanted is not None and not kind.is_open and kind.family != wanted.family:
        what = "a condition must give yes or no" if wanted == YES_NO else f"it must give {wanted}"
        raise ExpressionFault(f"“{source}” gives {kind}, where {what}.")


def _made_up(expression: Expression, kinds: Mapping[str, Kind]) -> Iterator[dict[str, Any]]:
    """Answers on which an expression is tried: none, and a few of those it reads."""
    roots = {path.partition(".")[0] for path in expression.paths}
    nothing: dict[str, Any] = {"today": _TODAY.isoformat(), "officer": False, "signed_in": False, "nation": "england"}
    yield nothing
    for number in range(4):
        values = dict(nothing)
        for root in roots & kinds.keys():
            kind = kinds[root]
            if kind.name != "parts":
                continue
            read = {path.split(".")[1] for path in expression.paths if path.startswith(f"{root}.")}
            found = {name: scope.samples(part or TEXT, _TODAY) for name, part in kind.parts if name in read}
            values[root] = {name: many[number % len(many)] for name, many in found.items()}
        yield values


def _order_faults(form: Form) -> Iterator[Found]:
    """Conditions that read what is asked only later, and circles."""
    try:
        nodes = {node.key: node for node in plan.of(form).nodes}
    except Circle as circle:
        names = ", ".join(key.partition(":")[2] for key in circle.keys)
        yield "", "values", f"These depend on one another in a circle: {names}."
        return
    asked: dict[str, int] = {}
    for place, page in enumerate(form.pages):
        for number, question in enumerate(page.asks):
            asked[question.id] = place * 1000 + number
    for place, page in enumerate(form.pages):
        yield from _too_early(nodes, f"page:{page.id}", page.id, "when", place * 1000, asked)
        for number, question in enumerate(page.asks):
            here, where = place * 1000 + number, f"questions.{question.id}"
            yield from _too_early(nodes, f"show:{question.id}", page.id, f"{where}.when", here, asked)
            for rule in range(len(question.checks)):
                key = f"check:{question.id}:{rule}"
                yield from _too_early(nodes, key, page.id, f"{where}.checks.number {rule + 1}", here + 1, asked)


def _too_early(
    nodes: Mapping[str, Node], key: str, page: str, where: str, before: int, asked: Mapping[str, int]
) -> Iterator[Found]:
    if key not in nodes:
        return
    seen, waiting = set(), [key]
    while waiting:
        for read in nodes[waiting.pop()].reads:
            kind, _, id = read.partition(":")
            if read in seen or read not in nodes:
                continue
            seen.add(read)
            if kind == "answer":
                if asked[id] >= before:
                    yield page, where, f"The question “{id}” is asked only later: move it up."
            else:
                waiting.append(read)


def _language_faults(form: Form) -> Iterator[Found]:
    """Texts that a language of the form lacks."""
    if "cy" not in form.languages:
        return
    for page in form.pages:
        for where, text in _texts(page):
            if text.cy is None:
                yield page.id, where, f"“{text.en[:60]}” has no Welsh text, and the form is offered in Welsh."
    for where, text in _texts(form, leave=frozenset({"pages"})):
        if text.cy is None:
            yield "", where, f"“{text.en[:60]}” has no Welsh text, and the form is offered in Welsh."


def _texts(
    part: BaseModel, where: str = "", leave: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Words | Passage]]:
    for name, value in part:
        if name in leave:
            continue
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Words | Passage):
                yield f"{where}{name}", one
            elif isinstance(one, BaseModel):
                id = getattr(one, "id", None) or getattr(one, "key", None)
                yield from _texts(one, f"{where}{name}.{f'{id}.' if id else ''}")
