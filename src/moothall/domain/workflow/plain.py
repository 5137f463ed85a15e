"""Definitions as plain data: for JSON, for YAML, and for telling whether two are the same."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel


def of(model: BaseModel, number: type[float] | type[Decimal]) -> dict[str, Any]:
    """A definition without what is at its default; numbers with decimals as `number`, days as text."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, tuple | list):
            return [plain(item) for item in value]
        if isinstance(value, dt.date):
            return value.isoformat()
        return number(value) if isinstance(value, Decimal) else value

    return {key: plain(value) for key, value in model.model_dump(exclude_defaults=True).items()}


def fingerprint(data: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over plain data, whatever the order of its keys."""
    content = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()
