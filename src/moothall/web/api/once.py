"""A write with an `Idempotency-Key` has its effect once, however often it is sent.

The record of the answer is written in the transaction of the effect, so there is never one without the other. A second
request with the key waits for the first at the unique constraint: it then gets the first one's answer, or, when the
first was undone, runs itself. When it waits too long it is told 409.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from pydantic import BaseModel

from moothall.web.api.models import StoredAnswer, claim
from moothall.web.api.problems import Problem
from moothall.web.api.request import ApiRequest
from moothall.web.api.text import unusable

HEADER = "Idempotency-Key"


def answer_once(request: ApiRequest, run: Callable[[], BaseModel | None], *, status: int) -> HttpResponse:
    """Run a write in one transaction and answer it; with a key, answer as before when it ran before."""
    key = request.headers.get(HEADER, "")
    if not key:
        with transaction.atomic():
            return respond(plain(run()), status)
    if len(key) > 200 or unusable(key) or not key.isprintable():
        raise Problem(400, f"{HEADER} is up to 200 printable characters.")
    digest = _digest(request)
    with transaction.atomic():
        claimed = claim(user=request.auth.pk, key=key, digest=digest, at=request.now)
        if claimed is None:
            return _again(StoredAnswer.objects.get(user=request.auth, key=key), digest)
        body = plain(run())
        StoredAnswer.objects.filter(pk=claimed).update(status=status, body=body)
        return respond(body, status)


def answer_kept(request: ApiRequest) -> HttpResponse | None:
    """The answer a write with this key was given before, if it was."""
    key = request.headers.get(HEADER, "")
    if not key or unusable(key):
        return None
    kept = StoredAnswer.objects.filter(user=request.auth, key=key).first()
    return _again(kept, _digest(request)) if kept else None


def _again(kept: StoredAnswer, digest: str) -> HttpResponse:
    if kept.request_digest != digest:
        raise Problem(422, f"This {HEADER} was used for another request. Use a new key.", kind="idempotency-key-reused")
    response = respond(kept.body, kept.status or 200)
    response["Idempotency-Replayed"] = "true"
    return response


def plain(answer: BaseModel | None) -> Any:
    """A schema as JSON-ready data."""
    return None if answer is None else answer.model_dump(mode="json")


def respond(body: Any, status: int) -> HttpResponse:
    """An answer in JSON, or an empty one."""
    return HttpResponse(status=status) if body is None else JsonResponse(body, status=status)


def _digest(request: HttpRequest) -> str:
    """Of what was asked. The parts of a form, not its bytes: its boundary differs each time it is sent."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == "multipart/form-data":
        for name, values in sorted(request.POST.lists()):
            digest.update(repr((name, values)).encode("utf-8", "surrogateescape"))
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                digest.update(repr((name, file.name)).encode("utf-8", "surrogateescape"))
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()
