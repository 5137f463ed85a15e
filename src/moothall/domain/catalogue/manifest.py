"""What a service folder declares, as frozen types.

A service folder holds `service.yaml` (this manifest), `workflows/*.yaml`, `lists/*.yaml`, `letters/*.html` and
`examples/*.yaml`. Keys inside a folder are local; the platform knows them as `<service>.<key>`.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool

from moothall.core.accounts.permissions import Permission
from moothall.domain.workflow.parts import Channel, DottedId, Id, Line, PlaceholderName, Prose, TemplateId


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CaseType(Part):
    """A kind of case, and the workflow that starts when one is opened (none: an officer starts one by hand)."""

    key: Id
    label: Line
    workflow: Id | None = None


class Choice(Part):
    key: Id
    label: Line


class TagDeclaration(Part):
    """A tag the service uses. A system tag is set by workflows and integrations, not freely (CT-51)."""

    key: Id
    label: Line
    applies_to: Literal["case", "customer", "document"] = "case"
    system: bool = False


class GroupDeclaration(Part):
    """A security group the service needs; made on install when it does not exist, and then the council's to change."""

    key: Id
    name: Line
    permissions: tuple[Permission, ...] = ()
    document_tags: tuple[Id, ...] = ()


class ArrivalMessage(Part):
    """A letter of the service, sent by every listed channel that reaches the customer."""

    template: Id
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]


class ArrivalSend(Part):
    """A message another system sends: its operation, the template's id there, and our placeholder for each of its own."""

    operation: DottedId
    template: TemplateId
    placeholders: dict[PlaceholderName, Id] = {}


class Arrival(Part):
    """What happens when a case of these types and sources is opened (CT-63): tags put on it, messages sent.

    No types, or no sources, means all of them.
    """

    types: tuple[Id, ...] = ()
    sources: tuple[Id, ...] = ()
    tags: tuple[Id, ...] = ()
    messages: tuple[ArrivalMessage, ...] = ()
    sends: tuple[ArrivalSend, ...] = ()


class Acknowledgement(Part):
    """A letter to whoever handed in an application that came through a connector, once by the first channel they have.

    No types, or no sources, means all of them. The first that fits a case is sent.
    """

    types: tuple[Id, ...] = ()
    sources: tuple[Id, ...] = ()
    template: Id
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]

    def fits(self, type: str, source: str) -> bool:
        """Whether cases of this type and source are acknowledged so."""
        return (not self.types or type in self.types) and (not self.sources or source in self.sources)


class OpinionQuestion(Part):
    """Something asked of whoever gives an opinion. A `choice` has choices."""

    id: Id
    label: Line
    type: Literal["text", "long_text", "yes_no", "choice"] = "long_text"
    hint: Prose | None = None
    required: StrictBool = False
    choices: tuple[Choice, ...] = ()


class OpinionKind(Part):
    """An opinion the service asks for (BEST-6): what is asked, which documents are shown, and for how long.

    `documents` are tags: documents that carry one are shown unless the officer says otherwise. `letter` begins the
    e-mail instead of our own words. The documents of the answer carry `tag`. `pauses` stops the clock meanwhile.
    """

    key: Id
    name: Line
    question: Prose | None = None
    letter: Id | None = None
    questions: Annotated[tuple[OpinionQuestion, ...], Field(max_length=20)] = ()
    recommendations: Annotated[tuple[Choice, ...], Field(max_length=10)] = ()
    documents: tuple[Id, ...] = ()
    days: Annotated[int, Field(ge=1, le=90)] = 14
    pauses: StrictBool = False
    tag: Id | None = None


def _way(text: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)+", text):
        raise ValueError(
            f"“{text[:40]}” is not the way to an answer: write its groups and its question, such as person/name."
        )
    return text


def _told_apart(questions: dict[str, str]) -> dict[str, str]:
    for question in questions.values():
        first, *others = [theirs for theirs, ours in questions.items() if ours == question]
        if others:
            raise ValueError(f"{first} and {others[0]} cannot both answer {question}: leave one of them out.")
    return questions


Way = Annotated[str, AfterValidator(_way)]


class CarryOver(Part):
    """What was given in one case and is good for the next (CT-7), and for how long: older things are offered as out of date.

    `answers_from`: of cases of other services, by their key, which of their answers answer which question here. It holds
    for what this service called otherwise before, too, under its own key.
    """

    answers_days: Annotated[int, Field(ge=0, le=36500)] = 3 * 366
    documents_days: Annotated[int, Field(ge=0, le=36500)] = 366
    answers_from: dict[Id, Annotated[dict[Way, Way], AfterValidator(_told_apart)]] = {}


class Issued(Part):
    """What a service issues in the end (a badge, a pass, a permit): it has a tab on its cases (CT-42).

    `tab` is its name, `heading` that of those the customer has had: their numbers are of the type `numbers` of the list of
    numbers of other systems. What was decided is the answers to the outcome that asks all `questions`.
    """

    tab: Line
    heading: Line
    numbers: Id
    questions: Annotated[tuple[Id, ...], Field(min_length=1, max_length=20)]


def _reference_prefix(text: str) -> str:
    if not re.fullmatch("[A-Z]{2,4}", text):
        raise ValueError(
            f"“{text[:20]}” is not a prefix of case references: use two to four capital letters, such as BB."
        )
    return text


class Manifest(Part):
    """service.yaml. `form_tag` is the tag of documents that are an application form filled in on paper or as a PDF."""

    key: Id
    name: Line
    prefix: Annotated[str, AfterValidator(_reference_prefix)]
    description: Prose | None = None
    case_types: Annotated[tuple[CaseType, ...], Field(min_length=1)]
    sources: Annotated[tuple[Choice, ...], Field(min_length=1)]
    tags: tuple[TagDeclaration, ...] = ()
    skills: tuple[Choice, ...] = ()  # that stages may ask for of those their work is shared out among
    groups: tuple[GroupDeclaration, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    by_hand: tuple[Id, ...] = ()  # letters officers may send by themselves although an outcome sends them
    opinions: tuple[OpinionKind, ...] = ()
    carry_over: CarryOver = CarryOver()
    form_tag: Id | None = None
    issued: Issued | None = None
    connectors: tuple[DottedId, ...] = ()


class ListItem(Part):
    """A value of a list; `text` is the paragraph a letter gains when it is chosen, `welsh` that of a Welsh letter."""

    key: Id
    label: Line
    text: Prose | None = None
    welsh: Prose | None = None
    retired: bool = False


class ListFile(Part):
    """lists/<key>.yaml."""

    name: Line
    values: Annotated[tuple[ListItem, ...], Field(min_length=1, max_length=1000)]
