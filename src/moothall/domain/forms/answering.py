"""One answer: what a browser sent, checked and put into the form it is kept in.

The types a form shares with workflows are checked as workflows check them (`workflow.answering`).
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from moothall.domain.forms import scope, wording
from moothall.domain.forms.definition import Question
from moothall.domain.forms.parts import LATER
from moothall.domain.workflow import answering as workflows
from moothall.domain.workflow.definition import Question as WorkflowQuestion
from moothall.domain.workflow.facts import ListValues
from moothall.kit import email, nino, phone, postcode, uprn
from moothall.kit.expressions import compile as compile_expression
from moothall.kit.invalid import Invalid

Kept = Any
"""An answer as it is kept, ready for JSON."""

Lists = Mapping[str, ListValues]
LONGEST_LINE = 100
MOST_ITEMS = 50
MOST_UPLOADS = 20
_SHARED = frozenset({"text", "long_text", "number", "money", "date", "yes_no", "choice", "choices"})
NOTHING_AROUND: Mapping[str, object] = MappingProxyType({})
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Unsuitable(ValueError):
    """An answer does not fit its question; the message is for whoever gave it. `part` is the part that is wrong, if one is."""

    def __init__(self, sentence: str, part: str = "") -> None:
        super().__init__(sentence)
        self.part = part


def blank(given: object) -> bool:
    """Whether this is no answer at all."""
    if isinstance(given, Mapping):
        return all(blank(part) or part is False for part in given.values())
    return given is False if isinstance(given, bool) and not given else workflows.blank(given)


def no_answer(question: Question, given: object) -> bool:
    """Whether a question was left unanswered. No is an answer to yes or no, and a declaration not ticked is none."""
    return workflows.blank(given) if question.type == "yes_no" else blank(given)


def clean(
    question: Question,
    given: object,
    lists: Lists,
    language: str = "en",
    *,
    uploads: frozenset[str] | None = None,
    around: Mapping[str, object] = NOTHING_AROUND,
) -> Kept:
    """Check one answer and return it as it is kept. Raises Unsuitable.

    `uploads` are the files that were uploaded; None where any is taken on trust. `around` is what conditions inside a group
    see besides the item: `today` and `officer`.
    """
    try:
        if question.type in _SHARED:
            return _bounded(question, _as_workflows(question, given, lists, language), language)
        if question.type == "upload":
            return _upload(question, given, language, uploads)
        if question.type == "group":
            return _group(question, given, lists, language, around)
        return _CLEANERS[question.type](question, given, language)
    except Unsuitable as error:
        if question.messages.invalid and question.type != "group":
            raise Unsuitable(question.messages.invalid.of(language), error.part) from error
        raise


def _as_workflows(question: Question, given: object, lists: Lists, language: str) -> Kept:
    """Check an answer of a type that workflows ask for too."""
    own = ListValues(frozenset(option.key for option in question.options))
    values = lists if question.list else {"own": own}
    shared: dict[str, Any] = {"type": question.type}
    asked = WorkflowQuestion.model_construct(
        id=question.id, label=question.label.of(language), list=question.list or "own", **shared
    )
    try:
        kept = workflows.check_value(asked, given, values)
    except workflows.Unsuitable as error:
        key = "choice" if question.type == "choices" else "text" if question.type == "long_text" else question.type
        longest = workflows.LONGEST_TEXT if question.type == "text" else workflows.LONGEST_LONG_TEXT
        if key == "text" and isinstance(given, str) and len(given) > longest:
            raise Unsuitable(wording.said("longest", question, language, most=longest)) from error
        raise Unsuitable(wording.said(key, question, language)) from error
    if question.longest and isinstance(kept, str) and len(kept) > question.longest:
        raise Unsuitable(wording.said("longest", question, language, most=question.longest))
    return kept


def _bounded(question: Question, kept: Kept, language: str) -> Kept:
    """Refuse a number, an amount or a count outside its bounds."""
    if question.type in ("number", "money"):
        value = Decimal(str(kept)) / (100 if question.type == "money" else 1)
        if question.least is not None and value < question.least:
            raise Unsuitable(wording.said("least", question, language, least=_written(question, question.least)))
        if question.most is not None and value > question.most:
            raise Unsuitable(wording.said("most", question, language, most=_written(question, question.most)))
    elif isinstance(kept, list):
        _counted(question, len(kept), language)
    return kept


def _counted(question: Question, count: int, language: str) -> None:
    if question.least is not None and count < question.least:
        raise Unsuitable(wording.said("fewest", question, language, least=question.least))
    most = question.most if question.most is not None else Decimal(MOST_ITEMS if question.type == "group" else 200)
    if count > most:
        raise Unsuitable(wording.said("most_items", question, language, most=most))


def _written(question: Question, bound: Decimal) -> str:
    return f"£{bound:,.2f}" if question.type == "money" else f"{bound:,f}"


def _line(given: object, longest: int = LONGEST_LINE) -> str:
    """One line of text, tidied; nothing where it is none."""
    if not isinstance(given, str) or _UNSEEN.search(given) or len(given) > longest:
        return ""
    return " ".join(given.split())


def _parts(question: Question, given: object, language: str) -> Mapping[str, object]:
    if not isinstance(given, Mapping):
        raise Unsuitable(wording.required(question, language))
    return given


def _by_kit(normalise: Callable[[str], str], key: str) -> Callable[[Question, object, str], Kept]:
    def cleaned(question: Question, given: object, language: str) -> str:
        try:
            return normalise(given if isinstance(given, str) else "")
        except Invalid as error:
            raise Unsuitable(wording.said(key, question, language)) from error

    return cleaned


def _address(question: Question, given: object, language: str) -> Kept:
    parts = _parts(question, given, language)
    kept = {name: _line(parts.get(name)) for name in ("line1", "line2", "town")}
    for name in ("line1", "town"):
        if not kept[name]:
            raise Unsuitable(wording.said(name, question, language), name)
    try:
        kept["postcode"] = postcode.normalise(str(parts.get("postcode") or ""))
    except Invalid as error:
        raise Unsuitable(wording.said("postcode", question, language), "postcode") from error
    known = str(parts.get("uprn") or "")
    kept["uprn"] = uprn.normalise(known) if known and uprn.is_valid(known) else ""
    return {name: kept[name] for name in ("uprn", "line1", "line2", "town", "postcode")}


def _bank(question: Question, given: object, language: str) -> Kept:
    parts = _parts(question, given, language)
    name = _line(parts.get("name"), 70)
    sort_code = re.sub(r"[ -]", "", str(parts.get("sort_code") or ""))
    number = re.sub(r"[ -]", "", str(parts.get("account_number") or ""))
    if not name:
        raise Unsuitable(wording.said("account_name", question, language), "name")
    if not re.fullmatch("[0-9]{6}", sort_code):
        raise Unsuitable(wording.said("sort_code", question, language), "sort_code")
    if not re.fullmatch("[0-9]{6,8}", number):
        raise Unsuitable(wording.said("account_number", question, language), "account_number")
    return {"name": name, "sort_code": sort_code, "account_number": number.zfill(8)}


def _vehicle(question: Question, given: object, language: str) -> Kept:
    text = given.get("registration") if isinstance(given, Mapping) else given
    plate = re.sub(r"\s", "", str(text or "")).upper()
    if not re.fullmatch("[A-Z0-9]{1,8}", plate):
        raise Unsuitable(wording.said("registration", question, language), "registration")
    return {"registration": plate}


def _map_pin(question: Question, given: object, language: str) -> Kept:
    parts = _parts(question, given, language)
    words = _line(parts.get("words"), 500)
    try:
        place = [round(float(str(parts.get(name))), 6) for name in ("latitude", "longitude")]
    except ValueError:
        place = []
    inside = len(place) == 2 and 49 <= place[0] <= 61.5 and -9 <= place[1] <= 2.5
    if not inside and not words:
        raise Unsuitable(wording.said("map_pin", question, language))
    latitude, longitude = place if inside else (None, None)
    return {"latitude": latitude, "longitude": longitude, "words": words}


def _declaration(question: Question, given: object, language: str) -> bool:
    if given is True or (isinstance(given, str) and given.strip().lower() in ("yes", "true", "on")):
        return True
    raise Unsuitable(wording.required(question, language))


def _signature(question: Question, given: object, language: str) -> Kept:
    parts = _parts(question, given, language)
    name = _line(parts.get("name"), 200)
    if not name:
        raise Unsuitable(wording.required(question, language), "name")
    if question.statement and parts.get("agreed") not in (True, "yes", "true", "on"):
        raise Unsuitable(wording.said("agreed", question, language), "agreed")
    return {"name": name, "agreed": bool(question.statement)}


def _upload(question: Question, given: object, language: str, uploads: frozenset[str] | None) -> Kept:
    if given == LATER and question.later:
        return LATER
    files = list(given) if isinstance(given, list | tuple) else [given]
    for file in files:
        if not isinstance(file, str) or len(file) > 60 or (uploads is not None and file not in uploads):
            raise Unsuitable(wording.said("upload", question, language))
    most = question.most if question.most is not None else Decimal(MOST_UPLOADS)
    if len(files) > most:
        raise Unsuitable(wording.said("most_items", question, language, most=most))
    return list(dict.fromkeys(files))


def _group(question: Question, given: object, lists: Lists, language: str, around: Mapping[str, object]) -> Kept:
    if not isinstance(given, list | tuple) or not all(isinstance(item, Mapping) for item in given):
        raise Unsuitable(wording.required(question, language))
    _counted(question, len(given), language)
    return [_item(question, item, number, lists, language, around) for number, item in enumerate(given, start=1)]


def _item(
    group: Question,
    given: Mapping[str, object],
    number: int,
    lists: Lists,
    language: str,
    around: Mapping[str, object],
) -> Kept:
    """The answers for one item; its conditions see this item alone."""
    names = scope.item_names(group)
    values: dict[str, Any] = {**around, "item": {}}
    for part in group.questions:
        where = f"{number}.{part.id}"
        if part.type == "guidance" or (part.when and not compile_expression(part.when, names).holds(values)):
            continue
        try:
            if no_answer(part, given.get(part.id)):
                if part.optional:
                    continue
                raise Unsuitable(wording.required(part, language))
            values["item"][part.id] = clean(part, given[part.id], lists, language)
            for check in part.checks:
                if compile_expression(check.rule, names).evaluate(values) is False:
                    raise Unsuitable(check.message.of(language))
        except Unsuitable as error:
            label = group.item.of(language) if group.item else group.label.of(language)
            sentence = wording.said("in_item", group, language, item=label, number=number, sentence=str(error))
            raise Unsuitable(sentence, where) from error
    return values["item"]


_CLEANERS: Mapping[str, Callable[[Question, object, str], Kept]] = {
    "email": _by_kit(email.normalise, "email"),
    "phone": _by_kit(phone.normalise, "phone"),
    "nino": _by_kit(nino.normalise, "nino"),
    "address": _address,
    "bank": _bank,
    "vehicle": _vehicle,
    "map_pin": _map_pin,
    "declaration": _declaration,
    "signature": _signature,
}
