"""Look-ups in a form (FRM-6): another system fills an answer, offers some, or is what a check or condition reads.

A look-up is asked for a page, from answers given before it, and what it said is `lookups.<name>` from then on. Who asks keeps
answers for a while and gives up in time: then the page is shown without, and says so.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from moothall.domain.forms import runner
from moothall.domain.forms.journey import Journey
from moothall.domain.forms.parts import LookUp


class Down(Exception):
    """A look-up was not answered in time. Its message may be shown to whoever fills in the form."""


class Asker(Protocol):
    """Asks one named look-up, with a time-out, and keeps what it said for a while. Raises Down.

    It answers with JSON: a value to fill in, a list of `{"key", "label"}` as options, or anything conditions read.
    """

    def __call__(self, name: str, given: Mapping[str, Any]) -> Any: ...


_askers: list[Asker] = []


def asked_by(asker: Asker) -> Asker:
    """Register who asks look-ups."""
    _askers[:] = [asker]
    return asker


def for_page(journey: Journey, page: str) -> tuple[Journey, tuple[str, ...]]:
    """The journey with the look-ups of a page asked, and a sentence for each that is down.

    One is asked once all it is given is answered, and again only when that changed.
    """
    wanted = [question.lookup for question in journey.plan.form.page(page).asks if question.lookup]
    found, down = dict(journey.setting.lookups), []
    for lookup in wanted:
        given = {name: runner.worked_out(journey, source) for name, source in lookup.given.items()}
        if None in given.values() or found.get(lookup.name, {}).get("given") == given:
            continue
        try:
            found[lookup.name] = {"given": given, "said": _ask(lookup, given)}
        except Down as problem:
            found.pop(lookup.name, None)
            down.append(str(problem))
    if found == dict(journey.setting.lookups):
        return journey, tuple(down)
    setting = replace(journey.setting, lookups=found)
    return runner.carry_on(journey.plan, journey.kept(), setting), tuple(down)


def _ask(lookup: LookUp, given: Mapping[str, Any]) -> Any:
    if not _askers:
        raise Down("This part of the form cannot look anything up at the moment. You can go on.")
    return _askers[0](lookup.name, given)
