"""What a form is: pages of questions, as frozen types read from YAML.

Reading (`parse`) checks shape only; whether the parts fit together is `faults.check`. Ids are stable: drafts are moved to
newer versions by them. A form as written may include standard blocks; `blocks.put_in` gives it as it is asked.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, Discriminator, Field, StrictBool, StrictInt, Tag, ValidationError

from moothall.domain.forms.parts import (
    AskedOf,
    Availability,
    Check,
    Language,
    LookUp,
    Messages,
    Option,
    Passage,
    QuestionType,
    Words,
)
from moothall.domain.workflow import plain, yamltext
from moothall.domain.workflow.parts import Condition, DottedId, Fault, Faulty, Id, Part

Number = Annotated[Decimal, Field(ge=Decimal(-(10**12)), le=Decimal(10**12))]
Count = Annotated[StrictInt, Field(ge=0, le=200)]


class Question(Part):
    """Something asked on a page; unless `optional`, it must be answered wherever it is asked.

    `checks` are conditions over its answer and those before it. `fact` is what the answer says of the customer; where
    that is known already the question is not asked again. `least` and `most` bound a number or money (pounds), and how many
    are chosen, uploaded or in a group. `tag` is the document tag of what is uploaded, which with `later` may be sent after
    the form. `slots` names the days a choice offers. `statement` is what is declared or signed. The questions of a group are asked for each `item`.
    """

    id: Id
    label: Words
    type: QuestionType
    hint: Passage | None = None
    optional: StrictBool = False
    when: Condition | None = None
    asked_of: AskedOf = "everyone"
    checks: tuple[Check, ...] = ()
    messages: Messages = Messages()
    fact: DottedId | None = None
    known: StrictBool = True
    list: Id | None = None
    options: tuple[Option, ...] = ()
    slots: Id | None = None
    look: Literal["radios", "select"] = "radios"
    longest: Annotated[StrictInt, Field(ge=1, le=10_000)] | None = None
    least: Number | None = None
    most: Number | None = None
    tag: Id | None = None
    later: StrictBool = False
    statement: Passage | None = None
    item: Words | None = None
    questions: tuple["Question", ...] = ()
    lookup: LookUp | None = None

    def option(self, key: str) -> Option | None:
        """One of its own options."""
        return next((option for option in self.options if option.key == key), None)


class Include(Part):
    """A standard block put in at this place. `as` comes before the ids of its questions.

    With `optional` nothing of it must be answered. Unless `known` it is asked although the account tells, since the customer
    may be somebody else; without `facts` it is about nobody who is the customer.
    """

    block: Id
    as_: Annotated[Id | None, Field(alias="as")] = None
    optional: StrictBool = False
    known: StrictBool = True
    facts: StrictBool = True
    when: Condition | None = None


class Block(Part):
    """A standard block: questions written once for every form."""

    key: Id
    name: Words
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=30)]


def _which(value: Any) -> str:
    included = "block" in value if isinstance(value, Mapping) else isinstance(value, Include)
    return "include" if included else "question"


Asked = Annotated[
    Annotated[Question, Tag("question")] | Annotated[Include, Tag("include")],
    Discriminator(_which),
]


class Page(Part):
    """Questions answered together. An `exit` has none: the way ends there."""

    id: Id
    title: Words
    text: Passage | None = None
    when: Condition | None = None
    asked_of: AskedOf = "everyone"
    exit: StrictBool = False
    questions: Annotated[tuple[Asked, ...], Field(max_length=100)] = ()

    @cached_property
    def asks(self) -> tuple[Question, ...]:
        """Its questions, once the blocks are put in."""
        return tuple(question for question in self.questions if isinstance(question, Question))


class Value(Part):
    """Something worked out. With a `label` it is shown with the answers."""

    id: Id
    type: Literal["number", "money", "text", "date", "yes_no"]
    formula: Condition
    label: Words | None = None


Cell = str | bool | int | Decimal | None | tuple[str | bool | int | Decimal, ...]


class Input(Part):
    """What a column of a decision table looks at. A `choice` names its keys, unless it is the answer to a choice."""

    name: Id
    from_: Annotated[Condition, Field(alias="from")]
    type: Literal["choice", "yes_no", "number", "whole", "money"] | None = None
    keys: tuple[Id, ...] = ()


class Row(Part):
    """A row of a decision table: a cell for each input (a value, several, a range such as `>= 65` or `16..64`, or `any`)."""

    when: tuple[Cell, ...]
    gives: str | bool | int | Decimal


class Table(Part):
    """A decision table (BEST-51): the row whose cells all fit gives the result; no two rows may fit together."""

    key: Id
    gives: Literal["text", "money", "number", "yes_no"]
    inputs: Annotated[tuple[Input, ...], Field(min_length=1, max_length=8)]
    rows: Annotated[tuple[Row, ...], Field(min_length=1, max_length=500)]


def _pounds(value: Decimal) -> Decimal:
    if value != round(value, 2):
        raise ValueError("An amount of money has pounds and pence, such as 10.00.")
    return round(value, 2)


class Fee(Part):
    """What is paid: a fixed amount in pounds, what a table gives, or a formula in pence. Nothing to pay is no fee."""

    amount: Annotated[Decimal, Field(gt=0, le=1_000_000), AfterValidator(_pounds)] | None = None
    table: Id | None = None
    formula: Condition | None = None
    when: Condition | None = None
    description: Words | None = None


class TagWhen(Part):
    """A tag put on the case where a condition over the answers holds."""

    tag: Id
    when: Condition | None = None


class Slots(Part):
    """Days somebody can choose one of, each with so many `places`: on these `weekdays` (1 is Monday), from `notice` days
    ahead, for so many `weeks`, but for those on which it is `closed`.
    """

    key: Id
    weekdays: Annotated[tuple[Annotated[StrictInt, Field(ge=1, le=7)], ...], Field(min_length=1, max_length=7)]
    places: Annotated[StrictInt, Field(ge=1, le=10_000)]
    notice: Annotated[StrictInt, Field(ge=0, le=60)] = 1
    weeks: Annotated[StrictInt, Field(ge=1, le=26)] = 4
    closed: tuple[dt.date, ...] = ()


class Destination(Part):
    """Where a submission goes (FRM-8). `name` is what the council's settings know a mailbox, webhook or folder by.

    A case is opened with `type`, or that of the first of `types` whose condition holds, and from `source` (else `online`, or
    `phone` where an officer filled the form in). `words` names the question whose answer is the customer's own words.
    """

    to: Literal["case", "email", "webhook", "file"]
    name: Id | None = None
    when: Condition | None = None
    type: Id | None = None
    types: tuple[TagWhen, ...] = ()
    source: Id | None = None
    tags: tuple[TagWhen, ...] = ()
    words: Id | None = None


class Form(Part):
    """A whole form."""

    key: Id
    name: Words
    description: Passage | None = None
    languages: tuple[Language, ...] = ("en",)
    sign_in: Literal["none", "optional", "required"] = "optional"
    opens: dt.date | None = None
    closes: dt.date | None = None
    cap: Availability | None = None
    keep_days: Annotated[StrictInt, Field(ge=1, le=365)] = 28
    remind_days: Annotated[StrictInt, Field(ge=0, le=60)] = (
        7  # after which who left documents for later is reminded; 0: never
    )
    pages: Annotated[tuple[Page, ...], Field(min_length=1, max_length=300)]
    values: tuple[Value, ...] = ()
    tables: tuple[Table, ...] = ()
    slots: tuple[Slots, ...] = ()
    fee: Fee | None = None
    destinations: Annotated[tuple[Destination, ...], Field(min_length=1, max_length=10)]
    thanks: Passage | None = None

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every question by id, once the blocks are put in."""
        return {question.id: question for page in self.pages for question in page.asks}

    def slots_of(self, question: Question) -> Slots:
        """The days a question offers. Raises LookupError with a sentence."""
        for slots in self.slots:
            if slots.key == question.slots:
                return slots
        raise LookupError(f"The form “{self.name.en}” has no slots “{question.slots}”.")

    @cached_property
    def page_of(self) -> dict[str, str]:
        """The page each question stands on."""
        return {question.id: page.id for page in self.pages for question in page.asks}

    @cached_property
    def _pages_by_id(self) -> dict[str, Page]:
        return {page.id: page for page in self.pages}

    def page(self, id: str) -> Page:
        """The page with this id. Raises LookupError with a sentence."""
        try:
            return self._pages_by_id[id]
        except KeyError:
            raise LookupError(f"The form “{self.name.en}” has no page “{id}”.") from None


_MODELS: tuple[type[BaseModel], ...] = (
    Form, Page, Question, Include, Option, Check, Messages, LookUp, Availability, Value, Table, Input, Row, Fee, Slots, Destination,
    TagWhen, Block,
)  # fmt: skip
_KEYS = {model.__name__: tuple(field.alias or name for name, field in model.model_fields.items()) for model in _MODELS}
M = TypeVar("M", Form, Block)


def parse(text: str | bytes, *, file: str) -> Form:
    """Read a form from YAML text. Raises Faulty with every fault of shape, each naming line, page and field."""
    return _build(Form, _source(text, file), file)


def parse_block(text: str | bytes, *, file: str) -> Block:
    """Read a standard block from YAML text. Raises Faulty."""
    return _build(Block, _source(text, file), file)


def from_data(data: Mapping[str, Any], *, file: str) -> Form:
    """Make a form of plain data. Raises Faulty as `parse` does, without lines."""
    return _build(Form, yamltext.Source(data), file)


def block_from_data(data: Mapping[str, Any], *, file: str) -> Block:
    """Make a standard block of plain data. Raises Faulty."""
    return _build(Block, yamltext.Source(data), file)


def to_data(form: Form | Block) -> dict[str, Any]:
    """The definition as JSON-ready data, without what is at its default; from_data(to_data(f)) == f."""
    data: dict[str, Any] = _renamed(plain.of(form, float))
    return data


def dump(form: Form | Block) -> str:
    """The definition as YAML, always the same for the same; parse(dump(f)) == f."""
    return yamltext.write(_renamed(plain.of(form, Decimal)))


def fingerprint(form: Form | Block) -> str:
    """SHA-256 (hex) over the content: the same for equal definitions."""
    return plain.fingerprint(to_data(form))


def _renamed(data: Any) -> Any:
    """Keys that are words of Python under their own names."""
    if isinstance(data, dict):
        return {key.removesuffix("_"): _renamed(value) for key, value in data.items()}
    return [_renamed(item) for item in data] if isinstance(data, list) else data


def _source(text: str | bytes, file: str) -> yamltext.Source:
    try:
        return yamltext.read(text)
    except yamltext.YamlFault as error:
        raise Faulty([Fault(file, "", "", str(error), error.line)]) from error


def _build(model: type[M], source: yamltext.Source, file: str) -> M:
    if not isinstance(source.data, Mapping):
        raise Faulty([Fault(file, "", "", "A form is written as keys and values, starting with “key:”.", 1)])
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        faults = []
        for raw_path, sentence in yamltext.problems(error, _KEYS):
            path = tuple(part for part in raw_path if not _is_tag(part, raw_path))
            page, field = _place(path, source.data)
            faults.append(Fault(file, page, field, sentence, source.line(path), "page"))
        raise Faulty(list(dict.fromkeys(faults))) from error


def _is_tag(part: str | int, path: yamltext.Path) -> bool:
    """Pydantic puts which of two things it took into the path; the file has no such level."""
    return part in ("question", "include") and "questions" in path and path[path.index("questions")] != part


def _place(path: yamltext.Path, data: Any) -> tuple[str, str]:
    """The page a path lies in, and the rest of the path in words."""
    page, here = "", data
    words: list[str] = []
    for depth, part in enumerate(path):
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
        if not isinstance(part, int):
            words.append(str(part))
            continue
        name = next((here[key] for key in ("id", "key") if isinstance(here, Mapping) and key in here), None)
        label = name if isinstance(name, str) else f"number {part + 1}"
        if depth == 1 and path[0] == "pages":
            page, words = label, []
        else:
            words.append(label)
    return page, ".".join(words)
