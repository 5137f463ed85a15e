"""Reading a JSON body the way the service does: strings trimmed, "" made null, wrong types refused, constraints listed.

A body is described by a `Bean` of rules. `read` converts it and refuses the first value of a wrong type or unknown
code with `InvalidFormat.<path>`; `broken` lists every constraint the converted value breaks as
`<Constraint>.<root>.<path>`. Unknown fields are ignored.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from moothall.sandbox.dft.responses import FieldError, Refused, bad_field

Record = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every kind of value may say: that it must be there."""

    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Rule):
    """A string. `most` is its greatest length in characters."""

    most: int | None = None
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Rule):
    """One of a closed list of codes; any other is a wrong type."""

    codes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Rule):
    """True or false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Rule):
    """A whole number."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Rule):
    """A date, YYYY-MM-DD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment(Rule):
    """A date-time, RFC 3339."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier(Rule):
    """A UUID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf(Rule):
    """A list whose items follow one rule."""

    items: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Bean(Rule):
    """An object."""

    fields: Mapping[str, Rule]


def parse(body: bytes, bean: Bean) -> Record:
    """Read a request body.

    Raises `Refused`: `InvalidFormat.<path>` for a value of the wrong type, `InvalidFormat` for a body that is no
    JSON object.
    """
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise Refused(400, "InvalidFormat", "The request body is not valid JSON.") from fault
    if not isinstance(raw, dict):
        raise Refused(400, "InvalidFormat", "The request body is not a JSON object.")
    return _read_bean(bean, raw, "")


def broken(bean: Bean, value: Record, *, root: str) -> list[FieldError]:
    """Every constraint the converted body breaks."""
    return list(_broken_bean(bean, value, root, ""))


def check(bean: Bean, value: Record, *, root: str) -> None:
    """Raise `Refused` with every constraint the converted body breaks."""
    if errors := broken(bean, value, root=root):
        raise Refused(400, errors=errors)


def _wrong(path: str, reason: str) -> Refused:
    return bad_field(path, f"InvalidFormat.{path}", reason)


def _read_bean(bean: Bean, raw: Mapping[str, Any], path: str) -> Record:
    prefix = f"{path}." if path else ""
    return {name: _read(rule, raw.get(name), prefix + name) for name, rule in bean.fields.items()}


def _read(rule: Rule, raw: Any, path: str) -> Any:
    if isinstance(raw, str):
        raw = raw.strip() or None
        if raw and not _encodable(raw):
            raise _wrong(path, "the text is not valid Unicode")
    if raw is None:
        return None
    match rule:
        case Bean():
            if not isinstance(raw, dict):
                raise _wrong(path, "an object was expected")
            return _read_bean(rule, raw, path)
        case ListOf():
            if not isinstance(raw, list):
                raise _wrong(path, "a list was expected")
            return [_read(rule.items, item, path) for item in raw]
        case _:
            return _read_scalar(rule, raw, path)


def _encodable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _read_scalar(rule: Rule, raw: Any, path: str) -> Any:
    if isinstance(raw, dict | list):
        raise _wrong(path, "a single value was expected")
    try:
        match rule:
            case Flag():
                return _flag(raw)
            case Whole():
                return _whole(raw)
    except (ValueError, OverflowError) as fault:
        raise _wrong(path, str(fault)) from fault
    text = str(raw).lower() if isinstance(raw, bool) else str(raw)
    try:
        match rule:
            case Code() if text not in rule.codes:
                raise ValueError(f"{text!r} is not one of {', '.join(sorted(rule.codes))}")
            case Day():
                if len(text) != len("YYYY-MM-DD"):
                    raise ValueError("a date YYYY-MM-DD was expected")
                return date.fromisoformat(text).isoformat()
            case Moment():
                datetime.fromisoformat(text)
            case Identifier():
                return str(UUID(text))
    except ValueError as fault:
        raise _wrong(path, str(fault)) from fault
    return text


def _flag(raw: Any) -> bool:
    if isinstance(raw, str):
        if raw.lower() not in {"true", "false"}:
            raise ValueError("true or false was expected")
        return raw.lower() == "true"
    return bool(raw)


def _whole(raw: Any) -> int:
    if isinstance(raw, bool):
        raise ValueError("a whole number was expected")
    if isinstance(raw, str) and not re.fullmatch(r"[+-]?[0-9]{1,10}", raw):
        raise ValueError("a whole number was expected")
    number = int(raw)
    if abs(number) > 2**31:
        raise ValueError("the number is out of range")
    return number


def _broken_bean(bean: Bean, value: Record, root: str, path: str) -> Iterator[FieldError]:
    prefix = f"{path}." if path else ""
    for name, rule in bean.fields.items():
        yield from _broken(rule, value.get(name), root, prefix + name)


def _broken(rule: Rule, value: Any, root: str, path: str) -> Iterator[FieldError]:
    if value is None:
        if rule.required:
            yield FieldError(path, f"NotNull.{root}.{path}", "must not be null")
        return
    match rule:
        case Bean():
            yield from _broken_bean(rule, value, root, path)
        case ListOf():
            for index, item in enumerate(value):
                yield from _broken(rule.items, item, root, f"{path}[{index}]")
        case Text():
            if rule.most is not None and len(value) > rule.most:
                yield FieldError(path, f"Size.{root}.{path}", f"size must be between 0 and {rule.most}")
            if rule.pattern is not None and not rule.pattern.fullmatch(value):
                yield FieldError(path, f"Pattern.{root}.{path}", f'must match "{rule.pattern.pattern}"')
        case Whole():
            if rule.least is not None and value < rule.least:
                yield FieldError(path, f"Min.{root}.{path}", f"must be greater than or equal to {rule.least}")
            if rule.most is not None and value > rule.most:
                yield FieldError(path, f"Max.{root}.{path}", f"must be less than or equal to {rule.most}")
