"""What the domain refuses with a sentence that may be shown, whatever was done."""

from moothall.core.lists.actions import TagRefused
from moothall.domain.cases import actions, clock, communications, confirming, progress, quality, requests, stepping
from moothall.domain.cases.checklists import CannotTick
from moothall.domain.cases.intending import IntentionRefused
from moothall.domain.cases.numbers import Hidden, TooManyRefused
from moothall.domain.cases.recipients import NoAlternativeContact
from moothall.domain.documents import actions as documents
from moothall.domain.exchange.actions import QueueRefusal
from moothall.domain.exchange.operations import SendError, UnknownOperation
from moothall.domain.messages.language import TemplateFault
from moothall.domain.messages.templates import NoSuchTemplate
from moothall.domain.opinions.rules import OpinionRefused
from moothall.domain.payments.actions import PaymentRefused
from moothall.domain.people.actions import NinoTaken
from moothall.domain.people.corrections import ChangedMeanwhile
from moothall.kit.invalid import Invalid

REFUSALS: tuple[type[Exception], ...] = (
    progress.AlreadyProgressed,
    progress.AlreadyProposed,
    progress.NotAllowed,
    progress.Refused,
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
    OpinionRefused,
    QueueRefusal,
    UnknownOperation,
    SendError,
    NinoTaken,
    ChangedMeanwhile,
    Hidden,
    TooManyRefused,
    TagRefused,
    Invalid,
)
