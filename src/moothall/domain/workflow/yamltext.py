"""Reading and writing definition files: YAML with its traps taken out.

Accepted is the part of YAML that means the same to everybody: maps, lists, text, whole numbers, decimals (exact, as
`Decimal`), `true`, `false` and `null`. Anchors, aliases, merges, tags, duplicate keys, deep nesting and large files
are refused. Dates stay text. Nothing here knows what a workflow is.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

LARGEST_FILE = 512 * 1024
DEEPEST_NESTING = 24

Path = tuple[str | int, ...]


class YamlFault(ValueError):
    """The text cannot be read. The message is a sentence; `line` counts from 1 and is None when no line is to blame."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence)
        self.line = line


@dataclass(frozen=True)
class Source:
    """What a file holds, and the line on which each part of it starts."""

    data: Any
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int | None:
        """The line of the part at `path`, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


class _PlainResolver(yaml.resolver.BaseResolver):
    """Plain scalars mean what they look like: no octal, no 12:30 as a number, no `no` as false, no dates."""


for tag, pattern, first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^-?(?:0|[1-9][0-9]{0,17})$", list("-0123456789")),
    ("float", r"^-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,9}$", list("-0123456789")),
):
    _PlainResolver.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)


class _Loader(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser, yaml.composer.Composer, _PlainResolver):
    def __init__(self, stream: str) -> None:
        yaml.reader.Reader.__init__(self, stream)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)
        yaml.composer.Composer.__init__(self)
        _PlainResolver.__init__(self)
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlFault("Anchors (&name) and aliases (*name) are not used here: write the value out.", line)
        if getattr(event, "tag", None):
            raise YamlFault(f"Tags such as {event.tag} are not used here: write the plain value.", line)
        if self.depth >= DEEPEST_NESTING:
            raise YamlFault(f"This is nested more than {DEEPEST_NESTING} deep.", line)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def read(text: str | bytes) -> Source:
    """Read YAML text into plain data with line numbers. Raises YamlFault with a sentence."""
    if len(text) > LARGEST_FILE:
        raise YamlFault(f"The file is larger than {LARGEST_FILE // 1024} KB.")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise YamlFault("The file is not UTF-8 text.") from error
    try:
        node = _Loader(text).get_single_node()
    except yaml.reader.ReaderError as error:
        raise YamlFault(f"The file holds a character that cannot be read (number {error.character}).") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        wrong = error.problem or error.context or "it cannot be read"
        raise YamlFault(f"This is not valid YAML: {wrong}.", mark.line + 1 if mark else None) from error
    if node is None:
        raise YamlFault("The file is empty.")
    lines: dict[Path, int] = {}
    return Source(_plain(node, (), lines), lines)


def _plain(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, index), lines) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node, path, lines))
    return _scalar(node)


def _pairs(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise YamlFault("A key must be a single word.", line)
        key = str(key_node.value)
        if key in seen:
            raise YamlFault(f"The key “{key}” is written twice in the same place.", line)
        seen.add(key)
        lines[(*path, key)] = line
        yield key, _plain(value_node, (*path, key), lines)


def _scalar(node: yaml.Node) -> Any:
    match node.tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return node.value == "true"
        case "int":
            return int(node.value)
        case "float":
            return Decimal(node.value)
        case _:
            return str(node.value)


class _Dumper(yaml.SafeDumper):
    """Writes blocks with lists indented under their key, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _write_decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.Node:
    text = f"{value:f}"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


_Dumper.add_representer(Decimal, _write_decimal)


def write(data: Mapping[str, Any]) -> str:
    """Write plain data as YAML in the order given; `read` gives the same data back."""
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """A hint such as “ Did you mean “photograph”?” when something known looks like the word, else nothing."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f" Did you mean “{near[0]}”?" if near else ""


def problems(error: ValidationError, known_keys: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[Path, str]]:
    """Each fault pydantic found, as the path to it and a sentence. `known_keys` gives model title → its keys."""
    every_key = tuple(dict.fromkeys(key for keys in known_keys.values() for key in keys))
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # pydantic counts only the items without faults, which have been listed
        yield detail["loc"], _sentence(detail, every_key)


def _sentence(detail: ErrorDetails, known: tuple[str, ...]) -> str:
    name = next((str(part) for part in reversed(detail["loc"]) if isinstance(part, str)), "this")
    given, context = detail["input"], detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return f"“{name}” is missing."
        case "extra_forbidden":
            return f"“{name}” is not a key that is known here.{nearest(name, known)}"
        case "string_pattern_mismatch":
            dots = ", with a dot between names" if r"\." in context["pattern"] else ""
            return f"“{given}” is not a valid id: use small letters, digits and _ and start with a letter{dots}."
        case "string_too_short" | "too_short":
            return f"“{name}” must not be empty."
        case "string_too_long":
            return f"“{name}” must be {context['max_length']} characters or fewer."
        case "literal_error" | "enum":
            return f"“{given}” cannot be used for “{name}”: it must be {context['expected']}."
        case "union_tag_invalid":
            return f"“{context['tag']}” is not a kind that is known here: use {context['expected_tags']}."
        case "union_tag_not_found":
            return f"“{str(context['discriminator']).strip(chr(39))}” is missing: it says what kind of thing this is."
        case "value_error":
            return str(context["error"])
        case kind:
            what = f"“{name}”" if detail["loc"] else "The file"
            return f"{what} {_expectation(kind, context)}, not {_shown(given)}."


def _expectation(kind: str, context: Mapping[str, Any]) -> str:
    expected = {
        "string_type": "must be text (put it in quotes)",
        "int_type": "must be a whole number",
        "bool_type": "must be true or false",
        "tuple_type": "must be a list",
        "model_type": "must be a set of keys and values",
        "model_attributes_type": "must be a set of keys and values",
        "dict_type": "must be a set of keys and values",
        "too_long": f"must have at most {context.get('max_length')} items",
        "date_from_datetime_parsing": "must be a date such as 2026-03-01",
        "date_parsing": "must be a date such as 2026-03-01",
        "datetime_from_date_parsing": "must be a date and time such as 2026-03-01T09:00:00+00:00",
        "datetime_parsing": "must be a date and time such as 2026-03-01T09:00:00+00:00",
        "timezone_aware": "must say its distance from UTC, as in 2026-03-01T09:00:00+00:00",
        "string_unicode": "holds a character that cannot be read",
        "greater_than": f"must be more than {context.get('gt')}",
        "greater_than_equal": f"must be {context.get('ge')} or more",
        "less_than_equal": f"must be {context.get('le')} or less",
    }
    return expected.get(kind, "cannot be read as given")


def _shown(value: Any) -> str:
    if value is None:
        return "left empty"
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "a set of keys and values"
    return f"“{str(value)[:60]}”"
