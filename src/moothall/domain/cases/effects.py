"""What an outcome causes. Each kind of effect in a definition has one handler, registered by name.

Handlers run inside the outcome's own transaction: whatever they write or queue is undone with it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case, Run, WorkItem
from moothall.domain.catalogue import known
from moothall.domain.workflow.definition import Outcome, Question


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """The outcome just chosen: on which case, run and (finished) work item, by whom, when, with which answers.

    `now_at` is the stage the run came to, None when it ended.
    """

    case: Case
    run: Run
    item: WorkItem
    now_at: WorkItem | None
    outcome: Outcome
    answers: Mapping[str, Any]  # this outcome's answers, cleaned, by question id
    by: User
    at: datetime
    edits: Mapping[str, Any]  # what the officer changed in composed messages, by position of the effect ("0", "1"…)
    position: int = 0  # of the effect being performed, in the outcome's `do`

    def question(self, id: str) -> Question:
        """The question of the outcome with this id."""
        return self.outcome.question(id)


Handler = Callable[[Any, Occasion], None]
_handlers: dict[str, Handler] = {}
_hooks: dict[str, Callable[[Occasion], None]] = {}
_of_customer: set[str] = set()


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the handler of one kind of effect (message, request, payment, send, start, hook)."""

    def register(handler: Handler) -> Handler:
        if kind in _handlers and _handlers[kind] is not handler:
            raise ValueError(f"The effect {kind} already has a handler.")
        _handlers[kind] = handler
        return handler

    return register


def hook(name: str, *, of_customer: bool = False) -> Callable[[Callable[[Occasion], None]], Callable[[Occasion], None]]:
    """Register a service's own function under the name its definitions use; `of_customer`: it changes who they are."""

    def register(function: Callable[[Occasion], None]) -> Callable[[Occasion], None]:
        _hooks[name] = function
        if of_customer:
            _of_customer.add(name)
        return function

    return register


@contextmanager
def hooks_restored() -> Iterator[None]:
    """Forget, at the end, the hooks registered meanwhile: for code that is tried and not put to use."""
    before = dict(_hooks)
    try:
        yield
    finally:
        _hooks.clear()
        _hooks.update(before)


def hook_names() -> frozenset[str]:
    return frozenset(_hooks)


def changes_customer(outcome: Outcome) -> bool:
    """Whether an outcome changes who the customer is."""
    return any(effect.effect == "hook" and effect.name in _of_customer for effect in outcome.do)


def perform(effect: Any, occasion: Occasion) -> None:
    """Do one effect of a definition (`effect.effect` names its kind)."""
    _handlers[effect.effect](effect, occasion)


@handles("hook")
def _call_hook(effect: Any, occasion: Occasion) -> None:
    _hooks[effect.name](occasion)


known.provide("hooks", hook_names)
