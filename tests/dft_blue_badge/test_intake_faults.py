"""One application that is wrong in any way keeps no other from being taken in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from tests.dft_blue_badge.conftest import Post
from tests.sandbox.bodies import application

from moothall.connectors.dft_blue_badge import client, intake, making
from moothall.domain.cases.models import Case, Note, Submission
from moothall.domain.messages.models import TemplateVersion
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.usefixtures("service")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[dict[str, Any]], None]], None]:
    """`shown(change)`: the service shows every application changed by `change`."""

    def alter(change: Callable[[dict[str, Any]], None]) -> None:
        asked = client.Client.application

        def changed(self: client.Client, national_id: str) -> dict[str, Any]:
            raw = asked(self, national_id)
            change(raw)
            return raw

        monkeypatch.setattr(client.Client, "application", changed)

    return alter


@pytest.mark.parametrize(
    "link", ["https://[store/photo.jpg", "", "https://store.example/%00", "ftp://x", "https://xn--/"]
)
def test_a_link_that_is_no_web_address_is_a_note_and_the_case_is_opened(
    sandbox: Running, now: datetime, shown: Any, link: str
) -> None:
    sandbox.load_applications(2, la="ABERD")
    shown(lambda raw: raw.update(artifacts=[{"type": "PROOF_ID", "link": link}]))

    assert intake.poll(at=now).taken == 2
    assert Note.objects.filter(important=True, text__contains="given with the application is not here").count() == 2


def test_a_program_fault_while_one_is_fetched_is_said_on_it_and_the_others_are_taken(
    sandbox: Running, now: datetime, shown: Any
) -> None:
    ids = sandbox.load_applications(3, la="ABERD")

    def breaks(raw: dict[str, Any]) -> None:
        if raw["applicationId"] == ids[0]:
            raise ZeroDivisionError

    shown(breaks)
    with pytest.raises(ExceptionGroup):
        intake.poll(at=now)

    assert Case.objects.count() == 2
    assert "A fault in the program (ZeroDivisionError)" in Submission.objects.get(external_id=ids[0]).problem


def test_an_application_the_program_fails_at_is_given_up_after_some_polls_and_left_to_the_night(
    sandbox: Running, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.load_applications(1, la="ABERD")
    make_case, tried = making.make_case, []

    def fails(*args: Any, **given: Any) -> Case:
        tried.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(making, "make_case", fails)
    for _ in range(intake.MOST_TRIES):
        with pytest.raises(ExceptionGroup):
            intake.poll(at=now)
    intake.poll(at=now)

    assert len(tried) == intake.MOST_TRIES
    assert "each night" in Submission.objects.get().problem
    with pytest.raises(ExceptionGroup):
        intake.retry_failed(at=now)
    monkeypatch.setattr(making, "make_case", make_case)
    assert intake.retry_failed(at=now) == 1


def test_an_acknowledgement_that_cannot_be_written_is_a_note_and_the_case_is_opened(apply: Post, now: datetime) -> None:
    version = TemplateVersion.objects.get(template__key__endswith="acknowledgement")
    version.pk, version.number, version.body = None, version.number + 1, "<p>{{ no.such.thing }}</p>"
    version.save(force_insert=True)
    apply(application())

    assert intake.poll(at=now).taken == 1
    assert "was not told that we have the application" in Note.objects.get(important=True).text
