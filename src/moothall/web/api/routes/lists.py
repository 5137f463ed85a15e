"""Look-up lists: read by whoever calls, changed by who may manage them (PPP-51)."""

from datetime import date
from typing import Any

from ninja import Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.core.lists import actions, changing, declared
from moothall.core.lists.models import List, Value
from moothall.web.api.operations import Operations
from moothall.web.api.problems import invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Key, Line

router = Operations(tags=["Lists"])
MOST = 1_000


class ListLine(Schema):
    key: str
    name: str


class ValueOut(Schema):
    key: str
    label: str
    rules: dict[str, Any] = Field(description="What the value says besides, by the rule's key")
    retired_on: date | None = Field(description="Since when it is not offered any more")


class NewValue(Body):
    label: Line
    key: Key | None = Field(None, description="Made of the label when left out; it never changes")
    rules: dict[str, str | bool] = {}


class ValueChange(Body):
    """What is given changes, what is left out stays."""

    label: Line | None = None
    rules: dict[str, str | bool] | None = None
    place: int | None = Field(None, ge=1, le=MOST, description="Among the values in use, from 1")
    retired: bool | None = None


@router.reads("/lists", needs=Permission.MANAGE_LISTS, answers=list[ListLine])
def every_list(request: ApiRequest) -> list[ListLine]:  # noqa: ARG001
    """All look-up lists."""
    names = {one.key: str(one.name) for one in declared.every()}
    names = dict(List.objects.order_by("key").values_list("key", "name")[:MOST]) | names
    return [ListLine(key=key, name=names[key]) for key in sorted(names)]


@router.reads("/lists/{key}", needs=Permission.VIEW_PEOPLE, answers=list[ValueOut])
def one_list(request: ApiRequest, key: str) -> list[ValueOut]:  # noqa: ARG001
    """The values of a list in order, with those that are not offered any more."""
    rows = actions.every_value(key)
    if not rows and not List.objects.filter(key=key).exists():
        raise not_found()
    return [_shown(key, row) for row in rows]


@router.writes("POST", "/lists/{key}/values", needs=Permission.MANAGE_LISTS, answers=ValueOut, status=201)
def add_value(request: ApiRequest, key: str, body: NewValue) -> ValueOut:
    """Offer a new value, the last of its list."""
    _known(key)
    row = changing.add(key, label=body.label, key=body.key or "", rules=body.rules, by=request.auth, at=request.now)
    return _shown(key, row)


@router.writes("PATCH", "/lists/{key}/values/{option}", needs=Permission.MANAGE_LISTS, answers=ValueOut)
def change_value(request: ApiRequest, key: str, option: str, body: ValueChange) -> ValueOut:
    """Rename a value, put it in its place, retire it or bring it back; records that hold it keep it."""
    row = next((one for one in actions.every_value(key) if one.key == option), None)
    if row is None:
        raise not_found()
    if not body.model_fields_set:
        raise invalid("body", "Say what is to be changed.")
    by, at = request.auth, request.now
    if body.label is not None or body.rules is not None:
        changing.change(key, option, label=body.label or row.label, rules=body.rules, by=by, at=at)
    if body.retired is not None:
        (changing.retire if body.retired else changing.bring_back)(key, option, by=by, at=at)
    if body.place is not None:
        changing.move(key, option, place=body.place, by=by, at=at)
    return _shown(key, next(one for one in actions.every_value(key) if one.key == option))


def _known(key: str) -> None:
    if declared.of(key) is None and not List.objects.filter(key=key).exists():
        raise not_found()


def _shown(key: str, row: Value) -> ValueOut:
    known = declared.of(key)
    rules = known.whole(row.rules) if known else row.rules
    return ValueOut(key=row.key, label=row.label, rules=rules, retired_on=row.retired_on)
