"""Is it alive, is it ready, and how is it doing."""

import hmac
import time
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from moothall.core import database
from moothall.core.council.settings import Council, read
from moothall.core.jobs import health
from moothall.core.leases import database_clock
from moothall.domain.cases import delivery
from moothall.domain.documents import scanning
from moothall.domain.exchange.models import Item
from moothall.web.ops import metrics
from moothall.web.ops.access import public, who_may_call

LOOPBACK = {"127.0.0.1", "::1"}
KEPT_SECONDS = 3.0
SCANNER_KEPT_SECONDS = 60.0
_kept: dict[str, tuple[float, dict[str, Any]]] = {}  # by database: until when, and what was found
_scanner: dict[str, tuple[float, str]] = {}  # by its address: until when, and what is wrong with it


@public
@require_safe
def live(_request: HttpRequest) -> HttpResponse:
    """This process answers. A monitor that hears nothing starts it again."""
    return JsonResponse({"status": "ok"})


@public
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers, its tables are this version's, and jobs are done in time. If not: 503, with what is wrong.

    `notices` say what a machine that is ready could not finish, which is taken over by itself, and what is not set. Anybody
    may ask, so what was found is told for a few seconds before the database is asked again. How the virus scanner does is
    told only to who may read the figures, and kept for a minute.
    """
    here = database.where()
    until, said = _kept.get(here, (0.0, {}))
    if until <= time.monotonic():
        said = _state()
        _kept[here] = (time.monotonic() + KEPT_SECONDS, said)
    if not said["problems"] and _may_read_figures(request) and (warning := _scanner_warning()):
        said = {**said, "notices": [*said["notices"], warning]}
    return JsonResponse(said, status=503 if said["problems"] else 200)


def forget() -> None:
    """Drop what was found, so that the next request asks the database and the virus scanner."""
    _kept.clear()
    _scanner.clear()


@who_may_call("This machine, or whoever has MOOTHALL_METRICS_TOKEN")
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Figures for a monitor."""
    if not _may_read_figures(request):
        return HttpResponse("Give MOOTHALL_METRICS_TOKEN as a bearer token.", status=401, content_type="text/plain")
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def _state() -> dict[str, Any]:
    problems = _problems()
    if problems:
        return {"status": "not ready", "problems": problems}
    return {"status": "ok", "problems": [], "notices": _notices()}


def _problems() -> list[str]:
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return ["Migrations wait to be applied. Run `moothall migrate`."]
        queue = health.read()
    except Error:
        return ["The database does not answer."]
    if queue.stalled:
        return [f"A job has waited {queue.oldest_due_seconds:.0f} seconds, and {queue.workers} workers run."]
    return []


def _notices() -> list[str]:
    now = database_clock()
    found = []
    if missing := read(Council).missing:
        found.append(f"Council settings are missing: {', '.join(missing)}.")
    if items := Item.objects.abandoned(now).count():
        what = "1 item of the integration queue was" if items == 1 else f"{items} items of the integration queue were"
        found.append(f"{what} being sent when {'its sender' if items == 1 else 'their senders'} fell silent.")
    if messages := delivery.interrupted(at=now).count():
        what = "1 message was" if messages == 1 else f"{messages} messages were"
        found.append(f"{what} being delivered when {'its worker' if messages == 1 else 'their workers'} fell silent.")
    return found


def _scanner_warning() -> str:
    until, warning = _scanner.get(settings.SCANNER, (0.0, ""))
    if until <= time.monotonic():
        warning = scanning.warning()
        _scanner[settings.SCANNER] = (time.monotonic() + SCANNER_KEPT_SECONDS, warning)
    return warning


def _may_read_figures(request: HttpRequest) -> bool:
    """By token when one is set; else from this machine, not counting what a proxy on it passes on."""
    if token := settings.METRICS_TOKEN:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    return request.META.get("REMOTE_ADDR") in LOOPBACK and "X-Forwarded-For" not in request.headers
