"""API version 1: what it is made of, and how each refusal of the domain is answered."""

from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.core.accounts.absence import AbsenceRefused
from moothall.core.accounts.actions import AccountRefused
from moothall.core.accounts.tokens import TokenRefused
from moothall.core.lists.actions import TagRefused
from moothall.core.lists.changing import NoSuchValue
from moothall.domain.cases import (
    actions,
    assigning,
    checklists,
    clock,
    communications,
    confirming,
    handing,
    moves,
    numbers,
    progress,
    quality,
    requests,
    sharing,
)
from moothall.domain.cases.batches import LineTakesLong, TooMany
from moothall.domain.cases.intending import IntentionRefused
from moothall.domain.cases.recipients import NoAlternativeContact
from moothall.domain.documents import actions as documents
from moothall.domain.documents import scanning
from moothall.domain.exchange.actions import QueueRefusal
from moothall.domain.exchange.operations import UnknownOperation
from moothall.domain.messages import templates
from moothall.domain.messages.language import TemplateFault
from moothall.domain.messages.templates import NoSuchTemplate
from moothall.domain.opinions.rules import NotOpen, OpinionRefused
from moothall.domain.payments.actions import PaymentRefused
from moothall.domain.people.actions import NinoTaken
from moothall.domain.people.corrections import ChangedMeanwhile
from moothall.domain.people.flags import Ended
from moothall.domain.people.golden import changes, merging
from moothall.domain.people.importing.refusal import ImportRefused
from moothall.domain.people.references import ReferenceTaken
from moothall.domain.places.gazetteer.refusal import SupplyRefused
from moothall.kit.invalid import Invalid
from moothall.web.api import hidden, problems
from moothall.web.api.description import Description
from moothall.web.api.operations import Declared, Operations, declared
from moothall.web.api.routes import (
    absences,
    accounts,
    batches,
    case_money,
    case_parts,
    cases,
    checks,
    connectors,
    dashboards,
    earlier,
    followers,
    gazetteer,
    golden,
    heeded,
    imports,
    intentions,
    lists,
    maps,
    messages,
    national,
    notifications,
    opinions,
    people_search,
    person_changes,
    places,
    queue,
    reached,
    submissions,
    team,
    ties,
    tokens,
    versions,
    work,
    workflows,
)
from moothall.web.api.routes import documents as document_routes
from moothall.web.api.routes import templates as template_routes
from moothall.web.api.text import Renderer, StrictParser
from moothall.web.desk.dashboards import DashboardRefused

api = Description(
    title="Moothall",
    version="1",
    description="Cases, the work on them, people and the integration queue. Errors are application/problem+json.",
    urls_namespace="api",
    docs_url=None,
    parser=StrictParser(),
    renderer=Renderer(),
)
problems.register(api)

_REFUSALS: dict[type[Exception], tuple[int, str]] = {
    progress.AlreadyProgressed: (409, "already-progressed"),
    progress.AlreadyGoing: (409, "already-going"),
    progress.AlreadyProposed: (409, "already-proposed"),
    progress.NotAllowed: (403, "not-allowed"),
    confirming.CannotConfirm: (409, "cannot-confirm"),
    quality.CheckRefused: (409, "check-refused"),
    checklists.CannotTick: (409, "cannot-tick"),
    progress.Refused: (422, "refused"),
    assigning.CannotAssign: (409, "cannot-assign"),
    assigning.HeldByAnother: (409, "held-by-another"),
    clock.ClockRefused: (409, "clock-refused"),
    sharing.CannotShare: (409, "cannot-share"),
    handing.CannotHandOver: (409, "cannot-hand-over"),
    IntentionRefused: (409, "intention-refused"),
    DashboardRefused: (409, "dashboard-refused"),
    TooMany: (422, "too-many"),
    LineTakesLong: (409, "busy"),
    requests.RequestRefused: (409, "request-refused"),
    actions.CannotOpen: (422, "cannot-open"),
    actions.CannotChange: (422, "cannot-change"),
    communications.MessageRefused: (409, "message-refused"),
    NoAlternativeContact: (422, "no-alternative-contact"),
    NoSuchTemplate: (422, "no-such-template"),
    TemplateFault: (422, "template-fault"),
    moves.MoveRefused: (409, "move-refused"),
    NotOpen: (409, "opinion-ended"),
    OpinionRefused: (422, "opinion-refused"),
    documents.NotChecked: (503, "not-checked"),
    documents.Refused: (422, "document-refused"),
    documents.FileMissing: (503, "file-missing"),
    PaymentRefused: (422, "payment-refused"),
    QueueRefusal: (409, "queue-refused"),
    UnknownOperation: (409, "unknown-operation"),
    Ended: (409, "flag-ended"),
    NinoTaken: (409, "nino-taken"),
    numbers.TooManyRefused: (429, "too-many-refused"),
    ChangedMeanwhile: (409, "changed-meanwhile"),
    merging.Changed: (409, "changed-meanwhile"),
    merging.NotPossible: (409, "cannot-undo"),
    changes.TooOld: (410, "too-old"),
    ImportRefused: (409, "import-refused"),
    SupplyRefused: (422, "supply-refused"),
    scanning.Infected: (422, "document-refused"),
    scanning.NotScanned: (503, "not-checked"),
    ReferenceTaken: (409, "reference-taken"),
    NoSuchValue: (404, "not-found"),
    templates.ChangedMeanwhile: (409, "changed-meanwhile"),
    TagRefused: (422, "tag-refused"),
    NationalError: (502, "national-service"),
    TokenRefused: (422, "token-refused"),
    AbsenceRefused: (422, "absence-refused"),
    AccountRefused: (422, "account-refused"),
}
for refusal, (status, kind) in _REFUSALS.items():
    problems.refuse(api, refusal, status, kind)
problems.refuse_body(api, Invalid, "invalid")
api.add_exception_handler(hidden.Hidden, hidden.on_hidden)

ROUTERS: tuple[Operations, ...] = (
    tokens.router,
    accounts.router,
    cases.router,
    case_parts.router,
    case_money.router,
    earlier.router,
    messages.router,
    opinions.router,
    document_routes.router,
    work.router,
    intentions.router,
    batches.router,
    team.router,
    dashboards.router,
    checks.router,
    workflows.router,
    versions.router,
    people_search.router,
    person_changes.router,
    places.router,
    ties.router,
    golden.router,
    imports.router,
    followers.router,
    reached.router,
    heeded.router,
    lists.router,
    template_routes.router,
    absences.router,
    notifications.router,
    queue.router,
    connectors.router,
    submissions.router,
    national.router,
    gazetteer.router,
    maps.router,
)
for router in ROUTERS:
    api.add_router("", router)


def every_operation() -> list[Declared]:
    """All operations of the API, by section, in the order of their declarations."""
    return [operation for router in ROUTERS for operation in declared(router)]
