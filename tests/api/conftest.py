from typing import Any

from django.test import Client
from django.utils import timezone

from moothall.core.accounts import tokens
from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission

PASSWORD = "a long enough passphrase"


class ApiClient:
    """Calls the API as one user, in JSON."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query, headers=self.headers)

    def send(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        sent = {**self.headers, **headers, **({"Idempotency-Key": key} if key else {})}
        content = {} if body is None else {"data": body, "content_type": "application/json"}
        return self.client.generic(method, f"/api/v1{path}", headers=sent, **_encoded(content))

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        return self.send("POST", path, body, key=key, **headers)

    def put(self, path: str, body: Any = None, *, key: str = "") -> Any:
        return self.send("PUT", path, body, key=key)

    def delete(self, path: str, body: Any = None, *, key: str = "") -> Any:
        return self.send("DELETE", path, body, key=key)

    def upload(self, path: str, *, key: str = "", **fields: Any) -> Any:
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        return self.client.post(f"/api/v1{path}", fields, headers=headers)


def _encoded(content: dict[str, Any]) -> dict[str, Any]:
    import json

    if content and not isinstance(content["data"], str | bytes):
        content["data"] = json.dumps(content["data"])
    return content


def sign_in(user: User) -> ApiClient:
    _, token = tokens.issue(user, name="test", days=30, by=user, at=timezone.now())
    return ApiClient(token)


def make_user(
    name: str,
    *permissions: Permission,
    services: tuple[str, ...] = (),
    document_tags: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
) -> User:
    """A user called `name` in a group of the same name, and in `groups`, which are made when unknown."""
    user = User.objects.create_user(f"{name}@example.org", full_name=name.replace("_", " ").title())
    own, _ = SecurityGroup.objects.get_or_create(
        key=name,
        defaults={
            "name": name,
            "permissions": [Permission.API, *permissions],
            "services": list(services),
            "document_tags": list(document_tags),
        },
    )
    user.groups.add(own, *(SecurityGroup.objects.get_or_create(key=key, defaults={"name": key})[0] for key in groups))
    return user
