"""The words a definition may use: what the council has configured, and the names conditions can see.

| name | what it is |
|---|---|
| `case.type` `case.source` `case.reference` `case.service` `case.opened_on` `case.age_days` | the case |
| `stage.entered_on` | the day the case came to its stage |
| `tags` | the keys of the case's tags |
| `customer.kind` `customer.tags` `customer.age` `customer.has_nino` | the customer; age is null when not known |
| `documents` | a list of `{type, tags}` |
| `payments` | a list of `{status, pence, method}`: those for this run of the workflow, see `paid()` |
| `answers.<question>` | the answers given so far in this run, this outcome's included; null when not given |
| `replies["<operation>"]` | how the last call of an operation ended; null when there was none |
| `requests.open` `requests.overdue` | how many requests to the applicant are open, and past their date |
| `today` | the day, as text such as 2026-03-01 |
| `tag("…")` | whether the case has the tag |
| `document("…")` | whether a document of the case has the tag |
| `paid()` | whether a payment has been received for this run of the workflow, or for one that ended without completing |
| `on_or_after("2026-03-01")` | whether that day, written out, has come; for one worked out: `today >= answers.day` |
| `days_since(day)` | days from the day to today |
| `plus_days(day, n)` `plus_years(day, n)` | a later day; 29 February becomes 28 February in common years |
"""

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from moothall.domain.workflow.definition import Workflow
from moothall.kit.expressions import Function, Names
from moothall.kit.kinds import DAY, TEXT, WHOLE, YES_NO

CASE_PATHS = ("type", "source", "reference", "service", "opened_on", "age_days")
CUSTOMER_PATHS = ("kind", "tags", "age", "has_nino")
DATE_REACHED, DATE_COUNTED = "date.reached", "date.counted"
_PAID = "received"


@dataclass(frozen=True)
class Vocabulary:
    """Everything a definition may name. `lists` gives the keys of the values of each list still in use.

    `retired` are those that only old answers hold. `tags` are the case's tags. `operations` are connectors' operations
    (`dft_blue_badge.order`) and `reply_states` how a call of one may stand. None of `case_types`, `sources`,
    `reply_states` or `intention_types` (kinds of thing to do) means they are not known here and not checked.
    """

    groups: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    customer_tags: frozenset[str] = frozenset()
    document_tags: frozenset[str] = frozenset()
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)
    letters: frozenset[str] = frozenset()
    hooks: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    workflows: frozenset[str] = frozenset()
    retired: Mapping[str, frozenset[str]] = field(default_factory=dict)
    case_types: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    reply_states: frozenset[str] | None = None
    intention_types: frozenset[str] | None = None


def condition_names(workflow: Workflow, vocabulary: Vocabulary | None = None) -> Names:
    """The names conditions of this workflow see. Without a vocabulary, tags are taken on trust."""
    answers = {
        f"answers.{question.id}"
        for stage in workflow.stages
        for outcome in stage.outcomes
        for question in outcome.questions
    }
    case = {f"case.{name}" for name in CASE_PATHS}
    customer = {f"customer.{name}" for name in CUSTOMER_PATHS}
    known = vocabulary and (("tag", vocabulary.tags), ("document tag", vocabulary.document_tags))
    return Names(
        paths=frozenset(
            answers | case | customer
            | {"stage.entered_on", "tags", "documents", "payments", "requests.open", "requests.overdue", "today"}
        ),
        open=frozenset({"replies"}),
        parts=(("documents", frozenset({"type", "tags"})), ("payments", frozenset({"status", "pence", "method"}))),
        functions=FUNCTIONS,
        vocabularies=known or (),
    )  # fmt: skip


def as_day(value: object) -> dt.date:
    """Read a day such as 2026-03-01. Raises ValueError with a sentence."""
    if isinstance(value, dt.datetime):
        raise ValueError("A day has no time of day.")
    if isinstance(value, dt.date):
        return value
    try:
        if isinstance(value, str) and len(value) == 10:
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{value!r} is not a day such as 2026-03-01.")


def plus_years(day: dt.date, years: int) -> dt.date:
    """The same day of a later year; 29 February becomes 28 February when that year has none."""
    year = day.year + years
    last = calendar.monthrange(year, day.month)[1]
    return day.replace(year=year, day=min(day.day, last))


def _whole(number: object) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or abs(number) > 100_000:
        raise ValueError(f"{number!r} is not a whole number of days or years.")
    return number


def _items(values: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = values.get(name)
    return found if isinstance(found, list) else []


def _has_tag(values: Mapping[str, object], tag: object) -> bool:
    tags = values.get("tags")
    return isinstance(tags, frozenset | list) and tag in tags


def _has_document(values: Mapping[str, object], tag: object) -> bool:
    tagged = (document.get("tags") for document in _items(values, "documents"))
    return any(isinstance(tags, frozenset | list) and tag in tags for tags in tagged)


def _paid(values: Mapping[str, object]) -> bool:
    return any(payment.get("status") == _PAID for payment in _items(values, "payments"))


def _on_or_after(values: Mapping[str, object], day: object) -> bool:
    return as_day(values.get("today")) >= as_day(day)


def _days_since(values: Mapping[str, object], day: object) -> int | None:
    return None if day is None else (as_day(values.get("today")) - as_day(day)).days


def _plus_days(_values: Mapping[str, object], day: object, days: object) -> dt.date | None:
    try:
        return None if day is None else as_day(day) + dt.timedelta(days=_whole(days))
    except OverflowError:
        raise ValueError("the day lies outside the calendar") from None


def _plus_years(_values: Mapping[str, object], day: object, years: object) -> dt.date | None:
    return None if day is None else plus_years(as_day(day), _whole(years))


FUNCTIONS: tuple[Function, ...] = (
    Function("tag", _has_tag, arguments=1, reads=("tags",), vocabulary="tag", takes=(TEXT,), gives=YES_NO),
    Function(
        "document", _has_document, arguments=1, reads=("documents",), vocabulary="document tag", takes=(TEXT,),
        gives=YES_NO,
    ),
    Function("paid", _paid, reads=("payments",), gives=YES_NO),
    Function(
        "on_or_after", _on_or_after, arguments=1, reads=(DATE_REACHED,), vocabulary="day", takes=(DAY,), gives=YES_NO
    ),
    Function("days_since", _days_since, arguments=1, reads=(DATE_COUNTED,), takes=(DAY,), gives=WHOLE),
    Function("plus_days", _plus_days, arguments=2, takes=(DAY, WHOLE), gives=DAY),
    Function("plus_years", _plus_years, arguments=2, takes=(DAY, WHOLE), gives=DAY),
)  # fmt: skip
