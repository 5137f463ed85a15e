"""The national service asked through the API, against the sandboxed one."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pydantic import SecretStr
from tests.api.world import World, sign_in
from tests.dft_blue_badge.conftest import national, now, running, sandbox, service  # noqa: F401
from tests.sandbox.bodies import order

from moothall.connectors.dft_blue_badge import KEY, client
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.core.council import settings as council
from moothall.domain.cases.models import Case
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.exchange.actions.connectors import ensure_connector
from moothall.domain.exchange.models import Lookup
from moothall.domain.people.models import ExternalReference
from moothall.sandbox.testing import Running

MakeUser = Callable[..., User]


@pytest.mark.usefixtures("national")
def test_badges_are_searched_and_the_answer_is_kept_until_refreshed(officer: User) -> None:
    badge = client.current().order(order())[0][0]
    caller = sign_in(officer)
    first = caller.post("/national-badges/search", {"number": badge})
    assert first.status_code == 200, first.content
    assert [row["badgeNumber"] for row in first.json()["badges"]] == [badge]

    again = caller.post("/national-badges/search", {"number": badge})
    assert again.json()["asked_at"] == first.json()["asked_at"]
    fresh = caller.post("/national-badges/search", {"number": badge, "refresh": True})
    assert fresh.json()["asked_at"] > first.json()["asked_at"]
    assert badge not in str(list(Access.objects.values("detail")))


def test_the_connection_is_tested_and_says_whether_it_answers_and_a_connector_without_a_test_says_so(
    national: NationalService,  # noqa: F811
    officer: User,
    administrator: User,
) -> None:
    caller = sign_in(administrator)
    path, _ = (f"/connectors/{ensure_connector(key).key}/test" for key in (KEY, "press"))
    said = caller.post(path).json()
    assert said["works"] is True
    assert said["sentences"][0].startswith("The national service answers")

    council.write(
        national.model_copy(update={"client_secret": SecretStr("wrong")}), by=administrator, at=timezone.now()
    )
    client.forget()
    assert caller.post(path).json()["works"] is False
    assert caller.post("/connectors/press/test").json()["type"].endswith("not-tested")
    assert sign_in(officer).post(path).status_code == 403


@pytest.mark.usefixtures("national")
def test_a_badge_taken_over_twice_is_one_case(service: Service, officer: User) -> None:  # noqa: F811
    badge = client.current().order(order())[0][0]
    assert service.current_id
    caller = sign_in(officer)
    answers = [
        caller.post(
            "/national-badges/import",
            {"number": badge, "source": catalogue.manifest(service.current_id).sources[0].key},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201], answers[0].content
    assert (
        answers[0].json()["reference"] == answers[1].json()["reference"] == Case.objects.get(service=service).reference
    )


def test_a_badge_is_refreshed_on_demand_with_its_status_and_when_that_was(
    running: Running,  # noqa: F811
    national: NationalService,  # noqa: F811
    service: Service,  # noqa: F811
    officer: User,
) -> None:
    badge = client.current().order(order())[0][0]
    assert service.current_id
    caller = sign_in(officer)
    source = catalogue.manifest(service.current_id).sources[0].key
    caller.post("/national-badges/import", {"number": badge, "source": source})
    running.control("POST", "/reset", {"presets": False})
    running.control("POST", "/seed", {"badges": [{"number": badge, "status": "ISSUED"}]})
    assert ExternalReference.objects.get(number=badge).status == "ordered"

    answer = caller.post("/national-badges/refresh", {"number": badge.lower()})

    assert answer.status_code == 200, answer.content
    assert answer.json()["badge"]["statusCode"] == "ISSUED"
    assert answer.json()["refreshed_at"] == Lookup.objects.latest("pk").at.isoformat().replace("+00:00", "Z")
    assert answer.json()["refreshed_by"]["name"] == officer.full_name
    assert ExternalReference.objects.get(number=badge).status == "issued"
    assert caller.post("/national-badges/refresh", {"number": "ZZZZZZ"}).status_code == 422


@pytest.mark.usefixtures("national")
def test_a_badge_that_is_not_there_and_a_search_for_nothing_are_told_in_words(officer: User) -> None:
    caller = sign_in(officer)
    assert caller.post("/national-badges/search", {}).status_code == 422
    missing = caller.post("/national-badges/import", {"number": "ZZZZZZ", "source": "online"})
    assert missing.status_code == 422
    assert missing.json()["detail"].endswith(".")


def test_without_a_connection_the_answer_says_so(officer: User) -> None:
    answer = sign_in(officer).post("/national-badges/search", {"name": "Example"})
    assert answer.status_code == 502
    assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize(
    ("permissions", "services"),
    [
        ([Permission.API, Permission.SEARCH_NATIONALLY], ["blue_badge"]),
        ([Permission.API, Permission.SEARCH_NATIONALLY, Permission.OPEN_CASES], ["bins"]),
    ],
)
def test_a_badge_is_taken_over_only_by_who_may_open_such_a_case(
    make_user: MakeUser, permissions: list[Permission], services: list[str]
) -> None:
    caller = sign_in(make_user("Sam Searcher", "searchers", permissions=permissions, services=services))
    assert caller.post("/national-badges/import", {"number": "ABCDEF", "source": "online"}).status_code == 403


def test_an_answer_is_not_kept_with_a_case_the_asker_may_not_see(world: World) -> None:
    body = {"name": "Example", "case": world.case("bins").reference}
    assert world.clients["officer"].post("/national-badges/search", body).status_code == 404


@pytest.mark.usefixtures("national")
def test_no_transaction_waits_for_the_national_service(officer: User) -> None:
    caller = sign_in(officer)
    with CaptureQueriesContext(connection) as captured:
        body = {"number": "ZZZZZZ", "source": "online"}
        assert caller.post("/national-badges/import", body, key="never-begun").status_code == 422
    assert not [query for query in captured if "SAVEPOINT" in query["sql"]]


def test_a_badge_taken_over_is_answered_again_without_asking_the_national_service(
    running: Running,  # noqa: F811
    national: NationalService,  # noqa: F811
    service: Service,  # noqa: F811
    officer: User,
) -> None:
    badge = client.current().order(order())[0][0]
    assert service.current_id
    caller = sign_in(officer)
    body = {"number": badge, "source": catalogue.manifest(service.current_id).sources[0].key}
    first = caller.post("/national-badges/import", body, key="take-over")
    running.control("POST", "/reset", {"presets": False})  # the badge is not there any more
    again = caller.post("/national-badges/import", body, key="take-over")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
