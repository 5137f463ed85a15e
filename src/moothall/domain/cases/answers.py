"""What was answered in a run, in words, for messages. Nothing is read before a message asks for it."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from moothall.core.lists.models import Value
from moothall.domain.cases.models import Case, Run
from moothall.domain.messages import words
from moothall.domain.workflow import published
from moothall.domain.workflow.definition import Question
from moothall.kit import money


class Answers:
    """The answers given so far in a run of a case: in `run`, or not told, in the newest.

    `now` are those just given, and `asked` the questions they answer, where the run may not hold them yet.
    """

    def __init__(
        self,
        case: Case,
        *,
        run: Run | None = None,
        now: Mapping[str, Any] | None = None,
        asked: Iterable[Question] = (),
    ) -> None:
        self._case = case
        self._told = run
        self._now = now or {}
        self._asked = asked

    def words(self, question: str, language: str) -> str | list[str]:
        """The answer to a question, by its id, in words; empty when it was not answered, or with no."""
        known, answer = self._questions.get(question), self._given.get(question)
        if known is None or answer is None or answer is False or answer in ("", []):
            return ""
        match known.type:
            case "date":
                return words.day(date.fromisoformat(answer), language)
            case "money":
                return money.display(answer)
            case "yes_no":
                return words.of(language)["yes"]
            case "choice":
                return "".join(self._labels(known, [answer]))
            case "choices":
                return self._labels(known, answer)
            case _:
                return str(answer)

    @cached_property
    def _run(self) -> Run | None:
        return self._told or self._case.runs.order_by("-pk").first()

    @cached_property
    def _given(self) -> dict[str, Any]:
        return {**(self._run.answers if self._run else {}), **self._now}

    @cached_property
    def _questions(self) -> dict[str, Question]:
        stages = published.workflow(self._run.version_id).stages if self._run else ()
        known = [question for stage in stages for outcome in stage.outcomes for question in outcome.questions]
        return {question.id: question for question in [*known, *self._asked]}

    def _labels(self, question: Question, chosen: list[str]) -> list[str]:
        values = Value.objects.filter(list__key=f"{self._case.service_key}.{question.list}", key__in=chosen)
        return list(values.order_by("order", "id").values_list("label", flat=True))
