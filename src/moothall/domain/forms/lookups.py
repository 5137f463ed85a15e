"""Look-ups in a form (FRM-6): another system fills an answer, offers some, or is what a check or condition reads.

A look-up is asked for a page, from answers given before it, and what it said is `lookups.<name>` from then on; one that
checks is asked again with the answers of its own page as that is saved. Who asks keeps answers for a while and gives up in
time: then the page is shown without, and says so.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from moothall.domain.forms import runner
from moothall.domain.forms.definition import Question
from moothall.domain.forms.journey import Journey
from moothall.domain.forms.parts import LookUp


class Down(Exception):
    """A look-up was not answered in time. Its message is for administrators."""


class Asker(Protocol):
    """Asks one named look-up of a service, with a time-out, and keeps what it said for a while. Raises Down.

    It answers with JSON: a value to fill in, a list of `{"key", "label"}` as options, or anything conditions read.
    """

    def __call__(self, service: str, name: str, given: Mapping[str, Any]) -> Any: ...


_askers: list[Asker] = []


def asked_by(asker: Asker) -> Asker:
    """Register who asks look-ups."""
    _askers[:] = [asker]
    return asker


def for_page(
    journey: Journey, page: str, *, service: str = "", checks_only: bool = False
) -> tuple[Journey, tuple[Question, ...]]:
    """The journey with the look-ups of a page asked, and the questions whose look-up is down.

    One is asked once all it is given is answered, and again only when that changed.
    """
    found, down = dict(journey.setting.lookups), []
    for question in journey.plan.form.page(page).asks:
        lookup = question.lookup
        if lookup is None or (checks_only and lookup.does != "check") or not journey.shown(question):
            continue
        given = {name: runner.worked_out(journey, source) for name, source in lookup.given.items()}
        if None in given.values() or found.get(lookup.name, {}).get("given") == given:
            continue
        try:
            found[lookup.name] = {"given": given, "said": _ask(service, lookup, given)}
        except Down:
            found.pop(lookup.name, None)
            down.append(question)
    if found == dict(journey.setting.lookups):
        return journey, tuple(down)
    setting = replace(journey.setting, lookups=found)
    return runner.carry_on(journey.plan, journey.kept(), setting), tuple(down)


def _ask(service: str, lookup: LookUp, given: Mapping[str, Any]) -> Any:
    if not _askers:
        raise Down("Nobody here asks look-ups: is their connector installed?")
    return _askers[0](service, lookup.name, given)
