"""Where a fault is looked for: the workflow being checked, the words it may use, and the check of its conditions.

A condition is compiled against the names in scope, every branch of it is checked for kinds that cannot go together, and
it is tried on made-up cases: what cannot be worked out is found here and not when a case comes by.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from moothall.domain.workflow import scope_kinds
from moothall.domain.workflow.definition import Question, Workflow
from moothall.domain.workflow.vocabulary import FUNCTIONS, Vocabulary, condition_names
from moothall.domain.workflow.yamltext import nearest
from moothall.kit.expression_kinds import kind_of
from moothall.kit.expressions import Expression, ExpressionFault
from moothall.kit.expressions import compile as compile_expression
from moothall.kit.kinds import NOTHING, YES_NO, Kind

Found = tuple[str, str, str]
"""A fault before it knows its file: stage, field, sentence."""


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The sentence for a word nobody knows, with the nearest that is known."""
    return f"There is no {kind} “{name}”.{nearest(name, sorted(known))}"


class Place:
    """The workflow being checked and the words it may use."""

    def __init__(self, workflow: Workflow, vocabulary: Vocabulary) -> None:
        self.workflow, self.vocabulary = workflow, vocabulary
        self.stage_ids = tuple(stage.id for stage in workflow.stages)
        self._names = condition_names(workflow, vocabulary)
        self.kinds: dict[str, tuple[str, str | None]] = {}

    @cached_property
    def _scope(self) -> dict[str, Kind]:
        return scope_kinds.scope_kinds(self.workflow, self.vocabulary)

    @cached_property
    def _cases(self) -> list[dict[str, Any]]:
        return scope_kinds.sample_cases(self.workflow, self.vocabulary)

    def condition(
        self,
        stage: str,
        field: str,
        source: str,
        later: frozenset[str] = frozenset(),
        guards: Iterable[str | None] = (),
    ) -> Iterator[Found]:
        """The faults of one condition; `later` are questions asked only after it is needed.

        It is needed only where all `guards` hold.
        """
        yield from self._formula(stage, field, source, YES_NO, later, guards)

    def default(
        self,
        stage: str,
        field: str,
        question: Question,
        source: str,
        later: frozenset[str],
        guards: Iterable[str | None],
    ) -> Iterator[Found]:
        """The faults of a default that is worked out."""
        wanted = scope_kinds.answer_kind(question, self.vocabulary)
        yield from self._formula(stage, field, source, wanted, later, guards)

    def _formula(
        self, stage: str, field: str, source: str, wanted: Kind, later: frozenset[str], guards: Iterable[str | None]
    ) -> Iterator[Found]:
        try:
            expression = compile_expression(source, self._names)
            _check_result(source, kind_of(source, self._scope, FUNCTIONS), wanted)
            self._try(expression, [compile_expression(guard, self._names) for guard in guards if guard])
        except ExpressionFault as error:
            yield stage, field, str(error)
            return
        for path in sorted(expression.paths):
            root, _, rest = path.partition(".")
            if root == "answers" and rest in later:
                yield stage, field, f"The question “{rest}” is asked only later: move it up."

    def _try(self, expression: Expression, guards: list[Expression]) -> None:
        """Work it out on each made-up case on which it is needed. Raises ExpressionFault."""
        for case in self._cases:
            if all(_holds(guard, case) for guard in guards):
                expression.evaluate(case)


def _holds(guard: Expression, case: dict[str, Any]) -> bool:
    try:
        return guard.holds(case)
    except ExpressionFault:
        return False  # the guard's own fault is found where it stands


def _check_result(source: str, kind: Kind, wanted: Kind) -> None:
    if kind == NOTHING:
        raise ExpressionFault(f"“{source}” always gives nothing (null): leave it out, or write a condition.")
    if not kind.is_open and kind.family != wanted.family:
        what = "a condition must give yes or no" if wanted == YES_NO else f"the answer is {wanted}"
        raise ExpressionFault(f"“{source}” gives {kind}, where {what}.")
    if wanted.name == "day" and kind.name == "text":
        raise ExpressionFault(f"“{source}” gives text, where the answer is a day.")
