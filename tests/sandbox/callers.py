"""Systems that call the national service over HTTP."""

from dataclasses import dataclass, field
from typing import Any

import httpx

VERSION = "application/vnd.bluebadge-api.v1+json, application/json"


@dataclass
class Caller:
    """A system that calls the national service over HTTP."""

    base_url: str
    credentials: tuple[str, str]
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.base_url, headers={"Accept": VERSION}, timeout=10)
        self.http.headers["Authorization"] = f"Bearer {self.token()}"

    def token(self) -> str:
        given = self.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=self.credentials)
        token: str = given.raise_for_status().json()["access_token"]
        return token

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.http.request(method, path, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return self.call("POST", path, json=body, **options)


def keys_of(response: httpx.Response) -> set[str]:
    """The error keys of an answer, whole-request key and field keys alike."""
    error = response.json()["error"]
    if error is None:
        return set()
    keys = {entry["message"] for entry in error["errors"] or ()}
    return keys | ({error["message"]} if error["message"] else set())
