"""Somebody calling the API."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client


class ApiClient:
    """Calls the API as one user, in JSON."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> Any:
        answer: Any = self.client.get(f"/api/v1{path}", query, headers=self.headers)
        answer.whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return answer

    def send(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        sent = {**self.headers, **headers, **({"Idempotency-Key": key} if key else {})}
        content = {} if body is None else {"data": body, "content_type": "application/json"}
        return self.client.generic(method, f"/api/v1{path}", headers=sent, **_encoded(content))

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        return self.send("POST", path, body, key=key, **headers)

    def put(self, path: str, body: Any = None, *, key: str = "") -> Any:
        return self.send("PUT", path, body, key=key)

    def patch(self, path: str, body: Any = None, *, key: str = "") -> Any:
        return self.send("PATCH", path, body, key=key)

    def delete(self, path: str, body: Any = None, *, key: str = "") -> Any:
        return self.send("DELETE", path, body, key=key)

    def upload(self, path: str, *, key: str = "", **fields: Any) -> Any:
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        if "file" in fields:
            fields["file"] = SimpleUploadedFile(*fields["file"])
        return self.client.post(f"/api/v1{path}", fields, headers=headers)


def _encoded(content: dict[str, Any]) -> dict[str, Any]:
    if content and not isinstance(content["data"], str | bytes):
        content["data"] = json.dumps(content["data"])
    return content
