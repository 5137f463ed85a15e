"""Cases and the work on them."""

from moothall.domain.cases.models.batches import Batch, BatchLine
from moothall.domain.cases.models.case import Case, CaseQuerySet, Demand, Note, Submission, TimelineEntry
from moothall.domain.cases.models.intentions import Intention, IntentionQuerySet
from moothall.domain.cases.models.lines import NO_BAND, LineMark, NameChange, WorkLine, WorkLineQuerySet
from moothall.domain.cases.models.links import (
    CaseDocument,
    CaseMessage,
    CasePayment,
    Mention,
    NotDuplicate,
    RelatedCase,
)
from moothall.domain.cases.models.oversight import ChecklistTick, Proposal, QualityCheck
from moothall.domain.cases.models.requests import Request
from moothall.domain.cases.models.said import RunValue, RunWords
from moothall.domain.cases.models.work import Extension, Move, Pause, Run, WorkItem, WorkItemQuerySet

__all__ = [
    "NO_BAND",
    "Batch",
    "BatchLine",
    "Case",
    "CaseDocument",
    "CaseMessage",
    "CasePayment",
    "CaseQuerySet",
    "ChecklistTick",
    "Demand",
    "Extension",
    "Intention",
    "IntentionQuerySet",
    "LineMark",
    "Mention",
    "Move",
    "NameChange",
    "NotDuplicate",
    "Note",
    "Pause",
    "Proposal",
    "QualityCheck",
    "RelatedCase",
    "Request",
    "Run",
    "RunValue",
    "RunWords",
    "Submission",
    "TimelineEntry",
    "WorkItem",
    "WorkItemQuerySet",
    "WorkLine",
    "WorkLineQuerySet",
]
