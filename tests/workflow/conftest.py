"""A made-up parking permit workflow of Exampleton Council, the words it may use, and a case to try it on."""

import datetime as dt
from pathlib import Path

import pytest

from moothall.domain.workflow.definition import Workflow, parse
from moothall.domain.workflow.facts import CaseFacts, CustomerFacts, DocumentFacts, Facts, ListValues
from moothall.domain.workflow.vocabulary import Vocabulary

SAMPLE = Path(__file__).with_name("parking_permit.yaml")
MONDAY = dt.date(2026, 3, 2)

LISTS = {
    "missing_items": frozenset({"proof_of_address", "photograph"}),
    "refusal_reasons": frozenset({"not_resident", "other"}),
    "deliver_to": frozenset({"home", "office"}),
}


@pytest.fixture
def sample_text() -> str:
    return SAMPLE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def workflow() -> Workflow:
    return parse(SAMPLE.read_bytes(), file="parking_permit.yaml")


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(
        groups=frozenset({"permit_officers", "permit_viewers", "permit_managers"}),
        tags=frozenset({"checked", "paid", "refused"}),
        document_tags=frozenset({"proof_of_address", "photograph", "permit_photograph"}),
        lists=LISTS,
        letters=frozenset({"out_of_area", "missing_information", "refusal"}),
        hooks=frozenset({"permits.clear_order"}),
        operations=frozenset({"permits.order"}),
        workflows=frozenset({"appeal"}),
    )


@pytest.fixture
def facts() -> Facts:
    """Mr Example's application on the Monday after it arrived: two documents, nothing paid, checked."""
    return Facts(
        today=MONDAY,
        case=CaseFacts(
            type="new", source="online", reference="EX-0001", service="parking", opened_on=dt.date(2026, 2, 27)
        ),
        customer=CustomerFacts(born=dt.date(1960, 3, 3)),
        tags=frozenset({"checked"}),
        documents=(
            DocumentFacts("bill", tags=frozenset({"proof_of_address"})),
            DocumentFacts("face", tags=frozenset({"photograph"})),
        ),
        lists={
            key: ListValues(values, retired=frozenset({"fax"} if key == "deliver_to" else ()))
            for key, values in LISTS.items()
        },
    )
