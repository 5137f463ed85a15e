"""The small parts a workflow is made of: kinds of text, faults, lengths of time, tag changes and effects."""

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
TemplateId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]
PlaceholderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 _-]+$", max_length=60)]
DottedId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=120)]


_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def no_control_characters(text: str) -> str:
    if _UNSEEN.search(text):
        raise ValueError("The text holds a control character, which nobody can see: take it out.")
    return text


Clean = AfterValidator(no_control_characters)
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Clean]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), Clean]
Condition = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), Clean]
"""A condition in CEL over the names in `vocabulary.condition_names`."""

Unit = Literal["minutes", "hours", "days", "working_days"]
LENGTHS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1)}
QuestionType = Literal[
    "text", "long_text", "number", "money", "date", "yes_no", "choice", "choices", "document", "documents", "frame"
]
EndState = Literal["complete", "refused", "closed", "dormant", "withdrawn"]
Channel = Literal["email", "letter"]
RequestKind = Literal["document", "correction", "fee", "extension"]


def _printable(text: str) -> str:
    """What may be quoted of a file on a terminal: one line, unseen characters written out."""
    return _UNSEEN.sub(lambda unseen: unseen[0].encode("unicode_escape").decode(), text)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a definition. `stage` and `field` are empty when the fault is not inside one.

    In a form the place is called a page.
    """

    file: str
    stage: str
    field: str
    sentence: str
    line: int | None = None
    place: str = "stage"

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        stage = f" {self.place} {self.stage}" if self.stage else ""
        text = f"{where}{stage}{f' {self.field}' if self.field else ''}: {self.sentence}"
        return _printable(" ".join(text.split()))


class Faulty(ValueError):
    """A definition cannot be used. Its message lists every fault, a line each."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def one_or_many(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


class Target(Part):
    """A length of time. `days` are calendar days; minutes and hours run every day unless the calendar is working."""

    amount: Annotated[StrictInt, Field(ge=1, le=100_000)]
    unit: Unit
    calendar: Literal["every_day", "working"] = "every_day"

    @property
    def in_open_time(self) -> bool:
        """Whether only the open time of working days counts."""
        return self.unit == "working_days" or (self.unit in LENGTHS and self.calendar == "working")

    def __str__(self) -> str:
        words = self.unit.replace("_", " ")
        return f"{self.amount} {words if self.amount != 1 else words.removesuffix('s')}"


class PublicText(Part):
    """What the applicant reads while a case is at a stage: where it is, what happens next and when (BEST-10)."""

    status: Line
    next: Prose | None = None
    within: Line | None = None


class End(Part):
    """The workflow ends here, in this state."""

    state: EndState


class TagChange(Part):
    """Tags put on and taken off."""

    set: tuple[Id, ...] = ()
    remove: tuple[Id, ...] = ()


class DocumentTagChange(TagChange):
    """Tags put on and taken off the documents given in answer to `question`."""

    question: Id


class TagChanges(Part):
    """What an outcome does to the tags of the case, its customer and documents."""

    case: TagChange = TagChange()
    customer: TagChange = TagChange()
    documents: Annotated[
        tuple[DocumentTagChange, ...],
        BeforeValidator(one_or_many, json_schema_input_type=DocumentTagChange | list[DocumentTagChange]),
    ] = ()


class _Effect(Part):
    """Something an outcome does; `when` given, only if it holds as the outcome is chosen."""

    when: Condition | None = None


class Message(_Effect):
    """Compose a message from a template; `list` is the question whose chosen values pull in paragraphs.

    A `draft` waits for an officer to edit and send it. `tags` go on the filed copy.
    """

    effect: Literal["message"]
    template: Id
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
    list: Id | None = None
    recipient: Literal["customer", "alternative_contact"] = "customer"
    draft: StrictBool = False
    tags: tuple[Id, ...] = ()


class RequestThen(Part):
    """Outcomes of the stage where the case waits: taken when all is received, or when time has run out."""

    received: Id | None = None
    closed: Id | None = None


class Request(_Effect):
    """Ask the applicant for something (BEST-7); `items` is the question whose chosen values are asked for.

    `reminder` is the letter sent after `remind_after` when nothing has come.
    """

    effect: Literal["request"]
    kind: RequestKind
    items: Id | None = None
    text: Prose | None = None
    answer_within: Target
    remind_after: Target | None = None
    reminder: Id | None = None
    close_after: Target | None = None
    pauses: StrictBool = False
    then: RequestThen = RequestThen()


def _pounds(value: Decimal) -> Decimal:
    if value != round(value, 2):
        raise ValueError("An amount of money has pounds and pence, such as 10.00.")
    return round(value, 2)


class Payment(_Effect):
    """Ask for a payment, or record one already made. The amount is fixed (pounds) or the answer to a question."""

    effect: Literal["payment"]
    action: Literal["request", "record"] = "request"
    amount: Annotated[Decimal, Field(gt=0, le=1_000_000), AfterValidator(_pounds)] | None = None
    amount_from: Id | None = None
    method_from: Id | None = None
    reference_from: Id | None = None
    description: Line | None = None


class Send(_Effect):
    """Put an operation of a connector on the integration queue.

    One that sends a message names its `template` there, or a letter of the service, and for each of its placeholders
    the one of ours that stands for it.
    """

    effect: Literal["send"]
    operation: DottedId
    template: TemplateId | None = None
    placeholders: dict[PlaceholderName, Id] = {}


class Start(_Effect):
    """Start another workflow on the same case."""

    effect: Literal["start"]
    workflow: DottedId


class Hook(_Effect):
    """Call a named function of the service."""

    effect: Literal["hook"]
    name: DottedId


class ToDo(Part):
    """Something to do on a case (PPP-41), due in so many days or working days after it is added.

    It is for the owner of the case with `owner`, if there is one who may work on it; else for `team`, if given; else
    nobody's yet. With `remind` whoever has it is reminded on the day it is due.
    """

    text: Line
    type: Id
    due: Target
    team: Id | None = None
    owner: StrictBool = False
    remind: StrictBool = False


class Intend(ToDo, _Effect):
    """Add something to do as the outcome is chosen."""

    effect: Literal["intention"]


Effect = Annotated[Message | Request | Payment | Send | Start | Hook | Intend, Field(discriminator="effect")]
