"""Applications no case could be made of are seen and tried again through the API."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.utils import timezone
from tests.api.conftest import make_user
from tests.api.world import World, sign_in
from tests.dft_blue_badge.conftest import apply, citizens, national, now, running, sandbox, service  # noqa: F401
from tests.sandbox.bodies import application

from moothall.connectors.dft_blue_badge import client, intake
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Entry
from moothall.domain.cases import submissions
from moothall.domain.cases.actions import CannotOpen
from moothall.domain.cases.models import Case, Submission
from moothall.domain.catalogue.models import Service

PROBLEM = "There is no place like this."


def refuse(submission: Submission, *, by: User, at: datetime) -> Case:
    raise CannotOpen(PROBLEM)


@pytest.fixture
def failed(world: World) -> Submission:
    """One of a source of its own, which failed; beside one that waits to be tried."""
    at, by = timezone.now(), world.users["manager"]
    one, _ = submissions.receive(source="kiosk", external_id="K-1", raw={"surname": "Quillfeather"}, at=at)
    submissions.receive(source="kiosk", external_id="K-2", raw={}, at=at)
    return submissions.take(one, by=by, at=at, maker=refuse)


@pytest.fixture
def kiosk(world: World) -> Callable[[], None]:
    """Call it to put right what was wrong."""

    def put_right() -> None:
        submissions.source("kiosk")(lambda _submission, *, by, at: world.case())

    submissions.source("kiosk")(refuse)
    return put_right


def test_what_failed_is_listed_with_its_problem_and_nothing_the_applicant_said(
    world: World, failed: Submission
) -> None:
    answer = world.clients["manager"].get("/submissions/failed")
    assert [(row["external_id"], row["problem"], row["case"]) for row in answer.json()["items"]] == [
        ("K-1", PROBLEM, None)
    ]
    assert "Quillfeather" not in answer.content.decode()
    assert world.clients["manager"].get("/submissions/failed", source="post").json()["total"] == 0


def test_it_is_neither_shown_to_nor_retried_by_whoever_may_not(world: World, failed: Submission) -> None:
    bins = sign_in(make_user("bins", Permission.MANAGE_QUEUE, services=("bins",)))
    assert bins.get("/submissions/failed").json()["items"] == []
    assert bins.post(f"/submissions/{failed.pk}/retry").status_code == 404
    assert world.clients["viewer"].get("/submissions/failed").status_code == 403
    assert world.clients["viewer"].post(f"/submissions/{failed.pk}/retry").status_code == 403


def test_one_tried_again_becomes_a_case_once_what_was_wrong_is_right(
    world: World, failed: Submission, kiosk: Callable[[], None]
) -> None:
    manager = world.clients["manager"]
    assert manager.post(f"/submissions/{failed.pk}/retry").json()["problem"] == PROBLEM
    kiosk()
    made = manager.post(f"/submissions/{failed.pk}/retry").json()
    assert (made["problem"], made["case"]) == ("", world.case().reference)
    assert manager.post(f"/submissions/{failed.pk}/retry").json() == made
    assert manager.get("/submissions/failed").json()["items"] == []
    assert Entry.objects.filter(action="submission.failed", subject_id=failed.pk).count() == 2
    submissions.forget("kiosk")


def test_one_that_waits_to_be_tried_is_not_found(world: World, failed: Submission) -> None:
    waiting = Submission.objects.get(external_id="K-2")
    assert world.clients["manager"].post(f"/submissions/{waiting.pk}/retry").status_code == 404


def test_a_national_application_is_fetched_anew_by_whoever_reaches_its_service(
    service: Service,  # noqa: F811
    apply: Callable[..., str],  # noqa: F811
    now: datetime,  # noqa: F811
) -> None:
    raw = client.current().application(apply(application()))
    assert intake.take({**raw, "party": None}, at=now) is None
    officer = sign_in(make_user("queue", Permission.MANAGE_QUEUE, Permission.VIEW_CASES, services=(service.key,)))
    [row] = officer.get("/submissions/failed").json()["items"]
    made = officer.post(f"/submissions/{row['id']}/retry")
    assert made.json()["case"] == Case.objects.get(service=service).reference
    assert Case.objects.get(service=service).submission.raw["party"] == raw["party"]


def test_how_many_wait_and_how_many_failed_is_counted(failed: Submission) -> None:
    assert submissions.unmade() == {"waiting": 1, "failed": 1}
