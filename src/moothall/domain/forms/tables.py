"""Decision tables (BEST-51): which row fits, and whether every case has exactly one."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice, product
from typing import Any

from moothall.domain.forms.definition import Cell, Form, Input, Row, Table
from moothall.domain.forms.scope import Lists, keys_of

ANY = "any"
MOST_CASES = 50_000
MOST_TOLD = 5
_RANGE = re.compile(r"(<=|>=|<|>)\s*(-?[0-9]+(?:\.[0-9]+)?)")
_BETWEEN = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\s*\.\.\s*(-?[0-9]+(?:\.[0-9]+)?)")
_SIGNS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}
_NUMBERS = ("number", "whole", "money")


class BadCell(ValueError):
    """A cell of a table cannot be read; the message is a sentence."""


def outcome(table: Table, kinds: Sequence[str], values: Sequence[object]) -> Any:
    """What the table gives for these values of its inputs: money in pence; None where one is not known or no row fits."""
    if any(value is None for value in values):
        return None
    found = next((row for row in table.rows if _fits(row, kinds, values)), None)
    return None if found is None else result(table, found)


def result(table: Table, row: Row) -> Any:
    """What a row gives, as conditions see it."""
    if table.gives == "money":
        return int(Decimal(str(row.gives)) * 100)
    if table.gives == "number":
        value = Decimal(str(row.gives))
        return int(value) if value == value.to_integral_value() else float(value)
    return row.gives


def kinds(form: Form, table: Table) -> list[str]:
    """The type of each input: its own, or that of the answer or value it looks at; nothing where it cannot be told."""
    return [input.type or _told(form, input.from_) for input in table.inputs]


def _told(form: Form, source: str) -> str:
    root, _, name = source.partition(".")
    if root == "answers" and name in form.questions:
        type: str = form.questions[name].type
    else:
        type = next((value.type for value in form.values if root == "values" and value.id == name), "")
    return type if type in ("choice", "yes_no", *_NUMBERS) else ""


def _fits(row: Row, kinds: Sequence[str], values: Sequence[object]) -> bool:
    return all(fits(cell, kind, value) for cell, kind, value in zip(row.when, kinds, values, strict=False))


def fits(cell: Cell, kind: str, value: object) -> bool:
    """Whether a value is what a cell asks for; money is in pence, its cells in pounds. Raises BadCell."""
    if cell is None or cell == ANY:
        return True
    if isinstance(cell, tuple):
        return any(fits(one, kind, value) for one in cell)
    if kind not in _NUMBERS:
        return value == cell
    number = Decimal(str(value)) / (100 if kind == "money" else 1)
    if isinstance(cell, bool):
        raise BadCell(f"“{cell}” is no number or range, such as 16, 16..64 or “>= 65”.")
    if not isinstance(cell, str):
        return number == cell
    if match := _RANGE.fullmatch(cell.strip()):
        return _SIGNS[match[1]](number, Decimal(match[2]))
    if match := _BETWEEN.fullmatch(cell.strip()):
        return Decimal(match[1]) <= number <= Decimal(match[2])
    raise BadCell(f"“{cell}” is no number or range, such as 16, 16..64 or “>= 65”.")


def faults(form: Form, table: Table, lists: Lists) -> Iterator[tuple[str, str]]:
    """What keeps a table from deciding every case once: the field, and a sentence."""
    types = kinds(form, table)
    for input, type in zip(table.inputs, types, strict=True):
        if not type:
            yield (
                f"inputs.{input.name}",
                f"Say what type “{input.name}” is: it is no answer or value of a type tables know.",
            )
    for number, row in enumerate(table.rows, start=1):
        if len(row.when) != len(table.inputs):
            yield f"rows.number {number}", f"The row has {len(row.when)} cells for {len(table.inputs)} inputs."
        if sentence := _gives_fault(table, row):
            yield f"rows.number {number}.gives", sentence
    if not all(types) or any(len(row.when) != len(table.inputs) for row in table.rows):
        return
    known = [_values(form, input, type, lists) for input, type in zip(table.inputs, types, strict=True)]
    found = list(_cell_faults(table, types, known))
    yield from found
    if not found:
        yield from _coverage(table, types, known)


def _gives_fault(table: Table, row: Row) -> str:
    gives = row.gives
    number = isinstance(gives, int | Decimal) and not isinstance(gives, bool)
    fitting = {"text": isinstance(gives, str), "yes_no": isinstance(gives, bool)}.get(table.gives, number)
    if not fitting:
        return f"The table gives {table.gives.replace('_', ' ')}, which “{gives}” is not."
    if table.gives == "money" and (Decimal(str(gives)) * 100 % 1 or Decimal(str(gives)) < 0):
        return "An amount of money has pounds and pence, such as 10.00."
    return ""


def _values(form: Form, input: Input, type: str, lists: Lists) -> tuple[object, ...] | None:
    """Every value an input can have; None for numbers, and where the list is not known here."""
    if type == "yes_no":
        return (True, False)
    if type != "choice":
        return None
    if input.keys:
        return input.keys
    question = form.questions.get(input.from_.removeprefix("answers."))
    keys = keys_of(question, lists) if question and question.type == "choice" else None
    return tuple(sorted(keys)) if keys else None


def _cell_faults(
    table: Table, types: Sequence[str], known: Sequence[tuple[object, ...] | None]
) -> Iterator[tuple[str, str]]:
    for number, row in enumerate(table.rows, start=1):
        for input, type, values, cell in zip(table.inputs, types, known, row.when, strict=True):
            field = f"rows.number {number}.{input.name}"
            if type in _NUMBERS:
                try:
                    fits(cell, type, 0)
                except BadCell as error:
                    yield field, str(error)
                continue
            for one in cell if isinstance(cell, tuple) else (cell,):
                if one is not None and one != ANY and values is not None and one not in values:
                    yield field, f"“{input.name}” is never “{one}”: known are {', '.join(str(v) for v in values[:12])}."
                if type == "choice" and values is None:
                    yield field, f"Say which keys “{input.name}” can have (keys)."
                    return


def _coverage(
    table: Table, types: Sequence[str], known: Sequence[tuple[object, ...] | None]
) -> Iterator[tuple[str, str]]:
    """Gaps (no row fits) and overlaps (more than one does), over one value of every stretch the cells tell apart."""
    columns = [
        list(values) if values is not None else _stretches(type, [row.when[place] for row in table.rows])
        for place, (type, values) in enumerate(zip(types, known, strict=True))
    ]
    count = 1
    for column in columns:
        count *= len(column)
    if count > MOST_CASES:
        yield (
            "rows",
            f"The table tells {count:,} cases apart; {MOST_CASES:,} is the most that can be checked: divide it.",
        )
        return
    gaps: list[tuple[object, ...]] = []
    overlaps: dict[tuple[int, ...], tuple[object, ...]] = {}
    for case in product(*columns):
        fitting = [number for number, row in enumerate(table.rows, start=1) if _fits(row, types, case)]
        if not fitting:
            gaps.append(case)
        elif len(fitting) > 1:
            overlaps.setdefault(tuple(fitting[:2]), case)
    for case in gaps[:MOST_TOLD]:
        yield "rows", f"No row fits when {_told_case(table, types, case)}."
    for (one, other), case in islice(overlaps.items(), MOST_TOLD):
        yield f"rows.number {other}", f"Rows {one} and {other} both fit when {_told_case(table, types, case)}."


def _stretches(type: str, cells: Sequence[Cell]) -> list[object]:
    """One number of every stretch between the bounds that cells name, and the bounds."""
    bounds = sorted({Decimal(number) for cell in cells for number in _numbers(cell)}) or [Decimal(0)]
    step = {"whole": Decimal(1), "money": Decimal("0.01")}.get(type)
    found = [bounds[0] - 1]
    for bound, following in zip(bounds, [*bounds[1:], None], strict=True):
        found.append(bound)
        if following is None:
            found.append(bound + 1)
        elif step is None or following - bound > step:
            found.append(bound + step if step else (bound + following) / 2)
    return [number * 100 if type == "money" else number for number in found]


def _numbers(cell: Cell) -> Iterator[str]:
    for one in cell if isinstance(cell, tuple) else (cell,):
        if isinstance(one, str):
            yield from re.findall(r"(?<![0-9])-?[0-9]+(?:\.[0-9]+)?", one)
        elif isinstance(one, int | Decimal) and not isinstance(one, bool):
            yield str(one)


def _told_case(table: Table, types: Sequence[str], case: Sequence[object]) -> str:
    return " and ".join(
        f"{input.name} is {_shown(type, value)}" for input, type, value in zip(table.inputs, types, case, strict=True)
    )


def _shown(type: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if type == "money":
        return f"£{Decimal(str(value)) / 100:.2f}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
