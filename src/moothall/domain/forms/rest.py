"""What a look-up asks another system, and what it reads in the answer (FRM-6): a file of a service, `lookups/<key>.yaml`.

::

    service: vehicles                      # its address and key are in the settings, under this name
    path: /vehicles/{registration}         # what stands in braces is told by the form
    query: [postcode]                      # told by the form as well
    nothing: [404]                         # answers that mean that there is none
    gives:
      parts: {make: make, taxed: tax.taxed}

What a form tells is only ever a parameter, encoded: it changes neither the host nor the path. Pure: who calls is a connector.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import Field, StringConstraints, model_validator

from moothall.domain.workflow.parts import Id, Part

MOST_OPTIONS = 200
LONGEST_GIVEN = 300
LONGEST_SAID = 2_000
_NAMED = re.compile(r"\{([a-z][a-z0-9_]*)\}")
Path = Annotated[
    str, StringConstraints(pattern=r"^(/([A-Za-z0-9~_-][A-Za-z0-9.~_-]*|\{[a-z][a-z0-9_]*\}))+/?$", max_length=200)
]
Way = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$", max_length=200)]
"""Where something stands in an answer: keys and places, such as `results.0.name`."""


class NotUsable(ValueError):
    """What is told cannot be asked with, or what was answered cannot be read. Its sentence is for administrators."""


class Options(Part):
    """Each thing of a list becomes an answer to choose."""

    each: Way | None = None
    key: Way
    label: Way


class Gives(Part):
    """What a form gets of an answer: one `value`, `options` to choose from, or `parts` for conditions and checks."""

    value: Way | None = None
    options: Options | None = None
    parts: Annotated[dict[Id, Way], Field(max_length=20)] = {}

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum((self.value is not None, self.options is not None, bool(self.parts))) != 1:
            raise ValueError("Say one of value, options and parts.")
        return self


class RestLookUp(Part):
    """One look-up: which system, what it is asked, and what of its answer is read.

    With POST what is told goes as JSON, by the names in `body` (the system's name: ours).
    """

    service: Id
    method: Literal["GET", "POST"] = "GET"
    path: Path
    query: tuple[Id, ...] = ()
    body: dict[Annotated[str, StringConstraints(max_length=60)], Id] = {}
    nothing: tuple[Annotated[int, Field(ge=200, le=499)], ...] = (404,)
    keep_seconds: Annotated[int, Field(ge=0, le=86_400)] = 300
    gives: Gives

    @model_validator(mode="after")
    def _body_is_posted(self) -> Self:
        if self.body and self.method != "POST":
            raise ValueError("A body is sent with method POST alone.")
        return self

    @property
    def told(self) -> frozenset[str]:
        """The names a form has to tell."""
        return frozenset({*_NAMED.findall(self.path), *self.query, *self.body.values()})

    @property
    def does(self) -> frozenset[str]:
        """What a question may use it for."""
        if self.gives.options:
            return frozenset({"options"})
        return frozenset({"fills", "check"}) if self.gives.value else frozenset({"check"})


def address(lookup: RestLookUp, given: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The path, with what it names encoded, and the query. Raises NotUsable."""

    def one(name: str) -> str:
        text = _told(given, name)
        if text in (".", ".."):
            raise NotUsable(f"“{text}” cannot stand in an address.")
        return quote(text, safe="")

    return _NAMED.sub(lambda found: one(found[1]), lookup.path), {name: _told(given, name) for name in lookup.query}


def body(lookup: RestLookUp, given: Mapping[str, Any]) -> dict[str, str]:
    """What is sent as JSON. Raises NotUsable."""
    return {name: _told(given, ours) for name, ours in lookup.body.items()}


def _told(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise NotUsable(f"“{name}” is told something that is no text and no number.")
    text = str(value).strip()
    if not text or len(text) > LONGEST_GIVEN or not text.isprintable():
        raise NotUsable(f"“{name}” is told nothing, too much, or what cannot be printed.")
    return text


def none(lookup: RestLookUp) -> Any:
    """What is said where there is nothing."""
    if lookup.gives.options:
        return []
    return {"found": False} if lookup.gives.parts else None


def read(lookup: RestLookUp, answer: Any) -> Any:
    """What a form gets of an answer. Raises NotUsable where it is not as the look-up says."""
    gives = lookup.gives
    if gives.options:
        return _options(gives.options, answer)
    if gives.parts:
        return {"found": True, **{name: _plain(at(answer, way)) for name, way in gives.parts.items()}}
    assert gives.value is not None
    return _plain(at(answer, gives.value))


def _options(options: Options, answer: Any) -> list[dict[str, str]]:
    things = at(answer, options.each) if options.each else answer
    if not isinstance(things, list):
        raise NotUsable("There is no list of answers to choose from.")
    found: dict[str, str] = {}
    for thing in things[:MOST_OPTIONS]:
        key, label = _plain(at(thing, options.key)), _plain(at(thing, options.label))
        if key in (None, "") or label in (None, ""):
            raise NotUsable("An answer to choose has no key or no label.")
        found.setdefault(str(key)[:100], str(label)[:200])
    return [{"key": key, "label": label} for key, label in found.items()]


def at(answer: Any, way: str) -> Any:
    """What stands in an answer at a way; nothing where there is nothing."""
    for step in way.split("."):
        if isinstance(answer, list) and step.isdecimal():
            answer = answer[int(step)] if int(step) < len(answer) else None
        elif isinstance(answer, Mapping):
            answer = answer.get(step)
        else:
            return None
    return answer


def _plain(value: Any) -> str | int | float | bool | None:
    """A text, number or yes or no. Raises NotUsable for anything with parts."""
    if isinstance(value, str):
        return "".join(one for one in value if one.isprintable() or one == "\n")[:LONGEST_SAID]
    if value is None or isinstance(value, bool | int | float):
        return value
    raise NotUsable("What is read of the answer has parts of its own: say which of them.")
