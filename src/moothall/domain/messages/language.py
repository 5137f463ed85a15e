"""The template language of messages: `{{ placeholder }}`, `{% if %}` and `{% for %}`, and nothing else.

It is Django's template engine with every other tag, every filter and every dotted look-up taken away but
`{{ answers.<question> }}`, so that whoever edits a template reaches the declared placeholders only. What a placeholder holds is plain text and is always escaped.
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, Literal

from django.template import Context, Engine, TemplateSyntaxError
from django.template import Template as DjangoTemplate
from django.template.base import FilterExpression, Node, TextNode, VariableNode
from django.template.defaulttags import ForNode, IfNode
from django.utils.safestring import mark_safe

from moothall.domain.messages import markup

DEEPEST = 20
ANSWERS = "answers."
"""What the names of placeholders that hold an answer begin with, before the question's id."""

_NAME = re.compile(r"(answers\.)?[a-z][a-z0-9_]*")
_LOOP_NAMES = frozenset({"forloop.counter", "forloop.first", "forloop.last"})
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BAD_TAG = re.compile(r"Invalid block tag on line (\d+): '([^']*)'")
_UNCLOSED = re.compile(r"Unclosed tag on line (\d+): '([^']*)'")
_BAD_FILTER = re.compile(r"Invalid filter: '([^']*)'")


class TemplateFault(ValueError):
    """A text cannot be used as a template. `sentences` says everything that is wrong with it."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = list(sentences)
        super().__init__(" ".join(self.sentences))


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The placeholders a template may use, each with a line saying what it holds.

    `lines` hold one line of text, `lists` several (for `{% for %}`), `blocks` HTML made by the product.
    """

    lines: Mapping[str, str]
    lists: Mapping[str, str] = field(default_factory=dict)
    blocks: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.lines or name in self.lists or name in self.blocks

    def __iter__(self) -> Iterator[str]:
        yield from (*self.lines, *self.lists, *self.blocks)


@dataclass(frozen=True)
class Use:
    """One place where a template names a placeholder: to print it, to go through it, or to ask whether it holds.

    `otherwise`: it says what stands there when there is nothing to go through.
    """

    name: str
    how: Literal["print", "each", "ask"]
    line: int
    otherwise: bool = False


@dataclass(frozen=True)
class Text:
    """A template that was read and holds nothing forbidden."""

    template: DjangoTemplate
    uses: tuple[Use, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(use.name for use in self.uses)

    def render(
        self,
        values: Mapping[str, object],
        *,
        blocks: Mapping[str, str],
        plain: bool = False,
        gaps: set[str] | None = None,
    ) -> str:
        """Put `values` (str or list of str) and `blocks` (trusted HTML) in. `plain` text is not escaped.

        `gaps` gains the names of what was printed or gone through and is empty. Raises TemplateFault when the text names a placeholder that neither holds.
        """
        gaps = set() if gaps is None else gaps
        foreseen = {use.name for use in self.uses if use.otherwise}
        answers: dict[str, object] = {}
        found: dict[str, object] = {}
        for use in self.uses:
            question = use.name.removeprefix(ANSWERS) if use.name.startswith(ANSWERS) else ""
            if use.name in found or question in answers:
                continue
            if question and use.name in values:
                answers[question] = _told(_plain_value(values[use.name]), use, foreseen, gaps)
            elif use.name in blocks:
                block = mark_safe(blocks[use.name])  # noqa: S308  # composed and escaped by the caller
                found[use.name] = _told(block, use, foreseen, gaps)
            elif use.name in values:
                found[use.name] = _told(_plain_value(values[use.name]), use, foreseen, gaps)
            else:
                raise TemplateFault([_unknown(use, values)])
        return self.template.render(Context({**found, "answers": answers}, autoescape=not plain))


class _Engine(Engine):
    default_builtins = ["moothall.domain.messages.tags"]


_ENGINE = _Engine(autoescape=True)


@lru_cache(maxsize=1024)
def read(source: str) -> Text:
    """Read a template. Raises TemplateFault."""
    if _deepest(source) > DEEPEST:
        raise TemplateFault([f"The text nests {{% if %}} and {{% for %}} more than {DEEPEST} deep."])
    try:
        template = DjangoTemplate(source, engine=_ENGINE)
    except TemplateSyntaxError as error:
        raise TemplateFault([_sentence(str(error))]) from error
    reader = _Reader()
    reader.walk(template.nodelist, frozenset())
    if reader.faults:
        raise TemplateFault(reader.faults)
    return Text(template, tuple(reader.uses))


def _deepest(source: str) -> int:
    depth = deepest = 0
    for found in re.finditer(r"\{%\s*(end)?(?:if|for)\b", source):
        depth += -1 if found[1] else 1
        deepest = max(deepest, depth)
    return deepest


def check(source: str, vocabulary: Vocabulary, *, html: bool) -> list[str]:
    """What is wrong with a text, a sentence each. `html` says whether it is a body rather than one line."""
    try:
        text = read(source)
    except TemplateFault as fault:
        return fault.sentences
    sentences = []
    for use in text.uses:
        if use.name not in vocabulary:
            sentences.append(_unknown(use, vocabulary))
        elif use.how == "each" and use.name not in vocabulary.lists:
            sentences.append(f"Line {use.line}: “{use.name}” is not a list, so {{% for %}} cannot go through it.")
        elif use.how == "print" and use.name in vocabulary.lists:
            sentences.append(f"Line {use.line}: “{use.name}” is a list: print its lines with {{% for %}}.")
        elif not html and use.name in vocabulary.blocks:
            sentences.append(f"Line {use.line}: “{use.name}” is a block of text, which does not fit in a subject.")
    return sentences + (markup.faults(source) if html else [])


class _Reader:
    """Collects the placeholders of a template and everything in it that is not allowed."""

    def __init__(self) -> None:
        self.uses: list[Use] = []
        self.faults: list[str] = []

    def walk(self, nodes: Any, loop_names: frozenset[str]) -> None:
        """Look at each node of a NodeList."""
        for node in nodes:
            self._node(node, loop_names)

    def _node(self, node: Node, loop_names: frozenset[str]) -> None:
        if isinstance(node, TextNode):
            return
        line = node.token.lineno if node.token and node.token.lineno else 1
        if isinstance(node, VariableNode):
            self._expression(node.filter_expression, "print", line, loop_names)
        elif isinstance(node, IfNode):
            for condition, nodes in node.conditions_nodelists:
                self._condition(condition, line, loop_names)
                self.walk(nodes, loop_names)
        elif isinstance(node, ForNode):
            self._expression(node.sequence, "each", line, loop_names, otherwise=bool(node.nodelist_empty))
            if "answers" in node.loopvars:
                self.faults.append(f"Line {line}: “answers” cannot be the name of what {{% for %}} goes through.")
            self.walk(node.nodelist_loop, loop_names | frozenset(node.loopvars) | _LOOP_NAMES)
            self.walk(node.nodelist_empty, loop_names)
        else:
            self.faults.append(f"Line {line}: this tag cannot be used in a message.")

    def _condition(self, condition: Any, line: int, loop_names: frozenset[str]) -> None:
        """Walk a condition: operators have a `first` and `second`, leaves hold a value."""
        if condition is None:
            return
        if isinstance(condition.value, FilterExpression):
            if not isinstance(condition.value.var, str) and condition.value.var.lookups:
                self._expression(condition.value, "ask", line, loop_names)
            return
        self._condition(condition.first, line, loop_names)
        self._condition(condition.second, line, loop_names)

    def _expression(
        self,
        expression: Any,
        how: Literal["print", "each", "ask"],
        line: int,
        loop_names: frozenset[str],
        *,
        otherwise: bool = False,
    ) -> None:
        """Note the placeholder of a FilterExpression."""
        name = expression.token
        if name in loop_names:
            return
        if not _NAME.fullmatch(name):
            self.faults.append(f"Line {line}: “{name}” is not a placeholder: write a name such as first_name.")
            return
        self.uses.append(Use(name, how, line, otherwise))


class _NoText(str):
    """Nothing, that says so when it is printed."""

    say: Callable[[], None]
    __slots__ = ("say",)

    def __html__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        self.say()
        return ""


class _NoLines(list[str]):
    """No lines, that say so when they are gone through."""

    def __init__(self, say: Callable[[], None]) -> None:
        super().__init__()
        self.say = say

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        self.say()
        return 0


def _told(value: object, use: Use, foreseen: Collection[str], gaps: set[str]) -> object:
    """The value; an empty one is added to `gaps` when it is used, unless the text says what stands there instead."""
    if value or use.name in foreseen:
        return value
    say = partial(gaps.add, use.name)
    if isinstance(value, list):
        return _NoLines(say)
    nothing = _NoText()
    nothing.say = say
    return nothing


def _plain_value(value: object) -> object:
    if isinstance(value, str):
        return _UNSEEN.sub("", " ".join(value.split()))
    if isinstance(value, list | tuple):
        return [_plain_value(item) for item in value]
    raise TypeError(f"A placeholder holds text or a list of texts, not {type(value).__name__}.")


def _unknown(use: Use, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(use.name, list(known), n=1)
    return f"Line {use.line}: “{use.name}” is not a placeholder." + (f" Did you mean “{close[0]}”?" if close else "")


def _sentence(problem: str) -> str:
    """Say Django's complaint in our words."""
    if found := _BAD_TAG.match(problem):
        line, tag = found.groups()
        return f"Line {line}: “{{% {tag} %}}” cannot be used here. A message knows {{% if %}} and {{% for %}} only."
    if found := _UNCLOSED.match(problem):
        line, tag = found.groups()
        return f"Line {line}: “{{% {tag} %}}” is never closed with “{{% end{tag} %}}”."
    if found := _BAD_FILTER.match(problem):
        return f"“|{found[1]}” cannot be used: a message prints a placeholder as it is."
    return f"The text cannot be read: {problem.rstrip('.')}."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
