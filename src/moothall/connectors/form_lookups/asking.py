"""Asks the look-ups of forms, and keeps what was said for a while: the same question is asked once.

A system that did not answer is left alone for a few seconds, so that nobody waits for it on every page.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

import structlog

from moothall.connectors.form_lookups import client
from moothall.connectors.form_lookups.client import LookUpError, Silent
from moothall.core import database
from moothall.domain.catalogue import catalogue
from moothall.domain.forms import lookups
from moothall.domain.forms.lookups import Down

MOST_KEPT = 2_000
LEFT_ALONE_SECONDS = 10.0
log = structlog.get_logger("moothall.form_lookups")
_Kept = tuple[float, Any]
_kept: "OrderedDict[tuple[str, ...], _Kept]" = OrderedDict()
_alone: dict[tuple[str, str], float] = {}
_lock = Lock()


@lookups.asked_by
def ask(service: str, name: str, given: Mapping[str, Any]) -> Any:
    """What one look-up of a service says. Raises Down."""
    lookup = catalogue.lookups(service).get(name)
    if lookup is None:
        log.error("look-up unknown", service=service, lookup=name)
        raise Down(f"There is no look-up “{name}”.")
    now, where = time.monotonic(), database.where()
    key = (where, service, name, lookup.model_dump_json(), json.dumps(dict(given), sort_keys=True, default=str))
    with _lock:
        kept = _kept.get(key)
        if kept and kept[0] > now:
            return kept[1]
        if _alone.get((where, lookup.service), 0.0) > now:
            raise Down(f"“{lookup.service}” did not answer a moment ago.")
    try:
        said = client.ask(lookup, dict(given))
    except LookUpError as fault:
        log.warning("look-up failed", service=service, lookup=name, problem=str(fault))
        if isinstance(fault, Silent):
            with _lock:
                _alone[(where, lookup.service)] = time.monotonic() + LEFT_ALONE_SECONDS
        raise Down(str(fault)) from fault
    with _lock:
        _kept[key] = (time.monotonic() + lookup.keep_seconds, said)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return said


def forget() -> None:
    """Drop what was kept; for tests."""
    with _lock:
        _kept.clear()
        _alone.clear()
