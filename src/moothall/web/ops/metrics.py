"""What monitors read, in Prometheus' format: requests, jobs, messages and the integration queue. No personal data is in a label."""

import os
from collections.abc import Iterable

from django.db.models import Count, Min
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from moothall.core.jobs import health
from moothall.core.leases import database_clock
from moothall.domain.cases import delivery, submissions
from moothall.domain.exchange.models import Item

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OWN = CollectorRegistry()
REQUESTS = Counter("moothall_requests", "Requests answered", ["method", "route", "status"], registry=_OWN)
REQUEST_SECONDS = Histogram(
    *("moothall_request_seconds", "Time to answer a request", ["method", "route"]),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_OWN,
)


class FromDatabase(Collector):
    """Figures that every web process reads alike from the database, at the moment it is asked."""

    def collect(self) -> Iterable[Metric]:
        yield from _jobs()
        yield from _exchange()
        yield _messages()
        yield _submissions()


def exposition() -> bytes:
    """Everything, as text. With several web processes the requests of all are added up."""
    registry = _OWN
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    database = CollectorRegistry()
    database.register(FromDatabase())
    return generate_latest(registry) + generate_latest(database)


def _jobs() -> Iterable[Metric]:
    state = health.read()
    counts = GaugeMetricFamily("moothall_jobs", "Jobs in the queue by status", labels=["status"])
    for status, number in sorted(state.by_status.items()):
        counts.add_metric([status], number)
    yield counts
    yield GaugeMetricFamily(
        "moothall_jobs_oldest_due_seconds", "How long the oldest due job has waited", value=state.oldest_due_seconds
    )
    yield GaugeMetricFamily("moothall_workers", "Workers heard of lately", value=state.workers)


def _exchange() -> Iterable[Metric]:
    counts = GaugeMetricFamily(
        "moothall_exchange_items",
        "Items of the integration queue that are not settled, by connector and status",
        labels=["connector", "status"],
    )
    unsettled = Item.objects.unsettled().values_list("connector__key", "status")
    for key, status, number in unsettled.annotate(Count("id")):
        counts.add_metric([key, status], number)
    yield counts
    now = database_clock()
    abandoned = GaugeMetricFamily(
        "moothall_exchange_abandoned", "Items being sent when their sender fell silent", labels=["connector"]
    )
    for key, number in Item.objects.abandoned(now).values_list("connector__key").annotate(Count("id")):
        abandoned.add_metric([key], number)
    yield abandoned
    oldest = Item.objects.filter(status=Item.Status.QUEUED, due_at__lte=now).aggregate(at=Min("due_at"))["at"]
    yield GaugeMetricFamily(
        *("moothall_exchange_oldest_due_seconds", "How long the oldest due item of the integration queue has waited"),
        value=(now - oldest).total_seconds() if oldest else 0.0,
    )


def _messages() -> Metric:
    return GaugeMetricFamily(
        "moothall_messages_abandoned",
        "Messages being delivered when their worker fell silent",
        value=delivery.interrupted(at=database_clock()).count(),
    )


def _submissions() -> Metric:
    counts = GaugeMetricFamily("moothall_submissions", "Applications that are no case yet", labels=["state"])
    for state, number in submissions.unmade().items():
        counts.add_metric([state], number)
    return counts
