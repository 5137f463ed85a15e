"""A form made ready to run: every expression compiled, and which of them reads what, worked out once for a version.

What is worked out are nodes: `page:<id>` and `show:<question>` (is it asked), `answer:<question>` (its answer, where it is
asked), `check:<question>:<n>`, `value:<id>`, `input:<table>:<n>` and `table:<key>`. Each reads others, or what is given from
outside: `raw:<question>`, `today`, `officer`, `signed_in`, `lookups:<name>`. They are kept in an order in which each comes
after what it reads, so that a change is followed forward and nothing else is touched.
"""

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from moothall.domain.forms import definition, scope, tables
from moothall.domain.forms.definition import Form, Question, Table
from moothall.kit.expressions import Expression, Names
from moothall.kit.expressions import compile as compile_expression

_REVEALED = re.compile(
    r"""^\(?answers\.(\w+) (?:== (?:['"](\w+)['"]|(true|false))|in \[((?:['"]\w+['"](?:, )?)+)\])\)?$"""
)
_REVEALED_BY_BOX = re.compile(r"""^\(?['"](\w+)['"] in answers\.(\w+)\)?$""")


class Circle(ValueError):
    """Parts of a form depend on one another in a circle; `keys` are their nodes."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        super().__init__(f"These depend on one another in a circle: {', '.join(keys)}.")


@dataclass(frozen=True, eq=False)
class Node:
    """Something worked out: from `expression`, or from the results it reads alone."""

    key: str
    kind: str
    subject: str
    reads: frozenset[str]
    expression: Expression | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """A form with its nodes in order, and the places of those that read a key."""

    form: Form
    nodes: tuple[Node, ...]
    readers: Mapping[str, tuple[int, ...]] = field(repr=False)
    tables: Mapping[str, tuple[Table, tuple[str, ...]]] = field(repr=False)

    @cached_property
    def fingerprint(self) -> str:
        """That of the definition: what was worked out by one plan holds for no other."""
        return definition.fingerprint(self.form)

    @cached_property
    def answers(self) -> tuple[tuple[str, str], ...]:
        """Every question with the key of its answer."""
        return tuple((node.subject, node.key) for node in self.nodes if node.kind == "answer")

    @cached_property
    def pages(self) -> tuple[str | None, ...]:
        """The page each node decides about, if it is one page."""
        of_question = self.form.page_of
        return tuple(node.subject if node.kind == "page" else of_question.get(node.subject) for node in self.nodes)

    @cached_property
    def asks_files(self) -> bool:
        """Whether any question takes a file."""
        return any(question.type == "upload" for question in self.form.questions.values())

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """The lists its questions take their answers from."""
        parts = (part for question in self.form.questions.values() for part in (question, *question.questions))
        return tuple(sorted({part.list for part in parts if part.list}))

    @cached_property
    def names(self) -> Names:
        """The names the form's conditions may use."""
        return scope.names(self.form)

    def expression(self, source: str) -> Expression:
        """A condition that is no node, such as that of a destination: compiled the first time it is asked for."""
        return compile_expression(source, self.names)

    @cached_property
    def expressions(self) -> tuple[Node, ...]:
        """The nodes that are worked out from an expression."""
        return tuple(node for node in self.nodes if node.expression)

    @cached_property
    def reveals(self) -> Mapping[str, tuple[str, tuple[str, ...]]]:
        """Questions that stand under answers of one other of their page: that one, and the keys that show them."""
        return {id: found for id, found in ((id, self._reveal(id)) for id in self.form.questions) if found}

    def _reveal(self, id: str) -> tuple[str, tuple[str, ...]] | None:
        question = self.form.questions[id]
        if question.when is None:
            return None
        if match := _REVEALED.match(question.when):
            other, keys = match[1], re.findall(r"\w+", match[4]) if match[4] else [match[2] or _YES_NO[match[3]]]
        elif match := _REVEALED_BY_BOX.match(question.when):
            other, keys = match[2], [match[1]]
        else:
            return None
        here = self.form.page_of.get(other) == self.form.page_of[id]
        return (other, tuple(keys)) if here else None


_YES_NO = {"true": "yes", "false": "no"}


def of(form: Form) -> Plan:
    """Compile a form whose blocks are put in. Raises ExpressionFault, or Circle."""
    nodes = {node.key: node for node in _nodes(form)}
    order = _sorted(nodes)
    readers: dict[str, list[int]] = {}
    for place, node in enumerate(order):
        for key in node.reads:
            readers.setdefault(key, []).append(place)
    return Plan(
        form,
        tuple(order),
        {key: tuple(places) for key, places in readers.items()},
        {table.key: (table, tuple(tables.kinds(form, table))) for table in form.tables},
    )


def _nodes(form: Form) -> Iterator[Node]:
    names = scope.names(form)

    def made(key: str, kind: str, subject: str, source: str, *more: str) -> Node:
        expression = compile_expression(source, names)
        return Node(key, kind, subject, frozenset({*read_by(expression), *more}), expression)

    for page in form.pages:
        if page.when:
            yield made(f"page:{page.id}", "page", page.id, page.when)
        for question in page.asks:
            if question.when:
                yield made(f"show:{question.id}", "show", question.id, question.when)
            yield Node(f"answer:{question.id}", "answer", question.id, _decides(form, question))
            for number, check in enumerate(question.checks):
                answer = f"answer:{question.id}"
                yield made(f"check:{question.id}:{number}", "check", question.id, check.rule, answer)
    for value in form.values:
        yield made(f"value:{value.id}", "value", value.id, value.formula)
    for table in form.tables:
        for number, input in enumerate(table.inputs):
            yield made(f"input:{table.key}:{number}", "input", table.key, input.from_)
        reads = frozenset(f"input:{table.key}:{number}" for number in range(len(table.inputs)))
        yield Node(f"table:{table.key}", "table", table.key, reads)


def _decides(form: Form, question: Question) -> frozenset[str]:
    """What an answer's counting depends on: itself, and whether its page and it are asked."""
    page = form.page(form.page_of[question.id])
    reads = {f"raw:{question.id}"}
    reads |= {f"page:{page.id}"} if page.when else set()
    reads |= {f"show:{question.id}"} if question.when else set()
    reads |= (
        {"officer"}
        if "everyone" not in (page.asked_of, question.asked_of) or page.asked_of != question.asked_of
        else set()
    )
    return frozenset(reads)


def read_by(expression: Expression) -> frozenset[str]:
    """The keys an expression reads."""
    return frozenset(_key(path) for path in expression.paths)


def _key(path: str) -> str:
    root, _, rest = path.partition(".")
    first = rest.partition(".")[0]
    kind = {"answers": "answer", "values": "value", "tables": "table", "lookups": "lookups"}.get(root)
    return f"{kind}:{first}" if kind else root


def _sorted(nodes: Mapping[str, Node]) -> list[Node]:
    """The nodes, each after what it reads, otherwise as the form has them. Raises Circle."""
    places = {key: place for place, key in enumerate(nodes)}
    waits = {key: {read for read in node.reads if read in nodes} for key, node in nodes.items()}
    freed: dict[str, list[str]] = {}
    for key, reads in waits.items():
        for read in reads:
            freed.setdefault(read, []).append(key)
    keys = list(nodes)
    ready = [places[key] for key, reads in waits.items() if not reads]
    heapq.heapify(ready)
    order = []
    while ready:
        key = keys[heapq.heappop(ready)]
        order.append(nodes[key])
        for other in freed.get(key, ()):
            waits[other].discard(key)
            if not waits[other]:
                heapq.heappush(ready, places[other])
    if len(order) < len(nodes):
        raise Circle(_circle({key: reads for key, reads in waits.items() if reads}))
    return order


def _circle(waits: Mapping[str, Iterable[str]]) -> list[str]:
    """One circle among what waits."""
    seen: list[str] = []
    here = next(iter(waits))
    while here not in seen:
        seen.append(here)
        here = min(read for read in waits[here] if read in waits)
    return seen[seen.index(here) :]
