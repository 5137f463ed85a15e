import json
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.api.client import ApiClient
from tests.api.conftest import PASSWORD, make_user
from tests.api.world import sign_in

from moothall.core.accounts import tokens
from moothall.core.accounts.models import ApiToken, User
from moothall.core.accounts.permissions import Permission


@pytest.fixture
def officer(db: None) -> User:
    user = make_user("olive", Permission.VIEW_CASES, services=("parking",))
    user.set_password(PASSWORD)
    user.save()
    return user


def test_signing_in_gives_a_token_that_says_who_one_is(officer: User) -> None:
    answer = ApiClient().post("/tokens", {"email": "Olive@example.org", "password": PASSWORD})
    assert answer.status_code == 201

    me = ApiClient(answer.json()["token"]).get("/me").json()
    assert me["email"] == "olive@example.org"
    assert me["permissions"] == ["application.api", "case.view"]
    group = {"key": "olive", "name": "olive", "services": ["parking"], "document_tags": []}
    assert me["groups"] == [group | {"permissions": [Permission.API, Permission.VIEW_CASES]}]
    assert me["services"] == ["parking"]


def test_unknown_user_and_wrong_password_get_the_same_answer(officer: User) -> None:
    answers = [
        ApiClient().post("/tokens", {"email": email, "password": "not it"})
        for email in ("olive@example.org", "nobody@example.org")
    ]
    said = [{**answer.json(), "instance": ""} for answer in answers]
    assert said[0] == said[1]
    assert {answer.status_code for answer in answers} == {401}


def test_the_eleventh_failure_is_answered_429_with_when_to_come_back(officer: User) -> None:
    for _ in range(10):
        assert ApiClient().post("/tokens", {"email": "olive@example.org", "password": "no"}).status_code == 401
    answer = ApiClient().post("/tokens", {"email": "olive@example.org", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 901


def test_a_user_without_the_permission_gets_no_token(officer: User) -> None:
    officer.groups.all()[0].delete()
    answer = ApiClient().post("/tokens", {"email": "olive@example.org", "password": PASSWORD})
    assert answer.status_code == 403
    assert not ApiToken.objects.filter(user=officer).exists()


def test_a_user_sees_and_ends_only_their_own_tokens(officer: User) -> None:
    mine, theirs = sign_in(officer), sign_in(make_user("peter"))
    other = ApiToken.objects.get(user__email="peter@example.org")
    listed = mine.get("/tokens").json()

    assert [row["id"] for row in listed] == [ApiToken.objects.get(user=officer).pk]
    assert "digest" not in listed[0]
    assert mine.delete(f"/tokens/{other.pk}").status_code == 404
    assert theirs.get("/me").status_code == 200
    assert mine.delete(f"/tokens/{listed[0]['id']}").status_code == 204
    assert mine.get("/me").status_code == 401


@pytest.mark.parametrize("state", ["expired", "revoked", "inactive", "unknown", "missing", "basic"])
def test_a_token_that_is_no_longer_good_is_answered_401(officer: User, state: str) -> None:
    now = timezone.now()
    at = now - timedelta(days=3) if state == "expired" else now
    row, token = tokens.issue(officer, name="old", days=2, by=officer, at=at)
    if state == "revoked":
        tokens.revoke(row, by=officer, at=now)
    if state == "inactive":
        User.objects.filter(pk=officer.pk).update(is_active=False)
    client = ApiClient({"unknown": token + "x", "missing": ""}.get(state, token))
    if state == "basic":
        client.headers = {"Authorization": f"Basic {token}"}

    answer = client.get("/me")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == "application/problem+json"
    assert token not in answer.content.decode()


def test_a_problem_has_type_title_status_detail_instance_and_errors(officer: User) -> None:
    answer = ApiClient().post("/tokens", {"email": "x", "days": 0, "extra": 1})
    problem = answer.json()

    assert answer.status_code == problem["status"] == 422
    assert set(problem) == {"type", "title", "status", "detail", "instance", "errors"}
    assert {error["field"] for error in problem["errors"]} == {
        "body.password", "body.days", "body.extra",
    }  # fmt: skip
    assert all(error["sentence"].endswith(".") for error in problem["errors"])
    assert problem["instance"] == f"urn:uuid:{answer['X-Request-ID']}"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ('{"email": NaN}', "application/json", 400),
        ('{"email": "a", "email": "b"}', "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        ("[]", "application/json", 422),
        (json.dumps({"email": "a\x00b", "password": "x"}), "application/json", 422),
        ('{"email": "\\ud800", "password": "x"}', "application/json", 422),
        ("email=a", "application/x-www-form-urlencoded", 415),
        (" " * (1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_with_its_status(
    db: None, body: str, content_type: str, status: int
) -> None:
    answer = ApiClient().client.post("/api/v1/tokens", body, content_type=content_type)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_unknown_addresses_and_wrong_methods_are_problems_too(db: None) -> None:
    missing, wrong = ApiClient().get("/nothing"), ApiClient().send("PATCH", "/tokens", {})
    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert missing["Content-Type"] == wrong["Content-Type"] == "application/problem+json"
    assert {method.strip() for method in wrong["Allow"].split(",")} >= {"GET", "POST"}


def test_answers_are_never_cached(officer: User) -> None:
    assert sign_in(officer).get("/me")["Cache-Control"] == "no-store"
