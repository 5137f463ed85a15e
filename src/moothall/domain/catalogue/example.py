"""Examples: stories of a case, kept beside the workflows they are about, that are played as tests.

`examples/<key>.yaml`::

    name: Nothing is missing, and the badge is ordered
    by: blue_badge_officers
    case: {type: new, source: online}
    documents: {photo: [photograph]}
    steps:
      - {at: initial_checks, choose: desktop_screening, now: desktop_screening}
      - {at: desktop_screening, choose: eligible, now: badge_details}
      - {at: badge_details, choose: confirm, answers: {eligibility: pip}, refused: “Photograph” needs an answer}

A step is one thing that happens, and what should come of it.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from moothall.domain.catalogue.manifest import Part
from moothall.domain.workflow.parts import DottedId, Id, Line

Place = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")]
"""A stage, or `<workflow>.<stage>` where two workflows of the case have a stage of the same name."""

EVENTS = ("choose", "start", "days", "pay", "tag", "document", "reply", "applicant_answers")


class ExampleCase(Part):
    """The case an example is about. With `workflow`, that one is started by hand instead of the one of its type."""

    type: Id
    source: Id
    tags: tuple[Id, ...] = ()
    customer: Literal["person", "organisation"] = "person"
    born: date = date(1950, 3, 4)
    language: Literal["en", "cy"] = "en"
    workflow: Id | None = None


class ExampleReply(Part):
    """How the newest call of an operation ended. `result` is what the other system answered, in the connector's words."""

    operation: DottedId
    status: Literal["done", "error"] = "done"
    result: dict[str, Any] = {}


class ExamplePayment(Part):
    """A payment received on the case."""

    pence: Annotated[int, Field(gt=0, le=100_000_000)]
    method: Literal["online", "card", "cash", "cheque", "bank"]


class ExampleTags(Part):
    """Tags put on the case and taken off by hand or by another system."""

    set: tuple[Id, ...] = ()
    remove: tuple[Id, ...] = ()


class Step(Part):
    """One thing that happens (exactly one of EVENTS), and what should come of it.

    `at` is the stage where an outcome is chosen. Answers that are names of the example's documents stand for them.
    `refused` are words of the refusal, after which all is as it was. `now` are the stages where the case then waits,
    `ended` how the workflow acted on ended and `closed` how the case closed; `letters` are the templates of all
    messages written in this step and `saying` words in them; `queued` the operations put on the integration queue;
    `intentions` are the texts of all things to do that were added in this step;
    `tagged` and `untagged` tags the case has and has not.
    """

    by: Id | None = None
    at: Place | None = None
    choose: Id | None = None
    answers: dict[Id, Any] = {}
    note: str = ""
    start: Id | None = None
    days: Annotated[int, Field(ge=1, le=400)] | None = None
    pay: ExamplePayment | None = None
    tag: ExampleTags | None = None
    document: dict[Id, tuple[Id, ...]] | None = None
    reply: ExampleReply | None = None
    applicant_answers: Line | None = None

    refused: Line | tuple[Line, ...] = ()
    now: Place | tuple[Place, ...] | None = None
    ended: Id | None = None
    closed: Id | None = None
    letters: tuple[Id, ...] | None = None
    saying: tuple[Line, ...] = ()
    queued: tuple[DottedId, ...] | None = None
    intentions: tuple[Line, ...] | None = None
    tagged: tuple[Id, ...] = ()
    untagged: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _one_event(self) -> Self:
        happening = [event for event in EVENTS if getattr(self, event) is not None]
        if len(happening) != 1:
            raise ValueError(f"A step is one of {', '.join(EVENTS)}; this one is {' and '.join(happening) or 'none'}.")
        if (self.choose is None) != (self.at is None):
            raise ValueError("Where an outcome is chosen, say at which stage (at), and only there.")
        return self

    @property
    def event(self) -> str:
        """What happens, as one of EVENTS."""
        return next(event for event in EVENTS if getattr(self, event) is not None)


class Example(Part):
    """examples/<key>.yaml. `by` is the group of whoever acts unless a step names another.

    `letters` are the templates of all messages written as the case is opened.
    """

    name: Line
    by: Id
    case: ExampleCase
    opened: AwareDatetime = datetime.fromisoformat("2026-03-03T09:00:00+00:00")
    documents: dict[Id, tuple[Id, ...]] = {}
    letters: tuple[Id, ...] | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
