"""Changes to a form, as pure functions on its definition: what comes of one can always be read again, or it is refused.

A place in a form is a path as in `pages.2.questions.0`: names of fields, and numbers from 0 within lists. An edit gives another
form, or raises Refused with sentences; whether its parts fit together is for `faults.check` to say.
"""

import copy
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from moothall.domain.forms import definition
from moothall.domain.forms.definition import Form
from moothall.domain.workflow.parts import Faulty

Path = tuple[str | int, ...]
_PATH = re.compile(r"[a-z_]+(\.([a-z_]+|[0-9]{1,3})){0,8}")
_GONE = "This is not there any more: look at the form again."


class Refused(ValueError):
    """A change that would not leave a form. `sentences` say why, each with the field it is about, or none."""

    def __init__(self, sentences: list[tuple[str, str]]) -> None:
        self.sentences = sentences
        super().__init__(" ".join(sentence for _field, sentence in sentences))


def path(written: str) -> Path:
    """A place as it stands in an address. Raises Refused."""
    if not _PATH.fullmatch(written):
        raise Refused([("", _GONE)])
    return tuple(int(part) if part.isdigit() else part for part in written.split("."))


def written(where: Path) -> str:
    """A place as it stands in an address; path(written(p)) == p."""
    return ".".join(map(str, where))


def part(form: Form, where: Path) -> Any:
    """What stands at a place, as plain data; None where nothing does."""
    here: Any = definition.to_data(form)
    for step in where:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return None
    return here


def change(form: Form, where: Path, fields: Mapping[str, Any]) -> Form:
    """The part at a place with these fields; one given as None is taken away. An empty place is the form itself."""
    data = definition.to_data(form)
    here = _found(data, where)
    if not isinstance(here, dict):
        raise Refused([("", _GONE)])
    for name, value in fields.items():
        if value is None:
            here.pop(name, None)
        else:
            here[name] = copy.deepcopy(value)
    return _made(data)


def put(form: Form, where: Path, what: Any) -> Form:
    """The form with this at a place, instead of whatever stands there; None takes it away."""
    *around, last = where
    data = definition.to_data(form)
    holder = _found(data, tuple(around))
    if isinstance(holder, dict) and isinstance(last, str):
        if what is None:
            holder.pop(last, None)
        else:
            holder[last] = copy.deepcopy(what)
    elif isinstance(holder, list) and isinstance(last, int) and last < len(holder) and what is not None:
        holder[last] = copy.deepcopy(what)
    else:
        raise Refused([("", _GONE)])
    return _made(data)


def add(form: Form, where: Path, what: Any, *, at: int | None = None) -> Form:
    """The form with this added to the list at a place, last or at a number from 0."""
    *around, last = where
    data = definition.to_data(form)
    holder = _found(data, tuple(around))
    if not isinstance(holder, dict) or not isinstance(last, str):
        raise Refused([("", _GONE)])
    items = holder.setdefault(last, [])
    if not isinstance(items, list):
        raise Refused([("", _GONE)])
    items.insert(len(items) if at is None else at, copy.deepcopy(what))
    return _made(data)


def remove(form: Form, where: Path) -> Form:
    """The form without what stands at a place of a list."""
    data = definition.to_data(form)
    items, number = _in_list(data, where)
    del items[number]
    return _made(data)


def move(form: Form, where: Path, by: int) -> Form:
    """The form with one of a list so many places further on, or back; at the end of the list it stays."""
    data = definition.to_data(form)
    items, number = _in_list(data, where)
    moved = items.pop(number)
    items.insert(max(0, min(len(items), number + by)), moved)
    return _made(data)


def id_of(label: str, taken: set[str]) -> str:
    """An id for something new, made of its words, that nothing else has."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    short = "_".join(words)[:40].strip("_")
    base = short if short[:1].isalpha() else f"q_{short}".strip("_")
    number, id = 2, base
    while id in taken:
        id, number = f"{base}_{number}", number + 1
    return id


def ids(form: Form) -> set[str]:
    """Every id and key that a form gives, so that a new one is another."""
    taken = {"check"} | {page.id for page in form.pages} | {value.id for value in form.values}
    taken |= {table.key for table in form.tables} | {slots.key for slots in form.slots}
    for page in form.pages:
        for question in page.asks:
            taken |= {question.id, *(inner.id for inner in question.questions)}
    return taken


def _found(data: Any, where: Path) -> Any:
    here = data
    for step in where:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            raise Refused([("", _GONE)]) from None
    return here


def _in_list(data: Any, where: Path) -> tuple[list[Any], int]:
    items = _found(data, where[:-1])
    number = where[-1] if where else ""
    if not isinstance(items, list) or not isinstance(number, int) or number >= len(items):
        raise Refused([("", _GONE)])
    return items, number


def _made(data: Mapping[str, Any]) -> Form:
    try:
        return definition.from_data(data, file="")
    except Faulty as faulty:
        raise Refused([(fault.field.rpartition(".")[2], fault.sentence) for fault in faulty.faults]) from faulty
