"""What is left for the product to do by itself while an action goes on, so that nothing acts in the midst of another.

An outcome, its effects and what they change only note here which automatic stages should look; the outermost action
works the list off at its end, one stage after another, each read anew.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from moothall.domain.cases.models import Case, Run, WorkItem
from moothall.domain.workflow.facts import Facts


@dataclass(frozen=True)
class Look:
    """An open work item that may go on by itself.

    `item` and `known` are given when both are sure to be as they were read; `sleeps` says that an item which stays
    waits for its next day anew.
    """

    pk: int
    item: WorkItem | None = None
    known: Facts | None = None
    sleeps: bool = False


@dataclass(frozen=True)
class Happening:
    """Events on a case that automatic stages may wait for, `but` one run's, which looks anyway."""

    case: Case
    events: frozenset[str]
    but: Run | None = None


@dataclass
class Agenda:
    """The looks and happenings still to be dealt with, looks first, and how many stages went on by themselves."""

    looks: list[Look] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    steps: int = 0

    def look(self, item: WorkItem, *, known: Facts | None = None, as_read: bool = False, sleeps: bool = False) -> None:
        """An item should be looked at; `as_read`: as it is in memory, since nothing else was done after."""
        self.looks.append(Look(item.pk, item if as_read else None, known if as_read else None, sleeps))

    def happened(self, case: Case, events: Collection[str], *, but: Run | None = None) -> None:
        """Something happened on a case."""
        if events:
            self.happenings.append(Happening(case, frozenset(events), but))

    @contextmanager
    def undone_on_failure(self) -> Iterator[None]:
        """What is noted inside is forgotten when it fails, as its changes are."""
        looks, happenings = [*self.looks], [*self.happenings]
        try:
            yield
        except BaseException:
            self.looks, self.happenings = looks, happenings
            raise


_open: ContextVar[Agenda | None] = ContextVar("open", default=None)


@contextmanager
def opened(work_off: Callable[[Agenda], None]) -> Iterator[Agenda]:
    """The agenda of the action that goes on. The outermost works it off when all inside is done."""
    if going := _open.get():
        yield going
        return
    agenda = Agenda()
    token = _open.set(agenda)
    try:
        yield agenda
        work_off(agenda)
    finally:
        _open.reset(token)
