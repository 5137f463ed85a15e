"""The small parts a form is made of: texts in two languages, types of question, choices, checks."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, StrictBool, model_serializer, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from moothall.domain.workflow.parts import Condition, Id, Line, Part, Prose

Language = Literal["en", "cy"]
AskedOf = Literal["everyone", "officers", "citizens"]
QuestionType = Literal[
    "text", "long_text", "number", "money", "date", "yes_no", "choice", "choices", "email", "phone", "nino", "address",
    "bank", "vehicle", "map_pin", "upload", "declaration", "signature", "group", "guidance",
]  # fmt: skip
CHOOSING = frozenset({"choice", "choices"})
PARTS_OF: Mapping[str, tuple[str, ...]] = {
    "address": ("uprn", "line1", "line2", "town", "postcode"),
    "bank": ("name", "sort_code", "account_number"),
    "vehicle": ("registration",),
    "map_pin": ("latitude", "longitude", "words"),
    "signature": ("name", "agreed"),
}
"""The types whose answer is a set of keys, and those keys."""

LATER = "later"
"""The answer to an upload that is sent after the form."""

FACTS: Mapping[str, frozenset[str]] = {
    "person.title": frozenset({"text", "choice"}),
    "person.first_names": frozenset({"text"}),
    "person.last_name": frozenset({"text"}),
    "person.date_of_birth": frozenset({"date"}),
    "person.gender": frozenset({"choice"}),
    "person.nino": frozenset({"nino"}),
    "person.name_at_birth": frozenset({"text"}),
    "person.address": frozenset({"address"}),
    "contact.email": frozenset({"email"}),
    "contact.phone": frozenset({"phone"}),
    "contact.name": frozenset({"text"}),
    "organisation.name": frozenset({"text"}),
    "organisation.charity_number": frozenset({"text"}),
    "place.address": frozenset({"address"}),
}
"""What an answer may say about the customer or the place of the case, and the types of question that can.

`contact.name` is whose the contact details are, where a form is sent for somebody else.
"""


class _InLanguages(Part):
    """A text in English and, if given, in Welsh. English alone is written as a text."""

    @model_validator(mode="before")
    @classmethod
    def _english_alone(cls, value: Any) -> Any:
        return {"en": value} if isinstance(value, str) else value

    @model_serializer
    def _plainly(self) -> Any:
        en, cy = self.en, self.cy  # type: ignore[attr-defined]
        return en if cy is None else {"en": en, "cy": cy}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        languages = {"type": "object", "required": ["en"], "additionalProperties": False}
        text = {"type": "string", "minLength": 1}
        del schema, handler
        return {"anyOf": [text, {**languages, "properties": {"en": text, "cy": text}}]}

    def of(self, language: str) -> str:
        """The text in a language; in English where it has none."""
        return str(getattr(self, "cy" if language == "cy" else "en") or self.en)  # type: ignore[attr-defined]


class Words(_InLanguages):
    """A line of text."""

    en: Line
    cy: Line | None = None


class Passage(_InLanguages):
    """One or more paragraphs, divided by empty lines; a line that begins with `- ` is an item of a list."""

    en: Prose
    cy: Prose | None = None


class Option(Part):
    """Something that can be chosen."""

    key: Id
    label: Words
    hint: Words | None = None


class Check(Part):
    """What an answer must fulfil, and the sentence when it does not. A rule that gives null (an answer not given) holds."""

    rule: Condition
    message: Words


class Messages(Part):
    """A question's own sentences, instead of ours."""

    required: Words | None = None
    invalid: Words | None = None


class LookUp(Part):
    """A named look-up of the council's, asked as the page of the question is shown or saved (FRM-6).

    `given` are the answers it is sent, under its own names. It `fills` the answer, offers `options`, or makes a `check`.
    """

    name: Id
    does: Literal["fills", "options", "check"] = "fills"
    given: dict[Id, Condition] = {}


class Availability(Part):
    """How many submissions are taken, and whether more may wait (BEST-52)."""

    most: Annotated[int, Field(ge=1, le=10_000_000)]
    per: Literal["form", "day"] = "form"
    waiting_list: StrictBool = False
