"""What is refused on a case with a sentence that may be shown, whatever was done and wherever: one case, or many at once."""

from moothall.core.lists.actions import TagRefused
from moothall.domain.cases import (
    actions,
    assigning,
    clock,
    communications,
    confirming,
    progress,
    quality,
    requests,
    stepping,
)
from moothall.domain.cases.checklists import CannotTick
from moothall.domain.cases.intending import IntentionRefused
from moothall.domain.cases.numbers import Hidden, TooManyRefused
from moothall.domain.cases.recipients import NoAlternativeContact
from moothall.domain.documents import actions as documents
from moothall.domain.messages.language import TemplateFault
from moothall.domain.messages.templates import NoSuchTemplate
from moothall.domain.payments.actions import PaymentRefused
from moothall.domain.people import flags
from moothall.domain.people.actions import NinoTaken
from moothall.domain.people.corrections import ChangedMeanwhile
from moothall.domain.people.references import ReferenceTaken
from moothall.kit.invalid import Invalid

_kinds: list[type[Exception]] = [
    progress.AlreadyGoing,
    progress.AlreadyProgressed,
    progress.AlreadyProposed,
    progress.NotAllowed,
    progress.Refused,
    assigning.CannotAssign,
    confirming.CannotConfirm,
    quality.CheckRefused,
    CannotTick,
    actions.CannotChange,
    clock.ClockRefused,
    requests.RequestRefused,
    stepping.StepRefused,
    IntentionRefused,
    communications.MessageRefused,
    NoAlternativeContact,
    NoSuchTemplate,
    TemplateFault,
    documents.Refused,
    PaymentRefused,
    TagRefused,
    Hidden,
    TooManyRefused,
    NinoTaken,
    ReferenceTaken,
    ChangedMeanwhile,
    flags.Ended,
    Invalid,
]


def add(*kinds: type[Exception]) -> None:
    """What else refuses something done with a case, with a sentence that may be shown. Called as the product starts."""
    _kinds.extend(kind for kind in kinds if kind not in _kinds)


def every() -> tuple[type[Exception], ...]:
    """All of them."""
    return tuple(_kinds)
