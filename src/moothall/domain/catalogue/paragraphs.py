"""The paragraphs a letter gains by the values of a list that were chosen, as an administrator writes them (CT-60)."""

from collections.abc import Mapping
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.lists import changing, declared
from moothall.core.lists.models import Value
from moothall.domain.catalogue.letters import Faulty
from moothall.domain.messages import sanitise, templates


def has(list_key: str) -> bool:
    """Whether values of this list can have paragraphs: of the lists of services alone letters make any."""
    return "." in list_key and declared.of(list_key) is None


def check(paragraphs: Mapping[str, str]) -> None:
    """Refuse what no letter can carry. `paragraphs` are by `text` (English) and `welsh`. Raises Faulty by the same names."""
    faults = {}
    for name, text in paragraphs.items():
        faults[name] = templates.paragraph_faults(text)
        if len(text) > sanitise.LONGEST:
            faults[name] = [f"A paragraph can have {sanitise.LONGEST:,} characters at most."]
    if found := {name: sentences for name, sentences in faults.items() if sentences}:
        raise Faulty(found)


def change(list_key: str, key: str, *, label: str, paragraphs: Mapping[str, str], by: User, at: datetime) -> Value:
    """Change what a value of a service's list is called and its paragraphs. Messages written before stay as they are.

    Raises Faulty, and what `changing.change` raises.
    """
    check(paragraphs)
    return changing.change(list_key, key, label=label, paragraphs=paragraphs, by=by, at=at)


def add(list_key: str, *, label: str, paragraphs: Mapping[str, str], by: User, at: datetime) -> Value:
    """Offer a new value of a service's list, with its paragraphs. Raises Faulty, and what `changing.add` raises."""
    check(paragraphs)
    return changing.add(list_key, label=label, paragraphs=paragraphs, by=by, at=at)
