"""A Blue Badge case with two documents, and an occupational therapist outside who is asked about it."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.cache import cache
from tests.desk.conftest import at_desk, passwords_cost_little, sign_in_as  # noqa: F401
from tests.desk.council import offer_blue_badges, open_case
from tests.messages.conftest import mail_server  # noqa: F401

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council_settings
from moothall.core.council.settings import Council
from moothall.domain.cases import filing
from moothall.domain.cases.models import Case
from moothall.domain.documents.models import Document
from moothall.domain.opinions import asking, links
from moothall.domain.opinions.models import Opinion
from moothall.domain.opinions.rules import Opinions

Ask = Callable[..., Opinion]
THERAPIST = asking.Asked(name="Tara Therapist", organisation="Example Therapy", email="tara@therapy.example.org")


def pdf_bytes() -> bytes:
    content = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(content)
    return content.getvalue()


def address(opinion: Opinion, rest: str = "") -> str:
    """Where the link leads, as only the e-mail says."""
    opinion.refresh_from_db()
    return f"/opinion/{links.token(opinion.seed)}/{rest}"


@pytest.fixture(autouse=True)
def forgotten_links() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def council(example_council: Council, noon: datetime) -> None:
    """Says where links lead, and asks for no codes."""
    council_settings.write(Opinions(url="https://cases.council.example.org", codes=False), by=system_user(), at=noon)


@pytest.fixture
def case(blue_badge_offered: None, council: None, officer: User, noon: datetime) -> Case:
    service = offer_blue_badges(at=noon)
    return open_case(service, at=noon, by=officer)


@pytest.fixture
def report(case: Case, officer: User, noon: datetime) -> Document:
    """What whoever is asked may read."""
    return filing.add_document(
        case, name="report.pdf", content=pdf_bytes(), origin="officer", tags=["assessment"], by=officer, at=noon
    )


@pytest.fixture
def private_letter(case: Case, officer: User, noon: datetime) -> Document:
    """What nobody outside may read."""
    return filing.add_document(case, name="private.pdf", content=pdf_bytes(), origin="officer", by=officer, at=noon)


@pytest.fixture
def ask(case: Case, report: Document, officer: User, noon: datetime) -> Ask:
    """`ask(days=3)`: an opinion asked of the therapist, who may read the report."""

    def ask(of: asking.Asked = THERAPIST, *, at: datetime = noon, **question: Any) -> Opinion:
        given = {"text": "How does the applicant walk?", "documents": [report.pk], **question}
        return asking.ask(case, of, asking.Question(**given), by=officer, at=at)

    return ask
