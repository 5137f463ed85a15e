"""A decision table as the form studio asks for it: its head, what it looks at, and its rows as a grid."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moothall.web.desk.forms.form_studio import PartForm, line, one_of

BLANK_ROWS, BLANK_INPUTS, MOST_ROWS = 3, 1, 500
GIVES = [("money", _("money, in pounds")), ("number", _("a number")), ("text", _("a text")), ("yes_no", _("yes or no"))]
TYPES = [
    ("", _("as what it looks at")),
    ("choice", _("one of some keys")),
    ("yes_no", _("yes or no")),
    ("whole", _("a whole number")),
    ("number", _("a number")),
    ("money", _("money, in pounds")),
]


class TableForm(PartForm):
    """A table. Its inputs and rows are plain controls, read by `Grid`."""

    key = line(
        _("Name"),
        _("Small letters, digits and _, like charge. Conditions read it as tables.charge."),
        required=True,
        most=60,
    )
    gives = one_of(_("It gives"), GIVES)

    def __init__(self, data: QueryDict | None, part: Mapping[str, Any], **given: Any) -> None:
        super().__init__(data, part, **given)
        self.grid = Grid(data, part)

    def begun(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """Money unless it says otherwise."""
        return {"gives": "money", **super().begun(part)}

    def said(self) -> dict[str, Any]:
        """The table as the definition has it."""
        gives = self.cleaned_data["gives"] or "money"
        return {"key": self.cleaned_data["key"], "gives": gives, **self.grid.said(gives)}


class Grid:
    """What a table looks at, and its rows as texts: a cell for each input, and what the row gives."""

    types = TYPES

    def __init__(self, data: QueryDict | None, part: Mapping[str, Any]) -> None:
        if data is not None and "rows" in data:
            inputs, rows = _count(data, "inputs", 9), _count(data, "rows", MOST_ROWS + BLANK_ROWS)
            self.inputs = [
                {name: data.get(f"input_{n}_{name}", "").strip()[:1000] for name in ("name", "from", "type", "keys")}
                for n in range(inputs)
            ]
            self.rows = [
                [data.get(f"cell_{row}_{n}", "").strip()[:500] for n in range(inputs)]
                + [data.get(f"gives_{row}", "").strip()[:500]]
                for row in range(rows)
            ]
        else:
            self.inputs = [
                {**dict.fromkeys(("name", "from", "type"), ""), **one, "keys": ", ".join(one.get("keys", []))}
                for one in part.get("inputs", [])
            ]
            width = len(self.inputs)
            self.rows = [
                [*(_shown(cell) for cell in (*row["when"], *[""] * width)[:width]), _shown(row["gives"])]
                for row in part.get("rows", [])
            ]

    def step(self, asked: str) -> bool:
        """Do what a button of the grid asks for: up, down or out with a row. Whether it was one."""
        verb, _dot, place = asked.partition(".")
        number = int(place) if place.isdecimal() and len(place) < 4 else -1
        if verb not in ("up", "down", "out") or not 0 <= number < len(self.rows):
            return False
        row = self.rows.pop(number)
        if verb != "out":
            self.rows.insert(max(0, number + (1 if verb == "down" else -1)), row)
        return True

    @property
    def shown_inputs(self) -> list[dict[str, Any]]:
        """Those there are, and an empty one, each with its number."""
        filled = [one for one in self.inputs if one["name"] or one["from"]]
        blank = dict.fromkeys(("name", "from", "type", "keys"), "")
        more = BLANK_INPUTS if filled else 2
        return [{**one, "number": n, "new": n >= len(filled)} for n, one in enumerate([*filled, *[blank] * more])]

    @property
    def shown_rows(self) -> list[dict[str, Any]]:
        """Those there are, and some empty ones: cells with the names of their controls."""
        columns = [n for n, one in enumerate(self.inputs) if one["name"] or one["from"]]
        filled = [row for row in self.rows if any(row)]
        rows = [*filled, *([[""] * (len(self.inputs) + 1)] * BLANK_ROWS)]
        return [
            {
                "number": number,
                "cells": [
                    (f"cell_{number}_{at}", row[column], self.inputs[column]["name"])
                    for at, column in enumerate(columns)
                ],
                "gives": row[-1],
                "new": number >= len(filled),
                "first": number == 0,
                "last": number >= len(filled) - 1,
            }
            for number, row in enumerate(rows)
        ]

    def said(self, gives: str) -> dict[str, Any]:
        """Inputs and rows as the definition has them. Columns without a name fall away, with their cells."""
        columns = [n for n, one in enumerate(self.inputs) if one["name"] or one["from"]]
        inputs = []
        for one in (self.inputs[n] for n in columns):
            keys = [key.strip() for key in one["keys"].split(",") if key.strip()]
            more = {"type": one["type"] or None, "keys": keys or None}
            inputs.append({"name": one["name"], "from": one["from"], **{k: v for k, v in more.items() if v}})
        types = [self.inputs[n]["type"] for n in columns]
        rows = [
            {
                "when": [_cell(row[n], type) for n, type in zip(columns, types, strict=True)],
                "gives": _result(row[-1], gives),
            }
            for row in self.rows
            if any(row)
        ]
        nothing = {"yes_no": False, "text": "nothing"}.get(gives, 0)
        return {"inputs": inputs, "rows": rows or [{"when": ["any"] * len(inputs), "gives": nothing}]}


def _count(data: QueryDict, name: str, most: int) -> int:
    said = data.get(name, "0")
    return min(most, int(said)) if said.isdecimal() and len(said) < 5 else 0


def _shown(cell: Any) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, list | tuple):
        return ", ".join(map(_shown, cell))
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "any" if cell is None else str(cell)


def _cell(text: str, type: str) -> Any:
    """A cell as typed: nothing is any, commas divide several."""
    if not text:
        return "any"
    parts = [part.strip() for part in text.split(",") if part.strip()]
    values = [_value(part, type) for part in parts]
    return values[0] if len(values) == 1 else values


def _value(text: str, type: str) -> Any:
    if type in ("", "yes_no") and text.lower() in ("yes", "true", "no", "false"):
        return text.lower() in ("yes", "true")
    return text if type == "choice" else _number(text)


def _result(text: str, gives: str) -> Any:
    if gives == "yes_no" and text.lower() in ("yes", "true", "no", "false"):
        return text.lower() in ("yes", "true")
    return text if gives in ("text", "yes_no") else _number(text.removeprefix("£"))


def _number(text: str) -> Any:
    """A number where it is one; the text otherwise, of which a fault tells."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite() or abs(value) > 10**12:
        return text
    return int(value) if value == value.to_integral_value() and "." not in text else float(value)
