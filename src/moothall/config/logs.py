"""Logs: one JSON object a line, without personal data.

A value is left out when its key names personal data: every field that `core/retention/rules.yaml` classes as personal or
sensitive, and the words below. What looks like a National Insurance number, e-mail address, postcode, telephone number
or token is masked wherever it stands. Exceptions keep their type, the first line of their message, masked, and where
they came from; no local variable and no row of the database is written.
"""

import logging
import logging.config
import re
import sys
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from moothall.core.retention.rules import personal_names

LEFT_OUT = "[left out]"
WORDS = frozenset(
    {
        "address",
        "addresses",
        "authorization",
        "birth",
        "body",
        "cookie",
        "dob",
        "email",
        "first_name",
        "forename",
        "headers",
        "lines",
        "mobile",
        "nhs_number",
        "nino",
        "params",
        "password",
        "payload",
        "phone",
        "postcode",
        "query_string",
        "recipient",
        "request",
        "response",
        "secret",
        "subject",
        "surname",
        "telephone",
        "token",
        "values",
    }
)
SHAPES = [
    re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"),  # e-mail
    re.compile(r"\b[A-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]?\b", re.I),  # National Insurance number
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}\b", re.I),  # postcode
    re.compile(r"(?<![\w.:-])(\+44|0)[\d\s()-]{8,14}\d\b"),  # telephone
    re.compile(r"\bBearer\s+\S+", re.I),
]
QUIET = [
    "django.db.backends",
    "django.server",
    "fontTools",
    "httpcore",
    "httpx",
    "pikepdf",
    "procrastinate.blueprints",
    "procrastinate.jobs",
    "procrastinate.periodic",
    "weasyprint",
]
KEPT_KEYS = frozenset({"event", "level", "logger", "timestamp", "request_id", "user", "job", "task", "route"})
MADE_HERE = frozenset({"level", "logger", "timestamp", "request_id"})  # no shape is looked for in these
Raised = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(*, format: Literal["json", "console"], level: str) -> None:
    """Send every log, ours and the libraries', through the same processors to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow={"action", "status_code"}),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        describe_exception,
        leave_out_address,
        leave_out_personal_data,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    last = structlog.processors.JSONRenderer() if format == "json" else structlog.dev.ConsoleRenderer()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    }
    handler = {"class": "logging.StreamHandler", "formatter": "one", "stream": "ext://sys.stderr"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"one": formatter},
            "handlers": {"one": handler},
            "root": {"handlers": ["one"], "level": level},
            "loggers": {name: {"level": "WARNING"} for name in QUIET} | {"psycopg.pool": {"level": "ERROR"}},
        }
    )


def leave_out_personal_data(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask what a key or a shape says is personal, at any depth."""
    return {
        key: value if key in MADE_HERE or key.startswith("_") else _masked(key, value) for key, value in event.items()
    }  # a key that starts with _ is structlog's own, and removed later


def leave_out_address(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Cut the address off what Django says of a request ("Not Found: /..."): the route is logged with each request."""
    if str(event.get("logger", "")).startswith("django.request"):
        event["event"] = str(event["event"]).partition(":")[0]
    return event


def describe_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Put type, first line and places of an exception where its text and rows would stand."""
    given = event.pop("exc_info", None)
    event.pop("exception", None)
    found: Any = sys.exc_info() if given is True else given
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if isinstance(found, tuple) and found[0] is not None:
        event["error"] = _described(found)
    return event


def _described(found: Raised) -> dict[str, Any]:
    kind, error, trace = found
    lines = str(error).splitlines()
    return {
        "exception": f"{kind.__module__}.{kind.__qualname__}",
        "message": lines[0] if lines else "",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-12:]],
    }


def _masked(key: str, value: Any) -> Any:
    if key not in KEPT_KEYS and key.lower() in WORDS | personal_names():
        return LEFT_OUT
    if isinstance(value, Mapping):
        return {str(name): _masked(str(name), part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked("", part) for part in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    return _shapes_masked(str(value))


def _shapes_masked(text: str) -> str:
    for shape in SHAPES:
        text = shape.sub(LEFT_OUT, text)
    return text
